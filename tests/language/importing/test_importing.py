"""Prose becomes scenes: golden texts for each form, and what must hold for any text."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dreamrunner.language import check_text
from dreamrunner.language.formatter import format_text
from dreamrunner.language.importing.decoding import NoText, text_of
from dreamrunner.language.importing.fountain import looks_like_fountain, read_fountain
from dreamrunner.language.importing.markdown import read_markdown
from dreamrunner.language.importing.people import people_in
from dreamrunner.language.importing.plain import read_plain
from dreamrunner.language.importing.script import Paragraph, Script
from dreamrunner.language.importing.speech import take_speech
from dreamrunner.language.importing.unseen import unseen_in
from dreamrunner.language.importing.writing import write

READERS = {"text": read_plain, "markdown": read_markdown, "fountain": read_fountain}
CREATURES = ("witch", "cat")


def story(script: Script) -> str:
    return write(script, "x", creatures=CREATURES).text


def left(script: Script) -> list[tuple[int, str]]:
    return sorted((item.line, item.words) for item in script.left)


def test_plain_text_in_groups() -> None:
    script = read_plain(
        "The Night\n\nA witch walks\nthrough \u201cher\u201d garden.\n\nHer cat follows.\n\n* * *\n\n"
        "Anna and Anna's dog."
        "\n\n\nThen Anna sleeps.\n\nCHAPTER TWO\n\nMorning.\n"
    )
    assert story(script) == (
        '# made of x\nstory "The Night"\n\n# character anna "Anna"\n# character witch "witch"\n'
        '# character cat "cat"\n\nscene scene-1\n  narration """\n'
        '    A witch walks through \u201cher\u201d garden.\n    Her cat follows.\n    """\n'
        '  duration auto\n\nscene scene-2\n  narration "Anna and Anna\'s dog."\n  duration auto\n\n'
        'scene scene-3\n  narration "Then Anna sleeps."\n  duration auto\n\n'
        'scene chapter-two\n  narration "Morning."\n  duration auto\n'
    )
    assert left(script) == [(8, "* * *")]


@pytest.mark.parametrize(
    ("text", "scenes"),
    [
        ("One.\n\nTwo.\n", [["One."], ["Two."]]),  # without larger breaks, each paragraph
        ("One.\nTwo.\nThree.\n", [["One."], ["Two."], ["Three."]]),  # a line each
        ("One is\nbroken into\nlines.\n", [["One is broken into lines."]]),
        ("    One is\nbroken.\n    Two is\nbroken.\n", [["One is broken."], ["Two is broken."]]),  # by indentation
        ("I.\n\nOne.\n\nII.\n\nTwo.\n", [["One."], ["Two."]]),
        ("One.\n\n\n\nTwo.\n\nThree.\n", [["One."], ["Two.", "Three."]]),
        ("\n\n", []),
    ],
)
def test_where_plain_text_parts(text: str, scenes: list[list[str]]) -> None:
    assert [[each.text for each in part.told] for part in read_plain(text).parts] == scenes


def test_markdown() -> None:
    script = read_markdown(
        "---\na: b\n---\n# The *Old* Mill\n\n## At the mill\nThe cat sits on a __wall__\nof [stone](http://x).\n"
        "- It `runs`.\n- It sleeps[^1].\n\n![p](a.png)\n\nNight\n-----\n"
        "> It is **late, *very* late**. snake_case_word \\*\n"
        "```\ncode\n```\n| a |\n\n## Empty\n\n[^1]: note\n"
    )
    assert story(script) == (
        '# made of x\nstory "The Old Mill"\n\n# character cat "cat"\n\nscene at-the-mill\n  narration """\n'
        "    The cat sits on a wall of stone.\n    It runs.\n    It sleeps.\n"
        '    """\n  duration auto\n\nscene night\n'
        '  narration "It is late, very late. snake_case_word *"\n  duration auto\n'
    )
    assert [line for line, _ in left(script)] == [1, 8, 10, 12, 17, 20, 22, 24]


FOUNTAIN = """\
Title: _THE SOUP_
Author:
    A. N. Other

INT. OLD KITCHEN - NIGHT #1#

A WITCH stirs. [[a note]] She *smiles*.

WITCH
(softly)
Soup is "ready"!
Sit.

CAT (V.O.)
At last.

@McKay ^
~La la

WITCH (CONT'D)
Eat.

DISSOLVE TO:

.THE MOON

!NOBODY IS HERE
= synopsis

> THE END <
"""


