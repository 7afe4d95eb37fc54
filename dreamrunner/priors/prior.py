"""From samples to an adapter's file: what training a motion and a subject have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack, cast

from dreamrunner.backbones.family import EXPERTS
from dreamrunner.backbones.loading import Loaded
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.priors.encoding import Encoder, Sample
from dreamrunner.priors.saving import describe_training, save_adapter
from dreamrunner.priors.training import (
    Objective,
    StepReport,
    TrainingError,
    checkpoint_file,
    fitting,
    train,
    training_key,
)
from dreamrunner.priors.values import Adapter, Learnt, Source

if TYPE_CHECKING:
    from dreamrunner.backbones.memory_plan import MemoryPlan
    from dreamrunner.priors.training_preview import Preview


class Running(TypedDict, total=False):
    """How a training is run; none of it changes what comes out, but ``seed``.

    ``checkpoint`` is the file of the checkpoint, written every ``save_every`` seconds; one that is named is the
    caller's to remove once the result is safe, one in the cache folder (the default) goes when the file is written.
    ``on_step`` hears of every step; ``preview`` shows clips on the way.
    """

    seed: int
    checkpoint: Path | None
    save_every: float
    on_step: Callable[[StepReport], None] | None
    preview: Preview | None


class Preparing(Running, total=False):
    """The same with what comes before the first step: ``on_clip`` hears how many of how many samples are encoded,
    ``memory`` is the plan for the GPU, and ``encoder`` encodes in the place of one that keeps to that plan."""

    on_clip: Callable[[int, int], None]
    memory: MemoryPlan | None
    encoder: Encoder | None


def train_prior(
    loaded: Loaded,
    encoded: Callable[[Encoder], Sequence[Sample]],
    objective: Objective,
    recipe: TrainingRecipe,
    *,
    kind: Learnt,
    of: str,
    file: Path,
    content: Sequence[tuple[str, str]],
    source: Source = "hand",
    **preparing: Unpack[Preparing],
) -> Adapter:
    """Train, write the file and its sidecar, and only then remove a checkpoint that the caller did not name.

    ``encoded`` gives the samples, of an encoder; ``content`` has digest and caption of each.

    Raises:
        TrainingError: the model has too few blocks, the training went astray or does not fit into the GPU.
        OSError: a file can't be written.
    """
    if not all(objective.loras.values()):
        raise TrainingError(f"{loaded.backbone.name} has too few blocks to learn a {kind} in; two are needed")
    memory, on_clip = preparing.pop("memory", None), preparing.pop("on_clip", lambda done, of: None)
    encoder = preparing.pop("encoder", None)
    running = Running(seed=0) | cast(Running, preparing)
    preview = running.get("preview")
    with fitting(loaded):
        texts = preview.texts if preview is not None else ()
        samples = encoded(encoder or Encoder(loaded, memory=memory, texts=texts, on_clip=on_clip))
    key = training_key(kind, loaded, recipe, running["seed"], [list(pair) for pair in content])
    own = checkpoint_file(key)
    running["checkpoint"] = running.get("checkpoint") or own
    part, parts = loaded.family.learner(loaded.pipe, kind), loaded.denoisers
    trained = train(loaded, samples, objective, recipe, key=key, part=part, **running)
    sidecar = describe_training(
        trained.losses,
        recipe,
        loaded.backbone,
        kind=kind,
        of=of,
        blocks=objective.loras[objective.kept],
        seed=running["seed"],
        content=content,
        source=source,
        expert=EXPERTS[parts.index(part)] if len(parts) > 1 else "",
    )
    adapter = save_adapter(trained.tensors, sidecar, file, loaded.family)
    if running["checkpoint"] == own:
        own.unlink(missing_ok=True)
    return adapter
