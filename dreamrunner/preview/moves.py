"""Boxes that are moved on the page: each becomes a key frame in the story's text, and nothing else of it changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from dreamrunner.editor.analysis import Analysis, Filled
from dreamrunner.files.in_place import ROUNDS, replace_bytes
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import lines_of, with_line_ends
from dreamrunner.film.storyboard_page import board_beat
from dreamrunner.language import Box, Diagnostic, KeyFrame, check_text
from dreamrunner.language.sides import HIGHEST, LOWEST
from dreamrunner.planning import filled_path
from dreamrunner.planning.boxes.simplify import turns
from dreamrunner.planning.plan import PlannedScene
from dreamrunner.planning.written.edits import write_box
from dreamrunner.preview.board import as_written, read_analysis

_CLOSE = 1e-6
_SEEN = ("entity", "motion", "start", "end", "keyframes")

Edge = Annotated[float, Field(ge=LOWEST, le=HIGHEST, allow_inf_nan=False)]


class Move(BaseModel):
    """A box that was moved: the ``beat`` (from 0) of a scene stands at ``box`` at a time, in seconds from its start.

    ``seen`` is the beat as the page showed it before, as a board has it.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    scene: str
    beat: Annotated[int, Field(ge=0)]
    at: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    box: Annotated[list[Edge], Field(min_length=4, max_length=4)]
    seen: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A change that stands in the text now.

    ``file``: in which file.
    ``line``: in which line of it, from 1.
    ``seen``: what stands for the texts now, as a board has it; empty where nobody asked.
    """

    file: Path
    line: int
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A move that was not made, and why, in one line for people. ``changed`` where the text is another by now."""

    reason: str
    changed: bool = False


def move_box(story: Path, move: Move, *, allow_outside: bool = False) -> Written | Refused:
    """Write a move into the story's text as it is on disk now, if the beat is still what the page showed.

    What else was changed in the meantime stays: the move is made on the newest text. A box of a fill that the filled
    story beside it holds is written there.

    Raises:
        OSError: the file can't be written, or its disk is full. It then is as it was.
    """
    for _ in range(ROUNDS):
        made = _try(story, move, allow_outside)
        if made is not None:
            return made
    return Refused(f"{story.name} is being saved again and again; move the box once more", changed=True)


def _try(story: Path, move: Move, allow_outside: bool) -> Written | Refused | None:
    """One attempt; None where the text was saved by somebody else meanwhile."""
    analysis = read_analysis(story, allow_outside=allow_outside)
    if isinstance(analysis, Diagnostic):
        return Refused(analysis.message, changed=True)
    filled = analysis.filled
    scenes = as_written(filled).scenes if filled is not None else ()
    scene = next((each for each in scenes if each.name == move.scene), None)
    if filled is None or scene is None:
        return Refused(f"scene `{move.scene}` can't be read just now, or is not there any more", changed=True)
    if move.beat >= len(scene.beats):
        return Refused(f"scene `{move.scene}` has other beats by now; look again", changed=True)
    beat = scene.beats[move.beat]
    now = board_beat(beat)
    if any(now[fact] != move.seen.get(fact) for fact in _SEEN):
        return Refused(
            f"what {beat.entity} does in scene `{move.scene}` has changed meanwhile; look again", changed=True
        )
    x0, y0, x1, y1 = (round(edge, 4) for edge in move.box)
    if not (x0 < x1 and y0 < y1):
        return Refused("a box needs a width and a height")
    if not beat.start - _CLOSE <= move.at <= beat.end + _CLOSE:
        return Refused(f"{beat.entity} is not there at {move.at:g} s")
    frame = KeyFrame(round(move.at, 3), Box(x0, y0, x1, y1))
    home = _home(story, filled, scene, move.beat)
    try:
        raw = read_regular(home)
        text = raw.decode("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    if home == story and with_line_ends(text.removeprefix("\ufeff")) != analysis.text:
        return None
    new = _written(analysis, home, text, scene, move.beat, frame)
    if new is None:
        return Refused(
            f"scene `{move.scene}` is not written in {home.name}: the planner made it up;"
            " `dreamrunner plan --write` writes such scenes into the story"
        )
    if (trouble := trouble_in(analysis, home, new)) is not None:
        return Refused(trouble)
    if new != text and not replace_bytes(home, raw, new.encode("utf-8")):
        return None
    return Written(home, first_difference(text, new))


def _written(
    analysis: Analysis, home: Path, text: str, scene: PlannedScene, position: int, frame: KeyFrame
) -> str | None:
    """The new text of ``home``: with the box, and with what was on screen of the others that would go elsewhere now.

    None where the scene stands nowhere in it.
    """
    new = write_box(text, scene, position, frame)
    pinned: set[int] = set()
    while new is not None and home == analysis.path:
        astray = _astray(analysis, new, scene) - {position} - pinned
        if not astray:
            break
        pinned |= astray
        new = write_box(text, scene, position, frame, pinned)
    return new


def _astray(analysis: Analysis, text: str, before: PlannedScene) -> set[int]:
    """The beats, by position, that would stand elsewhere than ``before`` if the story had another text."""
    plain = with_line_ends(text.removeprefix("\ufeff"))
    changed = Analysis(analysis.path, plain, {}, allow_outside=analysis.allow_outside)
    filled = changed.filled
    scenes = as_written(filled).scenes if filled is not None else ()
    after = next((each for each in scenes if each.name == before.name), None)
    if after is None:
        return set()
    pairs = enumerate(zip(before.beats, after.beats, strict=False))
    return {number for number, (old, new) in pairs if turns(old.keyframes) != turns(new.keyframes)}


def _home(story: Path, filled: Filled, scene: PlannedScene, position: int) -> Path:
    """The file whose text says where a beat is: the story, or the filled story beside it that its boxes are from."""
    if scene.name not in filled.taken:
        return story
    authored = next((each for each in filled.story.scenes if each.name == scene.name), None)
    if authored is not None and len(authored.beats) == len(scene.beats) and authored.beats[position].keyframes:
        return story
    return filled_path(story)


def trouble_in(analysis: Analysis, home: Path, new: str) -> str | None:
    """What is wrong with the new text that was not with the old one."""
    known = {item.message for item in analysis.checked.diagnostics} if home == analysis.path else set()
    found = check_text(new, home, allow_outside=analysis.allow_outside).diagnostics
    return next((item.message for item in found if item.severity == "error" and item.message not in known), None)


def first_difference(before: str, after: str) -> int:
    """The first line, from 1, in which two texts differ."""
    lines, new = lines_of(before), lines_of(after)
    differing = (number for number, (one, other) in enumerate(zip(lines, new, strict=False), 1) if one != other)
    return next(differing, max(1, min(len(lines) + 1, len(new))))
