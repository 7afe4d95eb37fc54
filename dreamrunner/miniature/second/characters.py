"""Every kind of character of the small world, as a doll with parts of its own."""

from __future__ import annotations

from collections.abc import Callable

from dreamrunner.miniature.second.shapes import (
    BROWN,
    GOLD,
    GREY,
    INK,
    MOUTH,
    PINK,
    RGB,
    SKIN,
    WHITE,
    Part,
    Pose,
    arm,
    capsule,
    dome,
    ellipse,
    face,
    head_at,
    held,
    legs,
    polygon,
    rectangle,
    trapezoid,
)  # fmt: skip

COLOURS: dict[str, RGB] = {
    "red": (218, 44, 52),
    "blue": (52, 104, 228),
    "green": (58, 168, 70),
    "yellow": (248, 214, 56),
    "purple": (140, 62, 184),
    "black": (44, 42, 52),
    "white": (244, 246, 250),
    "orange": (245, 142, 40),
    "pink": (246, 132, 184),
}


def person(pose: Pose, robe: list[Part], back: list[Part] = (), hair: RGB = BROWN, hat: list[Part] = ()) -> list[Part]:
    x, y = head_at(pose)
    return [
        *back,
        *arm(pose, -1, "dark", SKIN),
        *robe,
        *held(pose),
        *arm(pose, 1, "dark", SKIN),
        (ellipse(x - 0.04, y - 0.03, 0.5, 0.46), hair),
        (ellipse(x + 0.04, y + 0.03, 0.42, 0.4), SKIN),
        *face(pose),
        *hat,
    ]


