"""The watcher of real models' films: OWLv2 finds what the story describes, CLIP compares looks, X-CLIP motions.

OWLv2 (Minderer et al., "Scaling open-vocabulary object detection", 2023) scores every box for every description. It
looks at one frame a second, on the processor, so that it takes no memory of the card that films. Its borders below are
those of common use; they were not measured on films of the models that it watches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.hub import fetch_files
from dreamrunner.checking.script import Act, Script, Subject
from dreamrunner.checking.seen import Seen, Sighting, WatcherError, frame_at, frames_between, once
from dreamrunner.datasets.image_file import open_image
from dreamrunner.datasets.image_pixels import on_white
from dreamrunner.files.digest import digest_json, digest_path
from dreamrunner.files.trouble import cause
from dreamrunner.language.parts import Box
from dreamrunner.retrieval.models import CLIP, XCLIP
from dreamrunner.retrieval.similarity import ClipSimilarity, Similarity, SimilarityError, XClipSimilarity

if TYPE_CHECKING:
    import numpy as np

DETECTOR = "google/owlv2-base-patch16-ensemble"
REVISION = "7c77fc1316a353da3109f81d80ae118dd58fd55b"
FILES = "*.json", "*.txt", "model.safetensors"
"""The detector (Apache-2.0, 620 MB), at a commit with safetensors, and what is needed of it."""

BORDER = 0.2
"""From which score of the detector on somebody counts as seen."""

PICTURES = 0.75
"""From which likeness (cosine) to its photos on a crop looks like somebody."""

PHOTOS = 8
"""Photos of somebody that are looked at, at most."""

SHARPNESS = 100.0
"""What cosines of CLIP and X-CLIP are multiplied by where one of several descriptions fits best (their own scale)."""


def fetch_detector(*, dry: bool = False, tell: Callable[[str], None] = lambda line: None) -> Path:
    """The detector's folder, fetched from the hub when it is first used.

    Raises:
        WatcherError: it can't be had.
    """
    try:
        naming = "name it (--checker DIR)"
        return fetch_files(DETECTOR, FILES, _whole, revision=REVISION, dry=dry, tell=tell, naming=naming)
    except BackboneError as error:
        raise WatcherError(str(error)) from error


def _whole(folder: Path) -> None:
    for name in ("config.json", "preprocessor_config.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise BackboneError(f"{folder} has no {name}; an earlier download was cut off")


class OpenVocabularyWatcher:
    """Watches films of any model; ``folder`` is that of an OWLv2. ``pictures`` and ``videos`` compare crops with
    descriptions; retrieval's own ones by default."""

    def __init__(self, folder: Path, *, pictures: Similarity | None = None, videos: Similarity | None = None) -> None:
        self.folder = folder
        name, _, revision = XCLIP.partition("@")
        self.pictures = pictures or ClipSimilarity(CLIP)
        self.videos = videos or XClipSimilarity(name, revision=revision or None)
        self.name = "OWLv2"

    @cached_property
    def key(self) -> str:
        read = [digest_path(self.folder), self.pictures.key, self.videos.key, BORDER, PICTURES, SHARPNESS]
        return f"open-{digest_json(read)[:32]}"

    def watch(self, pixels: np.ndarray, script: Script) -> Seen:
        try:
            sightings = tuple(
                self._at(pixels[frame_at(len(pixels), script.duration, moment)], script.subjects)
                for moment in script.moments
            )
            done = tuple(self._done(pixels, script, act) for act in script.acts)
        except SimilarityError as error:
            raise WatcherError(str(error)) from error
        return Seen(tuple(bool(subject.looks.strip()) for subject in script.subjects), sightings, done)

    def _at(self, picture: np.ndarray, subjects: Sequence[Subject]) -> tuple[Sighting, ...]:
        if not subjects:
            return ()
        boxes, scores = self._detect(picture, [described(subject) for subject in subjects])
        found = once(boxes, [max(row) for row in scores])
        likes = self._likes(picture, [boxes[number] for number in found], subjects)
        return tuple(
            Sighting(boxes[number], tuple(score / (score + BORDER) for score in scores[number]), like)
            for number, like in zip(found, likes, strict=True)
        )

    def _detect(self, picture: np.ndarray, texts: Sequence[str]) -> tuple[list[Box], list[list[float]]]:
        """Boxes of which at least one description scores half the border or more, and the scores of all."""
        import torch

        network, processor = self._loaded
        inputs = processor(text=[list(texts)], images=picture, return_tensors="pt", truncation=True)
        with torch.inference_mode():
            outputs = network(**inputs)
        scores = outputs.logits[0].float().sigmoid()
        kept = scores.amax(1) >= BORDER / 2
        # the network sees a square, in whose upper left corner the picture lies
        side = float(max(picture.shape[:2]))
        across, down = side / picture.shape[1], side / picture.shape[0]
        boxes = []
        for x, y, width, height in outputs.pred_boxes[0][kept].tolist():
            edges = (x - width / 2) * across, (y - height / 2) * down, (x + width / 2) * across, (y + height / 2) * down
            boxes.append(Box(*(min(1.0, max(0.0, edge)) for edge in edges)))
        return boxes, scores[kept].tolist()

    def _likes(
        self, picture: np.ndarray, boxes: Sequence[Box], subjects: Sequence[Subject]
    ) -> list[tuple[float | None, ...]]:
        """For every box, how it looks like each subject: its photos where there are some; else whether its description
        fits better than those of all others together, which of one alone can't be told."""
        crops = [crop(picture, box) for box in boxes]
        if not crops or (not any(subject.photos for subject in subjects) and len(subjects) < 2):
            return [(None,) * len(subjects) for _ in boxes]
        seen = self.pictures.video([each[None] for each in crops])
        words = seen @ self.pictures.text([described(subject) for subject in subjects]).T
        photos = [self._photos(subject) for subject in subjects]
        rows = []
        for number in range(len(boxes)):
            chances = _softmax(SHARPNESS * words[number])
            row: list[float | None] = []
            for subject, known in enumerate(photos):
                if known is not None:
                    near = float((known @ seen[number]).mean())
                    row.append(1.0 if near >= 1 else max(0.0, near) / (max(0.0, near) + PICTURES))
                else:
                    row.append(float(chances[subject]) if len(subjects) > 1 else None)
            rows.append(tuple(row))
        return rows

    def _photos(self, subject: Subject) -> np.ndarray | None:
        import numpy as np

        if not subject.photos:
            return None
        read = []
        for photo in subject.photos[:PHOTOS]:
            try:
                with open_image(photo) as opened:
                    read.append(np.asarray(on_white(opened))[None])
            except (OSError, ValueError) as error:
                raise WatcherError(f"a photo of {subject.name} can't be read: {cause(error)}") from error
        return self.pictures.video(read)

    def _done(self, pixels: np.ndarray, script: Script, act: Act) -> float | None:
        """Whether what the act's box shows is this motion rather than another of the scene's, or standing still."""
        others = [other.phrase for other in script.acts if other.phrase != act.phrase]
        phrases = list(dict.fromkeys([act.phrase, *others, "standing still"]))
        if len(phrases) < 2:
            return None
        count = len(pixels)
        during = frames_between(count, script.duration, act.start, act.end)
        chosen = [during[round(step * (len(during) - 1) / 7)] for step in range(8)]
        rate = count / script.duration
        way = [act.box_at((frame + 0.5) / rate) for frame in chosen]
        hull = Box(
            max(0.0, min(box.x0 for box in way)),
            max(0.0, min(box.y0 for box in way)),
            min(1.0, max(box.x1 for box in way)),
            min(1.0, max(box.y1 for box in way)),
        )
        if hull.x0 >= hull.x1 or hull.y0 >= hull.y1:
            return None
        clip = crop(pixels[chosen], hull)
        who = described(script.subjects[act.subject])
        texts = self.videos.text([f"{who} is {phrase}" for phrase in phrases])
        chances = _softmax(SHARPNESS * (texts @ self.videos.video([clip])[0]))
        return float(chances[0])

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import Owlv2ForObjectDetection, Owlv2Processor
        from transformers.utils import logging

        bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            network = Owlv2ForObjectDetection.from_pretrained(self.folder, use_safetensors=True).float().eval()
            return network, Owlv2Processor.from_pretrained(self.folder)
        except (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError) as error:
            raise WatcherError(f"the detector in {self.folder} can't be used: {cause(error)}") from error
        finally:
            if bars:
                logging.enable_progress_bar()


def described(subject: Subject) -> str:
    """A subject in words that a detector looks for."""
    return subject.looks.strip() or subject.name.replace("-", " ")


def crop(pictures: np.ndarray, box: Box) -> np.ndarray:
    """The part of pictures, uint8 (..., height, width, 3), in a box, a pixel wide and high at least."""
    height, width = pictures.shape[-3:-1]
    left, top = min(width - 1, int(box.x0 * width)), min(height - 1, int(box.y0 * height))
    right, bottom = max(left + 1, round(box.x1 * width)), max(top + 1, round(box.y1 * height))
    return pictures[..., top:bottom, left:right, :]


def _softmax(values: np.ndarray) -> np.ndarray:
    import numpy as np

    raised = np.exp(values - values.max())
    return raised / raised.sum()
