"""Clips in words: plain English, in many wordings, that leaves a fact out now and then, as people do."""

from __future__ import annotations

import numpy as np

from dreamrunner.miniature.second.backgrounds import ALWAYS, INDOORS, WIDTH
from dreamrunner.miniature.second.scripts import LARGE, SMALL
from dreamrunner.miniature.second.world import Act, Clip, Figure

WORDINGS: dict[str, tuple[str, ...]] = {
    "walks": ("walks", "is walking", "strolls", "is strolling", "wanders"),
    "runs": ("runs", "is running", "rushes", "is hurrying"),
    "hops": ("hops", "is hopping"),
    "flies": ("flies", "is flying", "floats", "is soaring"),
    "swims": ("swims", "is swimming"),
    "carries": ("carries {it}", "is carrying {it}"),
    "stands": ("stands", "is standing", "stands still", "waits"),
    "waves": ("waves", "is waving", "waves hello"),
    "jumps": ("jumps", "is jumping", "jumps up and down", "leaps"),
    "sits": ("sits", "is sitting", "sits down"),
    "sleeps": ("sleeps", "is sleeping", "is asleep", "naps"),
    "stirs": ("stirs", "is stirring a pot", "is cooking", "brews a soup"),
    "dances": ("dances", "is dancing"),
    "reads": ("reads", "is reading", "reads a book"),
    "eats": ("eats", "is eating", "eats an apple"),
    "claps": ("claps", "is clapping"),
    "sings": ("sings", "is singing"),
    "looks": ("looks around", "is looking around"),
    "turns": ("turns around", "is turning round"),
    "climbs": ("climbs", "is climbing", "climbs a rope"),
    "falls": ("falls", "is falling", "tumbles"),
    "grows": ("grows", "is growing", "gets bigger"),
    "shrinks": ("shrinks", "is shrinking", "gets smaller"),
    "lifts": ("picks up {it}", "lifts {it}", "is picking up {it}"),
    "drops": ("puts down {it}", "sets down {it}"),
    "spins": ("spins", "is spinning"),
    "bows": ("bows", "is bowing"),
    "rolls": ("rolls", "is rolling"),
    "stretches": ("stretches", "is stretching"),
}
"""Ways to say each motion; ``{it}`` is the thing that is handled."""

WAYS = {
    "leftwards": ("to the left", "leftwards", "towards the left"),
    "rightwards": ("to the right", "rightwards", "towards the right"),
    "up": ("up", "upwards"),
    "down": ("down", "downwards"),
}

PLACES = {
    "garden": ("in a garden", "in the garden"),
    "forest": ("in a forest", "in the woods"),
    "beach": ("on a beach", "at the seaside"),
    "desert": ("in a desert", "in the desert"),
    "snow": ("in the snow", "in a snowy land"),
    "mountains": ("in the mountains", "in front of mountains"),
    "village": ("in a village", "in the village"),
    "castle": ("in front of a castle", "at the castle"),
    "kitchen": ("in a kitchen", "in the kitchen"),
    "library": ("in a library", "in the library"),
    "cave": ("in a cave", "in a dark cave"),
    "underwater": ("under the sea", "underwater"),
}

LOOKS = {"striped": "striped", "spotted": "spotted", "scarf": "with a scarf", "glasses": "with glasses"}


def position(x: float) -> str:
    """What a place is called: left, center or right, or nothing near a border between two or outside."""
    if -6 < x < 58:
        return "left"
    if 72 < x < 120:
        return "center"
    return "right" if 134 < x < WIDTH + 6 else ""


def size(figure: Figure) -> str:
    """What a figure's height is called at the clip's start; nothing for things and usual sizes."""
    if figure.is_prop:
        return ""
    tall = figure.path[0].tall
    return "small" if tall < SMALL else "large" if tall > LARGE else ""


