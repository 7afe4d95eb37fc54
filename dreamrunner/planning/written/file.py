"""The filled story: ``NAME.plan.story`` beside ``NAME.story``, the same story with no gap left.

Each of its scenes says in a ``from`` line which authored scene it was filled from and by whom. The line holds two
hashes: of what the author wrote, which tells whether the fill still fits, and of the filled scene, which tells whether
it was edited by hand since. A fill that fits is taken over byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from dreamrunner.files.paths import FILLED
from dreamrunner.files.text import with_line_ends
from dreamrunner.language import Diagnostic, Story, gaps
from dreamrunner.language.checker import Valid, check_scenes
from dreamrunner.language.edits import Edits, quoted
from dreamrunner.language.formatter import formatted
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Block, Property, Syntax
from dreamrunner.planning.plan import PlannedScene
from dreamrunner.planning.planner import Outline
from dreamrunner.planning.written.edits import (
    Source,
    fill_scene,
    indent_of,
    scene_blocks,
    scene_lines,
    source_of,
    write_source,
)
from dreamrunner.planning.written.kept import Kept, with_seeds
from dreamrunner.planning.written.merge import merge
from dreamrunner.planning.written.signing import authored_hash, digest_of, hash_of, hashes_of, told_hash, topic_hash
from dreamrunner.planning.written.tree import filled, new_block, with_narration, with_source


@dataclass(frozen=True, slots=True)
class Fill:
    """What is to be written into a scene.

    ``source``: where the fill is from.
    ``planned``: the scene without a gap; None where nothing is filled yet.
    ``narration``: of a scene that stands nowhere yet and is not filled yet.
    """

    source: Source
    planned: PlannedScene | None = None
    narration: str = ""


@dataclass(frozen=True)
class Draft:
    """A filled story in the making: one tree, which fills are put into, and its text where that is asked for.

    ``checked``: the authored story.
    ``story``: what the filled one says, called and looking its paths up as the authored one.
    ``blocks``: the filled story's scenes by name, in its order.
    ``authored``: the hash of what each scene was written as.
    ``kept``: the filled story of before.
    ``taken``: the scenes whose fills come from there.
    ``replaced``: scenes whose fill was edited by hand and doesn't fit any more, since their authored text changed too.
    ``edited``: those that are taken as edited.
    ``fills``: what is new, by scene.
    """

    checked: Valid
    story: Story
    blocks: Mapping[str, Block]
    authored: Mapping[str, str]
    kept: Kept | None = None
    taken: frozenset[str] = frozenset()
    replaced: tuple[str, ...] = ()
    edited: frozenset[str] = frozenset()
    fills: Mapping[str, Fill] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The authored story's file."""
        return self.checked.parsed.syntax.file

    @property
    def open_scenes(self) -> tuple[str, ...]:
        """The scenes that have a gap, in the order of the story."""
        return tuple(scene.name for scene in self.story.scenes if any(gaps(replace(self.story, scenes=(scene,)))))

    def begun(self, outline: Outline, planner: str) -> Draft:
        """With the scenes of an outline, in a story that had none."""
        blocks, fills = dict(self.blocks), dict(self.fills)
        for scene in outline.scenes:
            narration = scene.narration or ""
            block = with_narration(new_block(scene.name, filled_path(self.path)), narration)
            source = self._source(block, planner)
            blocks[scene.name], fills[scene.name] = with_source(block, source), Fill(source, None, narration)
        return self._laid_out(replace(self, blocks=blocks, fills=fills))

    def with_fill(self, planned: PlannedScene, planner: str) -> Draft:
        """With what ``planned`` has and its scene lacks; ``planner`` is empty where that is nothing."""
        old = self.blocks.get(planned.name) or new_block(planned.name, filled_path(self.path))
        block = filled(old, planned)
        source = self._source(block, planner)
        blocks = {**self.blocks, planned.name: with_source(block, source)}
        fills = {**self.fills, planned.name: Fill(source, planned)}
        return self._laid_out(replace(self, blocks=blocks, fills=fills))

    def with_story(self) -> Draft | None:
        """With the story that the blocks say by now; None where they have an error."""
        story = check_scenes(self.checked, tuple(self.blocks.values())).story
        return self._laid_out(replace(self, story=story)) if story is not None else None

    def with_seed(self, seed: int) -> Draft:
        """With another seed than the author wrote, which is no fill and not written."""
        checked = replace(self.checked, story=replace(self.checked.story, seed=seed))
        return replace(self, checked=checked, story=replace(self.story, seed=seed))

    def saying(self, story: Story) -> Draft:
        """With the ``story`` that its blocks say, which is known and need not be checked."""
        signed = {name: fill.source for name, fill in self.fills.items()}
        scenes = tuple(
            replace(scene, filled_from=signed[scene.name].hashes, filled_by=signed[scene.name].planner)
            if scene.name in signed
            else scene
            for scene in story.scenes
        )
        return self._laid_out(replace(self, story=replace(story, scenes=scenes)))

    def reads_back(self, name: str) -> bool:
        """Whether the text of a scene, filled with what somebody else wrote, is read as what was meant."""
        read = scene_blocks(Kept.of(self.text(), filled_path(self.path)).syntax)
        found = [block for block in read if block.name.text == name]
        return len(found) == 1 and hash_of(found[0]) == hash_of(self.blocks[name])

    def text(self) -> str:
        """The filled story as it is written: the author's scenes in the language's layout, fills as they were."""
        home = _Page(*self._formatted)
        # What is taken is from the filled story of before.
        kept = _Page(self.kept.text, self.kept.syntax) if self.kept else home
        for name, fill in self.fills.items():
            page = kept if name in self.taken else home
            if name in page.blocks:
                write_source(page.edits, page.blocks[name], fill.source)
                if fill.planned is not None:
                    fill_scene(page.edits, page.blocks[name], fill.planned, page.unit)
        out, at = [], 1
        for name, lines in home.stretches.items():
            out.append(home.edits.part(at, lines.start))
            out.append(kept.scene(name) if name in self.taken else home.edits.part(lines.start, lines.stop))
            at = lines.stop
        out.append(home.edits.part(at, len(home.edits.lines) + 1))
        text = with_line_ends("".join(out)).rstrip("\n") + "\n"
        for name in self.blocks:
            if name not in home.stretches:
                new = kept.scene(name) if name in self.taken else "\n".join(self._new(name, home.unit)) + "\n"
                text += f"\n{new}"
        return text.replace("\n", Edits.of(self.checked.text).newline)

    @cached_property
    def _formatted(self) -> tuple[str, Syntax]:
        """The authored text in the language's layout, and its tree."""
        text = formatted(self.checked.parsed) or self.checked.text
        syntax = self.checked.parsed.syntax
        same = with_line_ends(text) == syntax.text
        return text, syntax if same else parse(text, syntax.file).syntax

    def _new(self, name: str, unit: int) -> Iterator[str]:
        """The lines of a scene that stands in no text yet."""
        fill = self.fills[name]
        if fill.planned is not None:
            yield from scene_lines(fill.planned, unit, fill.source)
        else:
            margin = " " * unit
            yield from (f"scene {name}", f"{margin}{fill.source.line}", f"{margin}narration {quoted(fill.narration)}")

    def _laid_out(self, made: Draft) -> Draft:
        """One that is ``made`` from this one, of the same authored text."""
        if "_formatted" in self.__dict__:
            made.__dict__["_formatted"] = self._formatted
        return made

    def _source(self, block: Block, planner: str) -> Source:
        name = block.name.text
        authored = self.authored.get(name) or topic_hash(self.checked.parsed.syntax)
        return Source(f"{authored} {hash_of(block)}", planner)


