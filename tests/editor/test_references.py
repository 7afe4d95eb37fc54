"""Finding where something is named: across files, and no further than the thing itself."""

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.uris import to_fs_path

from tests.material.editor_session import BROKEN, Editor, cut, document, place

CAST = 'character witch "🧙 a witch"\nmotion stirring query "🥣"\n'
STORY = """use "cast.story"

character cat "🐈"

scene one
  witch stirring 0s..3s "🧙 a witch is stirring"
    at 0s left
  cat "🐈🐈" 
  witch flying 3s..6s "🧙"
    at 3s left
scene two
  cat flying
"""
OTHER = 'use "./cast.story"\n\nscene one\n  witch stirring\n  witch flying\n'
STRANGER = 'character witch "another"\n\nscene one\n  witch stirring\n'


@pytest.fixture
def folder(editor: Editor, tmp_path: Path):
    files = {"cast.story": CAST, "other.story": OTHER, "stranger.story": STRANGER}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    editor.folder(tmp_path)
    yield tmp_path
    editor.folder(tmp_path, added=False)


def references(editor: Editor, path: Path, marked: str, *, declarations: bool = True) -> list[str]:
    """The places where something is named, as ``FILE:LINE``, each checked to hold the same text."""
    text, where = place(marked)
    uri = editor.open(path, text, wait=False)
    wanted = types.ReferenceParams(types.ReferenceContext(declarations), document(uri), where)
    found = editor.ask("text_document_references", wanted) or []
    editor.close(uri)
    texts, places = set(), []
    for item in found:
        file = Path(to_fs_path(item.uri))
        texts.add(cut(text if file == path else file.read_text(encoding="utf-8"), item.range))
        places.append(f"{file.name}:{item.range.start.line + 1}")
    assert len({text.strip('"./') for text in texts}) <= 1
    return places


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
class TestReferences:
    def test_a_character_is_found_in_all_files_that_share_it(self, more: str, editor: Editor, folder: Path) -> None:
        marked = STORY.replace("  witch stirring", "  wit|ch stirring") + more

        shared = ["cast.story:1", "other.story:4", "other.story:5"]
        assert references(editor, folder / "story.story", marked) == ["story.story:6", "story.story:9", *shared]
        marked = STORY.replace("  witch stirring", "  wit|ch stirring") + more
        assert "cast.story:1" not in references(editor, folder / "story.story", marked, declarations=False)

    def test_a_motion_is_found_in_all_files_that_share_it(self, more: str, editor: Editor, folder: Path) -> None:
        marked = STORY.replace("stirring 0s", "|stirring 0s") + more

        expected = ["story.story:6", "cast.story:2", "other.story:4"]
        assert references(editor, folder / "story.story", marked) == expected

    def test_what_is_declared_nowhere_is_its_own_files(self, more: str, editor: Editor, folder: Path) -> None:
        marked = STORY.replace("cat flying", "cat fly|ing") + more

        assert references(editor, folder / "story.story", marked) == ["story.story:9", "story.story:12"]

    def test_a_scene_is_its_own_files(self, more: str, editor: Editor, folder: Path) -> None:
        marked = STORY.replace("scene one", "scene on|e") + more

        assert references(editor, folder / "story.story", marked) == ["story.story:5"]

    def test_a_place_is_found_in_its_file(self, more: str, editor: Editor, folder: Path) -> None:
        marked = STORY.replace("0s left", "0s lef|t") + more

        assert references(editor, folder / "story.story", marked) == ["story.story:7", "story.story:10"]

    def test_a_file_is_found_where_it_is_used(self, more: str, editor: Editor, folder: Path) -> None:
        marked = STORY.replace('"cast.story"', '"cas|t.story"') + more

        assert references(editor, folder / "story.story", marked) == ["story.story:1", "other.story:1"]


def test_from_the_declaration_all_uses_are_found(editor: Editor, folder: Path) -> None:
    (folder / "story.story").write_text(STORY, encoding="utf-8")
    found = references(editor, folder / "cast.story", CAST.replace("character witch", "character w|itch"))

    assert found == ["cast.story:1", "other.story:4", "other.story:5", "story.story:6", "story.story:9"]


def test_a_line_that_cannot_be_read_counts(editor: Editor, folder: Path) -> None:
    marked = STORY.replace("  witch stirring 0s..3s", "  wit|ch stirring 0s..[")

    assert references(editor, folder / "story.story", marked)[:2] == ["story.story:6", "story.story:9"]


def test_a_text_that_was_never_saved_counts(editor: Editor, folder: Path) -> None:
    editor.open(folder / "unsaved.story", 'use "cast.story"\nscene a\n  witch\n')
    text, where = place(CAST.replace("witch", "wit|ch", 1))
    uri = editor.open(folder / "cast.story", text)
    wanted = types.ReferenceParams(types.ReferenceContext(False), document(uri), where)

    found = editor.ask("text_document_references", wanted)
    assert {Path(to_fs_path(item.uri)).name for item in found} == {"other.story", "unsaved.story"}


def test_in_the_text_itself_they_are_highlighted(editor: Editor, folder: Path) -> None:
    text, where = place(STORY.replace('  cat "🐈🐈"', '  ca|t "🐈🐈"') + BROKEN)
    uri = editor.open(folder / "story.story", text)

    found = editor.ask("text_document_document_highlight", types.DocumentHighlightParams(document(uri), where))
    kinds = types.DocumentHighlightKind
    assert [(cut(text, item.range), item.range.start.line, item.kind) for item in found] == [
        ("cat", 2, kinds.Write),
        ("cat", 7, kinds.Read),
        ("cat", 11, kinds.Read),
    ]
