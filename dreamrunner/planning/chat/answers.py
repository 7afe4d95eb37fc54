"""What a chat model answers, and how it becomes a scene: checked fact by fact, every fault said in words.

Faults go back to the model, so they say what is wrong and what is wanted. Only what the author left open is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, ValidationError

from dreamrunner.files.text import NAME, one_line
from dreamrunner.language import MISSING, Beat, Box, KeyFrame, Missing, Scene, Span, Story
from dreamrunner.language.sides import HIGHEST, LOWEST
from dreamrunner.planning.boxes.arriving import between_sides
from dreamrunner.planning.boxes.simplify import without_rests
from dreamrunner.planning.chat.prompts import seconds_of
from dreamrunner.planning.planner import MOST_MOTIONS

FEWEST_SCENES, MOST_SCENES = 6, 8

_LONGEST = 2000


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntityAnswer(_Answer):
    """One entity in one second; ``line`` is the author's line that it continues, from 1, or 0."""

    line: int
    entity: str
    motion: str
    description: str
    box: tuple[float, ...]


class KeyFrameAnswer(_Answer):
    """Who is seen in one second of the scene."""

    second: int
    entities: tuple[EntityAnswer, ...]


class SceneAnswer(_Answer):
    """The scene level's answer: reasoning before anything else."""

    reasoning: str
    background: str
    narration: str
    key_frames: tuple[KeyFrameAnswer, ...]


class OutlineScene(_Answer):
    """One scene of the story level's answer: motions first, then the narration that uses them."""

    scene: str
    motions: tuple[str, ...]
    narration: str


class StoryAnswer(_Answer):
    """The story level's answer."""

    reasoning: str
    scenes: tuple[OutlineScene, ...]


def read_outline(answer: StoryAnswer) -> tuple[Scene, ...] | list[str]:
    """The scenes that a story answer gives, or what is wrong with it."""
    faults = []
    if not FEWEST_SCENES <= len(answer.scenes) <= MOST_SCENES:
        faults.append(f"there are {len(answer.scenes)} scenes; {FEWEST_SCENES} to {MOST_SCENES} are wanted")
    scenes: dict[str, Scene] = {}
    for given in answer.scenes:
        name = named(given.scene)
        if name is None:
            faults.append(f"scene {given.scene[:60]!r}: a name has letters, digits and hyphens, a letter first")
        elif name in scenes:
            faults.append(f"two scenes are called `{name}`")
        elif not 1 <= len(given.motions) <= MOST_MOTIONS:
            faults.append(f"scene `{name}` has {len(given.motions)} motions; 1 to {MOST_MOTIONS} are wanted")
        elif not (narration := _one_line(given.narration, f"scene `{name}`: the narration", faults)):
            pass
        else:
            scenes[name] = Scene(name, narration=narration)
    return faults or tuple(scenes.values())


def read_scene(answer: SceneAnswer, story: Story, scene: Scene) -> Scene | list[str]:
    """``scene`` with its gaps filled from ``answer``, or what is wrong with the answer."""
    faults: list[str] = []
    background = _text(scene.background, answer.background, "background", faults)
    narration = _text(scene.narration, answer.narration, "narration", faults)
    rows = _rows(answer, story, scene, faults)
    if faults:
        return faults
    beats = _continued(scene, rows, faults) if scene.beats else _new(scene, rows, faults)
    motions = {beat.motion for beat in beats if beat.motion}
    if len(motions) > MOST_MOTIONS and motions - {beat.motion for beat in scene.beats}:
        faults.append(f"there are {len(motions)} different motions; a scene has at most {MOST_MOTIONS}")
    if faults:
        return faults
    return replace(scene, background=background, narration=narration, beats=beats)


def form_faults(error: ValidationError) -> list[str]:
    """What is wrong with the form of an answer."""
    return [
        f"{'.'.join(map(str, item['loc'])) or 'the answer'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)[:20]
    ]


def named(text: str) -> str | None:
    """A phrase as a name of the language, its words joined by hyphens; None when it can't be one."""
    name = "-".join(text.strip().lower().split())
    return name if NAME.fullmatch(name) and len(name) <= 60 else None


_Row = tuple[int, EntityAnswer, str | None, Box]
"""A second, what was answered for it, the motion as a name, and the box."""


def _rows(answer: SceneAnswer, story: Story, scene: Scene, faults: list[str]) -> list[_Row]:
    """Every entity of every key frame, sound by itself, in the order of time."""
    wanted = seconds_of(scene)
    given = sorted(frame.second for frame in answer.key_frames)
    if given != list(range(wanted)):
        faults.append(f"the key frames are of seconds {given[:20]}; one each of 0 to {wanted - 1} is wanted")
        return []
    characters = {character.name for character in story.characters}
    cast = characters | {prop.name for prop in story.props}
    rows = []
    for frame in sorted(answer.key_frames, key=lambda frame: frame.second):
        seen: set[str] = set()
        for row in frame.entities:
            where = f"second {frame.second}, `{row.entity[:60]}`"
            if row.entity not in cast:
                faults.append(f"{where}: nobody in the cast is called so; the cast is {', '.join(sorted(cast))}")
                continue
            if row.entity in seen:
                faults.append(f"{where}: it is there twice")
            seen.add(row.entity)
            motion = None if row.motion.strip().lower() in ("", "none") else named(row.motion)
            if row.entity in characters and motion is None:
                faults.append(f"{where}: a character needs a motion in English words, not {row.motion[:60]!r}")
            elif row.entity not in characters and row.motion.strip().lower() not in ("", "none"):
                faults.append(f"{where}: a prop has no motion of its own; say `none`")
            box = _box(row.box)
            if box is None:
                shown = [round(number, 4) for number in row.box[:6]]
                faults.append(f"{where}: the box {shown} is not [x0, y0, x1, y1] within -1..2, x0 < x1 and y0 < y1")
            else:
                rows.append((frame.second, row, motion, box))
    return rows


