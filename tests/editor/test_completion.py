"""Completion: exactly what the grammar accepts next, then the names that fit there."""

from pathlib import Path

import pytest
from lark import Token
from lark.exceptions import UnexpectedInput
from lsprotocol import types

from dreamrunner.language import PLACES
from dreamrunner.language.ignoring import ignorable
from dreamrunner.language.parsing.lines import BODIES, HEADS, grammar, words
from tests.material.editor_session import BROKEN, Editor, document, edited, place

STORY = """use "cast.story"

character cat "a cat 🐈"
prop flowers "flowers"
motion napping

scene one
  duration 4s
  witch walking 0s..2s
  flowers

"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    (tmp_path / "cast.story").write_text('character witch "a girl witch"\nmotion stirring\n  query "stirring"\n')
    return tmp_path / "story.story"


def complete(editor: Editor, path: Path, marked: str) -> list[types.CompletionItem]:
    text, where = place(marked)
    uri = editor.open(path, text, wait=False)
    try:
        return list(editor.ask("text_document_completion", types.CompletionParams(document(uri), where)).items)
    finally:
        editor.close(uri)


def labels(items: list[types.CompletionItem]) -> list[str]:
    return [item.label for item in items]


def accepts(rule: str, before: list[str]) -> set[str]:
    """An oracle: the terminals after which the grammar still reads on, tried one by one."""
    found = set()
    for name in [terminal.name for terminal in grammar().terminals] + ["$END"]:
        parser = grammar().parse_interactive(None, start=rule)
        try:
            for each in [*before, name]:
                parser.feed_token(Token(each, "x"))
        except UnexpectedInput:
            continue
        found.add(name)
    return found


FORMS = {"STRING": '"..."', "LONG_STRING": '"""..."""', "_LEFT_BRACKET": "[x0 y0 x1 y1]", "_DOTS": ".."}

PLACES_IN_A_TEXT = [
    ("|", None, []),
    ("character |", "character_head", ["CHARACTER"]),
    ("character cat2 |", "character_head", ["CHARACTER", "NAME"]),
    ("prop stone |", "prop_head", ["PROP", "NAME"]),
    ("motion going |", "motion_head", ["MOTION", "NAME"]),
    ("scene two |", "scene_head", ["SCENE", "NAME"]),
    ("character dog\n  |", "character_line", []),
    ("character dog\n  lora |", "character_line", ["LORA"]),
    ('story "a"\n  lora |', "story_line", ["LORA"]),
    ('story "a"\n  lora high |', "story_line", ["LORA", "HIGH"]),
    ('story "a"\n  lora "x" |', "story_line", ["LORA", "STRING"]),
    ('character dog\n  lora "x" |', "character_line", ["LORA", "STRING"]),
    ("motion going\n  |", "motion_line", []),
    ("scene two\n  duration |", "scene_line", ["DURATION"]),
    ("scene two\n  background |", "scene_line", ["BACKGROUND"]),
    ("scene two\n  transition fade |", "scene_line", ["TRANSITION", "NAME"]),
    ("scene two\n  cat |", "beat_line", ["NAME"]),
    ("scene two\n  cat napping |", "beat_line", ["NAME", "NAME"]),
    ("scene two\n  cat napping 0s |", "beat_line", ["NAME", "NAME", "TIME"]),
    ("scene two\n  cat napping 0s..|", "beat_line", ["NAME", "NAME", "TIME", "_DOTS"]),
    ("scene two\n  cat napping 0s..2s |", "beat_line", ["NAME", "NAME", "TIME", "_DOTS", "TIME"]),
    ('scene two\n  cat napping "🐈 naps" |', "beat_line", ["NAME", "NAME", "STRING"]),
    ("scene two\n  cat\n    |", "beat_part", []),
    ("scene two\n  cat\n    at |", "beat_part", ["AT"]),
    ("scene two\n  cat\n    at 1s |", "beat_part", ["AT", "TIME"]),
    ("scene two\n  cat\n    at 0s left\n    at 1s |", "beat_part", ["AT", "TIME"]),
]


@pytest.mark.parametrize("broken", ["", BROKEN], ids=["whole", "broken"])
@pytest.mark.parametrize(("marked", "rule", "before"), PLACES_IN_A_TEXT, ids=[item[0] for item in PLACES_IN_A_TEXT])
def test_words_and_forms_are_those_that_the_grammar_accepts(
    marked: str, rule: str | None, before: list[str], broken: str, editor: Editor, story: Path
) -> None:
    found = labels(complete(editor, story, STORY + broken.lstrip("\n") + "\n" + marked))

    accepted = accepts(rule, before) if rule else set(HEADS)
    if rule == "scene_line" and not before:
        accepted |= accepts("beat_line", [])
    assert set(found) & set(words().values()) == {words()[name] for name in accepted if name in words()}
    for name, form in FORMS.items():
        assert (form in found) == (name in accepted), name
    assert any(label[0].isdigit() and label.endswith("s") for label in found) == ("TIME" in accepted)


def test_a_scene_takes_properties_and_everyone_across_use(editor: Editor, story: Path) -> None:
    found = labels(complete(editor, story, STORY + "scene two\n  |"))

    assert found[:3] == ["witch", "cat", "flowers"]
    properties = {words()[name] for name in accepts(BODIES["SCENE"], []) if name in words()}
    assert set(found[3:]) == properties


def test_what_a_block_has_already_comes_last(editor: Editor, story: Path) -> None:
    found = labels(complete(editor, story, STORY + 'scene two\n  background "x"\n  avoid "y"\n  |'))

    assert set(found[-2:]) == {"background", "avoid"}


def test_motions_follow_a_character_and_not_a_prop(editor: Editor, story: Path) -> None:
    motions = labels(complete(editor, story, STORY + "scene two\n  cat |"))
    assert motions[:3] == ["stirring", "napping", "walking"]

    of_prop = labels(complete(editor, story, STORY + "scene two\n  flowers |"))
    assert not {"stirring", "napping", "walking"} & set(of_prop)
    assert "0s..6s" in of_prop


def test_places_follow_a_key_frames_time(editor: Editor, story: Path) -> None:
    found = complete(editor, story, STORY + "scene two\n  cat\n    at 1s |")

    assert [item.label for item in found if item.label in PLACES] == list(PLACES)
    assert next(item.detail for item in found if item.label == "left") == "[0.05 0.35 0.35 0.92]"


def test_times_are_those_that_are_left(editor: Editor, story: Path) -> None:
    spans = labels(complete(editor, story, STORY.rstrip("\n") + "\n  witch waving |"))
    assert "2s..4s" in spans

    frames = labels(complete(editor, story, STORY.replace("  flowers\n", "    at 0s left\n    at |\n  flowers\n")))
    assert frames == ["1s", "2s"]


def test_a_declaration_offers_what_is_used_and_not_declared(editor: Editor, story: Path) -> None:
    text = STORY + "scene two\n  ghost floating\n"

    assert labels(complete(editor, story, text + "\ncharacter |")) == ["ghost"]
    assert labels(complete(editor, story, text + "\nmotion |")) == ["walking", "floating"]


def test_values_that_are_names_are_offered(editor: Editor, story: Path) -> None:
    transitions = labels(complete(editor, story, STORY + "scene two\n  transition |"))
    assert transitions == ["cut", "fade", "dissolve"]
    assert set(labels(complete(editor, story, STORY + "scene two\n  duration |"))) == {"6s", "auto"}

    models = labels(complete(editor, story, 'story "x"\n  model |'))
    assert models[:5] == ["miniature", "miniature-2", "cogvideox-2b", "cogvideox-5b", "cogvideox-1_5-5b"]


def test_a_typed_part_of_a_word_is_replaced_whole(editor: Editor, story: Path) -> None:
    marked = STORY + 'scene two\n  cat "🐈🐈"\n  wi|t walking\n'
    found = next(item for item in complete(editor, story, marked) if item.label == "witch")

    text, _ = place(marked)
    assert edited(text, [found.text_edit]).endswith("\n  witch walking\n")


def test_paths_are_those_of_the_storys_folder(editor: Editor, story: Path) -> None:
    (story.parent / "refs" / "witch").mkdir(parents=True)
    (story.parent / "refs" / "witch" / "1.png").touch()
    (story.parent / "refs" / "notes.txt").touch()
    story.write_text("")

    assert labels(complete(editor, story, 'use "|')) == ["cast.story", "refs/"]
    assert labels(complete(editor, story, 'use "ca|"')) == ["cast.story", "refs/"]
    assert labels(complete(editor, story, 'character a\n  images "refs/|"')) == ["witch/"]
    assert labels(complete(editor, story, 'character a images "refs/witch/|')) == ["1.png"]
    assert labels(complete(editor, story, 'character a\n  images "../|')) == []
    assert labels(complete(editor, story, 'character a\n  looks "|')) == []


@pytest.mark.parametrize(
    "marked",
    [
        "# a comment |",
        'scene two\n  narration """\n  witch |\n  """\n',
        'scene two\n  background "the witch |',
        "scene two\n  cat ] |",
        "scene two\n  cat 0s.|",
        "nonsense here |",
    ],
)
def test_nothing_is_offered_where_nothing_fits(marked: str, editor: Editor, story: Path) -> None:
    assert labels(complete(editor, story, STORY + marked)) == []


def test_below_an_unclosed_text_the_next_block_is_itself(editor: Editor, story: Path) -> None:
    found = labels(complete(editor, story, STORY + 'scene two\n  narration """\n  oh\n\nscene three\n  cat |'))

    assert "napping" in found


