"""Every measure against the libraries' own networks, small ones of random weights; and what is told where one lacks."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
import torch.nn.functional as F

from dreamrunner.datasets.video import read_frames
from dreamrunner.evaluation import measuring
from dreamrunner.evaluation import networks as looked_at
from dreamrunner.evaluation.evaluate import evaluate
from dreamrunner.evaluation.features import LARGEST, Musiq, read_head
from dreamrunner.evaluation.flow import FlowInterpolator
from dreamrunner.evaluation.metrics import METRICS
from dreamrunner.evaluation.networks import Choice, Lacking, Networks
from dreamrunner.retrieval.similarity import SimilarityError
from tests.evaluation.conftest import Place

TEXTS = ["The witch walks. Then she waves.", "The cat sits all day."]
HALVES = [["The witch walks.", "Then she waves."], ["the cat is sitting", "the cat is sitting"]]


def squares(frames: np.ndarray, side: int, mean: float, spread: float) -> torch.Tensor:
    pixels = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    pixels = F.interpolate(pixels, (side, side), mode="bicubic", antialias=True, align_corners=False).clamp(0, 255)
    return (pixels / 255 - mean) / spread


class ByHand:
    """The networks as their libraries have them."""

    def __init__(self, place: Place) -> None:
        from transformers import AutoTokenizer, Dinov2Model, XCLIPModel

        name = f"local-dir:{place.clip}"
        self.clip = open_clip.create_model(name, require_pretrained=True).float().eval()
        self.words = open_clip.get_tokenizer(name)
        self.xclip = XCLIPModel.from_pretrained(place.xclip).float().eval()
        self.xwords = AutoTokenizer.from_pretrained(place.xclip)
        self.dino = Dinov2Model.from_pretrained(place.dino).float().eval()

    @torch.no_grad()
    def images(self, frames: np.ndarray) -> np.ndarray:
        return self.clip.encode_image(squares(frames, 64, 0.5, 0.25), normalize=True).numpy()

    @torch.no_grad()
    def sentences(self, texts: list[str]) -> np.ndarray:
        return self.clip.encode_text(self.words(texts), normalize=True).numpy()

    @torch.no_grad()
    def clips(self, frames: np.ndarray) -> np.ndarray:
        output = self.xclip.get_video_features(squares(frames, 64, 0.5, 0.25)[None])
        return F.normalize(output.pooler_output, dim=-1).numpy()[0]

    @torch.no_grad()
    def clip_sentence(self, text: str) -> np.ndarray:
        output = self.xclip.get_text_features(**self.xwords([text], return_tensors="pt"))
        return F.normalize(output.pooler_output, dim=-1).numpy()[0]

    @torch.no_grad()
    def features(self, frames: np.ndarray) -> np.ndarray:
        return F.normalize(self.dino(squares(frames, 28, 0.4, 0.3)).pooler_output, dim=-1).numpy()


def test_every_measure_is_its_formula(small: Place) -> None:
    found = evaluate(small.film, plan=small.story, **small.networks())
    by, film = ByHand(small), small.film
    assert [score.metric.name for score in found.scores] == list(METRICS) and found.scenes == 2
    every = read_frames(film)
    scenes, spans = [every[:16], every[16:]], [(0.0, 2.0), (2.0, 3.0)]

    # the witch alone has photos, and is in the first scene alone
    for name, look in (("character-clip", by.images), ("character-dino", by.features)):
        photos = np.concatenate([look(photo[None]) for photo in small.photos])
        naive = np.mean([[frame @ photo for photo in photos] for frame in look(scenes[0])])
        assert found[name] == pytest.approx(100 * naive, abs=1e-3)

    def sampled(start: float, end: float, count: int) -> np.ndarray:
        moments = [start + (number + 0.5) * (end - start) / count for number in range(count)]
        return every[[int(moment * 8 + 1e-6) for moment in moments]]

    full_image, full_video, fine_image, fine_video, transition = [], [], [], [], []
    for (start, end), text, halves in zip(spans, TEXTS, HALVES, strict=True):
        frames = sampled(start, end, 8)
        full_image.append(np.mean([frame @ by.sentences([text])[0] for frame in by.images(frames)]))
        full_video.append(by.clips(frames) @ by.clip_sentence(text))
        middle = (start + end) / 2
        parts = [sampled(start, middle, 8), sampled(middle, end, 8)]
        fine_image.append(
            np.mean([(by.images(p) @ by.sentences([h])[0]).mean() for p, h in zip(parts, halves, strict=True)])
        )
        fine_video.append(np.mean([by.clips(p) @ by.clip_sentence(h) for p, h in zip(parts, halves, strict=True)]))
        four = by.features(sampled(start, end, 4))
        transition.append(np.mean([four[0] @ four[1], four[1] @ four[2], four[2] @ four[3]]))
    assert found["full-text-image"] == pytest.approx(100 * np.mean(full_image), abs=1e-3)
    assert found["full-text-video"] == pytest.approx(100 * np.mean(full_video), abs=1e-3)
    assert found["fine-text-image"] == pytest.approx(100 * np.mean(fine_image), abs=1e-3)
    assert found["fine-text-video"] == pytest.approx(100 * np.mean(fine_video), abs=1e-3)
    assert found["transition"] == pytest.approx(100 * np.mean(transition), abs=1e-3)

    state = torch.load(small.head, weights_only=True)
    marks = [(by.images(scene) @ state["weight"][0].numpy() + 5.0).mean() / 10 for scene in scenes]
    assert found["aesthetics"] == pytest.approx(100 * np.mean(marks), abs=1e-3)

    errors = []
    for scene in scenes:
        made = [FlowInterpolator().between(scene[at - 1], scene[at + 1]) for at in range(1, len(scene) - 1, 2)]
        odd = scene[1 : len(scene) - 1 : 2]
        errors.append(np.abs(np.stack(made).astype(float) - odd).mean())
    assert found["smoothness"] == pytest.approx(100 * (1 - np.mean(errors) / 255), abs=1e-3)
    assert "made of beats" in found.remarks[0] and "1 scene " in found.remarks[0]


def test_a_long_film_is_in_memory_a_few_frames_at_a_time(small: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[weakref.ref[np.ndarray]] = []

    def long(*_: object, **__: object) -> Iterator[np.ndarray]:
        for number in range(4 * measuring.AT_ONCE):
            frame = np.full((32, 48, 3), number, np.uint8)
            frames.append(weakref.ref(frame))
            yield frame
            del frame
            assert sum(one() is not None for one in frames) <= 2 * measuring.AT_ONCE

    monkeypatch.setattr(measuring, "frames_one_by_one", long)
    groups = ["character", "aesthetics", "smoothness"]
    found = evaluate(small.film, plan=small.story, only=groups, **small.networks())
    # the one scene of the witch by two networks, and both scenes by the head and by flow
    assert len(frames) == (2 + 2 + 2) * 4 * measuring.AT_ONCE
    assert all(score.value is not None for score in found.scores)


def test_quality_is_the_networks_mark_of_a_frame_no_larger_than_it_was_made_for(tmp_path: Path) -> None:
    seen = []

    def network(pixels: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(pixels.shape))
        return 100 * pixels.mean().reshape(1, 1)

    musiq = Musiq(tmp_path / "none.pth")
    musiq.__dict__["_loaded"] = network
    frames = [np.full((30, 40, 3), 51, np.uint8), np.full((600, 2 * LARGEST, 3), 255, np.uint8)]
    assert musiq.quality(frames) == pytest.approx([20, 100], abs=1e-3)
    assert seen == [(1, 3, 30, 40), (1, 3, 300, LARGEST)]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has no weights, no library but what comes with the package, and no cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(looked_at, "find_spec", lambda name: None if name == "pyiqa" else find_spec(name))
    return tmp_path


def test_what_is_missing_is_a_line_each_and_how_it_is_got(small: Place, nowhere: Path) -> None:
    found = evaluate(small.film, plan=small.story, fetch=False)
    lines = {score.metric.name: score.why for score in found.scores if score.value is None}
    assert list(lines) == [name for name in METRICS if name != "smoothness"]
    assert all("\n" not in line for line in lines.values())
    for name, weights in (
        ("character-clip", "clip_336"),
        ("character-dino", "dinov2-base"),
        ("full-text-video", "xclip"),
    ):
        assert weights in lines[name] and "leave --no-fetch away" in lines[name]
    assert "sa_0_4_vit_l_14_linear.pth" in lines["aesthetics"] and "--head FILE" in lines["aesthetics"]
    assert "pip install pyiqa" in lines["imaging"]
    assert found["smoothness"] is not None and not found.scores[-1].comparable


def test_without_its_library_a_network_lacks(small: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked_at, "find_spec", lambda name: None)
    found = evaluate(small.film, plan=small.story, only=["character", "aesthetics"], **small.networks())
    clip, dino, aesthetics = found.scores
    assert "needs open_clip, which is not installed: " in clip.why and aesthetics.why == clip.why
    assert "dreamrunner[motions]" in clip.why and dino.value is not None


def test_a_hub_that_was_not_reached_is_asked_once(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fetch(hub_id: str, *_: object, dry: bool, **__: object) -> Path:
        asked.append((hub_id, dry))
        raise looked_at.BackboneError(f"{hub_id}: the model hub cannot be reached")

    monkeypatch.setattr(looked_at, "fetch_files", fetch)
    networks = Networks(Choice())
    for ask in ("images", "images", "features", "videos"):
        with pytest.raises(Lacking, match=r"the model hub cannot be reached: download it elsewhere \(hf download"):
            getattr(networks, ask)
    assert [dry for _, dry in asked] == [False, True, True]


def test_a_head_that_is_none_is_told(tmp_path: Path, small: Place) -> None:
    torch.save({"weight": torch.zeros(2, 4), "bias": torch.zeros(2)}, tmp_path / "two.pth")
    (tmp_path / "no.pth").write_bytes(b"nothing")
    torch.save({"weight": torch.zeros(1, 4), "bias": torch.zeros(1)}, tmp_path / "short.pth")
    for name in ("two.pth", "no.pth", "gone.pth"):
        with pytest.raises(SimilarityError, match=name):
            read_head(tmp_path / name)
    short = {**small.networks(), "head": tmp_path / "short.pth"}
    (score,) = evaluate(small.film, only=["aesthetics"], **short).scores
    assert score.value is None and "knows vectors of 4 numbers, and the model gives 96" in score.why


def test_a_network_that_is_none_is_told_in_a_short_line(small: Place, tmp_path: Path) -> None:
    wrong = {"image_model": "nonsense", "dino": tmp_path, "fetch": False}
    for score in evaluate(small.film, plan=small.story, only=["character"], **wrong).scores:
        assert score.value is None and "\n" not in score.why and len(score.why) <= measuring.LONGEST
    assert f"there is no DINOv2 in {tmp_path}" in score.why


def test_the_miniatures_models_stand_in_and_are_said_to(small: Place) -> None:
    found = evaluate(small.film, plan=small.story, by="miniature", only=["transition", "aesthetics"], fetch=False)
    transition, aesthetics = found.scores
    assert transition.value is not None and transition.by == "the miniature's image model"
    assert not transition.comparable and "stand in for the paper's" in found.remarks[0]
    assert aesthetics.value is None and "miniature" in aesthetics.why


def test_a_bundled_model_without_similarity_models_of_its_own_says_so(
    small: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looked_at, "BUNDLED", {"miniature": tmp_path})
    found = evaluate(small.film, plan=small.story, by="miniature", only=["text", "transition"], fetch=False)
    assert {score.why.split(" of its own")[0] for score in found.scores} == {
        "the miniature has no image similarity model",
        "the miniature has no video similarity model",
    }
