"""The table of known backbones: how each wants to be sampled, and where its weights are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Precision = Literal["float32", "float16", "bfloat16"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One row. ``size`` is (width, height) in pixels, ``frames`` the clip's length; ``None`` reads the weights' config.

    ``dtype`` is what runs on a GPU; a CPU always computes in float32. ``scheduler`` ``"dpm"`` swaps in CogVideoX's own
    DPM sampler, ``"own"`` keeps the one that came with the weights. ``heads``, ``layers`` and ``patch_time`` are the
    transformer's, by which a folder is recognized as a copy of this model.
    """

    name: str
    hub_id: str | None
    size: tuple[int, int] | None
    frames: int | None
    steps: int
    guidance: float
    dtype: Precision
    scheduler: Literal["own", "dpm"]
    heads: int = 0
    layers: int = 0
    patch_time: int | None = None

    def matches(self, transformer: dict[str, Any]) -> bool:
        """Whether a transformer's config is this model's."""
        shape = (transformer.get(key) for key in ("num_attention_heads", "num_layers", "patch_size_t"))
        return tuple(shape) == (self.heads, self.layers, self.patch_time)


MINIATURE_FOLDER = Path(__file__).resolve().parent.parent / "miniature" / "weights"
"""The bundled weights."""

# Steps, guidance and sampler of the two CogVideoX models are those of the paper's released inference code (A.3);
# precisions are those of their model cards.
TABLE: dict[str, Recipe] = {
    row.name: row
    for row in (
        Recipe("miniature", None, (96, 64), 17, 20, 3.0, "float32", "own", heads=4, layers=6),
        Recipe("cogvideox-2b", "zai-org/CogVideoX-2b", (720, 480), 49, 50, 9.0, "float16", "dpm", heads=30, layers=30),
        Recipe("cogvideox-5b", "zai-org/CogVideoX-5b", (720, 480), 49, 50, 9.0, "bfloat16", "dpm", heads=48, layers=42),
    )
}

UNKNOWN = Recipe("", None, None, None, 50, 6.0, "float16", "own")
"""How weights that no row matches are sampled: diffusers' own defaults for the pipeline."""


def recipe_for(transformer: dict[str, Any]) -> Recipe:
    """The row that a transformer's config belongs to, or :data:`UNKNOWN`."""
    return next((row for row in TABLE.values() if row.matches(transformer)), UNKNOWN)
