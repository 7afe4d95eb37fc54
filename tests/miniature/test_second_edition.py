"""The second edition of the small world and its recipe, at toy size."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from dreamrunner.backbones.describing import describe
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.families.block_parts import blocks, pixels
from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.backbones.loading import load as load_model
from dreamrunner.miniature.second.autoencoder import encode, read_autoencoder
from dreamrunner.miniature.second.backgrounds import ALWAYS, BACKGROUNDS, backdrop
from dreamrunner.miniature.second.captions import PLACES, WORDINGS, caption, told_alone
from dreamrunner.miniature.second.characters import KINDS
from dreamrunner.miniature.second.footage import REGIONS, Batch, Kind, fill, layout
from dreamrunner.miniature.second.model import TINY, Backbone, assemble, build_scheduler
from dreamrunner.miniature.second.motions import HELD_OUT_MOTIONS, MOTIONS, stance
from dreamrunner.miniature.second.props import PROPS
from dreamrunner.miniature.second.scripts import cut, sample_clip, still
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS, HELD_OUT_LOOKS
from dreamrunner.miniature.second.training import checkpoint
from dreamrunner.miniature.second.training.autoencoder import main as train_autoencoder
from dreamrunner.miniature.second.training.autoencoder import score
from dreamrunner.miniature.second.training.backbone import Trainer
from dreamrunner.miniature.second.training.backbone import main as train
from dreamrunner.miniature.second.training.muon import orthogonalized
from dreamrunner.miniature.second.training.preview import load
from dreamrunner.miniature.second.words import MAX_TOKENS, build_tokenizer, vocabulary
from dreamrunner.miniature.second.world import FRAMES, Act, Clip, Figure, Key, bounds, draw, paint
from tests.material import warm

WEIGHTS = Path(checkpoint.__file__).parents[1] / "weights"


def some_clips(count: int, seed: int = 0) -> list[Clip]:
    rng = np.random.default_rng(seed)
    return [sample_clip(rng) for _ in range(count)]


def test_the_world_is_as_large_as_was_asked_for():
    assert len(KINDS) >= 14 and len(PROPS) >= 6 and len(MOTIONS) >= 20 and len(BACKGROUNDS) >= 10
    assert len(HELD_OUT_KINDS) == len(HELD_OUT_LOOKS) == len(HELD_OUT_MOTIONS) == 4


def test_a_seed_is_a_clip():
    once, again = some_clips(8), some_clips(8)
    assert once == again
    assert np.array_equal(draw(once[3], 5), draw(again[3], 5))


def test_clips_have_their_size_and_things_happen_in_them():
    video = draw(next(clip for clip in some_clips(20) if clip.figures))
    assert video.shape == (FRAMES, 128, 192, 3) and video.dtype == np.uint8
    assert (video[0] != video[-1]).any()


def test_every_place_differs_by_night_where_there_is_night():
    for name in BACKGROUNDS:
        assert (backdrop(name) != backdrop(name, True)).any() == (name not in ALWAYS)


@pytest.mark.parametrize("motion", [*MOTIONS, *HELD_OUT_MOTIONS])
def test_every_motion_can_be_drawn_by_everybody(motion):
    for kind in (*KINDS, *HELD_OUT_KINDS):
        figure = Figure(kind, (Key(0, 96, 110, 56),), (Act(motion),), look="scarf")
        assert (paint(Clip("garden", False, (figure,)), 7.0) != backdrop("garden")).any()
        assert stance(motion, 7.0).pose is not None


def test_who_looks_to_the_left_is_mirrored():
    right = Figure("dog", (Key(0, 96, 110, 56),), (Act("flies", facing=1),))
    left = replace(right, acts=(Act("flies", facing=-1),))
    x0, _, x1, _ = bounds(right, 0)
    assert bounds(left, 0)[::2] == pytest.approx((1 - x1, 1 - x0))


def test_a_box_holds_what_is_drawn_and_nothing_is_boxed_outside():
    figure = Figure("king", (Key(0, 60, 110, 60), Key(48, 250, 110, 60)), (Act("walks"),))
    x0, y0, x1, y1 = bounds(figure, 0)
    touched = np.argwhere((paint(Clip("snow", False, (figure,)), 0) != backdrop("snow")).any(-1))
    (top, left), (bottom, right) = touched.min(0), touched.max(0)
    assert (
        abs(top - 128 * y0) < 2
        and abs(left - 192 * x0) < 2
        and abs(bottom - 128 * y1) < 2
        and abs(right - 192 * x1) < 2
    )
    assert bounds(figure, 48) is None


def test_captions_say_every_fact_when_nothing_is_left_out():
    tokenizer, known = build_tokenizer(), set(vocabulary())
    for clip in some_clips(60, seed=5):
        words = tokenizer.encode(caption(clip)).tokens
        assert clip.background in words and ("night" in words) == clip.night
        for figure in clip.figures:
            if figure.is_prop:
                continue
            assert figure.kind in words and (not figure.colour or figure.colour in words)
            for act in figure.acts:
                assert act.motion in words and (not act.way or act.way in words)
        assert set(words) <= known


def test_every_wording_is_folded_to_its_motion_and_every_place_to_its_name():
    tokenizer = build_tokenizer()
    for motion, wordings in WORDINGS.items():
        for wording in wordings:
            assert tokenizer.encode("a cat " + wording.format(it="a ball")).tokens[:2] == ["cat", motion], wording
    for place, wordings in PLACES.items():
        assert all(tokenizer.encode(wording).tokens[0] == place for wording in wordings)


def test_ways_and_sides_are_told_apart():
    tokenizer = build_tokenizer()
    assert tokenizer.encode("A dog on the left is running to the right.").tokens[:-1] == [
        "dog",
        "left",
        "runs",
        "rightwards",
    ]
    assert tokenizer.encode("the witch enters from the left").tokens[:-1] == ["witch", "enters", "rightwards"]


def test_stills_and_cuts_show_what_the_clip_shows():
    for clip in some_clips(12, seed=2):
        assert np.array_equal(paint(still(clip, 20), 0), paint(clip, 20))
        part = cut(clip, 16, 17)
        differ = (draw(part, 17).astype(int) - draw(clip, 17, start=16)) != 0
        assert differ.mean() < 0.02  # poses may differ where an act is too short to be said


def test_layouts_own_every_token_once_or_by_overlap():
    tokenizer = build_tokenizer()
    for clip in some_clips(20, seed=3):
        found = layout(clip, tokenizer)
        if found is not None:
            assert found[0].shape == (REGIONS + 1, MAX_TOKENS) and found[1].any(0).all()
            assert not (found[1][REGIONS] & found[1][:REGIONS].any(0)).any()


def test_a_description_alone_names_no_place():
    clip = next(clip for clip in some_clips(20) if clip.figures and clip.figures[0].acts)
    words = build_tokenizer().encode(told_alone(clip, clip.figures[0], clip.figures[0].acts[0])).tokens
    assert clip.figures[0].kind in words and not set(words) & set(BACKGROUNDS)


@pytest.fixture(scope="module")
def footage() -> torch.Tensor:
    clip = next(clip for clip in some_clips(20, seed=9) if len(clip.figures) == 2)
    return torch.from_numpy(draw(clip, 9)).permute(3, 0, 1, 2)[None].float() / 127.5 - 1


def test_blocks_and_pixels_are_inverse(footage):
    assert torch.equal(pixels(blocks(footage)), footage)


def test_the_autoencoder_is_a_stock_one_with_parts_of_its_own(footage, tmp_path):
    vae = read_autoencoder()
    vae.save_pretrained(tmp_path)
    again = BlockAutoencoder.from_pretrained(tmp_path).eval()
    with torch.no_grad():
        for each in (vae, again):
            found = each.encode(footage).latent_dist
            assert torch.allclose(found.mode(), encode(footage), atol=1e-4)
            assert torch.allclose(found.sample(), found.mode(), atol=1e-4)
        one, other = (each.decode(encode(footage)).sample for each in (vae, again))
    assert torch.equal(one, other) and one.shape == footage.shape


def test_the_encoder_is_linear_and_causal(footage):
    other = footage.flip(4)
    middle = encode(0.5 * footage + 0.5 * other)
    assert torch.allclose(middle, 0.5 * encode(footage) + 0.5 * encode(other), atol=1e-4)
    assert torch.allclose(encode(footage[:, :, :5]), encode(footage)[:, :, :2], atol=1e-5)
    assert torch.allclose(encode(footage[:, :, :1]), encode(footage)[:, :, :1], atol=1e-5)


def test_latents_keep_most_of_a_clip(footage):
    whole, fine = score(read_autoencoder(), [footage])
    assert whole > 31 and fine > 25


def test_the_recipe_of_the_autoencoder_begins_with_principal_components(tmp_path, monkeypatch):
    out = tmp_path / "autoencoder"
    words = "train --widths 8 1 4 --fit 1 --tests 1 --batch 1 --steps 2 --workers 0 --device cpu --out".split()
    monkeypatch.setattr("sys.argv", [*words, str(out)])
    train_autoencoder()
    vae = read_autoencoder(out)
    rows = vae.encoder.blocks.weight.flatten(1)
    directions = rows / rows.norm(dim=1, keepdim=True)
    assert (directions @ directions.T - torch.eye(16)).abs().max() < 0.1
    assert checkpoint.read_state(out)["step"] == 2


def test_a_velocity_becomes_the_clean_sample(monkeypatch):
    model = Backbone(TINY, "velocity").eval()
    clean, noise, times = torch.randn(3, 1, 16, 32, 48), torch.randn(3, 1, 16, 32, 48), torch.tensor([3, 400, 999])
    scheduler = build_scheduler("velocity")
    noisy = scheduler.add_noise(clean, noise, times)
    velocity = scheduler.get_velocity(clean, noise, times)
    monkeypatch.setattr(model.transformer, "forward", lambda **_: (velocity,))
    assert torch.allclose(model.denoise(torch.zeros(3, 4, 32), noisy, times), clean, atol=1e-4)


def test_a_network_that_predicted_the_sample_begins_to_predict_the_velocity_where_all_is_noise(tmp_path, monkeypatch):
    run(monkeypatch, "--out", tmp_path / "sample", "--steps", 2)
    trainer = Trainer(torch.device("cpu"), tiny=True, average_over=400, prediction="velocity")
    trainer.load(tmp_path / "sample")
    before, _ = load(tmp_path / "sample", None, torch.device("cpu"), tiny=True)
    text, noise, times = torch.randn(1, 32, 32), torch.randn(1, 1, 16, 32, 48), torch.tensor([999])
    with torch.no_grad():
        found, wanted = (model.denoise(text, noise, times) for model in (trainer.average, before))
    assert torch.allclose(found, wanted, atol=1e-4)
    run(monkeypatch, "--out", tmp_path / "on", "--steps", 4, "--prediction", "velocity")
    assert load(tmp_path / "on", None, torch.device("cpu"), tiny=True)[0].prediction == "velocity"


def test_muon_makes_singular_values_alike():
    values = torch.linalg.svdvals(orthogonalized(torch.randn(2, 16, 40, generator=torch.Generator().manual_seed(0))))
    assert values.min() > 0.4 and values.max() < 1.5


def test_an_unused_region_changes_nothing():
    torch.manual_seed(0)
    model = Backbone(TINY).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    batch = Batch.empty(1, 5)
    fill(batch, Kind(frames=5, many=1, regions=True), np.random.default_rng(4), build_tokenizer())
    used = batch.cover[0].flatten(1).any(1)
    latents, times = torch.randn(1, 2, 16, 32, 48), torch.tensor([400])
    with torch.no_grad():
        whole = model.by_region(batch.region_tokens, batch.cover, latents, times)
        part = model.by_region(batch.region_tokens[:, used], batch.cover[:, used], latents, times)
    assert torch.allclose(whole, part, atol=1e-5)


_DRAWING = """
from dreamrunner.miniature.second.footage import Footage, Kind

