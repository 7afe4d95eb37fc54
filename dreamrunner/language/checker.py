"""From syntax to a checked story: names resolved, values in range, every problem of every file collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dreamrunner.backbones.table import DEFAULT_MODEL
from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.language.checking.following import without_following
from dreamrunner.language.declarations import Cast, CastReader, Declared, properties
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.files import Folder, read_text, too_long
from dreamrunner.language.gaps import gaps
from dreamrunner.language.ignoring import ignores, unanswered
from dreamrunner.language.limits import limits_of
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.mistakes.telling import glued, unseen
from dreamrunner.language.parsing.parser import Parsed, added_words, parse
from dreamrunner.language.project.finding import Project, project_of, reach_of
from dreamrunner.language.scenes import SceneChecker, whole
from dreamrunner.language.sound.music import music_of
from dreamrunner.language.sound.voices import voice_of
from dreamrunner.language.story import (
    MISSING,
    PLANNERS,
    Character,
    Ignore,
    Location,
    Missing,
    Motion,
    Prop,
    Scene,
    Story,
)
from dreamrunner.language.syntax import Block, Number, Property, Size, Syntax

LANGUAGE = 1
"""The version of the language that this package reads."""

_LARGEST_SIDE = 4096
_TEXTS = ("topic", "style", "model", "catalog")


@dataclass(frozen=True, slots=True)
class Checked:
    """A story and what was found in it; it is a :class:`Valid` one unless that is an error.

    ``story``: the checked story; None only when there is an error.
    ``diagnostics``: what was found, that of the story's own file first.
    ``files``: every story file that was read, the story's own first.
    ``text``: the own file's text as it stands there.
    ``parsed``: the own file's tree; None where the file can't be read.
    ``used``: the trees of the files that it uses.
    ``cast``: everything that the story can name.
    ``folder``: the one that its paths may not leave.
    """

    story: Story | None
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[Path, ...] = ()
    text: str = ""
    parsed: Parsed | None = None
    used: tuple[Syntax, ...] = ()
    cast: Cast = field(default_factory=Cast)
    folder: Folder = field(default_factory=lambda: Folder(Path()))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are errors."""
        return tuple(item for item in self.diagnostics if item.severity == "error")


@dataclass(frozen=True, slots=True)
class Valid(Checked):
    """A story without an error, and the warnings about it."""

    story: Story
    parsed: Parsed = field(kw_only=True)


def read_story(path: Path, *, allow_outside: bool = False, planner: str | None = None) -> Checked:
    """Read and check the story at ``path``, with the files that it uses.

    Paths in the story may not leave its folder unless ``allow_outside``. ``planner`` goes before the header's. Never
    raises for anything that a file can contain, nor for a file that is missing, a folder, or not UTF-8: those are
    diagnostics.
    """
    path = Path(path)
    text = read_text(path, Location(path, 1, 1, 1, 1))
    if isinstance(text, Diagnostic):
        if text.code == "missing-file":
            text = replace(text, help=_where(path))
        return Checked(None, (text,), (path,))
    return check_text(text, path, allow_outside=allow_outside, planner=planner)


def _where(path: Path) -> str:
    """What to do about a story that is not where it was looked for."""
    folder = path.parent
    try:
        there = sorted(item.name for item in folder.iterdir() if item.suffix == ".story") if folder.is_dir() else []
    except OSError:
        there = []
    near = closest(path.name, there) or (there[0] if len(there) == 1 else None)
    if near is not None:
        return did_you_mean(shown(str(folder / near), 200), mark="`")
    if not folder.is_dir():
        return f"there is no folder `{shown(str(folder), 200)}`; a story's path counts from the folder where you are"
    return "check the path of the story; `dreamrunner new NAME` makes one to begin with"


def check_text(
    text: str,
    path: Path,
    *,
    allow_outside: bool = False,
    unsaved: Mapping[Path, str] | None = None,
    planner: str | None = None,
    project: Project | None = None,
) -> Checked:
    """Check ``text`` as if it stood in the file ``path``; texts of ``unsaved`` go before those of their files.

    ``planner`` goes before the one that the header names; ``project`` is what holds in the file's folder, where that
    is known already.
    """
    return check_parsed(
        text, parse(text, path), allow_outside=allow_outside, unsaved=unsaved, planner=planner, project=project
    )


