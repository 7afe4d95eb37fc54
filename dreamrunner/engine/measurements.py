"""How long tasks took on this machine, and what they took up: noted as builds run, to foresee the next one.

One file a machine in the cache folder's ``measurements/``, a JSON line a task. It is only ever a help: a line that
can't be read is passed over, and a file that can't be written is none.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict, ValidationError

from dreamrunner.files.atomic import write_whole
from dreamrunner.files.regular import read_regular

LATEST = 9
"""Measurements that count, of those that are alike."""

LONGEST = 500_000
"""Bytes of a file of measurements, beyond which its older half is forgotten."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work a task is. ``like`` names what makes tasks alike (model, size, device); such a task's time grows
    with ``amount``. Its result has ``most`` bytes at most; 0 where that can't be said."""

    like: str = ""
    amount: float = 1.0
    most: int = 0


class Measurement(BaseModel):
    """A task that was done: in how many ``seconds``, with how many bytes of ``memory`` at the process's peak, of
    ``gpu`` on its GPU, and how many bytes its result has. The ``first`` of its like in a process may have loaded a
    model."""

    model_config = ConfigDict(frozen=True)

    kind: str
    like: str
    amount: float
    seconds: float
    first: bool
    memory: int
    gpu: int
    size: int


class Measurements:
    """This machine's measurements in the cache folder ``root``."""

    def __init__(self, root: Path) -> None:
        machine = re.sub(r"[^\w.-]", "-", platform.node()) or "machine"
        self.file = root / "measurements" / f"{machine}.jsonl"

    def note(self, kind: str, effort: Effort, seconds: float, size: int) -> None:
        """Remember a task that this process has just done."""
        first = (kind, effort.like) not in _DONE
        _DONE.add((kind, effort.like))
        made = Measurement(
            kind=kind,
            like=effort.like,
            amount=effort.amount,
            seconds=round(seconds, 3),
            first=first,
            memory=_memory(),
            gpu=_gpu_memory(),
            size=size,
        )
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8") as file:
                file.write(made.model_dump_json() + "\n")
            if self.file.stat().st_size > LONGEST:
                lines = self.file.read_text(encoding="utf-8").splitlines(keepends=True)
                write_whole(self.file, "".join(lines[len(lines) // 2 :]).encode())

    def read(self) -> list[Measurement]:
        """All of them, the latest last."""
        try:
            lines = read_regular(self.file).decode("utf-8", "replace").splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            with suppress(ValidationError):
                found.append(Measurement.model_validate_json(line))
        return found


def seconds(measured: Iterable[Measurement], kind: str, efforts: Sequence[Effort]) -> float | None:
    """How long tasks of one kind that are alike will take one after the other; None without a measurement.

    Tasks of the same amount say it best, others in proportion. What the first of a process takes longer counts once.
    """
    alike = [one for one in measured if one.kind == kind and one.like == efforts[0].like and one.amount > 0]
    if not alike:
        return None
    later = [one for one in alike if not one.first] or alike

    def one(effort: Effort) -> float:
        same = [each.seconds for each in later if each.amount == effort.amount][-LATEST:]
        return median(same or [each.seconds / each.amount * effort.amount for each in later[-LATEST:]])

    begun = [each.seconds - one(Effort(each.like, each.amount)) for each in alike if each.first][-LATEST:]
    return sum(map(one, efforts)) + max(0.0, median(begun) if begun else 0.0)


def size(measured: Iterable[Measurement], kind: str, effort: Effort) -> int | None:
    """How many bytes a task's result will have; None without a measurement."""
    alike = [one for one in measured if one.kind == kind and one.like == effort.like and one.amount > 0][-LATEST:]
    return round(median(one.size / one.amount for one in alike) * effort.amount) if alike else None


_DONE: set[tuple[str, str]] = set()


def _memory() -> int:
    try:
        import resource
    except ImportError:  # no Unix
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _gpu_memory() -> int:
    # Another thread may be importing PyTorch just now, and not all of it is there.
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    is_used, used = (getattr(cuda, name, None) for name in ("is_initialized", "max_memory_allocated"))
    return used() if is_used is not None and used is not None and is_used() else 0
