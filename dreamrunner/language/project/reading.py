"""Reading a file of settings: every mistake in it is told with its line, and what is right still holds."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dreamrunner.files.paths import MINIATURE, NO_CATALOG
from dreamrunner.files.regular import read_regular
from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.files.text import with_line_ends
from dreamrunner.files.wording import reason
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.files import decoded, lies_in
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.project.places import Places, places_in
from dreamrunner.language.sound.voices import pitched
from dreamrunner.language.story import MOST_TAKES, PLANNERS, Location

LARGEST = 200_000
"""Bytes of a file of settings; a longer one is not read."""

FOLDERS = "folders"
"""The key that only a project's file has: which folders of it its stories may use beside their own."""

Value = str | int | Path | tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where it stands: in a file, or in the environment ``variable``. Paths are absolute."""

    value: Value
    location: Location | None = None
    variable: str = ""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What one file says.

    ``values``: by key, what is right in it.
    ``diagnostics``: what is wrong in it, or why it is not read.
    """

    path: Path
    values: Mapping[str, Setting] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def read_settings(path: Path, *, project: bool) -> SettingsFile:
    """Read a project's file, whose paths stay in its folder, or the user's own, whose paths may lead anywhere.

    Never raises for anything that a file can contain.
    """
    start = Location(path, 1, 1, 1, 2)
    try:
        raw = read_regular(path, LARGEST)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "it can't be opened"
        return SettingsFile(path, {}, (_wrong(start, f"{shown(str(path), 200)} can't be read: {why}"),))
    text = decoded(raw, start, shown(str(path), 200))
    if isinstance(text, Diagnostic):
        return SettingsFile(path, {}, (text,))
    text = with_line_ends(text)
    try:
        facts = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return SettingsFile(path, {}, (_no_toml(error, text, path),))
    return _Reader(path, places_in(text, path), project).read(facts)


def _no_toml(error: Exception, text: str, path: Path) -> Diagnostic:
    place = re.search(r" \(at line (\d+), column (\d+)\)", str(error))
    lines = text.split("\n")
    line, column = (int(place[1]), int(place[2])) if place else (len(lines), len(lines[-1]) + 1)
    why = "it is nested too deeply" if isinstance(error, RecursionError) else re.sub(r" \(at .*\)$", "", str(error))
    help = 'a line is `key = "text"`, `key = 4`, or `key = ["text", "text"]`'
    return _wrong(Location(path, line, column, line, column + 1), f"this is no TOML: {shown(why, 120)}", help)


def _wrong(place: Location, problem: str, help: str | None = None) -> Diagnostic:
    return diagnostic("bad-project", place, problem=problem, help=help)


