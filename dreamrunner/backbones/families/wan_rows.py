"""The models of Wan: where their weights are, how they want to be sampled and trained, and what memory they take.

No torch. Sizes in memory are those of live tensors at the full configs (``python benchmarks/memory_wan.py``).
"""

from __future__ import annotations

from dataclasses import replace

from dreamrunner.backbones.family import Row
from dreamrunner.backbones.training_recipe import Training, TrainingRecipe

IN_KEYS = ("UNTRIED_TRAINING", "SLOWER_TRAINING", "ROWS", "UNKNOWN")
"""What says how models are used. Keys hold what a result depends on of its own model's row, so that other models' rows
make nothing anew."""

# Rank and rates are those of common recipes for LoRAs of these models; steps are the paper's (A.2). None was tried
# here.
UNTRIED_TRAINING = Training(
    motion=TrainingRecipe(steps=360, rank=32, learning_rate=1e-4, checkpointing=True),
    subject=TrainingRecipe(steps=500, rank=32, learning_rate=1e-4, checkpointing=True),
    rate=16.0,
)
SLOWER_TRAINING = replace(UNTRIED_TRAINING, rate=24.0)

# Sizes, frames and rates are those that the models were trained for; steps and guidance are those of their model cards.
ROWS = (
    Row(
        name="wan-1.3b",
        hub_id="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        size=(832, 480),
        token=16,
        frames=81,
        seconds=81 / 16,
        steps=50,
        guidance=5.0,
        dtype="bfloat16",
        scheduler="own",
        training=UNTRIED_TRAINING,
        known_by={"num_attention_heads": 12, "num_layers": 30, "in_channels": 16},
    ),
    Row(
        name="wan-14b",
        hub_id="Wan-AI/Wan2.1-T2V-14B-Diffusers",
        size=(832, 480),
        token=16,
        frames=81,
        seconds=81 / 16,
        steps=50,
        guidance=5.0,
        dtype="bfloat16",
        scheduler="own",
        training=UNTRIED_TRAINING,
        known_by={"num_attention_heads": 40, "num_layers": 40, "in_channels": 16},
    ),
    Row(
        name="wan-2.2-14b",
        hub_id="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
        size=(832, 480),
        token=16,
        frames=81,
        seconds=81 / 16,
        steps=40,
        guidance=4.0,
        dtype="bfloat16",
        scheduler="own",
        training=UNTRIED_TRAINING,
        known_by={"num_attention_heads": 40, "num_layers": 40, "in_channels": 16},
        optional=("transformer_2",),
    ),
    Row(
        name="wan-2.2-5b",
        hub_id="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        size=(1280, 704),
        token=32,
        frames=121,
        seconds=121 / 24,
        steps=50,
        guidance=5.0,
        dtype="bfloat16",
        scheduler="own",
        training=SLOWER_TRAINING,
        known_by={"num_attention_heads": 24, "num_layers": 30, "in_channels": 48},
    ),
)

# Steps and guidance are diffusers' own defaults for the pipeline.
UNKNOWN = Row(
    name="",
    hub_id=None,
    size=None,
    token=None,
    frames=None,
    seconds=81 / 16,
    steps=50,
    guidance=5.0,
    dtype="bfloat16",
    scheduler="own",
    training=UNTRIED_TRAINING,
)
