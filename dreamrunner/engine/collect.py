"""The cache folder as a whole: what is in it, whether it is sound, and making room.

The store's results are one part of it. Encodings and the checkpoints of trainings and samplings are read by what is
running and lost without harm to any film, the drawn catalog is drawn again when it is needed. All else is the user's
own, or small: it is shown and never taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.header import read_header
from dreamrunner.engine.lease import Held, clock, guard, held, sweep, take_away
from dreamrunner.engine.store import LAYOUT, Record
from dreamrunner.files.digest import digest_file
from dreamrunner.files.paths import KEY
from dreamrunner.files.regular import NotAFile, read_regular

PARTS = {
    "encodings": "clips and captions as a model reads them",
    "training": "trainings that were cut short",
    "sampling": "scenes that were cut short",
    "catalogs": "the drawn catalog",
}
"""Folders beside the store whose files can be taken away, and what they hold."""

LEFT_BEHIND = 3600.0
"""Seconds after which a file with a temporary name is nobody's."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be taken away as a whole: ``paths`` in the order in which they go.

    ``part`` is ``results`` or one of :data:`PARTS`, ``kind`` what made it. ``used`` tells which was used before which;
    it is no time. ``names`` are the keys and the digest by which a lease may need it.
    """

    part: str
    kind: str
    paths: tuple[Path, ...]
    size: int
    used: float
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Contents:
    """What the cache folder holds: ``items``, ``litter`` that nobody needs, and ``others``, which are not taken."""

    items: tuple[Item, ...]
    litter: Mapping[Path, int]
    others: Mapping[str, int]
    leases: tuple[Held, ...]

    @property
    def size(self) -> int:
        """Bytes of all that is or was of some use."""
        return sum(item.size for item in self.items) + sum(self.others.values())

    def is_needed(self, item: Item) -> bool:
        """Whether a running build may need an item."""
        if item.part != "results":
            return bool(self.leases)
        return any(lease.pinned is None or lease.pinned & item.names for lease in self.leases)


@dataclass(frozen=True, slots=True)
class Freed:
    """What was taken away (``items``, and ``litter`` in bytes), what is left and what of that running builds need."""

    items: tuple[Item, ...]
    litter: int
    left: int
    needed: int
    running: int

    @property
    def size(self) -> int:
        """Bytes that were freed."""
        return self.litter + sum(item.size for item in self.items)


def contents(folder: Path) -> Contents:
    """Look through the cache folder. Nothing is written but locks for a moment.

    Raises:
        OSError: it can't be read.
    """
    store = folder / LAYOUT
    leases, now = held(store), clock(store)
    items, litter = _results(store)
    if leases:
        # Content that no record names may be what a running build was given before it was made anew.
        litter = {path: size for path, size in litter.items() if path.parent.parent.name != "content"}
    for part in PARTS:
        for path in sorted(_entries(folder / part)):
            with suppress(FileNotFoundError):  # taken away, or put in place, meanwhile
                size, used = _size(path), path.lstat().st_mtime
                if not path.name.startswith("."):
                    items.append(Item(part, part, (path,), size, used))
                elif now - used > LEFT_BEHIND:
                    litter[path] = size
    others = {path.name: _size(path) for path in sorted(_entries(folder)) if path.name not in (*PARTS, LAYOUT)}
    return Contents(tuple(items), litter, others, leases)


def collect(folder: Path, keep: int | None = None, *, dry: bool = False) -> Freed:
    """Take away what nobody needs and, down to ``keep`` bytes, what was not used for longest.

    What running builds need stays, whatever the size. When ``dry``, nothing is taken away, and what comes back is what
    would be.

    Raises:
        OSError: the folder can't be read or written.
    """
    store = folder / LAYOUT
    if dry and not store.is_dir():
        return Freed((), 0, 0, 0, 0)
    store.mkdir(parents=True, exist_ok=True)
    taken: list[Item] = []
    # Under the guard no build begins to need anything, and none is about to keep what it has made.
    with guard(store):
        swept = sweep(store, dry=dry)
        found = contents(folder)
        for path in () if dry else found.litter:
            take_away(path)
        left = found.size
        if keep is not None:
            for item in sorted(found.items, key=lambda item: item.used):
                if left <= keep:
                    break
                if not found.is_needed(item):
                    for path in () if dry else item.paths:
                        take_away(path)
                    taken.append(item)
                    left -= item.size
    needed = sum(item.size for item in found.items if found.is_needed(item))
    return Freed(tuple(taken), swept + sum(found.litter.values()), left, needed, len(found.leases))


@dataclass(frozen=True, slots=True)
class Checked:
    """How many files were read, and what is wrong: by file, relative to the cache folder."""

    sound: int
    damaged: Mapping[str, str] = field(default_factory=dict)


def verify(folder: Path) -> Iterator[Checked]:
    """Read all that can be checked, and tell after every file how it stands; nothing is written.

    Raises:
        OSError: the folder can't be read.
    """
    sound, damaged = 0, {}
    store = folder / LAYOUT
    records = sorted((store / "results").glob("*/[!.]*.json"))
    tensors = [path for part in PARTS for path in sorted((folder / part).glob("[!.]*.safetensors"))]
    for path in (*records, *tensors):
        with suppress(FileNotFoundError):  # taken away meanwhile
            wrong = _wrong_record(store, path) if path.suffix == ".json" else _wrong_tensors(path)
            # A build may be replacing it just now.
            if wrong and (path.suffix != ".json" or _wrong_record(store, path)):
                damaged[path.relative_to(folder).as_posix()] = wrong
            else:
                sound += 1
        yield Checked(sound, dict(damaged))
    if not records and not tensors:
        yield Checked(0)


def _results(store: Path) -> tuple[list[Item], dict[Path, int]]:
    """The store's results, each with all records that name its content, and what is of no use there."""
    litter: dict[Path, int] = {}
    named: dict[Path, list[tuple[Path, Record, float]]] = {}
    for path in _entries(store / "results", "*/*"):
        with suppress(FileNotFoundError):
            record = _record(path)
            if path.name.startswith(".") or record is None or record.key not in ("", path.stem):
                litter[path] = path.lstat().st_size
            else:
                named.setdefault(record.content(store), []).append((path, record, path.stat().st_mtime))
    items = []
    for path in _entries(store / "content", "*/*"):
        if path not in named:
            litter[path] = path.lstat().st_size
    for path, records in named.items():
        size = path.stat().st_size if path.exists() else -1
        if any(record.size != size for _, record, _ in records):
            unfit = (*(file for file, _, _ in records), path)
            litter |= {file: file.lstat().st_size for file in unfit if file.exists() or file.is_symlink()}
            continue
        items.append(
            Item(
                "results",
                records[0][1].task,
                (*(file for file, _, _ in records), path),
                size + sum(file.stat().st_size for file, _, _ in records),
                max(used for _, _, used in records),
                frozenset({*(file.stem for file, _, _ in records), records[0][1].digest}),
            )
        )
    return items, litter


