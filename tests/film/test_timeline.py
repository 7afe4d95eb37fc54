from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dreamrunner.film.rates import FILM_RATE
from dreamrunner.film.timeline import Shot, film_frames, lay_out
from dreamrunner.language.parts import Transition
from tests.material.films import plan, scene

FADE, DISSOLVE = Transition("fade", 0.5), Transition("dissolve", 0.5)


def test_scenes_follow_one_another() -> None:
    assert lay_out(plan(scene("a", 6.0), scene("b", 2.5))) == (Shot("a", 0, 144), Shot("b", 144, 60))


def test_a_fade_takes_half_of_its_time_from_each_side_and_adds_none() -> None:
    shots = lay_out(plan(scene("a", 6.0, FADE), scene("b", 6.0)))
    assert shots == (Shot("a", 0, 144, fade_out=6), Shot("b", 144, 144, fade_in=6))


def test_a_dissolve_makes_the_film_shorter() -> None:
    shots = lay_out(plan(scene("a", 6.0, DISSOLVE), scene("b", 6.0)))
    assert shots == (Shot("a", 0, 144), Shot("b", 132, 144, dissolve=12))
    assert film_frames(shots) == 276 and shots[1].start == 5.5 and shots[1].end == 11.5


def test_after_the_last_scene_a_fade_ends_in_black_and_a_dissolve_is_nothing() -> None:
    assert lay_out(plan(scene("a", 1.0, FADE))) == (Shot("a", 0, 24, fade_out=6),)
    assert lay_out(plan(scene("a", 1.0, DISSOLVE))) == (Shot("a", 0, 24),)
    assert lay_out(plan()) == () and film_frames(()) == 0


def test_a_transition_longer_than_its_scenes_stops_in_their_middle() -> None:
    for kind in ("fade", "dissolve"):
        long = Transition(kind, 99.0)
        shots = lay_out(plan(scene("a", 1.0, long), scene("b", 0.5, long), scene("c", 2.0)))
        assert [max(shot.fade_in, shot.dissolve) for shot in shots] == ([0, 6, 24] if kind == "fade" else [0, 6, 6])


kinds = st.sampled_from(("cut", "fade", "dissolve"))
durations = st.integers(1, 9000).map(lambda n: n / 1000)


@given(st.lists(st.tuples(durations, kinds, durations), min_size=1, max_size=6))
def test_no_frame_has_two_transitions(facts: list[tuple[float, str, float]]) -> None:
    scenes = [scene(f"s{n}", d, Transition(kind, t)) for n, (d, kind, t) in enumerate(facts)]
    shots = lay_out(plan(*scenes))
    for made, shot, after in zip(scenes, shots, [*shots[1:], Shot("", film_frames(shots), 0)], strict=True):
        assert shot.length >= 1 and abs(shot.length / FILM_RATE - made.duration) <= 1 / FILM_RATE
        begins, ends = max(shot.fade_in, shot.dissolve), max(shot.fade_out, after.dissolve)
        assert begins + ends <= shot.length
        assert after.first == shot.first + shot.length - after.dissolve
