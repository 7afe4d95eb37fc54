"""The places of the small world, by day and by night, as pictures of 192 x 128 pixels."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from dreamrunner.miniature.second.shapes import RGB, dome, ellipse, polygon, rectangle

WIDTH, HEIGHT = 192, 128
HORIZON = 78
"""Where the ground begins, in pixels from the top; figures stand below it."""

OUTDOORS = ("garden", "forest", "beach", "desert", "snow", "mountains", "village", "castle")
INDOORS = ("kitchen", "library")
ALWAYS = ("cave", "underwater")
"""Places without day and night."""

BACKGROUNDS = (*OUTDOORS, *INDOORS, *ALWAYS)

_SUPERSAMPLE = 3


class _Canvas:
    """A picture that is painted at three times its size."""

    def __init__(self) -> None:
        self.image = np.zeros((HEIGHT * _SUPERSAMPLE, WIDTH * _SUPERSAMPLE, 3), np.uint8)

    def fill(self, points: np.ndarray, colour: RGB) -> None:
        cv2.fillPoly(
            self.image, [np.round(points * _SUPERSAMPLE * 16).astype(np.int32)], colour, lineType=cv2.LINE_AA, shift=4
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: RGB) -> None:
        self.fill(rectangle(x0, y0, x1, y1), colour)

    def blob(self, x: float, y: float, rx: float, ry: float, colour: RGB) -> None:
        self.fill(ellipse(x, y, rx, ry, 40), colour)

    def shade(self, y0: int, y1: int, top: RGB, bottom: RGB) -> None:
        """A gradient from one colour to another over rows y0 to y1."""
        rows = slice(y0 * _SUPERSAMPLE, y1 * _SUPERSAMPLE)
        share = np.linspace(0, 1, (y1 - y0) * _SUPERSAMPLE)[:, None, None]
        self.image[rows] = np.round(np.array(top) * (1 - share) + np.array(bottom) * share)

    def done(self) -> np.ndarray:
        return cv2.resize(self.image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def _sky(canvas: _Canvas, night: bool, top: RGB = (112, 188, 246), bottom: RGB = (204, 232, 252)) -> None:
    if night:
        canvas.shade(0, HORIZON, (24, 28, 74), (66, 70, 130))
        canvas.blob(160, 18, 10, 10, (250, 244, 204))
        canvas.blob(156, 15, 8, 8, (28, 32, 80))
        for x, y in (
            (14, 12),
            (38, 26),
            (58, 9),
            (84, 20),
            (104, 8),
            (126, 24),
            (140, 40),
            (22, 42),
            (180, 44),
            (72, 38),
        ):
            canvas.blob(x, y, 1.3, 1.3, (240, 240, 214))
    else:
        canvas.shade(0, HORIZON, top, bottom)


def _cloud(canvas: _Canvas, x: float, y: float, night: bool, size: float = 1.0) -> None:
    colour = (84, 88, 140) if night else (250, 252, 255)
    for dx, dy, r in ((-10, 2, 6), (0, 0, 8), (10, 2, 6)):
        canvas.blob(x + dx * size, y + dy * size, r * size * 1.2, r * size, colour)


def _fir(canvas: _Canvas, x: float, foot: float, size: float, leaf: RGB) -> None:
    for low, high, half in ((0, -20, 11), (-12, -30, 9), (-22, -40, 7)):
        canvas.fill(
            polygon(
                (x - half * size, foot + low * size), (x + half * size, foot + low * size), (x, foot + high * size)
            ),
            leaf,
        )


def _house(canvas: _Canvas, x: float, foot: float, wide: float, tall: float, wall: RGB, roof: RGB, window: RGB) -> None:
    canvas.box(x, foot - tall, x + wide, foot, wall)
    canvas.fill(polygon((x - 4, foot - tall), (x + wide + 4, foot - tall), (x + wide / 2, foot - tall - 16)), roof)
    canvas.box(x + wide * 0.2, foot - tall * 0.75, x + wide * 0.42, foot - tall * 0.4, window)
    canvas.box(x + wide * 0.6, foot - tall * 0.55, x + wide * 0.84, foot, (118, 78, 52))


def _paint(name: str, night: bool) -> np.ndarray:
    c = _Canvas()
    if name == "garden":
        _sky(c, night)
        _cloud(c, 44, 22, night)
        _cloud(c, 118, 14, night, 0.8)
        c.blob(40, 92, 80, 28, (118, 190, 104))
        c.blob(160, 94, 70, 26, (104, 178, 96))
        c.shade(HORIZON, HEIGHT, (132, 204, 96), (92, 170, 70))
        for x in range(6, 192, 16):
            c.box(x - 3, 64, x + 3, 84, (248, 246, 238))
        c.box(0, 69, 192, 73, (248, 246, 238))
        for x, colour in ((12, (250, 120, 150)), (60, (255, 220, 90)), (108, (250, 120, 150)), (156, (190, 130, 240))):
            c.blob(x, 90, 4, 3, colour)
    elif name == "forest":
        _sky(c, night, (150, 205, 190), (206, 232, 206))
        for x, size in ((10, 1.5), (50, 1.2), (92, 1.5), (136, 1.3), (178, 1.6)):
            c.box(x - 4 * size, 0, x + 4 * size, 84, (96, 66, 44))
        for x in range(-6, 200, 24):
            c.blob(x, 6, 20, 17, (54, 128, 74))
        c.shade(HORIZON, HEIGHT, (96, 142, 70), (70, 112, 56))
        for x in (30, 72, 114, 160):
            c.blob(x, 82, 13, 9, (72, 146, 80))
    elif name == "beach":
        _sky(c, night)
        if not night:
            c.blob(30, 20, 11, 11, (255, 226, 96))
        c.shade(54, 84, (38, 140, 200), (90, 196, 222))
        c.shade(84, HEIGHT, (248, 226, 164), (236, 206, 136))
        c.box(0, 82, 192, 86, (244, 250, 250))
        c.box(164, 38, 169, 90, (150, 108, 66))
        for dx, dy in ((-14, 2), (14, 2), (-9, -6), (9, -6)):
            c.blob(167 + dx, 38 + dy, 12, 4.5, (64, 160, 84))
    elif name == "desert":
        _sky(c, night, (250, 196, 122), (255, 228, 176))
        if not night:
            c.blob(146, 22, 12, 12, (255, 246, 208))
        c.fill(polygon((10, 80), (48, 34), (86, 80)), (220, 152, 86))
        c.fill(polygon((48, 34), (86, 80), (56, 80)), (194, 126, 70))
        c.blob(150, 88, 60, 22, (232, 172, 98))
        c.shade(HORIZON, HEIGHT, (238, 186, 110), (218, 154, 84))
        for x, size in ((112, 1.0), (180, 1.2)):
            c.box(x - 3 * size, 82 - 28 * size, x + 3 * size, 84, (84, 150, 82))
            c.box(x - 10 * size, 82 - 20 * size, x - 6 * size, 82 - 10 * size, (84, 150, 82))
            c.box(x - 10 * size, 82 - 13 * size, x, 82 - 9 * size, (84, 150, 82))
    elif name == "snow":
        _sky(c, night, (176, 206, 232), (226, 238, 248))
        c.blob(50, 92, 80, 26, (214, 228, 242))
        c.shade(HORIZON, HEIGHT, (246, 250, 254), (222, 234, 246))
        for x, size in ((16, 1.3), (44, 0.9), (150, 1.0), (178, 1.4)):
            _fir(c, x, 84, size, (62, 116, 104))
        for x, y in ((70, 14), (90, 34), (112, 18), (128, 44), (60, 48), (104, 58), (30, 14)):
            c.blob(x, y, 1.8, 1.8, (255, 255, 255))
    elif name == "mountains":
        _sky(c, night)
        for x, top, half in ((36, 18, 52), (104, 8, 60), (168, 24, 46)):
            c.fill(polygon((x - half, 82), (x + half, 82), (x, top)), (124, 136, 166))
            c.fill(
                polygon((x - half * 0.3, top + (82 - top) * 0.3), (x + half * 0.3, top + (82 - top) * 0.3), (x, top)),
                (248, 250, 254),
            )
        c.shade(HORIZON, HEIGHT, (152, 178, 112), (120, 148, 92))
    elif name == "village":
        _sky(c, night)
        c.shade(HORIZON, HEIGHT, (212, 196, 166), (188, 168, 136))
        window = (255, 222, 120) if night else (170, 214, 240)
        _house(c, 6, 84, 46, 36, (240, 222, 190), (206, 96, 70), window)
        _house(c, 72, 84, 42, 30, (226, 236, 226), (92, 124, 176), window)
        _house(c, 136, 84, 48, 38, (246, 206, 180), (160, 82, 96), window)
    elif name == "castle":
        _sky(c, night)
        c.shade(HORIZON, HEIGHT, (150, 186, 112), (120, 156, 90))
        stone, dark = (176, 178, 192), (146, 148, 166)
        c.box(40, 40, 152, 84, stone)
        for x in range(40, 152, 16):
            c.box(x, 33, x + 9, 41, stone)
        for x in (18, 142):
            c.box(x, 22, x + 32, 84, dark)
            c.fill(polygon((x - 4, 22), (x + 36, 22), (x + 16, -2)), (88, 98, 176))
            c.box(x + 12, 36, x + 20, 50, (255, 222, 120) if night else (70, 74, 96))
        c.box(80, 58, 112, 84, (104, 70, 50))
        c.fill(dome(96, 59, 16, 14), (104, 70, 50))
    elif name == "kitchen":
        c.shade(0, 84, (250, 234, 206), (244, 220, 182))
        c.box(20, 14, 68, 52, (150, 104, 70))
        c.box(24, 18, 64, 48, (34, 40, 96) if night else (164, 216, 250))
        c.box(42, 18, 46, 48, (150, 104, 70))
        c.box(98, 16, 186, 22, (150, 104, 70))
        for x, colour in ((108, (220, 90, 80)), (128, (90, 150, 210)), (148, (240, 190, 80)), (168, (110, 180, 110))):
            c.box(x - 6, 4, x + 6, 16, colour)
        c.box(98, 52, 192, 82, (216, 126, 92))
        c.box(96, 48, 192, 54, (240, 240, 236))
        c.shade(82, HEIGHT, (206, 158, 112), (180, 132, 90))
    elif name == "library":
        c.shade(0, 82, (196, 150, 112), (178, 132, 96))
        books = ((190, 70, 70), (80, 120, 180), (232, 190, 90), (96, 156, 110), (150, 96, 170))
        for left in (6, 126):
            c.box(left, 6, left + 60, 80, (120, 78, 50))
            for row, y in enumerate((10, 34, 58)):
                c.box(left + 4, y, left + 56, y + 19, (88, 56, 38))
                for i in range(6):
                    c.box(left + 6 + 8 * i, y + 3, left + 12 + 8 * i, y + 19, books[(i + 2 * row + left) % 5])
        c.box(78, 12, 114, 54, (244, 236, 220))
        c.box(82, 16, 110, 50, (34, 40, 96) if night else (164, 216, 250))
        c.shade(80, HEIGHT, (150, 70, 76), (128, 56, 66))
    elif name == "cave":
        c.shade(0, 84, (64, 58, 76), (92, 84, 104))
        for x, length in ((12, 30), (40, 18), (76, 26), (112, 14), (150, 28), (182, 22)):
            c.fill(polygon((x - 10, 0), (x + 10, 0), (x, length)), (48, 42, 58))
        for x, colour in ((30, (110, 220, 230)), (96, (210, 130, 240)), (164, (110, 220, 230))):
            c.fill(polygon((x - 6, 84), (x - 3, 66), (x + 1, 84)), colour)
            c.fill(polygon((x - 1, 84), (x + 4, 58), (x + 8, 84)), colour)
        c.shade(82, HEIGHT, (112, 102, 116), (84, 76, 92))
    elif name == "underwater":
        c.shade(0, HEIGHT, (90, 200, 226), (24, 96, 160))
        c.shade(98, HEIGHT, (216, 200, 150), (190, 170, 122))
        for x, size in ((16, 1.2), (60, 0.8), (140, 1.0), (178, 1.3)):
            for dx, tall in ((-6, 26), (0, 36), (6, 22)):
                c.blob(x + dx * size, 102 - tall * size / 2, 3 * size, tall * size / 2, (40, 150, 110))
        c.blob(100, 102, 12, 7, (240, 120, 120))
        for x, y in ((40, 20), (46, 34), (120, 16), (114, 40), (160, 30)):
            c.blob(x, y, 2.2, 2.2, (214, 244, 250))
    else:
        raise KeyError(name)
    return c.done()


@cache
def backdrop(name: str, night: bool = False) -> np.ndarray:
    """The empty place, uint8 (128, 192, 3), not to be written to.

    Raises:
        KeyError: no such place.
    """
    image = _paint(name, night and name not in ALWAYS)
    if night and name in OUTDOORS:  # the ground lies in the dark, the sky is painted as it is
        tint = np.full((HEIGHT, 1, 3), (0.50, 0.54, 0.78))
        tint[: HORIZON - 30] = (0.86, 0.88, 0.98)
        tint[HORIZON - 30 : HORIZON] = np.linspace((0.86, 0.88, 0.98), (0.50, 0.54, 0.78), 30)[:, None]
        image = np.round(image * tint).astype(np.uint8)
    elif night and name in INDOORS:
        image = np.round(image * np.array((0.74, 0.66, 0.62))).astype(np.uint8)
        window = slice(18, 48), slice(24, 64)
        if name == "kitchen":
            image[window] = _paint(name, True)[window]
    image.setflags(write=False)
    return image
