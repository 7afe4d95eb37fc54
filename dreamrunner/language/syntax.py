"""The syntax of one file: every word with its place, comments kept, nothing resolved yet.

Numbers, times and strings keep their text as written (``raw``) beside their value, so that a formatter can write a
file again without changing what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dreamrunner.language.story import Location


@dataclass(frozen=True, slots=True)
class Word:
    """A name or a property word."""

    text: str
    location: Location

    @property
    def raw(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Text:
    """A string: ``value`` with escapes and indentation resolved, ``raw`` with its quotes."""

    value: str
    raw: str
    location: Location

    @property
    def text(self) -> str:
        """What it says, by the name that a word has for it: some places take either."""
        return self.value


@dataclass(frozen=True, slots=True)
class Number:
    """A number without a unit."""

    value: float
    raw: str
    location: Location


@dataclass(frozen=True, slots=True)
class Time:
    """A time in seconds."""

    seconds: float
    raw: str
    location: Location


@dataclass(frozen=True, slots=True)
class Size:
    """A frame size in pixels, width before height, as text: ``720x480``."""

    raw: str
    location: Location


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """``START..END`` as written, not yet checked for its order."""

    start: Time
    end: Time
    location: Location

    @property
    def raw(self) -> str:
        return f"{self.start.raw}..{self.end.raw}"


@dataclass(frozen=True, slots=True)
class BoxNumbers:
    """The numbers between ``[`` and ``]``, however many there are."""

    numbers: tuple[Number, ...]
    location: Location

    @property
    def raw(self) -> str:
        return "[" + " ".join(number.raw for number in self.numbers) + "]"


Value = Word | Text | Number | Time | Size | TimeSpan | BoxNumbers

V = TypeVar("V", bound=Value)


def every(values: Iterable[Value], kind: type[V]) -> tuple[V, ...]:
    """The values that are of one kind, in their order."""
    return tuple([value for value in values if isinstance(value, kind)])


def first(values: Iterable[Value], kind: type[V]) -> V | None:
    """The first value of a kind; None where there is none."""
    return next((value for value in values if isinstance(value, kind)), None)


@dataclass(frozen=True, slots=True)
class Property:
    """A line that states one fact: a word and its values. A key frame is the property ``at``, what is said ``says``.

    The grammar says which kinds of values follow a word; a reader of a property asks for the kind that it expects.
    """

    word: Word
    values: tuple[Value, ...]
    location: Location

    def one(self, kind: type[V]) -> V:
        """The first value of a kind that the grammar demands of this property. Raises LookupError if it has none."""
        value = self.maybe(kind)
        if value is None:
            raise LookupError(f"`{self.word.text}` has no {kind.__name__}")
        return value

    def maybe(self, kind: type[V]) -> V | None:
        """The first value of a kind that the grammar allows; None where there is none."""
        return first(self.values, kind)

    @property
    def text(self) -> str:
        """What its first value says, a word or a string; "" where that is of another kind."""
        value = self.values[0]
        return value.text if isinstance(value, (Word, Text)) else ""

    @property
    def place(self) -> Word | BoxNumbers:
        """Where a key frame is: a place in words, or a box."""
        return self.maybe(BoxNumbers) or self.one(Word)


@dataclass(frozen=True, slots=True)
class BeatLine:
    """A line ``ENTITY [MOTION] [SPAN] ["description"]`` with the key frames under it, and the lines ``says``.

    ``broken`` marks one of which no more than the entity could be read. ``sides`` are its lines ``enters`` and
    ``leaves``.
    """

    entity: Word
    motion: Word | None
    span: TimeSpan | None
    description: Text | None
    keyframes: tuple[Property, ...]
    location: Location
    broken: bool = False
    says: tuple[Property, ...] = ()
    sides: tuple[Property, ...] = ()

    @property
    def parts(self) -> tuple[Property, ...]:
        """The lines under it, as they stand in the text."""
        return tuple(sorted((*self.keyframes, *self.says, *self.sides), key=lambda part: part.location))

    def side(self, word: str) -> Property | None:
        """Its first line ``enters`` or ``leaves``."""
        return next((part for part in self.sides if part.word.text == word), None)


@dataclass(frozen=True, slots=True)
class Block:
    """A head line and its body.

    ``name`` is a word, except for ``story`` and ``use``, whose head holds a string. ``short`` is what else stands on
    the head line: the looks of a character, prop or location, or one property. ``broken`` marks a block whose head line
    could not be read (its name may be empty), as it marks such a beat. ``base`` is the name behind ``from``: what it
    doesn't say itself is that one's.
    """

    kind: Word
    name: Word | Text
    short: Text | Property | None
    body: tuple[Property | BeatLine, ...]
    location: Location
    broken: bool = False
    base: Word | None = None

    def properties(self) -> Iterator[Property]:
        """Every property of the block, the one on the head line first; a short form counts as ``looks``."""
        if isinstance(self.short, Property):
            yield self.short
        elif self.short is not None:
            yield Property(Word("looks", self.short.location), (self.short,), self.short.location)
        for line in self.body:
            if isinstance(line, Property):
                yield line


@dataclass(frozen=True, slots=True)
class Comment:
    """``# ...`` up to the end of its line; ``own_line`` when nothing stands before it."""

    text: str
    own_line: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Syntax:
    """A parsed file.

    ``lost`` holds the words of declaring lines that could not be read: that they are not declared is no second
    mistake. ``lost_any`` is true when such a line held no word at all, so that any name may have been declared there.
    """

    file: Path
    text: str
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...]
    lost: frozenset[str] = frozenset()
    lost_any: bool = False


def stretches(syntax: Syntax) -> list[tuple[Block, range]]:
    """The blocks of a file, each with its lines from its head to the line before the next head."""
    blocks = sorted(syntax.blocks, key=lambda block: block.kind.location)
    heads = [block.kind.location.line for block in blocks]
    ends = [*heads[1:], syntax.text.count("\n") + 2]
    return [(block, range(start, max(start + 1, end))) for block, start, end in zip(blocks, heads, ends, strict=False)]
