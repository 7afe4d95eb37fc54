"""Scripts of the second edition's world at random, for ``benchmarks/obey.py``: what must be seen, what is filmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.captions import place_of, told_alone
from dreamrunner.miniature.second.characters import COLOURS
from dreamrunner.miniature.second.motions import RATE
from dreamrunner.miniature.second.scripts import sample_clip
from dreamrunner.miniature.second.training.sights import covered, track
from dreamrunner.miniature.second.world import FRAMES, Act, Clip, Figure, placed
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

PATTERNS: dict[str, float] = {"one": 0.5, "two": 0.2, "three": 0.06, "cross": 0.1, "follow": 0.06, "meet": 0.08}
"""How often each kind of script is drawn."""

SECOND = int(RATE)
SECONDS = FRAMES // SECOND
DURATION = FRAMES / RATE
STEP = 4
"""Frames from one key frame to the next."""
HIDDEN = 0.4
"""In a frame in which others cover more of a box, nothing is asked of it."""
TOUCHED = 0.1
"""In a frame in which others cover more of a box, it is not asked what is done in it."""


@dataclass(frozen=True)
class Asked:
    """One character of a script.

    ``boxes`` are an author's, (49, 4) normalized, cut to the picture, NaN outside of it. ``open`` says in which frames
    they can be judged: most of the box is in the picture, and nobody else covers much of it; ``free`` in which nobody
    else is near, so that what the body does can be told.
    """

    figure: Figure
    boxes: np.ndarray
    open: np.ndarray
    free: np.ndarray


@dataclass(frozen=True)
class Script:
    """A clip that says what must be seen, its plan, and what is asked of every character."""

    clip: Clip
    plan: PlannedScene
    asked: tuple[Asked, ...]


def wanted(clip: Clip) -> bool:
    """Whether a clip is a script to ask: characters alone, each with one or two beats, at least one with two."""
    return (
        bool(clip.figures)
        and all(not figure.is_prop and 1 <= len(figure.acts) <= 2 for figure in clip.figures)
        and any(len(figure.acts) == 2 for figure in clip.figures)
        and any(np.isfinite(track(figure)).all(1).sum() >= SECOND for figure in clip.figures)
    )


def clip_of(number: int) -> Clip:
    """The clip of script ``number``: every character has a colour of its own, which is said."""
    rng = np.random.default_rng([811, number])
    while not wanted(clip := sample_clip(rng, PATTERNS)):
        pass
    colours = rng.permutation(list(COLOURS))
    figures = tuple(replace(figure, colour=str(colour)) for figure, colour in zip(clip.figures, colours, strict=False))
    return replace(clip, figures=figures)


def span(act: Act, acts: Sequence[Act]) -> range:
    """The clip's frames in which an act of a figure's acts is done."""
    begun = max((other.end for other in acts if other.end <= act.start), default=0.0)
    return range(int(np.ceil(begun)), int(min(FRAMES, np.ceil(act.end))))


def authored(figure: Figure) -> np.ndarray:
    """A figure's boxes as an author gives them, (49, 4) normalized, not cut to the picture; a thing's own."""
    out = np.full((FRAMES, 4), np.nan)
    scale = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT], float)
    if figure.is_prop:
        return track(figure)
    for act in figure.acts:
        frames = span(act, figure.acts)
        if not frames:
            continue
        # All that it does in this beat, around the middle of its feet, in units of its height.
        shape = []
        for frame in frames:
            x, foot, tall = figure.at(frame)
            points = placed(figure, frame)[1]
            shape.append((np.concatenate([points.min(0), points.max(0)]) - (x, foot, x, foot)) / tall)
        hull = np.concatenate([np.min(shape, 0)[:2], np.max(shape, 0)[2:]])
        keys = sorted({*frames[::STEP], frames[-1]})
        given = [(np.array([x, foot, x, foot]) + hull * tall) / scale for x, foot, tall in map(figure.at, keys)]
        out[list(frames)] = np.stack([np.interp(frames, keys, side) for side in np.transpose(given)], 1)
    return out


def cut_to_picture(boxes: np.ndarray) -> np.ndarray:
    """Boxes (F, 4) cut to the picture; NaN where less than a tenth of one is in it."""
    cut = np.clip(boxes, 0, 1)
    share = (cut[:, 2:] - cut[:, :2]).prod(1) / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(1), 1e-9)
    return np.where((np.nan_to_num(share) >= 0.1)[:, None], cut, np.nan)


def beats_of(clip: Clip, figure: Figure, boxes: np.ndarray) -> Iterable[PlannedBeat]:
    """A figure's beats with their key frames, each from where it is in the picture to where it no longer is."""
    for act in figure.acts:
        inside = [frame for frame in span(act, figure.acts) if np.isfinite(boxes[frame]).all()]
        if not inside:
            continue
        yield PlannedBeat(
            entity=figure.kind,
            motion=act.motion,
            start=inside[0] / RATE,
            end=(inside[-1] + 1) / RATE,
            description=told_alone(clip, figure, act),
            keyframes=tuple(
                KeyFrame((frame + 0.5) / RATE, Box(*boxes[frame].tolist()))
                for frame in sorted({*inside[::STEP], inside[-1]})
            ),
        )


def asked_of(clip: Clip) -> tuple[Asked, ...]:
    """What can be asked of every figure of a clip."""
    whole = [authored(figure) for figure in clip.figures]
    cut = [cut_to_picture(boxes) for boxes in whole]
    found = []
    for index, figure in enumerate(clip.figures):
        others = [boxes for other, boxes in enumerate(cut) if other != index]
        sizes = (whole[index][:, 2:] - whole[index][:, :2]).prod(1)
        shown = (cut[index][:, 2:] - cut[index][:, :2]).prod(1) > 0.6 * sizes
        cover = covered(cut[index], others)
        found.append(Asked(figure, cut[index], shown & (cover <= HIDDEN), shown & (cover <= TOUCHED)))
    return tuple(found)


def script_of(number: int) -> Script:
    """Script ``number``."""
    clip = clip_of(number)
    asked = asked_of(clip)
    plan = PlannedScene(
        name=f"script-{number}",
        background=place_of(clip),
        narration="",
        duration=DURATION,
        transition=Transition(),
        seed=number,
        beats=tuple(beat for each in asked for beat in beats_of(clip, each.figure, each.boxes)),
    )
    return Script(clip, plan, asked)
