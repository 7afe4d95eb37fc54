"""What is noticed only because of another mistake, which is told already: it is no mistake of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Syntax, stretches

_MEASURED = frozenset({"nothing-to-read", "long-speech", "long-narration", "long-scene"})
"""What is told of how long a scene's words take, all of which have to be known for that."""


def without_following(
    found: Sequence[Diagnostic], syntax: Syntax, unread: Sequence[Diagnostic], *, bad_project: bool
) -> list[Diagnostic]:
    """The diagnostics of a story, but for what follows from others.

    ``unread`` are those of lines of its own file that can't be read; ``bad_project`` says that its project's file has a
    mistake.
    """
    mended = {item.location for item in found if item.code == "bad-escape"}
    misread = {_place(item) for item in found if item.code == "syntax"}
    lines = {(item.location.file, item.location.line) for item in found if item.code == "syntax"}
    unsure = _faulty_scenes(unread, syntax)
    return [item for item in found if not _follows(item, mended, misread, lines, unsure, bad_project)]


def _follows(
    item: Diagnostic,
    mended: set[Location],
    misread: set[tuple[Path, int, int]],
    lines: set[tuple[Path, int]],
    unsure: Iterable[range],
    bad_project: bool,
) -> bool:
    line = item.location.file, item.location.line
    match item.code:
        case "no-match":
            # What is not found where its backslashes are wrong, or of a line that can't be read as it stands.
            return item.location in mended or line in lines
        case "outside-folder":
            # What leads out of a folder whose project can't be read as it is meant.
            return bad_project
        case "reserved-name":
            return line in lines
        case "property-twice":
            first = [place for _, place in item.related]
            return any((place.file, place.line) in lines for place in first)
    if item.severity == "error":
        return False
    # What is only noticed of a value that was read otherwise than it stands there.
    return _place(item) in misread or (item.code in _MEASURED and any(item.location.line in each for each in unsure))


def _faulty_scenes(unread: Sequence[Diagnostic], syntax: Syntax) -> list[range]:
    """The lines of the scenes of a file of which a line can't be read."""
    wrong = {item.location.line for item in unread if item.severity == "error"}
    scenes = [lines for block, lines in stretches(syntax) if block.kind.text == "scene"]
    return [lines for lines in scenes if wrong.intersection(lines)]


def _place(item: Diagnostic) -> tuple[Path, int, int]:
    return item.location.file, item.location.line, item.location.column