footage = Footage(Kind(frames=1, many=3), workers=1, seed=[1])
try:
    slot, ticket = footage.take()
    print(bool(slot.video.any()), bool(slot.tokens.any()))
    footage.give_back(ticket)
finally:
    footage.close()
"""


def test_workers_draw_what_is_asked_for():
    # A worker is forked, as it is of the recipe's own process: of one in which other tests have left threads that hold
    # locks it would wait for ever.
    drawn = warm.run([sys.executable, "-c", _DRAWING], env=warm.environment(), text=True, check=True)
    assert drawn.stdout.split() == ["True", "True"]


def run(monkeypatch, *arguments: object) -> None:
    monkeypatch.setattr(
        "sys.argv", ["train", "--tiny", "--exact", "--workers", "0", "--device", "cpu", *map(str, arguments)]
    )
    train()


def test_the_recipe_goes_on_bit_for_bit(tmp_path, monkeypatch):
    run(monkeypatch, "--out", tmp_path / "whole", "--steps", 6)
    run(monkeypatch, "--out", tmp_path / "half", "--steps", 6, "--stop-after", 3)
    assert checkpoint.read_state(tmp_path / "half")["step"] == 3
    run(monkeypatch, "--out", tmp_path / "rest", "--steps", 6, "--resume-from", tmp_path / "half", "--go-on")
    for part in ("average", "weights", "moments"):
        whole, rest = (checkpoint.read_part(tmp_path / name, part) for name in ("whole", "rest"))
        assert whole.keys() == rest.keys()
        assert all(torch.equal(whole[key], rest[key]) for key in whole), part


def test_a_part_is_split_into_files_that_can_be_carried(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "LARGEST", 1000)
    tensors = {str(i): torch.randn(20, 10) for i in range(5)}
    checkpoint.write(tmp_path / "kept", {"weights": (tensors, None)}, {"step": 1})
    assert len(list((tmp_path / "kept").glob("weights-*.safetensors"))) == 5
    found = checkpoint.read_part(tmp_path / "kept", "weights")
    assert all(torch.equal(found[key], tensors[key]) for key in tensors)


def test_the_weights_that_are_kept_fit_the_networks():
    model, vae = load(WEIGHTS, WEIGHTS, torch.device("cpu"))
    assert vae is not None and sum(weight.numel() for weight in model.parameters()) == 8_071_712
    assert all(weight.isfinite().all() for part in (model, vae) for weight in part.parameters())


def test_a_folder_of_the_second_edition_is_a_model_like_any_other(tmp_path):
    parts = Backbone(TINY, "velocity")
    assemble(tmp_path, parts.transformer, parts.text_encoder, BlockAutoencoder(8, 1, 4), parts.prediction)
    pipe = load_model(describe(str(tmp_path))).pipe
    assert isinstance(pipe.vae, BlockAutoencoder) and pipe.scheduler.config.prediction_type == "v_prediction"
    index = tmp_path / "model_index.json"
    index.write_text(index.read_text().replace("cogvideox_blocks", "loading"))
    with pytest.raises(BackboneError, match="has a BlockAutoencoder as its vae; AutoencoderKLCogVideoX is needed"):
        describe(str(tmp_path))
