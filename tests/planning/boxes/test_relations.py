"""Sentences and the relations that must hold in the offline planner's key frames."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.language.story import Character, Prop, Scene, Story
from dreamrunner.planning import plan_story
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

CHARACTERS = "witch cat dog dragon knight girl boy bird robot horse"
PROPS = "table tree bridge box ball flowers house chair leaf boat balloon pot lantern"

TABLE = """
The witch walks, then waves. The cat watches. | then witch walking witch waving; whole cat watching
The witch strolls across the meadow. | crosses witch right
The witch walks from left to right. | crosses witch right
A dog runs from the right to the left. | crosses dog left
The cat walked to the left. | goes cat left
The horse gallops rightwards. | goes horse right
The witch and the cat walk towards each other. | meet witch cat
The knight and the dragon run toward one another. | meet knight dragon
The boy and the girl walk away from each other. | apart boy girl
The knight and the horse meet. | meet knight horse
The cat walks to the witch. | nears cat witch
The dog runs towards the tree. | nears dog tree
The girl approaches the house. | nears girl house
The cat runs away from the dog. | leaves-behind cat dog
The witch climbs up. | rises witch
The cat climbs the tree. | rises cat; over-x cat tree
The balloon rises into the sky. | rises balloon
The bird takes off and the cat watches. | whole cat watching
The balloon descends. | sinks balloon
The leaf falls to the ground. | sinks leaf
The dragon descends from the sky. | sinks dragon
The robot climbs down the tree. | sinks robot; over-x robot tree
The cat sits under the table. | under cat table
The dog sleeps beneath the tree. | under dog tree
A ball lies under the chair. | under ball chair
The cat sleeps on top of the box. | on cat box
The bird sits on the house. | on bird house
On the table sits the cat. | on cat table
There is a lantern on the table. | on lantern table
The cat and the bird sit on the box. | on cat box; on bird box; clear cat bird
The witch flies above the house. | above witch house
The balloon floats over the bridge. | over balloon bridge
A bird hovers over the boat. | above bird boat
The cat sits to the left of the witch. | left cat witch
The dog stands on the right side of the knight. | right dog knight
The tree is to the right of the house. | right tree house
The witch stands left of the tree and the dog stands right of it. | left witch tree; right dog tree
The witch is on the left and the cat is on the right. | side witch left; side cat right; left witch cat
The robot dances on the right. | side robot right
The boat is in the middle. | side boat middle
The girl stands between the tree and the house. | between girl tree house
The cat sits next to the witch. | beside cat witch
The dog sleeps beside the flowers. | beside dog flowers
The knight stands by the horse. | beside knight horse
The cat hides behind the tree. | behind cat tree
The dog sits in front of the house. | before dog house
The cat sleeps in the box. | inside cat box
A ball is inside the pot. | inside ball pot
The cat jumps onto the table. | ends-on cat table
The dog jumps into the box. | ends-in dog box
The cat jumps over the ball. | over cat ball
The horse leaps over the flowers. | over horse flowers
The bird flies over the house. | over bird house
The witch walks past the tree. | past witch tree
The dog runs through the bridge. | past dog bridge
The bird circles the tree. | around bird tree
The cat runs around the pot. | around cat pot
The dog chases the cat. | follows dog cat right
The dog chases the cat from right to left. | follows dog cat left
The girl runs after the boy. | follows girl boy right
The cat follows the witch to the left. | follows cat witch left
The girl carries the lantern. | held girl lantern
The boy picks up the ball. | held boy ball
The witch holds the cat and walks to the right. | held witch cat
The boy throws the ball to the girl. | nears ball girl
The robot kicks the ball to the right. | goes ball right
The knight rides the horse. | on knight horse
The leaf turns from green to red. | turns leaf green red
The robot changes from silver to gold. | turns robot silver gold
The flowers fade from yellow to brown. | turns flowers yellow brown
The lantern becomes bright. | ends-as lantern bright
The dragon turns red. | ends-as dragon red
The flowers grow. | grows flowers
The balloon shrinks. | shrinks balloon
The tiny cat sits beside the huge dragon. | smaller cat dragon; beside cat dragon
A small dog sits next to a large box. | smaller dog box; beside dog box
The house stands behind the ball. | smaller ball house; behind house ball
After the witch waves, the cat jumps. | then witch waving cat jumping
The witch waves after the cat jumps. | then cat jumping witch waving
Before the dog barks, the cat climbs the tree. | then cat climbing dog barking; over-x cat tree
The knight waits until the dragon sleeps. | then knight waiting dragon sleeping
While the witch stirs the pot, the cat sleeps. | while witch stirring cat sleeping
The witch reads as the cat dances. | while witch reading cat dancing
The girl waves and the boy jumps. | while girl waving boy jumping
The girl sings. Meanwhile the boy dances. | while girl singing boy dancing
The dog runs to the tree, and then it sleeps. | then dog running dog sleeping; nears-first dog tree
The witch reads. Then she sleeps. Finally the cat dances. | then witch reading witch sleeping; from witch sleeping cat dancing
The witch walks to the table and sits next to it. | then witch walking witch sitting; ends-beside witch table
The dragon lands in front of the knight. | sinks dragon; ends-before dragon knight
The witch enters from the left. | starts witch left; goes witch right
The cat leaves to the right. | goes cat right; ends cat right
The knight walks into the distance. | shrinks knight
The witch walks toward the camera. | grows witch
The boat sails to the left under the bridge. | under boat bridge
Under the old oak tree, the girl and the boy sit side by side. | under girl tree; under boy tree; clear girl boy
The cat crept slowly toward the bird, then leapt onto the table. | then cat creeping cat leaping; ends-on cat table
The dragon flew from left to right over the house. | over dragon house; goes dragon right
A robot was pushing the box to the right. | follows robot box right
The knight and his horse crossed the bridge. | crosses knight right; past knight bridge; past horse bridge
The witch stirs the pot beside the chair while her cat sleeps under it. | beside witch chair; under cat chair
As the balloon rises, the boy waves and the girl laughs. | rises balloon; while boy waving girl laughing
The dog lay down next to the girl. | beside dog girl
With a smile, the girl hands the ball to the boy. | nears ball boy
The bird perched on top of the horse. | on bird horse
The leaf slowly turned from green to orange as the wind blew. | turns leaf green orange
The horse stands to the right of the house, behind the tree. | right horse house
The girl walked up to the knight and bowed. | nears-first girl knight; then girl walking girl bowing
The boat sailed away to the right. | goes boat right
The cat jumped down from the table. | sinks cat; over-x cat table
The dog ran back and forth between the tree and the house. | between dog tree house
The giant robot towers over the little boy. | smaller boy robot
Once the dragon has landed, the knight runs to the right. | then dragon landing knight running; sinks dragon
The flowers are in the pot, and the pot is on the table. | inside flowers pot; on pot table
The bird flew down and landed on the box. | ends-on bird box
Two friends, the cat and the dog, dance together in the moonlight. | while cat dancing dog dancing
The witch and the cat go down to the beach. | clear witch cat
The dragon watches the witch, and she waves. | while dragon watching witch waving
In the afternoon the witch walks along the beach while the cat jumps for joy. | while witch walking cat jumping
One day the girl waves. In the evening the boy walks to the left. | goes boy left
The witch disappears behind the house. | behind witch house
The boy is being chased by the dragon to the left. | follows dragon boy left
The lantern hangs above the table. | above lantern table
The knight kneels in front of the girl while the dog watches from the left. | before knight girl; side dog left
"""  # noqa: E501 - a row of the table is a line


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
        for time, (x0, y0, x1, y1) in frames:
            assert 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1
            assert x1 - x0 >= 0.05 and y1 - y0 >= 0.1, (entity, time)
        for (t0, a), (t1, b) in pairwise(frames):
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
            assert 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1