def check_parsed(
    text: str,
    parsed: Parsed,
    *,
    allow_outside: bool = False,
    unsaved: Mapping[Path, str] | None = None,
    planner: str | None = None,
    project: Project | None = None,
) -> Checked:
    """As :func:`check_text`, of a ``text`` that is ``parsed`` already."""
    path = parsed.syntax.file
    project = project if project is not None else project_of(path)
    folder = reach_of(path, allow_outside=allow_outside, project=project)
    reader = CastReader(folder, unsaved)
    cast = reader.cast(parsed, (path,))
    if called := added_words().intersection(cast.entities):
        parsed = parse(text, path, called)
    headers = [block for block in parsed.syntax.blocks if block.kind.text == "story"]
    loras = reader.loras(headers[0], path) if headers else ()
    found = [*project.diagnostics, *parsed.diagnostics, *reader.found]
    for tree in (parsed.syntax, *reader.trees.values()):
        found += [*unseen(tree.text, tree.file), *glued(tree)]
    header = replace(_header(parsed.syntax, folder, project, found), loras=loras)
    if planner is not None:
        header = replace(header, planner=planner)
    checker = SceneChecker(cast, found, limits_of(header.model, header.size), folder, header.voice, header.takes)
    scenes = checker.scenes(parsed.syntax)
    motions = [item.value for item in cast.motions.values()]
    motions += [Motion(name, location=word.location) for name, word in checker.undeclared.items()]
    story = replace(
        header,
        characters=tuple(item.value for item in cast.entities.values() if isinstance(item.value, Character)),
        props=tuple(item.value for item in cast.entities.values() if isinstance(item.value, Prop)),
        motions=tuple(motions),
        scenes=scenes,
        settings=tuple(item.value for item in cast.settings.values()),
    )
    names = [(path.stem, Location(path, 1, 1, 1, 1)), *checker.names(), *cast.names(path)]
    found += [told for name, place in names if (told := too_long(name, place)) is not None]
    bad_project = any(item.severity == "error" for item in project.diagnostics)
    found = without_following(found, parsed.syntax, parsed.diagnostics, bad_project=bad_project)
    if not any(item.severity == "error" for item in found):
        found += [*_unused(parsed, cast, scenes), *checker.unseen]
        if story.planner == "none":
            found += [
                diagnostic("gap", gap.location, what=str(gap))
                for gap in gaps(story)
                if story.scenes or story.topic is not MISSING
            ]
    answers: list[Ignore] = []
    for tree in (parsed.syntax, *reader.trees.values()):
        own, wrong = ignores(tree)
        answers += own
        found += wrong
    found.sort(key=lambda item: (item.location.file != path, item.location, item.code))
    left, heeded = unanswered(found, answers)
    known = Valid(
        story=replace(story, ignores=heeded),
        diagnostics=left,
        files=(path, *reader.trees),
        text=text,
        parsed=parsed,
        used=tuple(reader.trees.values()),
        cast=cast,
        folder=folder,
    )
    return _judged(known)


def _judged(known: Valid) -> Checked:
    """What is known of a story, which is no valid one where an error is among its diagnostics."""
    if not known.errors:
        return known
    return Checked(None, known.diagnostics, known.files, known.text, known.parsed, known.used, known.cast, known.folder)


def check_scenes(checked: Valid, blocks: Sequence[Block]) -> Checked:
    """Check a valid story with the scenes ``blocks`` in the place of its own.

    The rest of the story is not checked again; only what is wrong with the scenes is among the diagnostics.
    """
    found: list[Diagnostic] = []
    story, parsed = checked.story, checked.parsed
    checker = SceneChecker(
        checked.cast, found, limits_of(story.model, story.size), checked.folder, story.voice, story.takes
    )
    syntax = replace(parsed.syntax, blocks=tuple(blocks))
    scenes = checker.scenes(syntax)
    motions = [item.value for item in checked.cast.motions.values()]
    motions += [Motion(name, location=word.location) for name, word in checker.undeclared.items()]
    story = replace(story, scenes=scenes, motions=tuple(motions))
    return _judged(replace(checked, story=story, diagnostics=tuple(found), parsed=Parsed(syntax, ())))


