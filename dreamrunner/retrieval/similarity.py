"""How much a clip shows what a sentence says: CLIP on pictures, X-CLIP or ViCLIP on the whole clip.

Step 4 of motion retrieval (paper, 3.2 and A.1). Clips and sentences become unit vectors; a score is their dot product.
Whatever the shape of a window is, a model sees all of it: frames are scaled to the model's square, not cropped, since
the person may stand at an edge.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dreamrunner.files.digest import digest_json, digest_path
from dreamrunner.files.trouble import cause

if TYPE_CHECKING:
    import torch

FRAMES = 8
"""Frames that stand for a clip, sampled evenly (paper, A.1); X-CLIP and ViCLIP were trained on as many."""

BATCH = 64
"""Pictures that go through a model at a time."""


class SimilarityError(Exception):
    """A similarity model that cannot be used. Its text is one line: what is wrong, where, and what to do."""


class Similarity(Protocol):
    """Puts clips and sentences into one space."""

    frames: int
    """How many evenly sampled frames of a clip it wants."""

    @property
    def key(self) -> str:
        """Names model and weights. For caches."""
        ...

    def text(self, sentences: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32 (n, d)."""
        ...

    def video(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """Unit vectors, float32 (n, d). Clips are uint8 (frames, height, width, 3), of any sizes."""
        ...


class ClipSimilarity:
    """An open_clip model; a clip is the mean of its frames.

    ``model`` is a folder in open_clip's layout, a hub model (``hf-hub:owner/name``), or a name that open_clip knows
    with its weights' tag (``ViT-B-32/laion2b_s34b_b79k``), or without one where ``weights`` is the file that has them.

    Raises :class:`SimilarityError` on first use when the model cannot be loaded.
    """

    frames = FRAMES

    def __init__(self, model: str | Path, *, weights: Path | None = None) -> None:
        self.model, self.weights = model, weights

    @cached_property
    def key(self) -> str:
        own = () if self.weights is None else (digest_path(self.weights),)
        return _key("clip", self.model, version("open_clip_torch"), *own)

    def text(self, sentences: Sequence[str]) -> np.ndarray:
        import torch

        network, tokenizer = self._loaded
        with torch.inference_mode():
            return unit_rows(network.encode_text(tokenizer(list(sentences)).to(models_device())))

    def video(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        import torch

        network, _ = self._loaded
        size = network.visual.image_size
        side = size if isinstance(size, int) else size[0]
        pictures = [as_squares(clip, side, network.visual.image_mean, network.visual.image_std) for clip in clips]
        with torch.inference_mode():
            parts = torch.cat(pictures).split(BATCH)
            each = torch.cat([network.encode_image(part, normalize=True) for part in parts])
            return unit_rows(torch.stack([part.mean(0) for part in each.split([len(clip) for clip in clips])]))

    @cached_property
    def _loaded(self) -> tuple[torch.nn.Module, Any]:
        _stay_quiet()
        import open_clip

        name, tag = str(self.model), None
        if self.weights is not None:
            tag = str(self.weights)
        elif Path(name).is_dir():
            name = f"local-dir:{Path(name).absolute()}"
        elif not name.startswith("hf-hub:"):
            name, _, tag = name.partition("/")
        try:
            network = open_clip.create_model(
                name, pretrained=tag or None, require_pretrained=True, device=models_device()
            )
            return network.float().eval(), open_clip.get_tokenizer(name)
        except _FAILURES as error:
            raise _cannot_load(self.model, error) from error


class XClipSimilarity:
    """An X-CLIP model from transformers: the whole clip at once.

    X-CLIP can also bend a sentence towards one clip (its "video-specific prompts"). That is left out, so that every
    clip is looked at once, whatever it is compared with.

    ``model`` is a folder or a hub id, ``revision`` the hub's commit. Raises :class:`SimilarityError` on first use when
    the model cannot be loaded.
    """

    def __init__(self, model: str | Path, *, revision: str | None = None) -> None:
        self.model, self.revision = model, revision
        self.frames = FRAMES

    @cached_property
    def key(self) -> str:
        return _key("x-clip", self.model, self.revision, version("transformers"))

    def text(self, sentences: Sequence[str]) -> np.ndarray:
        import torch

        network, tokenizer, _ = self._loaded
        tokens = tokenizer(list(sentences), padding=True, truncation=True, return_tensors="pt").to(models_device())
        with torch.inference_mode():
            output = network.get_text_features(tokens["input_ids"], attention_mask=tokens["attention_mask"])
            return unit_rows(getattr(output, "pooler_output", output))

    def video(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        import torch

        network, _, (mean, spread) = self._loaded
        side, per_clip = network.config.vision_config.image_size, network.config.vision_config.num_frames
        vectors = []
        with torch.inference_mode():
            for start in range(0, len(clips), BATCH // FRAMES):
                part = clips[start : start + BATCH // FRAMES]
                pixels = torch.stack([as_squares(_evenly(clip, per_clip), side, mean, spread) for clip in part])
                output = network.get_video_features(pixels)
                vectors.append(unit_rows(getattr(output, "pooler_output", output)))
        return np.concatenate(vectors)

    @cached_property
    def _loaded(self) -> tuple[torch.nn.Module, Any, tuple[Sequence[float], Sequence[float]]]:
        _stay_quiet()
        from transformers import AutoImageProcessor, AutoTokenizer, XCLIPModel
        from transformers.utils import logging

        bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        where = {"pretrained_model_name_or_path": str(self.model), "revision": self.revision or "main"}
        try:
            network = XCLIPModel.from_pretrained(**where, use_safetensors=True).float().to(models_device()).eval()
            processor = AutoImageProcessor.from_pretrained(**where)
            return network, AutoTokenizer.from_pretrained(**where), (processor.image_mean, processor.image_std)
        except _FAILURES as error:
            raise _cannot_load(self.model, error) from error
        finally:
            if bars:
                logging.enable_progress_bar()


class ViClipSimilarity:
    """ViCLIP, which the paper uses. Its network is code on the model hub that runs in this process.

    It is loaded only if ``allow_code``, and only at ``revision``, a full commit, so that nobody can put other code
    under the same name later. Raises :class:`SimilarityError` otherwise, at once.
    """

    frames = FRAMES
    MEAN, SPREAD, SIZE = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 224

    def __init__(self, model: str | Path, *, revision: str | None, allow_code: bool) -> None:
        if not allow_code:
            raise SimilarityError(
                f"{model} brings its own code, which would run on this machine: allow it (--allow-code), or use X-CLIP"
            )
        if not Path(model).is_dir() and not _is_commit(revision):
            raise SimilarityError(f"{model} brings its own code: name the commit to use, {model}@ and 40 hex digits")
        self.model, self.revision = model, revision

    @cached_property
    def key(self) -> str:
        return _key("viclip", self.model, self.revision)

    def text(self, sentences: Sequence[str]) -> np.ndarray:
        import torch

        with torch.inference_mode():
            return unit_rows(torch.cat([self._loaded.encode_text(sentence) for sentence in sentences]))

    def video(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        import torch

        vectors = []
        with torch.inference_mode():
            for start in range(0, len(clips), BATCH // FRAMES):
                part = clips[start : start + BATCH // FRAMES]
                pixels = torch.stack(
                    [as_squares(_evenly(clip, FRAMES), self.SIZE, self.MEAN, self.SPREAD) for clip in part]
                )
                vectors.append(unit_rows(self._loaded.encode_vision(pixels, test=True)))
        return np.concatenate(vectors)

    @cached_property
    def _loaded(self) -> torch.nn.Module:
        _stay_quiet()
        from transformers import AutoModel

        try:
            network = AutoModel.from_pretrained(
                str(self.model),
                revision=self.revision,
                code_revision=self.revision,
                trust_remote_code=True,
                use_safetensors=True,
            )
            return network.float().to(models_device()).eval()
        except _FAILURES as error:
            raise _cannot_load(self.model, error) from error


_FAILURES = (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError)


def _cannot_load(model: str | Path, error: Exception) -> SimilarityError:
    reason = cause(error)
    return SimilarityError(f"cannot load the similarity model {model}: {reason}")


def _stay_quiet() -> None:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def models_device() -> str:
    """The name of the device that these models are on."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _is_commit(revision: str | None) -> bool:
    return revision is not None and len(revision) == 40 and set(revision) <= set("0123456789abcdef")


def _key(kind: str, model: str | Path, *more: str | None) -> str:
    """A folder counts by its contents, a hub model by its name and revision."""
    which = digest_path(Path(model)) if Path(model).is_dir() else str(model)
    return f"{kind}-{digest_json([which, *more])[:32]}"


def _evenly(clip: np.ndarray, count: int) -> np.ndarray:
    if len(clip) == count:
        return clip
    return clip[np.linspace(0, len(clip) - 1, count).round().astype(int)]


def as_squares(clip: np.ndarray, side: int, mean: Sequence[float], spread: Sequence[float]) -> torch.Tensor:
    """The whole of every frame as a square, normalized: float32 (frames, 3, side, side), where models compute."""
    import torch
    import torch.nn.functional as F

    device = models_device()
    pixels = torch.from_numpy(np.ascontiguousarray(clip)).to(device).permute(0, 3, 1, 2).float()
    pixels = F.interpolate(pixels, (side, side), mode="bicubic", antialias=True, align_corners=False).clamp(0, 255)
    centre, width = (torch.tensor(each, device=device).view(3, 1, 1) for each in (mean, spread))
    return (pixels / 255 - centre) / width


def unit_rows(vectors: torch.Tensor) -> np.ndarray:
    """Vectors (n, d) as rows of length one, float32."""
    import torch.nn.functional as F

    return F.normalize(vectors.float(), dim=-1).cpu().numpy()
