"""What happens in a clip: random scripts of the small world, for training and for measuring.

A script is a clip whose figures walk, run, cross, enter, leave, follow, meet, carry things, grow, climb and fall, one
thing after another, at any moment and at any pace. Everything comes from the random generator that is given, so a seed
is a clip.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from dreamrunner.miniature.second.backgrounds import ALWAYS, BACKGROUNDS, WIDTH
from dreamrunner.miniature.second.characters import COLOURS, KINDS
from dreamrunner.miniature.second.motions import IN_PLACE, TRAVELS
from dreamrunner.miniature.second.props import PROPS, TINTED
from dreamrunner.miniature.second.world import FRAMES, Act, Clip, Figure, Key

LAST = FRAMES - 1

PATTERNS: dict[str, float] = {
    "empty": 0.05, "one": 0.38, "two": 0.22, "three": 0.06, "cross": 0.07, "follow": 0.05, "meet": 0.06, "carry": 0.11,
}  # fmt: skip
"""How often each kind of scene is drawn."""

SIMPLE: dict[str, float] = {"empty": 0.04, "one": 0.74, "two": 0.16, "carry": 0.06}
"""The same for learning who is who: mostly one figure."""

SMALL, LARGE = 42.0, 60.0
"""A figure that is lower is called small, one that is taller large; in pixels."""

_SOLO = {
    "walks": 3.0, "runs": 2.0, "hops": 1.0, "flies": 1.5, "swims": 0.6, "climbs": 0.8, "falls": 0.7, "grows": 0.7,
    "shrinks": 0.7, "stands": 0.6, "waves": 1.0, "jumps": 1.0, "sits": 0.8, "sleeps": 0.8, "stirs": 0.8, "dances": 1.0,
    "reads": 0.8, "eats": 0.8, "claps": 0.7, "sings": 0.7, "looks": 0.6, "turns": 0.7,
}  # fmt: skip
"""How often each motion is drawn, against the others."""


def _choice(rng: np.random.Generator, odds: Mapping[str, float]) -> str:
    weights = np.array(list(odds.values()))
    return list(odds)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def _height(rng: np.random.Generator) -> float:
    return float(np.clip(rng.normal(52, 10), 32, 82))


def _colour(rng: np.random.Generator) -> str:
    return str(rng.choice(list(COLOURS))) if rng.random() < 0.6 else ""


class _Walker:
    """A figure whose path and acts are written one after the other."""

    def __init__(
        self, rng: np.random.Generator, kind: str, x: float, *, tall: float | None = None, foot: float | None = None
    ):
        self.rng, self.kind, self.x = rng, kind, x
        self.tall = _height(rng) if tall is None else tall
        self.ground = float(rng.uniform(98, 123)) if foot is None else foot
        self.foot, self.frame, self.rope = self.ground, 0.0, False
        self.keys: list[Key] = []
        self.acts: list[Act] = []
        self.facing = 1 if rng.random() < 0.5 else -1
        self.mark()

    def mark(self) -> None:
        self.keys.append(Key(self.frame, self.x, self.foot, self.tall))

    def _do(self, motion: str, end: float, way: str = "", *, phase: float | None = None) -> None:
        phase = float(self.rng.uniform(0, 8)) if phase is None else phase
        self.acts.append(Act(motion, self.frame, end, way, self.facing, phase))
        self.frame = end
        self.mark()

    def settle(self) -> None:
        """Come down to the ground in a few frames."""
        if self.foot != self.ground and self.acts:
            self.frame = min(self.frame + 4, float(LAST))
            self.foot = self.ground
            self.acts[-1] = replace(self.acts[-1], end=self.frame)
            self.mark()

    def act(self, motion: str, end: float, *, target: float | None = None) -> None:
        """Do something until a frame; ``target`` is where to go, in pixels, for a motion that travels."""
        rng, length = self.rng, max(end - self.frame, 1.0)
        if motion not in ("flies", "swims", "climbs", "falls"):
            self.settle()
            length = max(end - self.frame, 1.0)
        if motion in TRAVELS:
            if target is None:
                target = self._target(motion, length)
            way = "rightwards" if target > self.x else "leftwards"
            self.facing = 1 if target > self.x else -1
            if motion in ("flies", "swims"):
                if not self.acts:
                    self.foot = float(rng.uniform(52, 100))
                    self.keys[-1] = replace(self.keys[-1], foot=self.foot)
                else:
                    self.foot = float(rng.uniform(52, 100))
                if rng.random() < 0.3 and length > 8:
                    way, target = "", self.x + self.facing * float(rng.uniform(0, 6))
            elif rng.random() < 0.25:  # towards the viewer or away
                self.foot = self.ground = float(np.clip(self.ground + rng.uniform(-10, 10), 96, 124))
            self.x = target
            self._do(motion, end, way)
        elif motion == "climbs":
            self.rope = True
            if not self.acts:
                self.foot = float(rng.uniform(90, 118))
                self.keys[-1] = replace(self.keys[-1], foot=self.foot)
            self.foot = max(self.foot - float(rng.uniform(0.7, 1.5)) * length, self.tall + 2)
            self._do(motion, end, "up")
        elif motion == "falls":
            if not self.acts:
                self.foot = float(rng.uniform(0, 40))
                self.keys[-1] = replace(self.keys[-1], foot=self.foot)
            top, begun = self.foot, self.frame
            for share in (0.35, 0.7):
                self.keys.append(Key(begun + share * length, self.x, top + (self.ground - top) * share**1.6, self.tall))
            self.foot = self.ground
            self._do(motion, end, "down")
        elif motion in ("grows", "shrinks"):
            factor = float(rng.uniform(1.4, 2.0))
            if motion == "grows":
                if not self.acts:
                    self.tall = float(rng.uniform(30, 46))
                    self.keys[-1] = replace(self.keys[-1], tall=self.tall)
                self.tall = min(self.tall * factor, 92.0)
            else:
                if not self.acts:
                    self.tall = float(rng.uniform(54, 86))
                    self.keys[-1] = replace(self.keys[-1], tall=self.tall)
                self.tall = max(self.tall / factor, 26.0)
            self._do(motion, end)
        else:
            self._do(motion, end)

    def _target(self, motion: str, length: float) -> float:
        rng = self.rng
        slow, fast = (pace * (0.55 + 0.45 * self.tall / 52) for pace in TRAVELS[motion])
        right = rng.random() < np.clip((170 - self.x) / 150, 0.05, 0.95)
        room = (182 - self.x) if right else (self.x - 10)
        distance = float(rng.uniform(slow, fast)) * length
        if distance > room and rng.random() > 0.2:
            distance = max(room, slow * length)
        return self.x + distance if right else self.x - distance

    def figure(self, depth: float | None = None) -> Figure:
        if self.acts:
            self.acts[-1] = replace(self.acts[-1], end=1e6)
        colour = _colour(self.rng)
        return Figure(
            self.kind,
            tuple(self.keys),
            tuple(self.acts),
            colour,
            depth=self.ground if depth is None else depth,
            rope=self.rope,
        )


def _solo(rng: np.random.Generator, kind: str, x: float, place: str) -> Figure:
    """A figure that does one, two or three things."""
    odds = dict(_SOLO)
    if place != "underwater":
        del odds["swims"]
    else:
        odds["swims"] = 6.0
    first = _choice(rng, odds)
    count = int(rng.choice([1, 2, 3], p=[0.45, 0.5, 0.05]))
    if first == "falls":
        count = max(count, 2)
    cuts = [float(LAST)] if count == 1 else [*sorted(float(cut) for cut in rng.uniform(13, 36, count - 1)), float(LAST)]
    if count == 3:
        cuts = [float(rng.uniform(12, 17)), float(rng.uniform(28, 34)), float(LAST)]
    if first in TRAVELS and rng.random() < 0.25:  # comes in from outside
        x = float(rng.choice([-18.0, WIDTH + 18.0]))
    elif first == "runs" and count == 1:
        x = float(rng.choice([rng.uniform(-18, 20), rng.uniform(172, WIDTH + 18)]))
    walker = _Walker(rng, kind, x)
    motion = first
    for end in cuts:
        if motion == "falls":
            end = min(end, walker.frame + float(rng.uniform(9, 15)))
        walker.act(motion, end)
        following = {name: chance for name, chance in odds.items() if name != motion and name != "falls"}
        if motion == "climbs":
            following = {"falls": 1.0, "stands": 0.0001}
        elif not -5 < walker.x < WIDTH + 5:
            following = {"walks": 1.0, "runs": 0.6}
        motion = _choice(rng, following)
    return walker.figure()


def doing(rng: np.random.Generator, kind: str, motion: str, x: float) -> Figure:
    """A figure that does one thing for the whole clip, which may be a motion that is held out."""
    walker = _Walker(rng, kind, x)
    walker.act(motion, float(LAST))
    return walker.figure()


def thing(rng: np.random.Generator, x: float) -> Figure:
    """A thing that stands somewhere."""
    kind = str(rng.choice(list(PROPS)))
    foot = float(rng.uniform(100, 124))
    colour = _colour(rng) if kind in TINTED else ""
    return Figure(kind, (Key(0.0, x, foot, float(rng.uniform(20, 32))),), colour=colour, depth=foot)


def spots_apart(rng: np.random.Generator, count: int) -> list[float]:
    """Where so many figures stand, apart from one another."""
    while True:
        spots = [float(x) for x in rng.uniform(16, WIDTH - 16, count)]
        if count == 1 or min(abs(a - b) for i, a in enumerate(spots) for b in spots[:i]) > (46 if count < 3 else 40):
            return spots


def _cross(rng: np.random.Generator, kinds: list[str]) -> tuple[Figure, ...]:
    motion = str(rng.choice(["walks", "runs", "walks", "hops"]))
    out = []
    ways = ((rng.uniform(-10, 46), rng.uniform(146, 202)), (rng.uniform(146, 202), rng.uniform(-10, 46)))
    for kind, (begin, end) in zip(kinds, ways, strict=True):
        walker = _Walker(rng, kind, float(begin))
        stop = float(LAST) if rng.random() < 0.6 else float(rng.uniform(28, 42))
        walker.act(motion, stop, target=float(end))
        if stop < LAST:
            walker.act(str(rng.choice(IN_PLACE)), float(LAST))
        out.append(walker.figure())
    return tuple(out)


def _follow(rng: np.random.Generator, kinds: list[str]) -> tuple[Figure, ...]:
    motion, right = str(rng.choice(["walks", "runs"])), rng.random() < 0.5
    gap, begin, way = float(rng.uniform(42, 64)), float(rng.uniform(20, 60)), float(rng.uniform(60, 130))
    out = []
    for place, kind in enumerate(kinds):
        x = begin + (gap if place == 0 else 0.0)
        target = x + way
        if not right:
            x, target = WIDTH - x, WIDTH - target
        walker = _Walker(rng, kind, x)
        walker.act(motion, float(LAST), target=target)
        out.append(walker.figure())
    return out[0], replace(out[1], acts=(replace(out[1].acts[0], motion="walks" if motion == "walks" else "runs"),))


def _meet(rng: np.random.Generator, kinds: list[str]) -> tuple[Figure, ...]:
    middle, gap, stop = float(rng.uniform(76, 116)), float(rng.uniform(22, 32)), float(rng.uniform(18, 32))
    out = []
    for kind, side in zip(kinds, (-1, 1), strict=True):
        walker = _Walker(rng, kind, middle + side * (gap + float(rng.uniform(24, 60))))
        walker.act(str(rng.choice(["walks", "walks", "runs"])), stop, target=middle + side * gap)
        walker.act(str(rng.choice(["waves", "dances", "claps", "sings", "stands", "jumps", "eats"])), float(LAST))
        out.append(walker.figure())
    return tuple(out)


def _carry(rng: np.random.Generator, kind: str) -> tuple[Figure, ...]:
    """Somebody who picks a thing up, carries it, puts it down, or two of these; and the thing."""
    variant = str(rng.choice(["fetch", "bring", "move"]))
    right = rng.random() < 0.5
    sign = 1 if right else -1
    walker = _Walker(rng, kind, float(rng.uniform(24, 80)) if right else float(rng.uniform(112, 168)))
    tall = float(rng.uniform(20, 30))
    walker.facing = sign
    reach = 0.34 * walker.tall
    taken, left = 0.0, 1e6
    if variant in ("fetch", "move"):
        spot = walker.x + sign * (reach + (float(rng.uniform(12, 50)) if variant == "fetch" else 0.0))
        if variant == "fetch":
            walker.act("walks", float(rng.uniform(10, 18)), target=spot - sign * reach)
        walker.facing = sign
        begun = walker.frame
        walker._do("lifts", begun + 8.0, phase=0.0)
        taken = begun + 5.0
    stop = float(LAST) if variant == "fetch" else float(rng.uniform(26, 36))
    back = variant == "fetch" and rng.random() < 0.5
    going = -sign if back else sign
    walker.act("carries", stop, target=walker.x + going * float(rng.uniform(30, 80)))
    if variant != "fetch":
        left = walker.frame + 4.0
        walker._do("drops", walker.frame + 8.0, phase=0.0)
        walker.act(str(rng.choice(["stands", "waves", "jumps", "claps", "dances"])), float(LAST))
    figure = walker.figure()
    keys, kind_of_thing = [], str(rng.choice([name for name in PROPS if name != "pot"]))
    ground = walker.keys[0].foot + 1.0
    if variant != "bring":
        keys += [Key(0.0, spot, ground, tall), Key(taken, spot, ground, tall)]
    for frame in range(int(taken) + 1, int(min(left, LAST)) + 1):
        x, foot, height = figure.at(frame)
        act = figure.act_at(frame)
        lifted = 0.36 * height
        if act.motion == "lifts":
            lifted *= (frame - taken) / 4.0
        if act.motion == "drops":
            lifted *= max(0.0, 1 - (frame - act.start) / 4.0)
        keys.append(Key(float(frame), x + act.facing * reach, foot - lifted, tall))
    if left < LAST:
        keys.append(replace(keys[-1], frame=keys[-1].frame + 1, foot=figure.at(left)[1] + 1.0))
    colour = _colour(rng) if kind_of_thing in TINTED else ""
    return figure, Figure(kind_of_thing, tuple(keys), colour=colour, depth=figure.depth + 0.5)


def sample_clip(rng: np.random.Generator, patterns: Mapping[str, float] = PATTERNS) -> Clip:
    """A random clip of the training distribution."""
    place = str(rng.choice(BACKGROUNDS))
    night = place not in ALWAYS and rng.random() < 0.3
    pattern = _choice(rng, patterns)
    kinds = [str(kind) for kind in rng.permutation(list(KINDS))]
    figures: tuple[Figure, ...]
    if pattern == "empty":
        figures = ()
    elif pattern in ("one", "two", "three"):
        count = {"one": 1, "two": 2, "three": 3}[pattern]
        spots = spots_apart(rng, count)
        figures = tuple(
            thing(rng, x) if rng.random() < (0.08 if count == 1 else 0.2) else _solo(rng, kind, x, place)
            for kind, x in zip(kinds, spots, strict=False)
        )
    elif pattern == "cross":
        figures = _cross(rng, kinds[:2])
    elif pattern == "follow":
        figures = _follow(rng, kinds[:2])
    elif pattern == "meet":
        figures = _meet(rng, kinds[:2])
    else:
        figures = _carry(rng, kinds[0])
    named: set[str] = set()
    figures = tuple(figure for figure in figures if not (figure.kind in named or named.add(figure.kind)))
    return Clip(place, night, figures)


def still(clip: Clip, frame: float) -> Clip:
    """The clip at one moment, as a clip in which nothing goes anywhere: for learning from single pictures."""
    figures = []
    for figure in clip.figures:
        x, foot, tall = figure.at(frame)
        act = figure.act_at(frame)
        acts = (
            ()
            if act is None
            else (replace(act, start=0.0, end=max(act.end - act.start, 1.0), phase=act.phase + frame - act.start),)
        )
        figures.append(replace(figure, path=(Key(0.0, x, foot, tall),), acts=acts))
    return replace(clip, figures=tuple(figures))


def cut(clip: Clip, start: float, frames: int) -> Clip:
    """The part of a clip that begins at frame ``start`` and is so many frames long, as a clip of its own: who does
    something within four frames of it only is not said to do it.
    """
    end, figures = start + frames - 1, []
    for figure in clip.figures:
        keys = [key for key in figure.path if start < key.frame < end]
        ends = [Key(frame, *figure.at(frame)) for frame in (start, end)]
        path = tuple(replace(key, frame=key.frame - start) for key in (ends[0], *keys, ends[1]))
        inside = [act for act in figure.acts if min(act.end, end) - max(act.start, start) >= 4]
        if figure.acts and not inside:
            inside = [figure.act_at((start + end) / 2)]
        acts = tuple(replace(act, start=act.start - start, end=act.end - start) for act in inside)
        figures.append(replace(figure, path=path, acts=acts))
    return replace(clip, figures=tuple(figures))
