"""Sentences and the relations that must hold in the offline planner's key frames."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.language.sides import filmed
from dreamrunner.language.story import Character, Prop, Scene, Story
from dreamrunner.planning import plan_story
from dreamrunner.planning.keyframes import box_at
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

CHARACTERS = "witch cat dog dragon knight girl boy bird robot horse"
PROPS = "table tree bridge box ball flowers house chair leaf boat balloon pot lantern"

TABLE = Path(__file__).with_name("relations.txt").read_text(encoding="utf-8")


def rows() -> list[tuple[str, str]]:
    return [tuple(part.strip() for part in line.split("|")) for line in TABLE.strip().splitlines()]


def planned(sentence: str) -> PlannedScene:
    story = Story(
        Path("a.story"),
        "A",
        characters=tuple(Character(name, f"a {name}") for name in CHARACTERS.split()),
        props=tuple(Prop(name) for name in PROPS.split()),
        scenes=(Scene("a", background="a meadow", narration=sentence),),
    )
    found = plan_story(story)
    assert found.plan is not None, found.diagnostics
    return found.plan.scenes[0]


class Film:
    """A planned scene, looked at by entity and second."""

    def __init__(self, scene: PlannedScene) -> None:
        self.scene = scene
        self.beats: dict[str, list[PlannedBeat]] = {}
        for beat in scene.beats:
            self.beats.setdefault(beat.entity, []).append(beat)

    def boxes(self, entity: str) -> list[tuple[float, tuple[float, float, float, float]]]:
        return [
            (frame.at, (frame.box.x0, frame.box.y0, frame.box.x1, frame.box.y1))
            for beat in sorted(self.beats[entity], key=lambda beat: beat.start)
            for frame in beat.keyframes
        ]

    def box(self, entity: str, time: float):
        frames = self.boxes(entity)
        before = [frame for frame in frames if frame[0] <= time] or frames[:1]
        after = [frame for frame in frames if frame[0] >= time] or frames[-1:]
        (t0, a), (t1, b) = before[-1], after[0]
        share = (time - t0) / (t1 - t0) if t1 > t0 else 0.0
        return tuple(x + (y - x) * share for x, y in zip(a, b, strict=False))

    def pairs(self, *entities: str):
        """The boxes of several entities at every key frame of all of them."""
        times = sorted({time for entity in entities for time, _ in self.boxes(entity)})
        here = [time for time in times if all(any(b.start <= time < b.end for b in self.beats[e]) for e in entities)]
        assert here, "never in the picture together"
        return [tuple(self.box(entity, time) for entity in entities) for time in here]

    def motion(self, entity: str, motion: str) -> PlannedBeat:
        return next(beat for beat in self.beats[entity] if beat.motion and beat.motion.startswith(motion))


def middle(box) -> float:
    return (box[0] + box[2]) / 2


def gap(a, b) -> float:
    """How far two boxes are apart across; negative when they overlap there."""
    return max(a[0], b[0]) - min(a[2], b[2])


def area(box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(a, b) -> float:
    """Share of the smaller box that the two have in common."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(across, 0.0) * max(down, 0.0) / min(area(a), area(b))


def rising(values, least: float) -> bool:
    return all(b >= a - 1e-6 for a, b in pairwise(values)) and values[-1] - values[0] >= least


def falling(values, least: float) -> bool:
    return rising([-value for value in values], least)


