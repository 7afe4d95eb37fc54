"""How often and how long a server is asked again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: ``request`` for one reply, ``total`` for all tries and pauses of one answer.

    A reply that fails for a while (429, 5xx, a broken or refused connection, no reply in time) is asked for again,
    ``tries`` times in all. The pauses between double from ``pause`` up to ``longest_pause``, or are as long as the
    server asks for.
    """

    request: float = 90.0
    total: float = 240.0
    tries: int = 4
    pause: float = 1.0
    longest_pause: float = 30.0


def retry_after(header: str | None) -> float | None:
    """Seconds that the server asks to wait, as a number or until a date."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return float(max(0, math.ceil((until - datetime.now(until.tzinfo or UTC)).total_seconds())))
