"""Finding clips that show a motion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.datasets import Segment
from dreamrunner.files.paths import MINIATURE
from dreamrunner.pipeline.adapters.catalogs import catalogued, open_catalog
from dreamrunner.pipeline.adapters.makers.found_segments import found_segments
from dreamrunner.retrieval import Parts, RetrievalOptions, load_parts

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance


@dataclass(frozen=True)
class Search:
    """A search for clips that show a motion: ``query`` in ``catalog``, a folder or :data:`MINIATURE`.

    ``detector`` finds people in place of the usual one; it may be a pickle with ``trust_weights``.
    """

    query: str
    catalog: str | Path
    options: RetrievalOptions = RetrievalOptions()
    detector: Path | None = None
    trust_weights: bool = False

    @property
    def local_only(self) -> bool:
        """Whether the videos, or what looks at them, lie on this machine alone."""
        return self.catalog != MINIATURE or self.detector is not None

    def parts(self) -> Parts:
        """What looks at the catalog's videos.

        Raises:
            DetectorError, SimilarityError: there is none that suits them.
        """
        if self.detector is None and not self.trust_weights:
            return load_parts(self.catalog)
        return load_parts(self.catalog, detector=self.detector, trust_weights=self.trust_weights)

    def found(self, result: Path) -> list[Segment]:
        """What the search's task wrote down, with where the videos lie on this machine, but for videos that are gone.

        Raises:
            CatalogError: the catalog cannot be used.
        """
        rows = found_segments(result)
        wanted = {row["digest"] for row in rows}
        files: dict[str, Path] = {}
        for _, file, digest in catalogued(self.query, open_catalog(self.catalog), self.options):
            if digest in wanted:
                files.setdefault(digest, file)
            if len(files) == len(wanted):
                break
        return [Segment(file=files[row["digest"]], **row) for row in rows if row["digest"] in files]

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        """Search, and write down what was found: content, stretch, window, caption and scores of each clip.

        Where no clip scores more than the threshold, none of them shows the motion, and only the best score is written.
        """
        from dreamrunner.retrieval import retrieve

        steps = ("clips", "people", "similarity")

        def on_progress(step: str, done: int, total: int) -> None:
            advance((steps.index(step) + (done / total if total else 1.0)) / len(steps))

        parts = self.parts()
        found = retrieve(
            self.query,
            open_catalog(self.catalog),
            people=parts.people,
            image_similarity=parts.image_similarity,
            video_similarity=parts.video_similarity,
            options=self.options,
            on_progress=on_progress,
        )
        best = max((segment.score or 0.0 for segment in found.segments), default=None)
        fits = best is not None and best > self.options.threshold
        segments = [segment.model_dump(mode="json", exclude={"file"}) for segment in found.segments if fits]
        result = {"query": self.query, "segments": segments} | ({} if fits else {"best": best})
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
