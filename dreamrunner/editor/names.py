"""Where names stand in a text, and which of them are one thing across files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from weakref import WeakKeyDictionary

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.workspace import Library, key
from dreamrunner.files.paths import FILLED
from dreamrunner.language.parsing.line_parser import locate
from dreamrunner.language.parsing.lines import BODIES, Line, Token, starts
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Block, Property, Text, Word


class Kind(Enum):
    """What a name is the name of."""

    ENTITY = "character or prop"
    LOCATION = "location"
    MOTION = "motion"
    SCENE = "scene"
    PLACE = "place"
    SIDE = "side"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Name:
    """A name where it stands. ``declares`` is true at a declaration; ``owner`` is its block, or the scene it is in.

    A file's text is the path or glob as written, and ``location`` that of its string, quotes included.
    """

    kind: Kind
    text: str
    location: Location
    declares: bool = False
    owner: Block | None = None
    line: BeatLine | Property | None = None


_FILES = ("images", "clips", "lora", "music")
_DECLARED = {"motion": Kind.MOTION, "scene": Kind.SCENE, "location": Kind.LOCATION}
FIXED = (Kind.PLACE, Kind.SIDE, Kind.FILE)
"""What has its name from the language or from the disk: it can't be renamed, nor is it declared anywhere."""

_KNOWN: WeakKeyDictionary[Analysis, list[Name]] = WeakKeyDictionary()


def names(analysis: Analysis) -> list[Name]:
    """Every name in a text, in its order, those on lines that can't be read included as far as they can be told."""
    known = _KNOWN.get(analysis)
    if known is None:
        found = list(_read_names(analysis))
        places = {_start(name) for name in found}
        found += [name for name in _stray_names(analysis) if _start(name) not in places]
        known = _KNOWN[analysis] = sorted(found, key=lambda name: name.location)
    return known


def name_at(analysis: Analysis, row: int, column: int) -> Name | None:
    """The name at a place, counted from 0; its end counts as well, since there a cursor stands behind it."""
    line, at = row + 1, column + 1
    touching = [name for name in names(analysis) if _start(name) <= (line, at) <= _end(name)]
    inside = [name for name in touching if (line, at) < _end(name)]
    return next(iter(inside or touching), None)


def _start(name: Name) -> tuple[int, int]:
    return name.location.line, name.location.column


def _end(name: Name) -> tuple[int, int]:
    return name.location.end_line, name.location.end_column


def _read_names(analysis: Analysis) -> Iterator[Name]:
    for block in analysis.syntax.blocks:
        kind, name = block.kind.text, block.name
        if kind == "use" and isinstance(name, Text) and name.raw:
            yield Name(Kind.FILE, name.value, name.location, owner=block)
        elif isinstance(name, Word) and name.text:
            what = _DECLARED.get(kind, Kind.ENTITY)
            yield Name(what, name.text, name.location, declares=True, owner=block)
            if block.base is not None:
                yield Name(what, block.base.text, block.base.location, owner=block)
        for fact in block.properties():
            if fact.word.text == "in":
                yield Name(Kind.LOCATION, fact.text, fact.values[0].location, owner=block, line=fact)
            if fact.word.text in _FILES:
                for value in fact.values:
                    if isinstance(value, Text):
                        yield Name(Kind.FILE, value.value, value.location, owner=block, line=fact)
        for beat in block.body:
            if isinstance(beat, BeatLine):
                yield from _beat_names(block, beat)


def _beat_names(scene: Block, beat: BeatLine) -> Iterator[Name]:
    yield Name(Kind.ENTITY, beat.entity.text, beat.entity.location, owner=scene, line=beat)
    if beat.motion is not None:
        yield Name(Kind.MOTION, beat.motion.text, beat.motion.location, owner=scene, line=beat)
    for frame in beat.keyframes:
        for value in frame.values:
            if isinstance(value, Word):
                yield Name(Kind.PLACE, value.text, value.location, owner=scene, line=beat)
    for side in beat.sides:
        yield Name(Kind.SIDE, side.text, side.values[0].location, owner=scene, line=beat)


