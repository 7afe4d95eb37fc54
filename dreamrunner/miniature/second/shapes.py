"""Flat shapes and the doll that every character of the small world is built on.

Coordinates are units of half a figure's height: x to the right, y down, feet at y = 0, the head's top near y = -1.8.
A figure is drawn looking to the right; whoever looks left is mirrored. Colours are RGB, or the name of a role
(``main``, ``dark``, ``light``) that the figure's own colour fills.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

RGB = tuple[int, int, int]
Colour = RGB | str
Part = tuple[np.ndarray, Colour]
"""A polygon, float array (n, 2), and its colour."""

INK, SKIN, GREY, BROWN, GOLD = (26, 24, 34), (252, 210, 180), (150, 156, 170), (112, 70, 38), (252, 204, 50)
WHITE, PINK, ROSE, MOUTH = (252, 252, 250), (245, 150, 165), (250, 178, 170), (120, 30, 44)

ARM, LEG = 0.52, 0.4
"""Length of limbs."""


@dataclass(frozen=True)
class Pose:
    """How a figure holds itself.

    Angles of limbs are radians from hanging straight down, positive towards where the figure looks (the right).
    ``sunk`` lowers body and head (0 to 0.3); ``nod`` moves the head forwards and down (-1 to 1). ``eyes`` are open or
    closed, ``mouth`` smiles or is open. ``held`` is a thing in the hands: book, spoon, apple, cup, or nothing.
    """

    left_leg: float = 0.0
    right_leg: float = 0.0
    left_arm: float = -0.45
    right_arm: float = 0.45
    sunk: float = 0.0
    nod: float = 0.0
    eyes: bool = True
    mouth: bool = False
    held: str = ""


def ellipse(x: float, y: float, rx: float, ry: float, points: int = 18) -> np.ndarray:
    turn = np.linspace(0, 2 * math.pi, points, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], 1)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def polygon(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


def dome(x: float, y: float, rx: float, ry: float) -> np.ndarray:
    """The upper half of an ellipse, closed by a straight line."""
    turn = np.linspace(math.pi, 2 * math.pi, 12)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], 1)


def capsule(x0: float, y0: float, x1: float, y1: float, width: float) -> np.ndarray:
    """A line of the given width with round ends."""
    angle = math.atan2(y1 - y0, x1 - x0)
    half = np.linspace(math.pi / 2, 3 * math.pi / 2, 6)
    start = np.stack([x0 + width / 2 * np.cos(half + angle), y0 + width / 2 * np.sin(half + angle)], 1)
    end = np.stack([x1 - width / 2 * np.cos(half + angle), y1 - width / 2 * np.sin(half + angle)], 1)
    return np.concatenate([start, end])


def trapezoid(top: float, bottom: float, y0: float, y1: float) -> np.ndarray:
    """A body that is ``top`` wide (to each side) at y0 and ``bottom`` at y1, its lower corners rounded."""
    return polygon(
        (-top, y0), (top, y0), (bottom, y1 - 0.08), (bottom - 0.08, y1), (0.08 - bottom, y1), (-bottom, y1 - 0.08)
    )


def hand(x: float, y: float, angle: float, length: float = ARM) -> tuple[float, float]:
    """Where a limb that hangs from (x, y) at an angle ends."""
    return x + length * math.sin(angle), y + length * math.cos(angle)


def legs(pose: Pose, colour: Colour, shoe: Colour = INK, *, width: float = 0.22, apart: float = 0.17) -> list[Part]:
    parts: list[Part] = []
    for side, angle in ((-1, pose.left_leg), (1, pose.right_leg)):
        x, y = hand(side * apart, -0.46 + pose.sunk, angle, LEG)
        y = min(y, -0.08)
        parts.append((capsule(side * apart, -0.46 + pose.sunk, x, y, width), colour))
        parts.append((ellipse(x + 0.06, y + 0.0, 0.17, 0.1, 10), shoe))
    return parts


def arm(pose: Pose, side: int, colour: Colour, skin: Colour, *, shoulder: float = -0.9, out: float = 0.3) -> list[Part]:
    """The left (-1) or right (1) arm with its hand."""
    angle = pose.left_arm if side < 0 else pose.right_arm
    x, y = hand(side * out, shoulder + pose.sunk, angle)
    return [(capsule(side * out, shoulder + pose.sunk, x, y, 0.19), colour), (ellipse(x, y, 0.12, 0.12, 10), skin)]


def head_at(pose: Pose) -> tuple[float, float]:
    """Where the middle of the head is."""
    return 0.03 + 0.1 * pose.nod, -1.32 + pose.sunk + 0.1 * abs(pose.nod)


def face(
    pose: Pose,
    *,
    gap: float = 0.17,
    up: float = 0.02,
    size: float = 1.0,
    cheeks: bool = True,
    mouth: float = 0.2,
    ahead: float = 0.1,
) -> list[Part]:
    """Eyes, cheeks and mouth around the middle of the head."""
    x, y = head_at(pose)
    x += ahead
    parts: list[Part] = []
    if cheeks:
        parts += [(ellipse(x + side * (gap + 0.1), y + 0.15, 0.08, 0.055, 10), ROSE) for side in (-1, 1)]
    for side in (-1, 1):
        eye = x + side * gap
        if pose.eyes:
            parts.append((ellipse(eye, y - up, 0.115 * size, 0.15 * size, 12), WHITE))
            parts.append((ellipse(eye + 0.03, y - up + 0.01, 0.07 * size, 0.1 * size, 10), INK))
        else:
            parts.append((capsule(eye - 0.09 * size, y - up + 0.03, eye + 0.09 * size, y - up + 0.03, 0.06), INK))
    if mouth:
        if pose.mouth:
            parts.append((ellipse(x, y + mouth + 0.03, 0.1, 0.1, 10), MOUTH))
        else:
            parts.append(
                (
                    polygon(
                        (x - 0.12, y + mouth - 0.02),
                        (x, y + mouth + 0.03),
                        (x + 0.12, y + mouth - 0.02),
                        (x + 0.07, y + mouth + 0.07),
                        (x - 0.07, y + mouth + 0.07),
                    ),
                    MOUTH,
                )
            )
    return parts


def held(pose: Pose) -> list[Part]:
    """What is in the figure's hands, in front of the body."""
    x, y = 0.42, -0.62 + pose.sunk
    if pose.held == "book":
        return [
            (polygon((x - 0.36, y - 0.22), (x, y - 0.12), (x, y + 0.26), (x - 0.36, y + 0.16)), (250, 248, 238)),
            (polygon((x, y - 0.12), (x + 0.36, y - 0.22), (x + 0.36, y + 0.16), (x, y + 0.26)), (226, 222, 208)),
            (capsule(x, y - 0.14, x, y + 0.28, 0.07), (190, 60, 60)),
        ]
    if pose.held == "spoon":
        return [
            (ellipse(0.62, -0.26, 0.38, 0.28), (74, 76, 92)),
            (ellipse(0.62, -0.46, 0.36, 0.1), INK),
            (ellipse(0.62, -0.46, 0.28, 0.07, 12), (130, 225, 110)),
            (
                capsule(*hand(0.3, -0.9 + pose.sunk, pose.right_arm), 0.62 + 0.3 * (pose.right_arm - 1.0), -0.44, 0.08),
                BROWN,
            ),
        ]
    if pose.held in ("apple", "cup"):
        x, y = hand(0.3, -0.9 + pose.sunk, pose.right_arm)
        if pose.held == "apple":
            return [
                (ellipse(x, y - 0.06, 0.15, 0.15, 12), (222, 44, 50)),
                (capsule(x, y - 0.2, x + 0.05, y - 0.26, 0.06), (70, 140, 60)),
            ]
        return [(rectangle(x - 0.12, y - 0.2, x + 0.12, y + 0.06), (90, 170, 230))]
    return []