class _Page:
    """A text with its tree, and the changes to be made to it."""

    def __init__(self, text: str, syntax: Syntax) -> None:
        self.edits = Edits.of(text)
        self.blocks = {block.name.text: block for block in scene_blocks(syntax)}
        self.stretches = stretches(syntax)
        self.unit = indent_of(self.blocks.values())

    def scene(self, name: str) -> str:
        """A scene's own lines, changed, with an end."""
        lines = self.stretches[name]
        return self.edits.part(lines.start, lines.stop).rstrip("\r\n") + "\n"


def filled_path(story: Path) -> Path:
    """Where the filled story of ``story`` stands: beside it, so that its paths mean the same."""
    return story if story.name.endswith(FILLED) else story.with_name(story.stem + FILLED)


def draft(
    checked: Valid, kept: Kept | None, *, again: Callable[[str], bool] = lambda scene: False
) -> Draft | tuple[Diagnostic, ...]:
    """Begin the filled story of a ``checked`` one from the filled story of before, if any.

    A fill is taken when its scene still says what it was filled from. One that no longer fits the rest of the story (it
    names someone who is not declared any more) is left out, unless it was edited by hand: then it is the author's to
    mend, and what is wrong with it comes back. Fills of scenes for which ``again`` is true are left out too.
    """

    def slips_of(name: str) -> tuple[Diagnostic, ...]:
        return kept.errors_of(name) if kept is not None else ()

    syntax = checked.parsed.syntax
    own = {block.name.text: block for block in scene_blocks(syntax)}
    hashes = {name: authored_hash(block) for name, block in own.items()}
    kept = with_seeds(kept, own, hashes) if kept is not None else None
    fills = {block.name.text: block for block in scene_blocks(kept.syntax) if hashes_of(block)[0]} if kept else {}
    # What can't be read was written by hand, even where the rest of it says what was filled.
    edited = [name for name, block in fills.items() if hashes_of(block)[1] != hash_of(block) or slips_of(name)]
    fills = {name: block for name, block in fills.items() if not again(name)}
    merged: dict[str, Fill] = {}
    if not hashes:
        topic = topic_hash(syntax)
        fills = {name: block for name, block in fills.items() if hashes_of(block)[0] == topic}
        hashes = dict.fromkeys(fills, topic)
    else:
        fitting = {name: block for name, block in fills.items() if hashes_of(block)[0] == hashes.get(name)}
        stale = [name for name in edited if name in fills and name in hashes and name not in fitting]
        readable = {name: fills[name] for name in stale if not slips_of(name)}
        merged = _kept_edits(checked, own, readable, hashes)
        fills = fitting
    own |= {
        name: with_source(filled(own[name], fill.planned), fill.source)
        for name, fill in merged.items()
        if fill.planned is not None
    }
    while True:
        blocks = {**own, **fills}
        found = check_scenes(checked, tuple(blocks.values())) if fills or merged else checked
        slips = {name: errors for name in fills if (errors := slips_of(name))}
        if found.story is not None and not slips:
            known = {name: digest for name, digest in hashes.items() if name in blocks}
            used = {*fills, *merged}
            return Draft(
                checked,
                found.story,
                blocks,
                known,
                kept,
                frozenset(fills),
                replaced=tuple(name for name in edited if name not in used),
                edited=frozenset(edited) & used,
                fills=merged,
            )
        errors = tuple(sorted([*found.errors, *(item for each in slips.values() for item in each)], key=_place))
        broken = {name for name, block in fills.items() if any(_holds(block, item.location) for item in errors)}
        broken = broken | set(slips) or set(fills)
        if not fills or broken.intersection(edited):
            return errors
        fills = {name: block for name, block in fills.items() if name not in broken}


