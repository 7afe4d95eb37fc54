"""Carry what a GPU machine lacks: ``python benchmarks/gpu_wheels.py``

Some machines with a GPU have PyTorch and transformers but no way to install more. This downloads the wheels of the
other packages that ``gpu.py`` imports, some 15 MB, at the versions of ``constraints.txt``, into ``.whl/``, which git
ignores. There, in the folder that holds ``.whl/``::

    python3 -m pip install --no-index --no-deps --upgrade --target /tmp/site .whl/*.whl
    export PYTHONPATH=/tmp/site

``--list`` only says which packages those are, and ``--python`` another version of Python. What each wheel requires is
checked: it must be carried too, or be among what such a machine has (:data:`THERE`).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".whl"

CARRIED = (
    "diffusers peft pydantic pydantic-core annotated-types typing-inspection typing-extensions lark platformdirs"
    " importlib-metadata lazy-importer ftfy wcwidth torchao"
).split()
"""What ``gpu.py`` imports beside :data:`THERE`, with what that requires. peft may be there at any version."""

THERE = frozenset(
    "accelerate filelock huggingface-hub numpy packaging pillow psutil pyyaml regex requests safetensors torch tqdm"
    " transformers zipp".split()
)
"""What a machine for PyTorch and transformers is taken to have."""

PLATFORMS = "manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"


def pinned(names: list[str]) -> list[str]:
    """Each package with its version in ``constraints.txt``. Raises KeyError where it has none."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    versions = {normal(name): version for name, _, version in (line.partition("==") for line in lines) if version}
    return [f"{name}=={versions[name]}" for name in names]


def normal(name: str) -> str:
    """A package's name as indexes spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lacking(folder: Path) -> dict[str, list[str]]:
    """What wheels in a folder require that is neither carried nor there, by wheel; extras aside."""
    found = {}
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as opened:
            name = next(each for each in opened.namelist() if each.endswith(".dist-info/METADATA"))
            needs = Parser().parsestr(opened.read(name).decode()).get_all("Requires-Dist", [])
        plain = [need for need in needs if "extra ==" not in need]
        named = [normal(re.match(r"[\w.-]+", need).group()) for need in plain]
        if missing := [each for each in named if each not in THERE and each not in CARRIED]:
            found[wheel.name] = missing
    return found


def main() -> int:
    """Download the wheels; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="only say which packages those are")
    parser.add_argument("--python", default="3.12", help="the other machine's Python")
    asked = parser.parse_args()
    wanted = pinned(CARRIED)
    if asked.list:
        print("\n".join(wanted))
        return 0
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.whl"):  # two versions of one package would stop the installation
        old.unlink()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--dest", str(FOLDER)]
    command += ["--python-version", asked.python, "--implementation", "cp"]
    command += [part for platform in PLATFORMS for part in ("--platform", platform)]
    subprocess.run([*command, *wanted], check=True)
    for wheel, names in lacking(FOLDER).items():
        print(f"{wheel} also requires {', '.join(names)}", file=sys.stderr)
    size = sum(each.stat().st_size for each in FOLDER.glob("*.whl"))
    print(f"{len(wanted)} wheels, {size / 1e6:.1f} MB, in {FOLDER}")
    return 1 if lacking(FOLDER) else 0


if __name__ == "__main__":
    raise SystemExit(main())
