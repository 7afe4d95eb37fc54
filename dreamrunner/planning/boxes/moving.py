"""How boxes move on: turned back at the ends of their room, scaled, and no faster than they may."""

from __future__ import annotations

from dreamrunner.planning.boxes.lanes import Lane
from dreamrunner.planning.keyframes import Edges


def scaled(box: Edges, first: float, last: float, share: float, lane: Lane) -> Edges:
    """Scale a box about the middle of its lower edge, inside its lane."""
    x0, y0, x1, y1 = box
    scale = min(first + (last - first) * share, (lane.right - lane.left) / (x1 - x0), (y1 - 10) / (y1 - y0))
    width, middle = (x1 - x0) * scale, (x0 + x1) / 2
    left = min(max(middle - width / 2, lane.left), lane.right - width)
    return left, y1 - (y1 - y0) * scale, left + width, y1


def turn(at: float, low: float, high: float) -> tuple[float, bool]:
    """Reflect a position into [low, high]; also say whether it now goes the other way."""
    turned = False
    while not low <= at <= high:
        if high - low < 1 or abs(at - low) < 1e-6 or abs(at - high) < 1e-6:
            return min(max(at, low), high), turned
        at, turned = 2 * (low if at < low else high) - at, not turned
    return at, turned


def toward(gap: float, most: float) -> float:
    """How far of a gap is gone where ``most`` is allowed."""
    return max(-most, min(most, gap))
