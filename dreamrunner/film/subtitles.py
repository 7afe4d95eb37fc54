"""Narration as subtitles: short cues that share their scene's time by length, as SubRip (.srt) and WebVTT (.vtt)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from dreamrunner.files.text import one_line
from dreamrunner.film.breaking import cues_of
from dreamrunner.film.output_file import output_file
from dreamrunner.film.timeline import film_frames, lay_out, part_of
from dreamrunner.planning.plan import Plan

LINE_WIDTH = 42
"""Columns of a line of a subtitle, of which East Asian letters take two; two lines make a cue (the usual figures of
television)."""

_LINES = 2
_TAG = re.compile(r"<(?=/?[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Cue:
    """A text of one or two lines that is shown from ``start`` to ``end``, in seconds of the film."""

    start: float
    end: float
    text: str


Heard = Mapping[str, float]
"""How many seconds of each spoken scene's narration are heard, by scene name; see
:mod:`~dreamrunner.film.soundtrack`."""


NOBODY_HEARD: Heard = MappingProxyType({})
"""The :data:`Heard` of a film without speech."""


def cues(plan: Plan, heard: Heard = NOBODY_HEARD) -> tuple[Cue, ...]:
    """Spread each scene's narration over the time that the scene has to itself, or over its speech where it is heard.

    A scene that the next one dissolves over hands the subtitle on when the dissolve begins. Two cues never overlap.
    """
    shots = lay_out(plan)
    found: list[Cue] = []
    for position, (scene, shot) in enumerate(zip(plan.scenes, shots, strict=True)):
        end = shots[position + 1].start if position + 1 < len(shots) else shot.end
        if scene.name in heard:
            end = shot.start + heard[scene.name]
            if end <= shot.start:
                continue  # whoever reads along would read what nobody says
        texts = _parts(cue_text(scene.narration))
        total, said = sum(map(len, texts)), 0
        for text in texts:
            begin = shot.start + (end - shot.start) * said / total
            said += len(text)
            found.append(Cue(begin, shot.start + (end - shot.start) * said / total, text))
    return tuple(found)


def cues_during(plan: Plan, scene: str, heard: Heard = NOBODY_HEARD) -> tuple[Cue, ...]:
    """The cues to be seen during a scene's part of the film, in seconds from its beginning."""
    part = part_of(plan, scene)
    start = part.shot.start
    seen = (cue for cue in cues(plan, heard) if cue.start < part.end and cue.end > start)
    return tuple(replace(cue, start=max(0.0, cue.start - start), end=cue.end - start) for cue in seen)


def heard_over(plan: Plan, scene: str) -> str | None:
    """The scene whose narration may be heard during ``scene``: its own, or else the last narrated one before it."""
    until = [each.name for each in plan.scenes].index(scene) + 1
    return next((each.name for each in reversed(plan.scenes[:until]) if cue_text(each.narration)), None)


def rooms(plan: Plan) -> dict[str, int]:
    """How many film frames the speech of each narrated scene may take."""
    shots, after = lay_out(plan), 0
    found: dict[str, int] = {}
    end = film_frames(shots)
    for scene, shot in reversed(list(zip(plan.scenes, shots, strict=True))):
        if cue_text(scene.narration):
            found[scene.name] = (after or end) - shot.first
            after = shot.first
    return dict(reversed(found.items()))


def srt(shown: Sequence[Cue]) -> str:
    """Write what is ``shown`` as SubRip text; empty when that is nothing.

    SubRip has no way to write a sign that players take for markup: `<b>` stands as `‹b>`, `{\\` as `(\\`.
    """
    blocks = (
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_plain(cue.text)}\n"
        for number, cue in enumerate(shown, 1)
    )
    return "\n".join(blocks)


def vtt(shown: Sequence[Cue]) -> str:
    """Write what is ``shown`` as WebVTT text, every sign as it was written."""
    blocks = (
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{html.escape(cue.text, quote=False)}\n" for cue in shown
    )
    return "\n".join(("WEBVTT\n", *blocks))


def write_subtitles(plan: Plan, out: Path) -> Path:
    """Write ``out`` in UTF-8, as WebVTT where its name ends in ``.vtt`` and as SubRip elsewhere.

    Raises :class:`~dreamrunner.film.FilmError` if it cannot be written.
    """
    text = (vtt if Path(out).suffix == ".vtt" else srt)(cues(plan))
    with output_file(out) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
    return Path(out)


def cue_text(text: str) -> str:
    """The text on one line, without what would end a cue early (an arrow) or break a muxer (control characters)."""
    return one_line(text.replace("-->", "\N{RIGHTWARDS ARROW}"))


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[str, ...]:
    return cues_of(text, LINE_WIDTH, _LINES)


def _plain(text: str) -> str:
    return _TAG.sub("\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", text).replace("{\\", "(\\")


def _clock(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
