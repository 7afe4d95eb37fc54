"""How much work a call is: the lines of Python that it runs, which are the same on a busy machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(call: Callable[[], object]) -> int:
    """How many lines of Python a call runs, in this thread, those of the libraries included."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def growth(work: Callable[[int], Callable[[], object]], size: int, times: int = 2) -> float:
    """How many times the lines there are in ``times`` the size. ``work`` makes the call of a size."""
    work(times * size)()  # what is looked up once is known now
    small, large = lines_run(work(size)), lines_run(work(times * size))
    return large / small
