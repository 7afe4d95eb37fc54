"""No key is narrower than what a result depends on: the code that makers run lies in their closures."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType

import pytest

from dreamrunner.engine import Store
from dreamrunner.engine.software import NO_CODE, import_closure
from dreamrunner.pipeline import Options, prepare, understand
from tests.material.sources import PACKAGE
from tests.material.strangers import play
from tests.pipeline.test_code_edits import MAKERS

BESIDES = {f"dreamrunner.{name}": why for name, why in NO_CODE.items()}
"""Modules that makers may run besides, and why."""


def modules_run(call: Callable[[], None]) -> set[str]:
    """The modules of the package in which ``call`` runs functions, but for what runs while modules are imported."""
    found: set[str] = set()
    here, ours = inspect.currentframe(), f"{PACKAGE}/"

    def note(frame: FrameType, _event: str, _: object) -> None:
        code = frame.f_code
        if not code.co_filename.startswith(ours):
            return
        if not code.co_flags & inspect.CO_OPTIMIZED or code.co_name == "__getattr__":
            return
        above = frame.f_back
        while above is not None and above is not here:
            if above.f_code.co_name == "<module>":
                return
            above = above.f_back
        path = Path(code.co_filename).relative_to(PACKAGE).with_suffix("")
        found.add(".".join(("dreamrunner", *path.parts)).removesuffix(".__init__"))

    before = sys.gettrace()
    threading.settrace(note)
    sys.settrace(note)
    try:
        call()
    finally:
        sys.settrace(before)
        threading.settrace(before)  # type: ignore[arg-type]
    return found


def test_what_makers_run_is_in_their_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    story = play(tmp_path)
    story.write_text(story.read_text().replace("  seed 3", "  seed 3\n  size 32x32"))
    options = Options(steps=1, train_steps=1, burn_subtitles=True)
    understood = understand(story, options)
    tasks = prepare(understood, out=None, options=options, device="cpu", store=Store(tmp_path / "cache")).tasks
    made: dict[str, Path] = {}
    kinds = set()
    for task in tasks:
        needed = {name: made[name] for name in task.needs} | dict(task.files)
        names = {maker if isinstance(maker, str) else maker.__module__ for maker in MAKERS[task.kind]}
        known = frozenset().union(*map(import_closure, names))
        for name in known:
            import_module(name)  # before anything is watched, which takes its time
        path = made[task.name] = tmp_path / f"{len(made)}{task.suffix}"
        run = modules_run(partial(task.make, needed, path, lambda *_, **__: None))
        assert run - known - set(BESIDES) == set(), task.name
        assert run & known, task.name
        kinds.add(task.kind)
    assert kinds == {"train-motion", "train-subject", "render", "check", "encode", "cut", "join", "storyboard"}
