"""Completion: exactly what the grammar accepts next, then the names that fit there."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol import types

from dreamrunner.backbones.table import TABLE
from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.context import NOWHERE, Context, context_at, inside_strings
from dreamrunner.editor.explain import of_box, of_entity, of_motion, of_word
from dreamrunner.editor.workspace import Library
from dreamrunner.files.paths import MINIATURE, NO_CATALOG
from dreamrunner.files.text import NAME
from dreamrunner.language import PLACES, Prop
from dreamrunner.language.declarations import Cast, CastReader
from dreamrunner.language.diagnostics import entry
from dreamrunner.language.durations import takes_its_time
from dreamrunner.language.ignoring import ignorable
from dreamrunner.language.parsing.lines import words
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.parts import TRANSITIONS
from dreamrunner.language.project.finding import reach_of
from dreamrunner.language.reading_time import reading_seconds
from dreamrunner.language.sides import SIDES
from dreamrunner.language.sound import voices
from dreamrunner.language.sound.music import SOUNDS
from dreamrunner.language.story import DEFAULT_DURATION, PLANNERS
from dreamrunner.language.syntax import BeatLine, Block, Time, TimeSpan

TRIGGERS = (" ", '"', "/", "[", ".")
"""What starts completion besides letters."""

_KINDS = types.CompletionItemKind
_CHOICES = {
    "MODEL": tuple(TABLE),
    "PLANNER": (*PLANNERS, "gpt-4o"),
    "CATALOG": (MINIATURE, NO_CATALOG),
    "TRANSITION": TRANSITIONS,
}
_ENDINGS = {
    "USE": (".story",),
    "IMAGES": (".png", ".jpg", ".jpeg", ".webp", ".bmp"),
    "CLIPS": (".mp4", ".webm", ".mkv", ".mov", ".avi"),
    "LORA": (".safetensors",),
    "MUSIC": SOUNDS,
}
_DECLARING = ("CHARACTER", "PROP", "LOCATION", "MOTION")
_SIZES = tuple(dict.fromkeys(f"{row.size[0]}x{row.size[1]}" for row in TABLE.values() if row.size))
_BOX = "[0.1 0.35 0.4 0.92]"
_BOX_SNIPPET = "[${1:0.1} ${2:0.35} ${3:0.4} ${4:0.92}]"
_MOST = 500


_CODE = re.compile(r"#\s*ignore:[ \t]*([\w-]*)\Z")  # a comment up to the code that is being written


class Completer:
    """Completes one place in one text. ``snippets``: whether the client takes snippets."""

    def __init__(self, library: Library, analysis: Analysis, *, snippets: bool) -> None:
        self.library, self.analysis, self.snippets = library, analysis, snippets

    def items(self, row: int, column: int) -> list[types.CompletionItem]:
        """What can stand at a place, counted from 0, best first."""
        self.context = context_at(self.analysis.lines, row, column)
        self.row = row
        marked = _CODE.search(self.analysis.lines[row][:column])
        if marked is not None and self.context is NOWHERE:
            return list(self._codes(row, column, marked[1]))
        if self.context.text is not None:
            found = list(self._paths(self.context, self.context.text))
            start = column - len(self.context.text.rpartition("/")[2])
        else:
            found = [*self._names(), *self._written(), *self._keywords()]
            start = self.context.start
        line = self.analysis.lines[row]
        end = column
        while end < len(line) and (line[end].isalnum() or line[end] in "-_") and self.context.text is None:
            end += 1
        place = types.Range(
            self.library.position(self.analysis, row, start), self.library.position(self.analysis, row, end)
        )
        for number, item in enumerate(found):
            item.sort_text = f"{number:04d}"
            item.text_edit = types.TextEdit(place, item.insert_text or item.label)
            item.insert_text = None
        return found[:_MOST]

    def _codes(self, row: int, column: int, typed: str) -> Iterator[types.CompletionItem]:
        """The warnings that a comment can answer; first those that are told of the text."""
        told = {item.code for item in self.analysis.diagnostics}
        line, end = self.analysis.lines[row], column
        while end < len(line) and (line[end].isalnum() or line[end] == "-"):
            end += 1
        start = self.library.position(self.analysis, row, column - len(typed))
        place = types.Range(start, self.library.position(self.analysis, row, end))
        apart = "" if line[end : end + 1] == " " else " "
        for number, code in enumerate(sorted(ignorable(), key=lambda code: (code not in told, code))):
            yield types.CompletionItem(
                code,
                kind=_KINDS.EnumMember,
                detail="told of this text" if code in told else None,
                documentation=_markdown(entry(code).summary),
                sort_text=f"{number:04d}",
                text_edit=types.TextEdit(place, f"{code}{apart}"),
            )

    # Words of the language, and forms of values

    def _keywords(self) -> Iterator[types.CompletionItem]:
        taken = self._properties_above()
        accepted = [name for name in self.context.expected if name in words()]
        for name in sorted(accepted, key=lambda name: (name in taken, words()[name])):
            yield types.CompletionItem(
                words()[name], kind=_KINDS.Keyword, documentation=_markdown(of_word(name, self.context.block))
            )

    def _properties_above(self) -> set[str]:
        """The properties that the block has already, which are offered last."""
        if not self.context.block:
            return set()
        block = self._block()
        if block is None:
            return set()
        several = ("lora",) if block.kind.text == "story" else ()
        return {item.word.text.upper() for item in block.properties() if item.word.text not in several}

    def _written(self) -> Iterator[types.CompletionItem]:
        """Texts, times, boxes and numbers, where the grammar takes them."""
        expected = self.context.expected
        if "STRING" in expected and not self.context.typed:
            yield self._form('"..."', '"$1"', '""', "a text")
        if "LONG_STRING" in expected and not self.context.typed:
            yield self._form('"""..."""', '"""$1"""', '""""""', "a text over several lines")
        if "TIME" in expected:
            for text, why in self._times():
                yield types.CompletionItem(text, kind=_KINDS.Value, detail=why)
        if "_DOTS" in expected:
            yield types.CompletionItem("..", kind=_KINDS.Operator, detail="up to")
        if "_LEFT_BRACKET" in expected:
            yield self._form(
                "[x0 y0 x1 y1]", _BOX_SNIPPET, _BOX, "a box: top-left and bottom-right corner; the frame is 0 to 1"
            )
        if "SIZE" in expected:
            yield from (types.CompletionItem(size, kind=_KINDS.Value, detail="width x height") for size in _SIZES)
        if "NUMBER" in expected and not self.context.beat:
            yield types.CompletionItem("1", kind=_KINDS.Value, detail="a number")

    def _form(self, label: str, snippet: str, plain: str, detail: str) -> types.CompletionItem:
        return types.CompletionItem(
            label,
            kind=_KINDS.Snippet,
            detail=detail,
            filter_text=plain,
            insert_text=snippet if self.snippets else plain,
            insert_text_format=types.InsertTextFormat.Snippet if self.snippets else types.InsertTextFormat.PlainText,
        )

    def _times(self) -> Iterator[tuple[str, str]]:
        tokens = self.context.tokens
        first = tokens[0].type if tokens else ""
        if first == "DURATION":
            yield f"{DEFAULT_DURATION:g}s", "what the models film in one go"
            return
        if first == "TRANSITION":
            yield "0.5s", "half a second"
            return
        block, length = self._block(), self._length()
        if self.context.beat:
            what = "it is said then" if first == "SAYS" else "a key frame"
            beat = self._beat(block)
            start, end = (beat.span.start.seconds, beat.span.end.seconds) if beat and beat.span else (0.0, length)
            known = {frame.one(Time).seconds for frame in beat.keyframes} if beat and first != "SAYS" else set()
            for second in range(int(start), int(end) + 1):
                if float(second) not in known:
                    yield f"{second}s", what
        elif any(token.type == "_DOTS" for token in tokens):
            start = next((float(token[:-1]) for token in tokens if token.type == "TIME"), 0.0)
            for second in range(int(start) + 1, int(length) + 1):
                yield f"{second}s", "up to here"
        elif block is not None and tokens:
            taken = self._spans(block, str(tokens[0]))
            start = max([span.end.seconds for span in taken], default=0.0)
            if start < length:
                yield f"{start:g}s..{length:g}s", "what is left of the scene" if start else "the whole scene"
            yield f"{start:g}s", "from here"

    def _spans(self, block: Block, entity: str) -> list[TimeSpan]:
        lines = [line for line in block.body if isinstance(line, BeatLine) and line.entity.text == entity]
        return [line.span for line in lines if line.span is not None and line.location.line != self.row + 1]

    def _block(self) -> Block | None:
        """The block around the cursor, parsed by itself; key frames above or below it are its own."""
        lines = self.analysis.lines
        head = next((n for n in range(self.row, -1, -1) if lines[n][:1].strip() and not lines[n].startswith("#")), 0)
        end = next((n for n in range(self.row + 1, len(lines)) if lines[n][:1].strip()), len(lines))
        # Lines above are left blank, so that places stay what they are.
        text = "\n" * head + "\n".join(lines[head:end])
        return next(iter(parse(text, self.analysis.path).syntax.blocks), None)

    def _beat(self, block: Block | None) -> BeatLine | None:
        beats = [line for line in block.body if isinstance(line, BeatLine)] if block else []
        return next((beat for beat in reversed(beats) if beat.location.line <= self.row), None)

    def _length(self) -> float:
        block = self._block()
        facts = {item.word.text: item for item in block.properties()} if block is not None else {}
        time = facts["duration"].maybe(Time) if "duration" in facts else None
        if time is None and takes_its_time(facts) and "narration" in facts:
            return min(reading_seconds(facts["narration"].text) or DEFAULT_DURATION, 60.0)
        return min(time.seconds, 60.0) if time is not None else DEFAULT_DURATION

    # Names

    def _names(self) -> Iterator[types.CompletionItem]:
        context = self.context
        if "NAME" not in context.expected:
            return
        first = context.tokens[0].type if context.tokens else ""
        if not context.block and context.tokens[-1].type == "FROM" and len(context.tokens) > 2:
            yield from self._declared(str(first).lower(), but=str(context.tokens[1]))
        elif not context.block:
            yield from self._undeclared(first)
        elif first == "IN" and context.block == "SCENE":
            yield from self._declared("location")
        elif first in ("ENTERS", "LEAVES"):
            yield from (types.CompletionItem(side, kind=_KINDS.EnumMember) for side in SIDES)
        elif first in _CHOICES and (context.block == "STORY" or first == "TRANSITION"):
            yield from (types.CompletionItem(name, kind=_KINDS.EnumMember) for name in _CHOICES[first])
        elif first == "VOICE":
            folder = self.analysis.path.parent
            yield from (types.CompletionItem(name, kind=_KINDS.EnumMember) for name in voices.names(folder))
        elif context.beat:
            for name, box in PLACES.items():
                yield types.CompletionItem(
                    name, kind=_KINDS.Unit, detail=of_box(box), documentation=_markdown(f"`{name}` is {of_box(box)}")
                )
        elif context.block == "SCENE" and not context.tokens:
            yield from self._entities()
        elif context.block == "SCENE" and first not in words():
            yield from self._motions(str(context.tokens[0]))

    def _entities(self) -> Iterator[types.CompletionItem]:
        for name, declared in self._cast().entities.items():
            yield types.CompletionItem(
                name,
                kind=_KINDS.Variable if isinstance(declared.value, Prop) else _KINDS.Class,
                detail=declared.kind,
                documentation=_markdown(of_entity(declared.value, self.analysis.path)),
            )

    def _declared(self, kind: str, but: str = "") -> Iterator[types.CompletionItem]:
        """What is declared of a kind, apart from one."""
        for name, declared in self._cast().of(kind).items():
            if declared.kind == kind and name != but:
                told = _markdown(of_entity(declared.value, self.analysis.path))
                icon = _KINDS.Struct if kind == "location" else _KINDS.Class
                yield types.CompletionItem(name, kind=icon, detail=kind, documentation=told)

    def _motions(self, entity: str) -> Iterator[types.CompletionItem]:
        cast = self._cast()
        declared = cast.entities.get(entity)
        if declared is not None and isinstance(declared.value, Prop):
            return
        for name, motion in cast.motions.items():
            yield types.CompletionItem(
                name,
                kind=_KINDS.Method,
                detail="motion",
                documentation=_markdown(of_motion(motion.value, self.analysis.path)),
            )
        for name, _ in self._used("MOTION").most_common():
            if name not in cast.motions:
                yield types.CompletionItem(name, kind=_KINDS.Method, detail="motion, not declared")

    def _undeclared(self, head: str) -> Iterator[types.CompletionItem]:
        """Names that scenes use and nothing declares, where a declaration asks for its name."""
        if head not in _DECLARING:
            return
        known = self._cast().of(head.lower())
        for name, _ in self._used(head).most_common():
            if name not in known:
                yield types.CompletionItem(name, kind=_KINDS.Reference, detail="used, not declared")

    def _used(self, head: str) -> Counter[str]:
        """Who or which motions the beats of the text name, but for the line that is being written."""
        found: Counter[str] = Counter()
        if head == "LOCATION":
            facts = (fact for block in self.analysis.syntax.blocks for fact in block.properties())
            return Counter(fact.text for fact in facts if fact.word.text == "in")
        for line in scene_lines(self.analysis.lines):
            if line[0] == self.row:
                continue
            who, *rest = line[1]
            found.update([who] if head != "MOTION" else rest[:1])
        return found

    def _cast(self) -> Cast:
        """What the text can name, from its declaring blocks alone: scenes declare nothing, and are long."""
        lines, declaring = [], True
        for number, line in enumerate(self.analysis.lines):
            if line[:1].strip() and not line.startswith("#"):
                declaring = not line.startswith("scene")
            lines.append(line if declaring and number != self.row else "")
        parsed = parse("\n".join(lines), self.analysis.path)
        return CastReader(reach_of(self.analysis.path), self.analysis.unsaved).cast(parsed, (self.analysis.path,))

    # Paths

    def _paths(self, context: Context, typed: str) -> Iterable[types.CompletionItem]:
        """Files and folders below the story's own that the string could go on with."""
        word = context.tokens[0].type if context.tokens else ""
        if word in _DECLARING and len(context.tokens) > 2:
            word = context.tokens[4 if context.tokens[2].type == "FROM" and len(context.tokens) > 4 else 2].type
        if word not in _ENDINGS or (word == "USE") != (not context.block and len(context.tokens) == 1):
            return
        folder = reach_of(self.analysis.path)
        place = Path(os.path.normpath(self.analysis.path.parent / typed.rpartition("/")[0]))
        try:
            if not folder.holds(place):
                return
            found = sorted(os.scandir(place), key=lambda item: (not item.is_file(), item.name))
        except (OSError, ValueError):
            return
        for item in found:
            if item.name.startswith(".") or any(char in item.name for char in '"\\\n'):
                continue
            if item.is_dir():
                yield types.CompletionItem(
                    f"{item.name}/",
                    kind=_KINDS.Folder,
                    command=types.Command("Suggest", "editor.action.triggerSuggest") if self.snippets else None,
                )
            elif item.name.lower().endswith(_ENDINGS[word]) and Path(item.path) != self.analysis.path:
                yield types.CompletionItem(item.name, kind=_KINDS.File)


def scene_lines(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The leading names of the lines in scenes that look like beats, with their rows: who, and which motion."""
    properties = set(words().values())
    inside = inside_strings(lines, len(lines) - 1)
    scene = False
    for row, line in enumerate(lines):
        if inside[row]:
            continue
        if line[:1].strip():
            scene = line.startswith("scene") or (scene and line.startswith("#"))
            continue
        named: list[str] = []
        for word in line.split(" ") if scene else ():
            if word and not NAME.fullmatch(word):
                break
            named += [word] if word else []
        if named and named[0] not in properties:
            yield row, named


def _markdown(text: str) -> types.MarkupContent | None:
    return types.MarkupContent(types.MarkupKind.Markdown, text) if text else None