def test_a_screenplay() -> None:
    script = read_fountain(FOUNTAIN)
    assert story(script) == (
        '# made of x\nstory "THE SOUP"\n\ncharacter witch "witch"\ncharacter mckay "McKay"\n'
        'location old-kitchen "old kitchen"\nlocation the-moon "the moon"\n\n'
        'scene old-kitchen-night\n  in old-kitchen\n  background "night"\n  narration """\n'
        '    A WITCH stirs. She smiles.\n    Cat: At last.\n    """\n  duration auto\n  transition dissolve\n'
        '  witch\n    says "Soup is \\"ready\\"! Sit."\n  mckay\n    says "La la"\n  witch\n    says "Eat."\n\n'
        'scene the-moon\n  in the-moon\n  narration "NOBODY IS HERE = synopsis"\n  duration auto\n'
    )
    assert [line for line, _ in left(script)] == [2, 5, 5, 7, 10, 14, 17, 20, 30]
    assert check_text(story(script), Path("x.story")).story is not None


def test_screenplays_are_told_by_their_headings() -> None:
    assert looks_like_fountain("x\n\nINT. HOUSE - DAY\n")
    assert not looks_like_fountain("The interior. INT. x\n\nInternal\n")


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", codecs.BOM_UTF8), ("utf-8", b""), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE),
     ("utf-16-le", b""), ("utf-16-be", b""), ("utf-32-le", codecs.BOM_UTF32_LE), ("cp1252", b"")],
)  # fmt: skip
def test_encodings_that_show(encoding: str, mark: bytes) -> None:
    text = "Caf\u00e9 \u201cx\u201d and what stands there.\nMore."
    assert text_of(mark + text.replace("\n", "\r\n").encode(encoding)) == (text, encoding)


def test_other_encodings_are_named() -> None:
    text = "\u043c\u0438\u0440"
    assert text_of(text.encode("cp1251"), "cp1251") == (text, "cp1251")
    for raw, encoding in (
        (b"\xff", "utf-8"),
        (b"a", "nonsense"),
        (b"a", "hex"),
        (b"\x81\x8d", None),
        (b"\0\0" + b"abcdefgh" * 4, None),
    ):
        with pytest.raises(NoText):
            text_of(raw, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440.", "cp1251"),
     ("\u732b\u7761\u7740\u4e86\u3002", "gb18030"),
     ("\u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1 A", "cp1253")],
)  # fmt: skip
def test_other_alphabets_are_not_taken_for_western_letters(text: str, encoding: str) -> None:
    with pytest.raises(NoText, match="--encoding"):
        text_of(text.encode(encoding))
    assert text_of(text.encode(encoding), encoding) == (text, encoding)


def test_names_are_told_by_capitals_within_sentences() -> None:
    told = [
        Paragraph("Anna met Bob. Then Bob ran. In May Anna\u2019s cat slept. The Then The.", 3),
        Paragraph("Rain. Rain.", 4),
    ]
    assert [(each.name, each.count, each.line) for each in people_in(told, ["cat"])] == [("Anna", 2, 3), ("Bob", 2, 3)]
    told.append(Paragraph("The cat ran, the Cat.", 5))
    assert [(each.name, each.count) for each in people_in(told, ["cat"])][-1] == ("cat", 2)


PIECES = st.sampled_from([
    "The cat runs.", "Anna waves to Bob.", "\n", "\n\n", "\n\n\n", "# Title", "## Part", "***", "---", "- ", "> ",
    "INT. HALL - DAY", "WITCH", "(softly)", 'Hello "you".', "\u201cSmart\u201d", "SMASH CUT TO:", "[a](b)", "![c](d)",
    "`e`", "*f*", "_g_", '"""', "\\", "| h |", "```", "[[i]]", "/*", "*/", "<b>", "    ", "\t", "Title: title",
    ".FORCED", "@Mac", "!loud", "~sung", "= said", "1.", "\u4e2d\u6587", "#1#", "AT", "x" * 60,
    "said the cat.", "Anna said, ", '"Run!"', '"Run," ', " ", "he asked", "\u2018Don\u2019t,\u2019", "the old ", ", ",
])  # fmt: skip


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=14).map("".join),
    st.sampled_from(list(READERS)),
    st.booleans(),
)
def test_any_text_becomes_a_story_without_a_mistake_and_no_word_is_lost(text: str, form: str, declare: bool) -> None:
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]|\r", "", text)
    script = READERS[form](text)
    take_speech(script, CREATURES)
    written = write(script, "x", creatures=CREATURES, declare=declare).text
    found = check_text(written, Path("x.story")).diagnostics
    assert [(item.code, item.message) for item in found if item.severity == "error"] == []
    assert format_text(written, Path("x.story")).text == written
    said = (
        written.casefold() + " ".join(f"{item.what} {item.words}" for item in [*script.left, *script.notes]).casefold()
    )
    lost = [word for word in re.findall(r"[a-z0-9]+", text.casefold()) if word not in said]
    assert lost == []


