"""``config``: say which settings hold for a story or a folder, and where each comes from."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.backbones.table import DEFAULT_MODEL
from dreamrunner.cli.console import output
from dreamrunner.cli.exits import DONE, STORY_ERROR
from dreamrunner.cli.options import path_argument
from dreamrunner.files.paths import MINIATURE, cache_folder, settings_file
from dreamrunner.files.text import printable_line
from dreamrunner.language.checker import read_story
from dreamrunner.language.project.finding import PROJECT, Project, project_in, project_of
from dreamrunner.language.project.reading import FOLDERS, KEYS, Setting
from dreamrunner.language.report import in_color, render
from dreamrunner.language.story import PLANNERS

_OVER = ("model", "planner", "adapters", "out", "voice")
_BUILT_IN = {"model": DEFAULT_MODEL, "planner": PLANNERS[0], "catalog": MINIATURE, "takes": "1"}


@dataclass(frozen=True, slots=True)
class Source:
    """Who says what of one setting: its value as a text, and where it stands."""

    value: str
    where: str


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "story", type=path_argument, nargs="?", default=Path("."), metavar="PATH",
        help="a story, or a folder of them (default: this one)",
    )  # fmt: skip
    for name in _OVER:
        parser.add_argument(f"--{name}", metavar="VALUE", help=f"as if a command said --{name} VALUE")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the table (default: text)")


def run(arguments: Namespace) -> int:
    """Print every setting with where it comes from and what it goes before; STORY_ERROR for a mistake in a file."""
    path: Path = arguments.story
    if not path.exists():
        return output.refuse(f"{path} is not there; name a story, or a folder of them", STORY_ERROR)
    project = project_in(path) if path.is_dir() else project_of(path)
    said = {key: list(_sources(key, path, project, arguments)) for key in KEYS}
    if arguments.format == "json":
        output.document(json.dumps(_as_json(said), indent=2, ensure_ascii=False) + "\n")
    else:
        for line in _table(said, project):
            print(printable_line(line))
    sys.stderr.write(render(project.diagnostics, in_color(sys.stderr)))
    return STORY_ERROR if any(item.severity == "error" for item in project.diagnostics) else DONE


def _sources(key: str, path: Path, project: Project, arguments: Namespace) -> Iterator[Source]:
    """Who says something of a setting, the one that holds first."""
    if (over := getattr(arguments, key, None)) is not None:
        yield Source(over, "the command line")
    if path.is_file() and (header := _header(path, key)) is not None:
        yield header
    for setting in project.said(key):
        yield Source(_text(setting), _where(setting))
    if key == "out":
        yield Source(str(Path("build") / ("STORY" if path.is_dir() else path.stem)), "built in")
    elif key in _BUILT_IN:
        yield Source(_BUILT_IN[key], "built in")


def _header(path: Path, key: str) -> Source | None:
    """What a story's own header says of a setting."""
    if key == "takes":
        return None  # each scene's own to say
    checked = read_story(path)
    blocks = checked.parsed.syntax.blocks if checked.parsed is not None else ()
    for fact in (fact for block in blocks if block.kind.text == "story" for fact in block.properties()):
        if fact.word.text == key and key != FOLDERS:
            return Source(fact.text, f"{path}:{fact.location.line}")
    return None


def _text(setting: Setting) -> str:
    value = setting.value
    if isinstance(value, int):
        return str(value)
    return ", ".join(map(str, map(_shown, value))) if isinstance(value, tuple) else str(_shown(value))


def _shown(value: str | Path) -> str:
    """A path from here, where it lies below."""
    path = Path(value)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(value)


def _where(setting: Setting) -> str:
    if setting.location is None:
        return setting.variable
    return f"{_shown(setting.location.file)}:{setting.location.line}"


def _table(said: dict[str, list[Source]], project: Project) -> Iterator[str]:
    width = max(map(len, said))
    long = max((len(found[0].value) for found in said.values() if found), default=0)
    for key, found in said.items():
        if not found:
            yield f"{key:<{width}}  -"
            continue
        first, *rest = found
        before = "".join(f"; goes before {each.value} ({each.where})" for each in rest)
        yield f"{key:<{width}}  {first.value:<{min(long, 50)}}  {first.where}{before}"
    own = project.own.path if project.own is not None else None
    yield f"project: {_shown(own) if own is not None else f'no {PROJECT} here or above'}"
    user = settings_file()
    yield f"your settings: {user}{'' if project.user is not None else ' (there is none)'}; cache: {cache_folder()}"


def _as_json(said: dict[str, list[Source]]) -> dict[str, list[dict[str, str]]]:
    return {key: [{"value": each.value, "from": each.where} for each in found] for key, found in said.items()}
