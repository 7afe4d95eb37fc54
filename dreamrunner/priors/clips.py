"""From clips on disk to what is trained on, at a backbone's size."""

from __future__ import annotations

from dreamrunner.backbones import Backbone
from dreamrunner.datasets.segments import Segment
from dreamrunner.datasets.video import Attributes, read_attributes, read_frames
from dreamrunner.priors.encoding import TrainingClip


def read_clip(segment: Segment, backbone: Backbone, rate: float) -> TrainingClip:
    """The beginning of a segment at ``rate`` frames a second, cut to the backbone's shape round the segment's window.

    A segment that is too short for all of the backbone's frames at that rate is spread over them, slowed down.

    Raises:
        VideoError: the video cannot be read.
    """
    seconds = backbone.frames / rate
    short = segment.end < segment.start + seconds - 1e-6
    size = backbone.width, backbone.height
    crop = window(segment.crop, read_attributes(segment.file), size)
    frames = read_frames(
        segment.file,
        start=segment.start,
        end=segment.end if short else segment.start + seconds,
        count=backbone.frames if short else None,
        rate=None if short else rate,
        size=size,
        crop=crop,
    )
    return TrainingClip(frames, segment.caption, segment.content)


def window(
    crop: tuple[float, float, float, float] | None, video: Attributes, size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """The part of a picture (normalized x0, y0, x1, y1) that has the shape of ``size`` and holds ``crop``.

    It is the smallest one that does. Where none does that lies in the picture, it is the largest one in the picture,
    its middle as near to the crop's as can be.
    """
    x0, y0, x1, y1 = crop or (0.0, 0.0, 1.0, 1.0)
    wanted = size[0] / size[1] * video.height / video.width  # width over height, both as shares of the picture
    height = max(y1 - y0, (x1 - x0) / wanted)
    height = min(height, 1.0, 1 / wanted)
    width = height * wanted
    left = min(max((x0 + x1 - width) / 2, 0.0), 1 - width)
    top = min(max((y0 + y1 - height) / 2, 0.0), 1 - height)
    return left, top, left + width, top + height