def witch(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    return person(
        pose,
        [*legs(pose, WHITE), (trapezoid(0.24, 0.56, -1.0 + pose.sunk, -0.22), "main")],
        hair=(214, 104, 40),
        hat=[
            (polygon((x - 0.34, y - 0.26), (x + 0.34, y - 0.26), (x + 0.1, y - 0.92), (x - 0.12, y - 0.84)), "dark"),
            (ellipse(x, y - 0.28, 0.64, 0.12), "dark"),
            (polygon((x - 0.3, y - 0.42), (x + 0.3, y - 0.42), (x + 0.33, y - 0.3), (x - 0.33, y - 0.3)), GOLD),
        ],
    )


def king(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    beard = [
        (ellipse(x + 0.08, y + 0.3, 0.3, 0.2), (236, 236, 236)),
        (ellipse(x + 0.1, y + 0.22, 0.09, 0.05, 8), MOUTH),
    ]
    crown = polygon(
        (x - 0.38, y - 0.24),
        (x - 0.44, y - 0.72),
        (x - 0.2, y - 0.48),
        (x, y - 0.78),
        (x + 0.2, y - 0.48),
        (x + 0.44, y - 0.72),
        (x + 0.38, y - 0.24),
    )
    robe = [
        *legs(pose, BROWN),
        (trapezoid(0.32, 0.52, -1.0 + pose.sunk, -0.2), "main"),
        (polygon((-0.06, -1.0 + pose.sunk), (0.2, -1.0 + pose.sunk), (0.26, -0.22), (-0.08, -0.22)), WHITE),
    ]
    return person(
        pose,
        robe,
        hair=(236, 236, 236),
        hat=[*beard, (crown, GOLD), (ellipse(x, y - 0.38, 0.07, 0.07, 8), (220, 40, 60))],
    )


def princess(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    dress = [
        *legs(pose, SKIN, WHITE),
        (ellipse(0, -0.46 + pose.sunk, 0.62, 0.36), "main"),
        (trapezoid(0.24, 0.4, -1.0 + pose.sunk, -0.3), "main"),
        (ellipse(0, -0.72 + pose.sunk, 0.3, 0.07, 12), WHITE),
    ]
    hair = [(ellipse(x - 0.2, y + 0.25, 0.42, 0.56), (250, 206, 90))]
    crown = polygon(
        (x - 0.22, y - 0.36),
        (x - 0.26, y - 0.62),
        (x - 0.08, y - 0.48),
        (x + 0.02, y - 0.68),
        (x + 0.12, y - 0.48),
        (x + 0.3, y - 0.62),
        (x + 0.26, y - 0.36),
    )
    return person(pose, dress, back=hair, hair=(250, 206, 90), hat=[(crown, (90, 220, 240))])


def mermaid(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    sway = 0.5 * pose.left_leg
    tail = [
        (polygon((sway, -0.22), (0.5 + sway, 0.02), (0.1 + sway, -0.04), (-0.4 + sway, 0.06)), "dark"),
        (
            polygon(
                (-0.3, -0.84 + pose.sunk),
                (0.3, -0.84 + pose.sunk),
                (0.26, -0.46),
                (0.1 + sway, -0.12),
                (-0.1 + sway, -0.12),
                (-0.28, -0.46),
            ),
            "main",
        ),
        (trapezoid(0.22, 0.28, -1.0 + pose.sunk, -0.76 + pose.sunk), SKIN),
        (ellipse(0.04, -0.86 + pose.sunk, 0.26, 0.09, 12), "light"),
    ]
    back = [(ellipse(x - 0.14, y + 0.24, 0.5, 0.62), (196, 60, 50))]
    return person(pose, tail, back=back, hair=(196, 60, 50))


def robot(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    eye = [
        (ellipse(x + 0.1 + side * 0.17, y, 0.12, 0.12 if pose.eyes else 0.03, 12), (70, 235, 250)) for side in (-1, 1)
    ]
    return [
        *arm(pose, -1, GREY, "dark"),
        *legs(pose, GREY, "dark"),
        (rectangle(-0.42, -0.98 + pose.sunk, 0.42, -0.3 + pose.sunk), "main"),
        (rectangle(-0.12, -0.82 + pose.sunk, 0.3, -0.54 + pose.sunk), WHITE),
        (ellipse(0.0, -0.68 + pose.sunk, 0.07, 0.07, 8), (240, 70, 60)),
        (ellipse(0.18, -0.68 + pose.sunk, 0.07, 0.07, 8), (80, 200, 90)),
        *held(pose),
        *arm(pose, 1, GREY, "dark"),
        (capsule(x, y - 0.3, x, y - 0.58, 0.09), GREY),
        (ellipse(x, y - 0.64, 0.12, 0.12, 12), (245, 80, 70)),
        (rectangle(x - 0.46, y - 0.38, x + 0.46, y + 0.34), "main"),
        (rectangle(x - 0.24, y - 0.24, x + 0.44, y + 0.24), (42, 52, 76)),
        *eye,
        (rectangle(x - 0.04, y + 0.12, x + 0.26, y + (0.22 if pose.mouth else 0.16)), (70, 235, 250)),
    ]


def ghost(pose: Pose) -> list[Part]:
    x, y = 0.0, -1.1 + pose.sunk
    hem = [(0.58 - 0.29 * i, -0.06 if i % 2 == 0 else -0.28) for i in range(5)]
    sheet = [*map(tuple, dome(x, y, 0.6, 0.66)), *hem]
    return [
        *arm(pose, -1, "main", "main", shoulder=-0.78, out=0.42),
        (polygon(*sheet), "main"),
        *held(pose),
        *arm(pose, 1, "light", "light", shoulder=-0.78, out=0.42),
        *[(ellipse(0.12 + side * 0.2, y - 0.1, 0.1, 0.16 if pose.eyes else 0.03, 12), INK) for side in (-1, 1)],
        *[(ellipse(0.12 + side * 0.34, y + 0.12, 0.08, 0.05, 8), PINK) for side in (-1, 1)],
        (ellipse(0.12, y + 0.18, 0.12, 0.16 if pose.mouth else 0.06, 12), INK),
    ]


def snowman(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    sway = 0.15 * pose.left_leg
    return [
        *arm(pose, -1, BROWN, BROWN, shoulder=-0.8),
        (ellipse(sway, -0.38, 0.52, 0.4), "main"),
        (ellipse(0, -0.82 + pose.sunk, 0.4, 0.34), "main"),
        *[(ellipse(0.08, -0.74 + 0.2 * i + pose.sunk, 0.06, 0.06, 8), INK) for i in (-1, 0, 1)],
        *held(pose),
        *arm(pose, 1, BROWN, BROWN, shoulder=-0.8),
        (ellipse(x, y, 0.4, 0.38), "main"),
        *face(pose, size=0.7, cheeks=False, gap=0.15, up=0.08),
        (polygon((x + 0.08, y - 0.03), (x + 0.56, y + 0.07), (x + 0.08, y + 0.12)), (250, 134, 30)),
        (rectangle(x - 0.28, y - 0.74, x + 0.24, y - 0.3), "dark"),
        (rectangle(x - 0.28, y - 0.44, x + 0.24, y - 0.34), (214, 52, 60)),
        (rectangle(x - 0.46, y - 0.36, x + 0.42, y - 0.26), "dark"),
    ]


def animal(
    pose: Pose,
    ears: list[Part],
    snout: list[Part],
    tail: list[Part],
    *,
    belly: Part | None = None,
    head: float = 0.47,
    over: list[Part] = (),
    gap: float = 0.17,
    up: float = 0.04,
    mouth: float = 0.24,
) -> list[Part]:
    x, y = head_at(pose)
    return [
        *tail,
        *arm(pose, -1, "dark", "dark"),
        *legs(pose, "dark", "dark", width=0.25),
        (ellipse(0, -0.64 + pose.sunk, 0.42, 0.42), "main"),
        belly or (ellipse(0.1, -0.6 + pose.sunk, 0.26, 0.3), "light"),
        *held(pose),
        *arm(pose, 1, "dark", "dark"),
        *ears,
        (ellipse(x, y, head, 0.42), "main"),
        *snout,
        *face(pose, cheeks=False, gap=gap, up=up, mouth=mouth),
        *over,
    ]


def cat(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    ears = []
    for side in (-1, 1):
        ears.append(
            (polygon((x + side * 0.46, y - 0.06), (x + side * 0.44, y - 0.76), (x + side * 0.04, y - 0.36)), "main")
        )
        ears.append(
            (polygon((x + side * 0.37, y - 0.2), (x + side * 0.38, y - 0.6), (x + side * 0.14, y - 0.34)), PINK)
        )
    snout = [(ellipse(x + 0.1, y + 0.2, 0.2, 0.14, 12), "light")]
    whiskers = [
        (capsule(x + 0.1 + side * 0.2, y + 0.16, x + 0.1 + side * 0.5, y + 0.1, 0.035), WHITE) for side in (-1, 1)
    ]
    tail = [
        (capsule(-0.3, -0.4 + pose.sunk, -0.72, -0.62, 0.16), "dark"),
        (capsule(-0.72, -0.62, -0.66, -1.06, 0.16), "dark"),
    ]
    return animal(pose, ears, snout, tail, over=[*whiskers, (ellipse(x + 0.1, y + 0.13, 0.06, 0.045, 8), PINK)])


def dog(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    snout = [(ellipse(x + 0.22, y + 0.18, 0.32, 0.22), "light")]
    over = [
        (ellipse(x + 0.42, y + 0.08, 0.11, 0.09, 10), INK),
        (ellipse(x - 0.42, y + 0.02, 0.17, 0.4), "dark"),
        (rectangle(-0.26, -1.0 + pose.sunk, 0.3, -0.88 + pose.sunk), (220, 50, 60)),
    ]
    tail = [(capsule(-0.32, -0.5 + pose.sunk, -0.7, -0.9, 0.18), "main")]
    return animal(pose, [], snout, tail, over=over, up=0.12, mouth=0.26)


def rabbit(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    ears = []
    for side in (-1, 1):
        ears.append((ellipse(x + side * 0.2, y - 0.62, 0.14, 0.46), "main"))
        ears.append((ellipse(x + side * 0.2, y - 0.6, 0.07, 0.34), PINK))
    over = [
        (ellipse(x + 0.12, y + 0.12, 0.07, 0.05, 8), PINK),
        (rectangle(x + 0.06, y + 0.28, x + 0.18, y + 0.42), WHITE),
    ]
    tail = [(ellipse(-0.46, -0.42 + pose.sunk, 0.18, 0.18, 12), WHITE)]
    return animal(pose, ears, [(ellipse(x + 0.12, y + 0.2, 0.2, 0.14, 12), "light")], tail, over=over, head=0.42)


def lion(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    mane = [(ellipse(x - 0.04, y, 0.7, 0.64), (168, 88, 30))]
    ears = [(ellipse(x + side * 0.36, y - 0.36, 0.14, 0.14, 12), "main") for side in (-1, 1)]
    tail = [
        (capsule(-0.3, -0.4 + pose.sunk, -0.8, -0.52, 0.11), "main"),
        (ellipse(-0.84, -0.58, 0.16, 0.16, 12), (168, 88, 30)),
    ]
    over = [(polygon((x + 0.02, y + 0.08), (x + 0.24, y + 0.08), (x + 0.13, y + 0.18)), BROWN)]
    return animal(
        pose, [*mane, *ears], [(ellipse(x + 0.12, y + 0.2, 0.22, 0.15, 12), "light")], tail, over=over, head=0.42
    )


def elephant(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    ears = [(ellipse(x - 0.5, y, 0.36, 0.42), "dark"), (ellipse(x - 0.5, y + 0.02, 0.22, 0.28), PINK)]
    trunk = [
        (capsule(x + 0.3, y + 0.12, x + 0.6, y + 0.34, 0.26), "main"),
        (capsule(x + 0.6, y + 0.34, x + 0.66, y + 0.66, 0.2), "main"),
        (polygon((x + 0.16, y + 0.26), (x + 0.3, y + 0.26), (x + 0.4, y + 0.48)), WHITE),
    ]
    return animal(pose, ears, [], [(capsule(-0.4, -0.5, -0.62, -0.28, 0.09), "dark")], over=trunk, mouth=0.0, up=0.08)


def frog(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    bulges = [(ellipse(x + 0.08 + side * 0.3, y - 0.32, 0.24, 0.24), "main") for side in (-1, 1)]
    eyes: list[Part] = []
    for side in (-1, 1):
        eyes.append((ellipse(x + 0.12 + side * 0.3, y - 0.34, 0.16, 0.17 if pose.eyes else 0.04, 12), WHITE))
        eyes.append((ellipse(x + 0.16 + side * 0.3, y - 0.33, 0.08, 0.1 if pose.eyes else 0.03, 10), INK))
    smile = (
        ellipse(x + 0.1, y + 0.14, 0.16, 0.13, 12)
        if pose.mouth
        else capsule(x - 0.2, y + 0.14, x + 0.42, y + 0.14, 0.07)
    )
    return [
        *arm(pose, -1, "dark", "dark"),
        *legs(pose, "dark", "dark", width=0.25, apart=0.3),
        (ellipse(0, -0.62 + pose.sunk, 0.46, 0.42), "main"),
        (ellipse(0.08, -0.56 + pose.sunk, 0.3, 0.3), (226, 240, 170)),
        *held(pose),
        *arm(pose, 1, "dark", "dark"),
        *bulges,
        (ellipse(x + 0.04, y + 0.04, 0.58, 0.36), "main"),
        *eyes,
        (smile, MOUTH),
        *[(ellipse(x + 0.1 + side * 0.38, y + 0.06, 0.07, 0.05, 8), PINK) for side in (-1, 1)],
    ]


def duck(pose: Pose) -> list[Part]:
    x, y = head_at(pose)
    bill = (245, 140, 30)
    return [
        *legs(pose, bill, bill, width=0.12),
        (polygon((-0.3, -0.8 + pose.sunk), (-0.86, -0.98 + pose.sunk), (-0.4, -0.36 + pose.sunk)), "main"),
        (ellipse(0, -0.64 + pose.sunk, 0.5, 0.38), "main"),
        *arm(pose, -1, "dark", "dark"),
        *held(pose),
        *arm(pose, 1, "dark", "dark"),
        (ellipse(x, y, 0.4, 0.4), "main"),
        (polygon((x - 0.04, y - 0.36), (x - 0.16, y - 0.62), (x + 0.14, y - 0.38)), "main"),
        *face(pose, cheeks=False, mouth=0.0, gap=0.15, up=0.1, ahead=0.08),
        (ellipse(x + 0.4, y + 0.1, 0.26, 0.09, 12), bill),
        (ellipse(x + 0.34, y + (0.26 if pose.mouth else 0.18), 0.18, 0.07, 12), (214, 110, 20)),
    ]


Draw = Callable[[Pose], list[Part]]

KINDS: dict[str, tuple[Draw, RGB]] = {
    "witch": (witch, COLOURS["purple"]),
    "king": (king, COLOURS["red"]),
    "princess": (princess, COLOURS["pink"]),
    "mermaid": (mermaid, (30, 176, 156)),
    "robot": (robot, (170, 178, 196)),
    "ghost": (ghost, (226, 234, 250)),
    "snowman": (snowman, COLOURS["white"]),
    "cat": (cat, COLOURS["orange"]),
    "dog": (dog, (164, 108, 60)),
    "rabbit": (rabbit, (204, 188, 172)),
    "lion": (lion, (240, 184, 72)),
    "elephant": (elephant, (136, 150, 178)),
    "frog": (frog, COLOURS["green"]),
    "duck": (duck, COLOURS["yellow"]),
}
"""Characters that the generator is trained on, each with the colour it has when none is said."""
