"""This package's source with an edit in it, to see what that makes another build do again."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "dreamrunner"

Edit = Callable[[str], str]


def edited(folder: Path, file: str, edit: Edit) -> Path:
    """A copy of the package's source in ``folder``, in which ``edit`` was done to ``file``, or that file is new.

    The other files are links.
    """
    ignored = shutil.ignore_patterns("weights", "__pycache__")
    shutil.copytree(PACKAGE, folder, ignore=ignored, copy_function=os.symlink)
    path = folder / file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.unlink(missing_ok=True)
    path.write_text(after := edit(before), encoding="utf-8")
    assert after != before
    return folder


def code(text: str) -> str:
    """One more statement."""
    return text + "\n_ANOTHER = 1\n"


def comment(text: str) -> str:
    """One more comment, and lines that are indented and broken otherwise."""
    return "# a remark\n" + text.replace("(\n", "(  # another\n\n") + "\n\n# the end\n"


def say(old: str, new: str) -> Edit:
    """Other words in one place."""

    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit
