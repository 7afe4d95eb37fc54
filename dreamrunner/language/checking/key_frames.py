"""Checking where entities are in the frame: boxes, their times, and by which sides they come and go."""

from __future__ import annotations

import math

from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.limits import Limits
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.mistakes.boxes import meant_box
from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.language.places import PLACES
from dreamrunner.language.sides import HIGHEST, LOWEST, SIDES, Side
from dreamrunner.language.story import Beat, Location, Missing, Span
from dreamrunner.language.syntax import BeatLine, BoxNumbers, Time, Word

_CLOSE = 1e-9  # times this near are the same


def outside_scene(place: Location, raw: str, length: float) -> Diagnostic:
    """The diagnostic of a time, as it is written at a place, that a scene of ``length`` seconds does not reach."""
    return diagnostic("outside-scene", place, time=shown(raw), length=f"{length:g}s")


class FrameChecker:
    """Checks what stands under beats; faults go to ``found``, and to ``unseen`` what is only told where there are none:
    a key frame that can't be read may be in the picture."""

    def __init__(self, found: list[Diagnostic], limits: Limits | None = None) -> None:
        self.limits = limits
        self.found = found
        self.unseen: list[Diagnostic] = []

    def read(self, line: BeatLine, length: float) -> tuple[KeyFrame, ...]:
        """The key frames of a beat in a scene of ``length`` seconds, by their time."""
        frames: dict[float, KeyFrame] = {}
        places: dict[float, Location] = {}
        for item in line.keyframes:
            time = item.one(Time)
            box = self._box(item.place)
            if time.seconds > length + _CLOSE:
                self.found.append(outside_scene(time.location, time.raw, length))
            elif time.seconds in frames:
                related = [("first said here", places[time.seconds])]
                self.found.append(
                    diagnostic("key-frame-twice", time.location, time=time.raw, name=line.entity.text, related=related)
                )
            elif box is not None:
                frames[time.seconds] = KeyFrame(time.seconds, box)
                places[time.seconds] = time.location
        return tuple(frames[at] for at in sorted(frames))

    def _box(self, where: Word | BoxNumbers) -> Box | None:
        if isinstance(where, Word):
            if where.text in PLACES:
                return PLACES[where.text]
            advice = did_you_mean(closest(where.text, PLACES), mark="`") or None
            self.found.append(diagnostic("unknown-place", where.location, name=shown(where.text), help=advice))
            return None
        numbers = where.numbers
        if len(numbers) != 4:
            meant = meant_box(where)
            self.found.append(diagnostic("box-count", where.location, count=len(numbers), **meant))
            return None
        for number in numbers:
            if not LOWEST <= number.value <= HIGHEST:
                meant = meant_box(where)
                self.found.append(diagnostic("box-outside", number.location, number=shown(number.raw), **meant))
                return None
        x0, y0, x1, y1 = (number.value for number in numbers)
        empty = [pair for pair, low, high in (("x", x0, x1), ("y", y0, y1)) if not low < high]
        if empty:
            high = "x1, and y0 less than y1" if len(empty) == 2 else f"{empty[0]}1"
            self.found.append(diagnostic("empty-box", where.location, low=f"{empty[0]}0", high=high))
            return None
        box = Box(x0, y0, x1, y1)
        if self.limits is not None and not self.limits.covers(box):
            limits = self.limits
            least = f"{math.ceil(100 / limits.columns) / 100:g} wide and {math.ceil(100 / limits.rows) / 100:g} high"
            self.found.append(diagnostic("small-box", where.location, model=limits.model, least=least))
        return box

    def sides(self, line: BeatLine, span: Span | Missing, length: float) -> tuple[Side | None, Side | None]:
        """By which side of the picture an entity comes in a beat, and by which it goes."""
        start, end = (0.0, length) if isinstance(span, Missing) else (span.start, span.end)
        return self._side(line, "enters", start), self._side(line, "leaves", end)

    def _side(self, line: BeatLine, word: str, at: float) -> Side | None:
        facts = [part for part in line.sides if part.word.text == word]
        if not facts:
            return None
        for extra in facts[1:]:
            related = [("first said here", facts[0].word.location)]
            self.found.append(diagnostic("property-twice", extra.word.location, name=word, related=related))
        told = facts[0].one(Word)
        side = next((side for side in SIDES if side == told.text), None)
        if side is None:
            near = did_you_mean(closest(told.text, SIDES), mark="`") or None
            self.found.append(diagnostic("unknown-side", told.location, name=shown(told.text), word=word, help=near))
        for frame in line.keyframes:
            time = frame.one(Time)
            if side is not None and abs(time.seconds - at) < _CLOSE:
                self.found.append(
                    diagnostic(
                        "key-frame-twice",
                        time.location,
                        name=line.entity.text,
                        time=time.raw,
                        help=f"`{word} {side}` says where it is at {at:g}s; take one of the two away",
                        related=[("said here", facts[0].location)],
                    )
                )
        return side

    def never_seen(self, line: BeatLine, beat: Beat) -> None:
        """Warn of a beat whose written boxes all lie outside the picture, on one side of it."""
        boxes = [frame.box for frame in beat.keyframes]
        if not boxes or beat.enters or beat.leaves or len(boxes) != len(line.keyframes):
            return
        outside = (
            all(box.x1 <= 0 for box in boxes),
            all(box.x0 >= 1 for box in boxes),
            all(box.y1 <= 0 for box in boxes),
            all(box.y0 >= 1 for box in boxes),
        )
        if any(outside):
            place = line.keyframes[0].place.location
            self.unseen.append(diagnostic("never-seen", place, name=line.entity.text))

    def outside_span(self, line: BeatLine, span: Span) -> None:
        """Warn of the first key frame at a time when its beat is not."""
        for item in line.keyframes:
            time = item.one(Time)
            if not span.start - _CLOSE <= time.seconds <= span.end + _CLOSE:
                self.found.append(
                    diagnostic("outside-span", time.location, time=time.raw, span=f"{span.start:g}s..{span.end:g}s")
                )
                return
