"""Syntax: the grammar, layout and values."""

from __future__ import annotations

from pathlib import Path

import pytest
from lark import Lark, Token
from lark.lexer import Lexer

from dreamrunner.language.diagnostics import grammar_folder
from dreamrunner.language.parsing import lines as layout
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.syntax import BeatLine, Block, BoxNumbers, Property, Text, Time, Word

STORIES = Path(__file__).parents[3] / "stories"


def blocks(text: str) -> tuple[Block, ...]:
    parsed = parse(text, Path("x.story"))
    assert parsed.diagnostics == ()
    return parsed.syntax.blocks


def the_property(text: str) -> Property:
    (line,) = blocks(text)[0].body
    assert isinstance(line, Property)
    return line


WITHIN = ("LOOKS", "IMAGES", "VOICE", "FROM", "AUTO", "AT")
"""Words that the stories have within their lines, and not as names."""


class Tokens(Lexer):
    """Feeds the laid-out tokens of a file to the whole-file rule of the grammar."""

    def __init__(self, conf: object) -> None:
        pass

    def lex(self, text: str):
        def under(lines: list[layout.Line]):
            for line in lines:
                rule_words = {name for name in layout.words() if name == line.tokens[0].type}
                for index, token in enumerate(line.tokens):
                    keep = index == 0 and rule_words
                    soft = token.type in layout.words() and not keep and token.type not in WITHIN
                    yield Token.new_borrow_pos("NAME", str(token), token) if soft else token
                yield Token("_NEWLINE", "\n")
                if line.children:
                    yield Token("_INDENT", "")
                    yield from under(line.children)
                    yield Token("_DEDENT", "")

        return under(layout.lay_out(text, []).lines)


@pytest.mark.parametrize("story", sorted(STORIES.rglob("*.story")), ids=lambda path: path.name)
def test_the_whole_file_rule_reads_what_the_line_rules_read(story: Path) -> None:
    text = story.read_text()
    whole = Lark((grammar_folder() / "story.lark").read_text(), parser="lalr", lexer=Tokens, start="document")
    tree = whole.parse(text)
    parsed = parse(text, story)
    assert parsed.diagnostics == ()
    assert [block.data for block in tree.children] == [block.kind.text for block in parsed.syntax.blocks]
    assert len(list(tree.find_data("beat_part"))) == sum(
        len(line.parts) for block in parsed.syntax.blocks for line in block.body if isinstance(line, BeatLine)
    )


def test_a_beat_and_its_key_frames() -> None:
    (block,) = blocks(
        'scene garden\n  witch walking 0s..2.5s "a \\"witch\\""\n    at .5s left\n    at 2s [0.5, 0, 0.9, .8]\n'
    )
    (beat,) = block.body
    assert isinstance(beat, BeatLine)
    assert (beat.entity.text, beat.motion.text, beat.span.start.seconds, beat.span.end.seconds) == (
        "witch",
        "walking",
        0.0,
        2.5,
    )
    assert beat.description.value == 'a "witch"'
    at, place = beat.keyframes[0].values
    assert (at.seconds, place.text) == (0.5, "left")
    box = beat.keyframes[1].values[1]
    assert isinstance(box, BoxNumbers)
    assert [number.value for number in box.numbers] == [0.5, 0.0, 0.9, 0.8]
    assert (box.location.column, box.location.end_column) == (11, 28)


@pytest.mark.parametrize(
    "written, value",
    [
        ('"plain"', "plain"),
        (r'"a \"b\" \\ c\nd"', 'a "b" \\ c\nd'),
        ('""', ""),
        ('"""one line"""', "one line"),
        ('"""\n    first\n      deeper\n\n    last\n    """', "first\n  deeper\n\nlast"),
        ('"""\n    a "quoted" word, a \\n as written\n    """', 'a "quoted" word, a \\n as written'),
        ('"# no comment"', "# no comment"),
    ],
)
def test_strings(written: str, value: str) -> None:
    text = the_property(f"scene garden\n  narration {written}\n").values[0]
    assert isinstance(text, Text)
    assert text.value == value
    assert text.raw == written


def test_words_of_the_language_are_names_where_no_rule_asks_for_them() -> None:
    (declared, scene) = blocks('character looks "a witch"\nscene scene\n  looks at 0s..1s\n    at 0s left\n')
    assert declared.name.text == "looks"
    beat = scene.body[0]
    assert (beat.entity.text, beat.motion.text) == ("looks", "at")


@pytest.mark.parametrize("name", ["cogvideox-1_5-5b", "wan-14b", "wan-1.3b", "wan-2.2-14b"])
def test_names_of_models_may_have_dots(name: str) -> None:
    (value,) = the_property(f'story "x"\n  model {name}\n').values
    assert isinstance(value, Word) and value.text == name


@pytest.mark.parametrize("name", ["wan-1.3b", "walking-2.0"])
def test_other_names_have_none(name: str) -> None:
    assert parse(f"scene garden\n  cat {name}\n", Path("x.story")).diagnostics


def test_a_one_line_property_stands_for_an_indented_one() -> None:
    for text in ('character witch looks "x"\n', 'character witch\n  looks "x"\n', 'character witch "x"\n'):
        (block,) = blocks(text)
        assert [(item.word.text, item.values[0].value) for item in block.properties()] == [("looks", "x")]


