"""Cutting: the pictures of the whole film, one after the other, with the transitions worked in.

Scenes are decoded one at a time, two during a dissolve, so the memory that a film takes does not grow with it.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import ffmpeg
import numpy as np

from dreamrunner.film.output import FilmError
from dreamrunner.film.process import binary, held_to, local, words
from dreamrunner.film.timeline import FILM_RATE, Shot


def cut_film(shots: Sequence[Shot], files: Mapping[str, Path], width: int, height: int) -> Iterator[memoryview]:
    """Yield the film's pictures as bytes of yuv420p (limited range), ``width`` by ``height``, both even.

    ``files`` gives the video of each scene, of any rate and size. Raises :class:`FilmError` for one that ffmpeg cannot
    read.
    """
    black = np.full(width * height * 3 // 2, 128, np.uint8)
    black[: width * height] = 16
    before = clip = _nothing()
    try:
        for shot, after in zip(shots, [*shots[1:], None]):
            clip = _decode(shot, files[shot.scene], width, height)
            alone = shot.length - (after.dissolve if after else 0)
            for number, picture in enumerate(islice(clip, alone)):
                if number < shot.dissolve:
                    picture = _mix(next(before), picture, (number + 1) / (shot.dissolve + 1))
                if number < shot.fade_in:
                    picture = _mix(black, picture, number / shot.fade_in)
                if number >= shot.length - shot.fade_out:
                    picture = _mix(black, picture, (shot.length - 1 - number) / shot.fade_out)
                yield memoryview(picture)
            before.close()
            before = clip
    finally:
        before.close()
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
