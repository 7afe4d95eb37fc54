"""Running ffmpeg: the binary that comes with imageio-ffmpeg, fed through a pipe, watched, and stopped cleanly."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import IO

import ffmpeg

from dreamrunner.film.output_file import FilmError, explain, refusal

Progress = Callable[[float], None]
"""Called with the share of the work that is done, 0 to 1, never falling."""

REPRODUCIBLE = {
    "threads": 1,
    "fflags": "+bitexact",
    "flags:v": "+bitexact",
    "map_metadata": -1,
}
"""Output options that keep dates, versions and thread timing out of the file: the same frames, the same bytes."""

H264 = {
    "c:v": "libx264",
    "pix_fmt": "yuv420p",
    "crf": 16,
    "preset": "medium",
    "colorspace": "bt709",
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "color_range": "tv",
    "movflags": "+faststart",
}
"""Output options for a file that every browser plays and begins to play before it is loaded whole."""


def local(path: Path) -> str:
    """Name a file for ffmpeg so that nothing in the path is taken for a protocol."""
    return f"file:{Path(path).absolute()}"


def held_to(video: ffmpeg.nodes.FilterableStream, frames: int) -> ffmpeg.nodes.FilterableStream:
    """Hold a stream's last frame, or drop what is too much, so that exactly ``frames`` frames come out."""
    held = video.filter("tpad", stop=-1, stop_mode="clone")
    return held.filter("trim", end_frame=frames).filter("setpts", "PTS-STARTPTS")


def run(
    graph: ffmpeg.nodes.OutputStream,
    out: Path,
    *,
    frames: int,
    feed: Iterable[bytes | memoryview] = (),
    metadata: Path | None = None,
    on_progress: Progress | None = None,
) -> None:
    """Run ``graph`` to its end, writing ``feed`` to ffmpeg's standard input.

    ``metadata`` is a file of ffmpeg's own form for a title and chapters, which the output gets.
    ``frames`` is how many frames come out, for ``on_progress``. ``out`` is the file that the user asked for, named in
    the :class:`FilmError` that is raised when ffmpeg fails. An interruption stops ffmpeg before it is passed on.
    """
    # Set on the value itself, because the graph only carries names and numbers that the shell never sees.
    command = graph.global_args("-hide_banner", "-loglevel", "error", "-nostats", "-progress", "pipe:1")
    arguments = command.overwrite_output().compile(cmd=binary())
    if metadata is not None:
        arguments = _with_metadata(arguments, metadata)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        assert process.stdin is not None and process.stdout is not None, "both are pipes"
        failures: list[BaseException] = []
        feeder = threading.Thread(target=_write, args=(process.stdin, feed, failures), daemon=True)
        try:
            feeder.start()
            for line in process.stdout:
                if on_progress is not None and line.startswith(b"frame="):
                    on_progress(min(1.0, int(line[6:]) / max(frames, 1)))
            code = process.wait()
            feeder.join()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        if failures:
            raise failures[0]
        if code != 0:
            lines = words(said) or [f"ffmpeg ended with code {code}"]
            # ffmpeg says the cause first and its consequences after it, unless the disk is to blame.
            disk = (line for line in lines if refusal(out, None, line))
            raise FilmError(explain(out, None, next(disk, lines[0])))


def _with_metadata(arguments: list[str], metadata: Path) -> list[str]:
    """A command whose output has the title and the chapters of a file, which becomes its last input."""
    number = str(arguments.count("-i"))
    after = len(arguments) - arguments[::-1].index("-i") + 1
    kept = arguments[after:]
    at = kept.index("-map_metadata")
    kept[at : at + 2] = ["-map_metadata", number, "-map_chapters", number]
    return [*arguments[:after], "-f", "ffmetadata", "-i", local(metadata), *kept]


def _write(pipe: IO[bytes], feed: Iterable[bytes | memoryview], failures: list[BaseException]) -> None:
    try:
        for part in feed:
            pipe.write(part)
    except (BrokenPipeError, ConnectionResetError):
        pass  # ffmpeg has ended early; its own words say why
    except BaseException as error:  # raised again in the caller's thread
        failures.append(error)
    finally:
        if isinstance(feed, Generator):
            feed.close()
        with contextlib.suppress(OSError):
            pipe.close()


def words(said: IO[bytes]) -> list[str]:
    """Read the lines that ffmpeg wrote to a file, without the names and addresses of the parts that wrote them."""
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return [re.sub(r"^\[[^]]* @ 0x[0-9a-f]+\] *", "", line) for line in lines]


def binary() -> str:
    """Find ffmpeg. Raises :class:`FilmError` where there is none."""
    import imageio_ffmpeg

    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise FilmError(
            "no ffmpeg found; install it with `pip install --force-reinstall imageio-ffmpeg`,"
            " or set IMAGEIO_FFMPEG_EXE to an ffmpeg of yours"
        ) from error
