"""Things of the small world. Units as for characters; a thing stands on y = 0 and is about 1 high."""

from __future__ import annotations

import math

from dreamrunner.miniature.second.shapes import (
    BROWN,
    GOLD,
    INK,
    RGB,
    WHITE,
    Part,
    capsule,
    dome,
    ellipse,
    polygon,
    rectangle,
)


def flowers() -> list[Part]:
    parts: list[Part] = []
    for x, y in ((-0.34, -0.62), (0.0, -0.9), (0.36, -0.66)):
        parts.append((capsule(x * 0.4, 0.0, x, y, 0.09), (50, 146, 60)))
        turns = [2 * math.pi * i / 5 for i in range(5)]
        parts += [(ellipse(x + 0.14 * math.cos(a), y + 0.14 * math.sin(a), 0.13, 0.13, 8), "main") for a in turns]
        parts.append((ellipse(x, y, 0.1, 0.1, 8), (255, 232, 110)))
    return parts


def pot() -> list[Part]:
    return [
        (capsule(-0.3, -0.16, -0.38, -0.03, 0.12), INK),
        (capsule(0.3, -0.16, 0.38, -0.03, 0.12), INK),
        (ellipse(0, -0.42, 0.58, 0.4), "main"),
        (ellipse(0, -0.74, 0.5, 0.14), INK),
        (ellipse(0, -0.75, 0.4, 0.09, 12), (130, 230, 110)),
    ]


def pumpkin() -> list[Part]:
    return [
        (capsule(0, -0.76, 0.1, -0.98, 0.14), (70, 130, 50)),
        (ellipse(-0.3, -0.42, 0.34, 0.42), "dark"),
        (ellipse(0.3, -0.42, 0.34, 0.42), "dark"),
        (ellipse(0, -0.42, 0.32, 0.45), "main"),
    ]


def mushroom() -> list[Part]:
    return [
        (capsule(0, -0.14, 0, -0.5, 0.34), (246, 236, 216)),
        (dome(0, -0.44, 0.62, 0.54), "main"),
        *[(ellipse(x, y, 0.1, 0.09, 10), WHITE) for x, y in ((-0.32, -0.58), (0.02, -0.8), (0.34, -0.6))],
    ]


def ball() -> list[Part]:
    return [
        (ellipse(0, -0.4, 0.4, 0.4), "main"),
        (ellipse(0, -0.4, 0.4, 0.15), WHITE),
        (ellipse(-0.12, -0.6, 0.09, 0.07, 8), WHITE),
    ]


def lantern() -> list[Part]:
    return [
        (capsule(0, -0.9, 0, -1.02, 0.1), INK),
        (polygon((-0.3, -0.74), (0.3, -0.74), (0.12, -0.96), (-0.12, -0.96)), INK),
        (rectangle(-0.26, -0.74, 0.26, -0.12), (255, 226, 120)),
        (ellipse(0, -0.36, 0.13, 0.2, 12), (255, 150, 40)),
        (rectangle(-0.32, -0.14, 0.32, 0.0), INK),
    ]


def chest() -> list[Part]:
    return [
        (dome(0, -0.44, 0.56, 0.36), (150, 92, 44)),
        (rectangle(-0.56, -0.46, 0.56, 0.0), "main"),
        (rectangle(-0.56, -0.5, 0.56, -0.4), GOLD),
        (rectangle(-0.1, -0.54, 0.1, -0.28), GOLD),
    ]


def balloon() -> list[Part]:
    return [
        (capsule(0, 0.0, 0, -0.5, 0.05), (240, 240, 240)),
        (polygon((-0.08, -0.42), (0.08, -0.42), (0.0, -0.56)), "dark"),
        (ellipse(0, -0.92, 0.38, 0.44), "main"),
        (ellipse(-0.13, -1.06, 0.08, 0.11, 10), WHITE),
    ]


PROPS: dict[str, tuple[object, RGB]] = {
    "flowers": (flowers, (250, 130, 205)),
    "pot": (pot, (74, 76, 92)),
    "pumpkin": (pumpkin, (250, 146, 44)),
    "mushroom": (mushroom, (216, 46, 46)),
    "ball": (ball, (52, 104, 228)),
    "lantern": (lantern, (255, 226, 120)),
    "chest": (chest, BROWN),
    "balloon": (balloon, (226, 48, 60)),
}
"""Things, each with the colour it has when none is said."""

TINTED = ("flowers", "ball", "balloon", "mushroom")
"""Things that come in colours."""
