"""Names of files that come of a stranger's text, and which works are chosen."""

from pathlib import Path

import pytest

from dreamrunner.benchmarking.works import Benchmark, BenchmarkError, Work, file_name, sum_of

NAMES = {
    "A_fox_runs": "A_fox_runs",
    "a fox, runs!": "a fox_ runs_",
    "../../etc/passwd": "_.._etc_passwd",
    "..": "unnamed",
    "": "unnamed",
    ".hidden": "hidden",
    "C:\\x\\y": "C__x_y",
    "a\0b\nc\x1b[31m": "a_b_c__31m",
    "cafe\u0301": "caf\u00e9",
    "x" * 300: "x" * 200,
    "\u00e9" * 150: "\u00e9" * 100,
    "$(touch x); `y` | z": "__touch x__ _y_ _ z",
    "\u202etxt": "_txt",
}


@pytest.mark.parametrize("text", NAMES, ids=range(len(NAMES)))
def test_a_name_of_any_text_is_that_of_a_file_in_its_folder(text: str, tmp_path: Path) -> None:
    name = file_name(text)
    assert name == NAMES[text]
    (tmp_path / f"{name}.mp4").touch()
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.mp4"]


def works(*names: str) -> Benchmark:
    return Benchmark(tuple(Work(name, "here", "", ()) for name in names))


CHOSEN: list[tuple[list[str], int | None, list[str]]] = [
    ([], None, ["a/1", "a/2", "b/1"]),
    ([], 1, ["a/1", "b/1"]),
    (["a"], None, ["a/1", "a/2"]),
    (["*/1"], None, ["a/1", "b/1"]),
    (["a/2", "b"], None, ["a/2", "b/1"]),
    (["*/1"], 1, ["a/1", "b/1"]),
]


@pytest.mark.parametrize(("only", "first", "left"), CHOSEN)
def test_works_are_chosen_by_their_names_and_by_how_many(only: list[str], first: int | None, left: list[str]) -> None:
    assert [work.name for work in works("a/1", "a/2", "b/1").chosen(only, first).works] == left


def test_a_pattern_that_fits_nothing_is_told() -> None:
    with pytest.raises(BenchmarkError, match="there is nothing called c; names are such as a/1, a/2, b/1"):
        works("a/1", "a/2", "b/1").chosen(["c"], None)


def test_works_are_summed_up_by_group() -> None:
    assert sum_of(works("a/1", "a/2", "b/1").works) == "3 films (a 2, b 1)"
    assert sum_of(works("x").works) == "1 film"
