"""Screenplays in Fountain's form (fountain.io/syntax): headings are places, cues are characters who speak."""

from __future__ import annotations

import re

from dreamrunner.files.text import one_line
from dreamrunner.language.importing.script import Left, Paragraph, Part, Script, Speech

_INSIDE = r"(?:INT\.?/EXT|INT/EXT|EXT\.?/INT|I/E|INT|EXT|EST)"
_HEADING = re.compile(rf"({_INSIDE})[. ]\s*(.+)", re.IGNORECASE)
_NUMBER = re.compile(r"\s*#[\w.-]+#\s*\Z")
_TRANSITION = re.compile(r"[^a-z]*\bTO:\Z|FADE (?:IN|OUT|TO BLACK)[.:]?\Z|(?:CUT TO BLACK|THE END)\.?\Z")
_CUE = re.compile(r"[^a-z]*[^\W\d_a-z][^a-z]*?(?:\s*\([^)]*\))*\s*\^?\Z")
_EXTENSION = re.compile(r"\(([^)]*)\)")
_UNSEEN = re.compile(
    r"\b(?:V\.?O\.?|O\.?S\.?|O\.?C\.?|VOICE ?OVER|OFF|FILTERED|ON (?:THE )?(?:PHONE|RADIO))\b", re.IGNORECASE
)
_TITLES = re.compile(r"(Title|Credit|Authors?|Source|Notes|Draft date|Date|Contact|Copyright|[A-Z][\w ]{0,30}):(.*)")
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3})(?=[^\s*])([^*]+?)(?<=[^\s\\])\1|(?<!\\)(_)(?=[^\s_])([^_]+?)(?<=[^\s\\])_")
_TIMES = re.compile(r"\s+[-\u2013\u2014]+\s+([^-\u2013\u2014]+)\Z")
_LONGEST_CUE = 80
_PASSES = {
    "CUT TO": "cut", "DISSOLVE TO": "dissolve", "FADE TO": "fade", "FADE OUT": "fade", "FADE TO BLACK": "fade",
}  # fmt: skip


def looks_like_fountain(text: str) -> bool:
    """Whether a text has headings as screenplays have them."""
    return len(re.findall(rf"^{_INSIDE}[. ]\s*\S", text, re.MULTILINE)) > 0


