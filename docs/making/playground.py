"""Brings together what the playground runs: Pyodide, the libraries that it takes, and DreamRunner's light parts.

Pyodide comes from npm's registry and the libraries from Python's, each by its ordinary client, at the versions that
``constraints.txt`` and :data:`PYODIDE` name, once: they are kept in ``build/playground``.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "playground"
PYODIDE = "314.0.7"
INTEGRITY = "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
"""The sha512 of its package, as npm's registry has it."""
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
PLATFORM, PYTHON = "pyemscripten_2026_0_wasm32", "3.14"
"""What this Pyodide's wheels are called by, and its Python."""
LIBRARIES = (
    "lark", "pydantic", "pydantic-core", "annotated-types", "typing-extensions", "typing-inspection", "platformdirs",
    "lemminflect", "inflect", "more-itertools", "jaraco.functools",
)  # fmt: skip
OWN = ("page.js", "worker.js", "page.css", "steps.py")
LEFT_OUT = ("miniature/second/", "miniature/weights/", "__pycache__/", "cli/", "film/fonts/", "preview/page/")
"""Of DreamRunner: what no part that runs here reads."""


class CannotBuild(Exception):
    """A part of the playground can't be had."""


def put(folder: Path) -> None:
    """Put everything into ``folder``, which is made; raises CannotBuild where a part can't be had."""
    folder.mkdir(parents=True, exist_ok=True)
    runtime, wheels = _pyodide(), _wheels()
    for name in RUNTIME:
        shutil.copyfile(runtime / name, folder / name)
    with zipfile.ZipFile(folder / "libraries.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as opened:
                for name in opened.namelist():
                    archive.writestr(_entry(name), opened.read(name))
        for path in sorted(_own()):
            archive.writestr(_entry(_inside(path)), path.read_bytes())
    for name in OWN:
        shutil.copyfile(ROOT / "docs" / "playground" / name, folder / name)


def _entry(name: str) -> zipfile.ZipInfo:
    """The same bytes give the same archive: every file has the oldest date."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _own() -> Iterator[Path]:
    """The files of DreamRunner that go along."""
    for path in (ROOT / "dreamrunner").rglob("*"):
        inside = path.relative_to(ROOT / "dreamrunner").as_posix()
        if path.is_file() and not any(part in inside for part in LEFT_OUT):
            yield path
    for words in (ROOT / "dreamrunner" / "miniature").rglob("words.json"):
        for name in ("words.json", "model_index.json", "tokenizer/tokenizer.json", "transformer/config.json"):
            yield words.parent / name
    for path in (ROOT / "grammar").rglob("*"):
        if path.is_file() and path.suffix in (".lark", ".json", ".md") and "vscode" not in path.parts:
            yield path


def _inside(path: Path) -> str:
    inside = path.relative_to(ROOT).as_posix()
    return f"dreamrunner/{inside}" if inside.startswith("grammar/") else inside


def _pyodide() -> Path:
    """The folder with Pyodide's files."""
    folder = KEPT / f"pyodide-{PYODIDE}"
    if folder.is_dir():
        return folder / "package"
    npm = shutil.which("npm")
    if npm is None:
        raise CannotBuild("the playground's Pyodide comes by npm, which is not here: install Node 20 or newer with npm")
    KEPT.mkdir(parents=True, exist_ok=True)
    _run([npm, "pack", "--silent", f"pyodide@{PYODIDE}", "--pack-destination", str(KEPT)])
    package = KEPT / f"pyodide-{PYODIDE}.tgz"
    found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        package.unlink()
        raise CannotBuild(f"the package pyodide {PYODIDE} is not the one that is expected: its sha512 is {found}")
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with tarfile.open(package) as archive:
        archive.extractall(partial, filter="data")
    partial.rename(folder)
    return folder / "package"


def _wheels() -> list[Path]:
    """The libraries' wheels."""
    pins = (ROOT / "constraints.txt").read_bytes()
    name = hashlib.sha256("\n".join([PLATFORM, PYTHON, *LIBRARIES]).encode() + pins).hexdigest()[:12]
    folder = KEPT / f"wheels-{name}"
    if not folder.is_dir():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--platform", PLATFORM, "--python-version", PYTHON]
        _run([*command, "--constraint", str(ROOT / "constraints.txt"), "--dest", str(partial), *LIBRARIES])
        partial.rename(folder)
    return sorted(folder.glob("*.whl"))


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild(f"{' '.join(command[:4])} failed:\n{done.stderr.strip()}")


if __name__ == "__main__":
    put(Path(sys.argv[1]))
