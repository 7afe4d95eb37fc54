"""What commands have made, known again by its content, so that nobody's own file is taken for it.

The cache folder holds, of each file that a command has put somewhere, the size, the sha256 and a hash of the place. A
film's manifest lists the same of the film's files, and goes where the film's folder goes. Anybody can write one: it
keeps files from being read as what a story is made from, but lets none be replaced.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import count
from pathlib import Path

from dreamrunner.files.atomic import replacing
from dreamrunner.files.digest import digest_bytes, digest_now
from dreamrunner.files.json import parse
from dreamrunner.files.paths import cache_folder
from dreamrunner.files.regular import NotAFile, append_regular, read_regular, require_regular

MANIFEST = "manifest.json"
"""The name of the file, in a film's folder, that says what the film was made from and which files are its own."""

_PARTS = 1024  # files that the memory is spread over, by size, so that most questions need no hash
_LONGEST_LIST = 64 * 2**20  # bytes of a manifest that is looked into
_DIGEST = re.compile("[0-9a-f]{64}")


def remember(made: Path, place: Path) -> None:
    """Note that a command puts ``made`` at ``place``. Where the cache can't be written, that is not known later."""
    with suppress(OSError):
        size, digest = made.stat().st_size, digest_now(made)
        line = f"{size} {digest} {_place(place)}\n"
        memory = _memory(size)
        if digest and line not in _lines(memory):
            memory.parent.mkdir(parents=True, exist_ok=True)
            append_regular(memory, line.encode("ascii"))


def known(file: Path) -> bool:
    """Whether a command has made what a file holds, on this machine, wherever it lies by now."""
    return bool(_places(file))


def is_output(file: Path) -> bool:
    """Whether a file is what a command has put there, or lies in the cache, and is no copy that somebody keeps."""
    cached = Path(os.path.realpath(file)).is_relative_to(os.path.realpath(cache_folder()))
    return cached or _place(file) in _places(file) or _listed(file)


def require_place(target: Path) -> None:
    """Refuse to put a file where a pipe, a device or a socket is, or a link to one, such as ``/dev/null``.

    Others use it under its name, so it can be neither replaced nor kept under another one.

    Raises:
        NotAFile: one of them is there.
    """
    try:
        require_regular(target)
    except NotAFile as error:
        if error.errno != errno.ELOOP:  # a link back to itself is nobody's place
            raise
    except (OSError, ValueError):
        pass  # nothing is there, or what tells of itself when it is to be replaced


@contextmanager
def putting(target: Path, say: Callable[[str], object], *, ours: bool = False) -> Iterator[Path]:
    """Give a fresh path whose file takes the place of ``target`` when the block ends well.

    What a command has made on this machine is replaced, as is what the caller knows to be ``ours``. Another file keeps
    its content under a name beside it, which ``say`` is told, even where a manifest lists it: on this machine nothing
    shows that it is nobody's own. Where the block fails, or leaves no file, nothing changes.

    Raises:
        NotAFile: as :func:`require_place`, before the block begins.
        OSError: as :func:`~dreamrunner.files.atomic.replacing`.
    """
    require_place(target)
    with replacing(target) as fresh:
        yield fresh
        if not fresh.exists():
            return
        remember(fresh, target)
        if os.path.lexists(target) and not ours and not _replaceable(target, fresh):
            not_ours = (
                "no build on this machine made it" if _listed(target) else "was not made like this by DreamRunner"
            )
            say(f"{target} was there, and {not_ours}: it is kept as {_aside(target).name}")


def _replaceable(target: Path, fresh: Path) -> bool:
    # A folder is no file of anybody's: it stays, and is told as what keeps the file from being written.
    if target.is_dir() and not target.is_symlink():
        return True
    return known(target) or (target.is_file() and digest_now(target) == digest_now(fresh))


def _aside(target: Path) -> Path:
    for number in count(1):
        other = target.with_name(f"{target.stem}.kept{number if number > 1 else ''}{target.suffix}")
        if not os.path.lexists(other):
            target.rename(other)
            return other
    raise AssertionError("numbers end nowhere")


def _memory(size: int) -> Path:
    return cache_folder() / "made" / str(size % _PARTS)


def _place(path: Path) -> str:
    return digest_bytes(os.fsencode(os.path.realpath(path)))


def _places(file: Path) -> list[str]:
    """The places, as they are noted, where commands have put what a file holds."""
    try:
        size = file.stat().st_size
    except (OSError, ValueError):
        return []
    found = [line.split() for line in _lines(_memory(size)) if line.startswith(f"{size} ")]
    if not found or not (digest := digest_now(file)):
        return []
    return [words[2] for words in found if len(words) == 3 and words[1] == digest]


def _lines(memory: Path) -> list[str]:
    try:
        return read_regular(memory).decode("ascii", "replace").splitlines(keepends=True)
    except OSError:
        return []


def _listed(file: Path) -> bool:
    """Whether the manifest of the film's folder that a file lies in lists it as it is."""
    real = Path(os.path.realpath(file))
    digests = {
        _outputs_in(real.parent).get(real.name),
        _outputs_in(real.parent.parent).get(f"{real.parent.name}/{real.name}"),
    } - {None}
    return bool(digests) and digest_now(real) in digests


def _outputs_in(folder: Path) -> dict[str, str]:
    try:
        facts = (folder / MANIFEST).stat()
    except (OSError, ValueError):
        return {}
    return _outputs_of(folder / MANIFEST, facts.st_mtime_ns, facts.st_size, facts.st_ino)


@lru_cache(maxsize=64)
def _outputs_of(manifest: Path, *_: int) -> dict[str, str]:
    try:
        told = parse(read_regular(manifest, _LONGEST_LIST))
    except (OSError, ValueError):
        return {}
    outputs = told.get("outputs") if isinstance(told, dict) else None
    if not isinstance(outputs, dict):
        return {}
    return {name: each for name, each in outputs.items() if isinstance(each, str) and _DIGEST.fullmatch(each)}
