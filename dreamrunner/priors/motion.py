"""Motion priors: a temporal LoRA learnt from clips, looks left out (paper 3.2 and A.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Unpack

from torch import Tensor

from dreamrunner.backbones.loading import Loaded
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.priors.blocks import spatial_blocks, temporal_blocks
from dreamrunner.priors.encoding import TrainingClip
from dreamrunner.priors.losses import spatial_loss, temporal_loss
from dreamrunner.priors.network import Network
from dreamrunner.priors.prior import Preparing, train_prior
from dreamrunner.priors.training import Draw
from dreamrunner.priors.values import Adapter, Source

TEMPORAL = "temporal"


class MotionObjective:
    """A temporal LoRA for all clips and, for each clip, a spatial LoRA that soaks up its looks.

    A step takes one clip. Its temporal loss, all frames with both LoRAs at work, moves the temporal LoRA alone; its
    spatial loss, one latent frame on its own with the clip's spatial LoRA alone, moves that. The spatial LoRA lies in
    blocks that the temporal one leaves free and is frozen in the first pass, so no gradient is computed to be dropped.
    """

    kept = TEMPORAL

    def __init__(self, clips: int, layers: int, recipe: TrainingRecipe) -> None:
        spatial = spatial_blocks(layers, recipe.arrangement)
        self.recipe = recipe
        self.loras = {TEMPORAL: temporal_blocks(layers, recipe.arrangement)}
        self.loras |= {self.spatial(index): spatial for index in range(clips)}

    @staticmethod
    def spatial(index: int) -> str:
        """The name of a clip's spatial LoRA."""
        return f"spatial-{index}"

    def read_by(self, index: int) -> tuple[str, str]:
        """The temporal LoRA, and the clip's own."""
        return TEMPORAL, self.spatial(index)

    def step(self, network: Network, draw: Draw, backward: Callable[[Tensor], None]) -> dict[str, float]:
        """The temporal loss, then the spatial loss, of one clip."""
        latents, text, noise, timestep = draw.sample.latents.float(), draw.sample.text, draw.noise, draw.timestep
        family, scheduler, spatial = network.family, network.scheduler, self.spatial(draw.index)
        frame, anchor = draw.frame(), draw.frame()
        noisy = family.add_noise(scheduler, latents, noise, timestep)
        target = family.target(scheduler, latents, noise, timestep)

        network.use([TEMPORAL, spatial], learning=[TEMPORAL])
        prediction = network.predict(noisy, text, timestep)
        moving = temporal_loss(prediction, target, anchor if self.recipe.debiased else None)
        backward(moving)

        network.use([spatial], learning=[spatial])
        one = slice(frame, frame + 1)
        still = spatial_loss(network.predict(noisy[one], text, timestep), target[one])
        backward(still)
        return {"temporal": moving.item(), "spatial": still.item()}


def train_motion(
    loaded: Loaded,
    clips: Sequence[TrainingClip],
    recipe: TrainingRecipe,
    *,
    of: str,
    file: Path,
    source: Source = "hand",
    **preparing: Unpack[Preparing],
) -> Adapter:
    """Train a LoRA for the motion ``of`` on clips and write it to ``file``, with its JSON sidecar beside it.

    ``source`` says who chose the clips; it is written into the sidecar. The same arguments on the same machine's CPU
    give the same bytes, cut short and gone on from or not. For the ablation with one prompt for all (paper table 4)
    give every clip the same caption.

    Raises:
        ValueError: no clips, or clips of another size than the backbone's.
        TrainingError: the training went astray or does not fit into the GPU.
        OSError: a file can't be written.
    """
    if not clips:
        raise ValueError(f"no clips to learn {of} from")
    objective = MotionObjective(len(clips), len(loaded.family.blocks(loaded.pipe.transformer)), recipe)
    content = [(clip.digest, clip.caption) for clip in clips]
    return train_prior(
        loaded,
        lambda encoder: encoder.samples(clips),
        objective,
        recipe,
        kind="motion",
        of=of,
        file=file,
        content=content,
        source=source,
        **preparing,
    )