def holds(film: Film, relation: str) -> bool:
    name, a, *rest = relation.split()
    b = rest[0] if rest else ""
    if name in ("goes", "crosses"):
        middles = [middle(box) for _, box in film.boxes(a)]
        ok = (rising if b == "right" else falling)(middles, 0.15)
        return ok and (name == "goes" or (min(middles) < 0.35 and max(middles) > 0.65))
    if name in ("starts", "ends"):
        x = middle(film.boxes(a)[0 if name == "starts" else -1][1])
        return x < 0.25 if b == "left" else x > 0.75
    if name in ("comes", "gone"):
        x0, _, x1, _ = film.boxes(a)[0 if name == "comes" else -1][1]
        return x1 <= 0 if b == "left" else x0 >= 1
    if name == "comes-in":
        return any(x1 <= 0 if b == "left" else x0 >= 1 for _, (x0, _, x1, _) in film.boxes(a))
    if name == "stays":
        x0, _, x1, _ = film.boxes(a)[-1][1]
        return 0 <= x0 < x1 <= 1
    if name == "side":
        return all(
            middle(box) < 0.4 if b == "left" else middle(box) > 0.6 if b == "right" else 0.35 < middle(box) < 0.65
            for _, box in film.boxes(a)
        )
    if name in ("rises", "sinks"):
        return (falling if name == "rises" else rising)([box[3] for _, box in film.boxes(a)], 0.2)
    if name in ("grows", "shrinks"):
        return (rising if name == "grows" else falling)([area(box) for _, box in film.boxes(a)], 0.03)
    if name == "turns":
        texts = [beat.description for beat in film.beats[a]]
        return (
            len(texts) == 6
            and rest[0] in texts[0]
            and rest[1] not in texts[0]
            and (rest[1] in texts[-1] and rest[0] not in texts[-1] and len(set(texts)) >= 4)
        )
    if name == "ends-as":
        return b in film.beats[a][-1].description and b not in film.beats[a][0].description
    if name in ("then", "while", "from"):
        one, other = film.motion(a, rest[0]), film.motion(rest[1], rest[2])
        if name == "from":  # what goes on may go on
            return one.start < other.start
        return one.end <= other.start if name == "then" else (one.start, one.end) == (other.start, other.end)
    if name == "whole":
        beat = film.motion(a, b)
        return (beat.start, beat.end) == (0, 6)
    if name == "between":
        return all(min(x[0], y[0]) < middle(box) < max(x[2], y[2]) and gap(box, x) >= 0 and gap(box, y) >= 0
                   for box, x, y in film.pairs(a, *rest))  # fmt: skip
    pairs = film.pairs(a, b)
    first, last = pairs[0], pairs[-1]
    gaps = [gap(x, y) for x, y in pairs]
    inside_x = [y[0] - 0.01 <= middle(x) <= y[2] + 0.01 for x, y in pairs]
    if name == "meet":
        return (
            falling(gaps, 0.1)
            and 0 <= gaps[-1] <= 0.1
            and all(middle(s) != middle(e) for s, e in zip(first, last, strict=False))
        )
    if name == "apart":
        return rising(gaps, 0.1) and all(middle(s) != middle(e) for s, e in zip(first, last, strict=False))
    if name == "nears":
        return falling(gaps, 0.1) and -0.02 <= gaps[-1] <= 0.1
    if name == "nears-first":
        return gaps[0] - min(gaps) >= 0.1 and 0 <= min(gaps) <= 0.1
    if name == "leaves-behind":
        return rising(gaps, 0.1)
    if name == "clear":
        return all(value >= 0 for value in gaps)
    if name == "left":
        return all(x[2] <= y[0] + 1e-6 for x, y in pairs)
    if name == "right":
        return all(x[0] >= y[2] - 1e-6 for x, y in pairs)
    if name in ("beside", "ends-beside"):
        return all(0 <= value <= 0.15 for value in (gaps if name == "beside" else gaps[-1:]))
    if name == "over-x":
        return all(inside_x)
    if name in ("on", "ends-on"):
        chosen = list(zip(pairs, inside_x, strict=False)) if name == "on" else [(last, inside_x[-1])]
        return all(here and abs(x[3] - y[1]) <= 0.08 for (x, y), here in chosen)
    if name == "above":
        return all(inside_x) and all(x[3] <= y[1] + 1e-6 for x, y in pairs)
    if name == "under":
        return all(inside_x) and all(x[1] + x[3] > y[1] + y[3] and x[3] >= y[3] - 0.02 for x, y in pairs)
    if name in ("inside", "ends-in"):
        chosen = pairs if name == "inside" else [last]
        return all(overlap(x, y) > 0.99 and area(x) < area(y) for x, y in chosen)
    if name == "held":
        return all(
            x[0] <= middle(y) <= x[2] and x[1] <= (y[1] + y[3]) / 2 <= x[3] and area(y) < area(x) for x, y in pairs
        )
    if name == "behind":
        return all(x[3] < y[3] and gap(x, y) < 0 for x, y in pairs)
    if name == "ends-before":
        return last[0][3] > last[1][3] and gaps[-1] < 0
    if name == "before":
        return all(x[3] > y[3] and gap(x, y) < 0 for x, y in pairs)
    if name == "past":
        return (middle(first[0]) < middle(first[1])) != (middle(last[0]) < middle(last[1]))
    if name == "over":
        times = [time / 20 for time in range(int(min(film.boxes(a)[-1][0], 5) * 20) + 1)]
        every = [(film.box(a, time), film.box(b, time)) for time in times]
        closest = min(every, key=lambda pair: abs(middle(pair[0]) - middle(pair[1])))
        return (middle(first[0]) < middle(first[1])) != (middle(last[0]) < middle(last[1])) and (
            closest[0][3] <= closest[1][1] + 0.02
        )
    if name == "around":
        sides = [middle(x) < middle(y) for x, y in pairs]
        return {True, False} == set(sides) and sides[0] == sides[-1]
    if name == "follows":
        sign = 1 if rest[1] == "right" else -1
        return all((middle(y) - middle(x)) * sign > 0 and gap(x, y) >= -0.001 for x, y in pairs) and all(
            (middle(e) - middle(s)) * sign >= 0.15 for s, e in zip(first, last, strict=False)
        )
    if name == "smaller":
        return all(area(x) < area(y) for x, y in pairs)
    raise AssertionError(f"no such relation: {name}")


