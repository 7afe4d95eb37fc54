"""Checking how long scenes last: what they say, what the model films in one go, and whether narrations can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from dreamrunner.language.diagnostics import Change, Diagnostic, diagnostic
from dreamrunner.language.limits import Limits
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.reading_time import reading_seconds
from dreamrunner.language.sound.lines import said_in
from dreamrunner.language.story import DEFAULT_DURATION, MISSING, Missing, Scene
from dreamrunner.language.syntax import BeatLine, Property, Time, Word

_LONGEST = 3600.0
_CLOSE = 1e-9  # times this near are the same


def takes_its_time(facts: Mapping[str, Property]) -> bool:
    """Whether a scene with these properties is as long as its words take to read and say: ``duration auto``."""
    return "duration" in facts and facts["duration"].maybe(Time) is None


def duration_of(
    facts: Mapping[str, Property],
    lines: Sequence[BeatLine],
    limits: Limits | None,
    found: list[Diagnostic],
    *,
    narrator: str = "",
) -> float | Missing:
    """Seconds that a scene with these properties and beats lasts, MISSING where it doesn't say; faults go to ``found``.

    With ``auto`` it lasts until its narration is read, or said where there is a ``narrator``, its lines are said, and
    the last time that its beats name.
    """
    if "duration" not in facts:
        return MISSING
    fact = facts["duration"]
    time = fact.maybe(Time)
    if time is None:
        place = fact.one(Word).location
        needed = max((ends for _, ends in said_in(facts, lines, narrator)), default=0.0)
        if not needed and "from" not in facts:
            found.append(diagnostic("nothing-to-read", place, seconds=f"{DEFAULT_DURATION:g}s"))
        seconds = min(max([needed or DEFAULT_DURATION, *_times(lines)]), _LONGEST)
    elif 0 < time.seconds <= _LONGEST:
        place, seconds = time.location, time.seconds
    else:
        problem = f"a scene lasts more than 0s and at most {_LONGEST:g}s, not {shown(time.raw)}"
        found.append(diagnostic("bad-value", time.location, problem=problem, help="say for example `6s`"))
        return MISSING
    if limits is not None and seconds > limits.seconds + _CLOSE:
        most = f"{limits.seconds:g}s"
        found.append(diagnostic("long-scene", place, length=f"{seconds:g}s", model=limits.model, seconds=most))
    return seconds


def too_long_to_read(facts: Mapping[str, Property], scene: Scene) -> Iterator[Diagnostic]:
    """A warning where a scene's narration takes longer to read than the scene lasts. Fills are their planner's."""
    needed = reading_seconds(scene.narration or "")
    if "narration" not in facts or "from" in facts or needed <= scene.seconds + _CLOSE:
        return
    time = facts["duration"].maybe(Time) if "duration" in facts else None
    place = time.location if time is not None else facts["narration"].word.location
    start = replace(place, end_line=place.line, end_column=place.column)
    above = Change(start, f"duration {needed:g}s\n{' ' * (place.column - 1)}")
    yield diagnostic(
        "long-narration",
        place,
        help="say less, or split the scene" if needed > _LONGEST else None,
        fix=() if needed > _LONGEST else [Change(place, f"{needed:g}s") if time is not None else above],
        scene=scene.name,
        needed=f"{needed:g}s",
        length=f"{scene.seconds:g}s",
    )


def _times(lines: Iterable[BeatLine]) -> Iterator[float]:
    """The times that beats and their key frames name."""
    for line in lines:
        if line.span is not None:
            yield line.span.end.seconds
        for frame in line.keyframes:
            yield frame.one(Time).seconds
        for part in line.says:
            if (time := part.maybe(Time)) is not None:
                yield time.seconds
