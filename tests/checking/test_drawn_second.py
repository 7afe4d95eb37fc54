"""The watcher of the second edition of the small world, on drawings, which show what their scripts say."""

import numpy as np
import pytest

from dreamrunner.backbones import describe
from dreamrunner.checking.choosing import watcher_for
from dreamrunner.checking.drawn import Facts
from dreamrunner.checking.drawn_second import SecondWatcher, facts_of, motions_of
from dreamrunner.checking.marks import Mark
from dreamrunner.checking.script import Subject, script_of
from dreamrunner.checking.verdict import mark
from dreamrunner.language.parts import Box
from dreamrunner.miniature.second.world import FRAMES, Act, Clip, Figure, Key, bounds, draw
from tests.checking.test_script import beat, scene

SECONDS = 6.0
WITCH = Figure("witch", (Key(0, 48, 104, 52),), (Act("waves", 0.0, FRAMES),), "purple")
ROBOT = Figure("robot", (Key(0, 160, 106, 56), Key(48, 112, 106, 56)), (Act("walks", 0.0, FRAMES),), "red")


@pytest.fixture(scope="module")
def watcher() -> SecondWatcher:
    return SecondWatcher()


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return draw(Clip("garden", False, (WITCH, ROBOT)))


def told(figure: Figure, motion: str, *, shift: float = 0.0):
    frames = []
    for second in range(7):
        x0, y0, x1, y1 = bounds(figure, second / SECONDS * (FRAMES - 1))
        frames.append((float(second), Box(x0 + shift, y0, x1 + shift, y1)))
    return beat(figure.kind, 0.0, SECONDS, *frames, motion=motion)


LOOKS = {"witch": "a witch in a violet dress", "robot": "a red robot"}


def marks_of(watcher: SecondWatcher, pixels: np.ndarray, beats: list, looks: dict[str, str]):
    script = script_of(scene(*beats), [Subject(name, text) for name, text in looks.items()])
    return mark("s", script, watcher.watch(pixels, script), watcher.name)


def most(marks) -> dict[str, Mark]:
    """Of every entity the mark that it has most often."""
    return {each.entity: max(set(each.marks), key=each.marks.count) for each in marks.entities}


@pytest.mark.parametrize(
    ("shift", "looks", "expected"),
    [
        (0.0, LOOKS, {"witch": "right", "robot": "right"}),
        (0.0, LOOKS | {"robot": "a green robot"}, {"witch": "right", "robot": "unlike"}),
        (0.0, LOOKS | {"robot": "a red mermaid"}, {"witch": "right", "robot": "missing"}),
        (-0.24, LOOKS, {"witch": "elsewhere", "robot": "right"}),
        (3.0, LOOKS, {"witch": "lingers", "robot": "right"}),
        (0.0, LOOKS | {"witch": "an ambassador"}, {"robot": "right"}),
    ],
)
def test_drawings_are_marked_by_what_they_show(watcher, pixels, shift, looks, expected) -> None:
    found = most(marks_of(watcher, pixels, [told(WITCH, "waving", shift=shift), told(ROBOT, "walking")], looks))
    assert {name: found[name] for name in expected} == expected


def test_a_motion_is_seen_and_another_is_not(watcher, pixels) -> None:
    for motion, does in (("walking", [True, True]), ("sleeping", [True, False]), ("filing-taxes", [True, None])):
        marks = marks_of(watcher, pixels, [told(WITCH, "waving"), told(ROBOT, motion)], LOOKS)
        assert [act.done for act in marks.acts] == does


def test_a_film_of_another_size_is_watched_at_the_world_s_own(watcher, pixels) -> None:
    larger = pixels.repeat(2, 1).repeat(2, 2)
    beats = [told(WITCH, "waving"), told(ROBOT, "walking")]
    assert marks_of(watcher, larger, beats, LOOKS) == marks_of(watcher, pixels, beats, LOOKS)


def test_films_of_the_second_edition_are_watched_by_its_own_judge() -> None:
    assert isinstance(watcher_for(describe("miniature-2"), from_hub=False), SecondWatcher)


@pytest.mark.parametrize(
    ("looks", "facts"),
    [
        ("a girl witch in a violet dress", Facts(frozenset({"witch"}), frozenset({"purple"}), frozenset())),
        ("a lady with a black cat", Facts(frozenset({"princess"}), frozenset({"black"}), frozenset())),
        ("a spotted elephant", Facts(frozenset({"elephant"}), frozenset(), frozenset({"spotted"}))),
        ("an ambassador", Facts(frozenset(), frozenset(), frozenset())),
    ],
)
def test_looks_are_read_as_the_world_has_them(looks: str, facts: Facts) -> None:
    assert facts_of(Subject("a", looks)) == facts


@pytest.mark.parametrize(
    ("phrase", "names"), [("walking leftwards", ("walks",)), ("sitting", ("sits",)), ("filing taxes", ())]
)
def test_motions_are_read_as_the_world_has_them(phrase: str, names: tuple[str, ...]) -> None:
    assert motions_of(phrase) == names
