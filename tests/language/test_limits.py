"""What checking knows about models must be what the backbones are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamrunner.backbones import TABLE, describe
from dreamrunner.language import MISSING, Box, check_text, read_story
from dreamrunner.language.limits import Limits, limits_of
from dreamrunner.regions.rasterizing import rectangle_of


def test_every_model_of_the_table_has_its_limits() -> None:
    for name, row in TABLE.items():
        limits = limits_of(name, MISSING)
        assert limits is not None
        assert limits.frames == row.frames
        token = row.size[0] // limits.columns
        assert (limits.columns * token, limits.rows * token) == row.size


@pytest.mark.parametrize("model", ["miniature", "miniature-2"])
def test_a_bundled_model_has_the_grid_that_its_weights_say(model: str) -> None:
    backbone, limits = describe(model), limits_of(model, MISSING)
    assert limits is not None
    assert (backbone.grid.columns, backbone.grid.rows, backbone.frames) == (limits.columns, limits.rows, limits.frames)


def test_a_size_in_the_header_changes_the_grid_and_unknown_weights_have_none() -> None:
    assert limits_of("cogvideox-2b", (360, 240)) == Limits("cogvideox-2b", 22, 15, 49, 6.0)
    assert limits_of("a/folder", MISSING) is None


edges = st.floats(0, 1)


@given(edges, edges, edges, edges)
def test_a_box_is_small_just_when_it_has_to_be_widened(a: float, b: float, c: float, d: float) -> None:
    (x0, x1), (y0, y1) = sorted((a, b)), sorted((c, d))
    limits = Limits("m", 12, 8, 17, 6.0)
    unwidened = [round_half_up(edge * count) for edge, count in ((x0, 12), (x1, 12), (y0, 8), (y1, 8))]
    covered = unwidened[0] < unwidened[1] and unwidened[2] < unwidened[3]
    assert limits.covers(Box(x0, y0, x1, y1)) == covered
    if covered:
        tokens = rectangle_of(Box(x0, y0, x1, y1), 8, 12)
        assert [tokens.column0, tokens.column1, tokens.row0, tokens.row1] == unwidened


def round_half_up(value: float) -> int:
    whole = int(value)
    return whole + (value - whole >= 0.5)


def test_the_limits_are_those_of_the_model_in_the_header(tmp_path: Path) -> None:
    text = 'character cat "a cat"\n\nscene a\n  cat sitting\n    at 0s [0.5 0.2 0.54 0.9]\n'
    (tmp_path / "a.story").write_text(text)
    (tmp_path / "b.story").write_text('story "B"\n  model cogvideox-2b\n' + text)
    assert [item.code for item in read_story(tmp_path / "a.story").diagnostics] == ["small-box"]
    assert read_story(tmp_path / "b.story").diagnostics == ()


@pytest.mark.parametrize(
    "line",
    [
        "scene NAME\n  cat",
        'character NAME "a cat"',
        'prop NAME "a pot"',
        "motion NAME",
        "scene one\n  cat NAME",
    ],
)
def test_a_name_that_no_file_can_have_is_told(line: str) -> None:
    for count, codes in ((200, []), (201, ["long-name"])):
        text = 'character cat "a cat"\n' + line.replace("NAME", "n" * count) + "\n"
        found = check_text(text, Path("x.story")).diagnostics
        assert [item.code for item in found if item.severity == "error"] == codes


@pytest.mark.parametrize(
    ("stem", "told"), [("n" * 200, False), ("n" * 201, True), ("女" * 66, False), ("女" * 67, True)]
)
def test_a_storys_own_name_counts_in_bytes(stem: str, told: bool) -> None:
    found = check_text('scene one\n  narration "It rains."\n', Path(f"{stem}.story")).diagnostics
    assert [item.code for item in found] == ["long-name"] * told
