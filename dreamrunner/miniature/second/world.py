"""The small world: what a clip holds, and how it is drawn.

A clip is 49 frames of 192 x 128 pixels, 8 a second. Every figure has a path, which says where it is and how tall at
each moment, and a row of acts, which say what it does and when. Everything is continuous in place, size and time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import cv2
import numpy as np

from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH, backdrop
from dreamrunner.miniature.second.characters import COLOURS, KINDS
from dreamrunner.miniature.second.motions import Stance, stance
from dreamrunner.miniature.second.props import PROPS
from dreamrunner.miniature.second.shapes import Pose
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS, look

FRAMES = 49


@dataclass(frozen=True)
class Act:
    """One thing that a figure does, from frame ``start`` to frame ``end`` (may lie outside of the clip).

    ``way`` is what a caption may say of it: leftwards, rightwards, up, down or nothing. ``facing`` is 1 for looking to
    the right, -1 for the left. ``phase`` is how many frames into its motion the figure is at ``start``.
    """

    motion: str
    start: float = 0.0
    end: float = float(FRAMES)
    way: str = ""
    facing: int = 1
    phase: float = 0.0


@dataclass(frozen=True)
class Key:
    """Where a figure is at one frame: the middle of its feet in pixels, and its height in pixels."""

    frame: float
    x: float
    foot: float
    tall: float


@dataclass(frozen=True)
class Figure:
    """One character or thing.

    ``path`` has one key or more in the order of time and goes straight from one to the next. ``acts`` follow one
    another; a thing has none. ``colour`` and ``look`` are empty for a kind's own. Figures of a clip are drawn in order
    of ``depth``, lowest first. ``rope`` hangs a rope where the figure is.
    """

    kind: str
    path: tuple[Key, ...]
    acts: tuple[Act, ...] = ()
    colour: str = ""
    look: str = ""
    depth: float = 0.0
    rope: bool = False

    @property
    def is_prop(self) -> bool:
        return self.kind in PROPS

    def at(self, frame: float) -> tuple[float, float, float]:
        """Its x, foot and height at a frame."""
        keys = self.path
        if frame <= keys[0].frame or len(keys) == 1:
            return keys[0].x, keys[0].foot, keys[0].tall
        for before, after in pairwise(keys):
            if frame <= after.frame:
                share = (frame - before.frame) / max(after.frame - before.frame, 1e-6)
                return (
                    before.x + (after.x - before.x) * share,
                    before.foot + (after.foot - before.foot) * share,
                    before.tall + (after.tall - before.tall) * share,
                )
        return keys[-1].x, keys[-1].foot, keys[-1].tall

    def act_at(self, frame: float) -> Act | None:
        """What it does at a frame; the first act before it began and the last one after it ended."""
        for act in self.acts:
            if frame < act.end:
                return act
        return self.acts[-1] if self.acts else None


@dataclass(frozen=True)
class Clip:
    """A place, by day or by night, and who is there."""

    background: str
    night: bool = False
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A kind in one pose: all points in one array, and for each polygon its slice, colour and whether it is convex."""

    points: np.ndarray
    polygons: tuple[tuple[slice, object, bool], ...]


def _drawing(parts: list) -> _Drawing:
    polygons, start = [], 0
    for points, colour in parts:
        stop = start + len(points)
        polygons.append(
            (slice(start, stop), colour, bool(cv2.isContourConvex(np.round(points * 1000).astype(np.int32))))
        )
        start = stop
    return _Drawing(np.concatenate([points for points, _ in parts]), tuple(polygons))


@lru_cache(maxsize=20_000)
def _character(kind: str, pose: Pose, its_look: str) -> _Drawing:
    draw = (KINDS.get(kind) or HELD_OUT_KINDS[kind])[0]
    return _drawing(draw(pose) + (look(its_look, pose) if its_look else []))


@cache
def _prop(kind: str) -> _Drawing:
    return _drawing(PROPS[kind][0]())


