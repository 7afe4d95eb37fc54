"""The house: imports only go down, without a circle, and files keep to a size that can be read."""

import ast
import builtins
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400
"""Lines of a file of code."""

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

TELLS_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "build"}
"""Names that no folder has; the last is what other tools take for rubbish."""


def test_imports_only_go_down_and_never_in_a_circle() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_names_every_folder() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    named = {name.strip() for floor in settings["contracts"][0]["layers"] for name in floor.split("|")}
    inside = (ROOT / "dreamrunner").iterdir()
    there = {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - {"__init__", "__main__"} == named


def test_the_architecture_names_files_that_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./]+(?:\.(?:py|md|lark|toml)|/))`", text))
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists() and not (ROOT / "dreamrunner" / name).exists()] == []


def test_a_tree_of_the_folders_has_every_folder() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    tree = next(block for language, block in blocks if not language and "regions/" in block)
    rows = [re.split("  +", line.lstrip(" 0123456789")) for line in tree.splitlines() if not line[0].isalpha()]
    named = [name[:-1] for row in rows for name in row if re.fullmatch(r"\w+/", name)]
    assert sorted(named) == sorted(path.parent.name for path in (ROOT / "dreamrunner").glob("*/__init__.py"))


@pytest.mark.parametrize("top", ["dreamrunner", "tests", "benchmarks"])
def test_files_can_be_read_at_one_sitting_and_names_say_something(top: str) -> None:
    for path in (ROOT / top).rglob("*"):
        if path.is_dir():
            assert path.name not in TELLS_NOTHING, path
        if path.suffix == ".py":
            assert path.stem not in TELLS_NOTHING - {"build"}, path
        if path.suffix in (".py", ".js", ".css", ".html"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST, path


def test_what_a_module_keeps_to_itself_is_used_in_it() -> None:
    idle = []
    for path in (ROOT / "dreamrunner").rglob("*.py"):
        tree = _tree(path)
        read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        idle += [f"{path}: {name}" for node in tree.body for name in _defined(node) - read if re.match("_[^_]", name)]
    assert idle == []


HOMES = {
    "hashlib": {
        "files/digest.py",
        "retrieval/indexing.py",  # short hashes of a million rows, which a slower one would be felt in
    },
    "os.replace": {
        "files/atomic.py",
        "files/in_place.py",
        "miniature/second/training/checkpoint.py",  # a folder, which no file's way is for
    },
    ".strerror": {
        "files/wording.py",
        "files/trouble.py",  # where only errors of the system name a file
    },
    "errno.ENOSPC": {"files/wording.py"},
    ".isprintable": set(),  # it calls joiners, soft hyphens and no-break spaces unprintable: files/letters.py
    "platformdirs": {"files/paths.py"},
    '"miniature"': {"files/paths.py"},
    "'did you mean": {"files/spelling.py"},
    "difflib": {"cli/console/changes.py"},
    "sys.exit": {"miniature/second/training/backbone.py"},  # a script
}
"""What is done in one way: the modules and names that it takes, and the files that may use them."""


@pytest.mark.parametrize("name", HOMES)
def test_what_is_done_in_one_way_has_one_home(name: str) -> None:
    package = ROOT / "dreamrunner"
    found = {str(path.relative_to(package)) for path in package.rglob("*.py") if name in _names(path)}
    assert found == HOMES[name]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def _defined(node: ast.stmt) -> set[str]:
    """The names that a statement at the top of a module gives to what it makes."""
    match node:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            return {name}
        case ast.Assign(targets):
            return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
        case ast.AnnAssign(ast.Name(name)):
            return {name}
    return set()


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` as it stands there; what is before a point and no name is left out: ``f(x).b`` is ``.b``."""
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(value, attr):
            return f"{_dotted(value)}.{attr}"
    return ""


@cache
def _names(path: Path) -> set[str]:
    """What a file uses: modules, words in quotes, attributes with and without the name before their point; a path's
    ``replace``, which is told from a text's by its one argument, counts as ``os.replace``."""
    found: set[str] = set()
    for node in ast.walk(_tree(path)):
        match node:
            case ast.Import(names):
                found.update(name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names):
                found.add(module)
                found.update(f"{module}.{name.name}" for name in names)
            case ast.Call(func=ast.Attribute(attr="replace"), args=[_], keywords=[]):
                found.add("os.replace")
            case ast.Attribute(value, attr):
                owner = _dotted(value)
                found |= {f"{owner}.{attr}"} | ({f".{attr}"} if owner != "os" else set())
            case ast.Constant(str(text)) if text.isidentifier():
                found |= {f".{text}", f'"{text}"'}  # the first as getattr takes it
            case ast.Constant(str(text)) if text.startswith("did you mean"):
                found.add("'did you mean")
    return found


