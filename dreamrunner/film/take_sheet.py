"""A contact sheet of takes: each a row of pictures at the scene's key times, with its marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from dreamrunner.checking.marks import SceneMarks
from dreamrunner.datasets.video import read_frames
from dreamrunner.film.marking import mark_picture
from dreamrunner.film.output_file import output_file
from dreamrunner.film.storyboard import INK, KEY_FRAMES, LINE, PAPER, SOFT, colours_of, key_times, sized_font

if TYPE_CHECKING:
    import numpy as np

WIDTH = 240
"""Pixels across of a picture."""

_MARGIN, _GAP, _HEAD, _ROW = 32, 8, 56, 34


@dataclass(frozen=True)
class TakeRow:
    """A take on the sheet.

    ``film``: its file.
    ``label``: what stands above it.
    ``duration``: seconds.
    ``marks``: how far it shows what was planned, where that is known.
    """

    film: Path
    label: str
    duration: float
    marks: SceneMarks | None


def draw_takes(scene: str, rows: Sequence[TakeRow], out: Path) -> Path:
    """Draw the takes of a scene, one below the other, to ``out``, a PNG file.

    Raises:
        FilmError: the file cannot be written.
        VideoError: a take cannot be read.
    """
    strips = [(row, [_picture(pixels) for pixels in _pictures(row)]) for row in rows]
    high = max((pictures[0].height for _, pictures in strips), default=0)
    size = 2 * _MARGIN + KEY_FRAMES * (WIDTH + _GAP) - _GAP, 2 * _MARGIN + _HEAD + len(rows) * (_ROW + high + _GAP)
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((_MARGIN, _MARGIN - 6), scene, INK, sized_font(36))
    colours = colours_of(dict.fromkeys(each.entity for row in rows if row.marks for each in row.marks.entities))
    y = _MARGIN + _HEAD
    for row, pictures in strips:
        pen.text((_MARGIN, y), row.label, SOFT, sized_font(22))
        for column, (time, picture) in enumerate(zip(key_times(row.duration), pictures, strict=True)):
            if row.marks is not None:
                mark_picture(picture, row.marks, time, colours, sized_font)
            x = _MARGIN + column * (WIDTH + _GAP)
            sheet.paste(picture, (x, y + _ROW))
            pen.rectangle((x, y + _ROW, x + WIDTH - 1, y + _ROW + picture.height - 1), outline=LINE)
        y += _ROW + high + _GAP
    with output_file(out) as partial:
        sheet.save(partial, format="PNG")
    return out


def _pictures(row: TakeRow) -> list[np.ndarray]:
    """What is on the screen at the key times."""
    frames = read_frames(row.film)
    return [frames[min(len(frames) - 1, int(time / row.duration * len(frames)))] for time in key_times(row.duration)]


def _picture(pixels: np.ndarray) -> Image.Image:
    image = Image.fromarray(pixels)
    return image.resize((WIDTH, max(1, round(image.height * WIDTH / image.width))), Image.Resampling.LANCZOS)
