"""Shots of the second edition's world: somebody who does one thing, and the words that people have for it.

The catalog is made of them, and the parts that retrieval watches with learn from them. They stand for the knowledge
that models trained on everything bring along, so they know every motion, also those that the generator never saw.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dreamrunner.miniature.second.backgrounds import ALWAYS, BACKGROUNDS
from dreamrunner.miniature.second.characters import KINDS
from dreamrunner.miniature.second.scripts import doing, spots_apart, thing
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS, HELD_OUT_LOOKS
from dreamrunner.miniature.second.world import Clip, Figure

WORDS: dict[str, tuple[str, ...]] = {
    "walks": ("walking", "strolling", "wandering"),
    "runs": ("running", "rushing", "hurrying along"),
    "hops": ("hopping", "skipping", "hopping along"),
    "flies": ("flying", "soaring", "flying through the air"),
    "swims": ("swimming", "diving"),
    "stands": ("standing", "standing still", "waiting"),
    "waves": ("waving", "waving hello", "waving goodbye"),
    "jumps": ("jumping", "leaping", "jumping up and down"),
    "sits": ("sitting", "sitting down", "sitting on the ground"),
    "sleeps": ("sleeping", "napping", "lying asleep"),
    "stirs": ("stirring", "stirring a pot", "cooking"),
    "dances": ("dancing", "swaying", "dancing about"),
    "reads": ("reading", "reading a book"),
    "eats": ("eating", "eating an apple"),
    "claps": ("clapping", "clapping both hands"),
    "sings": ("singing", "singing a song"),
    "looks": ("looking around", "looking about"),
    "turns": ("turning round", "turning around"),
    "climbs": ("climbing", "climbing a rope"),
    "grows": ("growing", "growing taller", "getting bigger"),
    "shrinks": ("shrinking", "getting smaller"),
    "spins": ("spinning", "spinning round", "whirling"),
    "bows": ("bowing", "taking a bow", "bowing deeply"),
    "rolls": ("rolling", "rolling over the ground"),
    "stretches": ("stretching", "stretching up high"),
}
"""What each motion that lasts is called after "is"; the first is its name in a query."""

SHOWN = tuple(WORDS)
"""Every motion that shots show: those that are over in a second are not among them."""

Box = tuple[float, float, float, float]


def shot(rng: np.random.Generator, motion: str, *, others: int = 0, known: bool = False) -> Clip:
    """A clip whose first figure does ``motion`` while so many ``others``, at most two, do other things, with a thing
    beside them now and then. With ``known``, only characters that the generator knows, without the looks that it does
    not.
    """
    kinds = [str(kind) for kind in rng.permutation(list(KINDS) if known else [*KINDS, *HELD_OUT_KINDS])]
    elsewhere = [other for other in SHOWN if other != motion]
    spots = spots_apart(rng, 1 + others)
    figures: list[Figure] = []
    for index, spot in enumerate(spots):
        figure = doing(rng, kinds[index], motion if index == 0 else str(rng.choice(elsewhere)), spot)
        if not known and rng.random() < 0.1:
            figure = replace(figure, look=str(rng.choice(HELD_OUT_LOOKS)))
        figures.append(figure)
    if others < 2 and rng.random() < 0.2:
        figures.append(thing(rng, float(rng.uniform(12, 180))))
    place = str(rng.choice(BACKGROUNDS))
    return Clip(place, place not in ALWAYS and bool(rng.random() < 0.3), tuple(figures))


def shown(box: Box | None) -> Box | None:
    """A box as :func:`~dreamrunner.miniature.second.world.bounds` gives it, or nothing when it is hardly a sliver."""
    return box if box is not None and box[2] - box[0] > 0.05 and box[3] - box[1] > 0.08 else None
