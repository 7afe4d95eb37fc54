"""How every motion of the small world looks, moment by moment. Where a figure goes is its path's business."""

from __future__ import annotations

import math
from typing import NamedTuple

from dreamrunner.miniature.second.shapes import Pose

RATE = 8.0
"""Frames a second."""


class Stance(NamedTuple):
    """A figure at one moment: its pose, how far it is lifted and leant (units of half its height, radians), how wide
    and tall it is against its usual self, whether it looks the other way for now, and how far above its feet the point
    is that it leans about.
    """

    pose: Pose = Pose()
    up: float = 0.0
    tilt: float = 0.0
    wide: float = 1.0
    tall: float = 1.0
    turned: bool = False
    pivot: float = 0.0


TRAVELS = {
    "walks": (1.0, 3.6),
    "runs": (4.0, 8.5),
    "hops": (1.5, 4.0),
    "flies": (1.5, 6.0),
    "swims": (1.0, 4.0),
    "carries": (1.0, 3.6),
}
"""Motions that go somewhere, with their slowest and fastest pace in pixels a frame."""

IN_PLACE = (
    "stands",
    "waves",
    "jumps",
    "sits",
    "sleeps",
    "stirs",
    "dances",
    "reads",
    "eats",
    "claps",
    "sings",
    "looks",
    "turns",
)
VERTICAL = ("climbs", "falls", "grows", "shrinks")
HANDLING = ("lifts", "drops")
"""Picking something up and putting it down; with ``carries`` they come in a sequence."""

MOTIONS = (*TRAVELS, *IN_PLACE, *VERTICAL, *HANDLING)
HELD_OUT_MOTIONS = ("spins", "bows", "rolls", "stretches")
"""Motions that the generator never sees, each slow enough for eight frames a second."""

_STEP = 0.15


def _angle(value: float) -> float:
    """An angle rounded, so that few poses are ever drawn anew."""
    return round(value / _STEP) * _STEP


def _swing(t: float, period: float) -> float:
    return math.sin(2 * math.pi * t / period)


