"""Going to a definition: for every kind of name, across files, on unsaved and on broken text."""

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.uris import to_fs_path

from tests.material.editor_session import BROKEN, Editor, cut, document, place

CAST = '# 🧙🧙\ncharacter witch "🧙 a witch"\nmotion stirring query "🥣 is stirring"\nprop pot "a pot 🥣"\n'
STORY = """use "cast.story"

character witch looks "🧙 a witch in winter"
character cat images "refs/*.png"

scene one
  narration "🧙 The witch stirs."

  witch stirring 0s..3s "🧙"
    at 0s left
  pot "🥣 a pot"
  cat "🐈" dancing
  cat leaping
scene two
  cat leaping
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    (tmp_path / "refs").mkdir()
    for name in ("refs/a.png", "refs/b.png"):
        (tmp_path / name).touch()
    (tmp_path / "cast.story").write_text(CAST, encoding="utf-8")
    return tmp_path / "story.story"


def definition(editor: Editor, path: Path, marked: str) -> list[tuple[str, str, int]]:
    """Where a definition leads: the file's name, the text there, and its line from 1."""
    text, where = place(marked)
    uri = editor.open(path, text, wait=False)
    found = editor.ask("text_document_definition", types.DefinitionParams(document(uri), where)) or []
    editor.close(uri)
    told = []
    for item in found:
        file = Path(to_fs_path(item.uri))
        whole = text if file == path else file.read_text(encoding="utf-8") if file.suffix == ".story" else ""
        told.append((file.name, cut(whole, item.range) if whole else "", item.range.start.line + 1))
    return told


PLACES_IN_STORY = {
    "a prop of a used file": ("  |pot", [("cast.story", "pot", 4)]),
    "a motion of a used file": ("witch stir|ring", [("cast.story", "stirring", 3)]),
    "a character that is declared again": ("  wit|ch stir", [("story.story", "witch", 3), ("cast.story", "witch", 2)]),
    "the cursor behind the name": ("  witch| stir", [("story.story", "witch", 3), ("cast.story", "witch", 2)]),
    "a declaration itself": ("character ca|t", [("story.story", "cat", 4)]),
    "a motion that is declared nowhere": ("two\n  cat leap|ing", [("story.story", "leaping", 13)]),
    "a scene": ("scene tw|o", [("story.story", "two", 14)]),
    "a used file": ('use "ca|st.story"', [("cast.story", "", 1)]),
    "photos": ('images "refs/|*.png"', [("a.png", "", 1), ("b.png", "", 1)]),
    "a place, which the language has": ("0s le|ft", []),
    "a text": ("The wit|ch stirs", []),
    "a word of the language": ("scen|e one", []),
}


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
@pytest.mark.parametrize("case", PLACES_IN_STORY)
def test_each_kind_of_name_leads_to_its_declaration(case: str, more: str, editor: Editor, story: Path) -> None:
    marked, expected = PLACES_IN_STORY[case]

    text = STORY.replace('cat "🐈" dancing', 'cat "🐈"').replace(marked.replace("|", ""), marked)
    assert definition(editor, story, text + more) == expected


def test_a_name_on_a_line_that_cannot_be_read_leads_on(editor: Editor, story: Path) -> None:
    assert definition(editor, story, STORY.replace('cat "🐈"', 'c|at "🐈"')) == [("story.story", "cat", 4)]
    broken = STORY.replace('witch stirring 0s..3s "🧙"', 'witch stir|ring 0s..[ "🧙"')
    assert definition(editor, story, broken) == [("cast.story", "stirring", 3)]


def test_an_unsaved_text_is_where_it_leads(editor: Editor, story: Path) -> None:
    story.with_name("cast.story").write_text("\n\n" + CAST, encoding="utf-8")
    cast = editor.open(story.with_name("cast.story"))
    story.with_name("cast.story").write_text("# saved before\n" * 9, encoding="utf-8")

    text, where = place(STORY.replace("  pot", "  po|t"))
    uri = editor.open(story, text)
    (found,) = editor.ask("text_document_definition", types.DefinitionParams(document(uri), where))
    assert (found.uri, cut("\n\n" + CAST, found.range)) == (cast, "pot")


def test_a_file_alone_without_a_folder_is_enough(editor: Editor, tmp_path: Path) -> None:
    text = 'character cat "🐈"\nscene one\n  c|at\n'
    assert definition(editor, tmp_path / "never saved.story", text) == [("never saved.story", "cat", 1)]


def test_no_file_outside_the_folder_is_reached(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "secret.png").touch()
    (tmp_path / "story").mkdir()
    text = 'character cat images "../sec|ret.png"\n'

    assert definition(editor, tmp_path / "story" / "story.story", text) == []
