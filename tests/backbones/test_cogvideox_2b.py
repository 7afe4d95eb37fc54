"""A folder laid out as CogVideoX-2B comes from the hub, cut to two layers and random weights, films like the miniature.

The transformer has the 2B's own config but for its depth: 30 heads of 64, 4096 text channels, 226 text tokens, 60x90
latents, sine positions. The text encoder is one thin T5 layer of 4096 channels behind a SentencePiece vocabulary
in the 2B's file format, the VAE has the 2B's structure with a sixteenth of its channels.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch
from diffusers import AutoencoderKLCogVideoX, CogVideoXDDIMScheduler, CogVideoXDPMScheduler, CogVideoXTransformer3DModel
from transformers import T5Config, T5EncoderModel

from dreamrunner.backbones import describe, load
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.regions import Grid, lower
from dreamrunner.rendering import render

TRANSFORMER = {
    "activation_fn": "gelu-approximate",
    "attention_bias": True,
    "attention_head_dim": 64,
    "dropout": 0.0,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "in_channels": 16,
    "max_text_seq_length": 226,
    "norm_elementwise_affine": True,
    "norm_eps": 1e-05,
    "num_attention_heads": 30,
    "out_channels": 16,
    "patch_size": 2,
    "sample_frames": 49,
    "sample_height": 60,
    "sample_width": 90,
    "spatial_interpolation_scale": 1.875,
    "temporal_compression_ratio": 4,
    "temporal_interpolation_scale": 1.0,
    "text_embed_dim": 4096,
    "time_embed_dim": 512,
    "timestep_activation_fn": "silu",
    "use_rotary_positional_embeddings": False,
}
SCHEDULER = {
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "set_alpha_to_one": True,
    "snr_shift_scale": 3.0,
    "steps_offset": 0,
    "timestep_spacing": "trailing",
}


def save_tokenizer(folder: Path) -> int:
    """A T5 tokenizer as the hub has it: ``spiece.model`` and its configs. Returns the size of its vocabulary."""
    folder.mkdir()
    text = folder / "corpus.txt"
    text.write_text("a witch is walking in the garden\na small black cat sits and watches\n" * 30)
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(folder / "spiece"),
        vocab_size=60,
        model_type="unigram",
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (folder / "spiece.vocab").unlink()
    text.unlink()
    special = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    config = {**special, "extra_ids": 100, "model_max_length": 226, "tokenizer_class": "T5Tokenizer", "legacy": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    return 60 + 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("hub") / "CogVideoX-2b"
    path.mkdir()
    torch.manual_seed(0)
    words = save_tokenizer(path / "tokenizer")
    CogVideoXTransformer3DModel(**TRANSFORMER, num_layers=2).half().save_pretrained(path / "transformer")
    T5EncoderModel(
        T5Config(
            vocab_size=words, d_model=4096, d_kv=64, d_ff=64, num_heads=1, num_layers=1, feed_forward_proj="gated-gelu"
        )
    ).half().save_pretrained(path / "text_encoder")
    AutoencoderKLCogVideoX(
        block_out_channels=(8, 16, 16, 32),
        latent_channels=16,
        layers_per_block=3,
        norm_num_groups=4,
        scaling_factor=1.15258426,
        down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4,
    ).half().save_pretrained(path / "vae")
    CogVideoXDDIMScheduler(**SCHEDULER).save_pretrained(path / "scheduler")
    (path / "model_index.json").write_text(
        json.dumps(
            {
                "_class_name": "CogVideoXPipeline",
                "_diffusers_version": "0.30.0.dev0",
                "scheduler": ["diffusers", "CogVideoXDDIMScheduler"],
                "text_encoder": ["transformers", "T5EncoderModel"],
                "tokenizer": ["transformers", "T5Tokenizer"],
                "transformer": ["diffusers", "CogVideoXTransformer3DModel"],
                "vae": ["diffusers", "AutoencoderKLCogVideoX"],
            }
        )
    )
    return path


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))


def test_described_as_the_2b_is(folder):
    backbone = describe(str(folder))
    assert (backbone.width, backbone.height, backbone.frames, backbone.text_tokens) == (720, 480, 49, 226)
    assert backbone.grid == Grid(frames=49, steps=13, rows=30, columns=45)


def test_at_its_full_depth_it_is_known_by_its_config(folder, tmp_path):
    """Only a config decides, so the full model's is written beside links to the cut one's weights."""
    full = tmp_path / "download"
    for file in folder.rglob("*"):
        if file.is_file():
            link = full / file.relative_to(folder)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file)
    config = full / "transformer" / "config.json"
    deep = {**json.loads(config.read_text()), "num_layers": 30}
    config.unlink()
    config.write_text(json.dumps(deep))
    backbone = describe(str(full))
    assert (backbone.name, backbone.steps, backbone.guidance) == ("download", 50, 9.0)
    assert (backbone.dtype, backbone.scheduler) == ("float16", "dpm")


def test_loads_runs_a_step_by_region_and_decodes(folder):
    backbone = describe(str(folder), size=(32, 32)).model_copy(update={"scheduler": "dpm"})
    loaded = load(backbone)
    words = loaded.pipe.tokenizer("a witch is walking").input_ids
    assert words[-1] == 1 and 2 not in words, "its own vocabulary was read"
    assert isinstance(loaded.pipe.scheduler, CogVideoXDPMScheduler)
    assert loaded.pipe.transformer.dtype == (torch.float16 if torch.cuda.is_available() else torch.float32)
    beats = [
        PlannedBeat(entity=name, motion=None, start=0, end=6, description=words, keyframes=(KeyFrame(0, box),))
        for name, words, box in (
            ("witch", "a witch is walking", Box(0, 0, 0.5, 1)),
            ("cat", "a small black cat sits", Box(0.5, 0.5, 1, 1)),
        )
    ]
    scene = PlannedScene(
        name="garden",
        background="the garden",
        narration="",
        duration=6.0,
        transition=Transition(),
        seed=1,
        beats=tuple(beats),
    )
    program = lower(scene, backbone.grid)
    one = render(program, loaded, seed=3, steps=1)
    plain = render(program, loaded, seed=3, steps=1, attention="plain")
    assert one.pixels.shape == (49, 32, 32, 3) and one.duration == 6.0
    assert not np.array_equal(one.pixels, plain.pixels)
    assert one.pixels.std() > 0
