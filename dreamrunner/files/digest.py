"""What something is, as a hash: sha256 in hexadecimal, of files, bytes, texts and JSON values."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from dreamrunner.files.atomic import write_whole
from dreamrunner.files.json import parse
from dreamrunner.files.paths import cache_folder
from dreamrunner.files.regular import open_regular, read_regular


def digest_file(path: Path) -> str:
    """The sha256 of a file's bytes. Raises OSError where it can't be read or is no regular file."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_bytes(content: bytes | memoryview) -> str:
    """The sha256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def digest_text(text: str) -> str:
    """The sha256 of a text as UTF-8."""
    return digest_bytes(text.encode())


def digest_now(file: Path) -> str:
    """The sha256 of a file's bytes, worked out once for each state of it; empty where there is no file to read."""
    try:
        facts = file.stat()
        if not stat.S_ISREG(facts.st_mode):
            return ""
        return _digest_of(file, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino)
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=1024)
def _digest_of(file: Path, *_: int) -> str:
    return digest_file(file)


def digest_json(value: Any) -> str:
    """The sha256 of a JSON value in its canonical text: sorted keys, no spaces, ASCII."""
    return digest_text(json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False))


def digest_path(path: Path) -> str:
    """The sha256 of a file; of a folder, one over all files below it, as :func:`digest_files` takes it.

    Raises:
        OSError: something can't be read.
    """
    if not path.is_dir():
        return digest_file(path)
    return digest_files(sorted(file for file in path.rglob("*") if file.is_file()), path)


def digest_files(files: Sequence[Path], root: Path, *, remember: bool = True) -> str:
    """One sha256 over the files' names below ``root`` and their contents, in the order given.

    A file's own hash is remembered in the cache folder by path, size and time of change, unless ``remember`` is false,
    so that gigabytes are read once; a cache that cannot be read or written only costs time.
    """
    memory = cache_folder() / "digests.json"
    known = _remembered(memory)
    total = hashlib.sha256()
    new: dict[str, str] = {}
    for file in files:
        status = file.stat()
        key = f"{file.resolve()}|{status.st_size}|{status.st_mtime_ns}"
        digest = known.get(key) or new.get(key)
        if digest is None:
            digest = new[key] = digest_file(file)
        total.update(f"{file.relative_to(root).as_posix()} {digest}\n".encode())
    if new and remember:
        with suppress(OSError):
            write_whole(memory, json.dumps(known | new, indent=0, sort_keys=True).encode())
    return total.hexdigest()


def _remembered(memory: Path) -> dict[str, str]:
    try:
        value = parse(read_regular(memory))
    except (OSError, ValueError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {key: digest for key, digest in value.items() if isinstance(digest, str) and len(digest) == 64}
