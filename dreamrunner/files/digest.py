"""What a model is, as a hash: sha256 over its files, remembered so that gigabytes are read once."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dreamrunner.files.paths import cache_folder


def digest_files(files: Sequence[Path], root: Path, *, remember: bool = True) -> str:
    """One sha256 (hex) over the files' names below ``root`` and their contents, in the order given.

    A file's own hash is remembered in the cache folder by path, size and time of change, unless ``remember`` is false;
    a cache that cannot be read or written only costs time.
    """
    memory = cache_folder() / "digests.json"
    known = _remembered(memory)
    total, new = hashlib.sha256(), {}
    for file in files:
        status = file.stat()
        key = f"{file.resolve()}|{status.st_size}|{status.st_mtime_ns}"
        digest = known.get(key) or new.get(key)
        if digest is None:
            with file.open("rb") as stream:
                digest = new[key] = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{file.relative_to(root).as_posix()} {digest}\n".encode())
    if new and remember:
        _remember(memory, known | new)
    return total.hexdigest()


def _remembered(memory: Path) -> dict[str, str]:
    try:
        value = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {key: digest for key, digest in value.items() if isinstance(digest, str) and len(digest) == 64}


def _remember(memory: Path, known: dict[str, str]) -> None:
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=memory.parent, prefix=".digests-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(known, file, indent=0, sort_keys=True)
        os.replace(name, memory)
    except OSError:
        return


def digest_file(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_json(value: Any) -> str:
    """The sha256 (hexadecimal) of a JSON value in its canonical text: sorted keys, no spaces, ASCII."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
