"""Where a Ray cluster of this process listens, as the kernel has it."""

from __future__ import annotations

import sys

import psutil

from dreamrunner.engine.ray import executor


def addresses() -> list[str]:
    """The address of every socket on which this process, or one that it started, waits for connections."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    found = []
    for process in family:
        try:
            waiting = [one for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN]
        except psutil.NoSuchProcess:
            continue
        found += [one.laddr.ip.removeprefix("::ffff:") for one in waiting]
    return found


def watch_cluster() -> None:
    """Say on standard error where a cluster listens, before it is left."""
    leave = executor.disconnect

    def told() -> None:
        for address in addresses():
            print(f"listens on {address}", file=sys.stderr)
        leave()

    executor.disconnect = told
