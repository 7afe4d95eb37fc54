"""The models of CogVideoX: where their weights are, how they want to be sampled and trained, and what memory they take.

No torch. Sizes in memory are those of live tensors at the full configs (``python benchmarks/memory.py``).
"""

from __future__ import annotations

from dataclasses import replace

from dreamrunner.backbones.family import Row
from dreamrunner.backbones.footprint import Footprint
from dreamrunner.backbones.training_recipe import Training, TrainingRecipe
from dreamrunner.files.paths import MINIATURE, SECOND

IN_KEYS = ("PAPER_TRAINING", "MINIATURE_TRAINING", "SECOND_TRAINING", "_2B", "_5B", "_1_5_5B", "ROWS", "UNKNOWN")
"""What says how models are used. Keys hold what a result depends on of its own model's row, so that other models' rows
make nothing anew."""

# Rank, dropout, rates and at most 500 steps are the paper's (A.2) and its released config's; activations are computed
# again, since 49 frames of 720x480 are 17,776 tokens in every layer.
PAPER_TRAINING = Training(
    motion=TrainingRecipe(steps=360, rank=32, learning_rate=5e-4, checkpointing=True),
    subject=TrainingRecipe(steps=500, rank=32, learning_rate=5e-4, checkpointing=True),
    rate=8.0,
)

# The miniature's are found by trial. Its motions come out too weak as they are learnt, since both branches of guidance
# have the LoRA; above 1.5 who moves is lost.
MINIATURE_TRAINING = Training(
    motion=TrainingRecipe(steps=1600, rank=32, learning_rate=4e-3, decay=True, strength=1.5),
    subject=TrainingRecipe(steps=500, rank=32, learning_rate=4e-3, decay=True),
    rate=8.0,
    catalog=MINIATURE,
)

# The second edition's too. It brings no catalog along.
SECOND_TRAINING = Training(
    motion=TrainingRecipe(steps=600, rank=32, learning_rate=4e-3, decay=True, strength=1.5),
    subject=TrainingRecipe(steps=400, rank=32, learning_rate=4e-3, decay=True, strength=1.2),
    rate=8.0,
)


# Of float16 T5, transformers keeps the second half of each feed-forward in float32. All share an autoencoder; encoding
# whole is what an H200 took: cuDNN's working space, which fake tensors don't show, makes 6.6 GB into 8.2.
_2B = Footprint(
    size=(720, 480),
    frames=49,
    tokens=17_550,
    words=226,
    text_encoder=11.6,
    transformer=3.67,
    autoencoder=0.44,
    sampling=2.02,
    adapting=0.72,
    decoding=15.9,
    decoding_tiled=4.06,
    encoding=8.2,
    encoding_tiled=1.66,
    training=6.1,
    lora=0.06,
)
_5B = replace(_2B, text_encoder=9.6, transformer=11.2, sampling=2.89, adapting=1.03, training=11.0, lora=0.14)
_1_5_5B = replace(
    _5B,
    size=(1360, 768),
    frames=81,
    tokens=44_880,
    words=224,
    sampling=7.26,
    adapting=2.38,
    decoding=48.0,
    decoding_tiled=4.5,
    encoding=24.8,
    encoding_tiled=1.7,
    training=0.0,
)


# Six seconds a clip are the paper's (3.1). Steps, guidance and sampler of the first two models of the hub are those of
# its released inference code (A.3); precisions, and all of 1.5, whose clips have 16 frames a second, are those of their
# model cards.
ROWS = (
    Row(
        name=MINIATURE,
        hub_id=None,
        size=(96, 64),
        token=8,
        frames=17,
        seconds=6.0,
        steps=20,
        guidance=3.0,
        dtype="float32",
        scheduler="own",
        training=MINIATURE_TRAINING,
        known_by={"num_attention_heads": 4, "num_layers": 6, "patch_size_t": None},
    ),
    Row(
        name=SECOND,
        hub_id=None,
        size=(192, 128),
        token=16,
        frames=49,
        seconds=6.0,
        steps=12,
        guidance=3.0,
        dtype="float32",
        scheduler="own",
        training=SECOND_TRAINING,
        known_by={"num_attention_heads": 4, "num_layers": 8, "patch_size": 4},
    ),
    Row(
        name="cogvideox-2b",
        hub_id="zai-org/CogVideoX-2b",
        revision="1137dacfc2c9c012bed6a0793f4ecf2ca8e7ba01",
        size=(720, 480),
        token=16,
        frames=49,
        seconds=6.0,
        steps=50,
        guidance=9.0,
        dtype="float16",
        scheduler="dpm",
        training=PAPER_TRAINING,
        memory=_2B,
        known_by={"num_attention_heads": 30, "num_layers": 30, "patch_size_t": None},
    ),
    Row(
        name="cogvideox-5b",
        hub_id="zai-org/CogVideoX-5b",
        revision="8d6ea3f817438460b25595a120f109b88d5fdfad",
        size=(720, 480),
        token=16,
        frames=49,
        seconds=6.0,
        steps=50,
        guidance=9.0,
        dtype="bfloat16",
        scheduler="dpm",
        training=PAPER_TRAINING,
        memory=_5B,
        known_by={"num_attention_heads": 48, "num_layers": 42, "patch_size_t": None},
    ),
    Row(
        name="cogvideox-1_5-5b",
        hub_id="zai-org/CogVideoX1.5-5B",
        revision="fdc5267c90b5c06492985b966e43aae984e189e0",
        size=(1360, 768),
        token=16,
        frames=81,
        seconds=81 / 16,
        steps=50,
        guidance=6.0,
        dtype="bfloat16",
        scheduler="dpm",
        training=PAPER_TRAINING,
        memory=_1_5_5B,
        known_by={"num_attention_heads": 48, "num_layers": 42, "patch_size_t": 2},
    ),
)

# Steps and guidance are diffusers' own defaults for the pipeline. bfloat16 has the range of float32, so that no weights
# make it overflow. Memory is that of the largest transformer known at this size, with the weights that are there.
UNKNOWN = Row(
    name="",
    hub_id=None,
    size=None,
    token=None,
    frames=None,
    seconds=6.0,
    steps=50,
    guidance=6.0,
    dtype="bfloat16",
    scheduler="own",
    training=PAPER_TRAINING,
    memory=_5B,
)
