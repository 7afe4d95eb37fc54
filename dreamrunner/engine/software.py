"""Which software a result depends on: versions of libraries, and the code that makes it.

The code that makes a result is the import closure of its maker's module: that module, every module of this package that
it imports, and so on, imports inside functions too; those for type checkers alone don't count. Sources are compared as
syntax, without comments, docstrings and layout. Nothing is imported to find this out.

A name that is imported from a package's front door leads to the module that defines it; whatever else the front door
offers is not in the closure. Front doors that only hand on names are not either.

Two things are left out of a closure, since they can't change a bit of a result whose key stays: the modules of
:data:`NO_CODE`, each for the reason that stands there, with what only they import; and those names of a module that it
lists in a tuple ``IN_KEYS`` of its own: values, such as the rows of models, that keys hold wherever they are used.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dreamrunner.files.atomic import write_whole
from dreamrunner.files.digest import digest_bytes, digest_json
from dreamrunner.files.json import parse
from dreamrunner.files.paths import cache_folder
from dreamrunner.files.regular import read_regular
from dreamrunner.version import __version__

LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers", "peft", "safetensors", "numpy")
"""Libraries whose version takes part in what the frames look like."""

PACKAGE = Path(__file__).parent.parent
"""Where this package's source is."""

RULES = 2
"""Which edition of the rules by which sources are read: another one makes all that was remembered worthless."""

_NAME = "dreamrunner"

_IN_KEYS = "IN_KEYS"

_FOUND = "keys hold what it finds, by content or by value, however that was found"
_CARRIED = "it carries bytes that others make, and says nothing of what they are"

NO_CODE = {
    "version": "the number of a release, which is recorded beside results",
    "files.wording": "words of messages",
    "files.heard": "how far work is; it hands on what it is given",
    "files.spelling": "words of messages",
    "files.extras": "whether something is installed, and words of messages",
    "files.trouble": "words of messages",
    "files.atomic": _CARRIED,
    "files.regular": _CARRIED,
    "servers.retrying": "how often a server is asked again",
    "files.paths": "where things lie",
    "files.digest": "hashes, which are keys themselves: other ones are other keys",
    "backbones.describing": _FOUND,
    "backbones.device": _FOUND,
    "backbones.downloading": "how far a download is, in words",
    "backbones.fitness": "whether a GPU can compute at all",
    "backbones.folder": _FOUND,
    "backbones.footprint": "what models take of memory",
    "backbones.memory_plan": "where networks lie; what of it changes a picture stands in keys",
    "backbones.hub": _FOUND,
    "rendering.forms": "keys hold which form of attention a scene has",
    "backbones.table": f"{_FOUND}: families by their modules, rows by their values",
}
"""Modules that no result's bits depend on, and why."""


@cache
def library_versions() -> dict[str, str]:
    """The versions of :data:`LIBRARIES`, read without importing any of them."""
    return {name: version(name) for name in LIBRARIES}


def software_versions() -> dict[str, str]:
    """DreamRunner's own version and those of :data:`LIBRARIES`."""
    return {"dreamrunner": __version__} | library_versions()


def code_digest(*makers: Callable[..., Any] | str) -> str:
    """The sha256 of the code that makes something: the import closures of the makers' modules.

    A maker is a class or function of this package, or a module's name. What a process has once found out stays so: the
    code that it runs is the one that it has loaded.

    Raises:
        ValueError: a maker is of no module of this package.
    """
    return _digest(PACKAGE, *sorted({each if isinstance(each, str) else each.__module__ for each in makers}))


def import_closure(module: str) -> frozenset[str]:
    """The names of all modules whose code ``module`` depends on, itself among them.

    Raises:
        ValueError: there is no such module in this package.
    """
    return _closure(PACKAGE, module)


def remember_code() -> None:
    """Write down what this process had to find out about sources, so that the next one has only to read them.

    A cache folder that can't be written costs time and nothing else.
    """
    if not _UNWRITTEN:
        return
    memory = _memory()
    known = {**_remembered(memory), **{name: source.model_dump(mode="json") for name, source in _UNWRITTEN.items()}}
    _UNWRITTEN.clear()
    with suppress(OSError):
        write_whole(memory, json.dumps(known, sort_keys=True).encode())


Module = Annotated[str, Field(pattern=rf"^{_NAME}(\.[A-Za-z_]\w*)*$")]
"""A module's name, and so a path in the package: what is read from the cache folder names nothing else."""


class _Source(BaseModel):
    """What a module's source says: ``read`` is the sha256 of its bytes, ``code`` of what it says without comments.

    ``imports`` are names that it takes from modules ("" for a module as a whole), ``hands_on`` the names that others
    may take from it and where they come from, those for type checkers too; ``own`` are defined in it.
    """

    model_config = ConfigDict(frozen=True)

    read: str
    code: str
    imports: tuple[tuple[Module, str], ...]
    hands_on: dict[str, tuple[Module, str]]
    own: tuple[str, ...]


_UNWRITTEN: dict[str, _Source] = {}


