"""A new story: a folder with everything to begin with, copied from ``grammar/new``."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from shlex import quote

from dreamrunner.files.paths import LONGEST_NAME
from dreamrunner.files.text import in_words, printable_line, shortened
from dreamrunner.language.diagnostics import grammar_folder


def title_of(folder: Path) -> str:
    """The title of a story in ``folder``: ``my-story`` is "My Story"."""
    return " ".join(word[:1].upper() + word[1:] for word in in_words(folder.resolve().name).split())


def as_argument(path: str) -> str:
    """A path as it stands in a shell's command, after options."""
    return f"-- {quote(path)}" if path.startswith("-") else quote(path)


def new_story(folder: Path) -> Path:
    """Make ``folder`` with a story that films, and return the story's path.

    The folder appears whole or not at all, unless it is there and empty; then its files appear one by one.

    Raises FileExistsError when the folder holds something, ValueError for a name that no story can have or where
    something else than a folder stands there, OSError.
    """
    name = folder.resolve().name
    if not name or name != name.strip() or printable_line(name) != name or set(name) & set('"\\'):
        raise ValueError(f"{str(folder)!r} is no name for a folder with a story")
    if len(os.fsencode(name)) > LONGEST_NAME:
        raise ValueError(
            f"{shortened(name, 40)} is too long a name for a story's files; {LONGEST_NAME} bytes are allowed"
        )
    if taken := next((each for each in (folder, *folder.parents) if os.path.lexists(each) and not each.is_dir()), None):
        raise ValueError(f"{taken} is there already and is no folder; choose another name")
    if folder.exists():
        if any(folder.iterdir()):
            raise FileExistsError(folder)
        _copy(grammar_folder() / "new", folder, name, title_of(folder))
        return folder / f"{name}.story"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{name[:40]}-") as temporary:
        made = Path(temporary) / "story"
        made.mkdir()
        _copy(grammar_folder() / "new", made, name, title_of(folder))
        made.rename(folder)
    return folder / f"{name}.story"


def _copy(source: Path, target: Path, name: str, title: str) -> None:
    for item in source.iterdir():
        # A leading dot is spelt out in the package, where dot files get lost.
        goal = target / re.sub(r"^dot-", ".", item.name).replace("NAME", name)
        if item.is_dir():
            goal.mkdir()
            _copy(item, goal, name, title)
        else:
            said = {"FILE": as_argument(f"{name}.story"), "NAME": name, "TITLE": title}
            parts = re.split(r"\b(FILE|NAME|TITLE)\b", item.read_text(encoding="utf-8"))
            text = "".join(said.get(part, part) for part in parts)
            goal.write_text(text, encoding="utf-8", newline="\n")