def _stray_names(analysis: Analysis) -> Iterator[Name]:
    """Names on lines of scenes that could not be read: who, and behind that which motion."""
    if not analysis.parsed.diagnostics:
        return
    properties = starts(BODIES["SCENE"])
    for head in analysis.layout.lines:
        if head.tokens[0].type != "SCENE":
            continue
        for line in head.children:
            first, *rest = line.tokens
            if first.type == "NAME" and first.type not in properties:
                yield Name(Kind.ENTITY, str(first), locate(analysis.path, first))
                second = next(iter(rest), None)
                if second is not None and _is_name(second):
                    yield Name(Kind.MOTION, str(second), locate(analysis.path, second))
            yield from _stray_places(analysis, line)


def _stray_places(analysis: Analysis, beat: Line) -> Iterator[Name]:
    for line in beat.children:
        kind = Kind.SIDE if line.tokens[0].type in ("ENTERS", "LEAVES") else Kind.PLACE
        for token in line.tokens[1:]:
            if token.type == "NAME":
                yield Name(kind, str(token), locate(analysis.path, token))


def _is_name(token: Token) -> bool:
    return token[:1].isalpha()


# Across files


def sharing(library: Library, path: Path, name: Name, *, fills: bool = False) -> list[Path]:
    """The files in which ``name``, found in ``path``, is the same thing, that file first.

    A character, prop or motion is shared by all files that reach one of its declarations by ``use``, and with its
    overriding declarations; one that is declared nowhere, and a scene, belong to their file alone. With ``fills`` the
    filled story beside a story belongs to it.
    """
    if name.kind in FIXED:
        return [path]
    uses: dict[str, set[str]] = {}
    for file, used in library.linked(path, fills=fills):
        if name.kind is not Kind.SCENE or file.endswith(FILLED):
            uses.setdefault(file, set()).add(used)
    files = {key(item): item for item in _all(library, path)}
    mentioning = {
        place: [found for found in names(analysis) if found.kind is name.kind and found.text == name.text]
        for place, file in files.items()
        if (analysis := library.analysis(file)) is not None
    }
    declaring = {place for place, found in mentioning.items() if any(item.declares for item in found)}
    shared: set[str] = set()
    grown = {key(path)}
    while grown - shared:
        shared |= grown
        homes = {place for file in shared for place in _reached(file, uses) if place in declaring}
        grown = shared | {file for file in mentioning if homes & _reached(file, uses)}
        if fills:
            # A fill of a story is that story, whether or not it declares anything.
            grown |= {file for file in mentioning if uses.get(file, set()) & shared and file.endswith(FILLED)}
    return [files[place] for place in [key(path), *sorted(shared - {key(path)})] if mentioning.get(place)]


def declarations(library: Library, path: Path, name: Name) -> Iterator[Name]:
    """Where the thing of that name, found in ``path``, is declared: there, and in the files that it uses."""
    waiting, seen = [path], set()
    while waiting:
        file = waiting.pop(0)
        analysis = library.analysis(file) if key(file) not in seen else None
        seen.add(key(file))
        if analysis is not None:
            same = [found for found in names(analysis) if (found.kind, found.text) == (name.kind, name.text)]
            yield from (found for found in same if found.declares)
            waiting += library.used(analysis) if name.kind is not Kind.SCENE else ()


def occurrences(library: Library, path: Path, name: Name, *, fills: bool = False) -> Iterator[Name]:
    """Every place where the thing of that name is named, file by file; a file is one however its path is written."""
    everywhere = name.kind is Kind.FILE
    named = _named_file(path, name)
    for file in _all(library, path) if everywhere else sharing(library, path, name, fills=fills):
        analysis = library.analysis(file)
        for found in names(analysis) if analysis else ():
            same = _named_file(file, found) == named if everywhere else found.text == name.text
            if found.kind is name.kind and same:
                yield found


def _all(library: Library, path: Path) -> list[Path]:
    """Every story, ``path`` first."""
    return list({key(item): item for item in [path, *library.stories()]}.values())


def _named_file(path: Path, name: Name) -> str:
    """The path or glob that ``name``, which stands in the file ``path``, means, from the root."""
    return os.path.normpath(os.path.join(os.path.dirname(key(path)), name.text))


def _reached(file: str, uses: dict[str, set[str]]) -> set[str]:
    reached, waiting = set(), [file]
    while waiting:
        place = waiting.pop()
        if place not in reached:
            reached.add(place)
            waiting.extend(uses.get(place, ()))
    return reached
