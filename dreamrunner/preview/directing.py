"""A director's changes that are asked for on the page, made in the files."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dreamrunner.editor.analysis import Analysis, Filled
from dreamrunner.files.in_place import ROUNDS, replace_bytes
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import with_line_ends
from dreamrunner.language import Diagnostic
from dreamrunner.language.story import MISSING, Scene
from dreamrunner.planning import filled_path
from dreamrunner.planning.boxes.simplify import turns
from dreamrunner.planning.directing import Change, NotMade, direct
from dreamrunner.planning.directing.changes import Act, Add, Describe, OfBeat, Remove, Rename, SetFact
from dreamrunner.planning.directing.direct import seen_after
from dreamrunner.planning.plan import PlannedScene
from dreamrunner.preview.board import as_written, read_analysis, seen_text, seen_texts
from dreamrunner.preview.history import read_state
from dreamrunner.preview.moves import Refused, Written, first_difference, trouble_in


class Asked(BaseModel):
    """A change, and what stands for the text that the page showed when it was asked for."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    seen: str
    change: Change


def make_change(story: Path, asked: Asked, *, allow_outside: bool = False) -> Written | Refused:
    """Make a change in the story's text, or in the filled story beside it where that says what is changed.

    It is refused where either says something else by now than the page showed.

    Raises:
        OSError: the file can't be written, or its disk is full. It then is as it was.
    """
    for _ in range(ROUNDS):
        made = _try(story, asked, allow_outside)
        if made is not None:
            return made
    return Refused(f"{story.name} is being saved again and again; change it once more", changed=True)


def _try(story: Path, asked: Asked, allow_outside: bool) -> Written | Refused | None:
    analysis = read_analysis(story, allow_outside=allow_outside)
    if isinstance(analysis, Diagnostic):
        return Refused(analysis.message, changed=True)
    if seen_text(analysis) != asked.seen:
        return Refused(f"{story.name} has changed meanwhile; look again", changed=True)
    filled = analysis.filled
    scene = _scene(analysis, getattr(asked.change, "scene", ""))
    home = _home(story, filled, asked.change)
    try:
        raw = read_regular(home)
        text = raw.decode("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    if home == story and with_line_ends(text.removeprefix("\ufeff")) != analysis.text:
        return None
    try:
        new = _settled(analysis, home, text, asked.change, scene)
    except NotMade as why:
        return Refused(str(why))
    if (trouble := trouble_in(analysis, home, new)) is not None:
        return Refused(trouble)
    if new != text and not replace_bytes(home, raw, new.encode("utf-8")):
        return None
    return Written(home, first_difference(text, new), _seen_after(analysis, home, new))


def _seen_after(analysis: Analysis, home: Path, new: str) -> str:
    """What stands for the texts once one of them is new."""
    if home != analysis.path:
        return seen_texts(analysis.text, new.encode())
    (beside,) = read_state([filled_path(analysis.path)])
    return seen_texts(with_line_ends(new.removeprefix("\ufeff")), beside or b"")


def _scene(analysis: Analysis, name: str) -> PlannedScene | None:
    filled = analysis.filled
    scenes = as_written(filled).scenes if filled is not None else ()
    return next((scene for scene in scenes if scene.name == name), None)


def _settled(analysis: Analysis, home: Path, text: str, change: Change, scene: PlannedScene | None) -> str:
    """The new text, with what was on screen written down where it would go elsewhere. Raises NotMade."""
    known = [*analysis.cast.entities]
    new = direct(text, change, scene, known=known)
    wanted = seen_after(change, scene) if scene is not None and isinstance(change, OfBeat) else None
    free = {change.beat} if isinstance(change, Act) else set()
    pinned: set[int] = set()
    while wanted is not None and home == analysis.path:
        plain = with_line_ends(new.removeprefix("\ufeff"))
        after = _scene(Analysis(analysis.path, plain, {}, allow_outside=analysis.allow_outside), wanted.name)
        if after is None:
            break
        pairs = enumerate(zip(wanted.beats, after.beats, strict=False))
        astray = {number for number, (old, now) in pairs if turns(old.keyframes) != turns(now.keyframes)}
        astray -= pinned | free
        if not astray:
            break
        pinned |= astray
        new = direct(text, change, scene, known=known, pinned=pinned)
    return new


def _home(story: Path, filled: Filled | None, change: Change) -> Path:
    """The file whose text says what is changed: the story, or the filled story beside it that the planner's part of a
    scene is from."""
    name = getattr(change, "scene", "")
    if filled is None or name not in filled.taken:
        return story
    authored = next((each for each in filled.story.scenes if each.name == name), None)
    return story if authored is None or _says(authored, change) else filled_path(story)


def _says(scene: Scene, change: Change) -> bool:
    """Whether the author's own scene says what is changed, or is the one to say it."""
    match change:
        case SetFact(fact=fact):
            return fact not in ("background", "narration") or getattr(scene, fact) is not MISSING
        case Add() | Remove() | Rename():
            return bool(scene.beats)
    if not isinstance(change, OfBeat):
        return True
    if change.beat >= len(scene.beats):
        return False
    beat = scene.beats[change.beat]
    match change:
        case Describe():
            return beat.description is not MISSING
        case Act():
            return beat.motion is not MISSING
    return bool(beat.keyframes) or beat.span is not MISSING
