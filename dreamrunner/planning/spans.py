"""When each beat happens: beats without a span share the time that their entity's other beats leave free."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from fractions import Fraction
from typing import TypeVar

from dreamrunner.language.story import MISSING, Missing, Span

E = TypeVar("E", bound=Hashable)

SHORTEST = 0.1
"""Seconds below which a span counts as no time at all: less than two frames of any film."""


def fill_spans(spans: Sequence[Span | Missing], duration: float) -> tuple[Span | Missing, ...]:
    """Give one entity's beats their spans; ``spans`` are in the order of the text, ``duration`` is the scene's seconds.

    A run of beats without spans goes between the written beats around it; where those leave no time, into any time
    that is free. There the run's time is split evenly and in order. Written spans come back as they are. A beat for
    which no time is left stays :data:`~dreamrunner.language.MISSING`.
    """
    filled = list(spans)
    position = 0
    while position < len(filled):
        if filled[position] is not MISSING:
            position += 1
            continue
        end = position
        while end < len(filled) and filled[end] is MISSING:
            end += 1
        former = filled[position - 1] if position else MISSING
        following = filled[end] if end < len(filled) else MISSING
        after = former.end if former is not MISSING else 0.0
        before = following.start if following is not MISSING else duration
        taken = [span for span in filled if span is not MISSING]
        for window in ((after, before), (0.0, duration)):
            found = _split(_free(taken, *window), end - position)
            if found:
                filled[position:end] = found
                break
        position = end
    return tuple(filled)


def share(sizes: Sequence[float], items: int) -> tuple[int, ...]:
    """Say how many of ``items`` go into each of the rooms so that the narrowest place is as wide as can be."""
    counts = [0] * len(sizes)
    for _ in range(items):
        widest = max(range(len(sizes)), key=lambda room: (sizes[room] / (counts[room] + 1), -room))
        counts[widest] += 1
    return tuple(counts)


def by_entity(entities: Sequence[E]) -> dict[E, list[int]]:
    """Group positions by entity, both in the order of the text."""
    groups: dict[E, list[int]] = {}
    for position, entity in enumerate(entities):
        groups.setdefault(entity, []).append(position)
    return groups


def _free(taken: Sequence[Span], start: float, end: float) -> list[Span]:
    """The stretches of [start, end) that no span of ``taken`` covers, in order."""
    free, at = [], start
    for span in sorted(taken, key=lambda span: span.start):
        if span.start > at:
            free.append(Span(at, min(span.start, end)))
        at = max(at, span.end)
    if at < end:
        free.append(Span(at, end))
    return [span for span in free if span.end - span.start >= SHORTEST]


def _split(free: Sequence[Span], count: int) -> list[Span]:
    """``count`` spans in ``free``, in order; empty when some would be shorter than :data:`SHORTEST`."""
    if not free:
        return []
    found = []
    for room, parts in zip(free, share([span.end - span.start for span in free], count), strict=True):
        # Whole milliseconds, as the language writes them; the room's own ends stay exact.
        cuts = [room.start, *(round(_between(room, part, parts), 3) for part in range(1, parts)), room.end]
        found += [Span(a, b) for a, b in itertools.pairwise(cuts) if parts]
    return found if all(span.end - span.start >= SHORTEST / 2 for span in found) else []


def _between(room: Span, part: int, parts: int) -> float:
    return float(Fraction(room.start) + (Fraction(room.end) - Fraction(room.start)) * part / parts)
