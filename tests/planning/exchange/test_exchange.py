"""Published plans to stories and back: nothing moves, odd boxes are mended, odd rows are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.cli import main
from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.exchange.convert import as_story_text, published
from dreamrunner.planning.exchange.rows import Item, PublishedError, PublishedPlan, read_row, write_row

DUCK = '[["yellow duck", "swimming", "A duck swims"], [0.1, 0.4, 0.3, 0.7]]'
POND = '[["none", "none", "a pond"], [0.0, 0.5, 1.0, 1.0]]'
CLEAN = f"Background:the background of the event: A duck on a pond\nFrame_1: {POND}, {DUCK}\nFrame_2: {POND}"


def row(text: str, video: str = "0001.mp4") -> str:
    return json.dumps([video, text])


def back(plan: PublishedPlan) -> tuple[str, PublishedPlan]:
    """The story of a plan, and the plan that the story is written back as."""
    text, _ = as_story_text(plan)
    checked = check_text(text, Path("a.story"))
    assert checked.story is not None, [item.message for item in checked.diagnostics]
    assert not [item for item in checked.diagnostics if item.severity == "error"]
    assert checked.story.planner == "none"
    planned = plan_story(checked.story)
    assert planned.plan is not None, planned.diagnostics
    (again,) = published(checked.story, planned.plan)
    return text, again


def told(frames: tuple[tuple[Item, ...], ...]) -> list[list[tuple]]:
    return [sorted((item.entity, item.motion, item.description, item.box) for item in frame) for frame in frames]


@pytest.mark.parametrize("text", [CLEAN, f'"{CLEAN}"', json.dumps(CLEAN), CLEAN.replace("\nFrame", "\n  Frame")])
def test_all_forms_of_a_plan_are_read_alike(text: str) -> None:
    plan = read_row(row(text))
    assert plan.background == "the background of the event: A duck on a pond"
    assert plan.frames == (
        (
            Item("none", "none", "a pond", (0, 0.5, 1, 1)),
            Item("yellow duck", "swimming", "A duck swims", (0.1, 0.4, 0.3, 0.7)),
        ),
        (Item("none", "none", "a pond", (0, 0.5, 1, 1)),),
    )
    assert read_row(write_row(plan)) == plan


@pytest.mark.parametrize(
    "begins",
    ["Background:a pond", "Background: a pond", "Background :a pond", "background:\na pond", "\ufeffBackground:a pond",
     "\nBackground:a pond", "Here it is:\nBackground:a pond", "**Background:** a pond", "# Background: a pond",
     "Background\uff1aa pond"],
)  # fmt: skip
def test_however_a_background_is_begun_it_is_read(begins: str) -> None:
    for form in ("{}", '"{}"', '"{}', "'{}'", " {}\n"):
        for ends in ("\n", "\r\n", "\r", "\\n", "\\r\\n"):
            plan = read_row(row(form.format(f"{begins}\nFrame_1: {DUCK}").replace("\n", ends)))
            assert plan.background == "a pond", (form, ends)
            assert [item.entity for item in plan.frames[0]] == ["yellow duck"], (form, ends)


@pytest.mark.parametrize("between", [" ", ", ", "\n"])
def test_key_frames_on_the_line_of_the_background_are_read(between: str) -> None:
    plan = read_row(row(f"Background:a pond Frame_1: {POND}, {DUCK}{between}Frame_2: {POND}"))
    assert plan.background == "a pond" and [len(frame) for frame in plan.frames] == [2, 1]


def test_a_clean_plan_comes_back_as_it_was() -> None:
    plan = read_row(row(CLEAN))
    text, again = back(plan)
    assert again == plan
    assert "prop unnamed\n" in text and 'character yellow-duck "yellow duck"' in text and "planner none" in text
    assert "  yellow-duck swimming 0s..1s" in text and "  unnamed 0s..2s" in text


def test_empty_and_missing_key_frames_keep_their_places() -> None:
    plan = read_row(row(f"Background: b\nFrame_1: {DUCK}\nFrame_2:\nFrame_3: []\nFrame_5: {DUCK}\nFrame_6:"))
    assert [len(frame) for frame in plan.frames] == [1, 0, 0, 0, 1, 0]
    text, again = back(plan)
    assert told(again.frames) == told(plan.frames)
    assert "yellow-duck swimming 0s..1s" in text and "yellow-duck swimming 4s..5s" in text and "duration 6s" in text


def test_what_changes_from_key_frame_to_key_frame_is_kept() -> None:
    leaf = '[["leaf", "none", "a {} leaf"], [0.2, 0.2, 0.8, 0.8]]'
    frames = "\n".join(f"Frame_{n}: {leaf.format(colour)}" for n, colour in enumerate(["green", "green", "red"], 1))
    text, again = back(read_row(row(f"Background: b\n{frames}")))
    assert [item.description for frame in again.frames for item in frame] == [
        "a green leaf",
        "a green leaf",
        "a red leaf",
    ]
    assert 'leaf 0s..2s "a green leaf"' in text and 'leaf 2s..3s "a red leaf"' in text


def test_two_of_one_name_are_followed_apart_even_when_they_change_places() -> None:
    cone = '[["cone", "none", "{}"], [{}, 0.4, {}, 0.9]]'
    left, right = cone.format("the left cone", 0.0, 0.2), cone.format("the right cone", 0.7, 0.9)
    text, again = back(read_row(row(f"Background: b\nFrame_1: {left}, {right}\nFrame_2: {right}, {left}")))
    assert text.count("cone 0s..2s") == 1 and text.count("cone-2 0s..2s") == 1
    assert [item.entity for item in again.frames[0]] == ["cone", "cone"]


@pytest.mark.parametrize(
    ("box", "mended"),
    [
        ([0.8, 0.4, 60, 0.7], (0.8, 0.4, 1.0, 0.7)),
        ([-1.2, 0.4, 0.3, 0.7], (0.0, 0.4, 0.3, 0.7)),
        ([0.5, 0.5, 0.5, 0.9], (0.475, 0.5, 0.525, 0.9)),
        ([0.4, 0.6, 0.6, 0.5], (0.4, 0.5, 0.6, 0.6)),
        ([0.0, 0.0, 0.0, 0.0], (0.0, 0.0, 0.05, 0.05)),
    ],
)
def test_odd_boxes_are_mended_and_said(box: list[float], mended: tuple[float, ...]) -> None:
    plan = read_row(row(f'Background: b\nFrame_1: [["cat", "sitting", "a cat"], {box}]'))
    _, said = as_story_text(plan)
    assert len(said) == 1 and "key frame 1" in said[0] and "cat" in said[0]
    assert back(plan)[1].frames[0][0].box == mended


@pytest.mark.parametrize(
    ("box", "written", "shown"),
    [
        ([0.8, 0.4, 1.1, 0.7], "[0.8 0.4 1.1 0.7]", [(0.8, 0.4, 1.0, 0.7)]),
        ([-0.2, 0.4, 0.3, 0.7], "[-0.2 0.4 0.3 0.7]", [(0.0, 0.4, 0.3, 0.7)]),
        ([1.0, 0.4, 1.3, 0.7], "[1 0.4 1.3 0.7]", []),
    ],
)
def test_boxes_beside_the_frame_are_kept_and_published_as_far_as_they_are_seen(
    box: list[float], written: str, shown: list[tuple[float, ...]]
) -> None:
    items = [f'[["{name}", "sitting", "a {name}"], {where}]' for name, where in (("cat", box), ("dog", [0, 0, 1, 1]))]
    plan = read_row(row(f"Background: b\nFrame_1: {', '.join(items)}"))
    text, said = as_story_text(plan)
    assert said == () and f"at 0s {written}" in text
    again = back(plan)[1].frames[0]
    assert [item.box for item in again if item.entity == "cat"] == shown


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ('{"a": 1}', "not a pair"),
        ('["a.mp4", 3]', "not a pair"),
        (row("Frame_1: "), "no `Background:`"),
        (row("Background: b"), "no key frame"),
        (row("Background: b\nFrame_1: [[[[")[:], "can't be read"),
        (row("Background: b\nFrame_1:\nFrame_2: []"), "nothing in any key frame"),
        (row('Background: b\nFrame_1: [["a", "b"], [0, 0, 1, 1]]'), "not three texts and a box"),
        (row('Background: b\nFrame_1: [["a", "b", "c"], [0, 0, 1]]'), "not three texts and a box"),
        (row('Background: b\nFrame_1: [["a", "b", "c"], [0, 0, "x", 1]]'), "is no box"),
        (row('Background: b\nFrame_1: [["a", "b", "c"], [0, 0, NaN, 1]]'), "can't be read"),
        (row(f"Background: b\nFrame_1: {DUCK}\nFrame_1: {DUCK}"), "twice"),
        (row(f"Background: b\nFrame_99999: {DUCK}"), "no key frame 99999"),
        (row("Background: b\nFrame_1: __import__('os').system('true')"), "can't be read"),
    ],
)
def test_a_row_that_is_no_plan_says_why(line: str, what: str) -> None:
    with pytest.raises(PublishedError, match=what):
        read_row(line)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=12).map(str.strip)
EDGE = st.integers(0, 20).map(lambda edge: edge / 20)


@st.composite
def items(draw: st.DrawFn) -> Item:
    (x0, x1), (y0, y1) = (sorted(draw(st.lists(EDGE, min_size=2, max_size=2, unique=True))) for _ in range(2))
    entity = draw(
        st.sampled_from(["cat", "big red cat", "none", "camera", "at", "a.b", "1st", "\u732b", "x" * 90]) | TEXT
    )
    motion = draw(st.sampled_from(["none", "walking", "to the left, fast", "walking!", "scene", "motionless"]) | TEXT)
    return Item(entity or "none", motion or "none", draw(TEXT) or "thing", (x0, y0, x1, y1))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(items(), max_size=3).map(tuple), min_size=1, max_size=4).map(tuple).filter(any), TEXT)
def test_any_plan_survives_the_way_through_a_story(frames: tuple[tuple[Item, ...], ...], background: str) -> None:
    plan = PublishedPlan("0001.mp4", " ".join(background.split()) or "b", frames)
    assert read_row(write_row(plan)) == plan
    text, again = back(plan)

    def plain(items: list[list[tuple]]) -> list[list[tuple]]:
        return [sorted((entity.lower(), motion.lower(), *rest) for entity, motion, *rest in frame) for frame in items]

    # A motion that is none in some key frames and something in others keeps its place, as does everything else.
    assert plain(told(again.frames)) == plain(told(frames))
    assert again.background == plan.background
    assert as_story_text(again)[0] == text


def test_the_commands_convert_a_file_and_write_it_back(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    source = tmp_path / "plans.jsonl"
    odd = CLEAN.replace("0.3, 0.7", "13, 0.7")
    rows = [row(CLEAN), "{", row(odd, "../../0002.mp4"), row(CLEAN, "0001.mp4"), "", row(CLEAN, "\x1b[31m.mp4")]
    source.write_text("\n".join(rows), encoding="utf-8")
    assert main(["plan", "--import", str(source), "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert f"error: {source}:2: not JSON" in said and f"warning: {source}:3: key frame 1: the box" in said
    assert "4 stories" in said and "1 plans could not be converted" in said and "\x1b" not in said
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == ["0001-4.story", "0001.story", "0002.story", "31m.story"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out", "plans.jsonl"]
    for name in names:
        assert main(["check", str(tmp_path / "out" / name)]) == 0
    capsys.readouterr()
    assert main(["plan", "--export", str(tmp_path / "out" / "0001.story")]) == 0
    assert read_row(capsys.readouterr().out) == read_row(row(CLEAN))
    assert main(["plan", "--export", str(tmp_path / "out"), "-o", str(tmp_path / "again.jsonl")]) == 0
    assert len((tmp_path / "again.jsonl").read_text().splitlines()) == 4


def test_a_story_that_was_changed_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "plans.jsonl").write_text(row(CLEAN))
    command = ["plan", "--import", str(tmp_path / "plans.jsonl"), "-o", str(tmp_path)]
    assert main(command) == 0 and main(command) == 0
    (tmp_path / "0001.story").write_text("# mine\n")
    assert main(command) == 1
    assert "0001.story is there already" in capsys.readouterr().err
    assert (tmp_path / "0001.story").read_text() == "# mine\n"


@pytest.mark.parametrize(
    "arguments",
    [["--import", "a.jsonl"], ["--import", "a.jsonl", "-o", "b", "c.story"], ["--export"], ["a.story", "b.story"], [],
     ["a.story", "-o", "b"], ["--export", "a.story", "--write"]],
)  # fmt: skip
def test_wrong_usage_is_said(arguments: list[str], capsys: pytest.CaptureFixture) -> None:
    assert main(["plan", *arguments]) == 2
    assert capsys.readouterr().err.startswith("error: ")
