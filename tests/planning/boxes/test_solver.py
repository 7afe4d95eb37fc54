from __future__ import annotations

import itertools

from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.planning.boxes.solver import fill_boxes, way
from dreamrunner.planning.plan import PlannedBeat


def beat(entity: str, motion: str | None = "standing", start: float = 0, end: float = 6, text: str = "", boxes=()):
    return PlannedBeat(
        entity=entity, motion=motion, start=start, end=end, description=text or entity, keyframes=tuple(boxes)
    )


def edges(filled: PlannedBeat) -> list[tuple[float, float]]:
    return [(frame.box.x0, frame.box.x1) for frame in filled.keyframes]


def test_one_figure_stands_still_in_the_middle_on_the_ground_which_is_said_once() -> None:
    (filled,) = fill_boxes([beat("witch")])
    assert filled.keyframes == (KeyFrame(0.0, Box(0.35, 0.35, 0.65, 0.92)),)


def test_two_and_three_figures_stand_side_by_side_in_the_order_of_the_text() -> None:
    assert [edges(b)[0] for b in fill_boxes([beat("witch"), beat("cat")])] == [(0.1, 0.4), (0.6, 0.9)]
    three = [edges(b)[0] for b in fill_boxes([beat("witch"), beat("cat"), beat("dog")])]
    assert three == [(0.016, 0.316), (0.349, 0.649), (0.683, 0.983)]


def test_more_figures_are_narrower() -> None:
    crowd = [edges(b)[0] for b in fill_boxes([beat(f"extra{n}") for n in range(6)])]
    assert all(abs((right - left) - 0.15) < 0.002 for left, right in crowd)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(crowd))


def test_a_walk_goes_six_hundredths_of_the_width_a_second() -> None:
    (filled,) = fill_boxes([beat("witch", "walking")])
    assert edges(filled) == [(0.2, 0.5), (0.26, 0.56), (0.32, 0.62), (0.38, 0.68), (0.44, 0.74), (0.5, 0.8)]


def test_words_for_direction_are_honoured() -> None:
    for motion, text in [("strolling-leftwards", ""), ("running", "a witch running to the left"), ("fly-left", "")]:
        lefts = [left for left, _ in edges(fill_boxes([beat("witch", motion, text=text)])[0])]
        assert lefts == sorted(lefts, reverse=True) and lefts[0] - lefts[-1] == 0.3
    # where someone stands is no direction
    rights = [left for left, _ in edges(fill_boxes([beat("witch", "walking", text="a witch on the left")])[0])]
    assert rights[0] == 0.05 and rights == sorted(rights)


def test_a_long_walk_turns_back_inside_the_frame() -> None:
    (filled,) = fill_boxes([beat("witch", "walking", end=30)])
    lefts = [left for left, _ in edges(filled)]
    assert len(lefts) == 30 and min(lefts) >= 0 and max(lefts) <= 0.7
    steps = {round(b - a, 3) for a, b in itertools.pairwise(lefts)}
    assert {0.06, -0.06} <= steps


def test_a_long_way_in_one_direction_goes_slower_instead() -> None:
    (filled,) = fill_boxes([beat("witch", "walking-rightwards", end=30)])
    lefts = [left for left, _ in edges(filled)]
    assert lefts == sorted(lefts) and (lefts[0], lefts[-1]) == (0.0, 0.7)


def test_the_way_that_boxes_go_is_told_from_the_boxes() -> None:
    def went(motion: str, *lefts: float) -> int:
        return way(beat("w", motion, boxes=[KeyFrame(t, Box(x, 0, x + 0.3, 1)) for t, x in enumerate(lefts)]))

    assert went("walking", 0.1, 0.1, 0.2) == 1 and went("flying", 0.5, 0.3) == -1
    assert went("walking", 0.1, 0.4, 0.3) == went("waving", 0.1, 0.4) == went("walking", 0.1, 0.15) == 0


def test_a_later_beat_goes_on_where_the_earlier_one_ended() -> None:
    walk, wave, fly = fill_boxes([beat("w", "walking", 0, 2), beat("w", "waving", 2, 4), beat("w", "flying", 4, 6)])
    assert edges(wave) == [edges(walk)[-1]]
    assert fly.keyframes[0].box == wave.keyframes[-1].box
    assert fly.keyframes[1].box.y1 < fly.keyframes[0].box.y1


def test_a_beat_goes_on_from_a_written_box_and_one_before_it_leads_there() -> None:
    there = Box(0.5, 0.1, 0.9, 0.8)
    before, written, after = fill_boxes(
        [
            beat("w", "walking-rightwards", 0, 2),
            beat("w", "waving", 2, 4, boxes=[KeyFrame(2, there)]),
            beat("w", "standing", 4, 6),
        ]
    )
    assert written.keyframes == (KeyFrame(2, there),)
    assert [frame.box for frame in after.keyframes] == [there]
    assert [frame.at for frame in before.keyframes] == [0, 1]
    assert before.keyframes[1].box == there
    assert before.keyframes[0].box == Box(0.44, 0.1, 0.84, 0.8)


def test_written_boxes_of_others_are_kept_clear_of_all_the_time() -> None:
    witch = beat("witch", "walking", boxes=[KeyFrame(0, Box(0.6, 0, 1, 0.8)), KeyFrame(5, Box(0.4, 0, 0.8, 0.8))])
    _, cat, dog = fill_boxes([witch, beat("cat", "running"), beat("dog")])
    assert all(right <= 0.4 for _, right in edges(cat) + edges(dog))
    assert all(c[1] <= d[0] for c, d in zip(edges(cat), edges(dog), strict=False))


def test_a_written_box_that_leaves_no_room_is_drawn_over() -> None:
    sky = beat("sky", None, boxes=[KeyFrame(0, Box(0, 0, 1, 1))])
    assert edges(fill_boxes([sky, beat("witch")])[1])[0] == (0.35, 0.65)


def test_a_written_sliver_is_gone_on_from_with_a_box_of_some_size() -> None:
    thin = Box(0.12341, 0.5, 0.12342, 0.50001)
    _, after = fill_boxes([beat("w", "waving", 0, 3, boxes=[KeyFrame(0, thin)]), beat("w", "standing", 3, 6)])
    assert after.keyframes[0].box == Box(0.123, 0.5, 0.124, 0.501)


def test_the_description_says_who_stands_on_which_side() -> None:
    witch, cat = fill_boxes([beat("witch", text="a witch on the right"), beat("cat", text="a cat on the left")])
    assert edges(cat)[0] == (0.05, 0.35) and edges(witch)[0] == (0.65, 0.95)


def test_key_frames_come_at_the_beginning_of_the_span_and_every_whole_second() -> None:
    (filled,) = fill_boxes([beat("witch", "walking", start=1.5, end=4)])
    assert [frame.at for frame in filled.keyframes] == [1.5, 2, 3]
