"""A family of models that nobody made: text is read by cross-attention, a latent frame stands for eight pixel frames,
and configs, folders and LoRAs have names of their own. Its parts are stubs: it can be described, never run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from dreamrunner.backbones.family import Configs, Geometry, Row, Tokens
from dreamrunner.backbones.tensor_names import Part
from dreamrunner.backbones.training_recipe import Training, TrainingRecipe

SIZE, FRAMES, SECONDS, WORDS, BLOCKS, WIDTH = (128, 64), 41, 2.5, 40, 3, 12

_ROW = {
    "hub_id": "nobody/loom-small",
    "size": SIZE,
    "token": 32,
    "frames": FRAMES,
    "seconds": SECONDS,
    "steps": 7,
    "guidance": 2.5,
    "dtype": "bfloat16",
    "scheduler": "shuttle",
    "training": Training(
        motion=TrainingRecipe(steps=3, rank=2, learning_rate=1e-3),
        subject=TrainingRecipe(steps=4, rank=2, learning_rate=1e-3),
        rate=16.0,
    ),
}

_ROWS, _UNKNOWN = (Row(name="loom-small", known_by={"threads": 4}, **_ROW),), Row(name="", **_ROW)


@dataclass(frozen=True)
class Loom:
    """A :class:`~dreamrunner.backbones.family.Family` that can do all but what is called with a pipeline in memory."""

    name: str = "loom"
    pipeline: str = "LoomPipeline"
    rows: Sequence[Row] = _ROWS
    unknown: Row = _UNKNOWN
    conditioning: str = "cross"
    branches: str = "batch"
    token_order: tuple[Tokens, ...] = ("video",)
    time_axis: int = 2
    tile: tuple[int, int] = SIZE
    lora_prefix: str = "loom."

    denoisers: tuple[str, ...] = ("transformer",)

    @property
    def optional_networks(self) -> Mapping[str, str]:
        return {}

    @property
    def own_classes(self) -> Mapping[tuple[str, str], str]:
        return {}

    @property
    def networks(self) -> Mapping[str, str]:
        return {"transformer": "LoomModel", "vae": "ThreadAutoencoder", "reader": "WordModel"}

    def geometry(self, configs: Configs) -> Geometry:
        width, height = configs["transformer"]["cloth"]
        return Geometry(
            size=(width, height),
            frames=configs["transformer"]["picks"],
            token=configs["vae"]["across"] * 2,
            multiple=configs["vae"]["across"] * 2,
            largest=None,
            temporal_compression=configs["vae"]["along"],
            temporal_patch=1,
            growth=1,
            text_tokens=WORDS,
        )

    def most_tokens(self, text: str) -> int:
        return len(text.split()) + 1

    def block_count(self, configs: Configs) -> int:
        return configs["transformer"]["sheds"]

    def block_of(self, layer: str) -> int | None:
        found = re.match(r"shed(\d+)/", layer)
        return int(found[1]) if found else None

    def layers(self, block: int, *, output: bool = False) -> tuple[str, ...]:
        return f"shed{block}/warp", f"shed{block}/weft"

    def tokens_of(self, layer: str) -> tuple[Tokens, ...] | None:
        found = re.fullmatch(r"shed\d+/(warp|weft)", layer)
        return found and {"warp": ("video",), "weft": ("text",)}[found[1]]

    def channels(self, layer: str, configs: Configs) -> tuple[int, int]:
        return (WIDTH, WIDTH) if layer.endswith("warp") else (WIDTH, 2 * WIDTH)

    def lora_part(self, tensor: str) -> Part | None:
        layer, _, half = tensor.rpartition(".lora_")
        return Part(layer, half.upper()) if half in ("a", "b") else None

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is called, though nothing is to be run")


def build_loom(folder: Path) -> Path:
    """A model folder of the family: configs, a vocabulary that can't be read, and weights of one number."""
    configs = {
        "transformer": {"threads": 4, "sheds": BLOCKS, "cloth": SIZE, "picks": FRAMES},
        "vae": {"across": 16, "along": 8},
        "reader": {},
    }
    index: dict[str, object] = {"_class_name": "LoomPipeline"}
    for part, kind in {**Loom().networks, "scheduler": "Shuttle", "tokenizer": "Words"}.items():
        (folder / part).mkdir(parents=True)
        (folder / part / "config.json").write_text(json.dumps(configs.get(part, {})))
        index[part] = ["nowhere", kind]
        if part in configs:
            save_file({"one": np.ones(1, np.float32)}, folder / part / "model.safetensors")
    (folder / "model_index.json").write_text(json.dumps(index))
    kinds = ("characters", "props", "colours", "sizes", "places", "learnable")
    listed = {kind: [] for kind in kinds} | {"motions": ["walking", "sitting", "stirring"]}
    (folder / "words.json").write_text(json.dumps(listed))
    return folder


def write_lora(file: Path, block: int = 0, width: int = WIDTH) -> Path:
    """A LoRA as the family's are published."""
    layer = f"shed{block}/weft"
    halves = {f"{layer}.lora_a": (2, width), f"{layer}.lora_b": (2 * width, 2)}
    save_file({name: np.ones(shape, np.float32) for name, shape in halves.items()}, file)
    return file
