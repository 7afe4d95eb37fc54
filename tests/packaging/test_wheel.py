"""The wheel alone films a story from any folder: grammar, diagnostics and weights are in it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.material import warm
from tests.material.two_scenes import BRIEF, STORY

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as ``pip install .`` does, with the tools that are installed here: nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    must(*command, "--wheel-dir", str(folder), str(REPOSITORY))
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in a folder of its own; the libraries that it needs come from this environment."""
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    must(*command, str(wheel))
    return target


def must(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "DREAMRUNNER_CACHE": str(folder / "cache")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"dreamrunner"}
    grammar = {
        f"dreamrunner/grammar/{path.relative_to(REPOSITORY / 'grammar')}"
        for path in data(REPOSITORY / "grammar")
        if not path.is_relative_to(REPOSITORY / "grammar" / "vscode")
    }
    assert grammar == {name for name in names if name.startswith("dreamrunner/grammar/")}
    package = {str(path.relative_to(REPOSITORY)) for path in data(REPOSITORY / "dreamrunner")}
    unused = {name for name in package if name.startswith("dreamrunner/miniature/second/weights/")}
    assert package - unused <= set(names)
    assert unused.isdisjoint(names)
    assert wheel.stat().st_size < 24_000_000


def data(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_the_installed_command_is_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    where = run(installed, tmp_path, sys.executable, "-c", "import dreamrunner; print(dreamrunner.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(installed)
    version = run(installed, tmp_path, str(installed / "bin" / "dreamrunner"), "--version")
    assert version.stdout.startswith("dreamrunner ")


# The libraries are this environment's, and are loaded already; the package itself is imported anew.
OF_THE_WHEEL = """
import sys
for name in [name for name in sys.modules if name.partition(".")[0] in ("dreamrunner", "tests")]:
    del sys.modules[name]
installed, repository = sys.argv.pop(1), sys.argv.pop(1)
sys.path[:] = [installed, *(place for place in sys.path if place != repository)]
from dreamrunner.cli import main
code = main()
own = [module.__file__ for name, module in sys.modules.items() if name.partition(".")[0] == "dreamrunner"]
assert len(own) > 50 and all(file.startswith(installed) for file in own), own
sys.exit(code)
"""


def test_a_story_is_filmed_with_the_bundled_model_from_any_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "two.story").write_text(BRIEF)
    command = [sys.executable, "-c", OF_THE_WHEEL, str(installed), str(REPOSITORY)]
    command += ["build", "two.story", "--steps", "1"]
    environment = warm.environment(DREAMRUNNER_CACHE=str(tmp_path / "cache"))
    done = warm.run(command, cwd=tmp_path, env=environment, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "build/two/two.mp4\n"
    assert "with miniature" in done.stderr
    assert (tmp_path / "build" / "two" / "two.mp4").stat().st_size > 1000


def test_mistakes_are_explained_by_the_installed_package(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.story").write_text(STORY.replace("  witch stirring", "  wich stirring"))
    done = run(installed, tmp_path, str(installed / "bin" / "dreamrunner"), "check", "bad.story")
    assert done.returncode == 1
    assert "witch" in done.stderr + done.stdout
