"""What the second edition's similarity models learn from: person-centred clips of its shots, cut as retrieval cuts
them, and sentences. How they learn is the first edition's (:mod:`dreamrunner.miniature.training.contrast`).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from dreamrunner.miniature.second.backgrounds import BACKGROUNDS
from dreamrunner.miniature.second.characters import KINDS
from dreamrunner.miniature.second.motions import HELD_OUT_MOTIONS, RATE
from dreamrunner.miniature.second.shots import SHOWN, WORDS, shot, shown
from dreamrunner.miniature.second.strangers import HELD_OUT_KINDS
from dreamrunner.miniature.second.world import FRAMES, bounds, paint
from dreamrunner.miniature.training.contrast import FRAMES as LOOKS
from dreamrunner.miniature.training.contrast import Footage, centred, sentence

ODDS = np.array([2.0 if motion in HELD_OUT_MOTIONS else 1.0 for motion in SHOWN])
"""How often a clip is of each motion: those that retrieval is for, more often."""


def person_clip(rng: np.random.Generator) -> tuple[np.ndarray, str] | None:
    """A clip of one character, uint8 (8, 64, 64, 3), and its motion, or nothing when it is hardly in the picture."""
    clip = shot(rng, str(rng.choice(SHOWN, p=ODDS / ODDS.sum())), others=int(rng.choice(3, p=(0.35, 0.4, 0.25))))
    people = [figure for figure in clip.figures if not figure.is_prop]
    figure = people[int(rng.integers(len(people)))]
    lasting = float(rng.uniform(1.9, 4.0)) * RATE
    moments = rng.uniform(0, FRAMES - 1 - lasting) + np.linspace(0, lasting, LOOKS)
    boxes = [shown(bounds(figure, moment)) for moment in moments]
    frames = centred(rng, boxes, lambda look: paint(clip, float(moments[look])))
    return None if frames is None else (frames, figure.acts[0].motion)


SECOND = Footage(
    shown=SHOWN,
    concepts=tuple((frozenset([motion]), words) for motion, words in WORDS.items()),
    clip=person_clip,
    sentence=partial(sentence, kinds=(*KINDS, *HELD_OUT_KINDS), places=BACKGROUNDS),
)
"""The second edition's."""
