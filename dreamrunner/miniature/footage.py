"""Footage of the small world: shots of characters that move at a real pace, and the words people have for it.

The parts that watch (detector, image and video similarity) learn from it, and the drawn catalog is made of it. They
stand for the knowledge that models trained on everything bring along, so they know every motion, also those that the
generator never saw.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from dreamrunner.miniature.sprites import COLOURS, HELD_OUT_KINDS, HELD_OUT_LOOKS, KINDS, PROPS
from dreamrunner.miniature.world import BACKGROUNDS, HELD_OUT_MOTIONS, MOTIONS, POSITIONS, Clip, Figure, bounds, place

RATE = 8.0
"""Frames of the world in a second of footage: read at 8 frames a second, a motion is as the generator learnt
motions."""

SHOWN = (*MOTIONS, *HELD_OUT_MOTIONS)
"""Every motion that footage shows."""

WORDS: dict[str, tuple[str, ...]] = {
    "stands": ("standing", "standing still", "waiting"),
    "strolls leftwards": ("strolling leftwards", "walking to the left", "walking leftwards"),
    "strolls rightwards": ("strolling rightwards", "walking to the right", "walking rightwards"),
    "jumps": ("jumping", "hopping", "leaping", "jumping up and down", "jumping for joy"),
    "waves": ("waving", "waving with both arms", "waving hello", "waving goodbye"),
    "sits": ("sitting", "sitting down", "sitting on the ground"),
    "flies": ("flying", "floating", "hovering", "flying through the air"),
    "sleeps": ("sleeping", "napping", "lying asleep", "lying down"),
    "stirs": ("stirring", "stirring a pot", "stirring a potion", "brewing", "cooking"),
    "dances": ("dancing", "swaying", "dancing about"),
    "reads": ("reading", "reading a book", "studying a book"),
    "spins": ("spinning", "spinning round", "turning round and round", "whirling"),
    "bows": ("bowing", "bowing low", "taking a bow", "bowing deeply"),
    "rolls": ("rolling", "rolling along", "rolling over the ground"),
    "grows": ("growing", "growing taller", "growing bigger"),
}
"""What each motion is called after "is"; the first is its name in a query."""

WALKING = ("walking", "strolling", "wandering", "marching")
"""What is true of both kinds of strolling."""


def shot(rng: np.random.Generator, motion: str, *, others: int = 0, known: bool = False) -> Clip:
    """A clip whose first figure does ``motion`` while so many ``others`` do other things, with a prop now and then.

    With ``known``, only characters that the generator knows, without the looks that it does not.
    """
    kinds = list(KINDS) if known else [*KINDS, *HELD_OUT_KINDS]
    chosen, spots = rng.permutation(kinds), rng.permutation(list(POSITIONS))
    elsewhere = [other for other in SHOWN if other.split()[0] != motion.split()[0]]
    figures = [
        _figure(rng, str(chosen[index]), str(spots[index]), motion if index == 0 else str(rng.choice(elsewhere)), known)
        for index in range(1 + others)
    ]
    if others < 2 and rng.random() < 0.25:
        figures.append(place(Figure(str(rng.choice(list(PROPS))), str(spots[-1])), rng))
    return Clip(str(rng.choice(BACKGROUNDS)), tuple(figures))


def _figure(rng: np.random.Generator, kind: str, position: str, motion: str, known: bool) -> Figure:
    figure = place(
        Figure(
            kind,
            position,
            motion,
            colour=str(rng.choice(list(COLOURS))) if rng.random() < 0.55 else "",
            size=str(rng.choice(["small", "large"])) if rng.random() < 0.35 else "",
            look=str(rng.choice(HELD_OUT_LOOKS)) if not known and rng.random() < 0.1 else "",
        ),
        rng,
    )
    # Who travels sets out where there is a way to go.
    if motion in ("strolls rightwards", "rolls"):
        return replace(figure, x=min(figure.x, 60.0))
    return replace(figure, x=max(figure.x, 36.0)) if motion == "strolls leftwards" else figure


def visible(figure: Figure, moment: float) -> tuple[float, float, float, float] | None:
    """The figure's box at a moment (in frames of the world), or nothing when less than a sliver is in the picture."""
    x0, y0, x1, y1 = bounds(figure, moment)
    return (x0, y0, x1, y1) if (x1 - x0) > 0.05 and (y1 - y0) > 0.08 else None


def weathered(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture as cameras and codecs hand it on: brighter or darker, noisy, compressed. uint8 as it was."""
    out = picture.astype(np.float32) * rng.uniform(0.8, 1.15) + rng.uniform(-15, 15)
    out += rng.normal(0, rng.uniform(0, 6), picture.shape).astype(np.float32)
    out = np.clip(out, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 96))]
        decoded = cv2.imdecode(cv2.imencode(".jpg", out, quality)[1], cv2.IMREAD_COLOR)
        assert decoded is not None, "it has just been encoded"
        return decoded
    return out
