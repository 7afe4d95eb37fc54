"""A film measured: its frames read scene by scene, looked at by every network, and the paper's formulas.

Frames are read one after the other, and few are in memory at a time, of whatever length a film is. What is kept of them
are sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from dreamrunner.datasets.image_file import open_image
from dreamrunner.datasets.image_pixels import on_white
from dreamrunner.datasets.video import VideoError, frames_one_by_one, read_attributes, read_frames
from dreamrunner.evaluation.footage import Footage, NoFootage, Shown
from dreamrunner.evaluation.formulas import Smoothness, likeness, looks, mean, steadiness, text_match
from dreamrunner.evaluation.metrics import GROUPS, METRICS, Evaluation, Group, Score
from dreamrunner.evaluation.networks import Lacking, Networks
from dreamrunner.files.text import shortened
from dreamrunner.files.trouble import cause
from dreamrunner.files.wording import counted
from dreamrunner.retrieval.similarity import Similarity, SimilarityError

SAMPLED = 8
"""Frames, evenly spread, that are compared with a sentence (paper, C)."""

NEIGHBOURS = 4
"""Frames, evenly spread, of which each is compared with the one before (paper, C)."""

AT_ONCE = 16
"""Frames that go through a network at a time; twice as many are in memory."""

PHOTOS = 32
"""Photos of somebody that are looked at, at most."""

LONGEST = 400
"""Letters of why a measure could not be taken: some libraries list all that they know."""

_NO_PLAN = "it is not known what the film should show: name its story (--plan STORY)"
_NO_STORY = "photos of the characters are in the story alone: name it (--plan STORY)"

Made = TypeVar("Made")
Told = tuple[float | None, str, str, str]
"""A score's value, what looked, at what, and why there is none."""


def measure(footage: Footage, networks: Networks, only: Sequence[Group] = GROUPS) -> Evaluation:
    """Measure a film by the groups of measures that are asked for.

    What a network that can't be had would say has no value, and its score says why.

    Raises:
        NoFootage: the video, or a photo, can't be read.
    """
    told: dict[str, Told] = {}
    try:
        for group, take in _TAKES.items():
            if group in only:
                told |= take(footage, networks)
    except VideoError as error:
        raise NoFootage(str(error)) from error
    scores = tuple(Score(metric, *told[metric.name]) for metric in METRICS.values() if metric.name in told)
    return Evaluation(str(footage.film), len(footage.scenes), scores, tuple(_remarks(footage, networks, scores)))


def _remarks(footage: Footage, networks: Networks, scores: Sequence[Score]) -> Iterator[str]:
    drawn = networks.choice.drawn
    if drawn is not None and any(score.by.startswith(f"the {drawn}'s") for score in scores):
        yield (
            f"The {drawn}'s own similarity models stand in for the paper's networks: they know its drawings and single"
            " motions alone, and their cosines go below 0 where a sentence does not fit."
        )
    made = [each.scene for each in footage.scenes if each.halves and not each.told]
    if made and any(score.metric.name.startswith("fine-text") and score.value is not None for score in scores):
        told = "their narrations have" if len(made) > 1 else "its narration has"
        yield f"The sentences of {counted(len(made), 'scene')} are made of beats, since {told} not two of their own."


def _characters(footage: Footage, networks: Networks) -> dict[str, Told]:
    """Every frame of the scenes that somebody is planned in, against the photos; the mean over characters."""
    names = ("character-clip", "character-dino")
    if not footage.planned:
        return dict.fromkeys(names, _none(_NO_PLAN))
    if not footage.story:
        return dict.fromkeys(names, _none(_NO_STORY))
    cast = {name: footage.photos[name] for name in _cast(footage) if name in footage.photos}
    if not cast:
        return dict.fromkeys(names, _none("no character of the story has photos (`images`)"))
    of = counted(len(cast), "character")

    def by(pictures: Callable[[list[np.ndarray]], np.ndarray]) -> float:
        photos = {name: pictures(_photos(name, files)) for name, files in cast.items()}
        near: dict[str, list[tuple[int, float]]] = {name: [] for name in cast}
        for scene in footage.scenes:
            staged = [name for name in scene.cast if name in cast]
            for frames in _batches(scene) if staged else ():
                vectors = pictures(frames)
                for name in staged:
                    near[name].append((len(frames), likeness(vectors, photos[name])))
        return mean([_over_all(rows) for rows in near.values()])

    def by_images() -> tuple[float, str]:
        images, name = networks.images
        return by(lambda frames: images.video([frame[None] for frame in frames])), name

    def by_features() -> tuple[float, str]:
        features, name = networks.features
        return by(features.pictures), name

    return {"character-clip": _try(by_images, of), "character-dino": _try(by_features, of)}


def _cast(footage: Footage) -> list[str]:
    return list(dict.fromkeys(name for scene in footage.scenes for name in scene.cast))


def _texts(footage: Footage, networks: Networks) -> dict[str, Told]:
    """Frames and clips against the narration, and each half against its own sentence; the mean over scenes."""
    names = ("fine-text-image", "fine-text-video", "full-text-image", "full-text-video")
    if not footage.planned:
        return dict.fromkeys(names, _none(_NO_PLAN))
    whole = [(scene, [(scene.narration, *_part(scene, 0, 1))]) for scene in footage.scenes if scene.narration]
    halves = [
        (scene, [(text, *_part(scene, number, 2)) for number, text in enumerate(scene.halves)])
        for scene in footage.scenes
        if scene.halves
    ]
    told: dict[str, Told] = {}
    for name, wanted, lacking in (
        ("fine-text", halves, "no scene has something going on in both halves"),
        ("full-text", whole, "no scene has a narration"),
    ):
        if not wanted:
            told |= {f"{name}-{by}": _none(lacking) for by in ("image", "video")}
            continue
        of = counted(len(wanted), "scene")

        def by_images(wanted: list[tuple[Shown, list[tuple[str, float, float]]]] = wanted) -> tuple[float, str]:
            images, name = networks.images
            return _match(wanted, images, lambda clip: images.video([frame[None] for frame in clip])), name

        def by_videos(wanted: list[tuple[Shown, list[tuple[str, float, float]]]] = wanted) -> tuple[float, str]:
            videos, name = networks.videos
            return _match(wanted, videos, lambda clip: videos.video([clip])), name

        told |= {f"{name}-image": _try(by_images, of), f"{name}-video": _try(by_videos, of)}
    return told


