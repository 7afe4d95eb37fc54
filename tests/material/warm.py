"""Processes of Python that have the large libraries already: each is forked from a parent that has imported them.

Importing them takes seconds, a fork takes hundredths of one. From there on such a process is like any other: it has its
own arguments, folder, environment and streams, its threads are waited for, and it can be stopped and killed. What it
cannot show is how Python starts, what a process imports, and how Python clears up in the end: that is for
:mod:`subprocess`. Processes of one parent also share the order of their sets.
"""

from __future__ import annotations

import array
import atexit
import ctypes
import gc
import inspect
import io
import json
import logging
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from dreamrunner.cli.quiet import QUIET_ENVIRONMENT

REPOSITORY = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "dreamrunner")
NEEDED = (
    "dreamrunner.cli.commands.build",
    "dreamrunner.cli.commands.check",
    "dreamrunner.cli.commands.plan",
    "dreamrunner.cli.commands.preview",
    "dreamrunner.cli.commands.storyboard",
    "dreamrunner.cli.commands.learning.train",
    "dreamrunner.cli.commands.watch",
    "dreamrunner.cli.console.bars",
    "dreamrunner.cli.console.choose",
    "dreamrunner.cli.console.log",
    "dreamrunner.cli.dry_run",
    "dreamrunner.film.burning",
    "dreamrunner.film.cutting",
    "dreamrunner.film.encode",
    "dreamrunner.film.joining",
    "dreamrunner.film.opentimeline",
    "dreamrunner.film.storyboard",
    "dreamrunner.pipeline.adapters.makers.motion",
    "dreamrunner.pipeline.adapters.makers.subject",
    "dreamrunner.pipeline.tasks.makers.encode",
    "dreamrunner.pipeline.tasks.makers.join",
    "dreamrunner.pipeline.tasks.makers.render",
    "dreamrunner.pipeline.tasks.makers.storyboard",
    "dreamrunner.planning.asking",
    "dreamrunner.priors.training",
    "dreamrunner.rendering.renderer",
    "dreamrunner.speech",
    "diffusers.guiders",
    "diffusers.models.autoencoders.autoencoder_kl_cogvideox",
    "diffusers.models.transformers.cogvideox_transformer_3d",
    "diffusers.pipelines.cogvideo.pipeline_cogvideox",
    "diffusers.schedulers.scheduling_unipc_multistep",
    "openai",
    "opentimelineio",
    "tests.material.small_films",
    "transformers.models.t5.modeling_t5",
    "transformers.models.t5.tokenization_t5",
)
"""What the parent imports, with what that imports. What is missing here each process imports itself."""

_OWN = ("BROWSER", "COLUMNS", "DREAMRUNNER_", "LINES", "NO_", "OPENAI_", "PATH", "PYTEST_", "RAY_", "TERM")
"""How variables begin that nothing reads while it is imported: processes of one parent may differ in them."""
_SET_BY_IMPORTS = (
    *QUIET_ENVIRONMENT,
    "HF_HUB_DISABLE_PROGRESS_BARS",
    "KINETO_LOG_LEVEL",
    "LD_LIBRARY_PATH",
    "NUMEXPR_MAX_THREADS",
    "PYTHONBREAKPOINT",
    "QT_QPA_",
    "TF_CPP_MIN_LOG_LEVEL",
    "TORCHINDUCTOR_CACHE_DIR",
)
"""Those that libraries and the command line set for themselves, in the tests' process as in any other."""
_GIVEN = frozenset(os.environ)
_MOST_PARENTS = 2
_LONGEST_ASKED = 1 << 18
_ADOPT = 36  # prctl's PR_SET_CHILD_SUBREAPER

Done = subprocess.CompletedProcess[Any]


def environment(**more: str) -> dict[str, str]:
    """The variables of a process that runs this repository's code, in one thread; ``more`` are its own.

    What this process's libraries have set for themselves is not handed on: it would make another parent after every
    test that imports one.
    """
    handed_on = {
        name: value for name, value in os.environ.items() if name in _GIVEN or not name.startswith(_SET_BY_IMPORTS)
    }
    return {**handed_on, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", **more}


class Popen(subprocess.Popen[Any]):
    """:class:`subprocess.Popen` for ``[sys.executable, "-m" or "-c", ...]``.

    It is an ordinary process where the system has no way for it, and where it is to have variables that what is
    imported depends on (any but those of :func:`environment`, and a second set of them).
    """

    def _execute_child(self, *given: Any) -> None:
        how = inspect.signature(super()._execute_child).bind(*given).arguments
        command = list(map(str, how["args"]))
        assert command[0] == sys.executable and command[1] in ("-c", "-m"), command
        environment = dict(os.environ if how["env"] is None else how["env"])
        parent = None if how["preexec_fn"] else _parent(environment)
        if parent is None:
            super()._execute_child(*given)
            return
        streams = [
            own if own != -1 else standard
            for own, standard in ((how["p2cread"], 0), (how["c2pwrite"], 1), (how["errwrite"], 2))
        ]
        asked = {
            "command": command[1:],
            "folder": os.fspath(how["cwd"] or os.getcwd()),
            "environment": environment,
            "alone": how["start_new_session"],
        }
        self.pid = parent.fork(asked, streams)
        self._child_created = True
        pipes = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(how[name] for name in pipes))