@cache
def _digest(package: Path, *modules: str) -> str:
    closure = sorted(frozenset().union(*(_closure(package, module) for module in modules)))
    return digest_json({name: _source(package, name).code for name in closure})


@cache
def _closure(package: Path, module: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name.removeprefix(f"{_NAME}.") in NO_CODE:
            continue
        found.add(name)
        for origin, taken in _source(package, name).imports:
            waiting += _homes(package, origin, taken)
    return frozenset(found)


def _homes(package: Path, module: str, name: str) -> Iterator[str]:
    """The modules that importing ``name`` from ``module`` leads to; "" is the module as a whole with all it offers."""
    if _file(package, module).name != "__init__.py":
        yield module
        return
    door = _source(package, module)
    if name in ("", "*"):
        yield module
        for origin, taken in door.hands_on.values():
            yield from _homes(package, origin, taken)
    elif name in door.hands_on:
        yield from _homes(package, *door.hands_on[name])
    elif name not in door.own and _exists(package, f"{module}.{name}"):
        yield from _homes(package, f"{module}.{name}", "")
    else:
        yield module


def _exists(package: Path, module: str) -> bool:
    try:
        _file(package, module)
    except ValueError:
        return False
    return True


@cache
def _file(package: Path, module: str) -> Path:
    top, *parts = module.split(".")
    place = package.joinpath(*parts)
    for file in (place / "__init__.py", place.with_suffix(".py") if parts else place / "__init__.py"):
        if top == _NAME and file.is_file():
            return file
    raise ValueError(f"{module} is no module of {_NAME}")


@cache
def _source(package: Path, module: str) -> _Source:
    file = _file(package, module)
    content = file.read_bytes()
    read = digest_bytes(content)
    if module in _UNWRITTEN and _UNWRITTEN[module].read == read:
        return _UNWRITTEN[module]
    try:
        known = _Source.model_validate(_remembered(_memory()).get(module))
        if known.read == read:
            return known
    except ValidationError:
        pass
    found = _UNWRITTEN[module] = _read(module, file, content, read)
    return found


def _read(module: str, file: Path, content: bytes, read: str) -> _Source:
    tree = ast.parse(content)
    inside = module if file.name == "__init__.py" else module.rpartition(".")[0]
    hands_on = {
        name: taken for node in ast.walk(tree) for name, taken in _taken(node, inside) if not name.startswith("_")
    }
    _leave_out(tree, _IN_KEYS)
    _strip(tree)
    imports = dict.fromkeys(taken for node in ast.walk(tree) for _, taken in _taken(node, inside))
    own = [name for node in tree.body for name in _defined(node)]
    words: list[str] = []
    _write(tree, words)
    return _Source(
        read=read,
        code=digest_bytes("\0".join(words).encode("utf-8", "surrogatepass")),
        imports=tuple(imports),
        hands_on=hands_on,
        own=tuple(own),
    )


def _taken(node: ast.AST, inside: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """What an import of this package takes: what it is called from then on, the module, and the name there."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.partition(".")[0] == _NAME:
                yield alias.asname or alias.name, (alias.name, "")
    elif isinstance(node, ast.ImportFrom):
        origin = node.module or ""
        if node.level:
            above = inside.split(".")[: len(inside.split(".")) - node.level + 1]
            origin = ".".join([*above, origin] if origin else above)
        if origin.partition(".")[0] == _NAME:
            for alias in node.names:
                yield alias.asname or alias.name, (origin, alias.name)


def _leave_out(tree: ast.Module, listing: str) -> None:
    """Take away, in place, what assigns the names that the module lists under ``listing``, and the list."""
    listed = [node for node in tree.body if listing in _assigned(node)]
    names = {each.value for node in listed for each in ast.walk(node) if isinstance(each, ast.Constant)} | {listing}
    tree.body[:] = [node for node in tree.body if not (made := _assigned(node)) or not names.issuperset(made)]


def _strip(node: ast.AST) -> None:
    """Take away, in place, what has no effect: texts that stand alone, and what is for type checkers."""
    for _, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            _strip(value)
        elif isinstance(value, list):
            value[:] = [each for each in value if not _has_no_effect(each)]
            for each in value:
                if isinstance(each, ast.AST):
                    _strip(each)


def _has_no_effect(node: object) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return isinstance(node, ast.If) and not node.orelse and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _write(value: object, words: list[str]) -> None:
    """Write a tree down without where it stood; what is empty is left out, since Python's versions differ in it."""
    if isinstance(value, ast.AST):
        words.append(type(value).__name__)
        for name, field in ast.iter_fields(value):
            if field is not None and field != [] and name != "kind":
                words.append(name)
                _write(field, words)
        words.append(")")
    elif isinstance(value, list):
        words.append("[")
        for each in value:
            _write(each, words)
        words.append("]")
    else:
        words.append(repr(value))


def _defined(node: ast.stmt) -> Sequence[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    return _assigned(node)


def _assigned(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _memory() -> Path:
    return cache_folder() / f"code-{RULES}.json"


@cache
def _remembered(memory: Path) -> dict[str, Any]:
    try:
        value = parse(read_regular(memory))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
