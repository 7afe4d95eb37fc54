"""Inlay hints: the spans and boxes that the planner fills, where they would stand."""

import re
from pathlib import Path

import pytest
from lsprotocol import types

from dreamrunner.language import check_text
from dreamrunner.planning import PlannedBeat, plan_file, plan_story
from tests.material.editor_session import BROKEN, Editor, document, edited

STORY = """# 🧙
character cat "🐈"
character witch "🧙"
prop pot "🥣"

scene one
  background "🌙 a garden"
  narration "🌙 The witch jumps while the cat sleeps."

  cat sleeping # 🐈
    at 0s left
  witch "🧙🧙"
  pot 0s..2s "🥣🥣"
scene two
  narration "🐈 The cat sleeps."
"""
EVERYWHERE = types.Range(types.Position(0, 0), types.Position(10**6, 0))


def hints(editor: Editor, path: Path, text: str, span: types.Range = EVERYWHERE) -> list[types.InlayHint]:
    uri = editor.open(path, text)
    found = editor.ask("text_document_inlay_hint", types.InlayHintParams(document(uri), span)) or []
    editor.close(uri)
    return list(found)


def shown(text: str, found: list[types.InlayHint]) -> list[str]:
    """The lines that have hints, as an editor shows them."""
    lines = text.split("\n")
    told = []
    for row in sorted({item.position.line for item in found}):
        own = [item for item in found if item.position.line == row]
        edits = [types.TextEdit(types.Range(item.position, item.position), f" ‹{item.label}›") for item in own]
        for edit in edits:
            edit.range = types.Range(
                types.Position(0, edit.range.start.character), types.Position(0, edit.range.end.character)
            )
        told.append(edited(lines[row], edits))
    return told


def written(beat: PlannedBeat) -> str:
    """A beat's first and last key frame, as a hint gives them."""
    boxes = [f"[{frame.box.x0:g} {frame.box.y0:g} {frame.box.x1:g} {frame.box.y1:g}]" for frame in beat.keyframes]
    start, end = beat.keyframes[0], beat.keyframes[-1]
    return f"at {start.at:g}s {boxes[0]}" + (f" → {end.at:g}s {boxes[-1]}" if boxes[0] != boxes[-1] else "")


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_spans_and_boxes_stand_where_they_would_be_written(
    more: str, newline: str, editor: Editor, tmp_path: Path
) -> None:
    path = tmp_path / "story.story"
    plan = plan_story(check_text(STORY, path).story).plan
    cat, witch, pot = plan.scenes[0].beats
    (later,) = plan.scenes[1].beats

    found = hints(editor, path, (STORY + more).replace("\n", newline))
    assert shown(STORY + more, found) == [
        f"  cat sleeping ‹{cat.start:g}s..{cat.end:g}s› # 🐈",
        f'  witch ‹{witch.motion} {witch.start:g}s..{witch.end:g}s› "🧙🧙" ‹{written(witch)}›',
        f'  pot 0s..2s "🥣🥣" ‹{written(pot)}›',
        f"scene two ‹cat {later.motion} {later.start:g}s..{later.end:g}s›",
    ]
    assert all("filled by offline" in item.tooltip for item in found)
    boxes = next(item for item in found if item.label.startswith("at "))
    assert boxes.tooltip.count("\nat ") == len(witch.keyframes)
    assert boxes.tooltip.endswith("\nfrom the words “The witch jumps”")
    assert found[-1].tooltip.endswith("\ncat sleeping 0s..6s, from the words “The cat sleeps”")


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_accepting_one_writes_it(more: str, editor: Editor, tmp_path: Path) -> None:
    found = hints(editor, tmp_path / "story.story", STORY + more)

    text = edited(STORY + more, [edit for item in found for edit in item.text_edits or []])
    assert check_text(text.removesuffix(more) if more else text, tmp_path / "story.story").diagnostics == ()
    assert "  cat sleeping 0s..6s # 🐈" in text and 's "🧙🧙"' in text
    again = hints(editor, tmp_path / "story.story", text)
    assert [item.label for item in again] == [item.label for item in found if not item.text_edits]


def test_only_the_lines_that_are_seen_are_told(editor: Editor, tmp_path: Path) -> None:
    span = types.Range(types.Position(9, 0), types.Position(11, 0))

    assert [item.position.line for item in hints(editor, tmp_path / "story.story", STORY, span)] == [9, 11, 11]


def test_where_all_is_written_nothing_is_hinted(editor: Editor, tmp_path: Path) -> None:
    text = 'character cat "🐈"\nscene one\n  cat sleeping 0s..6s\n    at 0s left\n'

    assert hints(editor, tmp_path / "story.story", text) == []


@pytest.mark.parametrize("planner", ["none", '"gpt-4o"'])
def test_what_nobody_has_filled_is_not_hinted(planner: str, editor: Editor, tmp_path: Path) -> None:
    text = f'story "🌙"\n  planner {planner}\n{STORY}'

    assert hints(editor, tmp_path / "story.story", text) == []


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_a_fill_that_is_kept_beside_the_story_is_hinted(more: str, editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "story.story"
    path.write_text(STORY, encoding="utf-8")
    filled = plan_file(path)
    head, tail = filled.text.split('"🧙🧙"\n')
    edit = re.sub(r"\[.*?\]", "[0.01 0.02 0.3 0.4]", tail, count=1)
    filled.target.write_text(f'{head}"🧙🧙"\n{edit}', encoding="utf-8")

    found = hints(editor, path, STORY + more)
    (boxes,) = [item for item in found if item.label.startswith("at 0s [0.01 0.02 0.3 0.4]")]
    assert boxes.tooltip.startswith("filled by hand")


def test_a_scene_that_is_begun_beside_a_topic_brings_no_others(editor: Editor, tmp_path: Path) -> None:
    text = 'story "🌙"\n  topic "a day of 🐈"\ncharacter cat "🐈"\nscene one\n  cat [\n'

    assert hints(editor, tmp_path / "story.story", text) == []


def test_a_scene_as_long_as_its_narration_says_how_long(editor: Editor, tmp_path: Path) -> None:
    told = '  narration "The cat sleeps on its soft bed, all day."\n'
    text = 'character cat "\U0001f408"\nscene one\n  duration auto # !\n' + told
    found = hints(editor, tmp_path / "story.story", text + "  cat sleeping 0s..1s\n")
    assert shown(text, found)[0] == "  duration auto \u20392.4s\u203a # !"
    assert found[0].tooltip == "the narration takes 2.4s to read" and not found[0].text_edits
