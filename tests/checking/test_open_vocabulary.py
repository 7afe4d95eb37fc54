"""OWLv2 as a watcher: the stock classes with random weights, and what becomes of boxes and scores."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dreamrunner.checking.open_vocabulary import BORDER, OpenVocabularyWatcher, crop
from dreamrunner.checking.script import Subject, script_of
from dreamrunner.checking.seen import Seen, WatcherError
from dreamrunner.checking.verdict import mark
from dreamrunner.language.parts import Box
from tests.checking.test_script import beat, scene

SUBJECTS = (Subject("cat", "a black cat"), Subject("dog", "a red dog"))


class Looking:
    """Compares by mean colour, so that what is like what is known: the first word's number stands for a colour."""

    frames, key = 8, "colours"

    def text(self, sentences) -> np.ndarray:
        return _unit(np.array([[2.0, 1, 1] if "black" in each else [1, 2.0, 1] for each in sentences]))

    def video(self, clips) -> np.ndarray:
        return _unit(np.array([clip.reshape(-1, 3).mean(0) + 1 for clip in clips]))


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def owl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny OWLv2 of random weights, as the hub has large ones."""
    from transformers import (
        CLIPTokenizer,
        Owlv2Config,
        Owlv2ForObjectDetection,
        Owlv2ImageProcessor,
        Owlv2Processor,
    )

    folder = tmp_path_factory.mktemp("owl")
    letters = [chr(code) for code in range(97, 123)]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    files = str(folder / "vocab.json"), str(folder / "merges.txt")
    tokenizer = CLIPTokenizer(*files, pad_token="<|endoftext|>", model_max_length=16)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    end = len(words) - 1
    text = sizes | {
        "vocab_size": len(words), "max_position_embeddings": 16, "bos_token_id": end - 1, "eos_token_id": end,
        "pad_token_id": end,
    }  # fmt: skip
    config = Owlv2Config(
        text_config=text, vision_config=sizes | {"image_size": 64, "patch_size": 16}, projection_dim=16
    )
    torch.manual_seed(0)
    Owlv2ForObjectDetection(config).save_pretrained(folder)
    images = Owlv2ImageProcessor(size={"height": 64, "width": 64})
    Owlv2Processor(image_processor=images, tokenizer=tokenizer).save_pretrained(folder)
    return folder


def watcher(folder: Path, found: list[tuple[tuple[float, ...], tuple[float, ...]]] | None = None):
    """One of a folder; with ``found``, boxes (middle and size in the square) and scores, it sees those."""
    made = OpenVocabularyWatcher(folder, pictures=Looking(), videos=Looking())
    if found is not None:
        processor = made._loaded[1]
        outputs = SimpleNamespace(
            pred_boxes=torch.tensor([[box for box, _ in found]]),
            logits=torch.logit(torch.tensor([[scores for _, scores in found]])),
        )
        made.__dict__["_loaded"] = (lambda **_: outputs, processor)
    return made


def seen_by(made: OpenVocabularyWatcher, pixels: np.ndarray) -> Seen:
    beats = (beat("cat", 0.0, 1.0, (0.0, Box(0, 0, 0.5, 1))), beat("dog", 0.0, 1.0, (0.0, Box(0.5, 0, 1, 1))))
    return made.watch(pixels, script_of(scene(*beats, duration=1.0), SUBJECTS))


def test_random_weights_look_at_every_second_through_the_stock_classes(owl: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 30, 60, 3)).astype(np.uint8)
    seen = seen_by(watcher(owl), pixels)
    assert seen.known == (True, True) and len(seen.sightings) == 1
    for sighting in seen.sightings[0]:
        assert all(0 <= edge <= 1 for edge in (sighting.box.x0, sighting.box.y0, sighting.box.x1, sighting.box.y1))
        assert all(0 <= chance <= 1 for chance in sighting.who)
    script = script_of(scene(duration=1.0), [])
    assert mark("s", script, watcher(owl).watch(pixels, script), "owl").score is None


@pytest.mark.parametrize(
    ("size", "scaled"), [((100, 100), (1.0, 1.0)), ((50, 100), (1.0, 2.0)), ((100, 40), (2.5, 1.0))]
)
def test_boxes_are_those_of_the_picture_which_lies_in_the_squares_corner(owl: Path, size, scaled) -> None:
    across, down = scaled
    box = (0.2 / across, 0.25 / down, 0.2 / across, 0.3 / down)
    seen = seen_by(watcher(owl, [(box, (0.6, 0.05))]), np.zeros((4, *size, 3), np.uint8))
    (sighting,) = seen.sightings[0]
    found = (sighting.box.x0, sighting.box.y0, sighting.box.x1, sighting.box.y1)
    assert found == pytest.approx((0.1, 0.1, 0.3, 0.4), abs=1e-5)
    assert sighting.who == pytest.approx((0.6 / (0.6 + BORDER), 0.05 / (0.05 + BORDER)), abs=1e-4)


def test_of_boxes_that_overlap_the_surest_stays_and_faint_ones_are_not_seen(owl: Path) -> None:
    box, near, far = (0.25, 0.5, 0.3, 0.8), (0.26, 0.5, 0.3, 0.8), (0.75, 0.5, 0.3, 0.8)
    found = [(near, (0.3, 0.1)), (box, (0.7, 0.1)), (far, (0.1, 0.4)), ((0.5, 0.5, 0.1, 0.1), (0.05, 0.06))]
    seen = seen_by(watcher(owl, found), np.zeros((4, 64, 64, 3), np.uint8))
    assert [round(each.box.x0 + each.box.x1, 2) for each in seen.sightings[0]] == [0.5, 1.5]


def test_looks_are_those_of_the_description_that_fits_best(owl: Path) -> None:
    pixels = np.zeros((4, 64, 64, 3), np.uint8)
    pixels[:, :, :32, 0], pixels[:, :, 32:, 1] = 200, 200
    left, right = ((0.25, 0.5, 0.4, 0.9), (0.7, 0.6)), ((0.75, 0.5, 0.4, 0.9), (0.6, 0.65))
    first, second = seen_by(watcher(owl, [left, right]), pixels).sightings[0]
    assert [chance > 0.5 for chance in first.like] == [True, False]
    assert [chance > 0.5 for chance in second.like] == [False, True]


def test_a_folder_that_is_no_detector_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WatcherError, match="can't be used"):
        seen_by(watcher(tmp_path), np.zeros((4, 64, 64, 3), np.uint8))


def test_a_crop_is_a_pixel_at_least() -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert crop(picture, Box(0.99, 0.99, 1.0, 1.0)).tolist() == [[[9, 10, 11]]]
    assert crop(picture, Box(0.0, 0.0, 1.0, 1.0)).shape == (2, 2, 3)
