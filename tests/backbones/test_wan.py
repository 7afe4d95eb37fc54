"""Wan's models by their configs: which one a folder is, its tokens and their times, and what is refused."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler, WanTransformer3DModel

from dreamrunner.backbones import BackboneError, Grid, describe, load
from dreamrunner.backbones.families.wan import FAMILY, shift_of
from dreamrunner.backbones.table import TABLE
from dreamrunner.backbones.tokens import token_counts
from dreamrunner.regions import step_times
from tests.material.wan import CONFIGS, autoencoder, build_wan, small

ROOT = Path(__file__).resolve().parents[2]
MODELS = {"wan-1.3b": "1.3b", "wan-14b": "14b", "wan-2.2-14b": "14b", "wan-2.2-5b": "5b"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wan(tmp_path_factory.mktemp("wan") / "small")


def published(folder: Path, to: Path, name: str) -> Path:
    """A folder with the configs of a published model, if not its weights."""
    shutil.copytree(folder, to)
    config = {"patch_size": [1, 2, 2], "attention_head_dim": 128, "in_channels": 16, "out_channels": 16}
    (to / "transformer" / "config.json").write_text(json.dumps(config | CONFIGS[MODELS[name]]))
    vae = (
        {"scale_factor_spatial": 16, "scale_factor_temporal": 4, "z_dim": 48} if name == "wan-2.2-5b" else {"z_dim": 16}
    )
    (to / "vae" / "config.json").write_text(json.dumps(vae))
    index = json.loads((to / "model_index.json").read_text())
    if name == "wan-2.2-14b":
        shutil.copytree(to / "transformer", to / "transformer_2")
        index |= {"transformer_2": ["diffusers", "WanTransformer3DModel"], "boundary_ratio": 0.875}
    (to / "model_index.json").write_text(json.dumps(index))
    return to


@pytest.mark.parametrize("name", MODELS)
def test_a_copy_of_a_published_model_is_known(folder: Path, tmp_path: Path, name: str) -> None:
    row, backbone = TABLE[name], describe(str(published(folder, tmp_path / "copy", name)))
    assert not backbone.unknown and (backbone.width, backbone.height, backbone.frames) == (*row.size, row.frames)
    assert (backbone.steps, backbone.guidance, backbone.text_tokens) == (row.steps, row.guidance, 512)
    assert (backbone.guidance, backbone.low_guidance) == ((4.0, 3.0) if name == "wan-2.2-14b" else (5.0, None))
    five = name == "wan-2.2-5b"
    steps, rows, columns, rate = (31, 22, 40, 24) if five else (21, 30, 52, 16)
    assert backbone.grid == Grid(
        frames=row.frames, steps=steps, rows=rows, columns=columns, seconds=row.frames / rate, growth=1
    )
    assert set(backbone.configs) == {"text_encoder", "transformer", "vae"} | {*row.optional}
    assert row.token == row.size[0] // columns


def test_what_cleans_its_prompts_is_installed_along(folder: Path) -> None:
    """The stock pipeline takes ftfy for granted, which diffusers does not ask for."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert any(each.startswith("ftfy") for each in extras["film"])
    loaded = load(describe(str(folder)))
    said = [FAMILY.encode_text(loaded.pipe, text, 512, torch.device("cpu")) for text in ("don’t", "donâ€™t")]
    assert torch.equal(said[0], said[1])


@pytest.mark.parametrize(("name", "rate"), [("wan-1.3b", 16), ("wan-2.2-5b", 24)])
def test_key_frames_stand_at_the_middle_of_each_latent_frames_pictures(
    folder: Path, tmp_path: Path, name: str, rate: int
) -> None:
    grid = describe(str(published(folder, tmp_path / "copy", name))).grid
    wanted = [0.5 / rate, *((4 * step - 1) / rate for step in range(1, grid.steps))]
    assert step_times(grid, grid.seconds) == pytest.approx(wanted)
    longer = grid.spanning(2 * grid.seconds)
    assert longer.frames == 4 * (longer.steps - 1) + 1 and longer.steps == 2 * grid.steps - 1
    assert grid.spanning(grid.seconds + 4 / rate).steps == grid.steps + 1


def test_sizes_that_cannot_be_are_refused(folder: Path) -> None:
    assert describe(str(folder), size=(64, 16)).grid.columns == 8
    with pytest.raises(BackboneError, match="multiples of 16; the nearest is 48x32"):
        describe(str(folder), size=(50, 32))
    with pytest.raises(BackboneError, match="at most 8192x8192"):
        describe(str(folder), size=(8208, 16))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"image_dim": 1280}, "makes videos of pictures"),
        ({"in_channels": 36}, "makes videos of pictures"),
        ({"patch_size": [2, 2, 2]}, r"its tokens are of \[2, 2, 2\] latents"),
    ],
)
def test_other_kinds_of_its_transformer_are_refused(folder: Path, tmp_path: Path, change: dict, why: str) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    file = tmp_path / "copy" / "transformer" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(BackboneError, match=why):
        describe(str(tmp_path / "copy"))


def test_a_second_expert_is_read_checked_and_stands_in_the_digest(folder: Path, tmp_path: Path) -> None:
    both = build_wan(tmp_path / "both", experts=2)
    one, two = describe(str(folder)), describe(str(both))
    assert one.digest != two.digest and load(two).denoisers == ("transformer", "transformer_2")
    index = both / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"boundary_ratio": None}))
    with pytest.raises(BackboneError, match="boundary_ratio without a second transformer, or the reverse"):
        load(describe(str(both)))
    shutil.rmtree(both / "transformer_2")
    with pytest.raises(BackboneError, match="has no transformer_2; download the whole model again"):
        describe(str(both))


