"""What every section of ``gpu.py`` measures with: time, peaks and limits of memory, and results that outlast a cut."""

from __future__ import annotations

import contextlib
import gc
import json
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

Found = dict[str, Any]
Section = Callable[["Bench", Found], None]
"""Fills in what it finds, bit by bit, so that what was found before a failure is kept."""

GB = 1e9
"""Bytes of what is called a GB here."""


class Bench:
    """A run: on a ``device`` (``cuda`` or ``cpu``), at ``tiny`` sizes or full ones, for ``until`` seconds after
    ``started`` (``time.monotonic``), into the JSON file ``out``.

    ``found`` holds the results by section.
    """

    def __init__(self, device: str, *, tiny: bool, started: float, until: float, out: Path | None) -> None:
        self.device, self.tiny, self.out = device, tiny, out
        self.started, self.until = started, until
        self.found: dict[str, Found] = {}

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.until - (time.monotonic() - self.started)

    def run(self, name: str, estimate: float, section: Section) -> None:
        """Run one section, unless its estimate in seconds is more than what is left. Its failure is a finding."""
        found = self.found[name] = {}
        if estimate > self.left:
            found["left_out"] = f"{self.left:.0f} s left, about {estimate:.0f} needed"
        else:
            self.log(f"{name}: begins, {self.left:.0f} s left, about {estimate:.0f} needed")
            begun = time.monotonic()
            with self.caught(found):
                section(self, found)
            found["took_s"] = time.monotonic() - begun
        self.save()
        self.log(f"{name}: {json.dumps(rounded(found))[:1500]}")
        self.free()

    @contextlib.contextmanager
    def caught(self, found: Found) -> Iterator[None]:
        """Write an exception down as ``failed`` and go on; let go of what its frames hold."""
        try:
            yield
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-3:]
            where = " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(last))
            found["failed"] = f"{type(error).__name__}: {str(error)[:400]} ({where})"
            traceback.clear_frames(error.__traceback__)
        if "failed" in found:
            self.free()

    def usable(self) -> bool:
        """Whether the GPU still works: some errors leave a process unable to use it."""
        try:
            self.sync()
            torch.ones(8, device=self.device).sum().item()
        except RuntimeError:
            return False
        return True

    def save(self) -> None:
        """Write down what was found so far, whole or not at all."""
        if self.out is not None:
            temporary = self.out.with_name(f".{self.out.name}.part")
            temporary.write_text(json.dumps(rounded(self.found), indent=1) + "\n")
            temporary.replace(self.out)

    def log(self, line: str) -> None:
        """A line for who watches, with the seconds since the start."""
        print(f"[{time.monotonic() - self.started:6.1f}] {line}", file=sys.stderr, flush=True)

    def sync(self) -> None:
        """Wait for the GPU."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    def free(self) -> None:
        """Give back what nothing refers to any more."""
        gc.collect()
        if self.device == "cuda":
            with contextlib.suppress(RuntimeError):  # a GPU that stopped working
                torch.cuda.empty_cache()

    def once(self, work: Callable[[], object]) -> float:
        """Seconds of a work, the GPU's share of it included."""
        self.sync()
        begun = time.perf_counter()
        work()
        self.sync()
        return time.perf_counter() - begun

    def timed(self, work: Callable[[], object], rounds: int, *, warm: int = 1, seconds: float = 1e9) -> Found:
        """A work's seconds: ``median``, ``least`` and ``most`` of ``rounds``, and of its ``first`` call if that warms
        up.

        No further round begins once they took ``seconds``.
        """
        return self.in_turns({"": work}, rounds, warm=warm, seconds=seconds)[""]

    def in_turns(
        self, ways: Mapping[str, Callable[[], object]], rounds: int, *, warm: int = 1, seconds: float = 1e9
    ) -> dict[str, Found]:
        """The same for several ways that take turns, so that a GPU that slows down slows all; with each one's
        ``over_plain``, the median over the rounds of its time over that of the way ``plain``, where there is one. A way
        that fails says so and drops out.
        """
        results: dict[str, Found] = {name: {} for name in ways}
        times: dict[str, list[float]] = {name: [] for name in ways}
        for name, work in ways.items():
            with self.caught(results[name]):
                warming = [self.once(work) for _ in range(warm)]
                if warming:
                    results[name]["first"] = warming[0]
        begun = time.monotonic()
        for number in range(rounds):
            if number and time.monotonic() - begun > seconds:
                break
            for name, work in ways.items():
                if "failed" not in results[name]:
                    with self.caught(results[name]):
                        times[name].append(self.once(work))
        for name, taken in times.items():
            if taken:
                results[name] |= {"median": statistics.median(taken), "least": min(taken), "most": max(taken)}
                results[name]["rounds"] = len(taken)
            plain = times.get("plain")
            if taken and plain:
                results[name]["over_plain"] = statistics.median(a / b for a, b in zip(taken, plain, strict=False))
        return results

    @contextlib.contextmanager
    def peak(self, into: Found, *, freed: bool = True) -> Iterator[None]:
        """Write down the peak of memory in GB: ``peak_gb``, what tensors took, and ``reserved_gb``, with what the
        allocator kept beside; both without the 0.5 GB or so of CUDA itself. With ``freed`` what nothing refers to is
        given back first.
        """
        if freed:
            self.free()
        if self.device != "cuda":
            yield
            return
        torch.cuda.reset_peak_memory_stats()
        try:
            yield
        finally:
            with contextlib.suppress(RuntimeError):
                into["peak_gb"] = torch.cuda.max_memory_allocated() / GB
                into["reserved_gb"] = torch.cuda.max_memory_reserved() / GB

    @contextlib.contextmanager
    def limited(self, gb: float | None) -> Iterator[None]:
        """Let this process take no more than so many GB of the GPU's memory."""
        self.free()
        if gb is None or self.device != "cuda":
            yield
            return
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, gb * GB / total))
        try:
            yield
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0)

    def held_gb(self) -> float:
        """GB that tensors take on the GPU now; 0 on a CPU."""
        return torch.cuda.memory_allocated() / GB if self.device == "cuda" else 0.0


def rounded(value: Any) -> Any:
    """The same with numbers of five digits, as JSON wants them: what is no number any more is text."""
    if isinstance(value, dict):
        return {str(name): rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.5g}") if abs(value) < float("inf") else str(value)
    return value
