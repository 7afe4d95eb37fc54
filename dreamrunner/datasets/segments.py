"""What retrieval hands on: the pieces of video that show a motion, and how they were chosen."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from dreamrunner.files.digest import digest_json


class Segment(BaseModel, frozen=True):
    """A stretch of one video, as a rule round one person.

    ``start`` and ``end`` are seconds in ``file``, whose content has the hash ``digest``. ``crop`` is the normalized
    window x0, y0, x1, y1 of the picture as shown, or the whole picture when it is ``None``. ``caption`` is the
    catalog's own. Scores are cosines, -1 to 1: CLIP's, the video model's, and their mean; ``None`` before they are
    taken.
    """

    file: Path
    digest: str
    start: float
    end: float
    crop: tuple[float, float, float, float] | None = None
    caption: str = ""
    image_score: float | None = None
    video_score: float | None = None
    score: float | None = None

    @property
    def content(self) -> str:
        """Names what the segment shows: the sha256 over its video's own and the part of it that is shown."""
        part = [self.digest, self.start, self.end, self.crop]
        return digest_json(part)


class Step(BaseModel, frozen=True):
    """One step of the funnel: how many went ``into`` it and came ``out``, how many were ``dropped`` for which
    reason."""

    name: str
    into: int
    out: int
    dropped: dict[str, int] = {}


class Retrieved(BaseModel, frozen=True):
    """The segments for one ``query``, best first, and the ``funnel`` that they came through."""

    query: str
    segments: tuple[Segment, ...]
    funnel: tuple[Step, ...]