def _header(syntax: Syntax, folder: Folder, project: Project, found: list[Diagnostic]) -> Story:
    """The story with what its header says, or else its project, and nothing in it yet."""
    headers = [block for block in syntax.blocks if block.kind.text == "story"]
    for extra in headers[1:]:
        related = [("first declared here", headers[0].kind.location)]
        name = shown(extra.name.text)
        found.append(diagnostic("declared-twice", extra.kind.location, kind="story", name=name, related=related))
    header = headers[0] if headers else None
    facts = properties(header, found) if header is not None else {}
    texts = {word: fact.text for word, fact in facts.items() if word in _TEXTS}
    return Story(
        path=syntax.file,
        title=_title(header, syntax.file),
        language=_language(facts.get("language"), found),
        topic=texts.get("topic", MISSING),
        style=texts.get("style", ""),
        model=texts.get("model") or project.text("model") or DEFAULT_MODEL,
        seed=_seed(facts.get("seed"), found),
        planner=_planner(facts.get("planner"), project, found),
        size=_size(facts.get("size"), found),
        catalog=texts.get("catalog") or project.text("catalog"),
        voice=voice_of(facts.get("voice"), syntax.file, folder, found) or project.text("voice"),
        takes=int(project.text("takes") or 1),
        music=music_of(facts.get("music"), syntax.file, folder, found),
    )


def _title(header: Block | None, file: Path) -> str:
    return header.name.text if header is not None and header.name.text.strip() else file.stem


def _language(fact: Property | None, found: list[Diagnostic]) -> int:
    value = fact.one(Number) if fact is not None else None
    if value is not None and value.value != LANGUAGE:
        found.append(diagnostic("unsupported-language", value.location, version=shown(value.raw), known=LANGUAGE))
    return LANGUAGE


def _planner(fact: Property | None, project: Project, found: list[Diagnostic]) -> str:
    if fact is None:
        return project.text("planner") or PLANNERS[0]
    if fact.text not in PLANNERS and (meant := did_you_mean(closest(fact.text, PLANNERS), mark="`")):
        problem = f"there is no planner `{shown(fact.text)}`"
        found.append(diagnostic("bad-value", fact.values[0].location, problem=problem, help=meant))
    return fact.text


def _seed(fact: Property | None, found: list[Diagnostic]) -> int:
    seed = whole(fact.one(Number), "seed", found) if fact is not None else 0
    return 0 if isinstance(seed, Missing) else seed


def _size(fact: Property | None, found: list[Diagnostic]) -> tuple[int, int] | Missing:
    if fact is None:
        return MISSING
    value = fact.one(Size)
    sides = value.raw.split("x")
    if all(len(side) <= 5 and 8 <= int(side) <= _LARGEST_SIDE for side in sides):
        return int(sides[0]), int(sides[1])
    problem = f"a frame is 8 to {_LARGEST_SIDE} pixels wide and high, not {shown(value.raw)}"
    found.append(diagnostic("bad-value", value.location, problem=problem, help="say for example `size 720x480`"))
    return MISSING


def _unused(parsed: Parsed, cast: Cast, scenes: tuple[Scene, ...]) -> list[Diagnostic]:
    """What the story's own file declares and no scene uses.

    A file without scenes is a cast for others. Where a scene has no beats, or a beat no motion, the planner may use
    whatever is declared. What another is made from is used as long as that is declared.
    """
    if not scenes:
        return []
    bases = {block.base.text for block in parsed.syntax.blocks if block.base is not None}
    places = {scene.setting for scene in scenes} | bases
    empty = [item for name, item in cast.settings.items() if name not in places]
    told = [
        diagnostic("unused", item.place, kind=item.kind, name=item.value.name)
        for item in empty
        if item.file == parsed.syntax.file
    ]
    if not all(scene.beats for scene in scenes):
        return told
    beats = [beat for scene in scenes for beat in scene.beats]
    motions = {beat.motion for beat in beats}
    entities = {beat.entity for beat in beats} | bases
    idle: list[Declared[Character | Prop] | Declared[Motion]] = [
        item for name, item in cast.entities.items() if name not in entities
    ]
    if MISSING not in motions:
        idle += [item for name, item in cast.motions.items() if name not in motions]
    own = [item for item in idle if item.file == parsed.syntax.file]
    return told + [diagnostic("unused", item.place, kind=item.kind, name=item.value.name) for item in own]