def _new(scene: Scene, rows: Sequence[_Row], faults: list[str]) -> tuple[Beat, ...]:
    """Beats for a scene that has none: one for each stretch in which an entity's motion and description stay."""
    if not rows:
        faults.append("nobody is in any key frame")
    beats = []
    for entity in dict.fromkeys(row[1].entity for row in rows):
        stretch: list[_Row] = []
        for row in [row for row in rows if row[1].entity == entity]:
            last = stretch[-1] if stretch else None
            same = last and row[0] == last[0] + 1 and (row[2], row[1].description) == (last[2], last[1].description)
            if stretch and not same:
                beats.append(_beat(Beat(entity), stretch, scene, (), faults))
                stretch = []
            stretch.append(row)
        beats.append(_beat(Beat(entity), stretch, scene, (), faults))
    return tuple(beats)


def _continued(scene: Scene, rows: Sequence[_Row], faults: list[str]) -> tuple[Beat, ...]:
    """The author's beats with what they lacked."""
    for second, row, _, _ in rows:
        if not 1 <= row.line <= len(scene.beats) or scene.beats[row.line - 1].entity != row.entity:
            faults.append(f"second {second}, `{row.entity}`: line {row.line} of the scene is not about it")
    if faults:
        return scene.beats
    beats = []
    for number, beat in enumerate(scene.beats, 1):
        own = [row for row in rows if row[1].line == number]
        taken = [other.span for other in scene.beats if other.entity == beat.entity and other.span is not MISSING]
        whole = beat.span is not MISSING and beat.description is not MISSING and beat.keyframes
        if own:
            _check_line(number, beat, own, faults)
            beats.append(_beat(beat, own, scene, taken, faults))
        elif whole and beat.motion is not MISSING:
            beats.append(beat)
        else:
            faults.append(f"line {number} (`{beat.entity}`) is in no key frame")
    return tuple(beats)


def _check_line(number: int, beat: Beat, rows: Sequence[_Row], faults: list[str]) -> None:
    """Tell where the answer goes against what the author wrote, or is not one line."""
    where = f"line {number} (`{beat.entity}`)"
    seconds = [row[0] for row in rows]
    if seconds != list(range(seconds[0], seconds[0] + len(seconds))):
        faults.append(f"{where}: seconds {seconds} have a hole")
    motions = {row[2] for row in rows}
    if beat.motion is not MISSING and motions != {beat.motion and named(beat.motion)}:
        faults.append(f"{where}: its motion is written, {beat.motion or 'none'}, and must not be changed")
    elif len(motions) > 1:
        faults.append(f"{where}: one line has one motion")
    if beat.description is not MISSING and any(
        _letters(row[1].description) != _letters(beat.description) for row in rows
    ):
        faults.append(f"{where}: its description is written, {beat.description[:200]!r}, and must not be changed")
    span = beat.span
    if span is not MISSING and not all(second < span.end and second + 1 > span.start for second in seconds):
        faults.append(f"{where}: it is to be seen from {span.start:g} to {span.end:g} seconds only")


def _beat(beat: Beat, rows: Sequence[_Row], scene: Scene, taken: Iterable[Span], faults: list[str]) -> Beat:
    """``beat`` with its gaps filled from the rows of its stretch of seconds."""
    span = beat.span
    if span is MISSING:
        start, end = float(rows[0][0]), min(rows[-1][0] + 1.0, scene.seconds)
        for other in taken:
            start = max(start, other.end) if other.start <= start < other.end else start
            end = min(end, other.start) if start < other.start < end else end
        span = Span(start, end)
        if not start < end:
            faults.append(f"`{beat.entity}`: no time is left in the seconds given; its other lines take it")
    description: str | Missing = beat.description
    if description is MISSING:
        description = _one_line(rows[0][1].description, f"`{beat.entity}`: the description", faults)
    told = {min(max(float(row[0]), span.start), span.end): row[3] for row in rows}
    motion = rows[0][2] if beat.motion is MISSING else beat.motion
    filled = replace(beat, motion=motion, span=span, description=description)
    made = without_rests([KeyFrame(at, box) for at, box in told.items()])
    return replace(filled, keyframes=beat.keyframes or between_sides(filled, made))


def _box(numbers: Sequence[float]) -> Box | None:
    if len(numbers) != 4 or not all(LOWEST <= number <= HIGHEST for number in numbers):
        return None
    x0, y0, x1, y1 = (round(number, 4) for number in numbers)
    return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _text(written: str | Missing, given: str, what: str, faults: list[str]) -> str:
    if written is MISSING:
        return _one_line(given, f"the {what}", faults)
    if given.split() and _letters(given) != _letters(written):
        faults.append(f"the {what} is written and must not be changed: answer with an empty text")
    return written


def _letters(text: str) -> str:
    """A text without what models change in copying it: case, blanks, quotation marks and other punctuation."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _one_line(text: str, what: str, faults: list[str]) -> str:
    """A text on one line, of printable characters only."""
    flat = one_line(text)
    if not flat or len(flat) > _LONGEST:
        faults.append(f"{what} is {'empty' if not flat else f'longer than {_LONGEST} characters'}")
    return flat
