"""Code actions: every did-you-mean, tabs to blanks, declare this name, write the fill into the story."""

import re
from pathlib import Path

import pytest
from lsprotocol import types

from dreamrunner.language import check_text, gaps
from dreamrunner.language.parsing.parser import parse
from dreamrunner.planning import plan_story
from dreamrunner.planning.written.edits import write_fills
from tests.material.editor_session import BROKEN, Editor, changes, document, edited, place

STORY = """use "cast.story"

story "🌙"
  style "watercolour 🧙"

character cat looks "🐈"
motion sleeping query "🐈 is sleeping"

scene garden
  background "🌙 a garden"
  narration "🐈 sleeps."
  transition dissolve 1s

  cat sleeping 0s..3s "🐈🐈"
    at 1s bottom-left
  cat stirring 3s..6s
  witch "🧙"
"""
LONG = "x" * 103
CAST = 'character witch "🧙"\nmotion stirring\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "cast.story").write_text(CAST, encoding="utf-8")
    return tmp_path / "story.story"


def offered(
    editor: Editor, path: Path, marked: str, only: list[str] | None = None
) -> tuple[str, dict[str, types.CodeAction]]:
    """The text without its mark, and by title what is offered at the mark."""
    text, where = place(marked)
    uri = editor.open(path, text)
    asked = types.CodeActionParams(document(uri), types.Range(where, where), types.CodeActionContext([], only=only))
    found = editor.ask("text_document_code_action", asked)
    editor.close(uri)
    assert len({item.title for item in found}) == len(found)
    return text, {item.title: item for item in found}


def done(text: str, action: types.CodeAction) -> str:
    ((_, edits),) = changes(action.edit).items()
    return edited(text, edits)


MEANT = {
    "a block": ("|scnee garden", "scene garden"),
    "a property": ('  sty|el "watercolour', '  style "watercolour'),
    "a property on a head line": ("character cat lo|oks2 ", None),
    "a property of a scene": ("  back|groud ", "  background "),
    "a property that looks like a beat": ("  dura|tionn\n  cat sleeping", None),
    "a transition": ("transition dis|solv ", "transition dissolve "),
    "a character": ("  |cta sleeping", "  cat sleeping"),
    "a character of another file": ('  wi|ch "🧙"', '  witch "🧙"'),
    "a motion": ("  cat stiring| ", "  cat stirring "),
    "a place": ("1s botom-lef|t", "1s bottom-left"),
    "a key frame": ("    a|tt 1s", "    at 1s"),
}


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
@pytest.mark.parametrize("case", [name for name, (_, right) in MEANT.items() if right])
def test_what_was_meant_is_written(case: str, more: str, editor: Editor, path: Path) -> None:
    marked, right = MEANT[case]
    text, found = offered(editor, path, STORY.replace(right, marked) + more)

    word = next(one for one, other in zip(right.split(), marked.replace("|", "").split(), strict=False) if one != other)
    action = found[f"Change to `{word}`"]
    assert (action.kind, action.is_preferred) == ("quickfix", True)
    assert [item.source for item in action.diagnostics] == ["dreamrunner"]
    assert done(text, action) == STORY + more


