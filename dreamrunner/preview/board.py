"""The board of a story as it is on disk just now, sound or not: what the live page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from dreamrunner.editor.analysis import Analysis, Filled
from dreamrunner.files.digest import digest_bytes, digest_text
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import printable
from dreamrunner.film.storyboard_page import make_board
from dreamrunner.language import Diagnostic, Story
from dreamrunner.language.durations import takes_its_time
from dreamrunner.language.files import read_text
from dreamrunner.language.story import MISSING, Location
from dreamrunner.language.syntax import BeatLine, Block, stretches
from dreamrunner.planning import Plan, filled_path
from dreamrunner.planning.boxes.simplify import turns
from dreamrunner.planning.written.comparing import Comparison
from dreamrunner.planning.written.origins import AUTHOR
from dreamrunner.preview.fills import cast_of, fills_of
from dreamrunner.preview.sound import sound_of_text


class TakeOfScene(Protocol):
    """One of a scene's films: how far it is what the story tells, its file with the sha256 of that, the seed that it
    was filmed with where that is known, and its marks, by the name of what was looked at."""

    @property
    def state(self) -> str: ...

    @property
    def film(self) -> Path | None: ...

    @property
    def digest(self) -> str: ...

    @property
    def seed(self) -> int | None: ...

    @property
    def marks(self) -> Mapping[str, float]: ...


class FilmOfScene(TakeOfScene, Protocol):
    """A scene in the build: the film of it that is shown, and all ``takes`` of it, that one among them."""

    @property
    def takes(self) -> Sequence[TakeOfScene]: ...


Films = Callable[[Plan, Story], Mapping[str, FilmOfScene]]
"""Finds the films of a plan's scenes, by scene."""


@dataclass(frozen=True, slots=True)
class LiveBoard:
    """A board with the films that it shows.

    ``films``: each film by its scene and its digest.
    ``filled``: None where nothing of the text could be planned.
    ``casts``: who is in each scene, also as long as a scene can't be read: as it was before.
    """

    board: dict[str, Any]
    films: Mapping[tuple[str, str], Path]
    filled: Filled | None = None
    casts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
        last = before if before is not None else LiveBoard(_empty(path), {})
        return replace(last, board={**last.board, "diagnostics": [_message(analysis, {}, "")], "seen": ""})
    filled = analysis.filled
    board, shown = _empty(path), dict[tuple[str, str], Path]()
    if filled is not None:
        plan = as_written(filled)
        board = {**board, **make_board(plan, filled.story, analysis.origins)}
        found = films(filled.plan, filled.story)
        for scene in board["scenes"]:
            film = found[scene["name"]]
            scene["filmed"] = {"state": film.state, "digest": film.digest, "sound": sound_of(film.film) is not None}
            scene["takes"] = [_take(take) for take in film.takes]
            shown |= {(scene["name"], take.digest): take.film for take in (film, *film.takes) if take.film is not None}
        _add_choices(board["scenes"], plan, filled.story)
        timed = {block.name.text for block in analysis.syntax.blocks if _lasts_as_its_words(block)}
        for scene in board["scenes"]:
            scene["auto"] = scene["name"] in timed
    heads = [(block.name.text, lines) for block, lines in stretches(analysis.syntax) if block.kind.text == "scene"]
    places = {line: name for name, lines in heads for line in lines}
    planned = [scene["name"] for scene in board["scenes"]]
    board["outline"] = list(dict.fromkeys([*(name for name, _ in heads), *planned]))
    board["file"] = path.name
    board["seen"] = seen_text(analysis)
    board["known"] = [*analysis.cast.entities]
    board["places"] = [*analysis.cast.settings]
    board["sound"] = sound_of_text(analysis)
    casts = _casts(board, analysis, before)
    looks = {thing.name: thing.looks or "" for thing in filled.story.entities} if filled is not None else {}
    in_order = dict.fromkeys(name for scene in board["outline"] for name in casts[scene])
    board["cast"] = [{"name": name, "looks": looks.get(name, "")} for name in in_order]
    board["casts"] = {scene: list(names) for scene, names in casts.items()}
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
    return LiveBoard(board, shown, filled, casts)