def test_short_texts_are_counted_by_a_bound_that_holds_for_bytes(folder: Path) -> None:
    backbone = describe(str(folder))
    assert FAMILY.most_tokens("né ½") == len("né 1⁄2".encode()) + 2
    assert token_counts(backbone, ["a witch", "word " * 600]) == [3, 601]


def test_what_stands_behind_a_prompt_is_zeros(folder: Path) -> None:
    loaded = load(describe(str(folder)))
    text = FAMILY.encode_text(loaded.pipe, "a witch is walking", 512, loaded.device)
    assert text.shape == (1, 512, 32) and text[0, :5].abs().amin(1).gt(0).all() and not text[0, 5:].any()


@pytest.mark.parametrize("name", ["1.3b", "14b", "5b"])
def test_layers_have_the_channels_and_tokens_that_the_stock_model_has(name: str) -> None:
    config = CONFIGS[name] | {"num_layers": 2}
    with torch.device("meta"):
        transformer = WanTransformer3DModel(**config)
    configs = {"transformer": transformer.config}
    linear = {path for path, layer in transformer.named_modules() if isinstance(layer, torch.nn.Linear)}
    adapted = {path for path in linear if FAMILY.tokens_of(path)}
    assert linear - adapted == {path for path in linear if not path.startswith("blocks.")}
    for path in adapted:
        layer = transformer.get_submodule(path)
        assert FAMILY.channels(path, configs) == (layer.in_features, layer.out_features)
        assert FAMILY.tokens_of(path) == (("text",) if path.endswith(("attn2.to_k", "attn2.to_v")) else ("video",))
        assert FAMILY.block_of(path) == int(path.split(".")[1])
    every = {path for block in range(2) for path in FAMILY.layers(block, output=True)}
    assert every == adapted and {path for path in every if "to_out" not in path} == {
        *FAMILY.layers(0),
        *FAMILY.layers(1),
    }
    assert FAMILY.tokens_of("condition_embedder.time_proj") is None


def draws(pipe: SimpleNamespace, part: str) -> torch.Tensor:
    return torch.cat([FAMILY.draw_timestep(pipe, part, torch.Generator().manual_seed(seed)) for seed in range(2000)])


def test_each_expert_learns_at_its_own_noise() -> None:
    pipe = SimpleNamespace(scheduler=UniPCMultistepScheduler(flow_shift=3.0), transformer_2=small())
    pipe.config = SimpleNamespace(boundary_ratio=0.875)
    motion, subject = (FAMILY.learner(pipe, kind) for kind in ("motion", "subject"))
    high, low = draws(pipe, motion), draws(pipe, subject)
    assert 875 <= high.min() < 880 and high.max() <= 1000 and low.min() >= 0 and 870 < low.max() <= 875
    pipe.transformer_2 = None
    assert {FAMILY.learner(pipe, kind) for kind in ("motion", "subject")} == {"transformer"}


@pytest.mark.parametrize(
    "scheduler", [UniPCMultistepScheduler(flow_shift=3.0), FlowMatchEulerDiscreteScheduler(shift=5)]
)
def test_noise_velocity_and_timesteps_are_those_of_a_straight_way(scheduler: object) -> None:
    latents, noise = torch.randn(2, 3, 4, 2, 2)
    timestep = torch.tensor([250.0])
    noisy, velocity = (
        FAMILY.add_noise(scheduler, latents, noise, timestep),
        FAMILY.target(scheduler, latents, noise, timestep),
    )
    torch.testing.assert_close(noisy, 0.75 * latents + 0.25 * noise)
    torch.testing.assert_close(noisy - 0.25 * velocity, latents)
    torch.testing.assert_close(noisy + 0.75 * velocity, noise)
    pipe, shift = SimpleNamespace(scheduler=scheduler, config=SimpleNamespace(boundary_ratio=None)), shift_of(scheduler)
    drawn = draws(pipe, "transformer")
    even = drawn / 1000 / (shift - (shift - 1) * drawn / 1000)
    assert (
        drawn.min() > 0 and drawn.max() < 1000 and abs(even.mean() - 0.5) < 0.02 and abs(even.std() - 12**-0.5) < 0.02
    )


def test_what_is_predicted_in_training_is_what_the_stock_transformer_says_with_a_timestep_for_each_token() -> None:
    pipe = SimpleNamespace(transformer=small())
    noisy, text = torch.randn(3, 4, 8, 12), torch.randn(512, 32)
    given = {"hidden_states": noisy.transpose(0, 1)[None], "encoder_hidden_states": text[None], "return_dict": False}
    with torch.no_grad():
        found = FAMILY.predict(pipe, "transformer", noisy, text, torch.tensor([300.0]), (48, 32))
        for timestep in (torch.tensor([300.0]), torch.full((1, 72), 300.0)):
            wanted = pipe.transformer(**given, timestep=timestep)[0][0]
            assert (found - wanted.transpose(0, 1)).abs().max() < 1e-5


def test_latents_are_scaled_as_the_transformer_wants_them() -> None:
    pipe = SimpleNamespace(vae=autoencoder().eval())
    frames = torch.randint(256, (5, 32, 48, 3), dtype=torch.uint8)
    with torch.no_grad():
        found = FAMILY.encode_video(pipe, frames)
        raw = pipe.vae.encode(frames.permute(3, 0, 1, 2)[None] / 127.5 - 1).latent_dist.mode()[0]
    assert found.shape == (2, 4, 8, 12)
    for channel in range(4):
        wanted = (raw[channel] - 0.1 * channel) / (1 + 0.1 * channel)
        torch.testing.assert_close(found[:, channel], wanted)
