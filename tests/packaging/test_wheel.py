"""The wheel alone films a story from any folder: grammar, diagnostics and weights are in it.

Plain, it checks, formats, plans and draws in an environment that has what it asks for and nothing else.
"""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from dreamrunner.files.extras import EXTRAS, lack
from tests.material import warm
from tests.material.two_scenes import BRIEF, STORY
from tests.packaging.libraries import REPOSITORY, brought, modules_without

FOR_EDITORS = ("vscode", "tree-sitter-story", "helix", "neovim", "zed")
"""Folders of the grammar that editors take from the repository."""


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


@pytest.fixture(scope="module")
def plain(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment of its own: the wheel, and links to the libraries that it asks for, each of which is
    this environment's, so that nothing is fetched."""
    folder = tmp_path_factory.mktemp("plain")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for path in installed.iterdir():
        (site / path.name).symlink_to(path)
    for library in brought().values():
        for name in {path.parts[0] for path in library.files or ()} - {"..", "__pycache__"}:
            if not (site / name).exists():
                (site / name).symlink_to(str(library.locate_file(name)))
    return folder / "bin" / "python"


def must(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def run_plain(plain: Path, folder: Path, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DREAMRUNNER_DEBUG")}
    environment["DREAMRUNNER_CACHE"] = str(folder / "cache")
    command = [str(plain), "-m", "dreamrunner", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, input=said)


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
        if path.relative_to(REPOSITORY / "grammar").parts[0] not in FOR_EDITORS
    }
    assert grammar == {name for name in names if name.startswith("dreamrunner/grammar/")}
    package = {str(path.relative_to(REPOSITORY)) for path in data(REPOSITORY / "dreamrunner")}
    assert package <= set(names)
    assert wheel.stat().st_size < 40_000_000


def data(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_the_installed_command_is_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    where = run(installed, tmp_path, sys.executable, "-c", "import dreamrunner; print(dreamrunner.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(installed)
    version = run(installed, tmp_path, str(installed / "bin" / "dreamrunner"), "--version")
    assert version.stdout.startswith("dreamrunner ")


# The libraries are this environment's, and are loaded already; the package itself is imported anew. Those that the
# extra for filming does not bring are not to be had.
OF_THE_WHEEL = """
import sys
from importlib.machinery import PathFinder
class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in without:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
without = set(sys.argv.pop(1).split())
for name in [name for name in sys.modules if name.partition(".")[0] in without]:
    del sys.modules[name]
sys.meta_path.insert(0, Without)
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


def test_a_story_is_filmed_from_any_folder_by_what_films_alone(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "two.story").write_text(BRIEF)
    # diffusers asks the environment's list, not the module, whether ONNX's runtime is there, which Piper brings.
    without = " ".join(modules_without("film") - {"onnxruntime"})
    assert "ultralytics" in without and "torch" not in without.split()
    command = [sys.executable, "-c", OF_THE_WHEEL, without, str(installed), str(REPOSITORY)]
    command += ["build", "two.story", "--steps", "1"]
    environment = warm.environment(DREAMRUNNER_CACHE=str(tmp_path / "cache"))
    done = warm.run(command, cwd=tmp_path, env=environment, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "build/two/two.mp4\n"
    assert "with miniature" in done.stderr
    assert f"films are not checked: {lack('motions', 'torchvision')}" in done.stderr
    assert (tmp_path / "build" / "two" / "two.mp4").stat().st_size > 1000


def test_mistakes_are_explained_by_the_installed_package(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.story").write_text(STORY.replace("  witch stirring", "  wich stirring"))
    done = run(installed, tmp_path, str(installed / "bin" / "dreamrunner"), "check", "bad.story")
    assert done.returncode == 1
    assert "witch" in done.stderr + done.stdout


def test_a_story_is_checked_formatted_planned_and_drawn_without_what_films(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "two.story").write_text(BRIEF)
    assert run_plain(plain, tmp_path, "check", "two.story").returncode == 0
    assert run_plain(plain, tmp_path, "fmt", "two.story").returncode == 0
    assert run_plain(plain, tmp_path, "plan", "two.story").stdout == "two.plan.story\n"
    drawn = run_plain(plain, tmp_path, "storyboard", "two.story")
    assert drawn.stdout == "build/two/boxes.png\nbuild/two/boxes.html\n", drawn.stderr
    assert (tmp_path / "build" / "two" / "boxes.png").stat().st_size > 1000


def test_the_language_server_starts_without_what_films(plain: Path, tmp_path: Path) -> None:
    asked = [
        {"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}},
        {"method": "initialized", "params": {}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    texts = [json.dumps({"jsonrpc": "2.0", **each}) for each in asked]
    said = "".join(f"Content-Length: {len(text)}\r\n\r\n{text}" for text in texts)
    done = run_plain(plain, tmp_path, "lsp", said=said)
    assert done.returncode == 0, done.stderr
    assert '"capabilities"' in done.stdout


@pytest.mark.parametrize("words, extra", [("build two.story", "film"), ("retrieve waving", "motions"), ("mcp", "mcp")])
def test_what_needs_more_says_in_one_line_what_and_how_to_get_it(
    words: str, extra: str, plain: Path, tmp_path: Path
) -> None:
    done = run_plain(plain, tmp_path, *words.split())
    assert done.stderr == f"error: {lack(extra, EXTRAS[extra][0])}\n"
    assert (done.returncode, done.stdout) == (1, "")
    assert f"pip install 'dreamrunner[{extra}]'" in done.stderr
