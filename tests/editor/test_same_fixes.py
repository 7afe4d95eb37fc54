"""The editor's quick fixes are those of ``check --fix``: the same words, the same text afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from dreamrunner.language import check_text, diagnostics
from dreamrunner.language.examples import MAIN, example
from dreamrunner.language.fixing.applying import changed
from dreamrunner.language.fixing.fixes import fixes
from dreamrunner.planning.mending import mended
from tests.material.editor_session import Editor, changes, document, edited

FIXABLE = [code for code in diagnostics.codes() if diagnostics.entry(code).fix and code != "unused-ignore"]


@pytest.mark.parametrize("code", FIXABLE)
def test_what_is_offered_is_what_check_would_do(code: str, editor: Editor, tmp_path: Path) -> None:
    wrong = example(diagnostics.entry(code), "Wrong")
    for file in wrong.files:
        (tmp_path / file.name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.name).write_bytes(file.content)
    path = tmp_path / MAIN
    text = path.read_text(encoding="utf-8")
    checked = check_text(text, path)
    assert checked.parsed is not None
    [item] = [each for each in checked.diagnostics if each.code == code]
    uri = editor.open(path, text)
    row = item.location.line - 1
    where = types.Range(types.Position(row, 0), types.Position(row, 0))
    asked = types.CodeActionParams(document(uri), where, types.CodeActionContext([], only=["quickfix"]))
    offered = editor.ask("text_document_code_action", asked)
    own = list(fixes(item, checked.parsed.syntax))
    assert [each.title for each in offered] == [fix.title for fix in own]
    for action, fix in zip(offered, own, strict=True):
        ((_, edits),) = changes(action.edit).items()
        assert edited(text, edits) == changed(text, fix.changes)
    editor.close(uri)


def test_all_that_is_safe_is_mended_on_saving_where_that_is_asked_for(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / MAIN
    text = 'story "\U0001f408"\n  sede 7\n\nscene a\n\tduration 6\n  # ignore: unused so\n\tcamera "slow"\n'
    uri = editor.open(path, text)
    where = types.Range(types.Position(0, 0), types.Position(0, 0))

    def offered(*kinds: str) -> list[types.CodeAction]:
        context = types.CodeActionContext([], only=list(kinds))
        found = editor.ask("text_document_code_action", types.CodeActionParams(document(uri), where, context))
        return [action for action in found if action.kind == "source.fixAll"]

    assert offered() == offered("quickfix") == []
    for kind in ("source", "source.fixAll"):
        [action] = offered(kind)
        ((_, edits),) = changes(action.edit).items()
        assert edited(text, edits) == mended(text, path).text != text
    editor.close(uri)
    uri = editor.open(path, "scene a\n")
    assert offered("source.fixAll") == []
