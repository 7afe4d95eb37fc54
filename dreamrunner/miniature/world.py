"""The small world: draws clips from a description, and says them in words.

Everything is procedural and seeded. A clip is 64 x 96 pixels; its first frame is the pose that places the figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from dreamrunner.miniature.sprites import (
    COLOURS,
    GREY,
    HELD_OUT_KINDS,
    KINDS,
    PROPS,
    Pose,
    Shape,
    bar,
    ellipse,
    look,
    pot,
    rectangle,
)

HEIGHT, WIDTH = 64, 96
GROUND = 40
SUPERSAMPLE = 2
POSITIONS = {"left": 18.0, "center": 48.0, "right": 78.0}
SIZES = {"small": 10.0, "": 14.0, "large": 18.0}
"""Half a figure's height in pixels."""

BACKGROUNDS = ("garden", "night", "beach", "kitchen", "forest", "snow", "desert", "castle")
STROLL = 1.6
"""Pixels a frame."""

MOTIONS = (
    "stands",
    "strolls leftwards",
    "strolls rightwards",
    "jumps",
    "waves",
    "sits",
    "flies",
    "sleeps",
    "stirs",
    "dances",
    "reads",
)
MOTION_ODDS = np.array([0.4, 3.0, 3.0, 1.2, 1.2, 0.7, 0.8, 0.7, 0.8, 1.2, 0.7]) / 13.7
"""How often each motion is drawn: those that travel, more often, since they are learnt last."""
HELD_OUT_MOTIONS = ("spins", "bows", "rolls", "grows")


@dataclass(frozen=True)
class Figure:
    """One entity: its kind, place and, for a character, what it does. ``x``, ``foot`` are pixels, drawn from
    ``place``."""

    kind: str
    position: str
    motion: str = "stands"
    colour: str = ""
    size: str = ""
    look: str = ""
    x: float = 48.0
    foot: float = 57.0

    @property
    def is_prop(self) -> bool:
        return self.kind in PROPS


@dataclass(frozen=True)
class Clip:
    """A description that :func:`draw` turns into frames and :func:`caption` into words."""

    background: str
    figures: tuple[Figure, ...] = ()


def place(figure: Figure, rng: np.random.Generator) -> Figure:
    """The figure with its exact spot drawn around its position."""
    return replace(figure, x=POSITIONS[figure.position] + rng.uniform(-4, 4), foot=57.0 + rng.uniform(-2, 2))


CROWD = (0.05, 0.43, 0.38, 0.14)
"""How often a clip holds nought, one, two and three entities."""


def sample_clip(rng: np.random.Generator, *, figures: int | None = None, crowd: tuple[float, ...] = CROWD) -> Clip:
    """A random clip of the training distribution: nought to three entities at different positions."""
    count = int(rng.choice(len(crowd), p=crowd)) if figures is None else figures
    kinds = rng.permutation(list(KINDS))[:count]
    out: list[Figure] = []
    for kind, position in zip(kinds, rng.permutation(list(POSITIONS))[:count], strict=True):
        if rng.random() < 0.15:
            figure = Figure(kind=str(rng.choice(list(PROPS))), position=str(position))
            if any(other.kind == figure.kind for other in out):
                continue
        else:
            figure = Figure(
                kind=str(kind),
                position=str(position),
                motion=str(rng.choice(MOTIONS, p=MOTION_ODDS)),
                colour=str(rng.choice(list(COLOURS))) if rng.random() < 0.55 else "",
                size=str(rng.choice(["small", "large"])) if rng.random() < 0.35 else "",
            )
        out.append(place(figure, rng))
    return Clip(str(rng.choice(BACKGROUNDS)), tuple(out))


def caption(clip: Clip, rng: np.random.Generator | None = None) -> str:
    """The clip in words. With ``rng``, word order varies and facts are left out now and then, as people do."""

    def keep(chance: float) -> bool:
        return rng is None or rng.random() < chance

    phrases = []
    for figure in clip.figures:
        words: list[str] = []
        after: list[str] = []
        if figure.size:
            words.append(figure.size)
        if figure.colour:
            (words if keep(0.75) else after).append(figure.colour)
        if figure.look:
            after.append(figure.look)
        where = f"on the {figure.position}" if keep(0.85) else ""
        does = "" if figure.is_prop or not keep(0.9) else figure.motion
        if does.startswith("strolls ") and not keep(0.85):
            does = "strolls"
        tail = [where, does] if keep(0.7) else [does, where]
        phrase = " ".join(filter(None, ["a", *words, figure.kind, *(["in", *after] if after else []), *tail]))
        phrases.append(phrase)
    if rng is not None:
        rng.shuffle(phrases)
    text = " and ".join(phrases)
    if not phrases or keep(0.85):
        text = f"{text} in the {clip.background}".strip()
    return text


