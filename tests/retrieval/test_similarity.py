"""Similarity models against the libraries themselves, on small models with random weights, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
import torch.nn.functional as F

from dreamrunner.miniature.training.bundle import keep
from dreamrunner.miniature.training.contrast import build_tokenizer
from dreamrunner.miniature.training.image_similarity import CONFIG
from dreamrunner.miniature.training.video_similarity import build
from dreamrunner.retrieval import similarity
from dreamrunner.retrieval.models import load_parts
from dreamrunner.retrieval.similarity import ClipSimilarity, SimilarityError, ViClipSimilarity, XClipSimilarity
from dreamrunner.retrieval.yolo import DetectorError

SENTENCES = ["the person is jumping", "the person is stirring a pot"]


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    torch.manual_seed(0)
    shape = CONFIG["model_cfg"]
    model = open_clip.CLIP(embed_dim=shape["embed_dim"], vision_cfg=shape["vision_cfg"], text_cfg=shape["text_cfg"])
    names = {"weights_name": "open_clip_model.safetensors", "config_name": "open_clip_config.json"}
    keep(folder, model.state_dict(), CONFIG, **names)
    build_tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def xclip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import VideoMAEImageProcessor

    folder = tmp_path_factory.mktemp("xclip")
    torch.manual_seed(0)
    build().save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)
    VideoMAEImageProcessor(
        size={"height": 64, "width": 64}, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.25] * 3
    ).save_pretrained(folder)
    return folder


def videos(*frames: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (count, 60, 90, 3), dtype=np.uint8) for count in frames]


def test_a_clips_vector_is_the_mean_of_its_frames_as_open_clip_gives_them(clip_folder: Path) -> None:
    model = ClipSimilarity(clip_folder)
    found = model.video(videos(8, 3))
    network = open_clip.create_model(f"local-dir:{clip_folder}", require_pretrained=True).float().eval()
    for clip, vector in zip(videos(8, 3), found, strict=True):
        with torch.no_grad():
            pixels = torch.from_numpy(clip).permute(0, 3, 1, 2).float()
            pixels = F.interpolate(pixels, (64, 64), mode="bicubic", antialias=True, align_corners=False).clamp(0, 255)
            each = [network.encode_image(((frame / 255 - 0.5) / 0.25)[None], normalize=True)[0] for frame in pixels]
            naive = F.normalize(torch.stack(each).mean(0), dim=0)
        np.testing.assert_allclose(vector, naive, atol=1e-5)
    tokenizer = open_clip.get_tokenizer(f"local-dir:{clip_folder}")
    with torch.no_grad():
        words = network.encode_text(tokenizer(SENTENCES), normalize=True)
    np.testing.assert_allclose(model.text(SENTENCES), words, atol=1e-5)


def test_batches_change_nothing(clip_folder: Path, xclip_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = videos(8, 8, 8, 8, 8)
    for model in (ClipSimilarity(clip_folder), XClipSimilarity(xclip_folder)):
        whole = model.video(clips)
        monkeypatch.setattr(similarity, "BATCH", 8)
        np.testing.assert_allclose(model.video(clips), whole, atol=1e-5)
        np.testing.assert_allclose(np.concatenate([model.video([clip]) for clip in clips]), whole, atol=1e-5)
        monkeypatch.undo()


def test_x_clip_is_transformers_own(xclip_folder: Path) -> None:
    from transformers import XCLIPModel

    model = XClipSimilarity(xclip_folder)
    (found,) = model.video(videos(8))
    network = XCLIPModel.from_pretrained(xclip_folder).float().eval()
    pixels = torch.from_numpy(videos(8)[0]).permute(0, 3, 1, 2).float()
    pixels = F.interpolate(pixels, (64, 64), mode="bicubic", antialias=True, align_corners=False).clamp(0, 255)
    with torch.no_grad():
        output = network.get_video_features(((pixels / 255 - 0.5) / 0.25)[None])
    np.testing.assert_allclose(found, F.normalize(output.pooler_output, dim=-1)[0], atol=1e-5)


def test_a_clip_of_another_length_is_sampled_evenly(xclip_folder: Path) -> None:
    model = XClipSimilarity(xclip_folder)
    (clip,) = videos(22)
    chosen = clip[[0, 3, 6, 9, 12, 15, 18, 21]]
    np.testing.assert_allclose(model.video([clip]), model.video([chosen]), atol=1e-6)


@pytest.mark.parametrize("kind", [ClipSimilarity, XClipSimilarity])
def test_vectors_have_length_one_and_the_key_is_the_weights(
    kind: type, clip_folder: Path, xclip_folder: Path, tmp_path: Path
) -> None:
    folder = clip_folder if kind is ClipSimilarity else xclip_folder
    model = kind(folder)
    for vectors in (model.text(SENTENCES), model.video(videos(8, 8))):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert kind(copy).key == model.key
    weights = next(copy.glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    assert kind(copy).key != model.key


@pytest.mark.parametrize("kind", [ClipSimilarity, XClipSimilarity])
def test_a_model_that_cannot_be_loaded_is_said_in_one_line(kind: type, tmp_path: Path) -> None:
    with pytest.raises(SimilarityError) as caught:
        kind(tmp_path).text(SENTENCES)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_foreign_code_runs_only_if_allowed_and_only_at_a_commit() -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    with pytest.raises(SimilarityError, match="--allow-code"):
        ViClipSimilarity("owner/viclip", revision=commit, allow_code=False)
    for revision in (None, "main", commit[:12], commit.upper()):
        with pytest.raises(SimilarityError, match="40 hex digits"):
            ViClipSimilarity("owner/viclip", revision=revision, allow_code=True)
    ViClipSimilarity("owner/viclip", revision=commit, allow_code=True)
    with pytest.raises(SimilarityError, match="--allow-code"):
        load_parts("miniature", video_model="viclip-b")


def test_real_footage_without_a_detector_says_where_to_put_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path))
    with pytest.raises(DetectorError, match=r"yolo11n\.onnx"):
        load_parts("real")
