"""Do two commits film the same? ``python benchmarks/same_films.py OLD NEW [--story S] [--train-steps N] [--steps N]``

``OLD`` fills the story's gaps once, so that a planner that has changed meanwhile changes nothing here. Each commit then
films the filled story into a cache of its own, as a process of its own with one thread, both at the same time. What is
compared are the frames as they were sampled, before any coding of video: bit for bit.

``--libraries FOLDER`` is put on the path of the old commit, for what it needs and the new one does not.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


class Edition:
    """A commit's files in a folder of their own, with a cache of their own."""

    def __init__(self, commit: str, home: Path, libraries: Path | None) -> None:
        self.code, self.cache, self.work = home / "code", home / "cache", home / "work"
        self.work.mkdir(parents=True)
        packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(self.code, filter="data")
        path = os.pathsep.join(map(str, filter(None, (self.code, libraries))))
        own = {"PYTHONPATH": path, "DREAMRUNNER_CACHE": str(self.cache), "OMP_NUM_THREADS": "1"}
        self.environment = os.environ | own

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Begin a command of this edition, in the folder of its story."""
        return subprocess.Popen(
            [sys.executable, "-m", "dreamrunner", *arguments], cwd=self.work / "stories", env=self.environment
        )

    def frames(self) -> set[str]:
        """The digests of all scenes' frames in its cache."""
        return {_digest(file) for file in self.cache.rglob("*.npz")}


def _digest(file: Path) -> str:
    whole = hashlib.sha256()
    with np.load(file, allow_pickle=False) as arrays:
        for name in sorted(arrays.files):
            array = np.ascontiguousarray(arrays[name])
            whole.update(f"{name} {array.dtype} {array.shape}".encode())
            whole.update(array.tobytes())
    return whole.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--story", default="witch.story", help="a file of stories/ (default: %(default)s)")
    parser.add_argument("--train-steps", default="400")
    parser.add_argument("--steps", default="20")
    parser.add_argument("--libraries", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old = Edition(arguments.old, Path(folder) / "old", arguments.libraries)
        new = Edition(arguments.new, Path(folder) / "new", None)
        for edition in (old, new):
            subprocess.run(["cp", "-r", str(old.code / "stories"), str(edition.work)], check=True)
        if old.start("plan", arguments.story).wait() != 0:
            return 1
        filled = arguments.story.replace(".story", ".plan.story")
        (new.work / "stories" / filled).write_bytes((old.work / "stories" / filled).read_bytes())
        how = ("--train-steps", arguments.train_steps, "--steps", arguments.steps, "-o", "../film")
        building = [edition.start("build", filled, *how) for edition in (old, new)]
        if any([process.wait() != 0 for process in building]):
            return 1
        before, after = old.frames(), new.frames()
    print(f"{len(before & after)} of {len(before)} scenes have the same frames, bit for bit")
    return 0 if before == after else 1


if __name__ == "__main__":
    sys.exit(main())