def state(figure: Figure, frame: float) -> tuple[Pose, float, float, float, float]:
    """Pose, shift right, shift up (pixels), tilt (radians) and stretch of a figure at a frame."""
    t, motion = frame, figure.motion
    if motion.startswith("strolls"):
        way = 1 if motion.endswith("rightwards") else -1
        return Pose(legs=math.sin(t * math.pi / 4)), way * STROLL * t, 1.2 * abs(math.cos(t * math.pi / 4)), 0.0, 1.0
    if motion == "jumps":
        height = abs(math.sin(t * math.pi / 8))
        return Pose(left_arm=-0.9 + 1.4 * height, right_arm=-0.9 + 1.4 * height), 0.0, 15 * height, 0.0, 1.0
    if motion == "waves":
        lift = min(1.0, t / 3)
        swing = 0.5 * math.sin(t * math.pi / 4)
        return Pose(left_arm=-0.9 + 1.9 * lift - swing, right_arm=-0.9 + 1.9 * lift + swing), 0.0, 0.0, 0.0, 1.0
    if motion == "sits":
        return Pose(sitting=True), 0.0, 0.0, 0.0, 0.74
    if motion == "flies":
        flap = 0.5 * math.sin(t * math.pi / 4)
        return Pose(left_arm=0.15 + flap, right_arm=0.15 + flap), 0.0, 17 + 3.0 * math.sin(t * math.pi / 8), 0.0, 1.0
    if motion == "sleeps":
        return Pose(), 0.0, 0.6 * math.sin(t * math.pi / 8), math.pi / 2, 1.0
    if motion == "stirs":
        return Pose(right_arm=-0.2, left_arm=-0.2, stirring=t * math.pi / 4), 0.0, 0.0, 0.0, 1.0
    if motion == "dances":
        tilt = 0.38 * math.sin(t * math.pi / 6)
        return Pose(left_arm=0.9 - 2 * tilt, right_arm=0.9 + 2 * tilt), 0.0, 0.0, tilt, 1.0
    if motion == "reads":
        return Pose(left_arm=-0.4, right_arm=-0.4, reading=True), 0.0, 0.0, 0.0, 1.0
    if motion == "spins":
        return Pose(left_arm=0.2, right_arm=0.2), 0.0, 4.0, t * math.pi / 8, 1.0
    if motion == "bows":
        return Pose(), 0.0, 0.0, 0.9 * math.sin(t * math.pi / 8) ** 2, 1.0
    if motion == "rolls":
        return Pose(), STROLL * t, 0.0, t * math.pi / 8, 0.8
    if motion == "grows":
        return Pose(), 0.0, 0.0, 0.0, 0.6 + 0.7 * min(1.0, t / 12)
    return Pose(), 0.0, 0.0, 0.0, 1.0


def _held(pose: Pose) -> list[Shape]:
    if pose.stirring is not None:
        x = 0.28 * math.cos(pose.stirring)
        kettle = [(points * 0.75 + (0.0, 0.36), colour) for points, colour in pot(pose, GREY)]
        return [*kettle, (bar(x, 0.42, 0.3 + 0.5 * x, -0.05, 0.12), (225, 180, 110))]
    if pose.reading:
        return [
            (bar(-0.5, 0.12, 0.0, 0.28, 0.42), (252, 252, 246)),
            (bar(0.0, 0.28, 0.5, 0.12, 0.42), (232, 232, 222)),
            (bar(0.0, 0.08, 0.0, 0.5, 0.08), (160, 40, 40)),
        ]
    return []


def figure_shapes(figure: Figure, frame: float) -> list[Shape]:
    """The figure's polygons in pixels of the picture at a frame."""
    draw, colour = (KINDS | HELD_OUT_KINDS | PROPS)[figure.kind]
    colour = COLOURS.get(figure.colour, colour)
    pose, right, up, tilt, stretch = state(figure, frame)
    scale = 9.5 if figure.is_prop else SIZES[figure.size]
    shapes = draw(pose, colour) + (look(figure.look) if figure.look else []) + _held(pose)
    turn = np.array([[math.cos(tilt), -math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]])
    wide, tall = (stretch, stretch) if figure.motion in ("grows", "rolls") else (1.0, stretch)
    middle = 0.45 if figure.motion == "sleeps" else 1.0
    centre = np.array([figure.x + right, figure.foot - up - scale * middle])
    settle = np.array([0.0, 1.0 - tall])  # a squashed or small figure keeps its feet on the ground
    return [(((points * (wide, tall) + settle) @ turn.T) * scale + centre, shade) for points, shade in shapes]


def _fill(image: np.ndarray, points: np.ndarray, colour: tuple[int, int, int]) -> None:
    cv2.fillPoly(image, [np.round(points * SUPERSAMPLE * 16).astype(np.int32)], colour, lineType=cv2.LINE_AA, shift=4)


