"""Spatial relations as boxes: an entity that is on, under, in, above, behind or in front of another one."""

from __future__ import annotations

import math

from dreamrunner.language.parts import Box
from dreamrunner.planning.keyframes import Edges
from dreamrunner.planning.narration.events import RelationKind

GROUND = 920
"""Where feet stand."""
ATTACHED: frozenset[RelationKind] = frozenset({"on", "under", "above", "inside", "held", "behind", "before"})
"""Spatial relations that put an entity where another one is, so that it needs no lane of its own."""
LOW = 400
"""The greatest height of a thing that an entity is on or above, or jumps over, in thousandths of the frame."""
RISE = 280
"""How far at least, in thousandths of the frame, one goes up from something or down to it."""
ROOMY = (340, 760)
"""The least width and height of a thing that an entity is under or in, in thousandths of the frame."""


def attach(kind: RelationKind, anchor: Edges, size: tuple[float, float], index: int = 0, count: int = 1) -> Edges:
    """The box of an entity that stands in a spatial relation to another one, the anchor.

    ``kind`` is the relation's, ``anchor`` the other's box, ``size`` the entity's usual width and height. Where
    ``count`` entities share the place, it is the ``index``-th of them, from 0.
    """
    x0, y0, x1, y1 = anchor
    across, down = x1 - x0, y1 - y0
    slot = across / count
    middle = x0 + slot * (index + 0.5)
    width, height = size
    if kind in ("on", "above"):
        bottom = y0 + 0.05 * down if kind == "on" else y0 - 25
        scale = min(1.0, max(slot, 120) / width, max(60.0, bottom - 20) / height)
    elif kind == "under" and y1 < GROUND - 180:
        bottom = float(GROUND)
        scale = min(1.0, (GROUND - y1 - 20) / height)
    elif kind == "under":
        bottom, scale = y1, min(1.0, 0.75 * slot / width, 0.5 * down / height)
    elif kind == "inside":
        bottom, scale = y1 - 0.08 * down, min(1.0, 0.8 * slot / width, 0.8 * down / height)
    elif kind == "held":
        middle = x0 + across * (0.8 if index % 2 == 0 else 0.2)
        scale = min(1.0, 0.5 * across / width, 0.35 * down / height)
        bottom = y0 + 0.6 * down + scale * height / 2
    else:
        side = (1 if x0 + x1 < 1000 else -1) * (-1 if kind == "before" and count > 1 else 1)
        aside = 0.27 * (across + width) * side
        middle = (x0 + x1) / 2 + aside
        scale = 0.85 if kind == "behind" else 1.0
        bottom = y1 - 70 if kind == "behind" else min(y1 + 60, 990)
        scale = min(scale, (bottom - 10) / height)
    width, height = width * scale, height * scale
    left = min(max(middle - width / 2, 0.0), 1000 - width)
    top = max(bottom - height, 0.0)
    return left, top, left + width, top + height


def climb(anchor: Edges, size: tuple[float, float], progress: float) -> Edges:
    """The box of an entity that climbs another one, which has the box ``anchor``: 0 at the foot, 1 at the top."""
    x0, y0, x1, y1 = anchor
    width, height = size
    scale = min(1.0, max(x1 - x0, 120) / width, 0.6 * (y1 - y0) / height if y1 - y0 > 200 else 1.0)
    width, height = width * scale, height * scale
    top = max(y0, 10.0)
    bottom = y1 + (top + height - y1) * progress
    left = min(max((x0 + x1 - width) / 2, 0.0), 1000 - width)
    return left, bottom - height, left + width, bottom


def smaller(box: Edges) -> Edges:
    """The box of one that would fill the frame, made smaller about the middle of its lower edge: it needs room to"
    " go."""
    x0, y0, x1, y1 = box
    small = min(1.0, max(y1 - 20.0 - RISE, 80.0) / (y1 - y0))
    spare = (x1 - x0) * (1 - small) / 2
    return x0 + spare, y1 - (y1 - y0) * small, x1 - spare, y1


def edges_of(box: Box) -> Edges:
    """A written box in thousandths of the frame."""
    # Outwards, so that the thinnest box that an author can write keeps a width.
    x0, y0 = (min(max(math.floor(edge * 1000), 0), 1000 - 1) for edge in (box.x0, box.y0))
    x1, y1 = (min(max(math.ceil(edge * 1000), 1), 1000) for edge in (box.x1, box.y1))
    return x0, y0, x1, y1
