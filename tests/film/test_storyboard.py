"""The storyboard, looked at through its pixels: where boxes, frames and nothing else are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamrunner.film import FilmError, draw_storyboard, letters_lacking, storyboard
from dreamrunner.film.storyboard import _COLOURS, draw, frame_at, key_times
from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.planning.plan import PlannedBeat
from dreamrunner.rendering.frames import Frames
from tests.material.films import beat, plain, plan, scene

WITCH, CAT = (tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in _COLOURS[:2])
RED = (200, 30, 30)


def stretches(image: Image.Image, colour: tuple[int, int, int], slack: int = 0) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of every solid patch of a colour that stands apart across or down."""
    mask = np.abs(np.asarray(image).astype(int) - colour).max(axis=2) <= slack
    found = []
    for top, bottom in runs(mask.any(axis=1)):
        for left, right in runs(mask[top:bottom].any(axis=0)):
            found.append((left, top, right, bottom))
    return found


def runs(line: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(int), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def test_six_pictures_a_scene_at_equal_steps() -> None:
    assert key_times(6.0) == (0, 1, 2, 3, 4, 5) and key_times(3.0) == (0, 0.5, 1, 1.5, 2, 2.5)
    frames = plain("red", count=17, duration=6.0)
    assert [frame_at(frames, time) for time in key_times(6.0)] == [0, 2, 5, 8, 11, 14]
    assert frame_at(frames, 99.0) == 16 and frame_at(plain("red", 1, 6.0), 5.0) == 0


def test_boxes_alone_before_filming() -> None:
    moving = PlannedBeat(
        entity="witch",
        motion=None,
        start=0,
        end=6,
        description="",
        keyframes=(KeyFrame(0, Box(0.0, 0.25, 0.5, 1.0)), KeyFrame(5, Box(0.5, 0.25, 1.0, 1.0))),
    )
    board = draw(plan(scene("a", 6.0, beats=(moving,))))
    # Below the legend's patch: six boxes, half a picture wide, wandering from the left to the right of their pictures.
    # The line around a picture covers two pixels of what touches it.
    boxes = stretches(board, WITCH)[1:]
    assert len(boxes) == 6 and all(142 <= right - left <= 145 for left, _, right, _ in boxes)
    steps = np.diff([left for left, *_ in boxes])
    np.testing.assert_allclose(steps, 288 + 12 + 144 / 5, atol=2)
    assert {bottom - top for _, top, _, bottom in boxes} == {142}


def test_a_beat_is_drawn_only_while_it_lasts() -> None:
    beats = (beat("witch", Box(0.1, 0.2, 0.4, 0.9), 0, 3), beat("cat", Box(0.1, 0.2, 0.4, 0.9), 3, 6))
    board = draw(plan(scene("a", 6.0, beats=beats)))
    witch, cat = ([box for box in stretches(board, colour) if box[2] - box[0] > 60] for colour in (WITCH, CAT))
    assert len(witch) == len(cat) == 3 and max(right for _, _, right, _ in witch) < min(left for left, *_ in cat)


def test_frames_stand_below_their_boxes_in_crisp_squares() -> None:
    pixels = np.zeros((6, 64, 96, 3), np.uint8)
    for number in range(6):
        pixels[number] = (200, 30, 30 + number)
        pixels[number, 10, 20] = 255
    board = np.asarray(draw(plan(scene("a", 6.0)), {"a": Frames(pixels, 6.0)}))
    for number in range(6):
        rows, columns = np.nonzero((board == (200, 30, 30 + number)).all(axis=2))
        picture = board[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        np.testing.assert_array_equal(picture, pixels[number].repeat(3, axis=0).repeat(3, axis=1))


def test_large_frames_are_made_smaller_and_missing_ones_said() -> None:
    story = plan(scene("a", 6.0), scene("b", 6.0))
    board = draw(story, {"a": plain("red", 6, 6.0, size=(480, 720))})
    reds = stretches(board, RED, 12)
    assert {(right - left) for left, _, right, _ in reds} == {288}
    assert board.height > draw(story).height > draw(plan(scene("a", 6.0))).height


def test_an_entity_keeps_its_colour_and_a_crowd_is_drawn(tmp_path: Path) -> None:
    crowd = tuple(beat(f"extra-number-{n}", Box(n / 30, 0, (n + 1) / 30, 1e-9 + n / 30)) for n in range(30))
    story = plan(
        scene("a", 6.0, beats=(beat("witch", Box(0, 0, 1, 1)),)),
        scene("b", 6.0, beats=(*crowd, beat("witch", Box(0, 0, 1, 1)))),
        scene("c", 6.0, narration="long " * 400 + "w" * 500, background=""),
        title="",
    )
    board = draw(story)
    assert len({right - left for left, _, right, _ in stretches(board, WITCH) if right - left > 200}) == 1
    assert board.width == draw(plan(scene("a"))).width


def test_the_file_is_a_png_and_the_same_every_time(tmp_path: Path) -> None:
    story = plan(scene("a", 6.0, beats=(beat("witch", Box(0.1, 0.2, 0.4, 0.9)),)))
    one = draw_storyboard(story, None, tmp_path / "new" / "one.png")
    other = draw_storyboard(story, {}, tmp_path / "two.png")
    assert one.read_bytes() == other.read_bytes() and one.read_bytes().startswith(b"\x89PNG")
    assert np.array_equal(np.asarray(Image.open(one)), np.asarray(draw(story)))
    (tmp_path / "file").write_text("")
    with pytest.raises(FilmError, match="is not a folder"):
        draw_storyboard(story, None, tmp_path / "file" / "a.png")


@pytest.mark.parametrize("name", ["cat", "bartholomew-the-third", "n" * 60])
@pytest.mark.parametrize(
    "corner", [Box(0, 0, 0.02, 0.02), Box(0.98, 0.98, 1, 1), Box(0, 0.95, 0.6, 1), Box(0.9, 0.1, 1, 0.9)]
)
def test_a_name_is_inside_the_picture_and_whole_where_it_can_be(name: str, corner: Box, monkeypatch) -> None:
    written: list[str] = []

    class Pen:
        def rounded_rectangle(self, place: tuple[int, ...], *_: object) -> None:
            left, top, right, bottom = place
            assert 0 <= left < right < 288 and 0 <= top < bottom < 192

        def text(self, place: tuple[int, int], line: str, *_: object, **__: object) -> None:
            written.append(line)

    one = beat(name, corner, motion="somersaulting-backwards-and-forwards")
    corners = tuple(
        round(edge * size)
        for edge, size in zip((corner.x0, corner.y0, corner.x1, corner.y1), (287, 191) * 2, strict=True)
    )
    storyboard._label(Pen(), one, corners, "#000000", storyboard._Sheet(288, 192, False))
    assert written[0] == name or (len(name) == 60 and written[0].endswith(".."))
    assert " ".join(written[1:]) in ("", "somersaulting backwards and forwards")


@pytest.mark.parametrize(
    ("text", "told"),
    [("The cat naps.", ""), ("Ένα γατάκι спит, قطة, חתול, naïve, 10 €", ""), ("女巫 walks", "女 巫"),
     ("ก็ไป", "ก ป ไ ็"), ("一丁七万三上下不与丐", "一 丁 七 万 三 上 下 不 and 2 more")],
)  # fmt: skip
def test_letters_that_the_picture_cannot_show_are_told(text: str, told: str) -> None:
    assert letters_lacking(plan(scene("a", 6.0).model_copy(update={"narration": text}))) == told


@pytest.mark.parametrize(
    ("box", "side"),
    [
        (Box(-0.3, 0.4, 0.0, 0.9), "left"),
        (Box(1.0, 0.4, 1.3, 0.9), "right"),
        (Box(0.4, -0.5, 0.6, 0.0), "top"),
        (Box(0.4, 1.0, 0.6, 1.5), "bottom"),
    ],
)
def test_an_arrow_at_the_edge_points_to_who_is_outside(box: Box, side: str) -> None:
    away = PlannedBeat(entity="witch", motion=None, start=0, end=6, description="", keyframes=(KeyFrame(0, box),))
    board = draw(plan(scene("a", 6.0, beats=(away,))))
    _, *arrows = [each for each in stretches(board, WITCH) if each[2] - each[0] > 8]
    assert len(arrows) == 6
    # They stand at the same place of each picture, and are no larger than arrows are.
    np.testing.assert_allclose(np.diff([left for left, *_ in arrows]), 288 + 12, atol=1)
    assert all(right - left < 40 and bottom - top < 40 for left, top, right, bottom in arrows)
    left, _, right, _ = arrows[0]
    picture = 76  # where the first one begins
    assert {
        "left": left - picture <= 4,
        "right": picture + 288 - right <= 4,
        "top": abs((left + right) / 2 - picture - 144) <= 2,
        "bottom": abs((left + right) / 2 - picture - 144) <= 2,
    }[side]
