"""Formatting: the whole text as `fmt` writes it, a selection, and of a broken text what can be read."""

from pathlib import Path

import pytest
from lsprotocol import types

from dreamrunner.language.formatter import format_text
from tests.language.test_formatter import CASES, case
from tests.material.editor_session import BROKEN, Editor, document, edited

OPTIONS = types.FormattingOptions(8, False)  # an editor's own wishes, which the language has none of
UGLY = """# 🧙
character   cat   "🐈"   # 🐈
prop pot   looks   "🥣"
scene one
    background   "🌙"
    cat   sleeping   0s..3s   "🐈🐈"
          at 0s  [0.1,0.2,.5,0.9]   # 🐈
scene two
      cat   0s..1s
# 🧙 last


"""


def formatted(editor: Editor, path: Path, text: str) -> tuple[str, list[types.TextEdit]]:
    uri = editor.open(path, text, wait=False)
    edits = editor.ask("text_document_formatting", types.DocumentFormattingParams(document(uri), OPTIONS)) or []
    editor.close(uri)
    return edited(text, edits), list(edits)


def selected(editor: Editor, path: Path, text: str, first: tuple[int, int], last: tuple[int, int]) -> str:
    uri = editor.open(path, text, wait=False)
    span = types.Range(types.Position(*first), types.Position(*last))
    asked = types.DocumentRangeFormattingParams(document(uri), span, OPTIONS)
    edits = editor.ask("text_document_range_formatting", asked)
    editor.close(uri)
    return edited(text, edits)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_the_whole_text_is_as_fmt_writes_it(newline: str, editor: Editor, tmp_path: Path) -> None:
    texts = [*(case(path)[0] for path in CASES), UGLY, UGLY.rstrip("\n"), UGLY.replace("    ", "\t")]
    for text in texts:
        text = text.replace("\n", newline)
        expected = format_text(text, tmp_path / "x.story").text
        assert expected is not None
        assert formatted(editor, tmp_path / "x.story", text)[0] == expected
        assert formatted(editor, tmp_path / "x.story", expected)[1] == []


def test_only_what_changes_is_touched(editor: Editor, tmp_path: Path) -> None:
    text = format_text(UGLY, tmp_path / "x.story").text
    (edit,) = formatted(editor, tmp_path / "x.story", text.replace("cat 0s..1s", "cat   0s..1s"))[1]

    line = text[: text.index("  cat 0s..1s")].count("\n")
    assert (edit.range.start, edit.range.end) == (types.Position(line, 0), types.Position(line + 1, 0))


def test_of_a_broken_text_the_blocks_that_can_be_read_are_formatted(editor: Editor, tmp_path: Path) -> None:
    wrong = 'scene   wrong\n    cat   [   0s\n    narration   "🐈\n\n\n'
    text = UGLY.replace("scene two", f"{wrong}scene two") + BROKEN

    found, _ = formatted(editor, tmp_path / "x.story", text)
    assert wrong in found and found.endswith(BROKEN)
    assert 'character cat "🐈"  # 🐈\nprop pot looks "🥣"\n' in found
    assert '  cat sleeping 0s..3s "🐈🐈"\n    at 0s [0.1 0.2 0.5 0.9]  # 🐈\n' in found
    assert "scene two\n  cat 0s..1s\n# 🧙 last\n" in found


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_a_selection_is_formatted_by_blocks(more: str, editor: Editor, tmp_path: Path) -> None:
    text = UGLY + more
    one = 'scene one\n  background "🌙"\n  cat sleeping 0s..3s "🐈🐈"\n    at 0s [0.1 0.2 0.5 0.9]  # 🐈\n'
    start, end = UGLY.index("scene one"), UGLY.index("scene two")
    expected = text[:start] + one + text[end:]

    assert selected(editor, tmp_path / "x.story", text, (4, 3), (4, 3)) == expected
    assert selected(editor, tmp_path / "x.story", text, (5, 0), (6, 20)) == expected
    # What ends where a line begins does not reach into it.
    assert selected(editor, tmp_path / "x.story", text, (3, 0), (7, 0)) == expected
    both = selected(editor, tmp_path / "x.story", text, (3, 0), (7, 2))
    assert both == expected.replace("scene two\n      cat   0s..1s", "scene two\n  cat 0s..1s")


def test_a_selection_in_a_block_that_cannot_be_read_changes_nothing(editor: Editor, tmp_path: Path) -> None:
    text = UGLY + BROKEN
    line = text.count("\n") - 2

    assert selected(editor, tmp_path / "x.story", text, (line, 0), (line, 3)) == text


@pytest.mark.parametrize("text", ["", "\n\n", "# 🧙\n", "🧙"])
def test_what_says_nothing_is_left(text: str, editor: Editor, tmp_path: Path) -> None:
    assert formatted(editor, tmp_path / "x.story", text)[0] == text
