"""Narration as subtitles, in SubRip form (.srt): short cues that share their scene's time by length."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.film.output import replacing
from dreamrunner.film.timeline import lay_out
from dreamrunner.planning.plan import Plan

LINE_WIDTH = 42
"""Characters in a line of a subtitle; two lines make a cue (the usual figures of television)."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A text of one or two lines that is shown from ``start`` to ``end``, in seconds of the film."""

    start: float
    end: float
    text: str


def cues(plan: Plan) -> tuple[Cue, ...]:
    """Spread each scene's narration over the time that the scene has to itself.

    A scene that the next one dissolves over hands the subtitle on when the dissolve begins. Two cues never overlap.
    """
    shots = lay_out(plan)
    found: list[Cue] = []
    for position, (scene, shot) in enumerate(zip(plan.scenes, shots)):
        end = shots[position + 1].start if position + 1 < len(shots) else shot.end
        lines = textwrap.wrap(_printable(scene.narration), LINE_WIDTH)
        texts = ["\n".join(lines[i : i + 2]) for i in range(0, len(lines), 2)]
        total, said = sum(map(len, texts)), 0
        for text in texts:
            begin = shot.start + (end - shot.start) * said / total
            said += len(text)
            found.append(Cue(begin, shot.start + (end - shot.start) * said / total, text))
    return tuple(found)


def srt(plan: Plan) -> str:
    """Write the narration of ``plan`` as SubRip text; empty when nothing is narrated."""
    blocks = (f"{n}\n{_clock(cue.start)} --> {_clock(cue.end)}\n{cue.text}\n" for n, cue in enumerate(cues(plan), 1))
    return "\n".join(blocks)


def write_subtitles(plan: Plan, out: Path) -> Path:
    """Write ``out``, a SubRip file in UTF-8. Raises :class:`~dreamrunner.film.FilmError` if it cannot be written."""
    with replacing(out) as partial:
        partial.write_text(srt(plan), encoding="utf-8", newline="\n")
    return Path(out)


def _printable(text: str) -> str:
    # A blank line or an arrow of its own would end a cue early, a control character breaks the muxer.
    text = "".join(c if c.isprintable() else " " for c in text.replace("-->", "\N{RIGHTWARDS ARROW}"))
    return " ".join(text.split())


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"
