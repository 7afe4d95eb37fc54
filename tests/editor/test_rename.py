"""Renaming: every kind of name, in every file that means the same thing, and nothing else."""

import re
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from dreamrunner.language import check_text, read_story
from dreamrunner.planning import plan_file
from tests.material.editor_session import BROKEN, Editor, changes, document, edited, place

CAST = '# 🧙 the witch\ncharacter witch "🧙 a witch"\nmotion stirring query "🥣 witch stirring"\nprop pot "a pot"\n'
STORY = """use "cast.story"

character cat "🐈"

scene one
  narration "The witch stirs: stirring is what a witch does."

  witch stirring 0s..3s "🧙 a witch is stirring"
    at 0s left
  pot "🥣"
  cat "🐈🐈"
  witch flying 3s..6s "🧙"
scene two
  cat flying
  witch stirring
"""
OTHER = 'use "cast.story"\n\nscene one\n  witch stirring\n  pot\n  witch flying\n'
FILES = {"cast.story": CAST, "other.story": OTHER}


@pytest.fixture
def folder(editor: Editor, tmp_path: Path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    editor.folder(tmp_path)
    yield tmp_path
    editor.folder(tmp_path, added=False)


def rename(editor: Editor, path: Path, marked: str, new: str) -> dict[str, str]:
    """The texts of the files that a rename changes, as they are then."""
    text, where = place(marked)
    uri = editor.open(path, text, wait=False)
    try:
        edit = editor.ask("text_document_rename", types.RenameParams(document(uri), where, new))
    finally:
        editor.close(uri)
    if edit is None:
        return {}
    texts = {path.name: text}
    for item in edit.document_changes:
        file = Path(to_fs_path(item.text_document.uri))
        if file != path:
            texts[file.name] = file.read_text(encoding="utf-8")
        assert item.text_document.version == (1 if file == path else None)
    return {name: edited(texts[name], edits) for name, edits in changes(edit).items()}


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
class TestRename:
    def test_a_character_everywhere_and_no_word_of_a_text(self, more: str, editor: Editor, folder: Path) -> None:
        found = rename(editor, folder / "story.story", STORY.replace("  witch st", "  wi|tch st", 1) + more, "hexe")

        assert found == {
            "story.story": STORY.replace("  witch ", "  hexe ") + more,
            "cast.story": CAST.replace("character witch", "character hexe"),
            "other.story": OTHER.replace("  witch ", "  hexe "),
        }

    def test_a_prop(self, more: str, editor: Editor, folder: Path) -> None:
        found = rename(editor, folder / "story.story", STORY.replace("  pot", "  pot|") + more, "kettle")

        assert found == {
            "story.story": STORY.replace("  pot", "  kettle") + more,
            "cast.story": CAST.replace("prop pot", "prop kettle"),
            "other.story": OTHER.replace("  pot", "  kettle"),
        }

    def test_a_motion(self, more: str, editor: Editor, folder: Path) -> None:
        found = rename(editor, folder / "story.story", STORY.replace("stirring 0s", "|stirring 0s") + more, "mixing")

        assert found == {
            "story.story": STORY.replace("  witch stirring", "  witch mixing") + more,
            "cast.story": CAST.replace("motion stirring", "motion mixing"),
            "other.story": OTHER.replace("stirring", "mixing"),
        }

    def test_a_motion_that_is_declared_nowhere(self, more: str, editor: Editor, folder: Path) -> None:
        found = rename(editor, folder / "story.story", STORY.replace("cat flying", "cat fly|ing") + more, "soaring")

        assert found == {"story.story": STORY.replace("flying", "soaring") + more}

    def test_a_scene(self, more: str, editor: Editor, folder: Path) -> None:
        found = rename(editor, folder / "story.story", STORY.replace("scene one", "scene o|ne") + more, "first-one")

        assert found == {"story.story": STORY.replace("scene one", "scene first-one") + more}

    @pytest.mark.parametrize(
        ("marked", "new", "problem"),
        [
            ("  wi|tch stirring 0s", "two words", "`two words` is no name: a name is one word, as `two-words`"),
            (
                "  wi|tch stirring 0s",
                "Zoë",
                "`Zoë` is no name: names are written in the letters a to z, digits, `-` and",
            ),
            ("  wi|tch stirring 0s", "3d", "`3d` is no name: a name starts with a letter and holds letters, digits,"),
            ("  wi|tch stirring 0s", "", "`` is no name"),
            ("  wi|tch stirring 0s", "scene", "`scene` is a word of the language"),
            ("  wi|tch stirring 0s", "camera", "`camera` is a word of the language"),
            ("  wi|tch stirring 0s", "cat", "story.story:3 already has a character or prop `cat`"),
            ("  wi|tch stirring 0s", "pot", "cast.story:4 already has a character or prop `pot`"),
            ("scene on|e", "two", "story.story:13 already has a scene `two`"),
            ("character ca|t", "pot", "cast.story:4 already has a character or prop `pot`"),
            ("cat fly|ing", "stirring", "cast.story:3 already has a motion `stirring`"),
        ],
    )
    def test_what_cannot_be_is_refused_with_a_reason(
        self, marked: str, new: str, problem: str, more: str, editor: Editor, folder: Path
    ) -> None:
        with pytest.raises(JsonRpcException) as refused:
            rename(editor, folder / "story.story", STORY.replace(marked.replace("|", ""), marked) + more, new)

        assert problem in refused.value.message
        assert "\n" not in refused.value.message

    def test_what_can_be_renamed_is_shown_first(self, more: str, editor: Editor, folder: Path) -> None:
        def offered(marked: str) -> str | None:
            text, where = place(STORY.replace(marked.replace("|", ""), marked) + more)
            uri = editor.open(folder / "story.story", text, wait=False)
            found = editor.ask("text_document_prepare_rename", types.PrepareRenameParams(document(uri), where))
            editor.close(uri)
            return found.placeholder if found is not None else None

        assert offered("  wi|tch stirring 0s") == "witch"
        assert offered("scene tw|o") == "two"
        assert offered("cat fly|ing") == "flying"
        assert offered("0s le|ft") is None
        assert offered('use "ca|st') is None
        assert offered("narr|ation") is None
        assert offered("The wi|tch stirs") is None


def test_a_line_that_cannot_be_read_is_renamed_too(editor: Editor, folder: Path) -> None:
    text = STORY.replace("  pot", "  witch stirring 3s..[\n    at 3s under \n  pot")
    found = rename(editor, folder / "story.story", text.replace("character cat", "character ca|t"), "tomcat")
    assert found["story.story"] == text.replace("  cat ", "  tomcat ").replace("character cat", "character tomcat")

    found = rename(editor, folder / "story.story", text.replace("  witch stirring 3", "  wit|ch stirring 3"), "hexe")
    assert found["story.story"] == text.replace("  witch ", "  hexe ")


def test_the_renamed_story_says_the_same(editor: Editor, folder: Path) -> None:
    before = check_text(STORY, folder / "story.story").story
    found = rename(editor, folder / "story.story", STORY.replace("  witch st", "  |witch st", 1), "hexe")
    for name, text in found.items():
        (folder / name).write_text(text, encoding="utf-8")

    after = read_story(folder / "story.story")
    assert after.diagnostics == ()
    assert [beat.entity.replace("hexe", "witch") for scene in after.story.scenes for beat in scene.beats] == [
        beat.entity for scene in before.scenes for beat in scene.beats
    ]
    assert read_story(folder / "other.story").diagnostics == ()


@pytest.mark.parametrize("case", ["  wi|tch stirring 0s", "  po|t", "cat fly|ing", "scene o|ne"])
def test_fills_beside_a_story_are_renamed_and_go_on_fitting(case: str, editor: Editor, folder: Path) -> None:
    path = folder / "story.story"
    path.write_text(STORY, encoding="utf-8")
    before = plan_file(path)
    # A fill that was edited by hand goes on counting as such.
    edited_by_hand = before.text.replace("[0.", "[0.00", 1)
    before.target.write_text(edited_by_hand, encoding="utf-8")
    taken = plan_file(path)

    found = rename(editor, path, STORY.replace(case.replace("|", ""), case, 1), "anew")
    for name, text in found.items():
        (folder / name).write_text(text, encoding="utf-8")

    after = plan_file(path)
    assert (len(after.taken), after.filled, after.replaced) == (len(taken.taken), (), ())
    assert len(after.edited) == len(taken.edited) == 1
    assert after.text == before.target.read_text(encoding="utf-8") == found["story.plan.story"]
    old = case.replace("|", "").split()[-1 if "scene" in case or "cat" in case else 0]
    names = [re.sub('"[^"]*"', "", line).split() for line in after.text.splitlines()]
    assert not any(old in words for words in names)


@pytest.mark.parametrize("marked", ["  wi|tch stirring 0s", "character ca|t"])
def test_nobody_gets_the_name_that_a_line_begins_with(marked: str, editor: Editor, folder: Path) -> None:
    text = STORY.replace("scene two\n", 'scene two\n  music "waltz.ogg"\n  takes 2\n')
    with pytest.raises(JsonRpcException) as refused:
        rename(editor, folder / "story.story", text.replace(marked.replace("|", ""), marked), "music")
    assert "story.story:14 says what it does only as long as nobody is called `music`" in refused.value.message
    # Nobody takes a line with a number for somebody's.
    assert rename(editor, folder / "story.story", text.replace(marked.replace("|", ""), marked), "takes")
