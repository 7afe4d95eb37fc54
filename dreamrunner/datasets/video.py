"""Reading videos: what they are, and their frames. The only file that opens one.

Files come from strangers, so that nothing but plain video formats is let in (a playlist could name other files), and
whatever is wrong with one is a :class:`VideoError` that says what.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from dreamrunner.files.digest import digest_file

if TYPE_CHECKING:
    import av
    import numpy as np

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,ogg,flv,asf,gif,m4v,h264,hevc,mjpeg,ivf,dv"
"""FFmpeg's names of the formats that are read."""

WHOLE = 0.9
"""Share of the frames which a file declares that must be there: below it, the file has been cut off."""


class VideoError(Exception):
    """A file that is not a video that can be read. Its text is one line that begins with the file's name."""


class Attributes(BaseModel, frozen=True):
    """A video's own facts.

    ``width`` and ``height`` are pixels as shown, after ``rotation`` (0, 90, 180 or 270 degrees clockwise). ``rate`` is the
    mean number of frames a second, ``duration`` is in seconds.
    """

    width: int
    height: int
    rate: float
    frames: int
    duration: float
    rotation: int = 0


def digest_of(file: Path) -> str:
    """The hash of a file's content, as hexadecimal SHA-256. Raises :class:`VideoError` when it cannot be read."""
    try:
        return digest_file(file)
    except OSError as error:
        raise VideoError(f"{file}: {error.strerror or error}") from error


def read_attributes(file: Path) -> Attributes:
    """Read size, rate, number of frames, duration and rotation; the first frame is decoded, the others are counted.

    Raises :class:`VideoError` when there is no such file, it is no video, it holds no frames, or it has been cut off.
    """
    with _opened(file) as (container, stream):
        first = next(container.decode(stream), None)
        if first is None:
            raise VideoError(f"{file}: holds no frames")
        rotation = _rotation(first)
        width, height = (first.width, first.height) if rotation % 180 == 0 else (first.height, first.width)
        container.seek(0)
        times, last = [], 0.0
        for packet in container.demux(stream):
            if packet.pts is not None and packet.size:
                times.append(float(packet.pts * packet.time_base))
                last = max(last, times[-1] + float((packet.duration or 0) * packet.time_base))
        frames = len(times)
        if stream.frames and frames < WHOLE * stream.frames:
            raise VideoError(f"{file}: is cut off, {frames} of {stream.frames} frames are there")
        if not frames:
            raise VideoError(f"{file}: holds no frames")
        duration = last - min(times)
        if duration <= 0:  # a single frame, or a format that does not say how long a frame is shown
            duration = frames / float(stream.average_rate or 1)
        return Attributes(
            width=width, height=height, rate=frames / duration, frames=frames, duration=duration, rotation=rotation
        )


def read_frames(
    file: Path,
    *,
    start: float = 0.0,
    end: float | None = None,
    count: int | None = None,
    rate: float | None = None,
    size: tuple[int, int] | None = None,
    crop: tuple[float, float, float, float] | None = None,
) -> np.ndarray:
    """Read frames between ``start`` and ``end`` seconds (the video's end by default), as shown: uint8 (F, H, W, 3), RGB.

    Either ``count`` frames, sampled evenly at the middles of as many equal stretches, or ``rate`` frames a second
    beginning at ``start``, or else every frame that is there. A moment gives the frame that is on the screen then; after
    the last frame, that one. ``crop`` is a normalized window, cut out before scaling to ``size`` (width, height).

    Raises :class:`VideoError` when the file cannot be read or shows nothing in that stretch.
    """
    import numpy as np

    moments: Iterator[float] | None = None
    if count is not None or rate is not None:
        end = read_attributes(file).duration if end is None else end
        if count is not None:
            moments = iter([start + (index + 0.5) * (end - start) / count for index in range(count)])
        else:
            moments = iter([start + index / rate for index in range(max(1, round((end - start) * rate)))])
    pictures: list[np.ndarray] = []
    with _opened(file) as (container, stream):
        begin = float((stream.start_time or 0) * stream.time_base)
        container.seek(max(0, int((start + begin) / stream.time_base)), stream=stream)
        wanted = next(moments, None) if moments is not None else None
        shown = None
        for frame in container.decode(stream):
            time = (frame.time or 0.0) - begin
            if moments is None:
                if time >= start - 1e-6 and (end is None or time < end - 1e-6):
                    pictures.append(_picture(frame, size, crop))
                if end is not None and time >= end:
                    break
                continue
            while wanted is not None and time > wanted + 1e-6:
                # Before the first frame of all there is nothing on the screen but it.
                pictures.append(_picture(shown or frame, size, crop))
                wanted = next(moments, None)
            shown = frame
            if wanted is None:
                break
        while wanted is not None and shown is not None:
            pictures.append(_picture(shown, size, crop))
            wanted = next(moments, None)
    if not pictures:
        raise VideoError(f"{file}: shows nothing from {start:g} s on")
    return np.stack(pictures)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    import av

    file = Path(file)
    if not file.is_file():
        raise VideoError(f"{file}: " + ("is a folder" if file.is_dir() else "no such file"))
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        # The prefix keeps a name such as `http:x` a file's name.
        with av.open(f"file:{file.absolute()}", options=options, metadata_errors="replace") as container:
            if not container.streams.video:
                raise VideoError(f"{file}: holds no pictures, only sound" if container.streams else f"{file}: is empty")
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            yield container, stream
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise VideoError(f"{file}: is not a video that can be read ({said})") from error


def _rotation(frame: av.VideoFrame) -> int:
    """Degrees clockwise, a multiple of 90; FFmpeg counts the other way round."""
    return -round((frame.rotation or 0) / 90) * 90 % 360


def _picture(
    frame: av.VideoFrame, size: tuple[int, int] | None, crop: tuple[float, float, float, float] | None
) -> np.ndarray:
    import cv2
    import numpy as np

    picture = np.rot90(frame.to_ndarray(format="rgb24"), -_rotation(frame) // 90)
    if crop is not None:
        height, width = picture.shape[:2]
        left, top = (min(int(edge * side), side - 1) for edge, side in zip(crop, (width, height)))
        right, bottom = (min(round(edge * side), side) for edge, side in zip(crop[2:], (width, height)))
        picture = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    if size is not None and size != (picture.shape[1], picture.shape[0]):
        # Averages what becomes smaller, so that a fine pattern does not flicker.
        smaller = size[0] * size[1] < picture.shape[0] * picture.shape[1]
        picture = cv2.resize(
            np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        )
    return np.ascontiguousarray(picture)
