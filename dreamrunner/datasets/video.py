"""Reading videos: what they are, and their frames. The only file that opens one.

Files come from strangers, so that nothing but plain video formats is let in (a playlist could name other files), and
whatever is wrong with one is a :class:`VideoError` that says what.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from dreamrunner.datasets.picture import picture, rotation_of, shown_size
from dreamrunner.files.digest import digest_file
from dreamrunner.files.regular import require_regular
from dreamrunner.files.wording import reason

if TYPE_CHECKING:
    import av
    import numpy as np

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,ogg,flv,asf,gif,m4v,h264,hevc,mjpeg,ivf,dv"
"""FFmpeg's names of the formats that are read."""

_INTO_A_CONTAINER = "put it into a container: ffmpeg -i FILE -c copy FILE.mp4"

WHOLE = 0.9
"""Share of the frames which a file declares that must be there: below it, the file has been cut off."""


_SOUGHT = frozenset("mov mp4 matroska webm mpegts flv asf ogg".split())
"""Formats whose packets say when they are shown. In others (AVI, GIF, MPEG program streams, raw streams) times after a
jump are guesses, so they are read from their beginning."""

_EARLIER = (0.0, 1.0, 4.0, 16.0, 64.0)
"""Seconds before a moment that are sought, one after the other, until what is decoded first lies before the moment."""

_ALIKE = 1e-6
"""Seconds between two moments that are one."""


class VideoError(Exception):
    """A file that is not a video that can be read. Its text is one line that begins with the file's name."""


