"""Which networks measure: the paper's where they can be had, those that are named, the bundled model's own for it.

The paper's are fetched when they are first used, each at the commit that is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dreamrunner.backbones import cache_folder
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.hub import fetch_files
from dreamrunner.evaluation.features import Dino, Features, Musiq, read_head
from dreamrunner.evaluation.flow import FlowInterpolator
from dreamrunner.evaluation.formulas import Interpolator
from dreamrunner.evaluation.metrics import CLIP, DINO, HEAD, MUSIQ, VICLIP
from dreamrunner.files.extras import lack
from dreamrunner.files.paths import BUNDLED
from dreamrunner.retrieval.models import XCLIP, video_similarity
from dreamrunner.retrieval.similarity import ClipSimilarity, Similarity, SimilarityError, XClipSimilarity


@dataclass(frozen=True)
class HubFile:
    """A network's files on the hub: ``id`` at the commit ``revision``, the ``files`` that are needed (the first is its
    weights), and how many megabytes they are."""

    id: str
    revision: str
    files: tuple[str, ...]
    megabytes: int


CLIP_336 = HubFile(
    "timm/vit_large_patch14_clip_336.openai",
    "81e38efc4637de5023b10e75a7f9bd1c6fa6b010",
    ("open_clip_pytorch_model.bin",),
    1710,
)
CLIP_224 = HubFile(
    "timm/vit_large_patch14_clip_224.openai",
    "18d0535469bb561bf468d76c1d73aa35156c922b",
    ("open_clip_model.safetensors",),
    1710,
)
"""OpenAI's CLIP ViT-L/14 as open_clip has it; the aesthetic head knows the one that sees 224 pixels."""

DINO_BASE = HubFile(
    "facebook/dinov2-base",
    "f9e44c814b77203eaa57a6bdbbd535f21ede1415",
    ("model.safetensors", "config.json", "preprocessor_config.json"),
    350,
)
MUSIQ_SPAQ = HubFile(
    "chaofengc/IQA-PyTorch-Weights",
    "0df2df423c65f6a64209309695f3845727431027",
    ("musiq_spaq_ckpt-358bb6af.pth",),
    110,
)

HEAD_FILE = "sa_0_4_vit_l_14_linear.pth"
"""The aesthetic head as LAION published it, in its repository aesthetic-predictor."""

DRAWN = "image_similarity", "video_similarity"
"""The folders of a bundled model's own similarity models, among its weights."""


class Lacking(Exception):
    """A network that can't be used. ``str()`` is one line: what is missing, and how it is got."""


@dataclass(frozen=True)
class Choice:
    """Which networks are to measure, where they are not the usual ones.

    ``drawn``: the name of the bundled model whose own they are, which know its drawings alone.
    ``image_model``: what open_clip loads, for CLIP.
    ``video_model``: an X-CLIP or a ViCLIP, as retrieval takes it.
    ``dino``: a folder with a DINOv2.
    ``head``: the aesthetic head's file.
    ``head_model``: what open_clip loads, for the CLIP that the head knows.
    ``musiq``: the file with MUSIQ's weights.
    ``allow_code``: run the code that ViCLIP brings.
    ``fetch``: get from the hub what is not on this machine.
    """

    drawn: str | None = None
    image_model: str | None = None
    video_model: str | None = None
    dino: Path | None = None
    head: Path | None = None
    head_model: str | None = None
    musiq: Path | None = None
    allow_code: bool = False
    fetch: bool = True


