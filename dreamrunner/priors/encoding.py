"""Clips, photos and captions as a backbone reads them, computed once and kept by content."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dreamrunner.backbones.encodings import Encodings
from dreamrunner.backbones.loading import Loaded, bring, put_away
from dreamrunner.backbones.memory_plan import MemoryPlan
from dreamrunner.files.digest import digest_bytes


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
    """Encodes with a backbone's own autoencoder and text encoder what is not kept in ``folder`` from before
    (:class:`~dreamrunner.backbones.encodings.Encodings`).

    ``memory`` is the plan for the GPU. ``texts`` are encoded along with captions, so that the text encoder is needed
    once; ``on_clip`` is told how many of how many clips are encoded.
    """

    def __init__(
        self,
        loaded: Loaded,
        folder: Path | None = None,
        *,
        memory: MemoryPlan | None = None,
        texts: Sequence[str] = (),
        on_clip: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        self.loaded, self.memory, self.texts, self.on_clip = loaded, memory, texts, on_clip
        self.encodings = Encodings(loaded, folder)

    def samples(self, clips: Sequence[TrainingClip]) -> list[Sample]:
        """Every clip with its caption.

        Raises:
            ValueError: frames of another size or count than the backbone's.
            OutOfMemoryError: the GPU's memory does not suffice.
        """
        captions = self.encodings.texts([*(clip.caption for clip in clips), *self.texts], self.memory)
        with self._tiled():
            latents = []
            for clip in clips:
                latents.append(self._clip(clip.frames))
                self.on_clip(len(latents), len(clips))
        return [Sample(each, captions[clip.caption]) for each, clip in zip(latents, clips, strict=True)]

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
        content = ["latents", list(wanted), digest_bytes(np.ascontiguousarray(frames).data)]
        content += ["tiled"] if self._tiles else []
        return self.encodings.kept(content, lambda: encode_video(self.loaded, frames, self.memory))

    @property
    def _tiles(self) -> bool:
        return self.memory is not None and "encoding" in self.memory.tiled

    @contextlib.contextmanager
    def _tiled(self) -> Iterator[None]:
        """Let the autoencoder work by tiles for a while, where the plan says so."""
        vae = self.loaded.pipe.vae
        if not self._tiles:
            yield
            return
        vae.enable_tiling(*self.loaded.family.tile)
        try:
            yield
        finally:
            vae.disable_tiling()


@torch.no_grad()
def encode_video(loaded: Loaded, frames: np.ndarray, memory: MemoryPlan | None = None) -> Tensor:
    """Latents of a clip, of frames as uint8 (frames, height, width, 3): (latent frames, channels, h, w)."""
    if memory is not None and "encoding" in memory.parked:
        put_away(loaded, *loaded.denoisers)
    bring(loaded, "vae")
    return loaded.family.encode_video(loaded.pipe, torch.from_numpy(np.ascontiguousarray(frames)))


def encode_text(loaded: Loaded, caption: str) -> Tensor:
    """A caption at its padded length, as rendering encodes prompts: (text tokens, channels)."""
    return Encodings(loaded).texts([caption])[caption]


def alone_on_the_card(loaded: Loaded, part: str = "transformer") -> None:
    """Have the part that learns there and no other: training reads what was encoded."""
    put_away(loaded, "vae", *(other for other in loaded.denoisers if other != part))
    bring(loaded, part)
