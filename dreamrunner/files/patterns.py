"""Files that a written path or pattern means, below a folder that is never a pattern itself."""

from __future__ import annotations

import errno
import fnmatch
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

MOST_PARTS = 40
"""Parts of a pattern; a longer one matches nothing."""
MOST_ENTRIES = 50_000
"""Files and folders that are looked at for one pattern."""

_WILD = re.compile(r"[*?\[]")


class TooManyFiles(OSError):
    """A pattern looks through more than :data:`MOST_ENTRIES` files and folders."""


class LeadsOutside(OSError):
    """A pattern goes through a link, its ``filename``, that leads out of the folder which it may not leave."""


def files_matching(written: str, folder: Path, inside: Sequence[Path] = ()) -> list[Path]:
    """The files that ``written``, relative to ``folder``, means, sorted, each once.

    A path that exists is that file, whatever signs its name holds; so do the folders that it begins with. In the rest
    ``*``, ``?`` and ``[...]`` stand for signs of one name and ``**`` for any folders, links to folders left out. Hidden
    files and folders are matched by names that begin with a dot alone. A folder that links lead to twice is looked
    through once.

    Raises:
        TooManyFiles: there is too much to look through.
        LeadsOutside: a link leads out of the folders ``inside``, where there are any; nothing there is looked at.
    """
    path = Path(os.path.normpath(folder / written))
    if os.path.isfile(path):
        return [path]
    base = fixed_part(path, folder)
    parts = path.parts[len(base.parts) :]
    if not parts or len(parts) > MOST_PARTS or not any(_WILD.search(part) for part in parts):
        return []
    roots = tuple(os.path.realpath(each) for each in inside)
    return sorted({found for found in _Walk(roots).below(base, parts) if os.path.isfile(found)})


def fixed_part(path: Path, folder: Path) -> Path:
    """The folder that a pattern's search begins in: the parts of ``path`` without a wildcard, those of ``folder``, and
    those that exist as they are written; the last part is never among them."""
    base = Path(*path.parts[:1]) if path.is_absolute() else Path()
    for number, part in enumerate(path.parts[len(base.parts) : -1], len(base.parts) + 1):
        here = base / part
        if _WILD.search(part) and number > len(folder.parts) and not os.path.isdir(here):
            break
        base = here
    return base


class _Walk:
    """A search for what a pattern matches. ``roots``, real paths, are the folders that it may not leave, if any."""

    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = roots
        self._left = MOST_ENTRIES
        self._seen: set[tuple[str, int]] = set()

    def below(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
        """What the parts of a pattern match in a folder."""
        if not parts:
            yield folder
            return
        state = os.path.realpath(folder), len(parts)
        if state in self._seen:
            return
        self._seen.add(state)
        part, rest = parts[0], parts[1:]
        if part == "**":
            while rest and rest[0] == "**":
                rest = rest[1:]
            for inner in self._folders_in(folder):
                yield from self.below(inner, rest or ("*",))
        elif not _WILD.search(part):
            if os.path.exists(folder / part):
                yield from self._into(folder / part, rest)
        else:
            same = re.compile(fnmatch.translate(re.sub(r"\*+", "*", part)))
            for entry in self._entries(folder):
                if same.match(entry.name) and (part.startswith(".") or not entry.name.startswith(".")):
                    yield from self._into(Path(entry.path), rest)

    def _into(self, path: Path, rest: tuple[str, ...]) -> Iterator[Path]:
        """What the rest of a pattern matches in what one of its parts matched."""
        if rest and self._roots and path.is_symlink():
            real = os.path.realpath(path)
            if not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots):
                raise LeadsOutside(errno.EXDEV, "it leads out of the folder", str(path))
        yield from self.below(path, rest)

    def _folders_in(self, folder: Path) -> Iterator[Path]:
        """A folder and all that are in it, at any depth, without hidden ones and links."""
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            yield here
            waiting += [
                Path(entry.path)
                for entry in self._entries(here)
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """What is in a folder, by name; nothing where it can't be read."""
        found: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._left -= 1
                    if self._left < 0:
                        raise TooManyFiles(errno.E2BIG, f"there are more than {MOST_ENTRIES:,} files to look through")
                    found.append(entry)
        except TooManyFiles:
            raise
        except OSError:
            return []
        return sorted(found, key=lambda entry: entry.name)
