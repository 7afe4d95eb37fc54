"""The table of mistakes that the language page promises to explain, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import Diagnostic, read_story, render
from dreamrunner.language.story import Location

CAST = 'character witch "a witch in a purple dress"\ncharacter cat "a small black cat"\n\nscene garden\n'


def check(folder: Path, text: str | bytes) -> tuple[Diagnostic, ...]:
    path = folder / "day.story"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_story(path).diagnostics


def only(folder: Path, text: str | bytes) -> Diagnostic:
    found = check(folder, text)
    assert len(found) == 1, [item.message for item in found]
    return found[0]


def place(location: Location) -> tuple[int, int, int, int]:
    return location.line, location.column, location.end_line, location.end_column


def test_a_misspelt_motion_is_a_warning_with_the_one_that_is_declared(tmp_path: Path) -> None:
    found = only(
        tmp_path,
        'motion walking\ncharacter witch "a witch"\n\nscene garden\n  witch walking 0s..3s\n  witch walkin 3s..6s\n',
    )
    assert (found.severity, found.code) == ("warning", "unknown-motion")
    assert "walkin" in found.message and "did you mean `walking`" in found.help


def test_a_misspelt_motion_is_noticed_when_the_right_one_is_used_elsewhere(tmp_path: Path) -> None:
    found = only(tmp_path, CAST + "  witch walkin 0s..3s\n  cat walking 0s..3s\n  cat walking 3s..6s\n")
    assert (found.severity, found.code) == ("warning", "unknown-motion")
    assert place(found.location) == (5, 9, 5, 15)


@pytest.mark.parametrize(
    "first, second", [("walkin", "walking"), ("walking", "walkin"), ("walkinh", "walking"), ("walking", "wlaking")]
)
def test_of_two_motions_used_once_the_likelier_is_suggested(first: str, second: str, tmp_path: Path) -> None:
    found = only(tmp_path, CAST + f"  witch {first} 0s..3s\n  cat {second} 0s..3s\n")
    assert found.code == "unknown-motion"
    assert "did you mean `walking`" in found.help


def test_two_different_motions_used_once_each_are_no_misspelling(tmp_path: Path) -> None:
    assert check(tmp_path, CAST + "  witch walking 0s..3s\n  witch waving 3s..6s\n  cat talking\n") == ()


def test_an_unknown_character_with_a_suggestion(tmp_path: Path) -> None:
    found = only(tmp_path, CAST + "  wich walking\n  cat sleeping\n  witch waving\n")
    assert found.message == "no character or prop `wich`"
    assert found.help == "did you mean `witch`?"
    assert place(found.location) == (5, 3, 5, 7)


def test_a_name_that_is_never_declared_is_reported_once_with_its_other_places(tmp_path: Path) -> None:
    found = only(tmp_path, CAST + "  witch waving\n  cat sleeping\n  dragon flying 0s..2s\n  dragon sleeping 2s..6s\n")
    assert found.code == "unknown-entity"
    assert [related.line for _, related in found.related] == [8]


def test_overlapping_spans_show_both_places_and_the_stretch(tmp_path: Path) -> None:
    found = only(tmp_path, CAST + "  witch walking 0s..4s\n  witch waving 3s..6s\n  cat sleeping\n")
    assert found.message == "the spans of `witch` overlap from 3s to 4s"
    assert place(found.location) == (6, 16, 6, 22)
    assert [place(where) for _, where in found.related] == [(5, 17, 5, 23)]


def test_spans_of_different_characters_may_overlap(tmp_path: Path) -> None:
    assert check(tmp_path, CAST + "  witch walking 0s..4s\n  cat waving 3s..6s\n") == ()


def test_a_box_with_its_corners_swapped(tmp_path: Path) -> None:
    found = only(tmp_path, CAST + "  cat sleeping\n  witch walking\n    at 2s [0.9 0.1 0.4 0.8]\n")
    assert found.message == "x0 must be less than x1"
    found = only(tmp_path, CAST + "  cat sleeping\n  witch walking\n    at 2s [0.1 0.8 0.4 0.8]\n")
    assert found.message == "y0 must be less than y1"


@pytest.mark.parametrize("number", ["2.4", "-1.1", "60"])
def test_a_number_far_outside_the_frame(number: str, tmp_path: Path) -> None:
    found = only(tmp_path, CAST + f"  cat sleeping\n  witch walking\n    at 2s [0.1 0.1 {number} 0.8]\n")
    assert found.message == f"{number} is outside -1..2"
    assert place(found.location) == (7, 20, 7, 20 + len(number))


def test_a_key_frame_after_the_end_of_the_scene(tmp_path: Path) -> None:
    found = only(tmp_path, CAST + "  cat sleeping\n  witch walking\n    at 7s left\n")
    assert found.message == "7s is outside the scene, which lasts 6s"
    longer = check(tmp_path, CAST + "  duration 8s\n  cat sleeping\n  witch walking\n    at 7s left\n")
    assert [item.code for item in longer] == ["long-scene"]


def test_photos_that_match_nothing_and_where_it_looked(tmp_path: Path) -> None:
    found = only(tmp_path, 'character witch\n  looks "a witch"\n  images "refs/witch/*.png"\n')
    assert found.message == "no file matches `refs/witch/*.png`"
    assert "refs" in found.help and "witch" in found.help


@pytest.mark.parametrize("path", ["../../etc/*", "/etc/*", "refs/../../x.png"])
def test_photos_outside_the_story_folder(path: str, tmp_path: Path) -> None:
    found = only(tmp_path, f'character witch\n  images "{path}"\n')
    assert found.message == f"`{path}` leaves the story's folder"


def test_a_link_that_leads_out_of_the_folder_is_outside(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.png").touch()
    folder = tmp_path / "story"
    folder.mkdir()
    (folder / "refs").symlink_to(tmp_path / "elsewhere")
    assert only(folder, 'character witch\n  images "refs/*.png"\n').code == "outside-folder"
    checked = read_story(folder / "day.story", allow_outside=True)
    assert [image.name for image in checked.story.characters[0].images] == ["a.png"]


@pytest.mark.parametrize(
    "block, kind",
    [('character witch "a witch"\n', "character"), ("scene garden\n", "scene"), ("motion flying\n", "motion")],
)
def test_two_of_one_name_show_both_places(block: str, kind: str, tmp_path: Path) -> None:
    found = only(tmp_path, block + block)
    assert found.message.startswith(f"{kind} `") and found.message.endswith("is declared twice")
    assert found.location.line == 2
    assert [where.line for _, where in found.related] == [1]


def test_an_unclosed_quote_is_marked_where_it_opens(tmp_path: Path) -> None:
    found = only(tmp_path, 'scene garden\n  background "a garden\n  narration "The cat sleeps."\n')
    assert found.code == "unclosed-string"
    assert place(found.location) == (2, 14, 2, 15)


def test_an_unclosed_long_text_is_marked_where_it_opens_and_hides_nothing_below(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        'scene garden\n  narration """\n    The cat sleeps.\n\nscene beach\n  narration """\n    It runs.\n    """\n'
        "\nscene kitchen\n  duration 0s\n",
    )
    assert [(item.code, item.location.line) for item in found] == [("unclosed-string", 2), ("bad-value", 11)]


