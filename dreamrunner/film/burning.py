"""Subtitles burnt into the picture, for players that show no subtitle track.

ffmpeg's libass draws them, in the DejaVu Sans of this package, so that Latin, Greek, Cyrillic and Arabic
letters look alike on every machine, also on one without fonts. Other letters are taken from the machine's own fonts.
"""

from __future__ import annotations

import html
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import ffmpeg

from dreamrunner.film.output_file import FilmError
from dreamrunner.film.process import binary, words
from dreamrunner.film.subtitles import Cue, cues, vtt
from dreamrunner.film.typeface import FONT
from dreamrunner.planning.plan import Plan

# libass counts in the sizes of a screen of 384 by 288, whatever the film's.
_SCREEN_WIDTH, _SCREEN_HEIGHT = 384, 288
_MISSING = re.compile(r"failed to find any fallback with glyph 0x([0-9A-Fa-f]+)")


def burn(
    video: ffmpeg.nodes.FilterableStream, shown: Sequence[Cue], folder: Path, width: int, height: int
) -> ffmpeg.nodes.FilterableStream:
    """Draw what is ``shown`` into ``video`` at the bottom, in white on a dark rim.

    ``folder`` takes what ffmpeg reads meanwhile; ``width`` and ``height`` are the pictures' size in pixels.
    """
    if not shown:
        return video
    file = folder / "burnt.vtt"
    file.write_text(vtt(shown), encoding="utf-8", newline="\n")
    return _drawn(video, file, width, height)


def check_letters(plan: Plan) -> None:
    """Raise :class:`~dreamrunner.film.FilmError` where the narration has a sign that no font here can draw."""
    signs = "".join(sorted({sign for cue in cues(plan) for sign in cue.text if not sign.isspace()}))
    if not signs:
        return
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        file = Path(folder) / "signs.vtt"
        file.write_text(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{html.escape(signs)}\n", encoding="utf-8")
        picture = ffmpeg.input(f"color=black:s={_SCREEN_WIDTH}x{_SCREEN_HEIGHT}:d=0.04", f="lavfi")
        graph = ffmpeg.output(_drawn(picture, file, _SCREEN_WIDTH, _SCREEN_HEIGHT), "pipe:", f="null")
        graph = graph.global_args("-hide_banner", "-loglevel", "warning", "-nostats")
        subprocess.run(graph.compile(cmd=binary()), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        missing = {chr(int(found[1], 16)) for line in words(said) if (found := _MISSING.search(line))}
    if missing:
        raise FilmError(
            f"cannot burn the subtitles in: no font here has {' '.join(sorted(missing))}; install one that has,"
            " change the narration, or leave the subtitles to their track"
        )


def _drawn(video: ffmpeg.nodes.FilterableStream, file: Path, width: int, height: int) -> ffmpeg.nodes.FilterableStream:
    # A line of 42 letters fits in nine tenths of the width, and no letter is higher than a sixteenth of the picture.
    size = min(height / 16, width / 24)
    style = {
        "Fontname": "DejaVu Sans",
        "Fontsize": round(size * _SCREEN_HEIGHT / height, 2),
        "Outline": round(size * _SCREEN_HEIGHT / height / 11, 2),
        "Shadow": 0,
        "Encoding": -1,  # libass's word for: each line in the direction of its own script
        "MarginL": _SCREEN_WIDTH // 32,
        "MarginR": _SCREEN_WIDTH // 32,
        "MarginV": _SCREEN_HEIGHT // 20,
    }
    return video.filter(
        "subtitles",
        filename=str(file),
        fontsdir=str(FONT.parent),
        force_style=",".join(f"{name}={value}" for name, value in style.items()),
    )
