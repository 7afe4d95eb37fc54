"""What the trainings of motions and of characters have in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dreamrunner.backbones.device import Card, Device, card
from dreamrunner.backbones.memory_plan import TRAINING, Work, plan_for, require
from dreamrunner.backbones.resident import loaded
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.files.wording import counted
from dreamrunner.pipeline.tasks.makers.checkpoint_key import checkpoint_key
from dreamrunner.pipeline.tasks.makers.progress import BEGUN
from dreamrunner.priors.values import sidecar_file

if TYPE_CHECKING:
    from dreamrunner.backbones import Backbone
    from dreamrunner.engine.graph import Advance
    from dreamrunner.priors import Preview, StepReport

SEED = 0
"""The seed of every training in a build. It is not the story's: a film with another seed needs no other LoRAs."""

MEAN_OF = 20
"""Steps whose mean loss is shown; that of a single step says little, since each has its own noise."""


@dataclass(frozen=True)
class TrainingSpec:
    """What every training has: the motion or character ``of``, the recipe, and what it is computed with.

    ``preview`` shows clips on the way; it changes nothing and stands in no key.
    ``card`` is the GPU, where one is known.
    """

    of: str
    backbone: Backbone
    device: Device
    recipe: TrainingRecipe
    seed: int = SEED
    preview: Preview | None = None
    card: Card | None = None

    def work(self, clips: int) -> Work:
        """What the training takes of a GPU's memory; ``clips`` are a motion's, 0 for a character."""
        backbone = self.backbone
        return Work(
            stages=(*TRAINING, "preview") if self.preview else TRAINING,
            size=(backbone.width, backbone.height),
            clip=backbone.frames,
            frames=backbone.frames,
            clips=clips,
        )

    def train(
        self,
        train: Callable[..., object],
        samples: Sequence[object],
        path: Path,
        checkpoint: Path,
        advance: Advance,
        *,
        word: Literal["clip", "photo"],
    ) -> None:
        """Train into ``path``, going on from ``checkpoint``; the sidecar is the one in the file itself. A sample is
        called ``word``."""
        clips = len(samples) if word == "clip" else 0
        lately: deque[float] = deque(maxlen=MEAN_OF)

        def on_step(report: StepReport) -> None:
            lately.append(next(iter(report.losses.values())))
            note = f"loss {sum(lately) / len(lately):.3f}"
            advance(report.step / report.steps, step=report.step, steps=report.steps, note=note)

        def on_clip(done: int, of: int) -> None:
            advance(BEGUN, note=f"encoded {done} of {counted(of, word)}")
            if done == of:
                advance(0.0)  # steps begin now

        memory = plan_for(self.backbone, card(), self.work(clips)) if self.device == "cuda" else None
        require(memory)
        model = loaded(self.backbone, self.device)
        advance(0.0)
        try:
            train(
                model,
                samples,
                self.recipe,
                of=self.of,
                file=path,
                seed=self.seed,
                checkpoint=checkpoint,
                on_step=on_step,
                on_clip=on_clip,
                memory=memory,
                preview=self.preview,
            )
        finally:
            sidecar_file(path).unlink(missing_ok=True)


@dataclass(frozen=True)
class Training:
    """A training. ``reads`` is the digest of all that the LoRA depends on, apart from what is in the files needed."""

    spec: TrainingSpec
    reads: str

    def forget(self, needed: Mapping[str, Path]) -> None:
        self._checkpoint(needed).unlink(missing_ok=True)

    def _checkpoint(self, needed: Mapping[str, Path]) -> Path:
        from dreamrunner.priors.training import checkpoint_file

        return checkpoint_file(checkpoint_key(self.reads, needed))
