"""From what is seen to marks: each of them from sightings that mean it."""

import pytest

from dreamrunner.checking.marks import Mark
from dreamrunner.checking.script import Promise, Subject, script_of
from dreamrunner.checking.seen import Seen, Sighting, apart, once, overlap
from dreamrunner.checking.verdict import mark, mark_at
from dreamrunner.language.parts import Box
from tests.checking.test_script import beat, scene

LEFT, RIGHT, MIDDLE = Box(0.0, 0.2, 0.3, 0.8), Box(0.7, 0.2, 1.0, 0.8), Box(0.35, 0.2, 0.65, 0.8)
NEAR_LEFT = Box(0.08, 0.2, 0.38, 0.8)


def cat(box: Box, like: float | None = None) -> Sighting:
    return Sighting(box, (0.9, 0.1), (like, None))


def dog(box: Box) -> Sighting:
    return Sighting(box, (0.2, 0.8), (None, None))


def either(box: Box) -> Sighting:
    return Sighting(box, (0.9, 0.9), (None, None))


@pytest.mark.parametrize(
    ("places", "sightings", "expected"),
    [
        ((LEFT, RIGHT), (cat(LEFT), dog(RIGHT)), "right"),
        ((LEFT, RIGHT), (cat(NEAR_LEFT),), "right"),
        ((LEFT, RIGHT), (dog(LEFT),), "missing"),
        ((LEFT, RIGHT), (), "missing"),
        ((LEFT, RIGHT), (cat(MIDDLE),), "elsewhere"),
        ((LEFT, RIGHT), (cat(RIGHT), dog(LEFT)), "elsewhere"),
        ((LEFT, RIGHT), (cat(LEFT), cat(RIGHT)), "twice"),
        ((LEFT, RIGHT), (cat(LEFT, 0.2),), "unlike"),
        ((LEFT, RIGHT), (cat(LEFT, 0.7),), "right"),
        ((LEFT, RIGHT), (either(LEFT), either(RIGHT)), "right"),
        ((LEFT, RIGHT), (either(RIGHT),), "missing"),
        ((LEFT, RIGHT), (either(LEFT), either(MIDDLE), either(RIGHT)), "twice"),
        ((LEFT, Promise.UNSAID), (either(LEFT), either(RIGHT)), "right"),
        ((Promise.GONE, RIGHT), (dog(RIGHT),), "right"),
        ((Promise.GONE, RIGHT), (cat(LEFT),), "lingers"),
        ((Promise.GONE, RIGHT), (either(RIGHT),), "right"),
        ((Promise.UNSAID, RIGHT), (cat(LEFT),), "unsaid"),
    ],
)
def test_a_mark_says_what_is_seen_of_the_first(places: tuple, sightings: tuple, expected: Mark) -> None:
    assert mark_at(0, places[0], places, sightings, (True, True)) == expected


def test_who_cannot_be_recognized_is_not_judged() -> None:
    assert mark_at(0, LEFT, (LEFT,), (cat(LEFT),), (False, True)) == "unknown"
    assert mark_at(0, Promise.UNSAID, (Promise.UNSAID,), (), (False, True)) == "unsaid"


def staged(*, done: tuple[float | None, ...] = (0.9,), known: tuple[bool, ...] = (True,), seen: int = 4):
    walks = beat("cat", 0.0, 2.0, (0.0, LEFT))
    sits = beat("cat", 2.0, 4.0, (2.0, LEFT), motion="sitting")
    script = script_of(scene(walks, sits, duration=4.0), [Subject("cat", "a cat")])
    sightings = tuple((Sighting(LEFT, (0.9,), (None,)),) if second < seen else () for second in range(4))
    return mark("s", script, Seen(known, sightings, done), "somebody")


@pytest.mark.parametrize(
    ("how", "score"),
    [
        ({"done": (0.9, 0.9)}, 1.0),
        ({"done": (0.9, None)}, 1.0),
        ({"done": (0.1, 0.9)}, 0.5),
        ({"done": (0.1, 0.1)}, 0.0),
        ({"done": (0.9, 0.9), "seen": 1}, 0.25),
        ({"done": (0.1, 0.9), "seen": 3}, 0.25),
        ({"done": (0.1, 0.9), "known": (False,)}, None),
    ],
)
def test_the_score_is_the_share_of_seconds_in_which_all_is_right(how: dict, score: float | None) -> None:
    marks = staged(**how)
    assert marks.score == score
    if "known" in how:
        assert [act.done for act in marks.acts] == [None, None]


GONE, BACK = Box(1.1, 0.2, 1.4, 0.8), Box(0.0, 0.2, 0.3, 0.8)


@pytest.mark.parametrize(
    ("frames", "spans"),
    [
        ([(0.0, LEFT)], [(0.0, 4.0)]),
        ([(0.0, LEFT), (0.9, LEFT), (1.0, GONE)], [(0.0, 1.0)]),
        ([(0.0, GONE), (2.9, GONE), (3.0, LEFT)], [(3.0, 4.0)]),
        ([(0.9, LEFT), (1.0, GONE), (2.9, GONE), (3.0, BACK)], [(0.0, 1.0), (3.0, 4.0)]),
        ([(0.0, GONE)], []),
    ],
)
def test_who_is_outside_does_nothing_that_could_be_seen(frames: list, spans: list) -> None:
    script = script_of(scene(beat("cat", 0.0, 4.0, *frames), duration=4.0), [Subject("cat", "a cat")])
    marks = mark("s", script, Seen((True,), ((),) * 4, (0.1,)), "somebody")
    assert [(act.start, act.end) for act in marks.acts] == spans
    away = [place is Promise.GONE for place in script.places[0]]
    assert [each == "right" for each in marks.marks_of("cat")] == away
    assert marks.score == sum(away) / 4


def test_a_scene_of_nobody_has_no_score() -> None:
    marks = mark("s", script_of(scene(), []), Seen((), ((),) * 6, ()), "somebody")
    assert (marks.score, marks.entities, marks.acts) == (None, (), ())


def test_boxes_are_compared_by_area_and_by_their_middles() -> None:
    assert overlap(LEFT, LEFT) == pytest.approx(1.0)
    assert overlap(LEFT, RIGHT) == 0.0
    assert overlap(Box(0, 0, 0.2, 1), Box(0.1, 0, 0.3, 1)) == pytest.approx(1 / 3)
    assert apart(Box(0, 0, 0.2, 0.2), Box(0.1, 0.3, 0.3, 0.5)) == pytest.approx(0.3)
    assert once([LEFT, NEAR_LEFT, RIGHT], [0.2, 0.9, 0.5]) == [1, 2]
