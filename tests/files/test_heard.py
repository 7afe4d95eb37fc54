"""How far work is: told to who listens, by what each part of it weighs, and to nobody else."""

import pytest

from dreamrunner.files.heard import hearing, through


def test_where_nobody_listens_the_items_are_handed_on() -> None:
    assert list(through("abc", "spelling")) == ["a", "b", "c"]
    assert list(through([], "spelling")) == []


def test_each_item_counts_by_its_weight_and_what_is_within_by_a_part_of_that() -> None:
    heard: list[tuple[str, float]] = []
    with hearing(lambda *told: heard.append(told)):
        for size in through([1, 0, 2], "outer", lambda size: size):  # what weighs nothing weighs one
            for _ in through(range(size), "inner"):
                pass
        list(through("ab", "last"))
    assert heard == [
        ("outer", 0.0), ("outer", 0.0), ("outer", 0.25), ("outer", 0.5), ("outer", 0.5), ("outer", 0.75),
        ("last", 0.0), ("last", 0.5),
    ]  # fmt: skip
    list(through("ab", "silent"))
    assert len(heard) == 8


def test_work_that_is_left_in_the_middle_leaves_the_measure_as_it_was() -> None:
    heard: list[tuple[str, float]] = []
    with hearing(lambda *told: heard.append(told)):
        for _ in through("abcd", "left"):
            break
        with pytest.raises(ZeroDivisionError):
            for _ in through("ab", "failed"):
                raise ZeroDivisionError
        list(through("ab", "after"))
    assert heard[-2:] == [("after", 0.0), ("after", 0.5)]
