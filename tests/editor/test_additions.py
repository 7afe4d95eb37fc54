"""Locations, one made from another, and sides of the picture, as an editor knows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from tests.material.editor_session import Editor, changes, cut, document, edited, place

CAST = 'location kitchen "a cosy kitchen"\ncharacter witch "a witch"\n'
STORY = """use "cast.story"

character crone from witch
  looks "an old witch"
location cellar from kitchen "a dark kitchen"
location attic
  images "refs/*.png"

scene one
  in kitchen

  witch walking
    enters left
    leaves right
scene two
  in cellar
  takes 4

  crone sitting
scene three
  in attic
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    (tmp_path / "cast.story").write_text(CAST)
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs" / "1.png").touch()
    return tmp_path / "story.story"


def ask(editor: Editor, path: Path, marked: str, name: str, params: type) -> tuple[str, object]:
    text, where = place(marked)
    uri = editor.open(path, text)
    try:
        return text, editor.ask(name, params(document(uri), where))
    finally:
        editor.close(uri)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("  in |", ["attic", "cellar", "kitchen"]),
        ("  witch walking\n    enters |", ["bottom", "left", "right", "top"]),
        ("  witch walking\n    leaves |", ["bottom", "left", "right", "top"]),
        ("  witch walking\n    |", ["at", "enters", "leaves", "says"]),
    ],
)
def test_what_can_stand_in_a_scene(before: str, expected: list[str], editor: Editor, story: Path) -> None:
    marked = f"{STORY}scene four\n{before}\n"
    _, found = ask(editor, story, marked, "text_document_completion", types.CompletionParams)
    assert sorted(item.label for item in found.items) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [("character one from |", ["crone", "witch"]), ("location one from |", ["attic", "cellar", "kitchen"])],
)
def test_what_can_stand_behind_from(line: str, expected: list[str], editor: Editor, story: Path) -> None:
    _, found = ask(editor, story, f"{STORY}\n{line}", "text_document_completion", types.CompletionParams)
    assert sorted(item.label for item in found.items) == expected


def test_words_of_a_scene_and_of_the_first_column_are_offered(editor: Editor, story: Path) -> None:
    _, found = ask(editor, story, f"{STORY}  |", "text_document_completion", types.CompletionParams)
    assert {"in", "takes"} <= {item.label for item in found.items}
    _, found = ask(editor, story, f"{STORY}|", "text_document_completion", types.CompletionParams)
    assert "location" in {item.label for item in found.items}


@pytest.mark.parametrize(
    ("marked", "about", "told"),
    [
        ("  in kit|chen", "kitchen", ["**location** `kitchen`", "a cosy kitchen"]),
        ("location cel|lar", "cellar", ["**location** `cellar`", "a dark kitchen"]),
        ("location at|tic", "attic", ["*no looks told*", "1 photo: a LoRA is trained", "not trained yet"]),
        ("crone fr|om witch", "from", ["what this doesn't say itself is that one's"]),
        ("crone from wit|ch", "witch", ["**character** `witch`"]),
        ("enters le|ft", "left", ["**side** `left` of the picture"]),
        ("  en|ters left", "enters", ["by which side of the picture it comes in"]),
        ("  ta|kes 4", "takes", ["how many films of the scene"]),
        ("  i|n cellar", "in", ["the location where the scene is"]),
        ("loca|tion attic", "location", ["a place that looks alike"]),
    ],
)
def test_hovers(marked: str, about: str, told: list[str], editor: Editor, story: Path) -> None:
    found = STORY.replace(marked.replace("|", ""), marked, 1)
    assert "|" in found
    text, hover = ask(editor, story, found, "text_document_hover", types.HoverParams)
    assert hover is not None and cut(text, hover.range) == about
    assert all(each in hover.contents.value for each in told), hover.contents.value


@pytest.mark.parametrize(
    ("marked", "file", "line"),
    [("  in kit|chen", "cast.story", 1), ("from kit|chen", "cast.story", 1), ("  in at|tic", "story.story", 6)],
)
def test_definitions(marked: str, file: str, line: int, editor: Editor, story: Path) -> None:
    found = STORY.replace(marked.replace("|", ""), marked, 1)
    _, places = ask(editor, story, found, "text_document_definition", types.DefinitionParams)
    assert [(Path(to_fs_path(each.uri)).name, each.range.start.line + 1) for each in places] == [(file, line)]


def rename(editor: Editor, path: Path, marked: str, new: str) -> dict[str, str]:
    text, where = place(marked)
    uri = editor.open(path, text)
    try:
        edit = editor.ask("text_document_rename", types.RenameParams(document(uri), where, new))
    finally:
        editor.close(uri)
    texts = {"story.story": text, "cast.story": CAST}
    found = changes(edit) if edit is not None else {}
    return {name: edited(texts[name], edits) for name, edits in found.items()}


@pytest.fixture
def folder(editor: Editor, story: Path):
    editor.folder(story.parent)
    yield story.parent
    editor.folder(story.parent, added=False)


def test_a_location_is_renamed_wherever_it_is_named(editor: Editor, folder: Path) -> None:
    found = rename(editor, folder / "story.story", STORY.replace("  in kit", "  in ki|t"), "cookery")
    assert found == {
        "story.story": STORY.replace("in kitchen", "in cookery").replace("from kitchen", "from cookery"),
        "cast.story": CAST.replace("location kitchen", "location cookery"),
    }


def test_a_character_is_renamed_where_another_is_made_from_it(editor: Editor, folder: Path) -> None:
    found = rename(editor, folder / "story.story", STORY.replace("  witch walk", "  wi|tch walk"), "hexe")
    assert "character crone from hexe" in found["story.story"] and "  hexe walking" in found["story.story"]
    assert "character hexe" in found["cast.story"]


@pytest.mark.parametrize(("marked", "new"), [("  in kit|chen", "witch"), ("  wit|ch walking", "cellar")])
def test_names_of_other_kinds_are_taken_too(marked: str, new: str, editor: Editor, folder: Path) -> None:
    with pytest.raises(JsonRpcException, match="already has a"):
        rename(editor, folder / "story.story", STORY.replace(marked.replace("|", ""), marked, 1), new)


def test_sides_are_not_renamed(editor: Editor, folder: Path) -> None:
    assert rename(editor, folder / "story.story", STORY.replace("enters left", "enters le|ft"), "right") == {}


def test_locations_are_symbols(editor: Editor, story: Path) -> None:
    uri = editor.open(story, STORY)
    found = editor.ask("text_document_document_symbol", types.DocumentSymbolParams(document(uri)))
    editor.close(uri)
    assert [item.name for item in found if item.kind is types.SymbolKind.Struct] == ["cellar", "attic"]


def test_a_location_that_is_not_declared_can_be(editor: Editor, story: Path) -> None:
    text = STORY.replace("in attic", "in tower")
    uri = editor.open(story, text)
    found = [item for item in editor.wait(uri) if item.code == "unknown-location"]
    asked = types.CodeActionParams(document(uri), found[0].range, types.CodeActionContext(found))
    actions = editor.ask("text_document_code_action", asked)
    editor.close(uri)
    (declare,) = (action for action in actions if action.title == "Declare location `tower`")
    ((_, edits),) = changes(declare.edit).items()
    assert edited(text, edits) == text.replace("\nscene one", 'location tower "tower"\n\nscene one')