def _match(
    wanted: Sequence[tuple[Shown, Sequence[tuple[str, float, float]]]],
    texts: Similarity,
    pictures: Callable[[np.ndarray], np.ndarray],
) -> float:
    scenes = []
    for scene, parts in wanted:
        sentences = texts.text([sentence for sentence, _, _ in parts])
        scenes.append(
            mean(
                [
                    text_match(pictures(read_frames(scene.file, start=start, end=end, count=SAMPLED)), sentence)
                    for (_, start, end), sentence in zip(parts, sentences, strict=True)
                ]
            )
        )
    return mean(scenes)


def _transitions(footage: Footage, networks: Networks) -> dict[str, Told]:
    """Neighbours among a scene's evenly spread frames; the mean over scenes."""

    def by_features() -> tuple[float, str]:
        features, name = networks.features
        read = (read_frames(scene.file, start=scene.start, end=scene.end, count=NEIGHBOURS) for scene in footage.scenes)
        return mean([steadiness(features.pictures(list(frames))) for frames in read]), name

    return {"transition": _try(by_features, counted(len(footage.scenes), "scene"))}


def _aesthetics(footage: Footage, networks: Networks) -> dict[str, Told]:
    """Every frame's looks; the mean over a scene's frames, then over scenes."""

    def by_head() -> tuple[float, str]:
        images, weight, bias, name = networks.head
        found = []
        for scene in footage.scenes:
            rows = []
            for frames in _batches(scene):
                vectors = images.video([frame[None] for frame in frames])
                if vectors.shape[1] != len(weight):
                    raise SimilarityError(
                        f"the aesthetic head knows vectors of {len(weight)} numbers, and the model gives"
                        f" {vectors.shape[1]}"
                    )
                rows.append((len(frames), looks(vectors, weight, bias)))
            found.append(_over_all(rows))
        return mean(found), name

    return {"aesthetics": _try(by_head, counted(len(footage.scenes), "scene"))}


def _imaging(footage: Footage, networks: Networks) -> dict[str, Told]:
    """Every frame's quality; the mean over a scene's frames, then over scenes."""

    def by_musiq() -> tuple[float, str]:
        quality, name = networks.quality
        return mean([mean(_each(scene, quality.quality)) for scene in footage.scenes]), name

    return {"imaging": _try(by_musiq, counted(len(footage.scenes), "scene"))}


def _smoothness(footage: Footage, networks: Networks) -> dict[str, Told]:
    """Odd frames against what is made of the even ones; the mean over scenes of three frames or more."""
    interpolator = networks.interpolator
    found = []
    for scene in footage.scenes:
        smoothness = Smoothness(interpolator)
        for frame in _frames(scene):
            smoothness.see(frame)
        if (share := smoothness.share()) is not None:
            found.append(share)
    if not found:
        return {"smoothness": _none("no scene has three frames")}
    return {"smoothness": (mean(found), interpolator.name, counted(len(found), "scene"), "")}


_TAKES: Mapping[Group, Callable[[Footage, Networks], dict[str, Told]]] = {
    "character": _characters,
    "text": _texts,
    "transition": _transitions,
    "aesthetics": _aesthetics,
    "imaging": _imaging,
    "smoothness": _smoothness,
}


def _try(take: Callable[[], tuple[float, str]], of: str) -> Told:
    try:
        value, by = take()
    except (Lacking, SimilarityError) as error:
        return _none(str(error))
    return value, by, of, ""


def _none(why: str) -> Told:
    return None, "", "", shortened(why, LONGEST)


def _part(scene: Shown, number: int, parts: int) -> tuple[float, float]:
    """Where one of so many equal parts of a scene begins and ends in its video, in seconds."""
    end = read_attributes(scene.file).duration if scene.end is None else scene.end
    length = (end - scene.start) / parts
    return scene.start + number * length, scene.start + (number + 1) * length


def _frames(scene: Shown) -> Iterator[np.ndarray]:
    """A scene's frames as they were filmed, none of them twice."""
    return frames_one_by_one(scene.file, start=scene.start, end=scene.end, count=scene.frames)


def _batches(scene: Shown) -> Iterator[list[np.ndarray]]:
    frames = _frames(scene)
    while batch := list(islice(frames, AT_ONCE)):
        yield batch


def _over_all(rows: Sequence[tuple[int, float]]) -> float:
    """The mean over all frames, of means over so many each."""
    return sum(count * value for count, value in rows) / sum(count for count, _ in rows)


def _each(scene: Shown, mark: Callable[[list[np.ndarray]], list[float]]) -> list[float]:
    return [value for frames in _batches(scene) for value in mark(frames)]


def _photos(name: str, files: Sequence[Path]) -> list[np.ndarray]:
    read = []
    for file in files[:PHOTOS]:
        try:
            with open_image(file) as opened:
                read.append(np.array(on_white(opened)))
        except (OSError, ValueError) as error:
            raise NoFootage(f"a photo of {name} can't be read: {file.name} {cause(error)}") from error
    return read
