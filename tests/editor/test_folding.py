"""Folding: blocks, beats, long texts, comments and uses, by the indentation alone."""

import re
from pathlib import Path

import pytest
from lsprotocol import types

from tests.material.editor_session import Editor, document

# Each `<` begins a fold and each `>` ends the one that was begun last.
FOLDED = """\
# 🧙 one              <comment
# two                 >
use "a.story"         <imports
use "b.story"         >

story "🌙"            <
  topic "🐈"          >

character cat "🐈"
character witch       <
  looks "🧙"          >

scene one             <
  narration \"\"\"       <
    🐈 sleeps
    \"\"\"               >

  cat sleeping        <
    at 0s left
    # here 🐈
    at 1s right       >
  witch               >
# before
scene two             <
  cat [               <
    nonsense 🐈 ]
    at 1s left        >
  narration "oh
  cat                 <
    at                >>
nonsense              <
  cat                 >
"""


def folds(marked: str) -> list[tuple[int, int, str | None]]:
    """The first line, the last and the kind of each marked fold, by the first."""
    found, begun = [], []
    for number, line in enumerate(marked.splitlines()):
        _, mark, kind = line.partition("<")
        if mark:
            begun.append((number, kind or None))
        for _ in range(line.count(">")):
            start, kind = begun.pop()
            found.append((start, number, kind))
    return sorted(found)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_what_belongs_together_folds(newline: str, editor: Editor, tmp_path: Path) -> None:
    text = newline.join(re.sub(" *[<>].*", "", line) for line in FOLDED.splitlines())
    uri = editor.open(tmp_path / "folded.story", text, wait=False)
    found = editor.ask("text_document_folding_range", types.FoldingRangeParams(document(uri)))

    assert [(item.start_line, item.end_line, item.kind) for item in found] == folds(FOLDED)


@pytest.mark.parametrize("text", ["", "# alone\n", "scene one\n", 'scene one\n  narration """\n'])
def test_nothing_folds_where_nothing_is_under_anything(text: str, editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "short.story", text, wait=False)
    found = editor.ask("text_document_folding_range", types.FoldingRangeParams(document(uri)))

    assert [(item.start_line, item.end_line) for item in found] == ([(0, 2), (1, 2)] if "narration" in text else [])
