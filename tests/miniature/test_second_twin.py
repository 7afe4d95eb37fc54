"""The second edition's twin in Wan's layout, at toy size: its parts, and the recipe with it."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from dreamrunner.backbones.describing import describe
from dreamrunner.backbones.families.wan import FAMILY
from dreamrunner.backbones.families.wan_blocks import WanBlockAutoencoder
from dreamrunner.backbones.loading import load as load_model
from dreamrunner.miniature.second.autoencoder import encode, read_autoencoder
from dreamrunner.miniature.second.footage import token_row
from dreamrunner.miniature.second.model import TINY
from dreamrunner.miniature.second.model_wan import WanBackbone, build_scheduler
from dreamrunner.miniature.second.training import bundle, checkpoint
from dreamrunner.miniature.second.training.backbone import main as train
from dreamrunner.miniature.second.training.networks import Learner, build
from dreamrunner.miniature.second.training.preview import load, sample
from dreamrunner.miniature.second.words import MAX_TOKENS, build_tokenizer
from dreamrunner.rendering.layout import RegionLayout, SignatureTokens
from dreamrunner.rendering.renderer import regional

TIMES = torch.tensor([3, 400, 999])
CAPTIONS = "a red cat is walking in the garden", "the witch enters from the left", ""


def learner() -> Learner:
    """One whose output is not all zeros."""
    torch.manual_seed(0)
    made = build("wan", "velocity", tiny=True).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    return made


def tokens() -> torch.Tensor:
    return torch.from_numpy(np.stack([token_row(build_tokenizer(), text) for text in CAPTIONS]))


def test_what_it_learns_is_the_flow_that_the_family_trains_for(monkeypatch: pytest.MonkeyPatch) -> None:
    model, scheduler = learner(), build_scheduler()
    clean, noise = torch.randn(2, 3, 1, 16, 32, 48)
    noisy, share = model.noised(clean, noise, TIMES), model.share(TIMES)
    for index in range(3):
        theirs = FAMILY.add_noise(scheduler, clean[index], noise[index], 1000 * share[index : index + 1])
        assert torch.allclose(theirs, noisy[index], atol=1e-5)
    velocity = FAMILY.target(scheduler, clean, noise, share)
    monkeypatch.setattr(model.transformer, "forward", lambda **_: (velocity.transpose(1, 2),))
    assert torch.allclose(model.denoise(torch.zeros(3, 4, 32), noisy, TIMES), clean, atol=1e-4)
    monkeypatch.setattr(model.transformer, "forward", lambda **_: (velocity.transpose(1, 2) + 1,))
    off = (model.denoise(torch.zeros(3, 4, 32), noisy, TIMES) - clean).square() / model.divisor(TIMES)
    assert torch.allclose(off, torch.ones(()), atol=1e-2)


def test_sampling_is_eulers_way_through_the_schedule() -> None:
    model, clean, noise = learner(), *torch.randn(2, 1, 1, 16, 2, 3)
    times, step = model.sampler(4)
    assert times == [999, 749, 499, 249]
    latents = noise
    for time, then in itertools.pairwise(times):
        latents = step(clean, time, latents)
        assert torch.allclose(latents, model.noised(clean, noise, torch.tensor([then])), atol=1e-5)
    assert torch.equal(step(clean, times[-1], latents), clean)
    scheduler = build_scheduler()
    scheduler.set_timesteps(4)
    ours = 1000 * model.share(torch.tensor(times))
    assert (ours - scheduler.timesteps).abs().max() < 10  # as the stock one has them


def test_by_region_it_attends_as_films_are_filmed() -> None:
    model, text = learner(), tokens()[None, :2]
    cover = torch.zeros(1, 2, 2, 8, 12, dtype=torch.bool)
    cover[:, 0, :, :, :7] = cover[:, 1, :, :, 5:] = True
    latents, times = torch.randn(1, 2, 16, 32, 48), torch.tensor([400])
    parts, flat = [], cover.flatten(2)[0]
    for those in ([0], [0, 1], [1]):
        wanted = torch.tensor([index in those for index in range(2)])
        place = (flat == wanted[:, None]).all(0).nonzero()[:, 0]
        words = torch.cat([torch.arange(MAX_TOKENS) + MAX_TOKENS * each for each in those])
        parts.append(SignatureTokens(place, words))
    layout = RegionLayout(2, MAX_TOKENS, tuple(parts), tuple(each.nonzero()[:, 0] for each in flat))
    with torch.no_grad(), regional(model.transformer):
        velocity = model.transformer(
            hidden_states=latents.transpose(1, 2),
            encoder_hidden_states=model.read(text),
            timestep=1000 * model.share(times),
            attention_kwargs={"regions": layout},
        )[0].transpose(1, 2)
    with torch.no_grad():
        trained = model.by_region(text, cover, latents, times)
        whole = model(text[:, 0], latents, times)
    assert torch.allclose(trained, latents - model.share(times) * velocity, atol=1e-5)
    assert not torch.allclose(trained, whole, atol=1e-3)


def test_a_folder_of_it_is_a_model_like_any_other(tmp_path: Path) -> None:
    model = learner()
    model.assemble(tmp_path, read_autoencoder())
    backbone = describe(str(tmp_path))
    assert (backbone.family_name, backbone.frames, backbone.width, backbone.height) == ("wan", 49, 192, 128)
    assert (backbone.grid.steps, backbone.grid.rows, backbone.grid.columns, backbone.text_tokens) == (13, 8, 12, 32)
    loaded = load_model(backbone)
    assert isinstance(loaded.pipe.vae, WanBlockAutoencoder)
    with torch.no_grad():
        read = model.read(tokens())
        for text, features in zip(CAPTIONS, read, strict=True):
            theirs = FAMILY.encode_text(loaded.pipe, text, 32, torch.device("cpu"))[0]
            assert torch.allclose(theirs, features, atol=1e-2)
        video = torch.randint(0, 256, (9, 128, 192, 3), dtype=torch.uint8)
        latents = FAMILY.encode_video(loaded.pipe, video)
        ours = encode(video.permute(3, 0, 1, 2)[None].float() / 127.5 - 1)[0].transpose(0, 1)
        assert torch.allclose(latents, ours, atol=2e-2)
        pictures = FAMILY.decode(loaded.pipe, latents.transpose(0, 1)[None], 9)
    assert pictures.shape == (9, 128, 192, 3)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    fixed = ["--tiny", "--exact", "--workers", "0", "--device", "cpu", "--family", "wan"]
    monkeypatch.setattr(sys, "argv", ["train", *fixed, *map(str, arguments)])
    train()


def test_the_recipe_learns_it_goes_on_bit_for_bit_and_refuses_another_familys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "--out", tmp_path / "whole", "--steps", 4, "--regions", 0.5)
    run(monkeypatch, "--out", tmp_path / "half", "--steps", 4, "--regions", 0.5, "--stop-after", 2)
    more = ("--steps", 4, "--regions", 0.5, "--resume-from", tmp_path / "half", "--go-on")
    run(monkeypatch, "--out", tmp_path / "rest", *more)
    for part in ("average", "weights", "moments"):
        whole, rest = (checkpoint.read_part(tmp_path / name, part) for name in ("whole", "rest"))
        assert whole.keys() == rest.keys() and all(torch.equal(whole[key], rest[key]) for key in whole), part
    model, _ = load(tmp_path / "whole", None, torch.device("cpu"), tiny=True)
    assert isinstance(model, WanBackbone)
    latents = sample(model, tokens()[:1], frames=9, steps=2, half=False)
    assert latents.shape == (1, 16, 3, 32, 48) and latents.isfinite().all()
    with pytest.raises(SystemExit, match="holds networks of wan, not of cogvideox"):
        run(monkeypatch, "--family", "cogvideox", "--out", tmp_path / "other", "--resume-from", tmp_path / "half")


def test_it_is_bundled_as_the_other_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = build("wan", "velocity", tiny=True)
    monkeypatch.setattr(bundle, "load", lambda *_: (model, read_autoencoder()))
    for name in "ab":
        checkpoint.write(tmp_path / name, {}, {"step": 1})
    given = [f"--backbone={tmp_path / 'a'}", f"--autoencoder={tmp_path / 'b'}", f"--output={tmp_path / 'c'}"]
    monkeypatch.setattr(sys, "argv", ["bundle", *given])
    bundle.main()
    assert describe(str(tmp_path / "c")).family_name == "wan"


def test_another_prediction_is_refused() -> None:
    with pytest.raises(ValueError, match="flow matching predicts the velocity"):
        WanBackbone(TINY, "sample")
