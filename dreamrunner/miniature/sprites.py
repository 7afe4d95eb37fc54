"""Sprites: every kind of character and prop of the small world, as flat polygons.

Coordinates are units of half the figure's height: x to the right, y down, feet at y = 1, hat tips near y = -1.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

RGB = tuple[int, int, int]
Shape = tuple[np.ndarray, RGB]
"""A polygon, float array (n, 2), and its colour."""

COLOURS: dict[str, RGB] = {
    "red": (210, 35, 45),
    "blue": (45, 90, 225),
    "green": (55, 165, 60),
    "yellow": (245, 210, 40),
    "purple": (135, 45, 175),
    "black": (24, 22, 28),
    "white": (244, 246, 250),
    "orange": (243, 140, 35),
}
INK, SKIN, GREY, BROWN, GOLD = (18, 18, 22), (250, 205, 175), (150, 155, 168), (110, 68, 35), (250, 205, 40)


@dataclass(frozen=True)
class Pose:
    """How a figure holds itself: leg swing -1..1, arm angles in radians (0 level, positive up), what it holds."""

    legs: float = 0.0
    left_arm: float = -0.9
    right_arm: float = -0.9
    sitting: bool = False
    stirring: float | None = None
    reading: bool = False


def ellipse(x: float, y: float, rx: float, ry: float, points: int = 16) -> np.ndarray:
    turn = np.linspace(0, 2 * math.pi, points, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], 1)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def bar(x0: float, y0: float, x1: float, y1: float, width: float) -> np.ndarray:
    """A line of the given width as a polygon."""
    along = np.array([x1 - x0, y1 - y0])
    across = np.array([-along[1], along[0]]) / (np.hypot(*along) + 1e-6) * width / 2
    a, b = np.array([x0, y0]), np.array([x1, y1])
    return np.array([a + across, b + across, b - across, a - across])


def polygon(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


def _limbs(pose: Pose, colour: RGB, *, legs: bool = True, spread: float = 0.24, shoulder: float = 0.02) -> list[Shape]:
    shapes: list[Shape] = []
    if legs and pose.sitting:
        shapes += [(bar(side * 0.15, 0.82, side * 0.8, 0.9, 0.22), colour) for side in (-1, 1)]
    elif legs:
        shapes += [(bar(side * spread, 0.5, side * (spread + 0.2 * pose.legs), 1.0, 0.2), colour) for side in (-1, 1)]
    for side, angle in ((-1, pose.left_arm), (1, pose.right_arm)):
        x, y = side * (0.3 + 0.6 * math.cos(angle)), shoulder - 0.6 * math.sin(angle)
        shapes.append((bar(side * 0.25, shoulder, x, y, 0.19), colour))
    return shapes


def _eyes(y: float = -0.42, x: float = 0.0, gap: float = 0.12, radius: float = 0.065) -> list[Shape]:
    return [(ellipse(x + side * gap, y, radius, radius * 1.25, 8), INK) for side in (-1, 1)]


def _dark(colour: RGB, by: float = 0.7) -> RGB:
    red, green, blue = colour
    return int(red * by), int(green * by), int(blue * by)


def witch(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        *_limbs(pose, SKIN),
        (polygon((0, -0.4), (0.62, 0.8), (-0.62, 0.8)), colour),
        (ellipse(0, -0.38, 0.28, 0.26), SKIN),
        *_eyes(-0.34),
        (polygon((-0.6, -0.5), (0.6, -0.5), (0.3, -0.62), (-0.3, -0.62)), INK),
        (polygon((-0.32, -0.58), (0.32, -0.58), (0.08, -1.15)), INK),
    ]


def cat(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        (bar(-0.45, 0.5, -0.9, -0.1, 0.15), _dark(colour)),
        *_limbs(pose, _dark(colour), spread=0.3, shoulder=0.2),
        (ellipse(0, 0.4, 0.5, 0.42), colour),
        (polygon((-0.42, -0.3), (-0.4, -0.98), (-0.02, -0.6)), colour),
        (polygon((0.42, -0.3), (0.4, -0.98), (0.02, -0.6)), colour),
        (ellipse(0, -0.3, 0.46, 0.38), colour),
        (ellipse(0, -0.18, 0.1, 0.07, 8), (240, 150, 160)),
        *[(ellipse(side * 0.19, -0.36, 0.1, 0.12, 8), (190, 230, 80)) for side in (-1, 1)],
        *[(ellipse(side * 0.19, -0.36, 0.04, 0.11, 8), INK) for side in (-1, 1)],
    ]


def dog(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        (bar(-0.5, 0.35, -0.85, 0.05, 0.17), _dark(colour)),
        *_limbs(pose, _dark(colour), spread=0.34, shoulder=0.2),
        (ellipse(0, 0.38, 0.58, 0.38), colour),
        (ellipse(0.08, -0.32, 0.42, 0.36), colour),
        (ellipse(0.42, -0.15, 0.3, 0.19), (232, 205, 165)),
        (ellipse(0.66, -0.22, 0.1, 0.08, 8), INK),
        (ellipse(-0.32, -0.2, 0.17, 0.4), _dark(colour, 0.45)),
        *_eyes(-0.42, 0.16),
    ]


def robot(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        *_limbs(pose, (90, 95, 105), spread=0.26),
        (rectangle(-0.46, -0.1, 0.46, 0.66), colour),
        (rectangle(-0.2, 0.1, 0.2, 0.4), (230, 235, 240)),
        (rectangle(-0.38, -0.74, 0.38, -0.16), GREY),
        (bar(0, -0.7, 0, -1.0, 0.1), GREY),
        (ellipse(0, -1.02, 0.12, 0.12), (235, 60, 50)),
        *[(rectangle(side * 0.16 - 0.1, -0.58, side * 0.16 + 0.1, -0.38), (40, 225, 245)) for side in (-1, 1)],
    ]


def mermaid(pose: Pose, colour: RGB) -> list[Shape]:
    sway = 0.2 * pose.legs
    return [
        (ellipse(0, -0.35, 0.44, 0.52), (190, 75, 30)),
        *_limbs(pose, SKIN, legs=False, shoulder=-0.05),
        (rectangle(-0.25, -0.2, 0.25, 0.3), SKIN),
        (polygon((-0.34, 0.15), (0.34, 0.15), (0.12 + sway, 0.82), (-0.12 + sway, 0.82)), colour),
        (polygon((sway, 0.66), (0.58 + sway, 1.05), (-0.58 + sway, 1.05)), colour),
        (ellipse(0, -0.48, 0.26, 0.27), SKIN),
        *_eyes(-0.46),
    ]


def king(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        *_limbs(pose, _dark(colour, 0.6)),
        (polygon((-0.32, -0.25), (0.32, -0.25), (0.6, 0.84), (-0.6, 0.84)), colour),
        (rectangle(-0.11, -0.2, 0.11, 0.84), (250, 250, 240)),
        (ellipse(0, -0.42, 0.28, 0.28), SKIN),
        (ellipse(0, -0.24, 0.22, 0.15), (225, 225, 225)),
        *_eyes(-0.46),
        (
            polygon((-0.34, -0.58), (-0.4, -1.05), (-0.16, -0.8), (0, -1.1), (0.16, -0.8), (0.4, -1.05), (0.34, -0.58)),
            GOLD,
        ),
    ]


def frog(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        *_limbs(pose, _dark(colour), spread=0.5, shoulder=0.3),
        (ellipse(0, 0.38, 0.7, 0.5), colour),
        (ellipse(0, 0.52, 0.42, 0.3), (215, 235, 160)),
        *[(ellipse(side * 0.36, -0.14, 0.25, 0.25), colour) for side in (-1, 1)],
        *[(ellipse(side * 0.36, -0.18, 0.16, 0.16), (250, 250, 250)) for side in (-1, 1)],
        *_eyes(-0.18, 0, 0.36, 0.08),
        (bar(-0.3, 0.2, 0.3, 0.2, 0.06), INK),
    ]


def snowman(pose: Pose, colour: RGB) -> list[Shape]:
    sway = 0.12 * pose.legs
    return [
        *_limbs(pose, BROWN, legs=False),
        (ellipse(sway, 0.6, 0.52, 0.42), colour),
        (ellipse(0, 0.0, 0.4, 0.34), colour),
        (ellipse(0, -0.48, 0.3, 0.28), colour),
        *_eyes(-0.54, 0, 0.11, 0.05),
        (polygon((0, -0.5), (0.46, -0.4), (0, -0.36)), (250, 130, 25)),
        (rectangle(-0.4, -0.8, 0.4, -0.68), INK),
        (rectangle(-0.25, -1.12, 0.25, -0.72), INK),
    ]


def rabbit(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        *_limbs(pose, _dark(colour, 0.85), spread=0.28, shoulder=0.2),
        *[(ellipse(side * 0.2, -0.82, 0.13, 0.42), colour) for side in (-1, 1)],
        *[(ellipse(side * 0.2, -0.8, 0.06, 0.3), (245, 160, 175)) for side in (-1, 1)],
        (ellipse(0, 0.42, 0.46, 0.42), colour),
        (ellipse(0, -0.24, 0.36, 0.33), colour),
        (ellipse(0, 0.5, 0.24, 0.24), (250, 225, 225)),
        (ellipse(0, -0.14, 0.08, 0.06, 8), (235, 110, 130)),
        *_eyes(-0.3, 0, 0.15),
    ]


def ghost(pose: Pose, colour: RGB) -> list[Shape]:
    waves = [(0.55 - 0.275 * i, 1.0 if i % 2 == 0 else 0.78) for i in range(5)]
    return [
        *_limbs(pose, colour, legs=False, shoulder=0.05),
        (np.concatenate([ellipse(0, -0.35, 0.55, 0.6)[8:], polygon((0.55, -0.35), *waves)]), colour),
        *[(ellipse(side * 0.2, -0.4, 0.13, 0.18), INK) for side in (-1, 1)],
        (ellipse(0, 0.0, 0.12, 0.16), INK),
    ]


def dragon(pose: Pose, colour: RGB) -> list[Shape]:
    wings = [
        (polygon((side * 0.2, 0.1), (side * 1.05, -0.7), (side * 0.95, 0.25)), _dark(colour, 0.55)) for side in (-1, 1)
    ]
    return [
        *wings,
        (polygon((-0.3, 0.5), (-1.0, 0.95), (-0.2, 0.85)), colour),
        *_limbs(pose, _dark(colour), spread=0.3),
        (ellipse(0, 0.35, 0.45, 0.5), colour),
        (ellipse(0, 0.42, 0.25, 0.36), GOLD),
        (ellipse(0.05, -0.45, 0.36, 0.3), colour),
        (ellipse(0.4, -0.36, 0.26, 0.17), colour),
        *[(polygon((x, -0.65), (x + 0.06, -1.0), (x + 0.14, -0.62)), GOLD) for x in (-0.22, 0.08)],
        *_eyes(-0.5, 0.1),
    ]


def penguin(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        *_limbs(pose, (245, 150, 30), spread=0.22),
        *_limbs(pose, colour, legs=False, shoulder=0.05),
        (ellipse(0, 0.15, 0.48, 0.78), colour),
        (ellipse(0, 0.3, 0.32, 0.55), (250, 250, 250)),
        (ellipse(0, -0.55, 0.34, 0.32), colour),
        (polygon((-0.12, -0.5), (0.42, -0.42), (-0.12, -0.36)), (245, 150, 30)),
        *[(ellipse(side * 0.14, -0.62, 0.08, 0.09, 8), (250, 250, 250)) for side in (-1, 1)],
    ]


def astronaut(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        (rectangle(-0.52, -0.15, 0.52, 0.5), GREY),
        *_limbs(pose, colour, spread=0.26),
        (rectangle(-0.4, -0.12, 0.4, 0.66), colour),
        (ellipse(0, -0.5, 0.48, 0.46), colour),
        (ellipse(0, -0.48, 0.34, 0.28), (50, 80, 130)),
        (rectangle(-0.2, 0.1, 0.2, 0.32), (235, 60, 50)),
    ]


def pirate(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        *_limbs(pose, BROWN),
        (rectangle(-0.4, -0.15, 0.4, 0.66), colour),
        (rectangle(-0.4, 0.28, 0.4, 0.42), INK),
        (ellipse(0, -0.42, 0.3, 0.29), SKIN),
        (ellipse(0, -0.24, 0.24, 0.14), BROWN),
        *_eyes(-0.45),
        (rectangle(0.02, -0.52, 0.24, -0.36), INK),
        (polygon((-0.65, -0.55), (-0.4, -0.98), (0, -0.82), (0.4, -0.98), (0.65, -0.55)), INK),
    ]


def flowers(pose: Pose, colour: RGB) -> list[Shape]:
    shapes: list[Shape] = []
    for x, y in ((-0.45, 0.0), (0.0, -0.45), (0.45, -0.05)):
        shapes.append((bar(x * 0.5, 1.0, x, y, 0.12), (40, 140, 50)))
        petals = [(x + 0.2 * math.cos(a), y + 0.2 * math.sin(a)) for a in np.arange(5) * 2 * math.pi / 5]
        shapes += [(ellipse(px, py, 0.17, 0.17, 8), (250, 130, 215)) for px, py in petals]
        shapes.append((ellipse(x, y, 0.14, 0.14, 8), (255, 240, 120)))
    return shapes


def pot(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        (bar(-0.35, 0.7, -0.45, 1.0, 0.14), INK),
        (bar(0.35, 0.7, 0.45, 1.0, 0.14), INK),
        (ellipse(0, 0.45, 0.72, 0.48), (62, 62, 74)),
        (ellipse(0, 0.08, 0.62, 0.18), INK),
        (ellipse(0, 0.06, 0.5, 0.12), (120, 235, 90)),
    ]


def pumpkin(pose: Pose, colour: RGB) -> list[Shape]:
    return [
        (bar(0, -0.1, 0.12, -0.42, 0.18), (60, 120, 40)),
        (ellipse(-0.36, 0.45, 0.42, 0.52), (225, 110, 20)),
        (ellipse(0.36, 0.45, 0.42, 0.52), (225, 110, 20)),
        (ellipse(0, 0.45, 0.42, 0.56), (250, 145, 40)),
    ]


def mushroom(pose: Pose, colour: RGB) -> list[Shape]:
    cap = np.concatenate([ellipse(0, 0.2, 0.8, 0.75)[8:], polygon((0.8, 0.2), (-0.8, 0.2))])
    return [
        (rectangle(-0.24, 0.1, 0.24, 1.0), (245, 235, 215)),
        (cap, (215, 40, 40)),
        *[(ellipse(x, y, 0.13, 0.11, 8), (250, 250, 245)) for x, y in ((-0.4, -0.05), (0.05, -0.3), (0.45, 0.0))],
    ]


Draw = Callable[[Pose, RGB], list[Shape]]

KINDS: dict[str, tuple[Draw, RGB]] = {
    "witch": (witch, COLOURS["purple"]),
    "cat": (cat, COLOURS["orange"]),
    "dog": (dog, (160, 105, 58)),
    "robot": (robot, (165, 172, 190)),
    "mermaid": (mermaid, (30, 170, 150)),
    "king": (king, COLOURS["red"]),
    "frog": (frog, COLOURS["green"]),
    "snowman": (snowman, COLOURS["white"]),
    "rabbit": (rabbit, (200, 185, 170)),
    "ghost": (ghost, (225, 235, 250)),
}
"""Characters that the miniature is trained on, each with the colour it has when none is said."""

HELD_OUT_KINDS: dict[str, tuple[Draw, RGB]] = {
    "dragon": (dragon, COLOURS["green"]),
    "penguin": (penguin, COLOURS["black"]),
    "astronaut": (astronaut, COLOURS["white"]),
    "pirate": (pirate, COLOURS["red"]),
}
"""Characters that it never sees, so that learning one from photos later proves something."""

PROPS: dict[str, tuple[Draw, RGB]] = {
    "flowers": (flowers, INK),
    "pot": (pot, INK),
    "pumpkin": (pumpkin, INK),
    "mushroom": (mushroom, INK),
}


def look(name: str) -> list[Shape]:
    """Overlays for the looks that the miniature is never trained on."""
    if name == "striped":
        return [(bar(-0.42, y, 0.42, y, 0.11), (250, 250, 120)) for y in (0.15, 0.4, 0.65)]
    if name == "spotted":
        return [
            (ellipse(x, y, 0.12, 0.12, 8), (90, 230, 240))
            for x, y in ((-0.2, 0.2), (0.2, 0.3), (-0.1, 0.55), (0.3, 0.65))
        ]
    if name == "scarf":
        return [(rectangle(-0.36, -0.16, 0.36, 0.02), (230, 40, 160)), (rectangle(0.1, 0.0, 0.28, 0.5), (230, 40, 160))]
    if name == "glasses":
        return [(ellipse(side * 0.17, -0.42, 0.17, 0.16, 10), (60, 220, 240)) for side in (-1, 1)]
    raise KeyError(name)


HELD_OUT_LOOKS = ("striped", "spotted", "scarf", "glasses")
