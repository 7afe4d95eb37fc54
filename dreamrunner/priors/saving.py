"""Writing a trained LoRA: a file that stock diffusers loads, and its JSON sidecar."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.family import Expert, Family
from dreamrunner.backbones.tensor_names import METADATA
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.files.atomic import write_whole
from dreamrunner.files.digest import digest_bytes
from dreamrunner.priors.naming import placeholder_in
from dreamrunner.priors.values import OWN, Adapter, Learnt, Sidecar, Source, sidecar_file
from dreamrunner.version import __version__

_LIBRARIES = ("torch", "diffusers", "peft", "safetensors")
_STRETCHES = 20


def describe_training(
    losses: dict[str, tuple[float, ...]],
    recipe: TrainingRecipe,
    backbone: Backbone,
    *,
    kind: Learnt,
    of: str,
    blocks: Sequence[int],
    seed: int,
    content: Sequence[tuple[str, str]],
    source: Source = "hand",
    expert: Expert = "",
) -> Sidecar:
    """The sidecar of a LoRA; ``content`` has digest and caption of each clip or photo, ``expert`` is who learnt it."""
    return Sidecar(
        kind=kind,
        of=of,
        backbone=backbone.name,
        backbone_digest=backbone.digest,
        blocks=tuple(blocks),
        rank=recipe.rank,
        alpha=recipe.scale * recipe.rank * recipe.strength,
        steps=recipe.steps,
        learning_rate=recipe.learning_rate,
        seed=seed,
        losses={name: _stretches(values) for name, values in losses.items()},
        captions=tuple(caption for _, caption in content),
        content=tuple(digest for digest, _ in content),
        source=source,
        expert=expert,
        versions={"dreamrunner": __version__} | {name: version(name) for name in _LIBRARIES},
    )


def save_adapter(tensors: dict[str, Tensor], sidecar: Sidecar, file: Path, family: Family) -> Adapter:
    """Write ``<layer>.lora_A`` and ``<layer>.lora_B`` to ``file``, for ``pipe.load_lora_weights``, and the sidecar.
    ``family`` is that of the layers.

    Raises:
        OSError: a file can't be written.
    """
    layers = sorted({name.rpartition(".")[0] for name in tensors})
    # One entry only: safetensors writes several in an order that changes from run to run.
    metadata = {
        f"{family.lora_prefix}r": sidecar.rank,
        f"{family.lora_prefix}lora_alpha": sidecar.alpha,
        f"{family.lora_prefix}target_modules": layers,
        OWN: sidecar.model_dump(mode="json"),
    }
    named = {f"{family.lora_prefix}{name}.weight": tensor.contiguous() for name, tensor in sorted(tensors.items())}
    content = save(named, {METADATA: json.dumps(metadata, sort_keys=True)})
    write_whole(sidecar_file(file), (sidecar.model_dump_json(indent=2) + "\n").encode())
    write_whole(file, content)
    digest = digest_bytes(content)
    return Adapter(
        name=f"{sidecar.kind}-{sidecar.of}",
        kind=sidecar.kind,
        of=sidecar.of,
        file=file,
        digest=digest,
        placeholder=placeholder_in(sidecar.captions) if sidecar.kind == "subject" else "",
        expert=sidecar.expert,
    )


def _stretches(values: Sequence[float]) -> tuple[float, ...]:
    count = min(_STRETCHES, len(values))
    edges = [len(values) * edge // count for edge in range(count + 1)]
    return tuple(float(f"{sum(values[first:last]) / (last - first):.6g}") for first, last in itertools.pairwise(edges))