TOUCHING = set("under on inside held behind before past over around over-x ends-on ends-in ends-before".split())
ALOFT = TOUCHING | {"rises", "sinks", "above", "grows", "shrinks"}


@pytest.mark.parametrize(("sentence", "relations"), rows(), ids=[sentence for sentence, _ in rows()])
def test_the_relations_of_a_sentence_hold(sentence: str, relations: str) -> None:
    film = Film(planned(sentence))
    failed = [relation for relation in map(str.strip, relations.split(";")) if not holds(film, relation)]
    shown = {entity: [(t, tuple(round(e, 2) for e in box)) for t, box in film.boxes(entity)] for entity in film.beats}
    spans = [(beat.entity, beat.motion, beat.start, beat.end) for beat in film.scene.beats]
    assert not failed, (shown, spans)


@pytest.mark.parametrize(("sentence", "relations"), rows(), ids=[sentence for sentence, _ in rows()])
def test_boxes_are_of_some_size_in_the_frame_and_move_smoothly(sentence: str, relations: str) -> None:
    film = Film(planned(sentence))
    for entity in film.beats:
        frames = film.boxes(entity)
        outside = any(relation.split()[:2] in (["comes", entity], ["gone", entity], ["comes-in", entity])
                      for relation in relations.split(";"))  # fmt: skip
        for time, (x0, y0, x1, y1) in frames:
            assert (-1 <= x0 < x1 <= 2 if outside else 0 <= x0 < x1 <= 1) and 0 <= y0 < y1 <= 1
            assert x1 - x0 >= 0.05 and y1 - y0 >= 0.1, (entity, time)
        for (t0, a), (t1, b) in pairwise(frames):
            if outside and (a[2] <= 0 or a[0] >= 1) and t0 == t1:
                continue  # comes again by another side
            jump = max(abs(middle(b) - middle(a)), abs(b[3] - a[3]))
            assert jump <= 0.32 * max(t1 - t0, 0.5), (entity, t0, a, b)


@pytest.mark.parametrize(("sentence", "relations"), rows(), ids=[sentence for sentence, _ in rows()])
def test_nobody_covers_another_unless_the_text_brings_them_together(sentence: str, relations: str) -> None:
    film = Film(planned(sentence))
    together = [frozenset(relation.split()[1:3]) for relation in map(str.strip, relations.split(";"))
                if relation.split()[0] in TOUCHING]  # fmt: skip
    for a, b in combinations(film.beats, 2):
        if frozenset({a, b}) not in together:
            assert all(overlap(x, y) < 0.02 for x, y in film.pairs(a, b)), (a, b)


@pytest.mark.parametrize(("sentence", "relations"), rows(), ids=[sentence for sentence, _ in rows()])
def test_whoever_nothing_lifts_stands_on_the_common_ground(sentence: str, relations: str) -> None:
    film = Film(planned(sentence))
    aloft = [relation.split() for relation in relations.split(";") if relation.split()[0] in ALOFT]
    lifted = {word for kind, *words in aloft for word in words[: 2 if kind.startswith("held") else 1]}
    for entity in film.beats.keys() - lifted:
        if not any(beat.motion in ("flying", "hovering") for beat in film.beats[entity]):
            assert all(math.isclose(box[3], 0.92, abs_tol=0.002) for _, box in film.boxes(entity)), entity


WORDS = (
    "the a her his each other it him them she they and , . then while after before until as when to from towards past"
    " over around under on on-top-of in into onto left right of side away up down with by between behind front sits"
    " walks runs jumps flies climbs falls throws carries chases meets turns grows is was stands enters leaves becomes"
    " green red tiny"
).split()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*WORDS, "witch", "cat", "dragon", "tree", "ball", "box", "house"]), max_size=24))
def test_any_words_at_all_are_planned(words: list[str]) -> None:
    film = Film(planned(" ".join(words)))
    for entity in film.beats:
        for _, (x0, y0, x1, y1) in film.boxes(entity):
            assert -1 <= x0 < x1 <= 2 and 0 <= y0 < y1 <= 1
        for beat in film.beats[entity]:
            middle = box_at(beat.keyframes, (beat.start + beat.end) / 2)
            assert filmed(middle) is not None, (entity, beat)
