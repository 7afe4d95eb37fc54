"""The table of known backbones: how each wants to be sampled, and where its weights are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dreamrunner.backbones.training import Training, TrainingRecipe

Precision = Literal["float32", "float16", "bfloat16"]


# Rank, dropout, rates and at most 500 steps are the paper's (A.2) and its released config's; activations are computed
# again, since 49 frames of 720x480 are 17,776 tokens in every layer.
COGVIDEOX_TRAINING = Training(
    motion=TrainingRecipe(steps=360, rank=32, learning_rate=5e-4, checkpointing=True),
    subject=TrainingRecipe(steps=500, rank=32, learning_rate=5e-4, checkpointing=True),
)

# The miniature's are found by trial. Its motions come out too weak as they are learnt, since both branches of guidance have
# the LoRA; above 1.5 who moves is lost.
MINIATURE_TRAINING = Training(
    motion=TrainingRecipe(steps=1600, rank=32, learning_rate=4e-3, decay=True, strength=1.5),
    subject=TrainingRecipe(steps=500, rank=32, learning_rate=4e-3, decay=True),
    knows=frozenset(
        "stand wait stroll walk wander stride march run pace jump leap hop wave sit crouch fly hover float soar sleep nap"
        " doze lie stir brew cook dance sway twirl read study".split()
    ),
    catalog="miniature",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One row. ``size`` is (width, height) in pixels, ``frames`` the clip's length; ``None`` reads the weights' config.

    ``dtype`` is what runs on a GPU; a CPU always computes in float32. ``scheduler`` ``"dpm"`` swaps in CogVideoX's own
    DPM sampler, ``"own"`` keeps the one that came with the weights. ``heads``, ``layers`` and ``patch_time`` are the
    transformer's, by which a folder is recognized as a copy of this model. ``training`` is how priors are trained.
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
    training: Training = COGVIDEOX_TRAINING

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
        Recipe("miniature", None, (96, 64), 17, 20, 3.0, "float32", "own", 4, 6, training=MINIATURE_TRAINING),
        Recipe("cogvideox-2b", "zai-org/CogVideoX-2b", (720, 480), 49, 50, 9.0, "float16", "dpm", heads=30, layers=30),
        Recipe("cogvideox-5b", "zai-org/CogVideoX-5b", (720, 480), 49, 50, 9.0, "bfloat16", "dpm", heads=48, layers=42),
    )
}

UNKNOWN = Recipe("", None, None, None, 50, 6.0, "float16", "own")
"""How weights that no row matches are sampled: diffusers' own defaults for the pipeline."""


def recipe_for(transformer: dict[str, Any]) -> Recipe:
    """The row that a transformer's config belongs to, or :data:`UNKNOWN`."""
    return next((row for row in TABLE.values() if row.matches(transformer)), UNKNOWN)
