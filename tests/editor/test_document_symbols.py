"""Symbols: the tree of one text, the names of the whole workspace, and the scene around a line."""

from pathlib import Path

import pytest
from lsprotocol import types

from dreamrunner.editor.server import SCENE_COMMAND
from tests.material.editor_session import BROKEN, Editor, cut, document

STORY = """# 🧙 a story
use "cast.story"

story "🌙 A Day"
  topic "one day 🐈"

character cat
  looks "🐈 a cat"
prop pot "🥣"
motion stirring query "🥣 stirring"

scene one
  narration \"\"\"
    The cat 🐈 sleeps.
    \"\"\"

  cat sleeping 0s..3s "🐈"
    at 0s left
    at 1s right
  pot
# between
scene two
  cat
"""
Kinds = types.SymbolKind


def symbols(editor: Editor, path: Path, text: str) -> list[types.DocumentSymbol]:
    uri = editor.open(path, text, wait=False)
    found = editor.ask("text_document_document_symbol", types.DocumentSymbolParams(document(uri)))
    editor.close(uri)
    return list(found)


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_blocks_and_their_beats_make_a_tree(more: str, editor: Editor, tmp_path: Path) -> None:
    text = STORY + more
    found = symbols(editor, tmp_path / "story.story", text)

    assert [(item.name, item.detail, item.kind) for item in found][:6] == [
        ("🌙 A Day", "one day 🐈", Kinds.File),
        ("cat", "🐈 a cat", Kinds.Class),
        ("pot", "🥣", Kinds.Object),
        ("stirring", "🥣 stirring", Kinds.Method),
        ("one", "2 beats", Kinds.Namespace),
        ("two", "1 beat", Kinds.Namespace),
    ]
    assert [item.name for item in found[6:]] == (["broken"] if more else [])
    assert cut(text, found[4].range) == STORY[STORY.index("scene one") : STORY.index("\n# between")]
    beats = found[4].children
    assert [(item.name, item.detail) for item in beats] == [("cat sleeping", "0s..3s"), ("pot", None)]
    assert cut(text, beats[0].range).endswith("at 1s right")


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_each_symbol_holds_its_name_and_its_children(more: str, editor: Editor, tmp_path: Path) -> None:
    text = STORY + more

    def check(item: types.DocumentSymbol, outer: types.Range) -> None:
        name = cut(text, item.selection_range).strip('"')
        assert item.name.startswith(name) and name
        ends = [(place.line, place.character) for place in (outer.start, item.range.start, item.selection_range.start)]
        assert ends == sorted(ends)
        ends = [(place.line, place.character) for place in (item.selection_range.end, item.range.end, outer.end)]
        assert ends == sorted(ends)
        for child in item.children or []:
            check(child, item.range)

    whole = types.Range(types.Position(0, 0), types.Position(10**6, 0))
    for item in symbols(editor, tmp_path / "story.story", text):
        check(item, whole)


def test_the_workspace_is_searched_by_letters_in_order(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "cast.story").write_text('# 🧙\ncharacter witch "🧙"\n  broken [\nmotion stirring\n', encoding="utf-8")
    (tmp_path / "deep" / "other.story").write_text('scene garden\n  narration "oh\n', encoding="utf-8")
    editor.folder(tmp_path)
    uri = editor.open(tmp_path / "new.story", "# 🧙🧙\nscene unsaved-garden\n" + BROKEN)

    def search(query: str) -> list[tuple[str, str]]:
        found = editor.ask("workspace_symbol", types.WorkspaceSymbolParams(query))
        return [(item.name, item.container_name) for item in found]

    assert search("garden") == [("garden", "other.story"), ("unsaved-garden", "new.story")]
    assert search("GRDN") == [("garden", "other.story"), ("unsaved-garden", "new.story")]
    assert search("wtch") == [("witch", "cast.story")]
    assert {"witch", "stirring", "garden", "unsaved-garden", "broken"} == {name for name, _ in search("")}
    assert search("xyz") == []
    (found,) = editor.ask("workspace_symbol", types.WorkspaceSymbolParams("unsaved"))
    assert found.location.uri == uri and cut("# 🧙🧙\nscene unsaved-garden\n", found.location.range) == "unsaved-garden"
    editor.folder(tmp_path, added=False)


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_the_scene_around_a_line_is_told(more: str, editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "story.story", STORY + more)

    def at(line: int) -> str | None:
        return editor.ask("workspace_execute_command", types.ExecuteCommandParams(SCENE_COMMAND, [uri, line]))

    lines = STORY.split("\n")
    expected = {"scene one": "one", "    at 1s right": "one", "  cat": "two", "": None, 'prop pot "🥣"': None}
    assert {line: at(lines.index(line)) for line in expected} == expected
    assert at((STORY + more).count("\n")) == ("broken" if more else "two")
    assert at(10**6) is None