def test_every_did_you_mean_that_a_slip_gives_has_its_action(editor: Editor, path: Path) -> None:
    words = [match.start() for match in re.finditer(r"[a-z-]{4,}", STORY)]
    seen = set()
    for start in words:
        text = STORY[: start + 1] + STORY[start + 2] + STORY[start + 1] + STORY[start + 3 :]
        for item in check_text(text, path).diagnostics:
            meant = re.search(r"did you mean.*?`(.+?)`\?", item.help)
            if meant is None or item.location.file != path:
                continue
            seen.add(item.code)
            lines = text.split("\n")
            line, column = item.location.line - 1, item.location.column - 1
            lines[line] = f"{lines[line][:column]}|{lines[line][column:]}"
            _, found = offered(editor, path, "\n".join(lines))
            mended = done(text, found[f"Change to `{meant[1]}`"])
            assert item.message not in [other.message for other in check_text(mended, path).diagnostics]

    unknown = {f"unknown-{what}" for what in ("block", "property", "entity", "motion", "place")}
    assert seen >= unknown | {"bad-value"}


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_a_wrong_name_is_mended_everywhere_from_any_place(more: str, editor: Editor, path: Path) -> None:
    wrong = STORY.replace("  cat ", "  catt ")
    for marked in ("|catt sleeping", "cat|t stirring"):
        text, found = offered(editor, path, wrong.replace(marked.replace("|", ""), marked) + more)
        assert done(text, found["Change to `cat`"]) == STORY + more


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_tabs_become_blanks_from_any_line_that_has_one(more: str, editor: Editor, path: Path) -> None:
    tabs = "\n".join(re.sub("^( +)", lambda found: "\t" * (len(found[1]) // 2), line) for line in STORY.split("\n"))
    tabs = tabs.replace('"🐈 sleeps."', '"🐈\tsleeps."')
    for marked in ("\tst|yle", "\t\tat 1|s"):
        text, found = offered(editor, path, tabs.replace(marked.replace("|", ""), marked) + more)
        mended = done(text, found["Indent with blanks"])
        assert mended == STORY.replace('"🐈 sleeps."', '"🐈\tsleeps."') + more

    assert "Indent with blanks" not in offered(editor, path, tabs.replace("scene garden", "scene gard|en"))[1]


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
class TestDeclaring:
    def test_a_character_or_prop_stands_below_its_like(self, more: str, editor: Editor, path: Path) -> None:
        text, found = offered(editor, path, STORY + "  old_robot|ter walking\n" + more)

        declared = done(text, found["Declare character `old_robotter`"])
        assert 'character cat looks "🐈"\ncharacter old_robotter "old robotter"\nmotion' in declared
        # No prop stands anywhere yet.
        declared = done(text, found["Declare prop `old_robotter`"])
        assert 'is sleeping"\n\nprop old_robotter "old robotter"\n\nscene garden' in declared
        assert declared.replace('prop old_robotter "old robotter"\n\n', "") == text

    def test_a_motion_can_be_declared_though_it_need_not(self, more: str, editor: Editor, path: Path) -> None:
        text, found = offered(editor, path, STORY + "  witch hover|ing-about\n" + more)

        declared = done(text, found["Declare motion `hovering-about`"])
        assert 'query "🐈 is sleeping"\nmotion hovering-about\n\nscene' in declared
        assert found["Declare motion `hovering-about`"].kind == "refactor.rewrite"
        _, found = offered(editor, path, STORY.replace("cat stir", "cat sti|r") + more)
        assert not any(title.startswith("Declare") for title in found)

    def test_one_that_may_be_misspelt_is_declared_to_say_so(self, more: str, editor: Editor, path: Path) -> None:
        text, found = offered(editor, path, STORY.replace("cat stirring", "cat st|iring") + more)

        assert found["Declare motion `stiring`"].kind == "quickfix"
        declared = done(text, found["Declare motion `stiring`"])
        assert not [item for item in check_text(declared, path).diagnostics if item.code == "unknown-motion"]

    def test_comments_stay_with_what_they_are_about(self, more: str, editor: Editor, path: Path) -> None:
        text = STORY.replace("scene garden", "# 🌙 the garden\nscene garden")
        marked = text + "  pot|ter\n" + more

        text, found = offered(editor, path, marked)
        assert '\n\nprop potter "potter"\n\n# 🌙 the garden\nscene garden' in done(text, found["Declare prop `potter`"])


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("end", ["", "\n"], ids=["no-end", "end"])
def test_a_declaration_that_nothing_uses_can_be_taken_away(end: str, newline: str, editor: Editor, path: Path) -> None:
    rest = 'character cat "🐈"\n\nscene one\n  cat sleeping 0s..6s "🐈"\n'
    for text in (f'character dog\n  looks "🐕"\n\n{rest}', f'{rest}\n# 🐕 next\nprop po|t\n  looks "🥣"{end}'):
        marked = text if "|" in text else text.replace("dog", "do|g")
        text, found = offered(editor, path, marked.replace("\n", newline))
        left = done(text, found["Take this declaration away"]).replace("\r\n", "\n")
        assert left.rstrip("\n").removesuffix("\n# 🐕 next").rstrip("\n") == rest.rstrip("\n")


class TestFilling:
    TEXT = """character cat "🐈"
character dog "🐕"

scene one
  narration "🌙 The dog sleeps while the cat jumps."

  cat jumping
# 🐕
scene two
  background "🌙"
  narration "🐈 The cat sleeps." # 🌙
"""

    @pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
    def test_a_scenes_fill_is_what_the_planner_made(self, more: str, editor: Editor, path: Path) -> None:
        story = check_text(self.TEXT, path).story
        plan = plan_story(story).plan
        for scene, marked in ((plan.scenes[0], "  ca|t jumping"), (plan.scenes[1], "scene tw|o")):
            text, found = offered(editor, path, self.TEXT.replace(marked.replace("|", ""), marked) + more)
            one = plan.model_copy(update={"scenes": (scene,)})
            action = found[f"Write the fill of scene `{scene.name}` into the story"]
            assert done(text, action) == write_fills(self.TEXT, parse(self.TEXT, path).syntax, one) + more
            assert action.kind == "refactor.rewrite"

    @pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
    def test_all_fills_leave_no_gap(self, more: str, editor: Editor, path: Path) -> None:
        text, found = offered(editor, path, self.TEXT.replace("scene one", "scene on|e") + more)

        filled = done(text, found["Write all fills into the story"])
        assert filled.endswith(more)
        checked = check_text(filled.removesuffix(more) if more else filled, path)
        assert checked.story is not None and not list(gaps(checked.story))
        lines = filled.split("\n")
        kept = [line for line in text.split("\n") if not line.startswith("  cat")]
        assert [line for line in lines if line in kept and line] == [line for line in kept if line]

    def test_a_selection_is_filled_by_scenes(self, editor: Editor, path: Path) -> None:
        uri = editor.open(path, f'{self.TEXT}scene three\n  narration "🐕"\n')

        def titles(first: int, last: int) -> set[str]:
            span = types.Range(types.Position(first, 0), types.Position(last, 3))
            asked = types.CodeActionParams(document(uri), span, types.CodeActionContext([]))
            return {item.title for item in editor.ask("text_document_code_action", asked)}

        assert titles(0, 1) == {"Write all fills into the story"}
        assert titles(4, 8) == {"Write the fills of 2 scenes into the story", "Write all fills into the story"}
        assert titles(0, 20) == {"Write the fills of 3 scenes into the story"}

    def test_nothing_is_offered_where_nothing_is_open(self, editor: Editor, path: Path) -> None:
        full = done(self.TEXT, offered(editor, path, "|" + self.TEXT)[1]["Write all fills into the story"])

        assert offered(editor, path, full.replace("scene one", "scene o|ne"))[1] == {}

    def test_a_topic_becomes_scenes(self, editor: Editor, path: Path) -> None:
        text, found = offered(editor, path, 'story "🌙"\n  topic "a day of 🐈"\ncharacter |cat "🐈"\n')

        filled = done(text, found["Write all fills into the story"])
        assert filled.startswith(text) and filled.count("\nscene ") >= 3
        assert check_text(filled, path).diagnostics == ()

    def test_a_chat_models_gaps_are_left_to_it(self, editor: Editor, path: Path) -> None:
        text = f'story "🌙"\n  planner "gpt-4o"\n\n{self.TEXT}'

        assert offered(editor, path, text.replace("scene one", "scene o|ne"))[1] == {}

    def test_windows_line_ends_stay(self, editor: Editor, path: Path) -> None:
        text, found = offered(editor, path, ("|" + self.TEXT).replace("\n", "\r\n"))

        filled = done(text, found["Write all fills into the story"])
        assert "\n" not in filled.replace("\r\n", "")


def test_only_the_kinds_that_are_asked_for_come(editor: Editor, path: Path) -> None:
    marked = STORY.replace("  cat stirring", "  cat st|iring")

    assert set(offered(editor, path, marked, ["quickfix"])[1]) == {"Change to `stirring`", "Declare motion `stiring`"}
    assert set(offered(editor, path, marked, ["refactor"])[1]) == {
        "Declare motion `stiring`",
        "Write the fill of scene `garden` into the story",
    }
    assert offered(editor, path, marked, ["source"])[1] == {}


@pytest.mark.parametrize(
    ("marked", "title", "right"),
    [
        ("  duration |6\n", "Change to `6s`", "  duration 6s\n"),
        ("  duration|: 6s\n", "Take the `:` away", "  duration 6s\n"),
        ('  |"cat" sleeping\n', "Change to `cat`", "  cat sleeping\n"),
        (f'  n|arration "{LONG}"\n', "Make the scene 6.1s long", f'  duration 6.1s\n  narration "{LONG}"\n'),
        (
            f'  narration "{LONG}"\n  duration |2s\n',
            "Change to `6.1s`",
            f'  narration "{LONG}"\n  duration 6.1s\n',
        ),
    ],
)
def test_small_slips_have_a_mend(marked: str, title: str, right: str, editor: Editor, path: Path) -> None:
    before = 'character cat "🐈"\nscene one\n  background "🌙"\n'
    text, found = offered(editor, path, before + marked)

    assert done(text, found[title]) == before + right


def test_a_line_that_was_not_indented_can_be(editor: Editor, path: Path) -> None:
    text, found = offered(editor, path, 'scene one\nback|ground "🌙"\n')

    assert done(text, found["Indent by two blanks"]) == 'scene one\n  background "🌙"\n'
