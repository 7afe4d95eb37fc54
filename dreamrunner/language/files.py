"""The files of a story on disk: reading them, and finding what their paths and globs name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.files.made import is_output
from dreamrunner.files.paths import LONGEST_NAME
from dreamrunner.files.patterns import LeadsOutside, TooManyFiles, files_matching, fixed_part
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import with_line_ends
from dreamrunner.files.wording import reason
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.mistakes.paths import no_match
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Text, Word

LARGEST_STORY = 4_000_000
"""Bytes of a story's file; a longer one is not read."""

_LONGEST_PATH = 200
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")


def read_text(path: Path, place: Location, *, empty: bool = False) -> str | Diagnostic:
    """The text of a story file, or a diagnostic at ``place`` that says why there is none.

    A file without anything but comments is refused unless ``empty``.
    """
    name = shown(str(path), _LONGEST_PATH)
    try:
        raw = read_regular(path, LARGEST_STORY)
    except IsADirectoryError:
        return diagnostic("not-a-file", place, path=name)
    except FileNotFoundError:
        return diagnostic("missing-file", place, path=name, reason="there is no such file")
    except (OSError, ValueError) as error:
        # ValueError: a zero byte in the path.
        why = reason(error) if isinstance(error, OSError) else "it can't be opened"
        return diagnostic("missing-file", place, path=name, reason=why)
    text = decoded(raw, place, name)
    if not empty and isinstance(text, str) and is_blank(text):
        return diagnostic("empty-file", place, path=name)
    return text


def is_blank(text: str) -> bool:
    """Whether a text has nothing in it but comments."""
    return not re.search(r"^[ \t]*[^#\s]", with_line_ends(text), re.MULTILINE)


def decoded(raw: bytes, place: Location, name: str) -> str | Diagnostic:
    """The text of UTF-8 bytes, without a byte order mark, or a diagnostic at ``place`` about the file ``name``."""
    try:
        if _is_utf16(raw):
            raise UnicodeDecodeError("utf-8", raw, max(0, raw.find(0)), 1, "a zero")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        help = _encoding(raw)
        return diagnostic("not-utf8", place, path=name, line=line, byte=f"0x{raw[error.start]:02x}", help=help)


def _encoding(raw: bytes) -> str | None:
    """What to do about a text whose encoding shows, by its mark or by what its bytes say; None for another."""
    if _is_utf16(raw):
        return "it is UTF-16, which some editors call Unicode: save it as UTF-8"
    try:
        # These bytes are letters of Windows, and none of its gaps.
        letters = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    # Those of Asia stand together, two bytes each.
    words = re.findall(r"\w*[^\x00-\x7f]+\w*", letters)
    alone = [word for word in words if len(re.sub(r"[\x00-\x7f]", "", word)) == 1]
    if 2 * len(alone) < len(words) or 0 in raw:
        return None
    return f"it looks like Windows-1252, in which it says `{shown(alone[0])}`: save it as UTF-8"


def _is_utf16(raw: bytes) -> bool:
    """Whether bytes are UTF-16: by their mark, or since every other one of letters from a to z is zero."""
    return raw.startswith((b"\xff\xfe", b"\xfe\xff")) or raw[:1000].count(0) > len(raw[:1000]) // 3


def too_long(name: str, place: Location) -> Diagnostic | None:
    """A diagnostic at ``place`` where files can't be called by a name with the endings that they have."""
    count = len(os.fsencode(name))
    if count <= LONGEST_NAME:
        return None
    return diagnostic("long-name", place, name=shown(name), count=count, most=LONGEST_NAME)


def lies_in(path: Path, folder: Path) -> bool:
    """Whether ``path``, links followed, lies in a folder or is it."""
    root = os.path.realpath(folder)
    real = os.path.realpath(path)
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder that a story's paths may not leave, unless ``open`` is true; ``also`` are others that they may use."""

    path: Path
    open: bool = False
    also: tuple[Path, ...] = ()

    def holds(self, path: Path) -> bool:
        """Whether ``path``, links followed, lies in the folder, or in another one that may be used."""
        return any(lies_in(path, folder) for folder in (self.path, *self.also))

    def locate(self, written: Text | Word, file: Path) -> Path | Diagnostic:
        """The path that a string (or a word) in ``file`` names, relative to that file, existing or not."""
        try:
            path = Path(os.path.normpath(file.parent / written.text))
            if _DRIVE.match(written.text) and os.name != "nt":
                help = "copy it into the story's folder, and name it by its path from there"
                name = shown(written.text)
                return diagnostic(
                    "outside-folder", written.location, path=name, folder=self._named(self.path), help=help
                )
            if self.open or self.holds(path):
                return path
        except (OSError, ValueError):
            return no_match(written, file, self._named(file))
        return self._outside(written, written.text)

    def one(self, written: Text, file: Path, *, inside: str = "") -> Path | Diagnostic:
        """The one existing file that a string in ``file`` names, or the file called ``inside`` of the folder that it
        names."""
        path = self.locate(written, file)
        if inside and isinstance(path, Path) and (self.open or self.holds(path / inside)):
            path = path / inside if os.path.isfile(path / inside) else path
        if isinstance(path, Path) and not os.path.isfile(path):
            return no_match(written, path, self._named(path.parent))
        return path

    def match(self, written: Text, file: Path) -> tuple[Path, ...] | Diagnostic:
        """The files that a path or glob in ``file`` matches, sorted; a diagnostic when there is none."""
        path = self.locate(written, file)
        if isinstance(path, Diagnostic):
            return path
        try:
            files = files_matching(written.value, file.parent, () if self.open else (self.path, *self.also))
            if files != [path]:
                # What a pattern happens to match of what commands have made is nothing to learn from.
                files = [item for item in files if not is_output(item)]
            base = fixed_part(path, file.parent)
        except TooManyFiles as error:
            problem = f"`{shown(written.value)}` can't be looked up: {reason(error)}"
            return diagnostic("bad-value", written.location, problem=problem, help="name the folder more closely")
        except LeadsOutside as error:
            return self._outside(written, error.filename)
        except (OSError, ValueError):
            files, base = [], path.parent
        outside = [] if self.open else [item for item in files if not self.holds(item)]
        if outside:
            return self._outside(written, outside[0])
        if not files:
            return no_match(written, path, self._named(base))
        return tuple(files)

    def _outside(self, written: Text | Word, path: Path | str) -> Diagnostic:
        folder = self._named(self.path)
        return diagnostic("outside-folder", written.location, path=shown(str(path)), folder=folder)

    @staticmethod
    def _named(path: Path) -> str:
        return shown(str(path), _LONGEST_PATH) if str(path) != "." else "this folder"
