"""How far long work is, for whoever waits for it: heard only while somebody listens. No result depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Hears = Callable[[str, float], object]
"""Takes what is being done, as "reading the narrations", and how much of it is done, from 0 to 1."""

SILENT = 2.0
"""Seconds that work may take before people are shown how far it is."""

_HEARS: ContextVar[Hears | None] = ContextVar("_HEARS", default=None)
_T = TypeVar("_T")


@contextmanager
def hearing(hears: Hears) -> Iterator[None]:
    """Let ``hears`` be told of what goes :func:`through` something inside of the block."""
    token = _HEARS.set(hears)
    try:
        yield
    finally:
        _HEARS.reset(token)


def through(items: Sequence[_T], doing: str, weight: Callable[[_T], int] = lambda item: 1) -> Iterator[_T]:
    """The items one after the other, while whoever listens hears how far that is.

    ``weight`` is how much of the work an item is, compared with others. What goes through something itself while it has
    an item in hand moves the same measure on, by a part of that item's.
    """
    hears = _HEARS.get()
    if hears is None:
        yield from items
        return
    sizes = [max(1, weight(item)) for item in items]
    total, done = sum(sizes), 0
    try:
        for item, size in zip(items, sizes, strict=True):
            begun, part = done / total, size / total
            hears(doing, begun)
            _HEARS.set(_within(hears, doing, begun, part))
            yield item
            done += size
    finally:
        _HEARS.set(hears)


def _within(hears: Hears, doing: str, begun: float, part: float) -> Hears:
    return lambda _, inner: hears(doing, begun + part * inner)
