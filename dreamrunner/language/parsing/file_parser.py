"""Parsing the lines of one file, block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from dreamrunner.files.spelling import did_you_mean
from dreamrunner.language.diagnostics import Change, Diagnostic, diagnostic
from dreamrunner.language.parsing import line_parser
from dreamrunner.language.parsing.line_parser import Failure, Head, LineReader
from dreamrunner.language.parsing.lines import (
    ADDED,
    BODIES,
    HEADS,
    Layout,
    Line,
    Token,
    starts,
    words,
)
from dreamrunner.language.parsing.mistakes import telling
from dreamrunner.language.parsing.mistakes.habits import HABITS
from dreamrunner.language.parsing.mistakes.mending import Habit, Meant
from dreamrunner.language.parsing.mistakes.messages import Messages
from dreamrunner.language.parsing.mistakes.names import BEATS, head_name, is_sentence, said, swapped_head
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Block, Comment, Property, Syntax, Text, Word

_DECLARING = ("USE", "CHARACTER", "PROP", "LOCATION", "MOTION")

R = TypeVar("R", bound=Head | Property | BeatLine)


class FileParser:
    """Parses the lines of one file; see :func:`~dreamrunner.language.parsing.parser.parse`."""

    def __init__(self, text: str, file: Path, layout: Layout, names: frozenset[str]) -> None:
        self.names = names
        self.text = text
        self.file = file
        self.layout = layout
        self.messages = Messages(file, text, layout)
        self.blocks: list[Block] = []
        self.kinds: Counter[str] = Counter()
        self.lost: set[str] = set()
        self.lost_any = False
        self.reader = LineReader(file, self.messages.found)
        self._failed = False  # whether the line before could not be read
        self._tabs = bool(layout.tabs)  # with tabs in the indentation, what it comes out as is no mistake of its own
        self._narrated = False  # whether the scene has a narration

    def run(self) -> tuple[Syntax, tuple[Diagnostic, ...]]:
        """What was read, and what could not be."""
        layout = self.layout
        if layout.tabs:
            self.messages.report(telling.tabs(self.file, layout.tabs))
        waiting, astray = list(reversed(layout.lines)), False
        while waiting:
            line = waiting.pop()
            first = line.tokens[0].type
            if not astray and first not in HEADS and self._lost(line, waiting):
                continue
            if line.odd and not astray:
                self._odd(line)
            kind = first if first in HEADS else self._meant_block(line)
            if not line.tokens:
                continue
            if kind is not None:
                astray = line.odd
                waiting.extend(reversed(self._block(kind, line)))
            else:
                # Lines in column 0 that start no block come in runs, from one mistake.
                self._astray(line, report=not (astray or line.odd or self._failed))
                astray = True
        comments = tuple(
            Comment(str(token), own_line, line_parser.locate(self.file, token)) for token, own_line in layout.comments
        )
        syntax = Syntax(self.file, self.text, tuple(self.blocks), comments, frozenset(self.lost), self.lost_any)
        return syntax, tuple(sorted(self.messages.found, key=lambda item: item.location))

    def _read(
        self, line: Line, read: Callable[[list[Token]], R | Failure], following: list[Line], its_rule: str
    ) -> R | Failure:
        """Read a line by ``read``. One that breaks off is tried together with the line after it.

        ``following`` holds that line, if any, as a list from which it is taken when it is the rest of this one;
        ``its_rule`` is the rule by which it would be read on its own.
        """
        if self._failed and not _is_word(line.tokens[0]):
            # No line starts so: it is the rest of the line above, which has its message.
            self.messages.told.add(line.tokens[0].line)
        outcome = read(line.tokens)
        self._failed = isinstance(outcome, Failure)
        if not isinstance(outcome, Failure) or outcome.index < len(line.tokens) or not following:
            return outcome
        rest = following[-1]
        if line_parser.fits(rest.tokens, its_rule):
            return outcome
        joined = read([*line.tokens, *rest.tokens])
        if isinstance(joined, Failure):
            return outcome
        self.messages.report(line_parser.explain(self.file, line.tokens, outcome))
        self.messages.told.add(rest.tokens[0].line)
        following.pop()
        line.children = [*rest.children, *(child for child in line.children if child is not rest)]
        return joined

    # Blocks

    def _block(self, kind: str, line: Line) -> list[Line]:
        """Read one block; returns lines found inside it that are blocks of their own."""
        self.kinds[kind] += 1
        read = self._read(
            line, partial(self.reader.read_head, rule=HEADS[kind]), line.children[:1], BODIES.get(kind, "unread")
        )
        if isinstance(read, Failure):
            habits = (swapped_head, partial(head_name, count=self.kinds[kind]), *HABITS)
            told = line_parser.explain(self.file, line.tokens, read)
            written = line_parser.names_in(line.tokens[1:])
            found = self._meant(line, HEADS[kind], habits, told)
            if found is None:
                self.messages.report(told)
            else:
                read = self.reader.read_head(found.tokens, HEADS[kind])
                self.lost |= written  # one of them may be what the block was to be called
                if found.mend.code == "bad-name" and not isinstance(read, Failure):
                    self.lost.add(found.mend.text)  # other lines may have it right
                    read = replace(read, name=self.messages.as_written(read.name.location))
        head = line.tokens[0]
        word = Word(str(head), line_parser.locate(self.file, head))
        broken = isinstance(read, Failure)
        if isinstance(read, Failure):
            read = Head(self._salvaged_name(kind, line), None)
        body: list[Property | BeatLine] = []
        inner: list[Line] = []
        if kind not in BODIES:
            if line.children:
                self._too_deep(line.children[0])
        else:
            inner = self._body(kind, line, body)
        end = body[-1].location if body else line_parser.locate(self.file, line.tokens[-1])
        location = Location(self.file, head.line, head.column, end.end_line, end.end_column)
        self.blocks.append(Block(word, read.name, read.short, tuple(body), location, broken, read.base))
        return inner

    def _salvaged_name(self, kind: str, line: Line) -> Word | Text:
        head, rest = line.tokens[0], line.tokens[1:]
        names = [token for token in rest if _is_word(token)]
        strings = [token for token in rest if token.type in ("STRING", "LONG_STRING")]
        if kind in _DECLARING:
            self._lose(rest if kind != "USE" else line.tokens)
            self.lost_any |= len(rest) > 1 and rest[0].type == "FROM"  # the name before it is missing
        if kind in ("USE", "STORY"):
            token = strings[0] if strings else None
            return Text(line_parser.unquoted(token) if token else "", "", line_parser.locate(self.file, token or head))
        token = names[0] if names else head
        return Word(str(names[0]) if names else "", line_parser.locate(self.file, token))

    def _lose(self, tokens: list[Token]) -> None:
        """Note that whatever these words were to declare is not known for a reason already reported."""
        names = {str(token) for token in tokens if _is_word(token)}
        self.lost |= names
        if not names or any(token.type == "USE" for token in tokens):
            self.lost_any = True

    def _body(self, kind: str, head: Line, body: list[Property | BeatLine]) -> list[Line]:
        """Read the lines under a block's head into ``body``; returns blocks that were indented into it."""
        waiting = list(reversed(head.children))
        self._narrated = any(line.tokens[0].type == "NARRATION" for line in waiting)
        wrong, unsure = "", False
        while waiting:
            line = waiting.pop()
            if kind != "SCENE" and line.tokens[0].type not in starts(BODIES[kind]) and self._lost(line, waiting, kind):
                continue
            if line.odd:
                self._odd(line)
            if self._starts_block(line):
                self.messages.report(telling.stands_in(self.file, line))
                if not line.children:
                    line.children = list(reversed(waiting))
                    waiting = []
                return [line, *reversed(waiting)]
            first = line.tokens[0].type
            if kind == "SCENE" and (self._is_named(line) or not (first in starts(BODIES[kind]) or _is_part(line))):
                read = self._beat(line, waiting)
                hoisted: list[Line] = []
            else:
                # A run of lines that start with the same word, which can't stand here, is one mistake.
                read = self._property(line, BODIES[kind], str(head.tokens[0]), waiting, first != wrong and not unsure)
                wrong = first if read is None and first not in starts(BODIES[kind]) else ""
                hoisted = line.children if read is not None else []
                if hoisted and not line.odd:
                    self._too_deep(hoisted[0])
                    hoisted[0].odd = True
            # An oddly indented line that can't be read, or is a name alone, may have been the head of a block that
            # the lines after it belong to.
            if line.odd and (read is None or len(line.tokens) == 1):
                unsure = True
                self._lose(line.tokens)
            if read is not None and not unsure:
                body.append(read)
            elif kind != "SCENE" and _is_word(line.tokens[0]):
                self._lose(line.tokens)  # it may have been a head
            waiting.extend(reversed(hoisted))
        return []

    def _is_named(self, line: Line) -> bool:
        """Whether a line begins with a name that is a word of the language elsewhere, and is about what it names."""
        first = line.tokens[0]
        if first.type not in ADDED or first not in self.names:
            return False
        return line_parser.fits(line.tokens, "beat_line") or not line_parser.fits(line.tokens, BODIES["SCENE"])

    def _starts_block(self, line: Line) -> bool:
        kind = line.tokens[0].type
        return kind in HEADS and line_parser.fits(line.tokens, HEADS[kind]) and not self._is_named(line)

    def _property(
        self, line: Line, rule: str, block: str, following: list[Line], report: bool = True
    ) -> Property | None:
        outcome = self._read(line, partial(self.reader.read_property, rule=rule), line.children[:1] or following, rule)
        if not isinstance(outcome, Failure):
            return outcome
        if outcome.index:
            told = line_parser.explain(self.file, line.tokens, outcome)
        else:
            told = line_parser.explain_word(self.file, line.tokens[0], rule, block)
        found = self._meant(line, rule, HABITS, told)
        if found is not None:
            return self._property_meant(found)
        if report or outcome.index:
            self.messages.report(told)
        return None

    def _meant(self, line: Line, rule: str, habits: Sequence[Habit], told: Diagnostic) -> Meant | None:
        found = self.messages.meant(line, rule, habits, told)
        self._failed = self._failed and found is None
        return found

    def _property_meant(self, found: Meant) -> Property | None:
        """The property that a line was meant to be; None where it was meant to be a comment."""
        read = self.reader.read_property(found.tokens, found.rule) if found.tokens else None
        self._narrated |= isinstance(read, Property) and read.word.text == "narration"
        return None if isinstance(read, Failure) else read

    def _beat(self, line: Line, following: list[Line]) -> BeatLine | Property | None:
        is_renamed, was_meant = self.messages.rename(line), False
        outcome = self._read(line, self.reader.read_beat, line.children[:1] or following, "beat_line")
        if isinstance(outcome, Failure):
            told = line_parser.explain(self.file, line.tokens, outcome)
            if is_sentence(self.messages.words_of(line)):
                while following and not following[-1].children and is_sentence(self.messages.words_of(following[-1])):
                    line.tokens += following.pop().tokens
            found = self._meant(line, "scene_line", HABITS, told)
            if found is None:
                found = self._meant(line, "beat_line", (partial(said, narrated=self._narrated), *BEATS, *HABITS), told)
            if found is not None and (found.rule != "beat_line" or not found.tokens):
                return self._property_meant(found)
            if found is not None:
                outcome, was_meant = self.reader.read_beat(found.tokens), True
            else:
                self.messages.report(told)
        first = line.tokens[0]
        entity = Word(str(first), line_parser.locate(self.file, first))
        if is_renamed:
            entity = self.messages.as_written(entity.location)
        motion = span = description = None
        if isinstance(outcome, Failure):
            if outcome.index == 0:
                self._lose(line.tokens)
                return None
        else:
            motion, span, description = outcome.motion, outcome.span, outcome.description
        parts = self._parts(line)
        keyframes, says, sides = (
            tuple(part for part in parts if part.word.text in kinds)
            for kinds in (("at",), ("says",), ("enters", "leaves"))
        )
        end = parts[-1].location if parts else line_parser.locate(self.file, line.tokens[-1])
        location = Location(self.file, first.line, first.column, end.end_line, end.end_column)
        broken = isinstance(outcome, Failure) or was_meant or line.odd
        return BeatLine(entity, motion, span, description, keyframes, location, broken, says, sides)

    def _parts(self, beat: Line) -> tuple[Property, ...]:
        """The lines under a beat: its key frames, by which sides it comes and goes, and what is said."""
        read: list[Property] = []
        misplaced, waiting = False, list(reversed(beat.children))
        while waiting:
            line = waiting.pop()
            if line.odd:
                self._odd(line)
            # A run of lines under a beat that are no parts of it is one mistake: their indentation.
            part = self._property(
                line, "beat_part", "beat", waiting, not misplaced and not (line.odd and not self._tabs)
            )
            if part is None and line.tokens[0].type not in starts("beat_part"):
                misplaced = self._failed = True
                continue
            if part is not None:
                read.append(part)
                if line.children and not line.odd:
                    self._too_deep(line.children[0])
                waiting.extend(reversed(line.children))
        return tuple(read)

    # Lines that stand where they should not

    def _meant_block(self, line: Line) -> str | None:
        """The kind of block that a line was meant to be the head of; it is reported and mended."""
        first = line.tokens[0]
        place = line_parser.locate(self.file, first)
        home, _ = telling.home_of(line.children)
        if home not in ("", "STORY") and len(line.tokens) == 1 and first.type == "NAME":
            head = f"{words()[home]} {first}"
            fix, advice = [Change(place, head)], did_you_mean(head, mark="`")
            self.messages.report(
                diagnostic("unknown-block", place, name=line_parser.shown(first), help=advice, fix=fix)
            )
            line.tokens = [Token.new_borrow_pos(home, words()[home], first), first]
            return home
        told = diagnostic("unknown-block", place, name=line_parser.shown(first))
        for kind, rule in HEADS.items():
            written = line.tokens
            if self._meant(line, rule, (*HABITS, partial(head_name, count=1)), told) is not None:
                self._lose(written)
                return kind
        return None

    def _lost(self, line: Line, following: list[Line], stands_in: str = "") -> bool:
        """Whether a line and those after it belong to a block whose header is missing, which is then reported.

        ``following`` holds the lines after it in reverse; those that belong with it are taken from there.
        """
        above = self.blocks[-1].kind.text.upper() if self.blocks else ""
        if not stands_in and above in BODIES and line.tokens[0].type in starts(BODIES[above]):
            return False
        kind, count = telling.home_of([line, *reversed(following)], stands_in)
        if not kind or (stands_in and count < 2):
            return False
        lines = [line, *(following.pop() for _ in range(count - 1))]
        if following and line.indent:
            following[-1].odd = False
        comments = [token for token, own_line in self.layout.comments if own_line]
        if not self._failed:
            self.messages.report(telling.lost_header(self.file, kind, lines, comments))
        for each in lines:
            for part in (each, *each.below()):
                self._lose(part.tokens)
        self.lost_any = True
        return True

    def _astray(self, line: Line, report: bool) -> None:
        """A line in column 0 that starts no block: part of the block above it, or nothing."""
        above = self.blocks[-1] if self.blocks else None
        rule = BODIES.get(above.kind.text.upper()) if above is not None else None
        first = line.tokens[0]
        place = line_parser.locate(self.file, first)
        if above is not None and rule is not None and first.type in starts(rule):
            outcome = LineReader(self.file, []).read_property(line.tokens, rule)
            if report:
                advice = f"indent it by two blanks: it belongs to the {above.kind.text} above"
                self.messages.report(diagnostic("indentation", place, problem="this line is not indented", help=advice))
            if not isinstance(outcome, Failure):
                self.blocks[-1] = replace(above, body=(*above.body, outcome))
            return
        if report:
            if first.type in ("UNCLOSED_STRING", "UNCLOSED_LONG_STRING"):
                self.messages.report(line_parser.unclosed_string(self.file, first))
            else:
                self.messages.report(telling.no_block(self.file, line, self.messages.words_of(line)))
        for part in (line, *line.below()):
            self._lose(part.tokens)

    def _odd(self, line: Line) -> None:
        """Report odd indentation, unless the line above could not be read: it is then the rest of that line."""
        place = line_parser.locate(self.file, line.tokens[0])
        if self._failed:
            self.messages.told.add(place.line)
        elif not self._tabs:
            problem = "the indentation of this line fits no line above it"
            self.messages.report(diagnostic("indentation", place, problem=problem))

    def _too_deep(self, line: Line) -> None:
        if not self._tabs:
            self.messages.report(telling.too_deep(self.file, line))


def _is_part(line: Line) -> bool:
    """Whether a line in a scene belongs under a beat."""
    first = line.tokens[0].type
    return first == "AT" or (first == "SAYS" and line_parser.fits(line.tokens, "beat_part"))


def _is_word(token: Token) -> bool:
    return token[:1].isalpha()