def test_only_commands_print() -> None:
    package = ROOT / "dreamrunner"
    prints = {path.relative_to(package).parts[0] for path in package.rglob("*.py") if "print" in calls(path)}
    assert prints == {"cli", "miniature"}  # the latter's scripts, which make its model


NAMED_IN_DOCSTRINGS = re.compile(r":(?:mod|class|func|data):`~?([\w.]+)`")


def test_docstrings_refer_to_what_is_there() -> None:
    package = ROOT / "dreamrunner"
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in package.rglob("*.py")}
    modules |= {name.removesuffix(".__init__"): path for name, path in modules.items() if path.stem == "__init__"}
    gone = []
    for path in package.rglob("*.py"):
        inside = ".".join(path.relative_to(ROOT).parent.parts)
        for name in NAMED_IN_DOCSTRINGS.findall(path.read_text(encoding="utf-8")):
            full = inside + name if name.startswith(".") else name
            ours = full.startswith("dreamrunner.")
            module = next((each for each in _upwards(full) if each in modules), "") if ours else ""
            home = modules[module] if ours else path
            parts = full.removeprefix(module).strip(".").split(".")
            if full not in modules and (ours or parts[0] not in OTHERS) and not set(parts) <= _made_in(home):
                gone.append(f"{path}: {name}")
    assert gone == []


OTHERS = {"pygls", *dir(builtins)}
"""What docstrings name that is not of this package."""


def _upwards(name: str) -> Iterator[str]:
    """A dotted name, and those of the modules it may be in, the inmost first."""
    while name:
        yield name
        name = name.rpartition(".")[0]


@cache
def _made_in(path: Path) -> set[str]:
    """The names that a file defines or imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(_tree(path)):
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                found.add(name)
            case ast.Name(name, ast.Store()) | ast.Constant(str(name)):
                found.add(name)
            case ast.alias(name, asname):
                found.add(asname or name)
    return found


READS_THE_PACKAGES_OWN = {
    "backbones/device.py",  # and PyTorch's
    "editor/explain.py",
    "engine/lease.py",  # and the kernel's
    "engine/software.py",
    "film/storyboard_page.py",
    "language/diagnostics.py",
    "language/parsing/tables.py",
    "language/reference.py",
    "language/template.py",
    "planning/chat/prompts.py",
    "preview/http.py",
    "reporting/page.py",
}
"""Modules that read files which come with the package."""

WRITES = {"cli/console/streams.py", "files/checkpoint.py", "files/in_place.py", "rendering/frames.py"}
"""Modules that open what they write, or nothing at all (``/dev/null``)."""


@cache
def calls(path: Path) -> set[str]:
    """The names of what a file calls: ``open``, ``path.read_bytes``, ``Image.open``."""
    return {_dotted(node.func) for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)}


def test_files_of_others_are_opened_in_one_home_and_pictures_in_another() -> None:
    top = ROOT / "dreamrunner"
    others = {"av.open", "os.open", "wave.open", "webbrowser.open"}  # each after a look whether it is a regular file
    for path in top.rglob("*.py"):
        name = path.relative_to(top).as_posix()
        if name.startswith("miniature/") or name in READS_THE_PACKAGES_OWN | WRITES | {"files/regular.py"}:
            continue
        opens = {call for call in calls(path) if call == "open" or call.endswith((".read_text", ".read_bytes"))}
        opens |= {call for call in calls(path) if call.endswith(".open")} - others
        assert opens - ({"Image.open"} if name == "datasets/image_file.py" else set()) == set(), (name, opens)


def test_what_opens_by_path_looks_first_whether_it_is_a_file() -> None:
    for path in (ROOT / "dreamrunner").rglob("*.py"):
        found = calls(path)
        if "miniature" not in path.parts and found & {"safe_open", "av.open", "Image.open"}:
            assert "require_regular" in found, path