def test_an_unclosed_bracket_is_marked_where_it_opens(tmp_path: Path) -> None:
    found = only(tmp_path, CAST + "  cat sleeping\n  witch walking\n    at 2s [0.1 0.1 0.4 0.8\n    at 3s left\n")
    assert found.code == "unclosed-bracket"
    assert place(found.location) == (7, 11, 7, 12)


def test_an_empty_scene_is_a_gap_and_no_error(tmp_path: Path) -> None:
    assert check(tmp_path, "scene garden\n") == ()


def test_an_empty_scene_is_an_error_when_nobody_plans(tmp_path: Path) -> None:
    found = only(tmp_path, 'story "A day"\n  planner none\n\nscene garden\n')
    assert (found.code, found.severity) == ("gap", "error")
    assert "background, narration or beats" in found.message


def test_files_that_are_no_stories(tmp_path: Path) -> None:
    latin = only(tmp_path, b'scene garden\n  narration "caf\xe9"\n')
    assert latin.message.endswith("not UTF-8 text: byte 0xe9 on line 2")
    assert only(tmp_path, b"").code == "empty-file"
    assert only(tmp_path, b"\n# nothing yet\n  \n").code == "empty-file"
    assert [item.code for item in read_story(tmp_path).diagnostics] == ["not-a-file"]
    assert [item.code for item in read_story(tmp_path / "nowhere.story").diagnostics] == ["missing-file"]
    assert [item.code for item in read_story(tmp_path / "a\0b").diagnostics] == ["missing-file"]


def test_seven_mistakes_give_seven_messages(tmp_path: Path) -> None:
    text = (
        'story "A day"\n'
        "  seed seven\n"  # 1: no number
        "charcter witch\n"  # 2: misspelt head
        '  looks "a witch"\n'
        'character cat "a small black cat\n'  # 3: unclosed
        "\n"
        "scene garden\n"
        "  duration 6\n"  # 4: no unit
        "  witch walking 0s 3s\n"  # 5: no dots
        "    at 0s [0.1 0.2 0.3]\n"  # 6: three numbers
        "  cat sleeping\n"
        "scene beach\n"
        "  narration @beach\n"  # 7: no text
        "  cat running\n"
    )
    found = check(tmp_path, text)
    assert [item.location.line for item in found] == [2, 3, 5, 8, 9, 10, 13]


def test_the_text_form_marks_the_span_and_names_both_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("day.story").write_text(CAST + "  cat sleeping\n  witch walking 0s..4s\n  witch waving 3s..6s\n")
    text = render(read_story(Path("day.story")).diagnostics, False)
    assert text == (
        "error[overlapping-spans]: the spans of `witch` overlap from 3s to 4s\n"
        " --> day.story:7:16\n"
        "  |\n"
        "7 |   witch waving 3s..6s\n"
        "  |                ^^^^^^\n"
        " ::: day.story:6:17\n"
        "  |\n"
        "6 |   witch walking 0s..4s\n"
        "  |                 ^^^^^^ the other span\n"
        "  = help: let one end before the other starts\n"
        "\n"
    )
    colored = render(read_story(Path("day.story")).diagnostics, True)
    assert "\033[1;31merror[overlapping-spans]" in colored


@pytest.mark.parametrize(
    ("name", "meant"), [("offlin", "offline"), ("ofline", "offline"), ("Offline", "offline"), ("non", "none")]
)
def test_a_planner_that_is_nearly_one_of_ours_is_no_chat_model(tmp_path: Path, name: str, meant: str) -> None:
    found = only(tmp_path, f'story "a day"\n  planner {name}\n\n{CAST}  cat sits\n')
    assert (found.code, found.help) == ("bad-value", f"did you mean `{meant}`?")
    assert found.message == f"there is no planner `{name}`"


@pytest.mark.parametrize("name", ["offline", "none", "gpt-4o", "o1", "llama3", "nano-8b"])
def test_other_planners_are_taken_as_they_are(tmp_path: Path, name: str) -> None:
    assert not [item for item in check(tmp_path, f'story "a day"\n  planner {name}\n') if item.code == "bad-value"]
