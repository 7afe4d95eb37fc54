"""The examples in the diagnostics' Markdown files: small sets of files, one of them with a marked place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dreamrunner.language.diagnostics import Entry

MAIN = "example.story"
"""The name of the story that an example is about; other files are named where they open."""

_FENCE = re.compile(r"^```(story|bytes) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """One file: its ``content``, and the lines to show, in which a line of ``^`` marks the line above it."""

    name: str
    content: bytes
    shown: tuple[str, ...]

    @property
    def named(self) -> bool:
        """Whether its name matters to a reader."""
        return self.name != MAIN


@dataclass(frozen=True, slots=True)
class Example:
    """Files, and the marked place as (file, line, column, end column), counting from 1; None without a mark."""

    files: tuple[ExampleFile, ...]
    mark: tuple[str, int, int, int] | None


def example(item: Entry, heading: str) -> Example:
    """The example under ``## heading``. In a ``bytes`` fence, Python's escapes stand for bytes."""
    files: list[ExampleFile] = []
    mark = None
    for kind, named, body in _FENCE.findall(item.section(heading)):
        name = named or MAIN
        kept: list[str] = []
        for line in body.split("\n"):
            carets = re.fullmatch(r"\s*(\^+)", line)
            if carets:
                mark = (name, len(kept), carets.start(1) + 1, carets.end(1) + 1)
            else:
                kept.append(line)
        text = "\n".join(kept)
        content = text.encode("utf-8").decode("unicode_escape").encode("latin-1") if kind == "bytes" else text.encode()
        files.append(ExampleFile(name, content, tuple(body.removesuffix("\n").split("\n"))))
    return Example(tuple(files), mark)
