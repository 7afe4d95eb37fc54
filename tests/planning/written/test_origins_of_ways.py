"""Whose a beat's way is that comes into the picture, or goes out of it, by a written side."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.language.sides import SIDES, Side, beyond, filmed
from dreamrunner.pipeline.last_film import FilmedScene
from dreamrunner.planning import filled_path, origins, plan_file
from dreamrunner.preview.board import live_board

CROSSING = ("enters left", "leaves right")


def story(folder: Path, *lines: str) -> Path:
    path = folder / "day.story"
    beat = "  cat walking 0s..4s\n" + "".join(f"    {line}\n" for line in lines)
    path.write_text(f'character cat "a cat"\n\nscene one\n{beat}', encoding="utf-8")
    return path


class Unfilmed(dict):
    """The films of a story that has none."""

    def __call__(self, plan, story):
        return {scene.name: FilmedScene("never") for scene in plan.scenes}


def drawn(path: Path) -> tuple[str, list[float]]:
    """Whose the preview says that the beat's way is, and the times of the key frames that it draws."""
    (scene,) = live_board(path, Unfilmed()).board["scenes"]
    (beat,) = scene["beats"]
    return beat["by"]["keyframes"], [frame[0] for frame in beat["keyframes"]]


@pytest.mark.parametrize(
    ("lines", "by", "times"),
    [
        # A planner chose no more of these than how large and how high the cat is.
        (CROSSING, "author", [0, 4]),
        (("enters right", "leaves left"), "author", [0, 4]),
        # It chose how far the cat comes.
        (("enters left", "leaves left"), "offline", [0, 1, 3, 4]),
        (("enters left",), "offline", [0, 4]),
        (("leaves right",), "offline", [0, 4]),
        ((), "offline", [0, 3]),
        # A written key frame says where the cat is, and a side where it comes from or goes to.
        (("enters left", "at 2s center"), "author", [0, 2]),
        (("leaves top", "at 2s center"), "author", [2, 4]),
        ((*CROSSING, "at 1s center"), "author", [0, 1, 4]),
        (("enters left", "leaves left", "at 2s center"), "author", [0, 2, 4]),
        (("at 2s center",), "author", [2]),
    ],
)
def test_a_way_is_its_authors_where_no_planner_chose_a_place_of_it(
    lines: tuple[str, ...], by: str, times: list[float], tmp_path: Path
) -> None:
    path = story(tmp_path, *lines)
    assert origins(plan_file(path))["one"].beats == (
        {"entity": "author", "motion": "author", "span": "author", "description": "offline", "keyframes": by},
    )
    assert drawn(path) == (by, times)


@pytest.mark.parametrize("enters", SIDES)
@pytest.mark.parametrize("leaves", SIDES)
def test_between_two_sides_the_way_leads_over_the_middle(enters: Side, leaves: Side, tmp_path: Path) -> None:
    path = story(tmp_path, f"enters {enters}", f"leaves {leaves}")
    opposite = {enters, leaves} in ({"left", "right"}, {"top", "bottom"})
    if enters == leaves:
        assert drawn(path) == ("offline", [0, 1, 3, 4])
        return
    # Opposite sides are joined by a straight line, the others by a corner.
    assert drawn(path) == ("author", [0, 4] if opposite else [0, 2, 4])
    (beat,) = plan_file(path).plan.scenes[0].beats
    first, middle, last = (frame.box for frame in beat.keyframes)
    assert [frame.at for frame in beat.keyframes] == [0, 2, 4]
    assert (filmed(first), filmed(last), filmed(middle)) == (None, None, middle)
    assert (first, last) == (beyond(middle, enters), beyond(middle, leaves))
    across = "y" if {enters, leaves} == {"top", "bottom"} else "x"
    low, high = getattr(middle, f"{across}0"), getattr(middle, f"{across}1")
    assert low + high == pytest.approx(1)


@pytest.mark.parametrize(
    ("was", "now", "by"),
    [
        # The fill is the planner's, and the way still the author's.
        ("", "", "author"),
        # Whoever edits a fill by hand may have changed the place in the middle, be it on the way.
        ("a cat, walking", "a cat, trotting", "hand"),
        ("at 2s [0.38", "at 2s [0.1", "hand"),
    ],
)
def test_in_a_filled_story_it_is_the_authors_until_that_is_edited(
    was: str, now: str, by: str, tmp_path: Path, capsys
) -> None:
    path = story(tmp_path, *CROSSING)
    assert main(["plan", str(path)]) == 0
    text = filled_path(path).read_text(encoding="utf-8")
    assert was in text
    filled_path(path).write_text(text.replace(was, now) if was else text, encoding="utf-8")
    assert drawn(path)[0] == by
