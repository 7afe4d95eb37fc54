"""Planning takes as long as the story is: twice the text is twice the work, in every way that a text can grow."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.narration.mentions import _motions, _names
from dreamrunner.planning.narration.reader import _telling
from tests.material.work import growth, lines_run

HEAD = 'story "x"\ncharacter witch "a witch"\ncharacter cat "a cat"\nprop tree "a tree"\n'


def told(narration: str, more: str = "") -> str:
    return f'{HEAD}{more}scene a\n  background "a garden"\n  narration "{narration}"\n'


def sentences(n: int) -> str:
    return told(" ".join(f"The witch walks to the tree {i}, and then the cat follows her." for i in range(n)))


def one_sentence(n: int) -> str:
    return told(" and ".join("the witch walks past the tree" for _ in range(n)))


def after_one_another(n: int) -> str:
    return told(" ".join("Meanwhile the cat waves after the witch jumps after the cat sits." for _ in range(n)))


def at_the_same_time(n: int) -> str:
    return told(" ".join("Meanwhile the cat waves. Meanwhile the witch jumps." for _ in range(n)))


def words_without_end(n: int) -> str:
    return told("from here to there as well " * (5 * n))


def scenes(n: int) -> str:
    return HEAD + "".join(f'scene a{i}\n  narration "The witch walks to the cat."\n' for i in range(n))


def cast(n: int) -> str:
    people = "".join(f'character elf-{i} "an elf"\n' for i in range(n))
    return told(" ".join(f"The elf {i} walks to the elf {i + 1}." for i in range(n - 1)), people)


def everybody(n: int) -> str:
    people = "".join(f'character elf-{i} "an elf"\n' for i in range(n))
    return told(" ".join(f"The elf {i} waves. They dance." for i in range(n)), people)


def motions(n: int) -> str:
    return told("The witch walks.", "".join(f'motion walking-{i}\n  query "a"\n' for i in range(n)))


def beats_in_turn(n: int) -> str:
    lines = "".join(f"  witch {('walking', 'waving')[i % 2]} {i}s..{i + 1}s\n" for i in range(n))
    return f'{HEAD}scene a\n  background "a"\n  narration "b"\n  duration {n}s\n{lines}'


def beats_without_span(n: int) -> str:
    lines = "".join(f"  witch walking {2 * i}s..{2 * i + 1}s\n  witch waving\n" for i in range(n))
    return f'{HEAD}scene a\n  background "a"\n  narration "b"\n  duration {2 * n}s\n{lines}'


def crowd(n: int) -> str:
    people = "".join(f'character elf-{i} "an elf"\n' for i in range(n))
    return f'{HEAD}{people}scene a\n  background "a"\n  narration "b"\n' + "".join(
        f"  elf-{i} walking\n" for i in range(n)
    )


def placed_crowd(n: int) -> str:
    people = "".join(f'character elf-{i} "an elf"\n' for i in range(n))
    lines = "".join(
        f"  elf-{i} walking 0s..3s\n    at 0s [0.1 0.1 0.4 0.{2 + i % 7}]\n  elf-{i} waving\n" for i in range(n)
    )
    return f'{HEAD}{people}scene a\n  background "a"\n  narration "b"\n{lines}'


def tower(n: int) -> str:
    things = "".join(f'prop box-{i} "a box"\n' for i in range(n))
    return told(" ".join(f"The box {i} is on the box {i + 1}." for i in range(n - 1)), things)


@pytest.mark.parametrize(
    ("story", "size"),
    [
        (sentences, 30), (one_sentence, 80), (after_one_another, 30), (at_the_same_time, 40), (words_without_end, 40),
        (scenes, 20), (cast, 20), (everybody, 40), (motions, 100), (beats_in_turn, 60), (beats_without_span, 40),
        (crowd, 40), (placed_crowd, 30), (tower, 30),
    ],
)  # fmt: skip
def test_twice_the_story_is_twice_the_work(story: Callable[[int], str], size: int) -> None:
    def plan(size: int) -> Callable[[], object]:
        checked = check_text(story(size), Path("x.story"))
        assert checked.story is not None, checked.diagnostics[:1]
        for kept in (_telling, _motions, _names):
            kept.cache_clear()
        return lambda: plan_story(checked.story)

    assert growth(plan, size) < 2.6


def test_a_chapter_is_read_in_so_many_lines_a_sentence() -> None:
    """2,000 sentences take 5 seconds where a line takes a tenth of a microsecond or less."""
    checked = check_text(sentences(50), Path("x.story"))
    plan_story(checked.story)
    _telling.cache_clear()
    assert lines_run(lambda: plan_story(checked.story)) / 50 < 10000


def test_a_tower_higher_than_the_stack_is_planned() -> None:
    checked = check_text(tower(500), Path("x.story"))
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(450)
    try:
        assert plan_story(checked.story).plan is not None
    finally:
        sys.setrecursionlimit(before)


def test_more_than_a_scene_has_time_for_is_thinned_out() -> None:
    plan = plan_story(check_text(sentences(200), Path("x.story")).story).plan
    assert plan is not None
    spans = [beat.end - beat.start for beat in plan.scenes[0].beats]
    assert min(spans) > 0.09 and len(spans) <= 200
