"""Reading one line by one rule of the grammar, and explaining a line that can't be read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import lark
from lark import Tree, UnexpectedToken

from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.files.text import NAME, printing, shortened
from dreamrunner.language.diagnostics import Change, Diagnostic, diagnostic
from dreamrunner.language.parsing.lines import BODIES, Token, grammar, starts, words
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import (
    BeatLine,
    BoxNumbers,
    Number,
    Property,
    Size,
    Text,
    Time,
    TimeSpan,
    Value,
    Word,
    every,
    first,
)

_CLOSED = {"UNCLOSED_STRING": "STRING", "UNCLOSED_LONG_STRING": "LONG_STRING"}
PATHS = ("IMAGES", "CLIPS", "LORA", "MUSIC")
"""The properties whose texts name files."""

ESCAPES = {'"': '"', "\\": "\\", "n": "\n"}
_LONGEST_SHOWN = 40
_MOST_TOKENS = 2000  # of a line; what stands behind them belongs to no line

_NAMES = {
    "NAME": "a name",
    "STRING": "a text in quotes",
    "LONG_STRING": "a text in quotes",
    "TIME": "a time such as `2s`",
    "SIZE": "a size such as `720x480`",
    "NUMBER": "a number",
    "_DOTS": "`..`",
    "_LEFT_BRACKET": "a box such as `[0.1 0.2 0.5 0.9]`",
    "_RIGHT_BRACKET": "`]`",
    "_COMMA": "a comma",
    "$END": "the end of the line",
}
_ADVICE = {
    "TIME": "times are in seconds, with their unit: `2s`, `0.5s`; a span is `0s..3s`",
    "_DOTS": "a span of time is written `0s..3s`",
    "STRING": 'put the text in double quotes: "..."',
    "SIZE": "a size is width x height in pixels, without blanks: `720x480`",
    "NAME": "a name starts with a letter and holds letters, digits, `-` and `_`",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Where reading stopped: the token's index (their count for the end of the line), and what could stand there."""

    index: int
    expected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Head:
    """What the head line of a block says behind its first word, as a :class:`~dreamrunner.language.syntax.Block`."""

    name: Word | Text
    short: Text | Property | None
    base: Word | None = None


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a line's form: a rule, its first and last token by index, and the nodes and tokens inside."""

    rule: str
    first: int
    last: int
    parts: tuple[_Node | int, ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """How lines of one sequence of terminals are read: the tree, and the tokens that are strings without an end."""

    tree: _Node
    types: tuple[str, ...]
    unclosed: tuple[int, ...]


@lru_cache(maxsize=1024)
def _form(rule: str, types: tuple[str, ...]) -> _Form | Failure:
    """Parse a sequence of terminals. What a line is read as hangs on nothing else, so each sequence is parsed once."""
    parser = grammar().parse_interactive(None, start=rule)
    meant: list[str] = []
    for index, name in enumerate(types):
        choices = parser.choices()
        meant.append(name if name in choices else _meant(name, choices))
        try:
            parser.feed_token(Token(meant[-1], "", index, index, index, index, index, index))
        except UnexpectedToken:
            return Failure(index, frozenset(name for name in choices if name.isupper()))
    choices = parser.choices()
    try:
        tree = parser.feed_eof(lark.Token("", "", 0, 0, 0))
    except UnexpectedToken:
        return Failure(len(types), frozenset(name for name in choices if name.isupper()))
    unclosed = tuple(index for index, name in enumerate(types) if name in _CLOSED)
    return _Form(_node(tree), tuple(meant), unclosed)


@lru_cache(maxsize=1024)
def accepted(rule: str, types: tuple[str, ...]) -> frozenset[str]:
    """The terminals that can follow ``types`` in a line read by ``rule``, ``$END`` where the line may end; none where
    the line can't begin so."""
    parser = grammar().parse_interactive(None, start=rule)
    for name in types:
        choices = parser.choices()
        try:
            parser.feed_token(lark.Token(name if name in choices else _meant(name, choices), "", 0, 0, 0, 0, 0, 0))
        except UnexpectedToken:
            return frozenset()
    return frozenset(parser.accepts())


def reads(tokens: Sequence[Token], rule: str) -> Failure | None:
    """Where reading a line by a rule stops; None where it is read."""
    form = _form(rule, _types(tokens))
    return form if isinstance(form, Failure) else None


def fits(tokens: list[Token], rule: str) -> bool:
    """Whether a line can be read by a rule."""
    return isinstance(_form_of(tokens, rule), _Form)


def _form_of(tokens: list[Token], rule: str) -> _Form | Failure:
    """How a line is read by a rule; a line of too many tokens as if it had to end before them."""
    if len(tokens) > _MOST_TOKENS:
        return Failure(_MOST_TOKENS, frozenset({"$END"}))
    return _form(rule, _types(tokens))


def _types(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple([token.type for token in tokens])


def _meant(name: str, choices: dict[str, object]) -> str:
    """The terminal as it can stand here: a reserved word as a name, an unclosed string as a closed one."""
    if _CLOSED.get(name) in choices:
        return _CLOSED[name]
    return "NAME" if name in words() and "NAME" in choices else name


def _node(tree: Tree[Token]) -> _Node:
    # The tokens were numbered by their line, which Lark sums up for every tree, brackets and all.
    parts = tuple(_node(part) if isinstance(part, Tree) else part.line for part in tree.children)
    return _Node(str(tree.data), tree.meta.line, tree.meta.end_line, parts)


class LineReader:
    """Reads lines of one file. Small faults that leave the line readable go to ``found``."""

    def __init__(self, file: Path, found: list[Diagnostic]) -> None:
        self._file = file
        self._found = found
        self._paths = False  # whether what is read names files

    def read_head(self, tokens: list[Token], rule: str) -> Head | Failure:
        """Read a line as the head of a block, by its rule; a Failure leaves nothing reported."""
        form = self._form(tokens, rule)
        if isinstance(form, Failure):
            return form
        self._paths = rule == "use_head"
        _, name, *rest = [self._part(part, form, tokens) for part in form.tree.parts]
        assert isinstance(name, (Word, Text)), "a head is a word and a name or string"
        short = next((part for part in rest if isinstance(part, (Text, Property))), None)
        base = [part for part in rest if isinstance(part, Word)]  # `from`, and a name
        return Head(name, short, base[1] if base else None)

    def read_property(self, tokens: list[Token], rule: str) -> Property | Failure:
        """Read a line as a property or key frame, by its rule; a Failure leaves nothing reported."""
        form = self._form(tokens, rule)
        return form if isinstance(form, Failure) else self._property(form.tree, form, tokens)

    def read_beat(self, tokens: list[Token]) -> BeatLine | Failure:
        """Read a line as a beat without its key frames; a Failure leaves nothing reported."""
        form = self._form(tokens, "beat_line")
        if isinstance(form, Failure):
            return form
        rest = [self._value(part, form, tokens) for part in form.tree.parts[1:]]
        place = self._span(form.tree, tokens)
        return BeatLine(
            self._first(form.tree, tokens), first(rest, Word), first(rest, TimeSpan), first(rest, Text), (), place
        )

    def _form(self, tokens: list[Token], rule: str) -> _Form | Failure:
        form = _form_of(tokens, rule)
        if isinstance(form, _Form):
            self._found += [unclosed_string(self._file, tokens[index]) for index in form.unclosed]
        return form

    def _first(self, node: _Node, tokens: list[Token]) -> Word:
        token = tokens[node.first]
        return Word(str(token), locate(self._file, token))

    def _property(self, node: _Node, form: _Form, tokens: list[Token]) -> Property:
        self._paths = tokens[node.first].type in PATHS
        values = [self._value(part, form, tokens) for part in node.parts[1:]]
        self._paths = False
        return Property(self._first(node, tokens), tuple(values), self._span(node, tokens))

    def _part(self, part: _Node | int, form: _Form, tokens: list[Token]) -> Property | Value:
        """A part of a head line: what is a node there is a property."""
        return self._property(part, form, tokens) if isinstance(part, _Node) else self._token(part, form, tokens)

    def _value(self, part: _Node | int, form: _Form, tokens: list[Token]) -> Value:
        if not isinstance(part, _Node):
            return self._token(part, form, tokens)
        values = [self._value(inner, form, tokens) for inner in part.parts]
        place = self._span(part, tokens)
        if part.rule == "span":
            start, end = every(values, Time)
            if end.raw.startswith(".") and end.location.column == start.location.end_column + 2:
                # Three dots are two and a point, which nobody means.
                end = Time(float(end.raw[1:-1]), end.raw[1:], end.location)
                self._found.append(
                    diagnostic(
                        "syntax",
                        place,
                        expected="two dots between times",
                        found=f"`...{end.raw}`",
                        help=f"a span of time is written `0s..3s`: `{start.raw}..{end.raw}`",
                        fix=[Change(place, f"{start.raw}..{end.raw}")],
                    )
                )
            return TimeSpan(start, end, place)
        return BoxNumbers(every(values, Number), place)

    def _token(self, part: int, form: _Form, tokens: list[Token]) -> Value:
        token = tokens[part]
        place, raw = locate(self._file, token), str(token)
        match form.types[part]:
            case "TIME":
                return Time(float(raw[:-1]), raw, place)
            case "NUMBER":
                return Number(float(raw), raw, place)
            case "SIZE":
                return Size(raw, place)
            case "STRING" | "LONG_STRING":
                if self._paths and re.search(r'(?<!\\)(?:\\\\)*\\[^"\\]', raw):
                    return self._windows_path(raw, place)
                self._check_escapes(token)
                return Text(unquoted(token), raw, place)
            case _:
                return Word(raw, place)

    def _span(self, node: _Node, tokens: list[Token]) -> Location:
        first, last = tokens[node.first], tokens[node.last]
        return Location(self._file, first.line, first.column, last.end_line, last.end_column)

    def _windows_path(self, raw: str, place: Location) -> Text:
        """A path with backslashes, of which none is an escape, as it is written here."""
        path = re.sub(r"\\+", "/", raw)
        if not re.match(r'"+([A-Za-z]:|/)', path):
            help = f"paths are written with `/` everywhere: `{shown(path)}`"
            fix = [Change(place, path)]
            self._found.append(diagnostic("bad-escape", place, escape="\\", where="a path", help=help, fix=fix))
        return Text(path.strip('"'), path, place)

    def _check_escapes(self, token: Token) -> None:
        if token.startswith('"""'):
            return
        wrong = [match for match in re.finditer(r"\\(.)", token) if match[1] not in ESCAPES]
        if wrong:
            column = token.column + wrong[0].start()
            place = Location(self._file, token.line, column, token.line, column + 2)
            fix = [
                Change(Location(self._file, token.line, at, token.line, at), "\\")
                for at in (token.column + match.start() for match in wrong)
            ]
            escape = shown(wrong[0][0])
            self._found.append(diagnostic("bad-escape", place, escape=escape, where="a text", fix=fix))


def unquoted(token: Token) -> str:
    """The value of a string token, closed or not."""
    raw = str(token)
    if raw.startswith('"""'):
        inside = raw[3:-3] if len(raw) >= 6 and raw.endswith('"""') else raw[3:]
        return textwrap.dedent(inside).strip("\n")
    inside = raw[1:-1] if len(raw) >= 2 and raw.endswith('"') else raw[1:]
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[0]), inside)