def test_comments_are_kept_with_their_places() -> None:
    parsed = parse("# first\nscene garden  # behind\n  # within\n  duration 6s\n", Path("x.story"))
    assert [(item.text, item.own_line, item.location.line) for item in parsed.syntax.comments] == [
        ("# first", True, 1),
        ("# behind", False, 2),
        ("# within", True, 3),
    ]


def test_every_value_has_its_place() -> None:
    line = the_property("scene garden\n  transition fade 0.5s\n")
    kind, time = line.values
    assert isinstance(kind, Word) and isinstance(time, Time)
    assert (kind.location.column, kind.location.end_column) == (14, 18)
    assert (time.location.line, time.location.column, time.location.end_column) == (2, 19, 23)
    assert (line.location.column, line.location.end_column) == (3, 23)


def test_line_ends_and_byte_order_marks_of_other_systems_change_nothing() -> None:
    text = 'scene garden\n  narration """\n    One.\n    Two.\n    """\n'
    assert blocks("\ufeff" + text.replace("\n", "\r\n")) == blocks(text)


def test_any_depth_of_blanks_makes_a_block() -> None:
    (block,) = blocks("scene garden\n     cat sleeping\n       at 0s left\n     witch waving\n")
    assert [line.entity.text for line in block.body] == ["cat", "witch"]
    assert len(block.body[0].keyframes) == 1


@pytest.mark.parametrize(
    "text, line, expected",
    [
        ("scene garden\n  duration 6\n", 2, "expected `auto` or a time such as `2s`, found `6`"),
        ("scene garden\n  duration\n", 2, "expected `auto` or a time such as `2s`, found the end of the line"),
        ("scene garden\n  cat sleeping 0s..3s 4s\n", 2, "expected a text in quotes or the end of the line, found `4s`"),
        ("scene\n", 1, "expected a name, found the end of the line"),
        ('story "A"\n  size 720 x 480\n', 2, "expected a size such as `720x480`, found `720`"),
    ],
)
def test_what_was_expected_and_what_was_found(text: str, line: int, expected: str) -> None:
    (found,) = parse(text, Path("x.story")).diagnostics
    assert (found.code, found.location.line, found.message) == ("syntax", line, expected)


@pytest.mark.parametrize(
    "line, advice",
    [
        ("duration: 6s", "take the `:` away"),
        ("duration 6", "`6s`"),
        ("transition fade 0.5", "`0.5s`"),
        ('transition "fade"', "`fade`"),
        ("narration The cat sleeps.", "a text stands in double quotes"),
        ("cat sleeping in the garden", "a motion is one word: `sleeping-in-the-garden`"),
        ("cat sleeping 0s-3s", "a span of time is written `0s..3s`"),
        ("seed 1 2", "start a new line before `2`"),
    ],
)
def test_habits_from_elsewhere_get_advice_of_their_own(line: str, advice: str) -> None:
    (found,) = parse(f"scene garden\n  {line}\n", Path("x.story")).diagnostics
    assert advice in found.help


def test_a_box_in_round_brackets() -> None:
    (found,) = parse("scene a\n  cat\n    at 0s (0.1 0.2 0.3 0.4)\n", Path("x.story")).diagnostics
    assert found.message == "expected a place such as `left` or a box such as `[0.1 0.2 0.5 0.9]`, found `(0.1`"
    assert "square brackets" in found.help


@pytest.mark.parametrize(
    "text, code, line",
    [
        ("scene garden\nduration 6s\n  cat sleeping\n", "indentation", 2),
        ("scene garden\n  duration 6s\n scene beach\n  duration 6s\n", "indentation", 3),
        ("scene garden\n  duration 6s\n    seed 7\n", "indentation", 3),
        ('use "cast.story"\n  duration 6s\n', "indentation", 2),
        ("  scene garden\n  duration 6s\n", "indentation", 1),
        ("scene garden\n\tduration 6s\n\tseed 3\n", "tab-indent", 2),
        ("this is a letter\nto my aunt\n\nscene garden\n", "unknown-block", 1),
        ("scene garden\n  cat sleeping\n  at 0s left\n  at 1s left\n", "misplaced", 3),
        ('character witch\n  background "x"\n', "misplaced", 2),
        ('character witch\n  loks "x"\n', "unknown-property", 2),
        ("scene garden\n  transtion fade 1s\n", "unknown-property", 2),
    ],
)
def test_one_mistake_of_form_gives_one_message(text: str, code: str, line: int) -> None:
    found = parse(text, Path("x.story")).diagnostics
    assert [(item.code, item.location.line) for item in found] == [(code, line)]


def test_a_line_that_cannot_be_read_costs_no_other() -> None:
    parsed = parse("scene garden\n  duration ?\n  seed 7\n  cat sleeping\n    at ?\n    at 1s left\n", Path("x.story"))
    assert [item.location.line for item in parsed.diagnostics] == [2, 5]
    (block,) = parsed.syntax.blocks
    seed, beat = block.body
    assert seed.word.text == "seed"
    assert [frame.values[0].raw for frame in beat.keyframes] == ["1s"]
