"""How long tasks took on this machine, and what they took up: noted as builds run, to foresee the next one.

One file a machine in the cache folder's ``measurements/``, a JSON line a task. It is only ever a help: a line that
can't be read is passed over, and a file that can't be written is none.
"""

from __future__ import annotations

import platform
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict, ValidationError

from dreamrunner.files.atomic import write_whole
from dreamrunner.files.regular import append_regular, read_regular

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
    model. Of its seconds, ``paced`` went into steps and grow with the amount; None where that is not known. ``key`` is
    the task's own; measurements of before that was written down have none."""

    model_config = ConfigDict(frozen=True)

    kind: str
    like: str
    amount: float
    seconds: float
    first: bool
    memory: int
    gpu: int
    size: int
    paced: float | None = None
    key: str = ""


class Pace:
    """How fast the steps of one task go, by what it tells of itself: an ``Advance`` that passes on what it hears.

    A fraction of 0 says that the task has loaded what it works with; nobody else hears of it.
    """

    def __init__(self, advance: Callable[..., None]) -> None:
        self._advance = advance
        self._ready: float | None = None  # when it had loaded what it works with
        self._first: tuple[float, int] | None = None
        self._last: tuple[float, int] | None = None
        self._steps = 0

    def __call__(self, fraction: float, *, step: int = 0, steps: int = 0, note: str = "") -> None:
        now = time.monotonic()
        if step and steps:
            self._first = self._first or (now, step)
            self._last, self._steps = (now, step), steps
        elif not fraction:
            self._ready = now
            return
        self._advance(fraction, step=step, steps=steps, note=note)

    def whole(self, took: float) -> tuple[float, float | None]:
        """The seconds of the whole task, which ``took`` so long, and those of its steps; None where they don't show.

        A task that went on from a checkpoint counts as if it had been done in one go.
        """
        if self._first is None or self._last is None:
            return took, None
        (since, first), (until, last) = self._first, self._last
        if last > first:
            one = (until - since) / (last - first)
        elif first == 1 and self._ready is not None:
            one = since - self._ready
        else:
            return took, None
        fixed = max(0.0, took - one * (last - first + 1))
        return fixed + one * self._steps, one * self._steps


class Measurements:
    """This machine's measurements in the cache folder ``root``."""

    def __init__(self, root: Path) -> None:
        machine = re.sub(r"[^\w.-]", "-", platform.node()) or "machine"
        self.file = root / "measurements" / f"{machine}.jsonl"

    def note(
        self, kind: str, effort: Effort, seconds: float, size: int, paced: float | None = None, key: str = ""
    ) -> None:
        """Remember the task of a key, which this process has just done; ``paced`` of its seconds went into steps."""
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
            paced=None if paced is None else round(paced, 3),
            key=key,
        )
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            append_regular(self.file, (made.model_dump_json() + "\n").encode())
            if self.file.stat().st_size > LONGEST:
                lines = read_regular(self.file).decode().splitlines(keepends=True)
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

    Tasks of the same amount say it best. Of others, what their steps took grows with the amount and the rest does not;
    where their steps are not known, all of it grows. What the first of a process takes longer counts once.
    """
    alike = [one for one in measured if one.kind == kind and one.like == efforts[0].like and one.amount > 0]
    if not alike:
        return None
    later = [one for one in alike if not one.first] or alike
    stepped = [one for one in later if one.paced is not None][-LATEST:]

    def one(effort: Effort) -> float:
        same = [each.seconds for each in later if each.amount == effort.amount][-LATEST:]
        if not same and stepped:
            fixed = median(each.seconds - (each.paced or 0.0) for each in stepped)
            return fixed + median((each.paced or 0.0) / each.amount for each in stepped) * effort.amount
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
