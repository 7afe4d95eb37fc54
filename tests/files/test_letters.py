"""Letters: what is kept of a text, what a terminal is spared, what readers see as one, and how wide it is."""

from __future__ import annotations

import pytest

from dreamrunner.files.letters import clusters, columns
from dreamrunner.files.text import one_line, printable, printable_line

SHOWN = {
    "joiners of Persian": "می‌خواهد",
    "joiners of Hindi": "क्‍ष",
    "emoji of several": "👨‍👩‍👧 👩🏽‍🍳 ❤️ 🏴󠁧󠁢󠁿",
    "soft hyphens": "Donau\u00addampf",
    "no-break spaces": "«\u00a0oui\u202f!\u00a0»\u2007\u2060x",
    "marks of direction": "\u200fשלום\u200e",
    "signs of somebody's own": "\ue000\U000f0000",
    "letters to come": "\U0001fbff",
}


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN.keys())
def test_what_belongs_to_a_language_is_kept_everywhere(text: str) -> None:
    assert one_line(text) == printable(text) == printable_line(text) == text


@pytest.mark.parametrize(
    ("text", "line", "terminal"),
    [
        ("a\tb", "a b", "a b"),
        ("a\r\n\n b", "a b", "a?\n\n b"),
        ("a\x1b[2Jb\x07", "a[2Jb", "a?[2Jb?"),
        ("a\x9bb\x7f", "ab", "a?b?"),
        ("a\ud83db", "ab", "a?b"),
        ("a\ufffeb\ufdd0", "ab", "a?b?"),
        ("a\u2028b\u2029c\x85d", "a b c d", "a?b?c?d"),
        ("\u202eevil\u202c", "\u202eevil\u202c", "?evil?"),
        ("\u2066a\u2069", "\u2066a\u2069", "?a?"),
        (" a \u3000\u2003 b ", "a b", " a \u3000\u2003 b "),
        ("\ufeffa", "a", "?a"),
    ],
)
def test_what_is_no_letter_is_dropped_and_a_terminal_is_spared_what_reorders(
    text: str, line: str, terminal: str
) -> None:
    assert one_line(text) == line
    assert printable(text) == terminal
    assert printable_line(text) == terminal.replace("\n", "?")


@pytest.mark.parametrize(
    ("text", "seen", "wide"),
    [
        ("abc", ["a", "b", "c"], 3),
        ("e\u0301a", ["e\u0301", "a"], 2),
        ("女巫。", ["女", "巫", "。"], 6),
        ("ｱ한", ["ｱ", "한"], 3),
        ("👨‍👩‍👧a", ["👨‍👩‍👧", "a"], 3),
        ("👩🏽‍🍳❤️", ["👩🏽‍🍳", "❤️"], 4),
        ("🇫🇷🇩🇪", ["🇫🇷", "🇩🇪"], 4),
        ("क्ष", ["क्ष"], 1),
        ("\u200da", ["\u200da"], 1),
        ("", [], 0),
    ],
)
def test_what_readers_see_as_one_letter(text: str, seen: list[str], wide: int) -> None:
    assert clusters(text) == seen
    assert columns(text) == wide
