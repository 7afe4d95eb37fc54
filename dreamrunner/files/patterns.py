"""Files that a written path or pattern means, below a folder that is never a pattern itself."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path

MOST_PARTS = 40
"""Parts of a pattern; a longer one matches nothing."""

_WILD = re.compile(r"[*?\[]")


def files_matching(written: str, folder: Path) -> list[Path]:
    """The files that ``written``, relative to ``folder``, means, sorted, each once.

    A path that exists is that file, whatever signs its name holds; so do the folders that it begins with. In the rest
    ``*``, ``?`` and ``[...]`` stand for signs of one name and ``**`` for any folders, links to folders left out. Hidden
    files and folders are matched by names that begin with a dot alone.
    """
    path = Path(os.path.normpath(folder / written))
    if os.path.isfile(path):
        return [path]
    base = fixed_part(path, folder)
    parts = path.parts[len(base.parts) :]
    if not parts or len(parts) > MOST_PARTS or not any(_WILD.search(part) for part in parts):
        return []
    return sorted({found for found in _below(base, parts) if os.path.isfile(found)})


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


def _below(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    """What the parts of a pattern match in a folder."""
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        while rest and rest[0] == "**":
            rest = rest[1:]
        for inner in _folders_in(folder):
            yield from _below(inner, rest or ("*",))
    elif not _WILD.search(part):
        if os.path.exists(folder / part):
            yield from _below(folder / part, rest)
    else:
        same = re.compile(fnmatch.translate(re.sub(r"\*+", "*", part)))
        for entry in _entries(folder):
            if same.match(entry.name) and (part.startswith(".") or not entry.name.startswith(".")):
                yield from _below(Path(entry.path), rest)


def _folders_in(folder: Path) -> Iterator[Path]:
    """A folder and all that are in it, at any depth, without hidden ones and links."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        yield here
        waiting += [
            Path(entry.path)
            for entry in _entries(here)
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
        ]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder; nothing where it can't be read."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