class _Teller:
    def __init__(self, rng: np.random.Generator | None) -> None:
        self.rng = rng

    def keep(self, chance: float) -> bool:
        return self.rng is None or self.rng.random() < chance

    def pick(self, options: tuple[str, ...]) -> str:
        return options[0] if self.rng is None else options[int(self.rng.integers(len(options)))]

    def name(self, figure: Figure) -> str:
        words = [
            size(figure) if self.keep(0.75) else "",
            figure.colour if self.keep(0.95) else "",
            LOOKS[figure.look] if figure.look in ("striped", "spotted") else "",
            figure.kind,
            LOOKS[figure.look] if figure.look in ("scarf", "glasses") else "",
        ]
        return (
            " ".join(filter(None, ("a", *words))).replace("a orange", "an orange").replace("a elephant", "an elephant")
        )

    def act(self, act: Act, thing: str) -> str:
        said = self.pick(WORDINGS[act.motion]).format(it=thing or "something")
        chance = {"leftwards": 0.55, "rightwards": 0.55, "up": 0.25, "down": 0.25}.get(act.way)
        if chance is not None and self.keep(chance):
            said += " " + self.pick(WAYS[act.way])
        return said

    def figure(self, figure: Figure, thing: str) -> str:
        where = position(figure.path[0].x)
        where = f"on the {where}" if where and self.keep(0.5) else ""
        acts = [self.act(act, thing) for act in figure.acts if self.keep(0.95)]
        if acts and not -8 < figure.path[0].x < WIDTH + 8 and self.keep(0.5):
            acts[0] = "enters and " + acts[0]
        if (
            acts
            and figure.acts[-1].way in ("leftwards", "rightwards")
            and not -8 < figure.path[-1].x < WIDTH + 8
            and self.keep(0.5)
        ):
            acts[-1] += " and leaves"
        does = self.pick((" then ", " and then ", ", then ")).join(acts)
        tail = (where, does) if self.keep(0.7) else (does, where)
        return " ".join(filter(None, (self.name(figure), *tail)))


def thing_of(clip: Clip) -> Figure | None:
    """The thing that somebody in the clip handles."""
    if not any(act.motion in ("carries", "lifts", "drops") for figure in clip.figures for act in figure.acts):
        return None
    return next((figure for figure in clip.figures if figure.is_prop), None)


def place_of(clip: Clip, rng: np.random.Generator | None = None) -> str:
    """The clip's place and time of day in words."""
    teller = _Teller(rng)
    words = [teller.pick(PLACES[clip.background])]
    if clip.night and clip.background not in ALWAYS:
        words.append("at night" if clip.background in INDOORS or teller.keep(0.7) else "in the moonlight")
    elif clip.background not in ALWAYS and rng is not None and rng.random() < 0.1:
        words.append("by day")
    return " ".join(words)


def caption(clip: Clip, rng: np.random.Generator | None = None) -> str:
    """The clip in words. With ``rng`` wording and order vary and facts may be missing; without, all is said."""
    teller = _Teller(rng)
    thing = thing_of(clip)
    phrases = []
    for figure in clip.figures:
        if figure is thing and teller.keep(0.9):
            continue
        handles = any(act.motion in ("carries", "lifts", "drops") for act in figure.acts)
        phrases.append(teller.figure(figure, teller.name(thing) if thing is not None and handles else ""))
    if rng is not None:
        rng.shuffle(phrases)
    text = teller.pick((" and ", " while ", ", and ")).join(phrases)
    if not phrases or teller.keep(0.85):
        text = f"{text} {place_of(clip, rng)}".strip()
    return text


def told_alone(clip: Clip, figure: Figure, act: Act | None, rng: np.random.Generator | None = None) -> str:
    """What one figure does in one of its acts, in words, as a region's description has it: without the place."""
    teller = _Teller(rng)
    thing = thing_of(clip)
    words = [teller.name(figure)]
    if act is not None:
        handles = act.motion in ("carries", "lifts", "drops")
        words.append(teller.act(act, teller.name(thing) if thing is not None and handles else ""))
    return " ".join(words)
