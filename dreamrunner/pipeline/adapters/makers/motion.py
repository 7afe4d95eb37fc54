"""Learning a motion from clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.datasets import Segment
from dreamrunner.pipeline.adapters.makers.found_segments import found_segments
from dreamrunner.pipeline.adapters.makers.training import Training

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance
    from dreamrunner.pipeline.adapters.makers.retrieve import Search
    from dreamrunner.priors import TrainingClip
    from dreamrunner.priors.values import Source


@dataclass(frozen=True)
class LearnMotion(Training):
    """Trains a motion's LoRA on ``clips``, or on what ``search`` found before. Clips are read at ``rate`` frames a
    second.

    Where a search found nothing that can be learnt from, the file that it makes holds no tensors: nothing to add.
    """

    rate: float
    clips: tuple[Segment, ...] = ()
    search: Search | None = None

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.priors import train_motion

        clips = self._found(needed) if self.search else self._given(needed)
        if not clips:
            from safetensors.numpy import save

            path.write_bytes(save({}))
            return
        source: Source = "catalog" if self.search else "hand"
        self.spec.train(
            partial(train_motion, source=source), clips, path, self._checkpoint(needed), advance, word="clip"
        )

    def _given(self, needed: Mapping[str, Path]) -> list[TrainingClip]:
        from dreamrunner.priors import read_clip

        here = [clip.model_copy(update={"file": needed[f"clip {at}"]}) for at, clip in enumerate(self.clips)]
        return [read_clip(clip, self.spec.backbone, self.rate) for clip in here]

    def gather(self, needed: Mapping[str, Path]) -> Mapping[str, Path]:
        """The videos that the search found, by their content; those that are gone since are left out."""
        if self.search is None:
            return {}
        found = self.search.found(needed[f"retrieve {self.spec.of}"])
        return {f"video {segment.digest}": segment.file for segment in found}

    def _found(self, needed: Mapping[str, Path]) -> list[TrainingClip]:
        from dreamrunner.datasets import VideoError
        from dreamrunner.priors import read_clip

        clips = []
        for row in found_segments(needed[f"retrieve {self.spec.of}"]):
            try:
                if (file := needed.get(f"video {row['digest']}")) is not None:
                    clips.append(read_clip(Segment(file=file, **row), self.spec.backbone, self.rate))
            except VideoError:
                continue  # found and scored a while ago, and broken since
        return clips
