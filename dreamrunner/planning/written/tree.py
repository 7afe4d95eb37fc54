"""Fills as a tree: the scene that a text would be read as once a plan or a source is written into it.

It says what :mod:`dreamrunner.planning.written.edits` writes, so that nothing has to be written to be checked. New
parts stand where the part does that they belong to.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dreamrunner.language.edits import number, quoted
from dreamrunner.language.parts import Box, KeyFrame, Saying
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Block, BoxNumbers, Number, Property, Text, Time, TimeSpan, Word
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.planning.written.edits import Source, told_frames


def new_block(name: str, file: Path) -> Block:
    """A scene that stands in no text yet, of a story whose filled story is ``file``; it says nothing."""
    place = Location(file, 1, 1, 1, 1)
    return Block(Word("scene", place), Word(name, place), None, (), place)


def with_source(block: Block, source: Source) -> Block:
    """A scene that says where its fill is from, and no other."""
    return replace(block, body=(_source(source, block.kind.location), *without_source(block).body))


def without_source(block: Block) -> Block:
    """A scene without its line ``from``."""
    return replace(block, body=tuple(item for item in block.body if not _is(item, "from")))


def with_narration(block: Block, narration: str) -> Block:
    """A scene that says nothing yet, with its narration."""
    return replace(block, body=(_text("narration", narration, block.kind.location),))


def filled(block: Block, planned: PlannedScene) -> Block:
    """A scene with what ``planned`` has and it lacks."""
    place, body = block.kind.location, list(block.body)
    if not any(_is(item, "background") or _is(item, "in") for item in body):
        body.insert(0, _text("background", planned.background, place))
    if not any(_is(item, "narration") for item in body):
        above = next((at for at, item in enumerate(body) if _is(item, "background")), -1)
        body.insert(above + 1, _text("narration", planned.narration, place))
    made = iter(planned.beats)
    if any(isinstance(item, BeatLine) for item in body):
        body = [_filled_beat(item, next(made)) if isinstance(item, BeatLine) else item for item in body]
    else:
        body += [_filled_beat(BeatLine(Word(beat.entity, place), None, None, None, (), place), beat) for beat in made]
    return replace(block, body=tuple(body))


def _filled_beat(line: BeatLine, beat: PlannedBeat) -> BeatLine:
    place = line.entity.location
    frames = told_frames(line, beat)
    return replace(
        line,
        motion=line.motion or (Word(beat.motion, place) if beat.motion else None),
        span=line.span or TimeSpan(_time(beat.start, place), _time(beat.end, place), place),
        description=line.description or Text(beat.description, quoted(beat.description), place),
        keyframes=line.keyframes or tuple(_keyframe(frame, place) for frame in frames),
        says=line.says or tuple(_saying(saying, place) for saying in beat.says),
    )


def _is(item: Property | BeatLine, word: str) -> bool:
    return isinstance(item, Property) and item.word.text == word


def _text(word: str, value: str, place: Location) -> Property:
    return Property(Word(word, place), (Text(value, quoted(value), place),), place)


def _source(source: Source, place: Location) -> Property:
    hashes = Text(source.hashes, quoted(source.hashes), place)
    by = (Text(source.planner, quoted(source.planner), place),) if source.planner else ()
    return Property(Word("from", place), (hashes, *by), place)


def _keyframe(frame: KeyFrame, place: Location) -> Property:
    return Property(Word("at", place), (_time(frame.at, place), _box(frame.box, place)), place)


def _saying(saying: Saying, place: Location) -> Property:
    due = (Word("at", place), _time(saying.at, place)) if saying.at is not None else ()
    return Property(Word("says", place), (Text(saying.text, quoted(saying.text), place), *due), place)


def _time(seconds: float, place: Location) -> Time:
    return Time(float(seconds), f"{number(seconds)}s", place)


def _box(box: Box, place: Location) -> BoxNumbers:
    edges = (box.x0, box.y0, box.x1, box.y1)
    return BoxNumbers(tuple(Number(float(edge), number(edge), place) for edge in edges), place)