def read_fountain(text: str) -> Script:
    """Read a screenplay: a scene for each heading; action is told, and what characters say is said by them."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.script = Script()
        self.part = Part("", 1)
        self.lines = self._without_notes(text).split("\n")
        self.row = 0

    def read(self) -> Script:
        self._title_page()
        while self.row < len(self.lines):
            line = self.lines[self.row].strip()
            self.row += 1
            if line:
                self._element(line)
        self._begin(Part("", 0))
        return self.script

    def _leave(self, what: str, words: str, line: int | None = None) -> None:
        self.script.left.append(Left(line if line is not None else self.row, what, words))

    def _without_notes(self, text: str) -> str:
        """The text without notes and what is struck out, their line ends kept."""
        for opening, closing, what in (("/*", "*/", "what is struck out"), ("[[", "]]", "a note")):
            kept, at, line = [], 0, 1
            while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start + 2)) >= 0:
                words = text[start : end + 2]
                kept.append(text[at:start])
                line += text.count("\n", at, start)
                self._leave(what, words, line)
                kept.append("\n" * words.count("\n"))
                line += words.count("\n")
                at = end + 2
            text = "".join(kept) + text[at:]
        return text

    def _title_page(self) -> None:
        """The pairs of names and values before the first blank line, if the text begins with such."""
        while self.row < len(self.lines) and not self.lines[self.row].strip():
            self.row += 1
        if self.row >= len(self.lines) or not _TITLES.match(self.lines[self.row]):
            return
        if _TRANSITION.match(self.lines[self.row].strip()):
            return
        name, values, start = "", [""], 0
        while self.row < len(self.lines):
            line = self.lines[self.row]
            found = _TITLES.match(line)
            if not line.strip() or found is not None or not line[:1].isspace():
                self._title(name, values, start)
                if found is None or not line.strip():
                    return
                name, values, start = found[1], [found[2]], self.row + 1
            else:
                values.append(line)
            self.row += 1
        self._title(name, values, start)

    def _title(self, name: str, values: list[str], line: int) -> None:
        words = self._plain(" ".join(values))
        if name == "Title":
            self.script.title = words
        elif name:
            self._leave("a line of the title page", f"{name}: {words}", line)

    def _element(self, line: str) -> None:
        before = self.lines[self.row - 2].strip() if self.row > 1 else ""
        after = self.lines[self.row].strip() if self.row < len(self.lines) else ""
        if line.startswith(".") and line[1:2].isalnum():
            self._heading(line[1:], forced=True)
        elif _HEADING.match(line) and not before:
            self._heading(line)
        elif line.startswith("#"):
            self._leave("the name of a section", line)
        elif re.fullmatch(r"={3,}", line):
            self._leave("a page's end", line)
        elif line.startswith("="):
            self._leave("a synopsis", line)
        elif line.startswith(">"):
            if line.endswith("<"):
                self._leave("words in the middle of the page", line)
            else:
                self._transition(line[1:].strip())
        elif _TRANSITION.match(line) and not before and not after:
            self._transition(line)
        elif after and not line.startswith("!") and self._is_cue(line, before):
            self._cue(line)
        else:
            self._action(line)

    def _is_cue(self, line: str, before: str) -> bool:
        return bool(line.startswith("@") and line[1:].strip(" ^:")) or (
            not before and len(line) <= _LONGEST_CUE and bool(_CUE.fullmatch(line))
        )

    def _heading(self, line: str, forced: bool = False) -> None:
        if (number := _NUMBER.search(line)) is not None:
            self._leave("a scene's number", number[0].strip())
            line = line[: number.start()]
        found = _HEADING.match(line) if not forced else None
        where = self._plain(found[2] if found is not None else line)
        if found is not None:
            self._leave("whether it is inside or outside", found[1])
        time = _TIMES.search(where)
        place = where[: time.start()] if time is not None else where
        self._begin(Part(where, self.row, place=place.strip(), time=time[1].strip() if time is not None else ""))

    def _begin(self, part: Part) -> None:
        if not self.part.empty or self.part.heading:
            self.script.parts.append(self.part)
        self.part = part

    def _transition(self, line: str) -> None:
        word = _PASSES.get(line.upper().rstrip(" .:"), "")
        if not word:
            self._leave("a transition that stories have no word for", line)
        elif self.part.empty and not self.part.heading:
            self._leave("a transition before anything is seen", line)
        else:
            self.part.transition = word

    def _cue(self, line: str) -> None:
        start = self.row
        if line.endswith("^"):
            self._leave("that two speak at once", line, start)
        name = line.removeprefix("@").rstrip("^ :")
        unseen = bool(_UNSEEN.search(" ".join(_EXTENSION.findall(name))))
        for extension in _EXTENSION.findall(name):
            if not (_UNSEEN.search(extension) and unseen):
                self._leave("what stands behind a name", f"({extension})", start)
        who = one_line(_EXTENSION.sub("", name))
        said: list[str] = []
        while self.row < len(self.lines) and self.lines[self.row].strip():
            words = self.lines[self.row].strip()
            self.row += 1
            if words.startswith("(") and words.endswith(")"):
                self._leave("how it is said", words)
            else:
                said.append(words.removeprefix("~"))
        text = self._plain(" ".join(said))
        if not text:
            self._leave("a name with nothing said", who, start)
        elif unseen:
            self._leave("that somebody who isn't seen says this; it is told", name, start)
            self.part.told.append(Paragraph(f"{who.title() if who.isupper() else who}: {text}", start))
        else:
            self.part.said.append(Speech(who, text, start))

    def _action(self, line: str) -> None:
        start, words = self.row, [line.removeprefix("!")]
        while self.row < len(self.lines) and (more := self.lines[self.row].strip()):
            words.append(more.removeprefix("!"))
            self.row += 1
        text = self._plain(" ".join(word.removeprefix("~") for word in words))
        if text:
            self.part.told.append(Paragraph(text, start))

    def _plain(self, text: str) -> str:
        for _ in range(3):
            text = _EMPHASIS.sub(lambda found: found[2] or found[4], text)
        return one_line(re.sub(r"\\([*_\\])", r"\1", text))
