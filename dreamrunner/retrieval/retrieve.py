"""Retrieval: from a phrase to the stretches of video that show it (paper 3.2, A.1).

Four steps: BM25 over captions; a filter on length, frames and shape; people tracked and clips cut round them; each
segment compared with the sentence by a picture model and a video model, and the best kept. Every step says how many
went in, how many came out and why the others did not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from dreamrunner.datasets.segments import Retrieved, Segment, Step
from dreamrunner.datasets.video import Attributes, VideoError, read_frames
from dreamrunner.files.text import in_words
from dreamrunner.retrieval.catalog import Catalog, Clip
from dreamrunner.retrieval.people import PeopleTracker, Track, cut

if TYPE_CHECKING:
    import numpy as np

    from dreamrunner.retrieval.similarity import Similarity

__all__ = ["RetrievalOptions", "query_for", "retrieve", "sentence_for"]

SEGMENTS_AT_A_TIME = 16
"""Segments whose frames are in memory at a time."""

LONGER_SIDE = 448
"""Pixels of the frames that similarity models are given: twice what they see."""

BROKEN = "the video cannot be read"

_TRACKS = TypeAdapter(tuple[Track, ...])


@dataclass(frozen=True)
class RetrievalOptions:
    """The paper's numbers (A.1).

    ``candidates`` clips by caption; of those, clips of at least ``least_seconds`` and ``least_frames`` frames whose
    width is at least ``least_ratio`` of their height; the best ``keep`` segments that score more than ``threshold``, or
    the best ``fewest`` when fewer than that do.
    """

    candidates: int = 400
    least_seconds: float = 2.0
    least_frames: int = 40
    least_ratio: float = 0.9
    keep: int = 20
    threshold: float = 0.2
    fewest: int = 4


def query_for(motion: str) -> str:
    """What to search captions for: "stirring-a-pot" gives "person is stirring a pot"; a whole sentence stays."""
    plain = in_words(motion)
    return plain if " is " in f" {plain} " else f"person is {plain}"


def sentence_for(query: str) -> str:
    """What segments are compared with: "person is stirring" gives "the person is stirring"."""
    return f"the {query}" if query.startswith("person ") else query


def retrieve(
    motion_query: str,
    catalog: Catalog,
    *,
    people: PeopleTracker,
    image_similarity: Similarity,
    video_similarity: Similarity,
    options: RetrievalOptions = RetrievalOptions(),
    on_progress: Callable[[str, int, int], None] = lambda step, done, total: None,
) -> Retrieved:
    """Find the segments that show ``motion_query`` ("person is stirring a pot"), best first.

    Videos that cannot be read are dropped and counted. What a tracker or model made of a video is kept in the catalog
    by content and model, so that an interrupted search goes on and a second one over the same videos is quick.
    ``on_progress`` hears of the steps ``clips``, ``people`` and ``similarity``: how many are done, of how many.

    Raises:
        CatalogError: the catalog cannot be used.
        DetectorError, SimilarityError: a part cannot be used.
    """
    found = catalog.search(motion_query, options.candidates)
    size = len(catalog)
    funnel = [_step("captions", size, len(found), Counter({"the caption fits less, or not": size - len(found)}))]
    fit, step = _fit(catalog, found, options, on_progress)
    funnel.append(step)
    segments, step = _people(catalog, fit, people, options, on_progress)
    funnel.append(step)
    models = image_similarity, video_similarity
    scored, lost = _scored(catalog, segments, sentence_for(motion_query), models, on_progress)
    chosen, dropped = _chosen(scored, options)
    funnel.append(_step("similarity", len(segments), len(chosen), dropped + lost))
    return Retrieved(query=motion_query, segments=tuple(chosen), funnel=tuple(funnel))


def _fit(
    catalog: Catalog, clips: Sequence[Clip], options: RetrievalOptions, on_progress: Callable[[str, int, int], None]
) -> tuple[list[tuple[Segment, Attributes]], Step]:
    """Step 2. What the source says of a clip may already rule it out; what it is in truth is read from the video."""
    fit: list[tuple[Segment, Attributes]] = []
    dropped: Counter[str] = Counter()
    there: set[tuple[str, float, float]] = set()
    for done, clip in enumerate(clips, 1):
        found = _fitting(catalog, clip, options)
        if isinstance(found, str):
            dropped[found] += 1
        elif (same := (found[0].digest, found[0].start, found[0].end)) in there:
            dropped["the same clip again"] += 1
        else:
            there.add(same)
            fit.append(found)
        on_progress("clips", done, len(clips))
    return fit, _step("filter", len(clips), len(fit), dropped)


def _fitting(catalog: Catalog, clip: Clip, options: RetrievalOptions) -> tuple[Segment, Attributes] | str:
    """The clip as a segment, or why it does not fit."""
    if clip.end is not None and (why := _unfit(clip.end - clip.start, clip.width, clip.height, clip.rate, options)):
        return why
    if (file := clip.file) is None:
        return "the video is not on this machine"
    try:
        digest, known = catalog.attributes(file)
    except VideoError:
        return BROKEN
    end = known.duration if clip.end is None else min(clip.end, known.duration)
    if end <= clip.start:
        return "it starts after its video's end"
    if why := _unfit(end - clip.start, known.width, known.height, known.rate, options):
        return why
    return Segment(file=file, digest=digest, start=clip.start, end=end, caption=clip.caption), known


def _unfit(
    seconds: float, width: int | None, height: int | None, rate: float | None, options: RetrievalOptions
) -> str | None:
    if seconds < options.least_seconds - 1e-6:
        return f"shorter than {options.least_seconds:g} s"
    if rate is not None and round(seconds * rate, 3) < options.least_frames - 0.5:
        return f"fewer than {options.least_frames} frames"
    if width is not None and height is not None and width / height < options.least_ratio:
        return f"narrower than {options.least_ratio:g} of its height"
    return None


def _people(
    catalog: Catalog,
    clips: Sequence[tuple[Segment, Attributes]],
    people: PeopleTracker,
    options: RetrievalOptions,
    on_progress: Callable[[str, int, int], None],
) -> tuple[list[tuple[Segment, Attributes]], Step]:
    """Step 3. One clip may give several segments, so that more may come out than went in."""
    segments: list[tuple[Segment, Attributes]] = []
    dropped: Counter[str] = Counter()
    for done, (clip, known) in enumerate(clips, 1):
        try:
            tracks = _tracks(catalog, clip, people)
        except VideoError:
            dropped[BROKEN] += 1
        else:
            parts = cut(
                tracks,
                clip=clip,
                least_seconds=options.least_seconds,
                least_frames=options.least_frames,
                rate=known.rate,
            )
            if not parts:
                dropped["nobody stays long enough" if tracks else "nobody is in the picture"] += 1
            segments += [(part, known) for part in parts]
        on_progress("people", done, len(clips))
    return segments, _step("people", len(clips), len(segments), dropped)


def _tracks(catalog: Catalog, clip: Segment, people: PeopleTracker) -> tuple[Track, ...]:
    key = json.dumps(["tracks", clip.digest, clip.start, clip.end, people.key])
    if (kept := catalog.recall(key)) is not None:
        try:
            return _TRACKS.validate_json(kept)
        except ValidationError:
            pass  # damaged: made anew
    tracks = people.track(clip.file, start=clip.start, end=clip.end)
    catalog.remember(key, _TRACKS.dump_json(tracks))
    return tracks


def _scored(
    catalog: Catalog,
    segments: Sequence[tuple[Segment, Attributes]],
    sentence: str,
    models: tuple[Similarity, Similarity],
    on_progress: Callable[[str, int, int], None],
) -> tuple[list[tuple[float, Segment]], Counter[str]]:
    """Step 4. Scores and the segments that have them, and how many could not be read after all."""
    scored: list[tuple[float, Segment]] = []
    lost: Counter[str] = Counter()
    if not segments:
        return scored, lost
    sentences = [model.text([sentence])[0] for model in models]
    for first in range(0, len(segments), SEGMENTS_AT_A_TIME):
        part = segments[first : first + SEGMENTS_AT_A_TIME]
        vectors = [_vectors(catalog, part, model, len(text)) for model, text in zip(models, sentences, strict=True)]
        for (segment, _), image, video in zip(part, *vectors, strict=True):
            if image is None or video is None:
                lost[BROKEN] += 1
                continue
            scores = float(image @ sentences[0]), float(video @ sentences[1])
            told = {"image_score": scores[0], "video_score": scores[1], "score": sum(scores) / 2}
            scored.append((told["score"], segment.model_copy(update=told)))
        on_progress("similarity", min(first + SEGMENTS_AT_A_TIME, len(segments)), len(segments))
    return scored, lost


def _vectors(
    catalog: Catalog, segments: Sequence[tuple[Segment, Attributes]], model: Similarity, size: int
) -> list[np.ndarray | None]:
    """A unit vector of ``size`` numbers for each segment, kept ones first; ``None`` for one that cannot be read."""
    import numpy as np

    vectors: list[np.ndarray | None] = [None] * len(segments)
    keys: dict[int, str] = {}
    clips: list[np.ndarray] = []
    for at, (segment, known) in enumerate(segments):
        key = json.dumps(["vector", segment.digest, segment.start, segment.end, segment.crop, model.frames, model.key])
        kept = catalog.recall(key)
        if isinstance(kept, bytes) and len(kept) == 4 * size:  # else nothing, or damaged: made anew
            vectors[at] = np.frombuffer(kept, dtype="<f4")
            continue
        try:
            clips.append(_frames(segment, known, model.frames))
            keys[at] = key
        except VideoError:
            continue
    if clips:
        for (at, key), vector in zip(keys.items(), model.video(clips), strict=True):
            vectors[at] = made = np.asarray(vector, dtype="<f4")
            catalog.remember(key, made.tobytes())
    return vectors


def _frames(segment: Segment, known: Attributes, count: int) -> np.ndarray:
    x0, y0, x1, y1 = segment.crop or (0.0, 0.0, 1.0, 1.0)
    width, height = (x1 - x0) * known.width, (y1 - y0) * known.height
    smaller = LONGER_SIDE / max(width, height)
    size = (max(1, round(width * smaller)), max(1, round(height * smaller))) if smaller < 1 else None
    return read_frames(segment.file, start=segment.start, end=segment.end, count=count, size=size, crop=segment.crop)


def _chosen(scored: Sequence[tuple[float, Segment]], options: RetrievalOptions) -> tuple[list[Segment], Counter[str]]:
    in_order = sorted(scored, key=lambda each: (-each[0], each[1].digest, each[1].start, each[1].crop or ()))
    best = [segment for _, segment in in_order]
    above = [segment for score, segment in in_order if score > options.threshold]
    fewest = min(options.fewest, options.keep)
    if len(above) < fewest:
        chosen = best[:fewest]
        return chosen, Counter({f"scores {options.threshold:g} or less": len(best) - len(chosen)})
    chosen = above[: options.keep]
    return chosen, Counter(
        {
            f"scores {options.threshold:g} or less": len(best) - len(above),
            f"not among the best {options.keep}": len(above) - len(chosen),
        }
    )


def _step(name: str, into: int, out: int, dropped: Counter[str]) -> Step:
    return Step(name=name, into=into, out=out, dropped={why: count for why, count in dropped.most_common() if count})