def run(command: Sequence[Any], *, input: Any = None, check: bool = False, **options: Any) -> Done:
    """:func:`subprocess.run` of such a process, its output captured."""
    given = subprocess.DEVNULL if input is None else subprocess.PIPE
    pipes = {"stdin": given, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with Popen(command, **pipes | options) as process:
        out, err = process.communicate(input)
    done: Done = subprocess.CompletedProcess(command, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


class _Parent:
    """A process that forks when it is asked to."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            cwd=REPOSITORY,
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()

    def fork(self, asked: dict[str, Any], streams: list[int]) -> int:
        """The id of a new process, which is a child of this one from now on."""
        _adopt(True)
        try:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))
            self._ours.sendmsg([json.dumps(asked).encode()], [rights])
            return int(self._ours.recv(64))
        finally:
            _adopt(False)


_PARENTS: dict[frozenset[tuple[str, str]], _Parent] = {}


def _parent(environment: dict[str, str]) -> _Parent | None:
    if not sys.platform.startswith("linux"):
        return None
    kind = frozenset(item for item in environment.items() if not item[0].startswith(_OWN))
    if kind not in _PARENTS and len(_PARENTS) < _MOST_PARENTS:
        _PARENTS[kind] = _Parent(environment)
    return _PARENTS.get(kind)


def _adopt(whether: bool) -> None:
    """Whether processes whose parent has ended become children of this one."""
    ctypes.CDLL(None, use_errno=True).prctl(_ADOPT, int(whether), 0, 0, 0)


# What follows runs in the parent and in what it forks.


def _serve(ours: socket.socket) -> list[str] | None:
    """Fork when asked to. Comes back in what was forked, with its command, and at the end without one."""
    while True:
        asked, rights, _, _ = ours.recvmsg(_LONGEST_ASKED, socket.CMSG_SPACE(3 * 4))
        if not asked:
            return None
        streams = array.array("i", rights[0][2])
        reader, writer = os.pipe()
        between = os.fork()
        if between == 0:  # it ends at once, so that the process that asked becomes the parent of the next
            child = os.fork()
            if child == 0:
                os.close(reader), os.close(writer)
                ours.close()
                return _become(json.loads(asked), list(streams))
            os.write(writer, str(child).encode())
            os._exit(0)
        for number in (writer, *streams):
            os.close(number)
        os.waitpid(between, 0)
        ours.send(os.read(reader, 64))
        os.close(reader)


def _become(asked: dict[str, Any], streams: list[int]) -> list[str]:
    if asked["alone"]:
        os.setsid()
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    for standard, stream in enumerate(streams):
        os.dup2(stream, standard)
    for stream in streams:
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (
        _stream(number, as_before) for number, as_before in enumerate((sys.stdin, sys.stdout, sys.stderr))
    )
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    return asked["command"]


def _stream(number: int, as_before: Any) -> io.TextIOWrapper:
    """A standard stream as Python opens it."""
    unbuffered = number > 0 and bool(os.environ.get("PYTHONUNBUFFERED"))
    raw: Any = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
    buffer = raw if unbuffered else io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
    stream = io.TextIOWrapper(
        buffer,
        as_before.encoding,
        as_before.errors,
        newline=None if number == 0 else "\n",
        line_buffering=number == 2 or raw.isatty(),
        write_through=unbuffered,
    )
    stream.mode = "r" if number == 0 else "w"
    return stream


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the tests, which end it
    _import_all()
    gc.freeze()
    command = _serve(socket.socket(fileno=int(sys.argv[1])))
    if command is None:
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _run(*command)
        code: object = 0
    except SystemExit as ended:
        code = ended.code
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    # Taking down all that was imported would cost more than most commands do.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code or 0)


def _import_all() -> None:
    from dreamrunner.cli.quiet import silence
    from dreamrunner.engine.software import import_closure, library_versions
    from dreamrunner.language.parsing.lines import grammar
    from dreamrunner.planning.english.word_forms import ing_form, is_plural

    before, warned = dict(os.environ), warnings.filters[:]
    silence(json=False)
    for name in NEEDED:
        with suppress(ImportError):
            import_module(name)
            if ".makers." in name:
                import_closure(name)  # reads the sources of all that it imports
    ing_form("walks"), is_plural("cats")  # reads the dictionaries
    grammar(), library_versions()
    os.environ.clear()
    os.environ.update(before)
    warnings.filters[:] = warned
    logging.getLogger().handlers.clear()


def _run(how: str, what: str, *arguments: str) -> None:
    sys.argv = [what if how == "-m" else how, *arguments]
    sys.path[0] = os.getcwd() if how == "-m" else ""
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = main = type(sys)("__main__")
        exec(compile(what, "<string>", "exec"), main.__dict__)


if __name__ == "__main__":
    _main()