class Attributes(BaseModel, frozen=True):
    """A video's own facts.

    ``width`` and ``height`` are square pixels as shown, after ``rotation`` (0, 90, 180 or 270 degrees clockwise).
    ``rate`` is the mean number of frames a second, ``duration`` is in seconds.
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
        raise VideoError(f"{file}: {reason(error)}") from error


def read_attributes(file: Path) -> Attributes:
    """Read size, rate, number of frames, duration and rotation; the first frame is decoded, the others are counted.

    Raises :class:`VideoError` when there is no such file, it is no video, it holds no frames, or it has been cut off.
    """
    with _opened(file) as opened:
        first = next(opened.frames(), None)
        if first is None:
            raise VideoError(f"{file}: holds no frames")
        width, height = shown_size(first, opened.aspect)
        rotation = rotation_of(first)
    with _opened(file) as opened:
        stream, times, ends, there = opened.stream, [], [], 0
        for packet in opened.container.demux(stream):
            if packet.pts is None or not packet.size:
                continue
            there += 1
            if not packet.is_discard:  # what an edit list leaves out is not shown
                times.append(float(packet.pts * packet.time_base))
                ends.append(times[-1] + float((packet.duration or 0) * packet.time_base))
        if stream.frames and there < WHOLE * stream.frames:
            raise VideoError(f"{file}: is cut off, {there} of {stream.frames} frames are there")
        if not times:
            bare = f"is a bare stream, whose frames have no times; {_INTO_A_CONTAINER}"
            raise VideoError(f"{file}: {'holds no frames' if there else bare}")
        duration = max(ends) - min(times)
        if duration <= 0:  # a single frame, without a word of how long it is shown
            duration = len(times) / float(stream.average_rate or 1)
        elif max(ends) == max(times):  # FLV and WMV don't say how long the last frame is shown: as the mean of the rest
            duration *= len(times) / (len(times) - 1)
        return Attributes(
            width=width,
            height=height,
            rate=len(times) / duration,
            frames=len(times),
            duration=duration,
            rotation=rotation,
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
    """Read frames between ``start`` and ``end`` seconds (the video's end by default), as shown: uint8 (F, H, W, 3),
    RGB.

    Either ``count`` frames, sampled evenly at the middles of as many equal stretches, or ``rate`` frames a second
    beginning at ``start``, or else every frame that is there. A moment gives the frame that is on the screen then;
    after the last frame, that one. ``crop`` is a normalized window, cut out before scaling to ``size`` (width, height).

    Raises :class:`VideoError` when the file cannot be read or shows nothing in that stretch.
    """
    import numpy as np

    read = frames_one_by_one(file, start=start, end=end, count=count, rate=rate, size=size, crop=crop)
    return np.stack(list(read))


def frames_one_by_one(
    file: Path,
    *,
    start: float = 0.0,
    end: float | None = None,
    count: int | None = None,
    rate: float | None = None,
    size: tuple[int, int] | None = None,
    crop: tuple[float, float, float, float] | None = None,
) -> Iterator[np.ndarray]:
    """The frames that :func:`read_frames` gives, each uint8 (H, W, 3), none of them held longer than it is used.

    Raises :class:`VideoError` as that does, once the first is asked for.
    """
    moments: Iterator[float] | None = None
    if count is not None or rate is not None:
        end = read_attributes(file).duration if end is None else end
        if count is not None:
            moments = iter([start + (index + 0.5) * (end - start) / count for index in range(count)])
        else:
            assert rate is not None
            moments = iter([start + index / rate for index in range(max(1, round((end - start) * rate)))])
    there = False
    wanted = next(moments, None) if moments is not None else None
    shown = None
    for time, frame, aspect in _frames_from(file, start):
        if moments is None:
            if time >= start - _ALIKE and (end is None or time < end - _ALIKE):
                there = True
                yield picture(frame, aspect, size, crop)
            if end is not None and time >= end:
                break
            continue
        while wanted is not None and time > wanted + _ALIKE:
            # Before the first frame of all there is nothing on the screen but it.
            there = True
            yield picture(shown[0] if shown else frame, aspect, size, crop)
            wanted = next(moments, None)
        shown = frame, aspect
        if wanted is None:
            break
    while wanted is not None and moments is not None and shown is not None:
        there = True
        yield picture(*shown, size, crop)
        wanted = next(moments, None)
    if not there:
        raise VideoError(f"{file}: shows nothing from {start:g} s on")


def _frames_from(file: Path, moment: float) -> Iterator[tuple[float, av.VideoFrame, float]]:
    """Frames in the order in which they are shown, from one at or before ``moment`` on, if there is any: each with its
    time in seconds and its pixels' aspect.

    Seeking leads to a group of frames that may begin later than what was sought, since containers keep the times of
    decoding, or none at all. So it is sought earlier until it does not, at last from the beginning.
    """
    for earlier in _EARLIER:
        if moment - earlier <= 0:
            break
        with _opened(file) as opened:
            if _SOUGHT.isdisjoint(opened.container.format.name.split(",")):
                break
            found = opened.sought(moment - earlier)
            first = next(found, None)
            if first is not None and opened.time(first) <= moment + _ALIKE:
                for frame in chain([first], found):
                    yield opened.time(frame), frame, opened.aspect
                return
    with _opened(file) as opened:
        yield from ((opened.time(frame), frame, opened.aspect) for frame in opened.frames())


class _Video:
    """An open video: its container, the stream of pictures that counts, and what decodes it."""

    def __init__(self, container: av.container.InputContainer, stream: av.VideoStream) -> None:
        import av

        self.container, self.stream = container, stream
        self.decoder = stream.codec_context
        if stream.metadata.get("alpha_mode") == "1" and stream.codec_context.name in ("vp8", "vp9"):
            # FFmpeg's own decoders leave out what is transparent.
            decoder = av.CodecContext.create({"vp8": "libvpx", "vp9": "libvpx-vp9"}[stream.codec_context.name], "r")
            assert isinstance(decoder, av.VideoCodecContext), "both are codecs of pictures"
            self.decoder = decoder
        self.decoder.thread_count = 1
        aspect = stream.sample_aspect_ratio
        self.aspect = float(aspect) if aspect else 1.0
        assert stream.time_base is not None, "a container's stream counts time in some unit"
        self.unit = stream.time_base
        self.begin = float((stream.start_time or 0) * self.unit)
        # AVI keeps no times of showing, which differ from those of decoding; its rate is constant. So is the rate of
        # MPEG-1, of which program streams keep a time for some frames alone: what is filled in for others is wrong.
        kind = container.format.name, stream.codec_context.name
        self.counted = kind[0] == "avi" or kind == ("mpeg", "mpeg1video")
        self.passed = 0

    def time(self, frame: av.VideoFrame) -> float:
        """When the frame that came last is shown, in seconds from the stream's beginning."""
        if self.counted:
            return (self.passed - 1) / float(self.stream.average_rate or 1)
        return (frame.time or 0.0) - self.begin

    def frames(self) -> Iterator[av.VideoFrame]:
        """Frames from where the container stands."""
        for packet in self.container.demux(self.stream):
            for frame in self.decoder.decode(packet):
                self.passed += 1
                yield frame

    def sought(self, moment: float) -> Iterator[av.VideoFrame]:
        """Frames from the group on that the container takes for that of a moment; none where it can't seek."""
        import av

        try:
            self.container.seek(int((moment + self.begin) / self.unit), stream=self.stream)
        except av.FFmpegError:
            return
        yield from self.frames()


@contextmanager
def _opened(file: Path) -> Iterator[_Video]:
    import av

    file = Path(file)
    try:
        require_regular(file)
    except (OSError, ValueError) as error:
        missing = isinstance(error, (FileNotFoundError, ValueError))
        why = "no such file" if missing else "is a folder" if isinstance(error, IsADirectoryError) else reason(error)
        raise VideoError(f"{file}: {why}") from error
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        # The prefix keeps a name such as `http:x` a file's name.
        with av.open(f"file:{file.absolute()}", options=options, metadata_errors="replace") as container:
            # A song's cover is no film, and of several tracks the one that players show counts.
            streams = [
                one for one in container.streams.video if not one.disposition & av.stream.Disposition.attached_pic
            ]
            if not streams:
                raise VideoError(f"{file}: holds no pictures, only sound" if container.streams else f"{file}: is empty")
            chosen = next((one for one in streams if one.disposition & av.stream.Disposition.default), streams[0])
            if chosen.codec_context is None:
                raise VideoError(f"{file}: is in a form (codec) that can't be read here")
            yield _Video(container, chosen)
    except VideoError:
        raise
    except av.ArgumentError as error:  # so FFmpeg refuses what is not in the list of formats
        read = "MP4, MOV, MKV, WebM, AVI, MPEG, TS, FLV, WMV, OGG and GIF are"
        raise VideoError(f"{file}: is in a form (container) that is not read here; {read}") from error
    except Exception as error:  # what strangers' files make of a library is not foreseen
        raise VideoError(f"{file}: is not a video that can be read ({reason(error)})") from error
