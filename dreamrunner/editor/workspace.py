"""Every text that the server knows: those open in the editor, as they are there, and the files on disk.

Files are the same when they are one file on disk, links followed; a text in the editor goes before its file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import PositionCodec, ServerTextPosition, ServerTextRange

from dreamrunner.editor.analysis import Analysis
from dreamrunner.files.paths import FILLED
from dreamrunner.language.files import Folder, read_text
from dreamrunner.language.project.finding import reach_of
from dreamrunner.language.story import Location
from dreamrunner.planning.written.file import filled_path

_MOST_FILES = 2000
_MOST_FOLDERS = 5000
_PASSED_OVER = frozenset({"node_modules", "build", "__pycache__"})


@dataclass(frozen=True, slots=True)
class OpenText:
    """A text in the editor."""

    uri: str
    path: Path
    version: int | None
    text: str


class Library:
    """Texts and what is known of them."""

    def __init__(self, codec: PositionCodec | None = None) -> None:
        self.codec = codec or PositionCodec()
        self.folders: list[Path] = []
        self.versioned = False  # whether the client takes edits that name a document's version
        self._open: dict[str, OpenText] = {}
        self._analyses: dict[str, Analysis] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        self._unsaved: dict[Path, str] = {}

    # Texts in the editor

    def put(self, uri: str, version: int | None, text: str) -> Path:
        """Take a text as it now is in the editor; returns its path. What hangs on other texts is forgotten."""
        path = self.path(uri)
        before = self._open.get(key(path))
        if before is None or (before.path, before.text) != (path, text):
            self._analyses[key(path)] = Analysis(path, text, self._unsaved)
        self._open[key(path)] = OpenText(uri, path, version, text)
        self.refresh()
        return path

    def close(self, uri: str) -> Path:
        """Forget a text that the editor has closed: its file counts again."""
        path = self.path(uri)
        for known in (self._open, self._analyses, self._stamps):
            known.pop(key(path), None)
        self.refresh()
        return path

    def refresh(self) -> None:
        """A text or a file has changed: forget what was worked out, but for what hangs on one text alone."""
        # That these are others tells an analysis of before from one of now.
        self._unsaved = {item.path: item.text for item in self._open.values()}

    def opened(self) -> list[OpenText]:
        return list(self._open.values())

    def open_text(self, path: Path) -> OpenText | None:
        return self._open.get(key(path))

    def path(self, uri: str) -> Path:
        """The path of a document; one that was never saved is taken to lie in the workspace's folder."""
        found = to_fs_path(uri) if uri.startswith("file:") else None
        if found is not None:
            return Path(found)
        name = uri.rpartition(":")[2].strip("/").replace("/", "-") or "untitled"
        return (self.folders[0] if self.folders else Path.cwd()) / f"{name.removesuffix('.story')}.story"

    def uri(self, path: Path) -> str:
        item = self._open.get(key(path))
        return item.uri if item is not None else from_fs_path(os.path.abspath(path)) or ""

    # What is known of a text

    def analysis(self, path: Path) -> Analysis | None:
        """What is known of the text of ``path`` as it is now; None when there is none."""
        name = key(path)
        if name not in self._open and not self._read(name, path):
            return None
        known = self._analyses.get(name)
        if known is not None and known.unsaved is not self._unsaved:
            known = self._analyses[name] = known.renewed(self._unsaved)
        return known

    def _read(self, name: str, path: Path) -> bool:
        """Read a file, unless it is as it was; false when it can't be read."""
        try:
            facts = path.stat()
        except OSError:
            return False
        stamp = facts.st_mtime_ns, facts.st_size
        if name not in self._analyses or self._stamps.get(name) != stamp:
            text = read_text(path, Location(path, 1, 1, 1, 1), empty=True)
            if not isinstance(text, str):
                return False
            self._analyses[name] = Analysis(path, text, self._unsaved)
            self._stamps[name] = stamp
        return True

    def used(self, analysis: Analysis) -> Iterator[Path]:
        """The files that a text names in its ``use`` lines and that are there, in its folder or the workspace's."""
        folders = [reach_of(analysis.path), *map(Folder, self.folders)]
        folder = Folder(analysis.path.parent, open=True)
        for block in analysis.syntax.blocks:
            if block.kind.text == "use" and block.name.text:
                path = folder.locate(block.name, analysis.path)
                inside = isinstance(path, Path) and any(each.holds(path) for each in folders)
                if isinstance(path, Path) and inside and self.analysis(path) is not None:
                    yield path

    def stories(self) -> list[Path]:
        """Every story: open ones, those in the workspace's folders, and those that they use. Each file once."""
        waiting = [item.path for item in self._open.values()]
        for folder in self.folders or {item.path.parent for item in self._open.values()}:
            waiting += _files(folder)
        found: dict[str, Path] = {}
        waiting.reverse()
        while waiting and len(found) < _MOST_FILES:
            path = waiting.pop()
            if key(path) not in found and (analysis := self.analysis(path)) is not None:
                found[key(path)] = path
                waiting.extend(self.used(analysis))
        return list(found.values())

    def linked(self, path: Path, *, fills: bool = False) -> Iterator[tuple[str, str]]:
        """Which file uses which, by key, among all stories; with ``fills``, a filled story uses its author's."""
        for file in {key(item): item for item in [path, *self.stories()]}.values():
            analysis = self.analysis(file)
            for used in self.used(analysis) if analysis else ():
                yield key(file), key(used)
            if fills and not file.name.endswith(FILLED) and self.analysis(filled_path(file)) is not None:
                yield key(filled_path(file)), key(file)

    # Places

    def column(self, analysis: Analysis, position: types.Position) -> tuple[int, int]:
        """A client's position as line and column, counting from 0, in Unicode characters, inside the text."""
        row = min(position.line, len(analysis.lines) - 1)
        wanted = types.Position(row, position.character if row == position.line else 10**6)
        line = analysis.lines[row]
        if wanted.character >= self.codec.client_num_units(line):
            return row, len(line)
        return row, self.codec.position_from_client_units(analysis.lines, wanted).character

    def range(self, location: Location) -> types.Range:
        """A stretch of a file in the client's units."""
        analysis = self.analysis(location.file)
        lines = analysis.lines if analysis is not None else []
        start = ServerTextPosition(location.line - 1, location.column - 1)
        end = ServerTextPosition(location.end_line - 1, location.end_column - 1)
        if end.line >= len(lines):
            return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))
        return self.codec.range_to_client_units(lines, ServerTextRange(start, end))

    def position(self, analysis: Analysis, row: int, column: int) -> types.Position:
        """A place, counting from 0, in the client's units."""
        line = analysis.lines[row] if row < len(analysis.lines) else ""
        return types.Position(row, self.codec.client_num_units(line[:column]))

    def location(self, location: Location) -> types.Location:
        return types.Location(self.uri(location.file), self.range(location))


def key(path: Path) -> str:
    """What tells one file from another."""
    return os.path.realpath(path)


def _files(folder: Path) -> list[Path]:
    """The stories in a folder and those under it, but for hidden ones and what a build leaves."""
    found: list[Path] = []
    for place, folders, files in islice(os.walk(folder), _MOST_FOLDERS):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_OVER)
        found += [Path(place) / name for name in sorted(files) if name.endswith(".story")]
        if len(found) >= _MOST_FILES:
            break
    return found[:_MOST_FILES]
