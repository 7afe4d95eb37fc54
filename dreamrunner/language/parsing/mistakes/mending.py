"""Mending a line that can't be read: the first habit whose mend makes it readable says what was meant.

Every mend that is suggested was read by the grammar, so it works when it is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dreamrunner.language.parsing.line_parser import Failure, reads, shown
from dreamrunner.language.parsing.lines import BELOW, Layout, Token, lex, place
from dreamrunner.language.parsing.lookalikes import Lookalike, Plain, Reading

_ROUNDS = 4  # mistakes that one line may have
_LONGEST = 2000  # letters of a line that is looked at
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Mend:
    """What takes the place of the letters ``start`` to before ``end`` of a line.

    ``help``: what to do, without the text that it makes.
    ``rule``: the rule that then reads the line; empty for the one that did not.
    ``code``: the diagnostic's code; empty for the general one.
    ``subject``: what its message is about.
    ``whole``: whether the help shows the whole line that it makes.
    """

    start: int
    end: int
    text: str
    help: str
    rule: str = ""
    code: str = ""
    subject: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Faulty:
    """A line that ``rule`` can't read: its text, its tokens with positions in that text, and where reading stopped."""

    text: str
    tokens: Sequence[Token]
    failure: Failure
    rule: str

    @property
    def token(self) -> Token | None:
        """The token that can't stand there; None at the line's end."""
        return self.tokens[self.failure.index] if self.failure.index < len(self.tokens) else None

    @property
    def before(self) -> Token | None:
        """The token before that."""
        return self.tokens[self.failure.index - 1] if self.failure.index else None

    @property
    def at(self) -> int:
        """The position where reading stopped."""
        return self.token.start_pos if self.token is not None else len(self.text)

    @property
    def expected(self) -> frozenset[str]:
        return self.failure.expected

    @property
    def left(self) -> int:
        """How many letters are still to be read."""
        return len(self.text) - self.at


Habit = Callable[[Faulty], Iterator[Mend]]


@dataclass(frozen=True, slots=True)
class Meant:
    """What a line was meant to say.

    ``tokens``: those of the line, each placed where it stands in the file; none where it is a comment.
    ``rule``: the rule that reads them.
    ``mend``: what was mended first.
    ``text``: the line as it should be written; several lines where it should be several.
    ``change``: the letters of the line that change, and what takes their place.
    """

    tokens: list[Token]
    rule: str
    mend: Mend
    text: str
    change: Reading

    @property
    def help(self) -> str:
        """What to do, with the text that it makes."""
        help, several = self.mend.help, self.text.count("\n")
        if help.endswith("?") and self.change.text == self.mend.text:
            return help
        if several:
            lines = [f"`{shown(line, _SHOWN)}`" for line in self.text.split("\n")]
            return f"{help}: {', '.join(lines[:-1])} and {lines[-1]}"
        if not self.text:
            return help
        one = self.change.text == self.mend.text and not self.mend.whole and len(self.mend.text) > 1
        if help.endswith("?"):
            help = "write it so"
        return f"{help}: `{shown(self.mend.text if one else self.text, _SHOWN)}`"


def meant(tokens: Sequence[Token], layout: Layout, rule: str, habits: Sequence[Habit]) -> Meant | None:
    """What a line that ``rule`` can't read was meant to say, or None when no habit explains it."""
    base, end = tokens[0].start_pos, tokens[-1].end_pos
    text = layout.read.text[base:end]
    if len(text) > _LONGEST:
        return None
    rounds: list[Plain] = []
    mends: list[Mend] = []
    line = _read(text, rule)
    while isinstance(line, Faulty) and len(rounds) < _ROUNDS:
        better: tuple[Mend, Faulty | list[Token]] | None = None
        for mend in _mends(line, habits):
            after = _read(line.text[: mend.start] + mend.text + line.text[mend.end :], mend.rule or rule)
            if not isinstance(after, Faulty):
                better = mend, after
                break
            if better is None and not mend.rule and after.tokens and after.left < line.left:
                better = mend, after
        if better is None:
            return None
        mend, after = better
        new = line.text[: mend.start] + mend.text + line.text[mend.end :]
        rounds.append(_step(line.text, new, mend))
        mends.append(mend)
        line = after
    if isinstance(line, Faulty) or not mends:
        return None
    final = rounds[-1].text
    for token in line:
        _place(token, rounds, layout, base)
    first = mends[0]
    start, end, words = (first.start, first.end, first.text) if len(mends) == 1 else (0, len(text), final)
    return Meant(line, mends[-1].rule or rule, first, final, Reading(base + start, base + end, words))


def renamed(tokens: Sequence[Token], layout: Layout, written: str, name: str) -> list[Token] | None:
    """The tokens of a line that begins with ``written``, with ``name`` in its place; None where it begins otherwise."""
    base, end = tokens[0].start_pos, tokens[-1].end_pos
    text = layout.read.text[base:end]
    after = text[len(written) : len(written) + 1]
    if not text.startswith(written) or after.isalnum() or after in ("-", "_"):
        return None
    mend = Mend(0, len(written), name, "")
    new = name + text[len(written) :]
    found = [token for token in lex(new) if token.type != "COMMENT"]
    for token in found:
        _place(token, [_step(text, new, mend)], layout, base)
    return found


def _mends(line: Faulty, habits: Sequence[Habit]) -> Iterator[Mend]:
    for habit in habits:
        yield from habit(line)


def _read(text: str, rule: str) -> Faulty | list[Token]:
    """The tokens of a line that ``rule`` reads, of the first one where they are several that it all reads, or that may
    stand under it and are indented."""
    lines: list[list[Token]] = [[]]
    for token in lex(text):
        if token.type == "_NEWLINE":
            lines.append([])
        elif token.type != "COMMENT":
            lines[-1].append(token)
    if lines == [[]]:
        return []
    for tokens in lines:
        under = tokens is not lines[0] and tokens and text[tokens[0].start_pos - 1] == " "
        failure = reads(tokens, BELOW.get(rule, rule) if under else rule)
        if failure is not None or any(token.type.startswith("UNCLOSED") for token in tokens):
            return Faulty(text, tokens, failure or Failure(len(tokens), frozenset()), rule)
    return lines[0]


def _step(before: str, after: str, mend: Mend) -> Plain:
    """A mend as a text that was read otherwise than written, by which positions are led back."""
    changes = (Reading(mend.start, mend.end, mend.text),)
    return Plain(after, before, (Lookalike("wide", mend.start, mend.end, changes),))


def _place(token: Token, rounds: Sequence[Plain], layout: Layout, base: int) -> None:
    for step in reversed(rounds):
        token.start_pos = step.original(token.start_pos)
        token.end_pos = max(token.start_pos, step.original(token.end_pos, end=True))
    token.start_pos += base
    token.end_pos += base
    place(token, layout.read)