@cache
def _palette(kind: str, colour: str) -> dict[object, tuple[int, int, int]]:
    own = (KINDS.get(kind) or HELD_OUT_KINDS.get(kind) or PROPS[kind])[1]
    main = COLOURS[colour] if colour else own
    return {
        "main": main,
        "dark": tuple(int(0.72 * value) for value in main),
        "light": tuple(int(value + 0.55 * (255 - value)) for value in main),
    }


def stance_of(figure: Figure, frame: float) -> tuple[Stance, int]:
    """A figure's stance at a frame, and the side that it looks to."""
    act = figure.act_at(frame)
    if act is None:
        return Stance(), 1
    found = stance(act.motion, frame - act.start + act.phase, length=act.end - act.start)
    return found, -act.facing if found.turned else act.facing


def placed(figure: Figure, frame: float) -> tuple[_Drawing, np.ndarray]:
    """The figure's drawing at a frame, and its points in pixels of the picture, float (n, 2)."""
    x, foot, tall = figure.at(frame)
    if figure.is_prop:
        drawing = _prop(figure.kind)
        return drawing, drawing.points * tall + (x, foot)
    found, side = stance_of(figure, frame)
    drawing = _character(figure.kind, found.pose, figure.look)
    half = tall / 2
    # whoever looks to the left is mirrored, the way it leans too
    cos, sin = math.cos(found.tilt), side * math.sin(found.tilt)
    turn = np.array([[cos * found.wide * side, sin * found.wide * side], [-sin * found.tall, cos * found.tall]]) * half
    return drawing, np.add(drawing.points, (0.0, found.pivot)) @ turn + (x, foot - (found.up + found.pivot) * half)


def _paint(image: np.ndarray, drawing: _Drawing, points: np.ndarray, palette: dict) -> None:
    fixed = np.round(points * 16).astype(np.int32)
    for where, colour, convex in drawing.polygons:
        shade = palette.get(colour, colour)
        if convex:
            cv2.fillConvexPoly(image, fixed[where], shade, cv2.LINE_AA, 4)
        else:
            cv2.fillPoly(image, [fixed[where]], shade, cv2.LINE_AA, 4)


def paint_figure(image: np.ndarray, figure: Figure, frame: float) -> None:
    """Paint one figure at a frame over a picture, uint8 (128, 192, 3), RGB."""
    drawing, points = placed(figure, frame)
    low, high = points.min(0), points.max(0)
    if high[0] < 0 or low[0] > WIDTH or high[1] < 0 or low[1] > HEIGHT:
        return
    if figure.rope:
        across = int(figure.at(frame)[0] * 16)
        cv2.line(image, (across, 0), (across, 118 * 16), (150, 112, 66), 2, cv2.LINE_AA, 4)
    _paint(image, drawing, points, _palette(figure.kind, figure.colour))


def paint(clip: Clip, frame: float, out: np.ndarray | None = None) -> np.ndarray:
    """The clip at one frame: uint8 (128, 192, 3), RGB."""
    image = out if out is not None else np.empty((HEIGHT, WIDTH, 3), np.uint8)
    image[:] = backdrop(clip.background, clip.night)
    for figure in sorted(clip.figures, key=lambda figure: figure.depth):
        paint_figure(image, figure, frame)
    return image


def draw(clip: Clip, frames: int = FRAMES, *, start: int = 0, out: np.ndarray | None = None) -> np.ndarray:
    """The clip's frames: uint8 (frames, 128, 192, 3), RGB; into ``out`` where given."""
    video = out if out is not None else np.empty((frames, HEIGHT, WIDTH, 3), np.uint8)
    for index in range(frames):
        paint(clip, start + index, video[index])
    return video


def bounds(figure: Figure, frame: float) -> tuple[float, float, float, float] | None:
    """The figure's box at a frame, normalized (x0, y0, x1, y1) and cut to the picture; nothing when less than a tenth
    of it is in the picture.
    """
    points = placed(figure, frame)[1]
    low, high = points.min(0) / (WIDTH, HEIGHT), points.max(0) / (WIDTH, HEIGHT)
    cut_low, cut_high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    if np.prod(cut_high - cut_low) < 0.1 * np.prod(high - low):
        return None
    return tuple(float(value) for value in (*cut_low, *cut_high))
