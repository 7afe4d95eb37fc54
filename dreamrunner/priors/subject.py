"""Subject priors: a spatial LoRA learnt from a character's photos (paper 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Unpack

from torch import Tensor

from dreamrunner.backbones.loading import Loaded
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.priors.blocks import spatial_blocks
from dreamrunner.priors.encoding import Photo
from dreamrunner.priors.losses import first_frame_loss
from dreamrunner.priors.network import Network
from dreamrunner.priors.prior import Preparing, train_prior
from dreamrunner.priors.training import Draw
from dreamrunner.priors.values import Adapter

SUBJECT = "subject"


class SubjectObjective:
    """One spatial LoRA. Every photo is a clip that stands still, and the loss looks at its first frame only."""

    kept = SUBJECT

    def __init__(self, layers: int, recipe: TrainingRecipe) -> None:
        self.loras = {SUBJECT: spatial_blocks(layers, recipe.arrangement)}

    def read_by(self, index: int) -> tuple[str]:
        """The one that there is."""
        return (SUBJECT,)

    def step(self, network: Network, draw: Draw, backward: Callable[[Tensor], None]) -> dict[str, float]:
        """The first-frame loss of one photo."""
        family, scheduler, latents = network.family, network.scheduler, draw.sample.latents.float()
        noisy = family.add_noise(scheduler, latents, draw.noise, draw.timestep)
        network.use([SUBJECT], learning=[SUBJECT])
        prediction = network.predict(noisy, draw.sample.text, draw.timestep)
        loss = first_frame_loss(prediction, family.target(scheduler, latents, draw.noise, draw.timestep))
        backward(loss)
        return {"first frame": loss.item()}


def train_subject(
    loaded: Loaded,
    photos: Sequence[Photo],
    recipe: TrainingRecipe,
    *,
    of: str,
    file: Path,
    **preparing: Unpack[Preparing],
) -> Adapter:
    """Train a LoRA for the character ``of`` on photos and write it to ``file``, with its JSON sidecar beside it.

    What is said of bytes and errors in :func:`~dreamrunner.priors.motion.train_motion` holds here too.
    """
    if not photos:
        raise ValueError(f"no photos to learn {of} from")
    objective = SubjectObjective(len(loaded.family.blocks(loaded.pipe.transformer)), recipe)
    content = [(photo.digest, photo.caption) for photo in photos]
    return train_prior(
        loaded,
        lambda encoder: encoder.stills(photos),
        objective,
        recipe,
        kind="subject",
        of=of,
        file=file,
        content=content,
        **preparing,
    )
