"""Builds in real processes: a folder with a story, and waiting for what happens in it."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.material import warm
from tests.material.two_scenes import STORY


class Folder:
    """A folder with the story, a store of its own and the real command."""

    def __init__(self, root: Path, model: Path, popen: type[subprocess.Popen] = warm.Popen) -> None:
        """``popen`` starts the processes: :class:`subprocess.Popen` where the libraries' import is to be seen, too."""
        self.root, self.popen = root, popen
        (root / "two.story").write_text(STORY)
        self.command = [*warm.PROGRAM, "build", "two.story", "--model", str(model), "--steps", "1"]
        self.environment: Mapping[str, str] = warm.environment(DREAMRUNNER_CACHE=str(root / "cache"))

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return self.popen(
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
