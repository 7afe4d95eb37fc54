"""The filled story: ``NAME.plan.story`` beside ``NAME.story``, the same story with no gap left.

Each of its scenes says in a ``from`` line which authored scene it was filled from and by whom. The line holds two
hashes: of what the author wrote, which tells whether the fill still fits, and of the filled scene, which tells whether
it was edited by hand since. A fill that fits is taken over byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.language import Diagnostic, Story, check_text, gaps
from dreamrunner.language.edits import quoted
from dreamrunner.language.formatter import format_text, meaning
from dreamrunner.language.parser import parse
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Block, Property, Syntax
from dreamrunner.planning.written.edits import write_sources
from dreamrunner.planning.written.merge import merge

SUFFIX = ".plan.story"

_DIGITS = 12
_TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Draft:
    """A filled story in the making: its text in the language's layout, and the story that the text says.

    The story is called and looks its paths up as the authored one. ``authored`` gives the hash of what each scene was
    written as, ``taken`` names the scenes whose fills come from the filled story of before, and ``diagnostics`` holds
    the errors of a fill that was edited by hand into one that can't be used; ``story`` then is None. ``replaced`` names
    scenes whose fill was edited by hand and doesn't fit any more, since their authored text changed too; ``edited``
    those that are taken as edited.
    """

    text: str
    story: Story | None
    authored: Mapping[str, str]
    taken: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()
    replaced: tuple[str, ...] = ()
    edited: frozenset[str] = frozenset()

    @property
    def open_scenes(self) -> tuple[str, ...]:
        """The scenes that have a gap, in the order of the story."""
        return tuple(scene.name for scene in self.story.scenes if any(gaps(replace(self.story, scenes=(scene,)))))


def filled_path(story: Path) -> Path:
    """Where the filled story of ``story`` stands: beside it, so that its paths mean the same."""
    return story if story.name.endswith(SUFFIX) else story.with_name(story.stem + SUFFIX)


def draft(
    authored: str,
    path: Path,
    before: str | None,
    *,
    allow_outside: bool = False,
    planner: str | None = None,
    again: Callable[[str], bool] = lambda scene: False,
) -> Draft:
    """Begin the filled story of the ``authored`` text, which has no error, from the filled story ``before``, if any.

    The file of ``path`` is not read; it only says where paths are looked up. A fill is taken when its scene still
    says what it was filled from. One that no longer fits the rest of the story (it names someone who is not declared
    any more) is left out, unless it was edited by hand: then it is the author's to mend. Fills of scenes for which
    ``again`` is true are left out too. ``planner`` goes before the one that the text names.
    """
    target = filled_path(path)
    text = format_text(authored, path, safe=False).text or authored
    syntax = parse(text, path).syntax
    hashes = {name: _authored_hash(syntax, block) for name, block in _scenes(syntax)}
    fills = _fills(before, target) if before is not None else {}
    edited = [name for name, fill in fills.items() if fill.edited]
    fills = {name: fill for name, fill in fills.items() if not again(name)}
    if not hashes:
        topic = topic_hash(syntax)
        fills = {name: fill for name, fill in fills.items() if fill.authored == topic}
        hashes = dict.fromkeys(fills, topic)
    else:
        fitting = {name: fill for name, fill in fills.items() if fill.authored == hashes.get(name)}
        stale = [name for name in edited if name in fills and name in hashes and name not in fitting]
        old = {name: fills[name] for name in stale}
        fills = fitting | _kept_edits(text, path, old, before, hashes, allow_outside, planner)
    lost: set[str] = set()
    while True:
        used = {name: fill for name, fill in fills.items() if name not in lost}
        assembled = _assemble(text, path, used)
        checked = check_text(assembled, path, allow_outside=allow_outside, planner=planner)
        if checked.story is not None:
            known = {name: hashes[name] for name in hashes if name in {scene.name for scene in checked.story.scenes}}
            replaced = tuple(name for name in edited if name not in used)
            kept = frozenset(edited) & set(used)
            return Draft(assembled, checked.story, known, frozenset(used), replaced=replaced, edited=kept)
        errors = [item for item in checked.diagnostics if item.severity == "error"]
        stretches = _stretches(parse(assembled, path).syntax)
        broken = {
            name for name, lines in stretches.items() if any(item.location.line in lines for item in errors)
        }.intersection(used) or set(used)
        if not used or any(used[name].edited for name in broken):
            start = Location(target, 1, 1, 1, 1)
            found = tuple(replace(item, location=start, related=()) for item in errors)
            return Draft(assembled, None, hashes, diagnostics=found)
        lost |= broken


def sign(text: str, made: Draft, planners: Mapping[str, str]) -> str:
    """Write into the scenes that ``planners`` names where they came from. ``text`` is the draft's, filled.

    A planner is empty for a scene in which there was nothing to fill.
    """
    syntax = parse(text, made.story.path).syntax
    topic = topic_hash(syntax)
    sources = {
        name: (f"{made.authored.get(name, topic)} {_hash(syntax, block)}", planners[name])
        for name, block in _scenes(syntax)
        if name in planners
    }
    return write_sources(text, made.story, sources)


def renewed_sources(authored: tuple[str, str], filled: tuple[str, str], story: Path) -> Iterator[tuple[Location, str]]:
    """The hashes in a filled story's ``from`` lines, anew, so that fills which fitted their scenes go on fitting.

    ``authored`` and ``filled`` are the two texts before and after something was renamed in both; ``story`` is the file
    of the first. Gives where each string stands in the filled text of before, and what takes its place.
    """
    written = [parse(text, story).syntax for text in authored]
    made = [parse(text, filled_path(story)).syntax for text in filled]
    hashes = dict(zip(*([_hash(syntax, block) for _, block in _scenes(syntax)] for syntax in written)))
    for (_, block), (_, renamed) in zip(_scenes(made[0]), _scenes(made[1])):
        source = next((item for item in block.properties() if item.word.text == "from"), None)
        if source is not None:
            first, second = _source(block)
            second = _hash(made[1], renamed) if second == _hash(made[0], block) else second
            yield source.values[0].location, quoted(f"{hashes.get(first, first)} {second}")


def topic_hash(syntax: Syntax) -> str:
    """The hash of the topic, which scenes that no author wrote are made from."""
    headers = [item for block in syntax.blocks if block.kind.text == "story" for item in block.properties()]
    return _digest([item.values[0].value for item in headers if item.word.text == _TOPIC])


@dataclass(frozen=True, slots=True)
class _Fill:
    """A scene of a filled story: its text, what it was filled from, and whether it was edited by hand since."""

    text: str
    authored: str
    edited: bool


def _fills(text: str, path: Path) -> dict[str, _Fill]:
    syntax = parse(text, path).syntax
    lines, stretches = syntax.text.replace("\r\n", "\n").split("\n"), _stretches(syntax)
    fills = {}
    for name, block in _scenes(syntax):
        authored, made = _source(block)
        if not authored:
            continue
        stretch = stretches[name]
        taken = "\n".join(lines[stretch.start - 1 : stretch.stop - 1])
        fills[name] = _Fill(taken, authored, made != _hash(syntax, block))
    return fills


def _kept_edits(
    text: str,
    path: Path,
    stale: Mapping[str, _Fill],
    before: str | None,
    hashes: Mapping[str, str],
    allow_outside: bool,
    planner: str | None,
) -> dict[str, _Fill]:
    """Fills that were edited by hand and whose authored scene changed since, put together with it where they fit."""
    if not stale:
        return {}
    authored = check_text(text, path, allow_outside=allow_outside, planner=planner).story
    filled = check_text(before, path, allow_outside=allow_outside, planner=planner).story
    found = {}
    for scene in filled.scenes if authored and filled else ():
        if scene.name in stale and (merged := merge(text, authored, scene)) is not None:
            # Its second hash stays another one than that of what it says, so that it goes on counting as edited.
            source = f"{hashes[scene.name]} {_digest('edited')}", scene.filled_by
            signed = write_sources(merged, authored, {scene.name: source})
            if check_text(signed, path, allow_outside=allow_outside, planner=planner).story is not None:
                found[scene.name] = replace(_fills(signed, path)[scene.name], edited=True)
    return found


def _assemble(text: str, path: Path, fills: Mapping[str, _Fill]) -> str:
    """The authored text with fills in place of its scenes; fills of scenes that it lacks stand at its end."""
    syntax = parse(text, path).syntax
    lines, stretches = text.replace("\r\n", "\n").rstrip("\n").split("\n"), _stretches(syntax)
    for name, stretch in sorted(stretches.items(), key=lambda item: item[1].start, reverse=True):
        if name in fills:
            lines[stretch.start - 1 : stretch.stop - 1] = fills[name].text.split("\n")
    for name, fill in fills.items():
        if name not in stretches:
            lines += ["", *fill.text.split("\n")]
    return "\n".join(lines) + "\n"


def _stretches(syntax: Syntax) -> dict[str, range]:
    """The lines of every scene, from its head to the last that is its own, comments indented under it included."""
    heads = sorted(block.kind.location.line for block in syntax.blocks)
    stretches = {}
    for name, block in _scenes(syntax):
        start = block.kind.location.line
        following = next((line for line in heads if line > start), 10**9)
        own = [line for item in block.body for line in _last_lines(item)]
        own += [
            comment.location.line
            for comment in syntax.comments
            if start < comment.location.line < following and comment.location.column > 1
        ]
        stretches[name] = range(start, max(own, default=start) + 1)
    return stretches


def _last_lines(item: object) -> Iterator[int]:
    yield item.location.end_line
    for frame in getattr(item, "keyframes", ()):
        yield frame.location.end_line


def _scenes(syntax: Syntax) -> Iterator[tuple[str, Block]]:
    return ((block.name.text, block) for block in syntax.blocks if block.kind.text == "scene")


def _source(block: Block) -> tuple[str, str]:
    """The two hashes of a scene's ``from`` line, empty where there is none."""
    source = next((item for item in block.properties() if item.word.text == "from"), None)
    authored, _, made = source.values[0].value.partition(" ") if source is not None else ("", "", "")
    return authored, made


def _authored_hash(syntax: Syntax, block: Block) -> str:
    return _source(block)[0] or _hash(syntax, block)


def _hash(syntax: Syntax, block: Block) -> str:
    """The hash of what a scene says, however it is laid out, without its ``from``."""
    body = tuple(item for item in block.body if not (isinstance(item, Property) and item.word.text == "from"))
    return _digest(meaning(replace(syntax, blocks=(replace(block, body=body),), comments=())))


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:_DIGITS]
