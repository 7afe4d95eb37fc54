"""Small videos, made with PyAV and the bundled ffmpeg, of which every frame is known."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np


def stripes(count: int, size: tuple[int, int] = (96, 64)) -> np.ndarray:
    """Grey frames, uint8 (count, height, width, 3): frame n has brightness 10 n + 20 on its left, 255 on its right."""
    width, height = size
    frames = np.full((count, height, width, 3), 255, np.uint8)
    for number in range(count):
        frames[number, :, : width // 2] = min(10 * number + 20, 250)
    return frames


def write(file: Path, frames: np.ndarray, rate: int = 8, times: list[float] | None = None, **options: str) -> Path:
    """H.264, nearly lossless; ``times`` in seconds make the rate variable."""
    with av.open(str(file), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=Fraction(rate), options={"crf": "1", "preset": "ultrafast"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv444p"
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = round(times[number] * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)], check=True)


def number_of(picture: np.ndarray) -> int:
    """Which frame of :func:`stripes` a picture shows, by its left part."""
    return round((float(picture[:, : picture.shape[1] // 4].mean()) - 20) / 10)