def seen_text(analysis: Analysis) -> str:
    """What stands for the texts that a board is made of: the story's, and that of the filled story beside it."""
    try:
        beside = read_regular(filled_path(analysis.path))
    except OSError:
        beside = b""
    return seen_texts(analysis.text, beside)


def seen_texts(text: str, beside: bytes) -> str:
    """The same, of a story's text with its lines ended by ``\\n`` and of what the filled story's file holds."""
    return digest_bytes(digest_text(text).encode() + beside)


def as_written(filled: Filled) -> Plan:
    """The plan with no more key frames than would be written: those in a text, and of any other way its turns."""
    written, scenes = {scene.name: scene.beats for scene in filled.story.scenes}, []
    for scene in filled.plan.scenes:
        own = written.get(scene.name) or (None,) * len(scene.beats)
        beats = tuple(
            beat
            if (told is not None and told.keyframes) or scene.name in filled.taken
            else beat.model_copy(update={"keyframes": turns(beat.keyframes)})
            for beat, told in zip(scene.beats, own, strict=True)
        )
        scenes.append(scene.model_copy(update={"beats": beats}))
    return filled.plan.model_copy(update={"scenes": tuple(scenes)})


def sound_of(film: Path | None) -> Path | None:
    """The file of what is said in a scene's film, where there is one. A link that leads elsewhere is none."""
    if film is None:
        return None
    spoken = film.with_suffix(".wav").resolve()
    return spoken if spoken.parent == film.parent and spoken.is_file() else None


def _take(take: TakeOfScene) -> dict[str, Any]:
    # A page's numbers hold 53 bits; a seed has up to 63.
    seed = str(take.seed) if take.seed is not None else None
    return {"state": take.state, "digest": take.digest, "seed": seed, "marks": dict(take.marks)}


def _add_choices(scenes: list[dict[str, Any]], plan: Plan, story: Story) -> None:
    """Say of every scene its seed, and whether its author chose that, where it is and what its background adds to the
    looks of that, and how many takes are wanted."""
    places = {place.name: place.shows for place in story.settings}
    chosen = {scene.name for scene in story.scenes if scene.seed is not MISSING}
    for scene, planned in zip(scenes, plan.scenes, strict=True):
        scene["seed"] = str(planned.seed)
        there = places.get(planned.setting, "")
        added = scene["background"].removeprefix(there).removeprefix(", ") if there else scene["background"]
        scene |= {"setting": planned.setting, "added": added, "wanted": planned.takes}
        scene["by"]["seed"] = AUTHOR if planned.name in chosen else "offline"


def _lasts_as_its_words(block: Block) -> bool:
    return block.kind.text == "scene" and takes_its_time({item.word.text: item for item in block.properties()})


def _casts(board: Mapping[str, Any], analysis: Analysis, before: LiveBoard | None) -> dict[str, tuple[str, ...]]:
    """Who is in each scene of a board, in the order of its beats, so that colours stay while one can't be read."""
    casts = {
        scene["name"]: tuple(dict.fromkeys(beat["entity"] for beat in scene["beats"])) for scene in board["scenes"]
    }
    blocks = {block.name.text: block for block in analysis.syntax.blocks if block.kind.text == "scene"}
    known = analysis.cast.entities
    for name in board["outline"]:
        if name in casts:
            continue
        body = blocks[name].body if name in blocks else ()
        written = [item.entity.text for item in body if isinstance(item, BeatLine) and item.entity.text in known]
        remembered = before.casts.get(name, ()) if before is not None else ()
        casts[name] = tuple(dict.fromkeys([*remembered, *written]))
    return casts


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
        "seen": "",
        "known": [],
        "places": [],
        "sound": {"narrator": "", "music": "", "speakers": {}, "played": {}, "voices": []},
        "casts": {},
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
