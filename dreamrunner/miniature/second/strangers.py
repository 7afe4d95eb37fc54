"""Characters and looks that the generator never sees, so that learning them later proves something."""

from __future__ import annotations

from dreamrunner.miniature.second.characters import COLOURS, Draw, animal, person
from dreamrunner.miniature.second.shapes import (
    BROWN,
    GOLD,
    GREY,
    INK,
    RGB,
    SKIN,
    WHITE,
    Part,
    Pose,
    arm,
    capsule,
    ellipse,
    face,
    head_at,
    held,
    legs,
    polygon,
    rectangle,
    trapezoid,
)


def dragon(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    wings = [(polygon((side * 0.2, -0.9), (side * 1.0, -1.5), (side * 0.9, -0.6)), "dark") for side in (-1, 1)]
    tail = [*wings, (polygon((-0.2, -0.6), (-0.95, -0.12), (-0.1, -0.26)), "main")]
    horns = [
        (polygon((x + dx, y - 0.3), (x + dx - 0.02, y - 0.76), (x + dx + 0.2, y - 0.34)), GOLD) for dx in (-0.32, 0.1)
    ]
    return animal(
        pose,
        horns,
        [(ellipse(x + 0.3, y + 0.16, 0.34, 0.22), "main")],
        tail,
        belly=(ellipse(0.1, -0.6 + pose.sunk, 0.26, 0.34), GOLD),
    )


def penguin(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    beak = (245, 150, 30)
    return [
        *arm(pose, -1, "main", "main"),
        *legs(pose, beak, beak),
        (ellipse(0, -0.72 + pose.sunk, 0.48, 0.54), "main"),
        (ellipse(0.1, -0.66 + pose.sunk, 0.34, 0.42), WHITE),
        *held(pose),
        *arm(pose, 1, "main", "main"),
        (ellipse(x, y, 0.42, 0.4), "main"),
        (ellipse(x + 0.14, y + 0.04, 0.3, 0.28), WHITE),
        *face(pose, cheeks=True, mouth=0.0),
        (polygon((x + 0.1, y + 0.08), (x + 0.5, y + 0.16), (x + 0.1, y + 0.24)), beak),
    ]


def astronaut(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    return [
        (rectangle(-0.52, -1.0 + pose.sunk, 0.3, -0.4 + pose.sunk), GREY),
        *arm(pose, -1, "main", GREY),
        *legs(pose, "main", GREY, width=0.28),
        (rectangle(-0.36, -0.98 + pose.sunk, 0.36, -0.32 + pose.sunk), "main"),
        (rectangle(-0.1, -0.78 + pose.sunk, 0.24, -0.58 + pose.sunk), (235, 60, 50)),
        *held(pose),
        *arm(pose, 1, "main", GREY),
        (ellipse(x, y, 0.54, 0.5), "main"),
        (ellipse(x + 0.1, y, 0.42, 0.36), (46, 74, 130)),
        (ellipse(x + 0.1, y + 0.06, 0.32, 0.27), SKIN),
        *face(pose, size=0.8),
    ]


def pirate(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    coat = [
        *legs(pose, BROWN),
        (trapezoid(0.34, 0.42, -1.0 + pose.sunk, -0.34 + pose.sunk), "main"),
        (rectangle(-0.36, -0.62 + pose.sunk, 0.36, -0.5 + pose.sunk), INK),
    ]
    hat = [
        (ellipse(x + 0.27, y - 0.0, 0.14, 0.14, 12), INK),
        (ellipse(x + 0.08, y + 0.32, 0.28, 0.15, 12), INK),
        (
            polygon((x - 0.66, y - 0.2), (x - 0.4, y - 0.62), (x, y - 0.48), (x + 0.4, y - 0.62), (x + 0.66, y - 0.2)),
            INK,
        ),
        (ellipse(x, y - 0.36, 0.1, 0.1, 10), WHITE),
    ]
    return person(pose, coat, hair=INK, hat=hat)


HELD_OUT_KINDS: dict[str, tuple[Draw, RGB]] = {
    "dragon": (dragon, COLOURS["green"]),
    "penguin": (penguin, COLOURS["black"]),
    "astronaut": (astronaut, COLOURS["white"]),
    "pirate": (pirate, COLOURS["red"]),
}
"""Characters that it never sees, so that learning one from photos later proves something."""

HELD_OUT_LOOKS = ("striped", "spotted", "scarf", "glasses")
"""Looks that it never sees."""


def look(name: str, pose: Pose) -> list[Part]:
    """What a look adds over the figure. Raises KeyError for a name that is no look."""
    x, y = head_at(pose)
    low = pose.sunk
    if name == "striped":
        return [(capsule(-0.3, at + low, 0.34, at + low, 0.1), (250, 250, 130)) for at in (-0.86, -0.64, -0.42)]
    if name == "spotted":
        spots = ((-0.2, -0.8), (0.2, -0.72), (-0.1, -0.5), (0.28, -0.42))
        return [(ellipse(dx, dy + low, 0.1, 0.1, 10), (90, 230, 240)) for dx, dy in spots]
    if name == "scarf":
        return [
            (capsule(x - 0.34, y + 0.4, x + 0.3, y + 0.4, 0.2), (232, 40, 160)),
            (capsule(x + 0.12, y + 0.46, x + 0.2, y + 0.86, 0.18), (232, 40, 160)),
        ]
    if name == "glasses":
        return [
            *[(ellipse(x + 0.1 + side * 0.2, y, 0.18, 0.17, 14), (60, 220, 240)) for side in (-1, 1)],
            (capsule(x - 0.3, y, x + 0.5, y, 0.05), INK),
        ]
    raise KeyError(name)
