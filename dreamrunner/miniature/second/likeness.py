"""What does somebody do in a film of the second edition? Told by likeness to drawings.

Every motion of a character is drawn from every moment of it, to both sides. A stretch of the film and each stretch of
drawings are brought to one form: without what is behind, at one size, and as if they went nowhere, so that only how the
body is held and moves is left. The motion whose drawing is nearest is what is done. Nothing is learned, so nothing can
be learned by heart; what goes up or down and what grows or shrinks is told by the way of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.motions import HELD_OUT_MOTIONS, MOTIONS
from dreamrunner.miniature.second.world import Act, Figure, Key, bounds, paint_figure

PERIODS: dict[str, int] = {
    "walks": 8, "runs": 5, "hops": 5, "flies": 12, "swims": 8, "carries": 8, "stands": 16, "waves": 6, "jumps": 7,
    "sits": 1, "sleeps": 20, "stirs": 10, "dances": 12, "reads": 1, "eats": 12, "claps": 6, "sings": 14, "looks": 20,
    "turns": 20, "climbs": 8, "falls": 10, "grows": 1, "shrinks": 1, "spins": 20, "bows": 16, "rolls": 24,
    "stretches": 20,
}  # fmt: skip
"""Frames after which each motion begins anew. What is over in a second has none and lasts :data:`ONCE` frames."""
ONCE = 8
LENGTH = 6
"""Frames of a stretch."""
QUICK = 8
"""A motion whose period is no longer is drawn from every half frame on, others from every frame on."""
SIDE = 24
"""Pixels along a side of the form that stretches are brought to."""
AROUND = 2.1
"""How long a side of that form is, in square roots of the area that somebody covers."""
BESIDE = 0.12
"""How much farther than a box a figure may reach, on every side, as a share of the box."""
SEEN = 0.2
"""How much of a box somebody fills at least; who fills less is hidden, or of the place's own colour."""
AGAINST = 0.25
"""How much worse it is to fall upwards, to climb downwards, to grow smaller or to shrink larger."""
KEYED = (1, 254, 127)
"""A colour that nobody has."""

NAMES = (*MOTIONS, *HELD_OUT_MOTIONS)