def _record(path: Path) -> Record | None:
    """What a file says of a result; None where it is no record. Raises FileNotFoundError where nothing is there."""
    try:
        return Record.model_validate_json(read_regular(path))
    except FileNotFoundError:
        if path.is_symlink():
            return None
        raise
    except (IsADirectoryError, NotAFile, ValidationError):
        return None


def _wrong_record(store: Path, path: Path) -> str:
    """What is wrong with a result; empty when it is as it was kept."""
    record = _record(path)
    if record is None:
        return "not a record"
    if record.key not in ("", path.stem):
        return f"its {record.task} was kept as another result"
    content = record.content(store)
    if not content.exists():
        return f"its {record.task} is missing"
    if content.stat().st_size != record.size:
        return f"its {record.task} is cut short ({content.stat().st_size} of {record.size} bytes)"
    return "" if digest_file(content) == record.digest else f"its {record.task} is not what was kept"


def _wrong_tensors(path: Path) -> str:
    """What is wrong with a file of tensors. One that doesn't say its name is of before that was written down."""
    try:
        said = read_header(path).get("__metadata__", {})
    except BackboneError:
        return "cut short, or not a safetensors file"
    return "" if said.get(KEY, path.stem) == path.stem else "kept under another name"


def _entries(folder: Path, pattern: str = "*") -> list[Path]:
    """What lies in a folder, hidden files too; nothing where there is none, nor behind links to other folders."""
    if folder.is_symlink():
        return []
    return [path for path in folder.glob(pattern) if path.parent == folder or not path.parent.is_symlink()]


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(each.lstat().st_size for each in path.rglob("*") if not each.is_dir())
    return path.lstat().st_size
