"""The house: imports only go down, without a circle, and files keep to a size that can be read."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400
"""Lines of a file of code."""

TELLS_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "build"}
"""Names that no folder has; the last is what other tools take for rubbish."""


def test_imports_only_go_down_and_never_in_a_circle() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_names_every_folder() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][0]
    named = {name.strip() for floor in contract["layers"] for name in floor.split("|")}
    there = {path.stem for path in (ROOT / "dreamrunner").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - {"__init__", "__main__"} == named


@pytest.mark.parametrize("top", ["dreamrunner", "tests", "benchmarks"])
def test_files_can_be_read_at_one_sitting_and_names_say_something(top: str) -> None:
    for path in (ROOT / top).rglob("*"):
        if path.is_dir():
            assert path.name not in TELLS_NOTHING, path
        elif path.suffix == ".py":
            assert path.stem not in TELLS_NOTHING - {"build"}, path
            assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST, path