def settled(shares: np.ndarray, pixels: np.ndarray) -> tuple[np.ndarray, tuple[float, float]] | None:
    """A stretch in the form in which stretches are compared, or nothing where there is hardly anything in a frame.

    ``shares`` (n, h, w) in 0..255 say how much of every pixel belongs to somebody, ``pixels`` (n, h, w, 3) are uint8.
    Gives float32 (n, SIDE, SIDE, 4), colours times share and share, and how fast the whole goes down and grows in a
    frame, both in its size.
    """
    weights = shares.astype(np.float32) / 255
    areas = weights.sum((1, 2))
    if areas.min() < 12:
        return None
    rows, columns = np.arange(shares.shape[1]), np.arange(shares.shape[2])
    middles = np.stack([(weights.sum(1) @ columns) / areas, (weights.sum(2) @ rows) / areas, np.sqrt(areas)], 1)
    times = np.arange(len(shares)) - (len(shares) - 1) / 2
    slopes = times @ middles / (times @ times)
    x, y, size = (middles.mean(0) + times[:, None] * slopes).T
    out = np.empty((len(shares), SIDE, SIDE, 4), np.float32)
    for index in range(len(shares)):
        scale = SIDE / (AROUND * max(size[index], 2.0))
        move = np.array([
            [scale, 0, (SIDE - 1) / 2 - scale * x[index]], [0, scale, (SIDE - 1) / 2 - scale * y[index]]
        ])  # fmt: skip
        # Averaged over about as much as a pixel of the form stands for.
        width = max(1, round(1 / scale))
        both = cv2.blur(np.dstack([pixels[index] * weights[index][..., None] / 255, weights[index]]), (width, width))
        out[index] = cv2.warpAffine(both, move, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return out, (float(slopes[1] / size.mean()), float(slopes[2] / size.mean()))


def drawn(figure: Figure, frame: float) -> tuple[np.ndarray, np.ndarray]:
    """One figure alone, with what of its rope is beside it: how much of every pixel it covers, uint8 (128, 192), and
    the pixels.
    """
    image = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    image[:] = KEYED
    paint_figure(image, figure, frame)
    share = np.where((image != KEYED).any(-1), np.uint8(255), np.uint8(0))
    box = bounds(figure, frame)
    assert box is not None, "a figure in the middle of the picture is seen"
    share = own_share(share, np.array(box), ())
    return untied(share) if figure.rope else share, image


@lru_cache(maxsize=4)
def drawings(kind: str, colour: str, look: str, rope: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every stretch of every motion of a character: float32 (stretches, LENGTH * SIDE * SIDE * 4), the sum of squares
    of each, and the number in :data:`NAMES` of the motion of each. Who has a ``rope`` is drawn with it.
    """
    stretches, motions = [], []
    for number, motion in enumerate(NAMES):
        period = PERIODS.get(motion, ONCE - LENGTH + 1)
        acts = (Act(motion, 0.0, float(ONCE) if motion not in PERIODS else 1e6),)
        figure = Figure(kind, (Key(0, 96, 104, 60),), acts, colour, look, rope=rope)
        step = 0.5 if period <= QUICK else 1.0
        known = {time: drawn(figure, time) for time in np.arange(0, period + LENGTH, step).tolist()}
        for begin in np.arange(0, period, step).tolist() if period > 1 else [0.0]:
            times = [begin + frame for frame in range(LENGTH)]
            shares, pixels = (np.stack(each) for each in zip(*(known[time] for time in times), strict=True))
            found = settled(shares, pixels)
            assert found is not None, "a figure in the middle of the picture is seen"
            stretches += [found[0].reshape(-1), found[0][:, :, ::-1].reshape(-1)]
            motions += [number, number]
    forms, numbers = np.stack(stretches), np.array(motions)
    return forms, np.square(forms).sum(1), numbers


def stretches_of(frames: Sequence[int]) -> list[list[int]]:
    """Runs of :data:`LENGTH` frames among some, in order; two apart where there are more."""
    there = set(frames)
    begins = [frame for frame in sorted(there) if all(frame + step in there for step in range(LENGTH))]
    return [list(range(begin, begin + LENGTH)) for begin in begins[:: 1 if len(begins) < 4 else 2]]


def own_share(share: np.ndarray, box: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
    """What of a picture's shares, uint8 (128, 192), is in and around a box and in none of others' boxes."""
    x0, y0, x1, y1 = box
    wide, tall = BESIDE * (x1 - x0), BESIDE * (y1 - y0)
    out = np.zeros_like(share)
    rows = slice(max(0, int((y0 - tall) * HEIGHT)), int((y1 + tall) * HEIGHT) + 1)
    columns = slice(max(0, int((x0 - wide) * WIDTH)), int((x1 + wide) * WIDTH) + 1)
    out[rows, columns] = share[rows, columns]
    for x0, y0, x1, y1 in others:
        if np.isfinite(x0):
            out[int(y0 * HEIGHT) : int(y1 * HEIGHT) + 1, int(x0 * WIDTH) : int(x1 * WIDTH) + 1] = 0
    return out


Form = tuple[np.ndarray, tuple[float, float]]


def untied(share: np.ndarray) -> np.ndarray:
    """Shares, uint8 (128, 192), without a rope: without what is thin and not close to what is thick."""
    thick = cv2.morphologyEx(share, cv2.MORPH_OPEN, np.ones((1, 5), np.uint8))
    return np.minimum(share, cv2.dilate(thick, np.ones((5, 5), np.uint8)))


def forms_of(
    frames: np.ndarray,
    shares: np.ndarray,
    boxes: np.ndarray,
    which: Sequence[int],
    others: Sequence[np.ndarray] = (),
    *,
    rope: bool = False,
) -> list[Form]:
    """The stretches of some frames of a clip as :func:`settled` gives them, those in which somebody in a box can be
    seen.

    ``frames`` are uint8 (F, 128, 192, 3), ``shares`` uint8 (F, 128, 192) as
    :func:`~dreamrunner.miniature.second.judge.apart` gives them, ``boxes`` (F, 4), and ``others`` boxes of others, in
    which nothing is looked at. Who has a ``rope`` is looked at without it.
    """
    found = []
    for stretch in stretches_of(which):
        own = np.stack([own_share(shares[at], boxes[at], [other[at] for other in others]) for at in stretch])
        if rope:
            own = np.stack([untied(share) for share in own])
        room = (boxes[stretch][:, 2:] - boxes[stretch][:, :2]).prod(1).mean() * WIDTH * HEIGHT
        if own.sum((1, 2)).mean() / 255 >= SEEN * room and (form := settled(own, frames[stretch])) is not None:
            found.append(form)
    return found


def unlikeness(character: tuple[str, str, str, bool], seen: Sequence[Form]) -> np.ndarray:
    """How unlike each motion of :data:`NAMES` of a character (kind, colour, look, whether on a rope) is what is done in
    one stretch or more, 0 for the same.
    """
    forms, squares, motions = drawings(*character)
    found = []
    for form, (down, growth) in seen:
        flat = form.reshape(-1)
        own_square = float(flat @ flat)
        off = (squares - 2 * (forms @ flat) + own_square) / (own_square + 1e-6)
        each = np.array([off[motions == number].min() for number in range(len(NAMES))])
        for name, wrong in (("falls", down < 0), ("climbs", down > 0), ("grows", growth < 0), ("shrinks", growth > 0)):
            each[NAMES.index(name)] += AGAINST * wrong
        found.append(each)
    return np.mean(found, 0)