class _Reader:
    """Reads the keys of one file."""

    def __init__(self, path: Path, places: Places, project: bool) -> None:
        self.path, self.places, self.project = path, places, project
        self.folder = Path(os.path.abspath(path.parent))
        self.found: list[Diagnostic] = []

    def read(self, facts: Mapping[str, Any]) -> SettingsFile:
        keys = KEYS if self.project else tuple(key for key in KEYS if key != FOLDERS)
        values = {}
        for key, value in facts.items():
            if key not in keys:
                self._unknown(key, keys)
                continue
            read = _READERS[key](self, key, value)
            if read is not None:
                values[key] = Setting(read, self.places.key(key))
        found = sorted(self.found, key=lambda item: item.location)
        return SettingsFile(self.path, values, tuple(found))

    def _unknown(self, key: str, keys: tuple[str, ...]) -> None:
        place = self.places.key(key)
        if key == FOLDERS:
            help = "name them in the dreamrunner.toml of the project that they belong to"
            self.found.append(_wrong(place, f"`{FOLDERS}` is a project's, and has no meaning here", help))
            return
        help = did_you_mean(closest(key, keys), mark="`") or f"there are {', '.join(keys)}"
        self.found.append(_wrong(place, f"there is no setting `{shown(key)}`", help))

    def _text(self, key: str, value: Any) -> str | None:
        if isinstance(value, str) and value.strip() and not re.search(r"[\x00-\x1f\x7f]", value):
            return value.strip()
        problem = f"`{key}` is a text on one line, not {_kind(value)}"
        self.found.append(_wrong(self.places.text(key), problem, f'write it so: `{key} = "..."`'))
        return None

    def planner(self, key: str, value: Any) -> str | None:
        text = self._text(key, value)
        if text is not None and text not in PLANNERS and (near := did_you_mean(closest(text, PLANNERS), mark="`")):
            self.found.append(_wrong(self.places.text(key), f"there is no planner `{shown(text)}`", near))
            return None
        return text

    def voice(self, key: str, value: Any) -> str | None:
        """A name as the command line takes it: a voice's file, or one of a server's."""
        text = self._text(key, value)
        plain, semitones = pitched(text) if text is not None else ("", 0)
        if not plain.lower().endswith(".onnx"):
            return text
        path = self._path(key, plain, 0, "file")
        return None if path is None else f"{path} {semitones:+d}" if semitones else str(path)

    def model(self, key: str, value: Any) -> str | None:
        """A name, or a folder as an absolute path."""
        text = self._text(key, value)
        if text is None:
            return None
        folder = Path(os.path.normpath(self.folder / Path(text).expanduser()))
        if not os.path.isdir(folder) and not text.startswith((".", "~", "/")):
            return text
        return None if self._path(key, text, 0, "folder") is None else str(folder)

    def catalog(self, key: str, value: Any) -> str | None:
        """A name of a catalog that comes with the package, or a folder as an absolute path."""
        text = self._text(key, value)
        if text is None or text in (MINIATURE, NO_CATALOG):
            return text
        path = self._path(key, text, 0, "file or folder")
        return None if path is None else str(path)

    def takes(self, key: str, value: Any) -> int | None:
        """A number of films."""
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_TAKES:
            return value
        what = shown(str(value)) if type(value) in (int, str) else _kind(value)
        problem = f"`{key}` is a number from 1 to {MOST_TAKES}, not {what}"
        self.found.append(_wrong(self.places.text(key), problem, f"write it so: `{key} = 4`"))
        return None

    def there(self, key: str, value: Any) -> Path | None:
        """A folder that is there."""
        text = self._text(key, value)
        return None if text is None else self._path(key, text, 0, "folder")

    def place(self, key: str, value: Any) -> Path | None:
        """A folder that may be made later."""
        text = self._text(key, value)
        return None if text is None else self._path(key, text, 0, "")

    def several(self, key: str, value: Any) -> tuple[Path, ...] | None:
        """Folders that are there."""
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            what = "a text" if isinstance(value, str) else _kind(value)
            what = "one of something else" if isinstance(value, list) else what
            problem = f"`{key}` is a list of folders, not {what}"
            self.found.append(_wrong(self.places.text(key), problem, f'write it so: `{key} = ["cast"]`'))
            return None
        paths = [self._path(key, item, number, "folder") for number, item in enumerate(value)]
        return tuple(dict.fromkeys(path for path in paths if path is not None))

    def _path(self, key: str, text: str, number: int, what: str) -> Path | None:
        """The path that a text names, absolute; None, and why is told, where it leaves the project or is not there."""
        place = self.places.text(key, number)
        try:
            path = self.folder / (text if self.project else Path(text).expanduser())
            path = Path(os.path.normpath(path))
            outside = self.project and not lies_in(path, self.folder)
            there = path.is_dir() if what == "folder" else path.exists()
        except (OSError, ValueError, RuntimeError):
            self.found.append(_wrong(place, f"`{shown(text)}` is no path"))
            return None
        if outside:
            help = (
                "keep it in the folder of dreamrunner.toml; the command line and your own settings may lead elsewhere"
            )
            self.found.append(_wrong(place, f"`{shown(text)}` leaves the project's folder", help))
            return None
        if what and not there:
            help = did_you_mean(closest(path.name, _names(path.parent)), mark="`") or f"looked in {self.folder}"
            self.found.append(_wrong(place, f"there is no {what} `{shown(text)}`", help))
            return None
        return path


def _names(folder: Path) -> list[str]:
    try:
        return [item.name for item in folder.iterdir()][:2000]
    except OSError:
        return []


def _kind(value: object) -> str:
    """What a value of TOML is, in words."""
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "true or false"), (str, "an empty text or one over several lines"), (int, "a number"),
        (float, "a number with a point"), (list, "a list"), (dict, "a table"),
    )  # fmt: skip
    return next((said for kind, said in kinds if isinstance(value, kind)), "a date or a time")


_READERS: Mapping[str, Callable[[_Reader, str, Any], Value | None]] = {
    FOLDERS: _Reader.several,
    "out": _Reader.place,
    "model": _Reader.model,
    "planner": _Reader.planner,
    "adapters": _Reader.there,
    "catalog": _Reader.catalog,
    "voice": _Reader.voice,
    "takes": _Reader.takes,
}

KEYS = tuple(_READERS)
"""Every key that a file of settings has."""
