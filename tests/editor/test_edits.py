"""Edits of lines: they turn one text into the other, are small, and take as long as the text is."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from dreamrunner.editor.edits import _differing
from tests.material.work import growth

lines = st.lists(st.sampled_from(["a", "b", "", "scene"]), max_size=12)


@given(lines, lines)
def test_the_stretches_turn_one_text_into_the_other(old: list[str], new: list[str]) -> None:
    made, at = [], 0
    for start, end, new_start, new_end in _differing(old, new):
        made += [*old[at:start], *new[new_start:new_end]]
        at = end
    assert [*made, *old[at:]] == new


def test_a_blank_line_more_or_less_and_a_changed_line_are_all_that_is_told() -> None:
    old = ["a", "b", "c", "", "", "d", "e"]
    assert list(_differing(old, ["a", "", "b", "c", "", "d", "E"])) == [(1, 1, 1, 2), (4, 5, 5, 5), (6, 7, 6, 7)]


def test_twice_the_lines_are_twice_the_work() -> None:
    def compare(size: int) -> Callable[[], object]:
        old = [line for number in range(size) for line in (f"scene s{number}", '  background "a"', "  cat  sits")]
        new = [line for number in range(size) for line in ("", f"scene s{number}", '  background "a"', "  cat sits")]
        return lambda: list(_differing(old, new))

    assert growth(compare, 30) < 2.2
