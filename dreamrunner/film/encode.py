"""Frames to video: one H.264 file a scene.

Every file is yuv420p with its index at the front (faststart), tagged BT.709, without dates: the same frames give the
same bytes on the same machine.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import ffmpeg
import numpy as np

from dreamrunner.film.output_file import output_file
from dreamrunner.film.process import H264, REPRODUCIBLE, Progress, held_to, local, run
from dreamrunner.film.rates import FILM_RATE

if TYPE_CHECKING:
    from dreamrunner.rendering.frames import Frames

SHOWN_HEIGHT = 480
"""Frames lower than this are enlarged, so that a browser shows a miniature's 96x64 at 768x512 and not as a stamp."""

Scaling = Literal["nearest", "lanczos"]
"""How frames are enlarged: crisp squares, or smoothed."""


def encode_scene(
    frames: Frames,
    out: Path,
    *,
    smooth: bool = False,
    scaling: Scaling = "nearest",
    on_progress: Progress | None = None,
) -> Path:
    """Encode one scene to ``out``, an mp4 file.

    ``frames.pixels`` is uint8 (F, H, W, 3) and is spread evenly over ``frames.duration`` seconds, the last frame held
    for its share like every other. The file has :data:`~dreamrunner.film.rates.FILM_RATE` frames a second, as the film
    and its timeline have: each of ``frames`` is held, or with ``smooth`` the ones between are made by ffmpeg's motion
    interpolation. Frames lower than :data:`SHOWN_HEIGHT` are enlarged by the smallest whole factor that reaches it.

    Raises :class:`~dreamrunner.film.FilmError` when the file cannot be written.
    """
    pixels = np.ascontiguousarray(frames.pixels)
    # H.264 with yuv420p has half as many colour samples each way: an odd edge is doubled to make the size even.
    pixels = np.pad(pixels, ((0, 0), (0, pixels.shape[1] % 2), (0, pixels.shape[2] % 2), (0, 0)), mode="edge")
    count, height, width, _ = pixels.shape
    rate = scene_rate(count, frames.duration)
    factor = enlargement(height)

    # `r`, not `framerate`: for odd fractions ffmpeg takes that one for a usual rate near by and misplaces the frames.
    video = ffmpeg.input("pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{width}x{height}", r=_ratio(rate))
    length = max(1, round(frames.duration * FILM_RATE))
    if smooth and count > 1:
        # Before enlarging, where it is cheap; the blocks that it moves are as fine for small frames as for large.
        # The interpolation ends with the last frame's beginning; two more copies of it give that frame its share.
        video = video.filter("tpad", stop=2, stop_mode="clone")
        block = 8 if height < 240 else 16
        video = video.filter("minterpolate", fps=FILM_RATE, mi_mode="mci", mb_size=block, scd="none")
    else:
        video = video.filter("fps", FILM_RATE, start_time=0)
    video = (
        held_to(video, length)
        .filter(
            "scale",
            width * factor,
            height * factor,
            flags={"nearest": "neighbor", "lanczos": "lanczos"}[scaling] + "+accurate_rnd+full_chroma_int",
            out_color_matrix="bt709",
            out_range="tv",
        )
        .filter("format", "yuv420p")
    )
    with output_file(out) as partial:
        graph = ffmpeg.output(video, local(partial), f="mp4", **H264, **REPRODUCIBLE)
        run(graph, out, frames=length, feed=map(memoryview, pixels), on_progress=on_progress)
    return Path(out)


def scene_rate(frames: int, duration: float) -> Fraction:
    """Give the frames a second of a scene: exact for durations in whole milliseconds, as stories write them."""
    return frames / Fraction(repr(float(duration))).limit_denominator(1000)


def enlargement(height: int) -> int:
    """Give the whole factor by which frames of ``height`` pixels are enlarged in the film."""
    return max(1, -(-SHOWN_HEIGHT // height))


def video_size(width: int, height: int) -> tuple[int, int]:
    """Give the width and height, both even, of the video that frames of ``width`` by ``height`` become."""
    factor = enlargement(height)
    return (width + width % 2) * factor, (height + height % 2) * factor


def _ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
