"""Whatever fails is told in one line without a class name: what is foreseen with what to do, the rest with a report."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.cli.command_table import COMMANDS, module
from dreamrunner.engine import Store
from dreamrunner.engine.graph import StepFailed, Task
from dreamrunner.engine.run import run
from dreamrunner.files import trouble
from dreamrunner.files.trouble import foreseen, plain, why
from dreamrunner.pipeline.tasks.kinds import KINDS


class OddError(Exception):
    """An error of a library that nobody here knows."""


def system(number: int, path: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), path)


FORESEEN = [
    (MemoryError(), "there is not enough memory; end other programs"),
    (system(errno.ENOMEM), "there is not enough memory"),
    (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "not enough memory"),
    (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "not enough memory on the GPU"),
    (ImportError("libtorch_cpu.so: failed to map segment from shared object"), "there is not enough memory"),
    (ImportError("libGL.so.1: cannot open shared object file: No such file"), "the shared library libGL.so.1 can't be"),
    (OSError("libcudnn.so.9: cannot open shared object file: No such"), "the shared library libcudnn.so.9"),
    (ImportError("DLL load failed while importing _C: not found"), "can't be loaded; install it"),
    (ModuleNotFoundError("No module named 'lark.tree'"), "the Python package lark is missing; install"),
    (ModuleNotFoundError("No module named 'peft.tuners'"), "filming needs peft, which is not installed: pip install"),
    (ImportError("cannot import name 'x' from 'y'"), "a Python package can't be loaded (cannot import name 'x' from"),
    (system(errno.ENOSPC), "no space is left on the disk; free some"),
    (RuntimeError("database or disk is full"), "no space is left on the disk"),
    (system(errno.EMFILE), "too many files are open; `ulimit -n 4096`"),
    (system(errno.EACCES, "/x/y"), "permission denied: /x/y"),
    (StepFailed("filming garden failed: rain"), "filming garden failed: rain"),
]
ODD = [
    RecursionError("maximum recursion depth exceeded"),
    OddError("RuntimeError: torch._C.OddError: the sky is green\n  at line 3"),
    KeyError("x"),
    AssertionError(),
    TypeError("unsupported operand"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    OverflowError("int too large to convert to float"),
]
CLASS = re.compile(r"\b[A-Z]\w*(?:Error|Exception)\b")


@pytest.mark.parametrize(("error", "says"), FORESEEN, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_foreseen_says_what_to_do(error: Exception, says: str) -> None:
    assert says in foreseen(error) and foreseen(error) == why(error)
    assert not CLASS.search(why(error)) and "\n" not in why(error)


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
def test_what_is_not_says_where_to_report_it(error: Exception) -> None:
    assert foreseen(error) == "" and not CLASS.search(why(error)) and "\n" not in why(error)
    assert why(error).startswith("something unforeseen went wrong (")
    assert why(error).endswith("); a report of it needs the log that DREAMRUNNER_DEBUG=1 gives")


def test_a_page_for_reports_is_named_where_the_package_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "_issue_page", lambda: "https://example.org/issues")
    assert "please report it at https://example.org/issues with the log" in why(KeyError("x"))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("ValueError: a: b", "a: b"),
        ("ray.exceptions.RayTaskError(OddError): ValueError: odd", "odd"),
        ("torch.OutOfMemoryError: x", "x"),
        ("\n\n  KeyError: 'x'\n", "'x'"),
        ("garden.mp4: is a folder", "garden.mp4: is a folder"),
        ("RuntimeError", ""),
    ],
)
def test_class_names_are_taken_from_the_front(said: str, shown: str) -> None:
    assert plain(said) == shown


LINES = {
    "catalog": "search x y", "train": "motion waving --clips x.mp4", "cache": "list", "retrieve": "walking",
    "explain": "gap", "new": "x", "lsp": "", "bench": "storyeval x", "completion": "bash", "help": "build",
    "mcp": "", "schema": "plan",
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_an_odd_error_in_any_command_is_one_line(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DREAMRUNNER_DEBUG", raising=False)
    for error in (ODD[1], FORESEEN[4][0]):
        monkeypatch.setattr(module(command), "run", raising(error))
        assert main([command, *LINES.get(command, "two.story").split()]) == 3
        said = capfd.readouterr().err
        [told] = said.splitlines()
        assert not CLASS.search(told)
        if error is ODD[1]:
            assert f"error: dreamrunner {command} broke off: something unforeseen went wrong (the sky is green)" in told
        else:
            assert told.startswith("error: there is not enough memory")


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
@pytest.mark.parametrize("error", [ODD[0], ODD[1], FORESEEN[4][0]], ids=["deep", "odd", "memory"])
def test_an_odd_error_in_any_task_is_one_line(kind: str, error: Exception, tmp_path: Path) -> None:
    with pytest.raises(StepFailed) as failed:
        list(run([Task(kind, "garden", {}, raising(error))], Store(tmp_path), lambda _: None))
    said = str(failed.value)
    assert " failed: " in said and not CLASS.search(said) and "\n" not in said
    assert said.endswith(why(error))


def raising(error: Exception) -> Callable[..., None]:
    def make(*_: object) -> None:
        raise error

    return make


def test_a_full_temporary_folder_is_not_blamed_on_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    store = Store(tmp_path / "cache")

    def said(error: Exception) -> str:
        with pytest.raises(StepFailed) as failed:
            list(run([Task("encode", "garden", {}, raising(error))], store, lambda _: None))
        return str(failed.value)

    full = said(system(errno.ENOSPC, str(temporary / "x" / "frame.png")))
    assert f"encoding garden failed: no space is left in the temporary folder {temporary}; free some" in full
    assert "the store" in said(system(errno.ENOSPC, str(tmp_path / "cache" / "y")))
    assert "the store" in said(system(errno.ENOSPC))
    free = {temporary: 4096}
    monkeypatch.setattr(trouble, "free_at", lambda folder: free.get(folder, 2**30))
    assert "temporary folder" in said(RuntimeError("ffmpeg: No space left on device"))
