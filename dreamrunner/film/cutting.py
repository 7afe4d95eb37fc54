"""Cutting: a scene's part of the film at the film's rate, with its transitions and, if asked for, its subtitles worked
in.

The film is these parts end to end, so a scene that changes is cut again alone. Where a scene dissolves into the next
one, what both show belongs to the next one's part. Pictures are decoded one at a time, two during a dissolve.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Generator, Iterator, Mapping
from itertools import islice
from pathlib import Path

import ffmpeg
import numpy as np

from dreamrunner.film.burning import burn
from dreamrunner.film.output_file import FilmError, output_file
from dreamrunner.film.process import H264, REPRODUCIBLE, Progress, binary, held_to, local, run, words
from dreamrunner.film.rates import FILM_RATE
from dreamrunner.film.sound import lengths_of
from dreamrunner.film.subtitles import cues_during
from dreamrunner.film.timeline import Part, Shot, part_of
from dreamrunner.planning.plan import Plan


def cut_scene(
    plan: Plan,
    scene: str,
    files: Mapping[str, Path],
    out: Path,
    *,
    size: tuple[int, int],
    burn_subtitles: bool = False,
    speech: Mapping[str, Path] = {},
    on_progress: Progress | None = None,
) -> Path:
    """Cut the part of ``scene`` to ``out``, an mp4 file of :data:`~dreamrunner.film.rates.FILM_RATE` and ``size``
    (width, height; both even).

    ``files`` gives, by scene name, the videos of the scene and of the one that dissolves into it
    (:func:`~dreamrunner.film.timeline.part_of`); they may have any rate and size. With ``burn_subtitles`` the narration
    is part of the picture; ``speech`` then gives the fitted speech of what is said in the scene that
    :func:`~dreamrunner.film.subtitles.heard_over` names, if it is spoken.

    Raises :class:`~dreamrunner.film.FilmError` when a video cannot be read or ``out`` cannot be written.
    """
    part = part_of(plan, scene)
    width, height = size
    video = ffmpeg.input("pipe:", format="rawvideo", pix_fmt="yuv420p", s=f"{width}x{height}", r=FILM_RATE)
    # The pictures are BT.709 already; this only says so.
    video = video.filter("setparams", colorspace="bt709", color_primaries="bt709", color_trc="bt709", range="tv")
    with tempfile.TemporaryDirectory() as folder, output_file(out) as partial:
        if burn_subtitles:
            video = burn(video, cues_during(plan, scene, lengths_of(speech)), Path(folder), width, height)
        graph = ffmpeg.output(video, local(partial), f="mp4", **H264, **REPRODUCIBLE)
        pictures = _pictures(part, files, width, height)
        run(graph, out, frames=part.length, feed=pictures, on_progress=on_progress)
    return Path(out)


def _pictures(part: Part, files: Mapping[str, Path], width: int, height: int) -> Iterator[memoryview]:
    """The part's pictures as bytes of yuv420p (limited range)."""
    shot, before = part.shot, part.before
    black = np.full(width * height * 3 // 2, 128, np.uint8)
    black[: width * height] = 16
    clip = _decode(shot, files[shot.scene], width, height)
    former = _decode(before, files[before.scene], width, height) if before else _nothing()
    try:
        leaving = islice(former, before.length - shot.dissolve if before else 0, None)
        for number, picture in enumerate(islice(clip, part.length)):
            if number < shot.dissolve:
                picture = _mix(next(leaving), picture, (number + 1) / (shot.dissolve + 1))
            if number < shot.fade_in:
                picture = _mix(black, picture, number / shot.fade_in)
            if number >= shot.length - shot.fade_out:
                picture = _mix(black, picture, (shot.length - 1 - number) / shot.fade_out)
            yield picture.data
    finally:
        former.close()
        clip.close()


def _nothing() -> Generator[np.ndarray, None, None]:
    yield from ()


def _mix(one: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    return np.rint(one + (other.astype(np.float32) - one) * np.float32(share)).astype(np.uint8)


def _decode(shot: Shot, file: Path, width: int, height: int) -> Generator[np.ndarray, None, None]:
    """The pictures of one shot at the film's rate, each a flat uint8 array; exactly ``shot.length`` of them."""
    clip = ffmpeg.input(local(file), threads=1)["v"].filter("fps", FILM_RATE, start_time=0)
    clip = held_to(clip, shot.length).filter("scale", width, height).filter("format", "yuv420p")
    graph = ffmpeg.output(clip, "pipe:", f="rawvideo", threads=1)
    graph = graph.global_args("-hide_banner", "-loglevel", "error", "-nostats")
    size = width * height * 3 // 2
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            graph.compile(cmd=binary()), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        assert process.stdout is not None, "it is a pipe"
        try:
            for _ in range(shot.length):
                picture = process.stdout.read(size)
                if len(picture) < size:
                    why = (words(said) or ["it ends too early"])[0]
                    raise FilmError(f"scene {shot.scene}: {file} cannot be read as a video ({why}); film it again")
                yield np.frombuffer(picture, np.uint8)
        finally:
            process.stdout.close()
            process.kill()
            process.wait()