@cache
def _backdrop(name: str) -> np.ndarray:
    image = np.zeros((HEIGHT * SUPERSAMPLE, WIDTH * SUPERSAMPLE, 3), np.uint8)

    def fill(x0: float, y0: float, x1: float, y1: float, colour: tuple[int, int, int]) -> None:
        _fill(image, rectangle(x0, y0, x1, y1), colour)

    def blob(x: float, y: float, rx: float, ry: float, colour: tuple[int, int, int]) -> None:
        _fill(image, ellipse(x, y, rx, ry), colour)

    sky = {
        "garden": (140, 205, 250),
        "night": (40, 45, 105),
        "beach": (175, 225, 250),
        "kitchen": (238, 218, 186),
        "forest": (60, 110, 80),
        "snow": (190, 205, 225),
        "desert": (250, 190, 120),
        "castle": (120, 118, 132),
    }
    floor = {
        "garden": (110, 195, 80),
        "night": (58, 64, 92),
        "beach": (240, 215, 145),
        "kitchen": (150, 100, 60),
        "forest": (70, 85, 40),
        "snow": (240, 245, 250),
        "desert": (225, 150, 75),
        "castle": (88, 82, 92),
    }
    fill(0, 0, WIDTH, HEIGHT, sky[name])
    fill(0, GROUND, WIDTH, HEIGHT, floor[name])
    if name == "garden":
        for x in (28, 70):
            for d in (-5, 0, 5):
                blob(x + d, 8 + abs(d) * 0.3, 6, 4, (250, 250, 250))
    elif name == "night":
        blob(82, 10, 6, 6, (245, 240, 190))
        for x, y in ((8, 6), (22, 14), (36, 5), (48, 16), (60, 7), (70, 22), (14, 25), (90, 26)):
            blob(x, y, 0.9, 0.9, (240, 240, 240))
    elif name == "beach":
        fill(0, GROUND - 12, WIDTH, GROUND, (40, 140, 205))
        blob(14, 9, 6, 6, (255, 220, 60))
    elif name == "kitchen":
        fill(38, 5, 58, 24, (90, 60, 40))
        fill(40, 7, 56, 22, (170, 220, 250))
        fill(0, GROUND - 3, WIDTH, GROUND, (110, 72, 42))
    elif name == "forest":
        for x in range(4, WIDTH, 16):
            fill(x, 0, x + 4, GROUND + 2, (70, 45, 30))
        fill(0, 0, WIDTH, 8, (25, 75, 40))
    elif name == "snow":
        for x in (6, 86):
            _fill(image, np.array([[x, 6], [x + 9, GROUND], [x - 9, GROUND]], float), (60, 105, 95))
        for x, y in ((22, 8), (34, 20), (46, 6), (58, 18), (70, 9), (28, 32), (64, 30)):
            blob(x, y, 1.2, 1.2, (255, 255, 255))
    elif name == "desert":
        blob(80, 11, 7, 7, (255, 245, 200))
        _fill(image, np.array([[20, 16], [44, GROUND], [-4, GROUND]], float), (205, 130, 65))
        _fill(image, np.array([[50, 24], [68, GROUND], [32, GROUND]], float), (190, 115, 60))
    elif name == "castle":
        for x in (4, 84):
            fill(x, 0, x + 8, GROUND, (92, 90, 104))
        for x in (26, 62):
            fill(x, 4, x + 8, 26, (190, 40, 50))
        for x in (14, 44, 78):
            blob(x, 12, 2, 3, (255, 210, 90))
    return image


def backdrop(name: str) -> np.ndarray:
    """The empty background, uint8 (64, 96, 3)."""
    return cv2.resize(_backdrop(name), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def paint(clip: Clip, moment: float) -> np.ndarray:
    """The clip at a moment, counted in frames, at twice the size: uint8 (128, 192, 3)."""
    image = _backdrop(clip.background).copy()
    for figure in sorted(clip.figures, key=lambda figure: figure.foot):
        for points, colour in figure_shapes(figure, moment):
            _fill(image, points, colour)
    return image


def draw(clip: Clip, frames: int) -> np.ndarray:
    """The clip's frames, uint8 (frames, 64, 96, 3)."""
    pictures = (paint(clip, frame) for frame in range(frames))
    return np.stack([cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for picture in pictures])


def bounds(figure: Figure, frame: float) -> tuple[float, float, float, float]:
    """The figure's box at a frame, normalized (x0, y0, x1, y1) and cut to the picture."""
    points = np.concatenate([points for points, _ in figure_shapes(figure, frame)])
    low, high = points.min(0) / (WIDTH, HEIGHT), points.max(0) / (WIDTH, HEIGHT)
    x0, y0, x1, y1 = (float(min(1.0, max(0.0, value))) for value in (*low, *high))
    return x0, y0, x1, y1
