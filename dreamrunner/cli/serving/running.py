"""A command in a process of its own: heard while it runs, and stopped cleanly by whoever waits for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio.abc import ByteReceiveStream, Process

PATIENCE = 20.0
"""Seconds that a command has to stop by itself."""

PROGRAM = (sys.executable, "-m", "dreamrunner")

Hear = Callable[[str], Awaitable[None]]
"""Is given each line of standard error."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended.

    ``code``: its exit code.
    ``out``: what it wrote to standard output.
    ``said``: the lines of standard error.
    """

    code: int
    out: str
    said: tuple[str, ...]


async def nothing(_: str) -> None:
    """Hears nothing."""


async def run(words: Sequence[str], folder: Path, hear: Hear = nothing, program: Sequence[str] = PROGRAM) -> Ended:
    """Run a command in a folder, to its end.

    Where the caller is cancelled meanwhile, the command is asked to stop as Ctrl-C would, and has :data:`PATIENCE`.
    """
    command = [*program, *words]
    process = await anyio.open_process(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None, "both are pipes"
    out: list[str] = []
    said: list[str] = []

    async def keep(line: str) -> None:
        said.append(line)
        await hear(line)

    async def gather(line: str) -> None:
        out.append(line)

    try:
        async with anyio.create_task_group() as readers:
            readers.start_soon(_lines, process.stderr, keep)
            readers.start_soon(_lines, process.stdout, gather)
        code = await process.wait()
    finally:
        with anyio.CancelScope(shield=True):
            await _stop(process)
    return Ended(code, "\n".join(out), tuple(said))


async def _lines(stream: ByteReceiveStream, hear: Hear) -> None:
    rest = b""
    async for some in stream:
        *whole, rest = (rest + some).split(b"\n")
        for line in whole:
            await hear(line.decode("utf-8", "replace"))
    if rest:
        await hear(rest.decode("utf-8", "replace"))


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        with anyio.move_on_after(PATIENCE):
            await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
    await process.aclose()