def test_what_a_name_has_no_letters_for_stays_as_a_comment() -> None:
    text = story(
        read_plain("1.\n\nA witch walks.\n\nTHE 2 DAYS\n\nShe sleeps.\n\nГЛАВА ДВЕ\n\nMore.\n\nThe Caf\u00e9\n\nTea.\n")
    )
    heads = [line for line in text.split("\n") if line.startswith(("# ", "scene"))][1:]
    heads = [line for line in heads if "character" not in line]
    assert heads == [
        "# 1.",
        "scene scene-1",
        "scene the-2-days",
        "# ГЛАВА ДВЕ",
        "scene scene-3",
        "scene the-cafe",
    ]
    assert check_text(text, Path("x.story")).story is not None


def test_a_cue_has_a_name() -> None:
    script = read_fountain("INT. BARN - DAY\n\nTOM:\nHey.\n\nANNA ^\nHo.\n\n@\nNothing\n")
    assert [(speech.who, speech.text) for speech in script.parts[0].said] == [("TOM", "Hey."), ("ANNA", "Ho.")]
    assert [each.text for each in script.parts[0].told] == ["@ Nothing"]
    assert (6, "ANNA ^") in left(script)


@pytest.mark.parametrize("name", ["rot13", "hex", "undefined", "zip", "no such", ""])
def test_what_is_no_encoding_of_texts_is_told(name: str) -> None:
    with pytest.raises(NoText):
        text_of(b"The witch walks.", name)


@pytest.mark.parametrize(
    ("text", "told", "said"),
    [
        ('The fox ran. "Run!" said the fox. It ran.', "The fox ran. It ran.", [("fox", "Run!")]),
        ('"Soup," said the old cat, "is hot." "Come," she added.', "", [("cat", "Soup, is hot."), ("cat", "Come.")]),
        ('Tom said, "I am cold." He slept.', "He slept.", [("Tom", "I am cold.")]),
        ("\u201cWhere?\u201d Anna whispered quietly. \u201cHere.\u201d", "", [("Anna", "Where?"), ("Anna", "Here.")]),
        ('"Who?" asked the cat. "I," said the old king.', "", [("cat", "Who?"), ("old king", "I.")]),
        ("\u2018I don\u2019t,\u2019 said Mary.", "", [("Mary", "I don\u2019t.")]),
        ('Her master asked: "Why?"', "", [("master", "Why?")]),
        ("\u00abNo,\u00bb the witch said.", "", [("witch", "No.")]),
        ("'Don't,' said Tom, 'go.'", "", [("Tom", "Don't, go.")]),
        ('"It is", said Tom.', "", [("Tom", "It is")]),
        ('Tom said "hello". He sat.', "He sat.", [("Tom", "hello.")]),
    ],
)
def test_what_is_said_in_quotes_is_the_speakers(text: str, told: str, said: list[tuple[str, str]]) -> None:
    script = read_plain(text)
    take_speech(script, CREATURES)
    (part,) = script.parts
    assert " ".join(each.text for each in part.told) == told
    assert [(each.who, each.text) for each in part.said] == said
    assert len(script.notes) >= len(said) and all(note.what.startswith("said by ") for note in script.notes)
    story = write(script, "x", creatures=CREATURES).text
    checked = check_text(story, Path("x.story"))
    assert checked.errors == () and checked.story is not None
    assert [saying.text for beat in checked.story.scenes[0].beats for saying in beat.says] == [each for _, each in said]


@pytest.mark.parametrize(
    "text",
    [
        'He shouted, "No!" and ran away.',
        '"Run!" cried the cat, and jumped.',
        '"Yes," said the boy from the hill.',
        'The king of France said: "Oh!"',
        '"Hello." The dog barked.',
        '"Hello," she said.',
        'She said "hello".',
    ],
)
def test_who_says_it_is_not_made_up(text: str) -> None:
    script = read_plain(text)
    take_speech(script, CREATURES)
    assert [(each.text) for each in script.parts[0].told] == [text] and script.parts[0].said == []
    assert [note.what for note in script.notes] == [
        "stays in the narration: its sentence tells more, or who says it isn't certain"
    ]


def test_quotes_that_are_no_speech_are_no_matter() -> None:
    script = read_plain('The witch reads "The Night Cat" to the cat.')
    take_speech(script, CREATURES)
    assert (script.parts[0].said, script.notes) == ([], [])


def test_control_characters_are_told_by_their_kind() -> None:
    text = "A cat.\n\fThe\x02 end.\n\n\fMore\f.\n\ttab\u2028\x1a"
    assert [(item.line, item.what) for item in unseen_in(text)] == [
        (2, "a control character, form feed (U+000C), 3 times"),
        (2, "a control character, U+0002"),
        (5, "a control character, end-of-file mark (U+001A)"),
    ]
