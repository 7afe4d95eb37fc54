"""The models of Wan: where their weights are, how they want to be sampled and trained, and what memory they take; and
what their layers are called.

No torch. Sizes in memory are those of live tensors at the full configs (``python benchmarks/memory_wan.py``).
"""

from __future__ import annotations

from dataclasses import replace

from dreamrunner.backbones.family import Row
from dreamrunner.backbones.footprint import Footprint
from dreamrunner.backbones.training_recipe import Training, TrainingRecipe

IN_KEYS = ("UNTRIED_TRAINING", "SLOWER_TRAINING", "_1_3B", "_14B", "_5B", "ROWS", "UNKNOWN")
"""What says how models are used. Keys hold what a result depends on of its own model's row, so that other models' rows
make nothing anew."""

VIDEO_LAYERS = {
    "attn1.to_q": "self_attn.q",
    "attn1.to_k": "self_attn.k",
    "attn1.to_v": "self_attn.v",
    "attn1.to_out.0": "self_attn.o",
    "attn2.to_q": "cross_attn.q",
    "attn2.to_out.0": "cross_attn.o",
    "ffn.net.0.proj": "ffn.0",
    "ffn.net.2": "ffn.2",
}
TEXT_LAYERS = {"attn2.to_k": "cross_attn.k", "attn2.to_v": "cross_attn.v"}
"""The layers of a block that work token by token, on video and on text, and the first code's name for each."""

OTHER_LAYERS = {
    "condition_embedder.text_embedder.linear_1": "text_embedding.0",
    "condition_embedder.text_embedder.linear_2": "text_embedding.2",
    "condition_embedder.time_embedder.linear_1": "time_embedding.0",
    "condition_embedder.time_embedder.linear_2": "time_embedding.2",
    "condition_embedder.time_proj": "time_projection.1",
    "proj_out": "head.head",
}
"""The linear layers outside of blocks, which LoRAs for the whole picture may adapt, and the same of each."""

# Rank and rates are those of common recipes for LoRAs of these models; steps are the paper's (A.2). None was tried
# here.
UNTRIED_TRAINING = Training(
    motion=TrainingRecipe(steps=360, rank=32, learning_rate=1e-4, checkpointing=True),
    subject=TrainingRecipe(steps=500, rank=32, learning_rate=1e-4, checkpointing=True),
    rate=16.0,
)
SLOWER_TRAINING = replace(UNTRIED_TRAINING, rate=24.0)

# Autoencoders are in float32. What a step takes is that of the conditional call, guidance's branches being two. Of two
# experts one lies on the card at a time. Nothing of this was measured on a card: cuDNN's working space is not in it.
_1_3B = Footprint(
    size=(832, 480),
    frames=81,
    tokens=32_760,
    words=512,
    text_encoder=11.4,
    transformer=2.85,
    autoencoder=0.51,
    sampling=1.67,
    adapting=0.69,
    decoding=8.2,
    decoding_tiled=1.82,
    encoding=5.7,
    encoding_tiled=0.96,
    training=12.3,
    lora=0.08,
)
_14B = replace(_1_3B, transformer=28.6, sampling=3.81, adapting=0.71, training=34.6, lora=0.26)
_5B = Footprint(
    size=(1280, 704),
    frames=121,
    tokens=27_280,
    words=512,
    text_encoder=11.4,
    transformer=10.1,
    autoencoder=2.83,
    sampling=5.55,
    adapting=0.95,
    decoding=20.8,
    decoding_tiled=3.4,
    encoding=7.85,
    encoding_tiled=3.3,
    training=18.7,
    lora=0.14,
)


# Sizes, frames and rates are those that the models were trained for; steps and guidance are those of their model cards.
ROWS = (
    Row(
        name="wan-1.3b",
        hub_id="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        revision="0fad780a534b6463e45facd96134c9f345acfa5b",
        size=(832, 480),
        token=16,
        frames=81,
        seconds=81 / 16,
        steps=50,
        guidance=5.0,
        dtype="bfloat16",
        scheduler="own",
        training=UNTRIED_TRAINING,
        memory=_1_3B,
        known_by={"num_attention_heads": 12, "num_layers": 30, "in_channels": 16},
    ),
    Row(
        name="wan-14b",
        hub_id="Wan-AI/Wan2.1-T2V-14B-Diffusers",
        revision="38ec498cb3208fb688890f8cc7e94ede2cbd7f68",
        size=(832, 480),
        token=16,
        frames=81,
        seconds=81 / 16,
        steps=50,
        guidance=5.0,
        dtype="bfloat16",
        scheduler="own",
        training=UNTRIED_TRAINING,
        memory=_14B,
        known_by={"num_attention_heads": 40, "num_layers": 40, "in_channels": 16},
    ),
    Row(
        name="wan-2.2-14b",
        hub_id="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
        revision="5be7df9619b54f4e2667b2755bc6a756675b5cd7",
        size=(832, 480),
        token=16,
        frames=81,
        seconds=81 / 16,
        steps=40,
        guidance=4.0,
        low_guidance=3.0,
        dtype="bfloat16",
        scheduler="own",
        training=UNTRIED_TRAINING,
        memory=_14B,
        known_by={"num_attention_heads": 40, "num_layers": 40, "in_channels": 16},
        optional=("transformer_2",),
    ),
    Row(
        name="wan-2.2-5b",
        hub_id="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        revision="b8fff7315c768468a5333511427288870b2e9635",
        size=(1280, 704),
        token=32,
        frames=121,
        seconds=121 / 24,
        steps=50,
        guidance=5.0,
        dtype="bfloat16",
        scheduler="own",
        training=SLOWER_TRAINING,
        memory=_5B,
        known_by={"num_attention_heads": 24, "num_layers": 30, "in_channels": 48},
    ),
)

# Steps and guidance are diffusers' own defaults for the pipeline. Memory is that of the largest, with the weights that
# are there.
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
    memory=_14B,
)
