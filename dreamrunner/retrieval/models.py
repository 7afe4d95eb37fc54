"""Which detector and similarity models retrieval works with, by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dreamrunner.backbones import cache_folder
from dreamrunner.files.paths import MINIATURE, MINIATURE_WEIGHTS
from dreamrunner.retrieval.people import PeopleTracker
from dreamrunner.retrieval.similarity import (
    ClipSimilarity,
    Similarity,
    SimilarityError,
    ViClipSimilarity,
    XClipSimilarity,
)
from dreamrunner.retrieval.yolo import DetectorError, YoloTracker

CLIP = "ViT-B-32/laion2b_s34b_b79k"
XCLIP = "microsoft/xclip-base-patch32@a2e27a78a2b5d802e894b8a1ef14f3a8ce490963"
VICLIP = {
    "viclip-b": "OpenGVLab/ViCLIP-B-16-hf@8484a9cb5b1b86e43c3ded53abe7485f52d8b789",
    "viclip-l": "OpenGVLab/ViCLIP-L-14-hf@1652361522e1cb41c28cdfae870f690d00e7456b",
}
"""Hub models at the commits that were current when this was written."""

DRAWN_IMAGES, DRAWN_VIDEOS = MINIATURE_WEIGHTS / "image_similarity", MINIATURE_WEIGHTS / "video_similarity"
"""The folders of the models that come with the package, which know drawn footage alone."""

DETECTOR = ("yolo11n.onnx", "yolo11n.pt")
"""What is looked for in the cache folder, under ``detector``, when no detector is named for real footage."""


@dataclass(frozen=True)
class Parts:
    """Everything in retrieval that looks at pictures."""

    people: PeopleTracker
    image_similarity: Similarity
    video_similarity: Similarity


def load_parts(
    catalog: str | Path = MINIATURE,
    *,
    detector: Path | None = None,
    image_model: str | Path | None = None,
    video_model: str | Path | None = None,
    trust_weights: bool = False,
    allow_code: bool = False,
) -> Parts:
    """The parts for a catalog's footage: those that ship with the package for the drawn one, :data:`MINIATURE`, and
    those for real footage for any other. Each can be another one.

    ``detector`` is anything that :class:`~dreamrunner.retrieval.yolo.YoloTracker` takes, a pickle only with
    ``trust_weights``. ``image_model`` is anything that open_clip loads. ``video_model`` is an X-CLIP (folder or hub id,
    ``@commit`` if wanted), or ``viclip-b``, ``viclip-l`` or another ViCLIP (folder or ``owner/name@commit``) with
    ``allow_code``, since ViCLIP is code on the hub. Models of the hub are fetched when they are first used.

    Raises:
        DetectorError: no such detector, or it is a pickle that is not trusted.
        SimilarityError: no such folder, or a ViCLIP whose code is not allowed or not pinned.
    """
    if catalog == MINIATURE:
        detector = detector or MINIATURE_WEIGHTS / "detector"
        image_model = image_model or DRAWN_IMAGES
        video_model = video_model or DRAWN_VIDEOS
    people = YoloTracker(detector or _kept_detector(), trust_weights=trust_weights)
    parts = Parts(
        people=people,
        image_similarity=ClipSimilarity(image_model or CLIP),
        video_similarity=video_similarity(str(video_model or XCLIP), allow_code),
    )
    for model in (image_model, video_model):
        if isinstance(model, Path) and not model.is_dir():
            raise SimilarityError(f"there is no similarity model in {model}")
    return parts


def video_similarity(model: str, allow_code: bool) -> Similarity:
    """A video model by its name, as :func:`load_parts` takes it.

    Raises:
        SimilarityError: it is a ViCLIP whose code is not allowed or not pinned.
    """
    model = VICLIP.get(model, model)
    if Path(model).is_dir():
        name, revision = model, None
    else:
        name, _, revision = model.partition("@")
    if "viclip" in Path(name).name.lower():
        return ViClipSimilarity(name, revision=revision or None, allow_code=allow_code)
    return XClipSimilarity(name, revision=revision or None)


def _kept_detector() -> Path:
    folder = cache_folder() / "detector"
    for name in DETECTOR:
        if (folder / name).is_file():
            return folder / name
    raise DetectorError(
        f"real footage needs a detector's weights: put yolo11n.onnx, exported by ultralytics, into {folder}, or name a "
        "file (--detector; a .pt of ultralytics with --trust-weights)"
    )
