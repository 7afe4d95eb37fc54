"""The board of a story as it is on disk just now, sound or not: what the live page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dreamrunner.editor.analysis import Analysis, Filled
from dreamrunner.files.text import printable
from dreamrunner.film.storyboard_page import make_board
from dreamrunner.language import Diagnostic, Story
from dreamrunner.language.files import read_text
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import stretches
from dreamrunner.planning import Plan
from dreamrunner.planning.boxes.simplify import turns
from dreamrunner.planning.written.comparing import Comparison
from dreamrunner.planning.written.origins import AUTHOR
from dreamrunner.preview.fills import cast_of, fills_of


class FilmOfScene(Protocol):
    """A scene in the build: how far its film is what the story tells, the film's file, and the file's sha256."""

    @property
    def state(self) -> str: ...

    @property
    def film(self) -> Path | None: ...

    @property
    def digest(self) -> str: ...


Films = Callable[[Plan, Story], Mapping[str, FilmOfScene]]
"""Finds the films of a plan's scenes, by scene."""


@dataclass(frozen=True, slots=True)
class LiveBoard:
    """A board with the films that it shows, by scene. ``filled`` is None where nothing of the text could be planned."""

    board: dict[str, Any]
    films: Mapping[str, Path]
    filled: Filled | None = None


def read_analysis(path: Path, *, allow_outside: bool = False) -> Analysis | Diagnostic:
    """What is known of the text that the file holds now, or why there is none."""
    text = read_text(path, Location(path, 1, 1, 1, 1), empty=True)
    return text if isinstance(text, Diagnostic) else Analysis(path, text, {}, allow_outside=allow_outside)


def live_board(
    path: Path,
    films: Films,
    before: LiveBoard | None = None,
    *,
    allow_outside: bool = False,
    comparison: Comparison | None = None,
) -> LiveBoard:
    """Read the story at ``path`` and plan it. Scenes that hold an error are named in the board's outline only.

    Beside scenes stand their fills of a ``comparison``, if there is one. Where there is no text to read, the board
    ``before`` goes on being shown, with the reason.
    """
    analysis = read_analysis(path, allow_outside=allow_outside)
    if isinstance(analysis, Diagnostic):
        board = before.board if before is not None else _empty(path)
        message = _message(analysis, {}, "")
        return LiveBoard({**board, "diagnostics": [message]}, before.films if before is not None else {})
    filled = analysis.filled
    board, shown = _empty(path), {}
    if filled is not None:
        plan = as_written(analysis, filled)
        board = {**board, **make_board(plan, filled.story, analysis.origins)}
        found = films(filled.plan, filled.story)
        for scene in board["scenes"]:
            film = found[scene["name"]]
            scene["filmed"] = {"state": film.state, "digest": film.digest}
            if film.film is not None:
                shown[scene["name"]] = film.film
    heads = [(block.name.text, lines) for block, lines in stretches(analysis.syntax) if block.kind.text == "scene"]
    places = {line: name for name, lines in heads for line in lines}
    planned = [scene["name"] for scene in board["scenes"]]
    board["outline"] = list(dict.fromkeys([*(name for name, _ in heads), *planned]))
    board["file"] = path.name
    board["diagnostics"] = [
        _message(item, places if item.location.file == path else {}, _source(analysis, item))
        for item in analysis.diagnostics
    ]
    board["waiting"] = filled.story.planner if filled is not None else ""
    if comparison is not None:
        written = [scene for scene in filled.plan.scenes if scene.name in filled.taken] if filled is not None else []
        board["fills"] = fills_of(comparison, written)
        known = {member["name"] for member in board["cast"]}
        board["cast"] += [{"name": name, "looks": ""} for name in cast_of(comparison) if name not in known]
    return LiveBoard(board, shown, filled)


def as_written(analysis: Analysis, filled: Filled) -> Plan:
    """The plan with no more key frames than would be written: those in a text, and of a planner's way its turns."""
    origins, scenes = analysis.origins, []
    for scene in filled.plan.scenes:
        beats = tuple(
            beat
            if by["keyframes"] == AUTHOR or scene.name in filled.taken
            else beat.model_copy(update={"keyframes": turns(beat.keyframes)})
            for beat, by in zip(scene.beats, origins[scene.name].beats, strict=True)
        )
        scenes.append(scene.model_copy(update={"beats": beats}))
    return filled.plan.model_copy(update={"scenes": tuple(scenes)})


def _empty(path: Path) -> dict[str, Any]:
    return {
        "title": path.stem,
        "style": "",
        "planner": "",
        "aspect": 3 / 2,
        "cast": [],
        "origins": [],
        "scenes": [],
        "diagnostics": [],
        "outline": [],
        "file": path.name,
        "waiting": "",
        "fills": {},
    }


def _message(item: Diagnostic, places: Mapping[int, str], source: str) -> dict[str, Any]:
    """A diagnostic with the scene that it is in, the line of the text, and the stretch of it that is meant."""
    place = item.location
    end = place.end_column - 1 if place.end_line == place.line else len(source)
    return {
        "severity": item.severity,
        "code": item.code,
        "message": printable(item.message),
        "help": printable(item.help or ""),
        "where": f"{printable(place.file.name)}:{place.line}:{place.column}",
        "scene": places.get(place.line, ""),
        "source": printable(source),
        "marked": [min(place.column - 1, len(source)), min(max(end, place.column), len(source))],
    }


def _source(analysis: Analysis, item: Diagnostic) -> str:
    if item.location.file == analysis.path and item.location.line <= len(analysis.lines):
        return analysis.lines[item.location.line - 1]
    return ""
