"""Edits of a beat: what it is, when it is, and when its boxes are where they are."""

from __future__ import annotations

from pathlib import Path

from dreamrunner.files.text import NAME
from dreamrunner.language.edits import Edits, number, quoted
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Block, Property, Text, Time
from dreamrunner.planning.directing.changes import Act, Describe, Drop, NotMade, OfBeat, Retime, Say, Stretch
from dreamrunner.planning.directing.facts import block_of, forms, margin_of, said_as
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

_SAME_TIME = 5e-4  # seconds
_DIGITS = 3  # of a second


def change_beat(text: str, change: OfBeat, planned: PlannedScene) -> str:
    """The text with one beat of a scene changed, whose beats are all written; ``planned`` is how they are seen.

    Raises NotMade.
    """
    syntax = parse(text, Path()).syntax
    block = block_of(syntax, change.scene)
    line, beat = lines_of_beats(block)[change.beat], planned.beats[change.beat]
    match change:
        case Describe():
            return _describe(text, block, margin_of(syntax, block), line, change)
        case Say():
            return _say(text, margin_of(syntax, block), line, change)
        case Act():
            return _act(text, line, change)
        case Stretch():
            return _stretch(text, line, beat, change)
        case Retime():
            return _retime(text, line, beat, change)
        case Drop():
            frame = _frame_at(line, beat, change.at)
            edits = Edits.of(text)
            edits.remove(frame.location)
            return edits.result()


def lines_of_beats(block: Block) -> list[BeatLine]:
    """The beats that are written in a scene."""
    return [item for item in block.body if isinstance(item, BeatLine)]


def stretched(at: float, beat: PlannedBeat, start: float, end: float) -> float:
    """When a key frame of a beat is, in seconds, once the beat goes from ``start`` to ``end``. One that lies outside of
    the beat stays."""
    if not beat.start - _SAME_TIME <= at <= beat.end + _SAME_TIME:
        return at
    share = (end - start) / (beat.end - beat.start)
    return round(start + (at - beat.start) * share, _DIGITS)


def _describe(text: str, block: Block, margin: int, line: BeatLine, change: Describe) -> str:
    said, old = said_as(change.text), line.description
    if not said:
        if old is None:
            return text
        edits, before = Edits.of(text), (line.span or line.motion or line.entity).location
        place = old.location
        edits.replace_stretch(_between(before, place), "")
        return edits.result()
    for words in forms(said, old, 2 * margin):
        edits = Edits.of(text)
        if old is not None:
            edits.replace_stretch(old.location, words)
        else:
            _append(edits, (line.span or line.motion or line.entity).location, f" {words}")
        new = edits.result()
        after = lines_of_beats(block_of(parse(new, Path()).syntax, change.scene))[change.beat]
        if after.description is not None and after.description.value == said:
            return new
    raise NotMade("this description can't be written in a story")


def _say(text: str, margin: int, line: BeatLine, change: Say) -> str:
    said = " ".join(said_as(change.text).split())
    edits = Edits.of(text)
    if change.number < len(line.says):
        old = line.says[change.number]
        if said:
            edits.replace_stretch(old.one(Text).location, quoted(said))
        else:
            edits.remove(old.location)
    elif said:
        parts = [part for part in (line.entity, line.motion, line.span, line.description, *line.parts) if part]
        column = line.parts[0].location.column - 1 if line.parts else 2 * margin
        last = max(part.location.end_line for part in parts)
        edits.insert_after(last, [f"{' ' * column}says {quoted(said)}"])
    return edits.result()


def _between(before: Location, place: Location) -> Location:
    """A stretch from the end of one part of a line to the end of another."""
    return Location(place.file, before.end_line, before.end_column, place.end_line, place.end_column)


def _append(edits: Edits, before: Location, words: str) -> None:
    edits.replace(before.end_line, before.end_column, before.end_column, words)


def _act(text: str, line: BeatLine, change: Act) -> str:
    edits, entity = Edits.of(text), line.entity.location
    if change.motion and not NAME.fullmatch(change.motion):
        raise NotMade(f"`{shown(change.motion)}` is no motion: letters, digits, - and _ make one, as in stirring-a-pot")
    if line.motion is not None:
        edits.replace_stretch(_between(entity, line.motion.location), f" {change.motion}".rstrip())
    elif change.motion:
        _append(edits, entity, f" {change.motion}")
    return edits.result()


def _stretch(text: str, line: BeatLine, beat: PlannedBeat, change: Stretch) -> str:
    start, end = round(change.start, _DIGITS), round(change.end, _DIGITS)
    if start >= end:
        raise NotMade("a beat begins before it ends")
    edits, words = Edits.of(text), f"{number(start)}s..{number(end)}s"
    if line.span is not None:
        edits.replace_stretch(line.span.location, words)
    else:
        _append(edits, (line.motion or line.entity).location, f" {words}")
    for part in line.parts:
        time = part.maybe(Time)
        if time is None:
            continue
        at = stretched(time.seconds, beat, start, end)
        if abs(at - time.seconds) >= _SAME_TIME:
            edits.replace_stretch(time.location, f"{number(at)}s")
    return edits.result()


def _retime(text: str, line: BeatLine, beat: PlannedBeat, change: Retime) -> str:
    frame, to = _frame_at(line, beat, change.at), round(change.to, _DIGITS)
    if not beat.start - _SAME_TIME <= to <= beat.end + _SAME_TIME:
        raise NotMade(f"{beat.entity} is not there at {number(to)} s")
    others = [each for each in line.keyframes if each is not frame]
    if any(abs(each.one(Time).seconds - to) < _SAME_TIME for each in others):
        raise NotMade(f"there is a key frame at {number(to)} s already")
    edits, time = Edits.of(text), frame.one(Time)
    edits.replace_stretch(time.location, f"{number(to)}s")
    order = sorted(line.keyframes, key=lambda each: to if each is frame else each.one(Time).seconds)
    if [each.location for each in order] == [each.location for each in line.keyframes]:
        return edits.result()
    # It goes among the others in the order of time, with its comment.
    moved = edits.part(frame.location.line, frame.location.end_line + 1).rstrip("\r\n")
    edits = Edits.of(text)
    edits.gone |= set(range(frame.location.line, frame.location.end_line + 1))
    place = order.index(frame)
    above = order[place - 1].location.end_line if place else line.keyframes[0].location.line - 1
    edits.insert_after(above, [moved])
    return edits.result()


def _frame_at(line: BeatLine, beat: PlannedBeat, at: float) -> Property:
    frame = next((each for each in line.keyframes if abs(each.one(Time).seconds - at) < _SAME_TIME), None)
    if frame is not None:
        return frame
    for word, edge in (("enters", beat.start), ("leaves", beat.end)):
        side = line.side(word)
        if side is not None and abs(edge - at) < _SAME_TIME:
            raise NotMade(f"`{word} {side.text}` says where {beat.entity} is at {number(at)} s")
    raise NotMade(f"there is no key frame at {number(at)} s")
