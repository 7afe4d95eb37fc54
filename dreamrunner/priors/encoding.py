"""Clips, photos and captions as a backbone reads them, computed once and kept by content."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from dreamrunner.backbones.loading import Loaded, quiet
from dreamrunner.files.atomic import write_whole
from dreamrunner.files.digest import digest_bytes, digest_json
from dreamrunner.files.paths import cache_folder
from dreamrunner.files.regular import require_regular


@dataclass(frozen=True, slots=True)
class TrainingClip:
    """A clip that shows a motion: ``frames`` uint8 (F, height, width, 3) RGB at the backbone's size and frame count.

    ``caption`` is the clip's own words (paper 3.2: a prompt per video); ``digest`` names its content in keys.
    """

    frames: np.ndarray
    caption: str
    digest: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of a character: ``pixels`` uint8 (height, width, 3) RGB at the backbone's size; else as a clip."""

    pixels: np.ndarray
    caption: str
    digest: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What is trained on, on the CPU: ``latents`` (latent frames, channels, h, w), scaled; ``text`` (tokens, width)."""

    latents: Tensor
    text: Tensor


class Encoder:
    """Encodes with a backbone's own autoencoder and text encoder; what was encoded before is read from ``folder``.

    ``folder`` is ``encodings`` in the cache folder by default. Its files are named by content: backbone, precision,
    frames or words. One that can't be read is computed again; a folder that can't be written only costs time.
    """

    def __init__(self, loaded: Loaded, folder: Path | None = None) -> None:
        self.loaded = loaded
        self.folder = folder or cache_folder() / "encodings"

    def samples(self, clips: Sequence[TrainingClip]) -> list[Sample]:
        """Every clip with its caption.

        Raises:
            ValueError: frames of another size or count than the backbone's.
        """
        return [Sample(self._clip(clip.frames), self._caption(clip.caption)) for clip in clips]

    def stills(self, photos: Sequence[Photo]) -> list[Sample]:
        """Every photo as a clip in which nothing moves, repeated to the backbone's frame count (paper 3.2)."""
        count = self.loaded.backbone.frames
        clips = [
            TrainingClip(np.broadcast_to(photo.pixels, (count, *photo.pixels.shape)), photo.caption, photo.digest)
            for photo in photos
        ]
        return self.samples(clips)

    def _clip(self, frames: np.ndarray) -> Tensor:
        backbone = self.loaded.backbone
        wanted = (backbone.frames, backbone.height, backbone.width, 3)
        if frames.shape != wanted or frames.dtype != np.uint8:
            raise ValueError(f"{backbone.name} takes clips of {wanted} uint8, not {frames.shape} {frames.dtype}")
        content = digest_bytes(np.ascontiguousarray(frames).data)
        return self._kept(["latents", list(wanted), content], lambda: encode_video(self.loaded, frames))

    def _caption(self, caption: str) -> Tensor:
        backbone = self.loaded.backbone
        return self._kept(["text", backbone.text_tokens, caption], lambda: encode_text(self.loaded, caption))

    def _kept(self, content: list[Any], compute: Callable[[], Tensor]) -> Tensor:
        key = [self.loaded.backbone.digest, str(self.loaded.pipe.transformer.dtype), content]
        file = self.folder / f"{digest_json(key)}.safetensors"
        with contextlib.suppress(OSError, SafetensorError):
            require_regular(file)
            with safe_open(file, "pt") as opened:
                return opened.get_tensor("value")
        value = compute().cpu().contiguous()
        with contextlib.suppress(OSError):
            write_whole(file, save({"value": value}))
        return value


@torch.inference_mode()
def encode_video(loaded: Loaded, frames: np.ndarray) -> Tensor:
    """Latents of a clip, of frames as uint8 (frames, height, width, 3): (latent frames, channels, h, w)."""
    return loaded.family.encode_video(loaded.pipe, torch.from_numpy(np.ascontiguousarray(frames)))


@torch.inference_mode()
def encode_text(loaded: Loaded, caption: str) -> Tensor:
    """A caption at its padded length, as rendering encodes prompts: (text tokens, channels)."""
    with quiet():
        return loaded.family.encode_text(loaded.pipe, caption, loaded.backbone.text_tokens)[0]


@contextlib.contextmanager
def encoders_parked(loaded: Loaded) -> Iterator[None]:
    """Keep text encoder and autoencoder out of the GPU's memory for a while: training reads what they have encoded."""
    networks = (loaded.pipe.text_encoder, loaded.pipe.vae)
    device = loaded.pipe.transformer.device
    if device.type != "cuda":
        yield
        return
    for network in networks:
        network.to("cpu")
    torch.cuda.empty_cache()
    try:
        yield
    finally:
        for network in networks:
            network.to(device)
