"""Builds in real processes: a folder with a story, and waiting for what happens in it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.material.two_scenes import STORY

REPOSITORY = Path(__file__).parents[2]


class Folder:
    """A folder with the story, a store of its own and the real command."""

    def __init__(self, root: Path, model: Path) -> None:
        self.root = root
        (root / "two.story").write_text(STORY)
        self.command = [
            sys.executable,
            "-m",
            "dreamrunner",
            "build",
            "two.story",
            "--model",
            str(model),
            "--steps",
            "1",
        ]
        self.environment: Mapping[str, str] = {
            **os.environ,
            "DREAMRUNNER_CACHE": str(root / "cache"),
            "PYTHONPATH": str(REPOSITORY),
            "OMP_NUM_THREADS": "1",
        }

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.Popen(
            [*self.command, *arguments], cwd=self.root, env=self.environment, text=True, start_new_session=True, **pipes
        )

    def build(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments)
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def outputs(self) -> dict[str, bytes]:
        out = self.root / "build" / "two"
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str], seconds: float = 300.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the build ended too early"
        assert time.monotonic() < until
        time.sleep(0.01)


def kept(root: Path, suffix: str) -> int:
    """How many results the store knows: a content file whose record is not written yet is none."""
    records = (root / "cache" / "v1" / "results").glob("*/[!.]*.json")
    return sum(json.loads(record.read_text(encoding="utf-8"))["suffix"] == suffix for record in records)
