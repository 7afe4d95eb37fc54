"""Checking the lines ``says``: what is said under a beat, and whether there is time for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dreamrunner.files.text import one_line
from dreamrunner.language.diagnostics import Change, Diagnostic, diagnostic
from dreamrunner.language.parts import Saying
from dreamrunner.language.reading_time import reading_seconds
from dreamrunner.language.sound.speaking import Turn, in_turn, speaking_seconds
from dreamrunner.language.story import Span
from dreamrunner.language.syntax import BeatLine, Property, Text, Time

_CLOSE = 1e-9  # times this near are the same
_STEPS = 10  # to a second, to which lengths are rounded up


def sayings(line: BeatLine, length: float, found: list[Diagnostic]) -> tuple[Saying, ...]:
    """What is said under a beat of a scene, ``length`` seconds long; faults go to ``found``."""
    said: list[Saying] = []
    for part in line.says:
        time, text = part.maybe(Time), part.one(Text)
        if not one_line(text.value):
            problem = "nothing is said here"
            found.append(diagnostic("bad-value", text.location, problem=problem, help="take the line away"))
        elif time is not None and time.seconds > length + _CLOSE:
            related = [("the beat's span", line.span.location)] if line.span is not None else ()
            found.append(
                diagnostic("outside-scene", time.location, time=time.raw, length=f"{length:g}s", related=related)
            )
        else:
            said.append(Saying(text.value, time.seconds if time is not None else None))
    return tuple(said)


def said_outside(line: BeatLine, span: Span, length: float) -> Iterator[Diagnostic]:
    """A warning at the first line that is said when its beat, which lasts for ``span``, has not begun or is over.

    What is outside the scene, ``length`` seconds long, is told by ``sayings``.
    """
    for part in line.says:
        due = part.maybe(Time)
        if due is None or line.span is None or span.start - _CLOSE <= due.seconds <= span.end + _CLOSE:
            continue
        if due.seconds > length + _CLOSE:
            return
        yield diagnostic(
            "speech-outside-beat",
            due.location,
            time=due.raw,
            name=line.entity.text,
            span=f"{span.start:g}s..{span.end:g}s",
            related=[("the beat's span", line.span.location)],
        )
        return


def said_in(
    facts: Mapping[str, Property], lines: Sequence[BeatLine], narrator: str = ""
) -> Iterator[tuple[Property, float]]:
    """The narration of a scene and every line ``says`` in it, in turn, each with when it is over, about."""
    told = facts["narration"].text if "narration" in facts else ""
    told_in = max(reading_seconds(told), speaking_seconds(told) if narrator else 0.0)
    turns = [(facts["narration"], Turn(told_in))] if told_in else []
    for line in lines:
        since = line.span.start.seconds if line.span is not None else 0.0
        for part in line.says:
            time = part.maybe(Time)
            at = time.seconds if time is not None else None
            turns.append((part, Turn(speaking_seconds(part.text), at, since)))
    begins = in_turn([turn for _, turn in turns])
    for (fact, turn), begin in zip(turns, begins, strict=True):
        yield fact, math.ceil((begin + turn.seconds) * _STEPS - _CLOSE) / _STEPS


def too_long_to_say(
    facts: Mapping[str, Property], lines: Sequence[BeatLine], length: float, narrator: str = ""
) -> Iterator[Diagnostic]:
    """A warning for each beat of a scene, ``length`` seconds long, whose words run on when it is over."""
    if not any(line.says for line in lines):
        return
    over = {fact.location: ends for fact, ends in said_in(facts, lines, narrator)}
    for line in lines:
        end = min(line.span.end.seconds, length) if line.span is not None else length
        late = next((part for part in line.says if over[part.location] > end + _CLOSE), None)
        if late is None or ((time := late.maybe(Time)) is not None and time.seconds > end):
            continue
        needed = max(over[part.location] for part in line.says)
        what = "its beat ends" if line.span is not None else "the scene ends"
        yield diagnostic(
            "long-speech",
            late.word.location,
            name=line.entity.text,
            needed=f"{needed:g}s",
            what=what,
            end=f"{end:g}s",
            related=[("the beat's span", line.span.location)] if line.span is not None else (),
            fix=_room(facts, line),
        )


def _room(facts: Mapping[str, Property], line: BeatLine) -> list[Change]:
    """What makes a scene as long as its words; nothing where the beat has a length of its own."""
    if line.span is not None:
        return []
    if "duration" in facts:
        time = facts["duration"].maybe(Time)
        return [Change(time.location, "auto")] if time is not None else []
    place = line.entity.location
    above = replace(place, end_line=place.line, end_column=place.column)
    return [Change(above, f"duration auto\n{' ' * (place.column - 1)}")]
