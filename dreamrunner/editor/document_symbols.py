"""Symbols: what a text declares and tells, as a tree, and the names of the whole workspace."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.workspace import Library
from dreamrunner.files.wording import counted
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Block, Text, Word, stretches

_KINDS = {
    "story": types.SymbolKind.File,
    "character": types.SymbolKind.Class,
    "prop": types.SymbolKind.Object,
    "location": types.SymbolKind.Struct,
    "motion": types.SymbolKind.Method,
    "scene": types.SymbolKind.Namespace,
}
_MOST = 500


def document_symbols(library: Library, analysis: Analysis) -> list[types.DocumentSymbol]:
    """The blocks of a text, and in each scene its beats. What could not be read is left out."""
    found = []
    for block, lines in stretches(analysis.syntax):
        name = _name(block)
        if name and block.kind.text in _KINDS:
            whole = _whole(analysis, block, lines)
            symbol = _symbol(library, name, _detail(block), _KINDS[block.kind.text], whole, block.name.location)
            symbol.children = [_beat(library, line) for line in block.body if isinstance(line, BeatLine)]
            found.append(symbol)
    return found


def workspace_symbols(library: Library, query: str) -> list[types.WorkspaceSymbol]:
    """What is declared in all stories and holds the letters of ``query`` in their order."""
    found = []
    for path in library.stories():
        analysis = library.analysis(path)
        for block in analysis.syntax.blocks if analysis else ():
            name = _name(block)
            if name and block.kind.text in _KINDS and _matches(query, name):
                place = library.location(block.name.location)
                found.append(types.WorkspaceSymbol(place, name, _KINDS[block.kind.text], container_name=path.name))
    found.sort(key=lambda item: (not item.name.lower().startswith(query.lower()), item.name))
    return found[:_MOST]


def scene_at(library: Library, analysis: Analysis, row: int) -> str | None:
    """The name of the scene around a line, counted from 0; None where there is none."""
    for block, lines in stretches(analysis.syntax):
        if row + 1 in lines:
            return _name(block) or None if block.kind.text == "scene" else None
    return None


def _beat(library: Library, line: BeatLine) -> types.DocumentSymbol:
    parts = [line.entity.text, line.motion.text if line.motion else ""]
    return _symbol(
        library,
        " ".join(part for part in parts if part),
        line.span.raw if line.span else "",
        types.SymbolKind.Event,
        line.location,
        line.entity.location,
    )


def _symbol(
    library: Library, name: str, detail: str, kind: types.SymbolKind, whole: Location, own: Location
) -> types.DocumentSymbol:
    return types.DocumentSymbol(name, kind, library.range(whole), library.range(own), detail or None)


def _whole(analysis: Analysis, block: Block, lines: range) -> Location:
    """From a block's head to its last line with something on it."""
    start = block.kind.location
    last = next(
        (number for number in reversed(lines) if number <= len(analysis.lines) and _told(analysis.lines[number - 1])),
        start.line,
    )
    return Location(analysis.path, start.line, start.column, last, len(analysis.lines[last - 1]) + 1)


def _told(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _name(block: Block) -> str:
    if isinstance(block.name, Text):
        return block.name.value.strip() if block.kind.text == "story" else ""
    return block.name.text if isinstance(block.name, Word) else ""


def _detail(block: Block) -> str:
    if block.kind.text == "scene":
        count = sum(isinstance(line, BeatLine) for line in block.body)
        return counted(count, "beat")
    looks: Iterator[str] = (
        fact.values[0].value
        for fact in block.properties()
        if fact.word.text in ("looks", "query", "topic") and isinstance(fact.values[0], Text)
    )
    return next(looks, "")


def _matches(query: str, name: str) -> bool:
    letters = iter(name.lower())
    return all(letter in letters for letter in query.lower())
