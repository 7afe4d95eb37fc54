"""The second edition's catalog, and what the parts that retrieval watches with learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dreamrunner.miniature.second import catalog
from dreamrunner.miniature.second.motions import HELD_OUT_MOTIONS, MOTIONS
from dreamrunner.miniature.second.shots import SHOWN, WORDS, shot, shown
from dreamrunner.miniature.second.training.contrast import SECOND, person_clip
from dreamrunner.miniature.second.training.detector import example
from dreamrunner.miniature.second.world import draw
from dreamrunner.miniature.training.contrast import Pool, begin, build_tokenizer, loss_of, tokens_of


def test_a_catalog_drawn_twice_has_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "CLIPS", 4)
    monkeypatch.setattr(catalog, "FAVOURED", 1)
    first, other = (catalog.drawn_catalog(tmp_path / str(time)) for time in range(2))
    files = sorted(first.iterdir())
    assert len(files) == 2 * 4
    assert {file.name for file in files if (other / file.name).read_bytes() != file.read_bytes()} == set()


def test_a_catalog_is_as_untidy_as_it_says():
    every = catalog.entries()
    assert len(every) == catalog.CLIPS and len({entry.name for entry in every}) == catalog.CLIPS
    for motion in SHOWN:
        count = sum(entry.motion == motion for entry in every)
        assert count == catalog.FAVOURED if motion in HELD_OUT_MOTIONS else count >= 20
    shares = {quality: np.mean([entry.quality == quality for entry in every]) for quality in ("wrong", "vague")}
    assert 0.18 < shares["wrong"] < 0.32 and 0.04 < shares["vague"] < 0.15
    assert any(entry.upright for entry in every) and any(entry.seconds < 2 for entry in every)
    right = [entry for entry in every if entry.quality == "right"]
    assert all(any(words in entry.caption for words in WORDS[entry.motion]) for entry in right)
    wrong = [entry for entry in every if entry.quality == "wrong" and WORDS[entry.motion][0] in entry.caption]
    assert not wrong
    sizes = {
        catalog.frames_of(next(entry for entry in every if entry.upright is upright)).shape[1:]
        for upright in (True, False)
    }
    assert sizes == {(128, 96, 3), (128, 192, 3)}


@pytest.mark.parametrize("motion", SHOWN)
def test_a_shot_shows_its_motion_all_the_time(motion):
    clip = shot(np.random.default_rng(3), motion, others=1, known=True)
    figure = clip.figures[0]
    assert {figure.act_at(frame).motion for frame in (0, 24, 48)} == {motion}
    assert clip.figures[1].acts[0].motion != motion
    assert draw(clip, 2).any()


def test_shots_show_all_that_is_held_out_and_nothing_that_is_over_at_once():
    assert set(HELD_OUT_MOTIONS) <= set(SHOWN) <= {*MOTIONS, *HELD_OUT_MOTIONS}
    assert not {"lifts", "drops", "falls", "carries"} & set(SHOWN)


def test_a_sliver_is_not_shown():
    assert shown((0.0, 0.2, 0.04, 0.8)) is None and shown(None) is None
    assert shown((0.0, 0.2, 0.06, 0.8)) == (0.0, 0.2, 0.06, 0.8)


def test_person_clips_and_sentences_are_what_the_models_take():
    rng = np.random.default_rng(0)
    pictures, motion = next(found for found in iter(lambda: person_clip(rng), 0) if found)
    assert pictures.shape == (8, 64, 64, 3) and pictures.dtype == np.uint8 and motion in SHOWN
    tokenizer = build_tokenizer(SECOND)
    texts = [SECOND.sentence(rng, words) for _, words in SECOND.concepts]
    tokens = tokens_of(tokenizer, texts)
    assert tokens.shape == (len(SHOWN), 24) and len(set(map(tuple, tokens.tolist()))) == len(SHOWN)
    pool = Pool(2, None, SECOND)
    pool.draw(rng, 3)
    clips, motions, _ = pool.batch(rng, 4)
    assert clips.shape == (4, 8, 3, 64, 64) and set(motions) <= set(SHOWN)


def test_the_right_sentence_costs_less():
    vectors = torch.eye(len(SHOWN))
    motions = list(SHOWN)
    right, hits = loss_of(vectors, vectors, motions, SECOND)
    wrong, misses = loss_of(vectors, vectors.roll(1, 0), motions, SECOND)
    assert right < wrong and hits == 1.0 and misses == 0.0


def test_pictures_for_the_detector_have_the_boxes_of_characters():
    rng = np.random.default_rng(2)
    found = [example(rng) for _ in range(12)]
    for picture, boxes in found:
        assert picture.shape == (64, 96, 3) and boxes.shape[1:] == (4,)
        assert (boxes[:, :2] - boxes[:, 2:] / 2 > -1e-5).all() and (boxes[:, :2] + boxes[:, 2:] / 2 < 1 + 1e-5).all()
    assert any(len(boxes) for _, boxes in found)


def test_a_model_begins_with_what_was_kept_but_for_its_words(tmp_path):
    from safetensors.torch import save_file

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.token_embedding = torch.nn.Embedding(3, 2)
            self.layer = torch.nn.Linear(2, 2)

    kept, model = Model(), Model()
    save_file({name: value.half() for name, value in kept.state_dict().items()}, tmp_path / "kept.safetensors")
    words = model.token_embedding.weight.clone()
    begin(model, tmp_path / "kept.safetensors")
    assert torch.equal(model.token_embedding.weight, words)
    assert torch.allclose(model.layer.weight, kept.layer.weight, atol=1e-2)
