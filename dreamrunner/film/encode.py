"""Frames to video: one H.264 file a scene, and the film that joins them.

Every file is yuv420p with its index at the front (faststart), tagged BT.709, without dates: the same frames give the
same bytes on the same machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import ffmpeg
import imageio_ffmpeg
import numpy as np

from dreamrunner.film.burning import burn
from dreamrunner.film.cutting import cut_film
from dreamrunner.film.output import FilmError, replacing
from dreamrunner.film.process import H264, REPRODUCIBLE, Progress, held_to, local, run
from dreamrunner.film.soundtrack import seconds_heard, write_soundtrack
from dreamrunner.film.subtitles import cues, srt
from dreamrunner.film.timeline import FILM_RATE, film_frames, lay_out
from dreamrunner.planning.plan import Plan

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

    ``frames.pixels`` is uint8 (F, H, W, 3) and is spread evenly over ``frames.duration`` seconds: the rate is the exact
    fraction F / duration, and the last frame is held for its share like every other. With ``smooth`` the file has
    :data:`~dreamrunner.film.timeline.FILM_RATE` frames a second instead, the ones between made by ffmpeg's motion
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
    if smooth and count > 1:
        count = max(1, round(frames.duration * FILM_RATE))
        # Before enlarging, where it is cheap; the blocks that it moves are as fine for small frames as for large.
        # The interpolation ends with the last frame's beginning; two more copies of it give that frame its share.
        video = video.filter("tpad", stop=2, stop_mode="clone")
        block = 8 if height < 240 else 16
        video = video.filter("minterpolate", fps=FILM_RATE, mi_mode="mci", mb_size=block, scd="none")
        video = held_to(video, count)
    video = video.filter(
        "scale",
        width * factor,
        height * factor,
        flags={"nearest": "neighbor", "lanczos": "lanczos"}[scaling] + "+accurate_rnd+full_chroma_int",
        out_color_matrix="bt709",
        out_range="tv",
    ).filter("format", "yuv420p")
    with replacing(out) as partial:
        graph = ffmpeg.output(video, local(partial), f="mp4", **H264, **REPRODUCIBLE)
        run(graph, out, frames=count, feed=map(memoryview, pixels), on_progress=on_progress)
    return Path(out)


def join(
    plan: Plan,
    scene_files: Mapping[str, Path],
    out: Path,
    *,
    burn_subtitles: bool = False,
    speech: Mapping[str, Path] = {},
    on_progress: Progress | None = None,
) -> Path:
    """Join the scenes' files in the order of ``plan`` to the film ``out``, an mp4 file.

    Transitions are as planned (:mod:`dreamrunner.film.timeline` says how times add up); every scene is held to a
    constant :data:`~dreamrunner.film.timeline.FILM_RATE`; the size is that of the first scene's file. The narration
    is a subtitle track that players offer but do not show unasked, or, with ``burn_subtitles``, part of the picture.
    ``speech`` gives the fitted speech of scenes (:mod:`dreamrunner.film.soundtrack`); with any, the film has sound.

    Raises :class:`~dreamrunner.film.FilmError` when the plan has no scene, a file is missing or cannot be read, or the
    film cannot be written.
    """
    shots = lay_out(plan)
    if not shots:
        raise FilmError(f"cannot write {out}: the story has no scenes")
    for shot in shots:
        if shot.scene not in scene_files or not Path(scene_files[shot.scene]).is_file():
            where = scene_files.get(shot.scene, "its file")
            raise FilmError(f"cannot join the film: scene {shot.scene} is not filmed yet ({where} is missing)")
    width, height = _size(scene_files[shots[0].scene], out)
    video = ffmpeg.input("pipe:", format="rawvideo", pix_fmt="yuv420p", s=f"{width}x{height}", r=FILM_RATE)
    # The pictures are BT.709 already; this only says so.
    video = video.filter("setparams", colorspace="bt709", color_primaries="bt709", color_trc="bt709", range="tv")
    streams, options, heard = [video], {}, seconds_heard(plan, speech)
    with tempfile.TemporaryDirectory() as folder, replacing(out) as partial:
        if burn_subtitles:
            streams = [burn(video, plan, heard, Path(folder), width, height)]
        if speech:
            sound = Path(folder) / "narration.wav"
            write_soundtrack(plan, speech, sound)
            streams.append(ffmpeg.input(local(sound))["a"])
            options |= {"c:a": "aac", "b:a": "128k", "flags:a": "+bitexact"}
        if cues(plan) and not burn_subtitles:
            track = Path(folder) / "narration.srt"
            track.write_text(srt(plan, heard), encoding="utf-8", newline="\n")
            streams.append(ffmpeg.input(local(track), format="srt")["s"])
            options |= {"c:s": "mov_text", "disposition:s:0": 0}
        graph = ffmpeg.output(*streams, local(partial), f="mp4", **H264, **REPRODUCIBLE, **options)
        pictures = cut_film(shots, {shot.scene: scene_files[shot.scene] for shot in shots}, width, height)
        run(graph, out, frames=film_frames(shots), feed=pictures, on_progress=on_progress)
    return Path(out)


def scene_rate(frames: int, duration: float) -> Fraction:
    """Give the frames a second of a scene: exact for durations in whole milliseconds, as stories write them."""
    return frames / Fraction(repr(float(duration))).limit_denominator(1000)


def enlargement(height: int) -> int:
    """Give the whole factor by which frames of ``height`` pixels are enlarged in the film."""
    return max(1, -(-SHOWN_HEIGHT // height))


def _size(file: Path, out: Path) -> tuple[int, int]:
    try:
        reader = imageio_ffmpeg.read_frames(str(Path(file).absolute()))
        try:
            return next(reader)["source_size"]
        finally:
            reader.close()
    except (OSError, RuntimeError, StopIteration, KeyError) as error:
        raise FilmError(f"cannot join {out}: {file} is not a video that ffmpeg can read; film it again") from error


def _ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
