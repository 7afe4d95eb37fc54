"""Control characters in prose, which no story holds: which there are, to be told."""

from __future__ import annotations

from dreamrunner.files.letters import UNSEEN
from dreamrunner.language.importing.script import Left

_NAMES = {
    "\a": "bell", "\b": "backspace", "\v": "vertical tab", "\f": "form feed", "\x1a": "end-of-file mark",
    "\x1b": "escape", "\x7f": "delete", "\x85": "next line", "\ufeff": "byte order mark",
}  # fmt: skip


def unseen_in(text: str) -> list[Left]:
    """The control characters of a text, each kind once: where it is first, and how often it is there."""
    places: dict[str, list[int]] = {}
    line, at = 1, 0
    for found in UNSEEN.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        for char in found[0]:
            places.setdefault(char, []).append(line)
    return [Left(lines[0], f"a control character, {_called(char)}{_times(lines)}") for char, lines in places.items()]


def _called(char: str) -> str:
    code = f"U+{ord(char):04X}"
    return f"{_NAMES[char]} ({code})" if char in _NAMES else code


def _times(lines: list[int]) -> str:
    return f", {len(lines)} times" if len(lines) > 1 else ""
