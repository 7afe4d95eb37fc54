"""Connecting to a Ray cluster, or starting one on this machine, without waiting long for one that isn't there."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dreamrunner.engine.graph import StepFailed, why_failed
from dreamrunner.files.extras import how_to_get
from dreamrunner.files.trouble import free_at, plain
from dreamrunner.files.wording import reason

ANSWER = 5.0
"""Seconds that a cluster's address may take to accept a connection."""

WELCOME = 20.0
"""Seconds that a cluster may take to let this machine in. Ray itself would try for a quarter of an hour."""

OBJECTS = 100 * 2**20
"""Bytes for objects in a cluster that is started here, whose workers reach all files."""

ROOM = 2**22
"""Bytes that a cluster which is started here needs for its logs, where Ray has its temporary files."""

CLUSTER_SWITCH = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Ray's own switch, read where it is imported: at 0 a node's address is 127.0.0.1, which is all that it listens on."""

_KNOCK = "import sys, ray; ray.init(sys.argv[1], log_to_driver=False, logging_level='CRITICAL')"

_left = ExitStack()
"""What is put back when a cluster that was started here is left."""


def connect(address: str) -> None:
    """Connect this process to the cluster at ``address`` (``HOST:PORT``).

    ``auto`` is the one that ``RAY_ADDRESS`` names or ``ray start`` made this machine a part of. Where there is none,
    one of this machine alone is started.

    Raises:
        StepFailed: Ray is not installed, no cluster answers, or it can't be used from here.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise StepFailed(f"--ray needs Ray, which is not installed: {how_to_get('cluster')}") from None
    if ray.is_initialized():
        raise StepFailed("this process is connected to a Ray cluster already; leave that first (ray.shutdown())")
    named = address if address != "auto" else os.environ.get("RAY_ADDRESS")
    found = named or _joined()
    refused = _refused(found) if found else "none is known"
    if refused and named:
        raise StepFailed(f"no Ray cluster answers at {found}: {refused} (ray start --head begins one)")
    if refused or not found:
        _require_room()
        # A password of its own. Else Ray leaves one in the home folder, and `ray start` asks for it from then on.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        _left.enter_context(_alone())
        _init(address="local", include_dashboard=False, object_store_memory=OBJECTS)
    else:
        _knock(address, found)
        _init(address=address)


def disconnect() -> None:
    """Leave the cluster; one that :func:`connect` started ends."""
    import ray

    with _left:
        ray.shutdown()


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a cluster of this machine to this machine: nobody else's can reach what it listens on."""
    from ray._private import ray_constants

    before, asked = os.environ.get(CLUSTER_SWITCH), ray_constants.ENABLE_RAY_CLUSTER
    os.environ[CLUSTER_SWITCH], ray_constants.ENABLE_RAY_CLUSTER = "0", False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = asked
        os.environ.pop(CLUSTER_SWITCH)
        if before is not None:
            os.environ[CLUSTER_SWITCH] = before


def _require_room() -> None:
    """See that a cluster can be started here: without room for its files, Ray waits long, and says nothing of it.

    Raises:
        StepFailed: the folder is full.
    """
    from ray._common.utils import get_default_system_temp_dir

    folder = Path(get_default_system_temp_dir())
    if free_at(folder) < ROOM:
        raise StepFailed(
            f"Ray could not be started: no space is left in the temporary folder {folder}; free some, or have"
            " RAY_TMPDIR name another"
        )


def _joined() -> str | None:
    """The cluster that this machine was made a part of last, be it there or gone."""
    from ray._private.utils import read_ray_address

    return read_ray_address()


def _refused(address: str) -> str | None:
    """Why nobody can be reached at ``HOST:PORT``; None when somebody can."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER).close()
    except ValueError:
        return "an address is HOST:PORT"
    except TimeoutError:
        return "it can't be reached"
    except OSError as error:
        return reason(error)
    return None


def _knock(address: str, found: str) -> None:
    """See in another process, which can be given up, whether a cluster lets this machine in.

    Raises:
        StepFailed: it does not.
    """
    try:
        done = subprocess.run([sys.executable, "-c", _KNOCK, address], capture_output=True, text=True, timeout=WELCOME)
    except subprocess.TimeoutExpired:
        node = f"is this machine a part of it (ray start --address {found})?"
        raise StepFailed(f"the Ray cluster at {found} has not let this machine in for {WELCOME:g} s; {node}") from None
    if done.returncode:
        raise StepFailed(f"the Ray cluster at {found} can't be used: {_why(done.stderr)}")


def _why(complaint: str) -> str:
    versions = re.findall(r"\b(?:Ray|Python): (\S+)", complaint)
    if len(versions) == 4:
        there, here = (f"Ray {ray} and Python {python}" for ray, python in (versions[:2], versions[2:]))
        return f"it has {there}, and this machine {here}; install the same on every node"
    said = [line.strip() for line in complaint.splitlines() if line.strip()]
    return plain(said[-1]) if said else "it said nothing"


def _init(**how: Any) -> None:
    import ray

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # Never in a thread of its own: what Ray starts ends with the thread that started it.
        ray.init(log_to_driver=False, logging_level="CRITICAL", **how)
    except Exception as error:
        raise StepFailed(f"Ray could not be started: {why_failed(error)}") from error
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)  # Ray takes SIGTERM for itself