def renewed_sources(authored: tuple[str, str], filled: tuple[str, str], story: Path) -> Iterator[tuple[Location, str]]:
    """The hashes in a filled story's ``from`` lines, anew, so that fills which fitted their scenes go on fitting.

    ``authored`` and ``filled`` are the two texts before and after something was renamed in both; ``story`` is the file
    of the first. Gives where each string stands in the filled text of before, and what takes its place.
    """
    written = [parse(text, story).syntax for text in authored]
    made = [parse(text, filled_path(story)).syntax for text in filled]
    hashes = dict(zip(*([told_hash(block) for block in scene_blocks(syntax)] for syntax in written), strict=False))
    for block, renamed in zip(scene_blocks(made[0]), scene_blocks(made[1]), strict=False):
        source = source_of(block)
        if source is not None:
            first, second = hashes_of(block)
            second = hash_of(renamed) if second == hash_of(block) else second
            yield source.values[0].location, quoted(f"{hashes.get(first, first)} {second}")


def _kept_edits(
    checked: Valid, own: Mapping[str, Block], stale: Mapping[str, Block], hashes: Mapping[str, str]
) -> dict[str, Fill]:
    """Fills that were edited by hand and whose authored scene changed since, put together with it where they fit."""
    found: dict[str, Fill] = {}
    scenes = {scene.name: scene for scene in checked.story.scenes}
    for name, block in stale.items():
        edited = check_scenes(checked, (block,)).story
        if edited is None:
            continue
        planned = merge(scenes[name], edited.scenes[0])
        if planned is not None:
            # Its second hash stays another one than that of what it says, so that it goes on counting as edited.
            source = Source(f"{hashes[name]} {digest_of('edited')}", edited.scenes[0].filled_by)
            if check_scenes(checked, (with_source(filled(own[name], planned), source),)).story is not None:
                found[name] = Fill(source, planned)
    return found


def _place(item: Diagnostic) -> Location:
    return item.location


def _holds(block: Block, place: Location) -> bool:
    """Whether a place lies in a block."""
    lines = stretches(Syntax(place.file, "", (block,), ()))[block.name.text]
    return place.file == block.kind.location.file and place.line in lines


def stretches(syntax: Syntax) -> dict[str, range]:
    """The lines of every scene, from its head to the last that is its own, comments indented under it included."""
    heads = sorted(block.kind.location.line for block in syntax.blocks)
    found = {}
    for block in scene_blocks(syntax):
        start = block.kind.location.line
        following = next((line for line in heads if line > start), 10**9)
        own = [line for item in block.body for line in _last_lines(item)]
        own += [
            comment.location.line
            for comment in syntax.comments
            if start < comment.location.line < following and comment.location.column > 1
        ]
        found[block.name.text] = range(start, max(own, default=start) + 1)
    return found


def _last_lines(item: Property | BeatLine) -> Iterator[int]:
    yield item.location.end_line
    for part in item.parts if isinstance(item, BeatLine) else ():
        yield part.location.end_line