def stance(motion: str, t: float, *, length: float = 24.0) -> Stance:
    """How a figure that does ``motion`` stands at ``t`` frames after it began; ``length`` is for how many frames it
    does so, which the motions that happen once are spread over.

    Raises:
        KeyError: no such motion.
    """
    part = min(1.0, max(0.0, t / max(length, 1.0)))
    if motion in ("walks", "carries"):
        s = _swing(t, 8)
        arms = (
            {"left_arm": 2.1, "right_arm": 1.5}
            if motion == "carries"
            else {"left_arm": _angle(-0.7 * s), "right_arm": _angle(0.7 * s)}
        )
        return Stance(Pose(_angle(0.6 * s), _angle(-0.6 * s), **arms), up=0.07 * abs(s))
    if motion == "runs":
        s = _swing(t, 5)
        return Stance(
            Pose(_angle(1.0 * s), _angle(-1.0 * s), _angle(0.9 - 0.9 * s), _angle(0.9 + 0.9 * s)),
            up=0.16 * abs(s),
            tilt=0.2,
        )
    if motion == "hops":
        h = abs(_swing(t, 10))
        return Stance(Pose(0.3, 0.3, -0.9, 0.9, sunk=0.15 if h < 0.25 else 0.0), up=0.42 * h)
    if motion == "flies":
        s = _swing(t, 6)
        return Stance(
            Pose(-0.6, -0.3, _angle(-1.6 - 0.6 * s), _angle(1.6 + 0.6 * s)),
            up=0.08 * _swing(t, 12),
            tilt=0.45,
            pivot=0.8,
        )
    if motion == "swims":
        s = _swing(t, 8)
        return Stance(
            Pose(_angle(0.4 * s), _angle(-0.4 * s), _angle(2.6 + 0.5 * s), _angle(2.2 - 0.9 * s)), tilt=1.2, pivot=0.8
        )
    if motion == "stands":
        return Stance(Pose(sunk=0.03 if _swing(t, 16) > 0 else 0.0))
    if motion == "waves":
        return Stance(Pose(left_arm=-0.45, right_arm=_angle(2.45 + 0.55 * _swing(t, 6)), mouth=True))
    if motion == "jumps":
        h = abs(_swing(t, 14))
        return Stance(
            Pose(
                -0.15 if h > 0.2 else -0.3,
                0.15 if h > 0.2 else 0.3,
                _angle(-0.6 - 1.8 * h),
                _angle(0.6 + 1.8 * h),
                sunk=0.15 if h < 0.2 else 0.0,
                mouth=True,
            ),
            up=0.75 * h,
        )
    if motion == "sits":
        return Stance(Pose(1.2, 1.35, -0.3, 0.6, sunk=0.3), tall=1.0)
    if motion == "sleeps":
        return Stance(
            Pose(0.0, 0.15, 0.3, 0.6, eyes=False, mouth=_swing(t, 20) > 0.3), up=-0.38, tilt=-math.pi / 2, pivot=0.8
        )
    if motion == "stirs":
        return Stance(Pose(right_arm=_angle(1.0 + 0.5 * _swing(t, 10)), left_arm=0.6, nod=0.4, held="spoon"))
    if motion == "dances":
        s = _swing(t, 12)
        return Stance(
            Pose(
                _angle(-0.4 * s - 0.2), _angle(0.2 - 0.4 * s), _angle(-2.0 + 0.8 * s), _angle(2.0 + 0.8 * s), mouth=True
            ),
            up=0.1 * abs(_swing(t, 6)),
            tilt=0.28 * s,
        )
    if motion == "reads":
        return Stance(Pose(left_arm=0.9, right_arm=0.75, nod=0.5, held="book"))
    if motion == "eats":
        lift = 0.5 + 0.5 * _swing(t, 12)
        return Stance(Pose(left_arm=-0.3, right_arm=_angle(1.0 + 1.5 * lift), mouth=lift > 0.6, held="apple"))
    if motion == "claps":
        s = 0.5 + 0.5 * _swing(t, 6)
        return Stance(Pose(left_arm=_angle(1.2 + 0.5 * s), right_arm=_angle(1.5 - 1.0 * s), mouth=True))
    if motion == "sings":
        s = _swing(t, 14)
        return Stance(Pose(left_arm=-1.35, right_arm=1.35, nod=0.0, mouth=_swing(t, 7) > -0.2), tilt=0.12 * s)
    if motion == "looks":
        return Stance(Pose(nod=0.5, right_arm=2.1), turned=_swing(t, 20) < 0)
    if motion == "turns":
        return Stance(Pose(), wide=max(0.25, abs(math.cos(math.pi * t / 10))), turned=math.cos(math.pi * t / 10) < 0)
    if motion == "climbs":
        s = _swing(t, 8)
        return Stance(Pose(_angle(0.5 * s), _angle(-0.5 * s), _angle(-2.6 - 0.3 * s), _angle(2.6 - 0.3 * s)))
    if motion == "falls":
        return Stance(Pose(-0.45, 0.45, -2.4, 2.4, mouth=True), tilt=0.25 * _swing(t, 10))
    if motion in ("grows", "shrinks"):
        return Stance(Pose(left_arm=-0.9, right_arm=0.9, mouth=True))
    if motion == "lifts":
        low = math.sin(math.pi * part)
        return Stance(
            Pose(left_arm=_angle(1.5), right_arm=_angle(0.6 + 0.9 * part), sunk=round(0.25 * low, 2), nod=0.4),
            tilt=0.45 * low,
        )
    if motion == "drops":
        low = math.sin(math.pi * part)
        return Stance(
            Pose(
                left_arm=_angle(1.5 - 1.2 * part),
                right_arm=_angle(1.5 - 0.9 * part),
                sunk=round(0.25 * low, 2),
                nod=0.4,
            ),
            tilt=0.45 * low,
        )
    if motion == "spins":
        return Stance(Pose(left_arm=-1.5, right_arm=1.5), up=0.3, tilt=2 * math.pi * t / 20, pivot=0.8)
    if motion == "bows":
        low = math.sin(math.pi * t / 16) ** 2
        return Stance(
            Pose(left_arm=-0.75, right_arm=_angle(0.45 + 0.6 * low), nod=round(low, 1), eyes=low < 0.5), tilt=0.95 * low
        )
    if motion == "rolls":
        return Stance(Pose(0.9, 1.2, 0.9, 1.2, sunk=0.3), up=0.15, tilt=2 * math.pi * t / 24, pivot=0.7)
    if motion == "stretches":
        s = 0.5 - 0.5 * math.cos(2 * math.pi * t / 20)
        return Stance(
            Pose(left_arm=_angle(-0.45 - 2.3 * s), right_arm=_angle(0.45 + 2.3 * s), eyes=s < 0.6),
            wide=1 - 0.2 * s,
            tall=1 + 0.35 * s,
        )
    raise KeyError(motion)
