"""The extras: what each brings, and what is said where one is missing."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from dreamrunner.cli.command_table import COMMANDS
from dreamrunner.files.extras import EXTRAS, PURPOSES, extra_of, how_to_get
from tests.packaging.libraries import REPOSITORY, asked_for, brought, normal, own


def test_the_extras_are_those_of_the_project_and_each_brings_what_is_said() -> None:
    modules: dict[str, list[str]] = {}
    for module, owners in packages_distributions().items():
        for owner in owners:
            modules.setdefault(normal(owner), []).append(module)
    assert {*asked_for()} == {"", "all", "test", "docs", *EXTRAS}
    assert {*PURPOSES} == {*EXTRAS}
    for extra, named in EXTRAS.items():
        assert len(named) == len(own(extra))
        here = [name for name in own(extra) if name in modules]
        for name in here:
            assert {each.partition(".")[0] for each in named} & {*modules[name]}, name
        plain_ones = {module for name in brought() for module in modules.get(name, ())}
        assert not {each.partition(".")[0] for each in named} & plain_ones


def test_everything_is_in_all() -> None:
    (everything,) = asked_for()["all"]
    assert everything.extras == {*EXTRAS}


def test_a_module_tells_the_extra_that_brings_it() -> None:
    assert extra_of("torch.nn") == "film"
    assert extra_of("google.protobuf.message") == "film"
    assert extra_of("google.auth") == ""
    assert extra_of("torchvision") == "motions"


@pytest.mark.parametrize(
    "file, command",
    [
        ("", "pip install 'dreamrunner[film]'"),
        ("pipx_metadata.json", "pipx runpip dreamrunner install 'dreamrunner[film]'"),
        ("uv-receipt.toml", "uv pip install --python {} 'dreamrunner[film]'"),
    ],
)
def test_what_is_missing_is_installed_by_what_made_the_environment(
    file: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if file:
        (tmp_path / file).write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert how_to_get("film") == command.format(tmp_path)


def test_what_commands_need() -> None:
    needs = {command.name: command.needs for command in COMMANDS.values() if command.needs}
    some = {
        "build": "film",
        "graph": "film",
        "train": "film",
        "catalog": "motions",
        "retrieve": "motions",
        "mcp": "mcp",
    }
    assert some.items() <= needs.items()
    assert {*needs.values()} <= {*EXTRAS}


def named_in(text: str) -> Iterator[str]:
    """The extras of this package that a text names: ``dreamrunner[film,voice]``, ``pip install '.[film]'``."""
    for names in re.findall(r"(?:\bdreamrunner|\.)\[([a-z][a-z,]*)\]", text):
        yield from names.split(",")


def test_texts_name_extras_that_there_are() -> None:
    texts = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "llms.txt")]
    for folder, kind in (("docs", "*.md"), ("grammar", "*.md"), ("grammar/new", "**/*"), ("grammar/diagnostics", "*")):
        texts += [path for path in (REPOSITORY / folder).glob(kind) if path.is_file()]
    found = {
        (path.name, extra) for path in texts for extra in named_in(path.read_text(encoding="utf-8", errors="ignore"))
    }
    assert {extra for _, extra in found} >= {"film", "motions", "voice", "mcp"}
    assert not {(name, extra) for name, extra in found if extra not in asked_for()}
