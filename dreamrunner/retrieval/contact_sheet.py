"""The contact sheet: the chosen segments as pictures, with their scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.datasets.segments import Retrieved, Segment
from dreamrunner.datasets.video import VideoError, read_frames
from dreamrunner.files.made import putting
from dreamrunner.files.text import printable_line, shortened

if TYPE_CHECKING:
    from PIL.Image import Image

ROWS_OF = 2
"""Segments beside each other."""

SHOTS = 4
"""Frames of each segment, sampled evenly."""

SHOT = 160, 107
"""Pixels of a frame's place; a frame is scaled to fit into it."""

TEXT, GAP = 40, 12


def draw_sheet(retrieved: Retrieved, file: Path, say: Callable[[str], object] = lambda _: None) -> None:
    """Write a PNG of the segments, best first: frames, scores, caption and file. Replaces ``file`` as a whole.

    Somebody's own file in its place is kept beside it, and ``say`` is told.

    Raises :class:`OSError` when it cannot be written.
    """
    from PIL import Image, ImageDraw

    width, height = SHOTS * SHOT[0], SHOT[1] + TEXT
    rows = -(-len(retrieved.segments) // ROWS_OF)
    sheet = Image.new("RGB", (GAP + ROWS_OF * (width + GAP), 36 + max(1, rows) * (height + GAP)), "white")
    draw = ImageDraw.Draw(sheet)
    funnel = "  >  ".join([str(retrieved.funnel[0].into), *(f"{step.out} {step.name}" for step in retrieved.funnel)])
    draw.text((GAP, 10), f"{shortened(printable_line(retrieved.query), 80)}      {funnel}", fill="black")
    if not retrieved.segments:
        draw.text((GAP, 40), "no clips", fill="black")
    for number, segment in enumerate(retrieved.segments):
        left, top = GAP + number % ROWS_OF * (width + GAP), 36 + number // ROWS_OF * (height + GAP)
        for at, shot in enumerate(_shots(segment)):
            spare = SHOT[0] - shot.width, SHOT[1] - shot.height
            sheet.paste(shot, (left + at * SHOT[0] + spare[0] // 2, top + spare[1] // 2))
        place = f"{shortened(printable_line(segment.file.name), 40)} {segment.start:.1f}..{segment.end:.1f} s"
        draw.text((left, top + SHOT[1] + 4), f"{number + 1}.  {scores(segment)}   {place}", fill="black")
        draw.text((left, top + SHOT[1] + 20), shortened(printable_line(segment.caption), 100), fill=(90, 90, 90))
    file.parent.mkdir(parents=True, exist_ok=True)
    with putting(file, say) as fresh:
        sheet.save(fresh, "png")


def scores(segment: Segment) -> str:
    """A segment's scores for people: ``0.31 (pictures 0.29, video 0.33)``."""
    return f"{segment.score:.3f} (pictures {segment.image_score:.3f}, video {segment.video_score:.3f})"


def _shots(segment: Segment) -> list[Image]:
    from PIL import Image

    try:
        frames = read_frames(segment.file, start=segment.start, end=segment.end, count=SHOTS, crop=segment.crop)
    except VideoError:
        return []
    shots = []
    for frame in frames:
        scale = min(SHOT[0] / frame.shape[1], SHOT[1] / frame.shape[0])
        size = tuple(max(1, round(side * scale)) for side in (frame.shape[1], frame.shape[0]))
        shots.append(Image.fromarray(frame).resize(size))
    return shots
