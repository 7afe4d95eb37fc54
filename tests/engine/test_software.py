"""Which modules a result depends on, and which edits of them count."""

from pathlib import Path

import pytest

from dreamrunner.engine import software
from dreamrunner.engine.software import code_digest, import_closure, remember_code

SOURCES = {
    "__init__.py": "from dreamrunner.version import __version__\n",
    "version.py": '__version__ = "1"\n',
    "ground.py": '"""The ground."""\n\nWIDE = 3\n"""Metres."""\n',
    "sky.py": "BLUE = 1\n",
    "tool.py": "import dreamrunner.sky\n",
    "door/__init__.py": (
        "from typing import TYPE_CHECKING\n"
        "from dreamrunner.door.hall import walk\n"
        "if TYPE_CHECKING:\n    from dreamrunner.door.attic import climb\n"
        "_HOMES = {'climb': 'attic'}\n"
        "def __getattr__(name): ...\n"
        "def knock(): ...\n"
    ),
    "door/hall.py": "from dreamrunner.ground import WIDE\ndef walk(): return WIDE\n",
    "door/attic.py": "from dreamrunner.sky import BLUE\ndef climb(): return BLUE\n",
    "door/cellar.py": "from .. import ground\nfrom . import hall\n",
}

IMPORTS = {
    "nothing": ("import os", []),
    "a module": ("import dreamrunner.sky", ["sky"]),
    "a name of a module": ("from dreamrunner.sky import BLUE", ["sky"]),
    "what an import imports": ("from dreamrunner import tool", ["sky", "tool"]),
    "an import in a function": ("def make():\n    from dreamrunner.sky import BLUE\n    return BLUE", ["sky"]),
    "an import for type checkers": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from dreamrunner.sky import BLUE",
        [],
    ),
    "a name that a front door hands on": ("from dreamrunner.door import walk", ["door.hall", "ground"]),
    "a name that it hands on late": ("from dreamrunner.door import climb as up", ["door.attic", "sky"]),
    "a name of its own": ("from dreamrunner.door import knock", ["door", "door.hall", "ground"]),
    "a module behind it": ("from dreamrunner.door import attic", ["door.attic", "sky"]),
    "all of it": ("from dreamrunner import door", ["door", "door.attic", "door.hall", "ground", "sky"]),
    "relative imports": ("from dreamrunner.door import cellar", ["door.cellar", "door.hall", "ground"]),
    "the number of a release": ("from dreamrunner.version import __version__", []),
    "itself": ("import dreamrunner.maker", []),
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "dreamrunner"
    for name, text in SOURCES.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    monkeypatch.setattr(software, "PACKAGE", folder)
    return folder


def found(package: Path, text: str) -> list[str]:
    (package / "maker.py").write_text(text + "\n")
    return sorted(name.removeprefix("dreamrunner.") for name in import_closure("dreamrunner.maker") - {MAKER})


MAKER = "dreamrunner.maker"


@pytest.mark.parametrize("imports", IMPORTS)
def test_a_closure_holds_what_is_imported_and_no_more(package: Path, imports: str) -> None:
    text, expected = IMPORTS[imports]
    assert found(package, text) == expected


def digest(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "maker.py").write_text(text)
    monkeypatch.setattr(software, "PACKAGE", folder)
    return code_digest(MAKER)


CODE = '''"""A maker."""

from typing import TYPE_CHECKING

WIDE = 3
"""Metres."""


def make(path):
    """Make it."""
    return [path, f"{WIDE}"]
'''

SAME = {
    "a comment": CODE.replace("WIDE = 3", "WIDE = 3  # or more"),
    "a module's docstring": CODE.replace("A maker", "The maker"),
    "a function's docstring": CODE.replace("Make it", "It is made"),
    "an attribute's docstring": CODE.replace("Metres", "Feet"),
    "no docstring": CODE.replace('    """Make it."""\n', ""),
    "blank lines and line breaks": CODE.replace("[path, f", "[\n\n        path,\n        f").replace("\n", "\r\n"),
    "an import for type checkers": CODE + "if TYPE_CHECKING:\n    from os import PathLike\n",
}

OTHER = {
    "a number": CODE.replace("3", "4"),
    "the kind of a number": CODE.replace("3", "3.0"),
    "a text": CODE.replace('f"{WIDE}"', '"WIDE"'),
    "a name": CODE.replace("path", "file"),
    "the order": CODE.replace('[path, f"{WIDE}"]', '[f"{WIDE}", path]'),
    "a pair of brackets": CODE.replace('[path, f"{WIDE}"]', '[[path, f"{WIDE}"]]'),
    "a default": CODE.replace("(path)", "(path=None)"),
    "a comparison": CODE.replace("[path,", "[path is None,"),
}


@pytest.mark.parametrize("edit", [*SAME, *OTHER])
def test_comments_docstrings_and_layout_make_no_other_code(
    edit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SAME.get(edit) or OTHER[edit]
    assert text != CODE
    before, after = (digest(each, tmp_path / name, monkeypatch) for name, each in (("old", CODE), ("new", text)))
    assert (before == after) == (edit in SAME)


def test_what_is_of_another_package_is_refused(package: Path) -> None:
    with pytest.raises(ValueError, match=r"^pathlib is no module of dreamrunner$"):
        code_digest(Path)


def test_sources_are_read_as_syntax_once_on_a_machine(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(software, "_UNWRITTEN", {})
    before = code_digest("dreamrunner.door.hall")
    assert not (tmp_path / "cache").exists()
    remember_code()
    for each in (software._remembered, software._source, software._closure, software._digest):
        each.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(software.ast, "parse", lambda *_: pytest.fail("it was read before"))
        assert code_digest("dreamrunner.door.hall") == before
    # What is remembered of another source is not believed.
    (package / "ground.py").write_text("WIDE = 4\n")
    for each in (software._remembered, software._source, software._closure, software._digest):
        each.cache_clear()
    assert code_digest("dreamrunner.door.hall") != before
