"""Diagnostics: values that say what is wrong, where, and what to do about it.

Every code has one Markdown file in ``grammar/diagnostics``; severity, message and help are read from there when a
diagnostic of that code is first made, so the text has one home.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from dreamrunner.files.text import shortened
from dreamrunner.language.story import Location

_LONGEST_FACT = 400

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of a file, and the text that mends it in its place."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. ``related`` holds other places that matter, each with what it is.

    ``fix`` does what ``help`` says, in the text as it stands; it is empty where that hangs on what is meant.
    """

    code: str
    severity: Severity
    message: str
    help: str
    location: Location
    related: tuple[tuple[str, Location], ...] = ()
    fix: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What the Markdown file of one code says.

    ``message`` and ``help`` are templates for :meth:`str.format`. ``fix`` says whether what mends it is ``safe``, so
    that nobody need look at it, or ``unsafe``; it is empty where there is nothing that does.
    """

    code: str
    severity: Severity
    message: str
    help: str
    markdown: str
    fix: Literal["", "safe", "unsafe"] = ""

    @property
    def summary(self) -> str:
        """The first sentence about its cause."""
        return self.section("Cause").split(". ")[0].removesuffix(".") + "."

    def section(self, heading: str) -> str:
        """The text under ``## heading``, without it."""
        return self.markdown.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0].strip()


def grammar_folder() -> Path:
    """The folder with the grammar and the diagnostics: inside an installed package, or beside the package."""
    # By way of importlib.resources this would cost every command 15 ms of imports.
    package = Path(__file__).resolve().parents[1]
    inside = package / "grammar"
    return inside if inside.is_dir() else package.parent / "grammar"


def codes() -> tuple[str, ...]:
    """Every code there is, sorted."""
    folder = grammar_folder() / "diagnostics"
    return tuple(sorted(item.name[:-3] for item in folder.iterdir() if item.name.endswith(".md")))


@cache
def entry(code: str) -> Entry:
    """The entry of ``code``. Raises KeyError when there is none."""
    item = grammar_folder() / "diagnostics" / f"{code}.md"
    if not item.is_file():
        raise KeyError(code)
    markdown = item.read_text(encoding="utf-8")
    facts = dict(re.findall(r"^- (severity|message|help|fix): (.*)$", markdown, re.MULTILINE))
    return Entry(code, facts["severity"], facts["message"], facts["help"], markdown, facts.get("fix", ""))


def diagnostic(
    code: str,
    location: Location,
    *,
    help: str | None = None,
    related: Iterable[tuple[str, Location]] = (),
    fix: Iterable[Change] = (),
    **facts: object,
) -> Diagnostic:
    """Make a diagnostic of ``code``; ``facts`` fill its message and help, ``help`` replaces the general advice."""
    text = entry(code)
    facts = {name: shortened(fact, _LONGEST_FACT) if isinstance(fact, str) else fact for name, fact in facts.items()}
    advice = text.help if help is None else help
    return Diagnostic(
        code,
        text.severity,
        text.message.format(**facts),
        advice.format(**facts) if help is None else advice,
        location,
        tuple(related),
        tuple(fix),
    )
