"""Narrations and lines as subtitles: short cues that share their time by length, as SubRip (.srt) and WebVTT (.vtt)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from dreamrunner.film.breaking import cues_of
from dreamrunner.film.output_file import output_file
from dreamrunner.film.timeline import lay_out, part_of
from dreamrunner.film.turns import Lengths, Utterance
from dreamrunner.film.utterances import places, said_in
from dreamrunner.planning.plan import Plan

LINE_WIDTH = 42
"""Columns of a line of a subtitle, of which East Asian letters take two; two lines make a cue (the usual figures of
television)."""

_LINES = 2
_BRIEFEST = 0.3  # seconds between the beginnings of two cues
_TAG = re.compile(r"<(?=/?[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Cue:
    """A text of one or two lines that is shown from ``start`` to ``end``, in seconds of the film; ``speaker`` is the
    name of who says it, empty for the narrator."""

    start: float
    end: float
    text: str
    speaker: str = ""


def cues(plan: Plan, lengths: Lengths = MappingProxyType({})) -> tuple[Cue, ...]:
    """What is shown of a film's narrations and lines, whose speech lasts for ``lengths``.

    A narration that nobody speaks is spread over the time that its scene has to itself, unless characters speak in it:
    then everything is shown in its turn. What is spoken is shown while it is heard; a line begins with the name of who
    says it. A scene that the next one dissolves over hands the subtitle on when the dissolve begins. Two cues never
    overlap.
    """
    shots, place = lay_out(plan), places(plan, lengths)
    found: list[Cue] = []
    for position, (scene, shot) in enumerate(zip(plan.scenes, shots, strict=True)):
        for each in said_in(scene):
            if each.of in place:
                start, end = place[each.of].start, place[each.of].end
            else:
                start, end = shot.start, shots[position + 1].start if position + 1 < len(shots) else shot.end
            if end > start:  # else whoever reads along would read what nobody says
                found += _spread(each, start, end)
    return tuple(_apart(found))


def _spread(said: Utterance, start: float, end: float) -> Iterator[Cue]:
    """The cues of something that is said, each for its share of the time."""
    texts = _parts(f"{said.called}: {said.text}" if said.speaker else said.text)
    total, before = sum(map(len, texts)), 0
    for text in texts:
        begin = start + (end - start) * before / total
        before += len(text)
        yield Cue(begin, start + (end - start) * before / total, text, said.called)


def _apart(found: Sequence[Cue]) -> Iterator[Cue]:
    """Cues in the order of time: one that another one begins in is over then, or is shown with it where they begin
    together."""
    waiting: Cue | None = None
    for cue in sorted(found, key=lambda cue: cue.start):
        if waiting is not None and cue.start - waiting.start < _BRIEFEST < waiting.end - waiting.start:
            text = f"{waiting.text}\n{cue.text}"
            waiting = Cue(waiting.start, max(waiting.end, cue.end), text)  # nobody's alone
            continue
        if waiting is not None:
            yield replace(waiting, end=min(waiting.end, cue.start))
        waiting = cue
    if waiting is not None:
        yield waiting


def cues_during(plan: Plan, scene: str, lengths: Lengths = MappingProxyType({})) -> tuple[Cue, ...]:
    """The cues to be seen during a scene's part of the film, in seconds from its beginning."""
    part = part_of(plan, scene)
    start = part.shot.start
    seen = (cue for cue in cues(plan, lengths) if cue.start < part.end and cue.end > start)
    return tuple(replace(cue, start=max(0.0, cue.start - start), end=cue.end - start) for cue in seen)


def heard_over(plan: Plan, scene: str) -> str | None:
    """The scene whose words may be heard during ``scene``: its own, or else the last one with words before it."""
    until = [each.name for each in plan.scenes].index(scene) + 1
    return next((each.name for each in reversed(plan.scenes[:until]) if said_in(each)), None)


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
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n"
        f"{f'<v {cue.speaker}>' if cue.speaker else ''}{html.escape(cue.text, quote=False)}\n"
        for cue in shown
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