def test_the_codes_of_warnings_come_after_ignore_those_of_the_text_first(editor: Editor, story: Path) -> None:
    for marked in ("# ignore: |", "  # ignore:u|", "# ignore: unu|sed why"):
        found = complete(editor, story, f"{STORY}{marked}\n")
        assert [item.label for item in found] == sorted(ignorable(), key=lambda code: (code != "unused", code))
        line = marked.replace("|", "")
        done = edited(f"{STORY}{line}\n", [found[0].text_edit])
        assert done.removeprefix(STORY) in ("# ignore: unused \n", "  # ignore:unused \n", "# ignore: unused why\n")
    assert complete(editor, story, f"{STORY}# ignored |\n") == []
    inside = labels(complete(editor, story, f'{STORY}  background """\n    # ignore: |\n    """\n'))
    assert "unused" not in inside


def test_what_is_said_and_what_is_played(editor: Editor, story: Path) -> None:
    (story.parent / "music").mkdir()
    (story.parent / "music" / "waltz.ogg").touch()
    assert '"..."' in labels(complete(editor, story, "character witch\n  voice |\n"))
    assert labels(complete(editor, story, 'story "A"\n  music "music/|"\n')) == ["waltz.ogg"]
    assert "says" in labels(complete(editor, story, f"{STORY}  witch walking\n    |\n"))
    due = complete(editor, story, f'{STORY}  witch walking 1s..3s\n    says "Ah!" at |\n')
    assert [(item.label, item.detail) for item in due] == [(f"{second}s", "it is said then") for second in (1, 2, 3)]
