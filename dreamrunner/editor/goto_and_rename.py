"""Going to where something is declared, finding where it is named, and naming it anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.names import FIXED, Kind, Name, declarations, name_at, names, occurrences
from dreamrunner.editor.workspace import Library
from dreamrunner.files.paths import FILLED
from dreamrunner.files.text import NAME
from dreamrunner.language.declarations import reserved
from dreamrunner.language.parsing.mistakes.names import name_instead
from dreamrunner.language.parsing.parser import lines_taken
from dreamrunner.language.project.finding import reach_of
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Text
from dreamrunner.planning.written.file import renewed_sources

_MOST_LINKS = 50
_WORDS = {Kind.ENTITY: "character", Kind.LOCATION: "location", Kind.MOTION: "motion"}


def definition(library: Library, analysis: Analysis, row: int, column: int) -> list[types.Location]:
    """Where the name at a place is declared: its nearest declaration, and those that it overrides.

    A motion that is declared nowhere leads to where it is first named; a path leads to its files.
    """
    name = name_at(analysis, row, column)
    if name is None or name.kind in (Kind.PLACE, Kind.SIDE):
        return []
    if name.kind is Kind.FILE:
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        return [types.Location(library.uri(path), start) for path in files_of(analysis, name)]
    found = list(declarations(library, analysis.path, name))
    if not found and name.kind is Kind.MOTION:
        found = [item for item in names(analysis) if (item.kind, item.text) == (name.kind, name.text)][:1]
    return [library.location(item.location) for item in found]


def references(
    library: Library, analysis: Analysis, row: int, column: int, *, declarations: bool
) -> list[types.Location]:
    """Every place where the thing at a place is named, across files. Places in words stay within their file."""
    name = name_at(analysis, row, column)
    if name is None:
        return []
    found = occurrences(library, analysis.path, name)
    return [library.location(item.location) for item in found if declarations or not item.declares]


def highlights(library: Library, analysis: Analysis, row: int, column: int) -> list[types.DocumentHighlight]:
    """The same within the text itself; a declaration counts as written to."""
    name = name_at(analysis, row, column)
    same = [item for item in names(analysis) if name and (item.kind, item.text) == (name.kind, name.text)]
    return [
        types.DocumentHighlight(
            library.range(item.location),
            types.DocumentHighlightKind.Write if item.declares else types.DocumentHighlightKind.Read,
        )
        for item in same
    ]


def prepare_rename(
    library: Library, analysis: Analysis, row: int, column: int
) -> types.PrepareRenamePlaceholder | None:
    """What would be renamed at a place; None where nothing can be."""
    name = name_at(analysis, row, column)
    if name is None or name.kind in FIXED:
        return None
    return types.PrepareRenamePlaceholder(library.range(name.location), name.text)


def rename(library: Library, analysis: Analysis, row: int, column: int, new: str) -> types.WorkspaceEdit | None:
    """Name the thing at a place anew wherever it is named, the filled story beside a story included.

    Words in texts stay: a narration may well call a character otherwise.

    Raises :class:`~pygls.exceptions.JsonRpcInvalidParams`, whose message the editor shows, for what can't be a name,
    and for one that is taken.
    """
    name = name_at(analysis, row, column)
    if name is None or name.kind in FIXED:
        return None
    _refuse_bad_name(name, new)
    _refuse_taken_lines(library, analysis, name, new)
    found = list(occurrences(library, analysis.path, name, fills=True))
    changes: dict[str, list[types.TextEdit]] = {}
    for item in found:
        edits = changes.setdefault(library.uri(item.location.file), [])
        edits.append(types.TextEdit(library.range(item.location), new))
    for path in dict.fromkeys(item.location.file for item in found) if new != name.text else ():
        place = _taken(library.analysis(path), name.kind, new)
        if place is not None:
            where, what = place
            raise JsonRpcInvalidParams(message=f"{where.file.name}:{where.line} already has a {what} `{new}`")
    for location, words in _fitting(library, found, new):
        changes[library.uri(location.file)].append(types.TextEdit(library.range(location), words))
    return edit_of(library, changes)


def _fitting(library: Library, found: list[Name], new: str) -> Iterator[tuple[Location, str]]:
    """What else to write into filled stories, so that their scenes go on fitting those that they were filled from."""
    for path in dict.fromkeys(item.location.file for item in found if item.location.file.name.endswith(FILLED)):
        story = path.with_name(f"{path.name.removesuffix(FILLED)}.story")
        authored, filled = (_before_and_after(library, file, found, new) for file in (story, path))
        if authored is not None and filled is not None:
            yield from renewed_sources(authored, filled, story)


def _before_and_after(library: Library, file: Path, found: list[Name], new: str) -> tuple[str, str] | None:
    """A file's text as it is and with what was ``found`` renamed; None where it can't be read."""
    analysis = library.analysis(file)
    if analysis is None:
        return None
    own = [item.location for item in found if item.location.file == analysis.path]
    return analysis.text, _replaced(analysis, own, new)


def _replaced(analysis: Analysis, places: list[Location], new: str) -> str:
    lines = list(analysis.lines)
    for place in sorted(places, reverse=True):
        line = lines[place.line - 1]
        lines[place.line - 1] = line[: place.column - 1] + new + line[place.end_column - 1 :]
    return "\n".join(lines)


def _taken(analysis: Analysis | None, kind: Kind, new: str) -> tuple[Location, str] | None:
    """Where a text, or a file that it uses, has a thing called ``new``, and what that is. A motion that is declared
    nowhere is none: one that is called so too is then the same."""
    if analysis is None:
        return None
    if kind in _WORDS:
        beside = analysis.cast.beside(_WORDS[kind], new)
        declared = analysis.cast.of(_WORDS[kind]).get(new) or beside
        if declared is not None:
            return declared.place, declared.kind if declared is beside else kind.value
    named = [item.location for item in names(analysis) if item.kind is kind and item.text == new]
    return (named[0], kind.value) if named and kind is not Kind.MOTION else None


def edit_of(library: Library, changes: dict[str, list[types.TextEdit]]) -> types.WorkspaceEdit:
    """Changes by document, each for the version of it that the server knows."""
    versions = {item.uri: item.version for item in library.opened()}
    return (
        types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, versions.get(uri)), edits)
                for uri, edits in changes.items()
            ]
        )
        if library.versioned
        else types.WorkspaceEdit(changes=changes)
    )


def links(library: Library, analysis: Analysis) -> list[types.DocumentLink]:
    """The paths that name one file, to be followed."""
    found = []
    for name in names(analysis):
        if name.kind is Kind.FILE and len(paths := files_of(analysis, name)) == 1:
            found.append(types.DocumentLink(library.range(name.location), library.uri(paths[0])))
    return found


def files_of(analysis: Analysis, name: Name) -> list[Path]:
    """The files that a path or glob stands for, at most fifty; none that lie outside the story's folder."""
    place = Location(analysis.path, 1, 1, 1, 1)
    found = reach_of(analysis.path).match(Text(name.text, "", place), analysis.path)
    return list(found[:_MOST_LINKS]) if isinstance(found, tuple) else []


def _refuse_taken_lines(library: Library, analysis: Analysis, name: Name, new: str) -> None:
    """Refuse a character's or prop's name that begins lines of stories which know it: they would be about it then."""
    for file in [analysis.path, *library.stories()] if name.kind is Kind.ENTITY else []:
        story = library.analysis(file)
        lines = lines_taken(story.text, file, new) if story is not None and name.text in story.cast.entities else ()
        if lines:
            where = f"{file.name}:{lines[0].line}"
            raise JsonRpcInvalidParams(
                message=f"{where} says what it does only as long as nobody is called `{new}`; choose another name"
            )


def _refuse_bad_name(name: Name, new: str) -> None:
    if not NAME.fullmatch(new):
        raise JsonRpcInvalidParams(message=f"`{new}` is no name: {name_instead(new)}")
    if name.kind is Kind.ENTITY and new in reserved():
        raise JsonRpcInvalidParams(message=f"`{new}` is a word of the language: no character or prop can be called so")