class Networks:
    """The networks of a choice, each looked for when it is first asked for; ``tell`` hears of downloads.

    Every property raises :class:`Lacking`, whenever it is asked for, where its network can't be had.
    """

    def __init__(self, choice: Choice, tell: Callable[[str], None] = lambda line: None) -> None:
        self.choice, self.tell = choice, tell
        self._away = False
        self._lacking: dict[str, str] = {}

    @cached_property
    def images(self) -> tuple[Similarity, str]:
        """What compares pictures with sentences, and what it is called."""
        choice = self.choice
        _require_clip()
        if choice.image_model is not None:
            return ClipSimilarity(choice.image_model), Path(choice.image_model).name
        if choice.drawn is not None:
            return ClipSimilarity(self._drawn(choice.drawn, DRAWN[0])), f"the {choice.drawn}'s image model"
        weights = self._fetched(CLIP_336, "--image-model")
        return ClipSimilarity("ViT-L-14-336-quickgelu", weights=weights), CLIP

    @cached_property
    def videos(self) -> tuple[Similarity, str]:
        """What compares whole clips with sentences, and what it is called."""
        choice = self.choice
        if choice.video_model is not None:
            try:
                made = video_similarity(choice.video_model, choice.allow_code)
            except SimilarityError as error:
                raise Lacking(str(error)) from error
            known = choice.video_model == "viclip-l"
            return made, VICLIP if known else Path(choice.video_model.partition("@")[0]).name
        if choice.drawn is not None:
            return XClipSimilarity(self._drawn(choice.drawn, DRAWN[1])), f"the {choice.drawn}'s video model"
        name, _, revision = XCLIP.partition("@")
        files = HubFile(name, revision, ("model.safetensors", "*.json", "*.txt"), 790)
        weights = self._fetched(files, "--video-model")
        return XClipSimilarity(weights.parent), "X-CLIP"

    @cached_property
    def features(self) -> tuple[Features, str]:
        """What compares pictures with one another, and what it is called."""
        if self.choice.dino is not None:
            if not (self.choice.dino / "config.json").is_file():
                raise Lacking(f"there is no DINOv2 in {self.choice.dino}: name a folder with its config.json")
            return Dino(self.choice.dino), self.choice.dino.name
        if self.choice.drawn is not None:
            images, name = self.images
            return ByImages(images), name
        return Dino(self._fetched(DINO_BASE, "--dino").parent), DINO

    @cached_property
    def head(self) -> tuple[Similarity, np.ndarray, float, str]:
        """What marks the looks of pictures: a CLIP with the weight and the bias for its vectors, and what it is
        called."""
        _require_clip()
        file = self.choice.head or cache_folder() / "evaluation" / HEAD_FILE
        if self.choice.drawn is not None and self.choice.head is None:
            raise Lacking(f"there is no aesthetic head for the {self.choice.drawn}'s drawings")
        if not file.is_file():
            raise Lacking(
                f"the head {HEAD_FILE} is not on this machine: put that file of LAION's aesthetic-predictor into"
                f" {file.parent}, or name it (--head FILE)"
            )
        try:
            weight, bias = read_head(file)
        except SimilarityError as error:
            raise Lacking(str(error)) from error
        if self.choice.head_model is not None:
            return ClipSimilarity(self.choice.head_model), weight, bias, file.name
        weights = self._fetched(CLIP_224, "--head-model")
        return ClipSimilarity("ViT-L-14-quickgelu", weights=weights), weight, bias, HEAD

    @cached_property
    def quality(self) -> tuple[Musiq, str]:
        """What marks the quality of pictures, and what it is called."""
        if find_spec("pyiqa") is None:
            raise Lacking("pyiqa is not installed: pip install pyiqa (it and its weights are for non-commercial use)")
        if self.choice.musiq is not None:
            return Musiq(self.choice.musiq), MUSIQ
        return Musiq(self._fetched(MUSIQ_SPAQ, "--musiq")), MUSIQ

    @property
    def interpolator(self) -> Interpolator:
        """What makes the frame between two."""
        return FlowInterpolator()

    def _fetched(self, wanted: HubFile, option: str) -> Path:
        """The first file of a network on the hub, on this machine.

        Where the hub could not be reached once it is not asked again.
        """
        if wanted.id in self._lacking:
            raise Lacking(self._lacking[wanted.id])

        def whole(folder: Path) -> None:
            for name in wanted.files:
                if "*" not in name and not (folder / name).is_file():
                    raise BackboneError(f"{folder} has no {name}; an earlier download was cut off")

        try:
            folder = fetch_files(
                wanted.id,
                wanted.files,
                whole,
                revision=wanted.revision,
                dry=not self.choice.fetch or self._away,
                tell=self.tell,
                naming=f"name it ({option})",
            )
            return folder / wanted.files[0]
        except BackboneError as error:
            self._away = self._away or "cannot be reached" in str(error)
            self._lacking[wanted.id] = self._why(wanted, option, error)
            raise Lacking(self._lacking[wanted.id]) from error

    def _why(self, wanted: HubFile, option: str, error: BackboneError) -> str:
        here = f"{wanted.id} is not on this machine ({wanted.megabytes:,} MB)"
        if not self.choice.fetch:
            return f"{here}: leave --no-fetch away, and it is fetched; or name another ({option})"
        if self._away:
            name = wanted.id.rpartition("/")[2]
            by_hand = f"hf download {wanted.id} --revision {wanted.revision} --local-dir {name}"
            place = f"{name}/{wanted.files[0]}" if option == "--musiq" else name
            return (
                f"{here}, and the model hub cannot be reached: download it elsewhere ({by_hand}), copy the folder here"
                f" and name it ({option} {place})"
            )
        return str(error)

    @staticmethod
    def _drawn(model: str, part: str) -> Path:
        folder = BUNDLED[model] / part
        if not folder.is_dir():
            raise Lacking(f"the {model} has no {part.replace('_', ' ')} model of its own yet; --by names others")
        return folder


def _require_clip() -> None:
    if find_spec("open_clip") is None:
        raise Lacking(lack("motions", "open_clip"))


class ByImages:
    """A similarity model's own vectors of pictures, where there is no other network that knows them."""

    def __init__(self, images: Similarity) -> None:
        self.images = images

    def pictures(self, frames: Sequence[np.ndarray]) -> np.ndarray:
        """Unit vectors, float32 (n, d), of frames uint8 (H, W, 3)."""
        return self.images.video([frame[None] for frame in frames])
