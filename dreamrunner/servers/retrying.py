"""Asking a server again: how often, how long, and what a fault that may pass is. Both clients of servers ask this
way."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from dreamrunner.files.wording import counted

_T = TypeVar("_T")

MOST_PAID = 2
"""How often one thing is asked for at most where each time may have been paid for."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a request is repeated that failed for a while (429, 5xx, a broken or refused connection, no reply)."""

    request: float = 90.0
    """Seconds to wait for one reply."""
    total: float = 240.0
    """Seconds for all tries and pauses of one answer."""
    tries: int = 4
    """Requests in all, at least 1."""
    pause: float = 1.0
    """Seconds before the second request; each further pause is twice as long, with up to a quarter added at random."""
    longest_pause: float = 30.0
    """Seconds that a pause has at most, unless the server asks for more."""


class Transient(Exception):
    """A request failed in a way that may pass. ``str()`` says how.

    ``wait`` is how long the server asks to wait, in seconds, or None; ``unreachable`` says that no server answered;
    ``paid`` that the server may have done its work, and charge for it, all the same.
    """

    def __init__(self, reason: str, wait: float | None = None, unreachable: bool = False, paid: bool = False) -> None:
        super().__init__(reason)
        self.wait, self.unreachable, self.paid = wait, unreachable, paid


class GaveUp(Exception):
    """The last of a policy's tries failed. ``str()`` says how, after how many tries, and what to do."""

    def __init__(self, fault: Transient, tries: int) -> None:
        tried = counted(tries, "try", "tries")
        waited = f"; the server asks to wait {fault.wait:g} seconds" if fault.wait is not None else ""
        super().__init__(f"{fault}, after {tried}{waited}; run the command again to go on")
        self.fault = fault


async def ask(request: Callable[[], Awaitable[_T]], policy: RetryPolicy, late: str = "no reply") -> _T:
    """The reply to ``request``, repeated while it raises :class:`Transient` or takes too long (``late`` says of what).

    What may have been paid for is asked for :data:`MOST_PAID` times at most.

    Raises:
        GaveUp: the tries or the time of ``policy`` are used up.
    """
    loop = asyncio.get_running_loop()
    end, pause, tried, paid = loop.time() + policy.total, policy.pause, 0, 0
    while True:
        tried += 1
        try:
            async with asyncio.timeout(min(policy.request, max(0.0, end - loop.time()))):
                return await request()
        except TimeoutError:
            fault = Transient(f"{late} within {policy.request:g} seconds", paid=True)
        except Transient as error:
            fault = error
        paid += fault.paid
        wait = fault.wait if fault.wait is not None else pause * random.uniform(1.0, 1.25)
        pause = min(2 * pause, policy.longest_pause)
        if tried >= policy.tries or paid >= MOST_PAID or loop.time() + wait >= end:
            raise GaveUp(fault, tried) from None
        await asyncio.sleep(wait)


def retry_after(header: str | None) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait, as a number or until a date; None for anything else."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            until = parsedate_to_datetime(header)
            seconds = math.ceil((until - datetime.now(until.tzinfo or UTC)).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
