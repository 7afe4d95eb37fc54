"""The storyboard as a page: one HTML file that plays the plan, its boxes moving as they will be filmed.

The page is ``page/storyboard.html`` with the style sheet, the scripts and the board put into it, and asks for nothing
else: its policy allows the very scripts and styles that it holds, by their hashes, and no request. A *board* is the
plan as JSON with what a reader wants to know beside it; ``page/drawing.js`` draws any board.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from dreamrunner.files.digest import digest_text
from dreamrunner.film.output_file import output_file
from dreamrunner.language import Diagnostic, Story
from dreamrunner.planning import SceneOrigins
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene
from dreamrunner.planning.quoting import pieces, quoted
from dreamrunner.planning.written.origins import AUTHOR, HAND

_PAGE = Path(__file__).parent / "page"
_SCRIPTS = ("drawing.js", "player.js", "storyboard.js")
_ASPECT = 3 / 2
# What could end the data early, or start something in it, is written as an escape of JSON.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def write_page(board: Mapping[str, Any], out: Path) -> Path:
    """Write ``board`` to ``out`` as a page; see :func:`make_board`.

    Raises :class:`~dreamrunner.film.FilmError` when the file cannot be written.
    """
    text = page(board)
    with output_file(out) as partial:
        partial.write_text(text, encoding="utf-8")
    return Path(out)


def page(board: Mapping[str, Any]) -> str:
    """The whole page that plays ``board``. Texts of the board stay texts, whatever they hold."""
    style = _read("storyboard.css")
    scripts = [_read(name) for name in _SCRIPTS]
    sources = " ".join(map(_source, scripts))
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {sources}; base-uri 'none'; form-action 'none'"
    )
    return Template(_read("storyboard.html")).substitute(
        policy=policy,
        title=html.escape(board["title"]),
        style=style,
        board=json.dumps(board, ensure_ascii=False, allow_nan=False).translate(_ESCAPES),
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
    )


def make_board(
    plan: Plan,
    story: Story,
    origins: Mapping[str, SceneOrigins],
    diagnostics: Sequence[Diagnostic] = (),
) -> dict[str, Any]:
    """The board of ``plan``, made from ``story``: plain data, times in seconds, boxes normalized.

    ``origins`` says by scene who wrote what, and from which words of the narration; the story's size gives the
    pictures' shape, 3 to 2 unless it says so.
    """
    looks = {thing.name: thing.looks or "" for thing in story.entities}
    cast = dict.fromkeys(beat.entity for scene in plan.scenes for beat in scene.beats)
    width, height = story.size or (_ASPECT, 1)
    said = dict.fromkeys(by for scene in plan.scenes for by in origins[scene.name].everyone())
    return {
        "title": plan.title or "Untitled",
        "style": plan.style,
        "planner": plan.planner,
        "aspect": width / height,
        "cast": [{"name": name, "looks": looks.get(name, "")} for name in cast],
        "origins": sorted(said, key=lambda by: (by != AUTHOR, by != HAND, by)),
        "scenes": [board_scene(scene, origins[scene.name]) for scene in plan.scenes],
        "diagnostics": [
            {
                "severity": item.severity,
                "message": item.message,
                "help": item.help or "",
                "where": f"{item.location.file.name}:{item.location.line}:{item.location.column}",
            }
            for item in diagnostics
        ],
    }


def board_scene(scene: PlannedScene, by: SceneOrigins) -> dict[str, Any]:
    """A scene as a board has it, with who wrote what."""
    return {
        "name": scene.name,
        "background": scene.background,
        "narration": scene.narration,
        "told": [{"text": text, "beats": list(beats)} for text, beats in pieces(scene.narration, by.words)],
        "duration": scene.duration,
        "transition": {"kind": scene.transition.kind, "seconds": scene.transition.seconds},
        "camera": scene.camera,
        "by": {"background": by.background, "narration": by.narration},
        "beats": [
            {**board_beat(beat), "by": dict(told), "words": quoted(scene.narration, words)}
            for beat, told, words in zip(scene.beats, by.beats, by.words, strict=True)
        ],
    }


def board_beat(beat: PlannedBeat) -> dict[str, Any]:
    """A beat as a board has it: its facts, without who wrote them."""
    return {
        "entity": beat.entity,
        "motion": beat.motion,
        "start": beat.start,
        "end": beat.end,
        "description": beat.description,
        "says": [{"text": saying.text, "at": saying.at} for saying in beat.says],
        "keyframes": [[frame.at, frame.box.x0, frame.box.y0, frame.box.x1, frame.box.y1] for frame in beat.keyframes],
    }


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    """An inline script's or style's text as a source of the page's policy."""
    return f"'sha256-{base64.b64encode(bytes.fromhex(digest_text(text))).decode()}'"
