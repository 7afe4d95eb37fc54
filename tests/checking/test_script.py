"""What a plan promises, second by second."""

import pytest

from dreamrunner.checking.script import Promise, Subject, in_picture, moments_of, script_of
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.planning.plan import PlannedBeat, PlannedScene


def beat(entity: str, start: float, end: float, *frames: tuple[float, Box], motion: str | None = "walking"):
    return PlannedBeat(
        entity=entity,
        motion=motion,
        start=start,
        end=end,
        description=f"a {entity}",
        keyframes=tuple(KeyFrame(at, box) for at, box in frames),
    )


def scene(*beats: PlannedBeat, duration: float = 6.0) -> PlannedScene:
    return PlannedScene(
        name="s", background="", narration="", duration=duration, transition=Transition(), seed=0, beats=beats
    )


LEFT, RIGHT = Box(0.0, 0.2, 0.4, 0.8), Box(0.6, 0.2, 1.0, 0.8)


@pytest.mark.parametrize(
    ("duration", "moments"),
    [(3.0, (0.5, 1.5, 2.5)), (2.5, (0.5, 1.5, 2.25)), (0.5, (0.25,)), (2.05, (0.5, 1.5)), (0.04, (0.02,))],
)
def test_every_second_is_looked_at_in_its_middle(duration: float, moments: tuple[float, ...]) -> None:
    assert moments_of(duration) == pytest.approx(moments)


@pytest.mark.parametrize(
    ("box", "place"),
    [
        (LEFT, LEFT),
        (Box(-0.2, 0.2, 0.2, 0.8), Box(0.0, 0.2, 0.2, 0.8)),
        (Box(-0.2, -0.5, 0.6, 0.5), Box(0.0, 0.0, 0.6, 0.5)),
        (Box(-0.4, 0.2, 0.1, 0.8), Promise.UNSAID),
        (Box(-0.5, 0.2, 0.0, 0.8), Promise.GONE),
        (Box(1.2, 0.2, 1.6, 0.8), Promise.GONE),
        (Box(0.2, 1.0, 0.6, 1.5), Promise.GONE),
    ],
)
def test_of_a_box_the_part_in_the_picture_is_looked_at(box: Box, place: object) -> None:
    assert in_picture(box) == place


def test_boxes_are_those_of_the_moment_and_nothing_is_said_outside_beats() -> None:
    walks = beat("cat", 0.0, 3.0, (0.0, LEFT), (2.0, RIGHT))
    script = script_of(scene(walks, beat("pot", 2.0, 4.0, (2.0, LEFT), motion=None), duration=4.0), [])
    assert [subject.name for subject in script.subjects] == ["cat", "pot"]
    first, second, third, fourth = script.places[0]
    assert isinstance(first, Box) and isinstance(second, Box)
    assert (first.x0, first.x1) == pytest.approx((0.15, 0.55))
    assert (second.x0, second.x1) == pytest.approx((0.45, 0.85))
    assert (third, fourth) == (RIGHT, Promise.UNSAID)
    assert script.places[1] == (Promise.UNSAID, Promise.UNSAID, LEFT, LEFT)
    assert [(act.subject, act.phrase, act.start, act.end) for act in script.acts] == [(0, "walking", 0.0, 3.0)]


def test_who_is_declared_looks_as_declared_and_who_is_not_as_the_beat_says() -> None:
    beats = (beat("cat", 0.0, 3.0, (0.0, LEFT)), beat("dog", 0.0, 3.0, (0.0, RIGHT)))
    script = script_of(scene(*beats), [Subject("cat", "a black cat"), Subject("king", "a king")])
    assert [(each.name, each.looks) for each in script.subjects] == [("cat", "a black cat"), ("dog", "a dog")]


def test_a_scene_without_beats_promises_nothing() -> None:
    script = script_of(scene(), [Subject("cat", "a cat")])
    assert (script.subjects, script.places, script.acts) == ((), (), ())
