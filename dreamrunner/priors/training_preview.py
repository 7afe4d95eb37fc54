"""A look at a prior while it is trained."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dreamrunner.backbones.encodings import Encodings
from dreamrunner.backbones.loading import Loaded, in_turn
from dreamrunner.priors.encoding import alone_on_the_card
from dreamrunner.priors.network import Network


@dataclass(frozen=True, slots=True)
class Preview:
    """Every ``every`` steps a clip of ``prompt`` is sampled with the prior so far and given to ``write``.

    ``write`` takes the step and the frames, uint8 (F, height, width, 3). The clip's noise is always that of ``seed``,
    so that previews can be compared; sampling leaves training as it was.
    """

    every: int
    prompt: str
    write: Callable[[int, np.ndarray], None]
    seed: int = 0

    @property
    def texts(self) -> tuple[str, str]:
        """What has to be encoded: its prompt, and the empty one."""
        return self.prompt, ""

    def encoded(self, loaded: Loaded) -> EncodedPreview:
        """The same with its prompt encoded, after which the text encoder is not needed."""
        texts = Encodings(loaded).texts(self.texts)
        return EncodedPreview(self, texts[self.prompt], texts[""])


@dataclass(frozen=True, slots=True)
class EncodedPreview:
    """A preview whose texts are encoded.

    ``preview``: what is shown, and when.
    ``positive``: its prompt, (tokens, channels).
    ``negative``: the empty prompt, of the same shape.
    """

    preview: Preview
    positive: Tensor
    negative: Tensor

    def is_due(self, step: int) -> bool:
        """Whether there is one after this step (from 1)."""
        return step % self.preview.every == 0

    @torch.no_grad()
    def show(self, network: Network, lora: str, step: int) -> None:
        """Sample with the LoRA of that name and write."""
        backbone, pipe = network.backbone, network.pipe
        network.use([lora], learning=())
        network.transformer.eval()
        pipe.vae.to(network.device)
        positive, negative = (text[None].to(network.device) for text in (self.positive, self.negative))
        dtype = network.transformer.dtype
        precision = torch.autocast(network.device.type, dtype, enabled=dtype != torch.float32)
        with precision, _tiled(network), in_turn(network.loaded):
            latents = network.family.sample(
                pipe,
                positive=positive,
                negative=negative,
                size=(backbone.width, backbone.height),
                frames=backbone.frames,
                steps=backbone.steps,
                guidance=backbone.guidance,
                low_guidance=backbone.low_guidance,
                generator=torch.Generator("cpu").manual_seed(self.preview.seed),
            )
            video = network.family.decode(pipe, latents, backbone.frames)
        alone_on_the_card(network.loaded, network.part)
        network.transformer.train()
        self.preview.write(step, np.round(video * 255).astype(np.uint8))


@contextlib.contextmanager
def _tiled(network: Network) -> Iterator[None]:
    """Decode by tiles on a GPU, where the optimizer's state takes room, too."""
    vae = network.pipe.vae
    if network.device.type == "cuda":
        vae.enable_tiling(*network.family.tile)
    try:
        yield
    finally:
        vae.disable_tiling()
