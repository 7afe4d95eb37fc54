"""Clips that somebody brings: nothing is searched for, but what cannot be used is found out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dreamrunner.datasets.captions import Broken
from dreamrunner.datasets.segments import Segment
from dreamrunner.datasets.tables import read_file
from dreamrunner.datasets.video import VideoError, digest_of, read_attributes


def given_clips(files: Sequence[Path], *, least_seconds: float) -> tuple[tuple[Segment, ...], tuple[Broken, ...]]:
    """The clips that can be used, whole and in the order given, and those that cannot: unreadable, too short, or twice.

    A caption is what stands in the text or JSON file beside the clip, which may say ``start`` and ``end`` too, else the
    file's name as words.
    """
    segments: list[Segment] = []
    broken: list[Broken] = []
    for file in files:
        try:
            segment = _given(file, least_seconds)
            if any(
                (one.digest, one.start, one.end) == (segment.digest, segment.start, segment.end) for one in segments
            ):
                raise ValueError("is the same clip again")
        except VideoError as error:
            broken.append(Broken(str(file), str(error).removeprefix(f"{file}: ")))
        except ValueError as error:
            broken.append(Broken(str(file), str(error)))
        else:
            segments.append(segment)
    return tuple(segments), tuple(broken)


def _given(file: Path, least_seconds: float) -> Segment:
    duration = read_attributes(file).duration
    row = read_file(file)
    end = duration if row.end is None else min(row.end, duration)
    if end - row.start < least_seconds - 1e-6:
        raise ValueError(f"lasts {max(0.0, end - row.start):.3g} s, and at least {least_seconds:.3g} s are needed")
    return Segment(file=file, digest=digest_of(file), start=row.start, end=end, caption=row.caption)
