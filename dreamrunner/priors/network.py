"""A backbone's transformer while LoRAs are trained on it."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping, Sequence

import torch
from peft import LoraConfig
from peft.tuners.lora.layer import LoraLayer
from torch import Tensor
from torch.nn import Parameter

from dreamrunner.backbones.loading import Loaded, quiet
from dreamrunner.backbones.training_recipe import TrainingRecipe


class Network:
    """The transformer that is called ``part``, with its LoRAs; only they have gradients.

    ``parameters`` are the LoRAs' matrices, float32, by LoRA and layer: ``{"temporal": {"<layer>.lora_A": ...}}``.
    ``scheduler`` is a copy of the pipeline's, since adding noise moves its tables to the latents' device, and what is
    filmed afterwards would be computed with other bits.
    """

    def __init__(
        self, loaded: Loaded, part: str, layers: Sequence[tuple[str, LoraLayer]], names: Sequence[str]
    ) -> None:
        self.loaded, self.part = loaded, part
        self.pipe, self.backbone, self.family = loaded.pipe, loaded.backbone, loaded.family
        self.scheduler = copy.deepcopy(loaded.pipe.scheduler)
        self.transformer = getattr(loaded.pipe, part)
        self.device = self.transformer.device
        self._layers = [layer for _, layer in layers]
        self.parameters: dict[str, dict[str, Parameter]] = {name: {} for name in names}
        for path, layer in layers:
            for half in ("lora_A", "lora_B"):
                for name, matrix in getattr(layer, half).items():
                    self.parameters[name][f"{path}.{half}"] = matrix.weight

    def use(self, active: Sequence[str], *, learning: Sequence[str]) -> None:
        """Let these LoRAs take part in what follows, and of them let ``learning`` have gradients."""
        for layer in self._layers:
            layer.set_adapter([name for name in active if name in layer.lora_A], inference_mode=True)
        for name in learning:
            for weight in self.parameters[name].values():
                weight.requires_grad_(True)

    def predict(self, noisy: Tensor, text: Tensor, timestep: Tensor) -> Tensor:
        """What the network says: (frames, channels, height, width) for latents of that shape.

        ``text`` is (text tokens, channels), ``timestep`` (1,). With half-precision weights the LoRAs' float32 matrices
        are cast on the way (autocast).
        """
        dtype, size = self.transformer.dtype, (self.backbone.width, self.backbone.height)
        with torch.autocast(self.device.type, dtype, enabled=dtype != torch.float32):
            return self.family.predict(self.pipe, self.part, noisy, text, timestep, size)


@contextlib.contextmanager
def with_loras(
    loaded: Loaded,
    blocks: Mapping[str, Sequence[int]],
    recipe: TrainingRecipe,
    *,
    seed: int,
    part: str = "transformer",
) -> Iterator[Network]:
    """Put fresh LoRAs on a part that denoises for a while, each in its own blocks (indices from 0); B is zero at first.

    The same seed gives the same A. Afterwards the transformer is as it was, in evaluation mode.
    """
    transformer = getattr(loaded.pipe, part)
    checkpointing = transformer.is_gradient_checkpointing
    try:
        with torch.random.fork_rng(), quiet():
            torch.manual_seed(seed)
            for name, its_blocks in blocks.items():
                config = LoraConfig(
                    r=recipe.rank,
                    lora_alpha=recipe.scale * recipe.rank,
                    lora_dropout=recipe.dropout,
                    target_modules=[
                        layer
                        for block in its_blocks
                        for layer in loaded.family.layers(block, output=recipe.output_projection)
                    ],
                )
                transformer.add_adapter(config, adapter_name=name)
        layers = [(path, layer) for path, layer in transformer.named_modules() if isinstance(layer, LoraLayer)]
        for _, layer in layers:
            for half in (layer.lora_A, layer.lora_B):
                half.float()
        if recipe.checkpointing:
            transformer.enable_gradient_checkpointing()
        transformer.train()
        yield Network(loaded, part, layers, list(blocks))
    finally:
        if not checkpointing:
            transformer.disable_gradient_checkpointing()
        transformer.unload_lora()
        transformer.eval().requires_grad_(False)