def locate(file: Path, token: Token) -> Location:
    """Where a token stands."""
    return Location(file, token.line, token.column, token.end_line, token.end_column)


def shown(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """``text`` on one line and not too long, for a message."""
    return shortened(printing(text.split("\n")[0], "\ufffd"), longest, "\u2026")


def unclosed_string(file: Path, token: Token) -> Diagnostic:
    """The diagnostic for a string that does not end, at its opening quotes."""
    quotes = '"""' if token.type == "UNCLOSED_LONG_STRING" else '"'
    place = Location(file, token.line, token.column, token.line, token.column + len(quotes))
    return diagnostic("unclosed-string", place, quotes=quotes)


def explain(file: Path, tokens: list[Token], failure: Failure) -> Diagnostic:
    """What is wrong with a line that could not be read."""
    end = failure.index == len(tokens)
    token = tokens[min(failure.index, len(tokens) - 1)]
    if not end and token.type in _CLOSED:
        return unclosed_string(file, token)
    opened = next((item for item in tokens[: failure.index] if item.type == "_LEFT_BRACKET"), None)
    closed = any(item.type == "_RIGHT_BRACKET" for item in tokens)
    if opened is not None and not closed:
        return diagnostic("unclosed-bracket", locate(file, opened))
    place = locate(file, token)
    if end:
        place = Location(file, place.end_line, place.end_column, place.end_line, place.end_column + 1)
    found = "the end of the line" if end else f"`{shown(token)}`"
    advice = next((text for name, text in _ADVICE.items() if name in failure.expected), None)
    if not end:
        advice = _advice(token, failure.expected) or advice
    return diagnostic("syntax", place, expected=_expected(failure.expected), found=found, help=advice)


def _advice(token: Token, expected: frozenset[str]) -> str | None:
    """What to do about a token that can't stand where something else was expected, for mistakes that have a habit."""
    text = shown(token)
    if text.startswith(("'", "\u2018", "\u201c", "\u201e")) and "STRING" in expected:
        return 'a text stands in straight double quotes: "..."'
    if text.startswith("(") and "_LEFT_BRACKET" in expected:
        return "a box stands in square brackets: `[0.1 0.2 0.5 0.9]`"
    near = closest(str(token), [words()[name] for name in sorted(expected) if name in words()])
    if token.type == "NAME" and near is not None:
        return did_you_mean(near, mark="`")
    if "STRING" in expected and (token.type in words() or token.type == "NAME"):
        return _ADVICE["STRING"]
    if expected == {"$END"}:
        return f"start a new line before `{text}`, or take it away"
    return None


def explain_word(file: Path, token: Token, rule: str, block: str) -> Diagnostic:
    """What is wrong with a line whose first word can't start a line there."""
    place = locate(file, token)
    if token.type in _CLOSED:
        return unclosed_string(file, token)
    homes = [kind.lower() for kind, body in BODIES.items() if token.type in starts(body)]
    if token.type in ("AT", "SAYS"):
        homes = ["beat"]
    if homes:
        home = " or ".join(f"a {kind}" for kind in homes)
        return diagnostic("misplaced", place, name=str(token), block=block, home=home)
    allowed = ", ".join(f"`{words()[name]}`" for name in starts(rule) if name in words())
    return diagnostic("unknown-property", place, name=shown(token), help=f"a {block} takes {allowed}")


def _expected(terminals: frozenset[str]) -> str:
    known = [name for name in sorted(terminals) if name in _NAMES or name in words()]
    texts = _NAMES | ({"NAME": "a place such as `left`"} if "_LEFT_BRACKET" in terminals else {})
    names = [texts.get(name) or f"`{words()[name]}`" for name in known]
    unique = sorted(set(names), key=lambda name: (name == _NAMES["$END"], names.index(name)))
    if len(unique) > 1:
        return ", ".join(unique[:-1]) + " or " + unique[-1]
    return unique[0] if unique else "nothing more"


def names_in(tokens: list[Token]) -> set[str]:
    """The names among words, and in texts that stand where a name should."""
    strings = [unquoted(token) for token in tokens if token.type in ("STRING", "LONG_STRING")]
    said = {word for text in strings for word in NAME.findall(text)}
    return said | {str(token) for token in tokens if token.type == "NAME"}
