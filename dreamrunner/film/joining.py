"""Joining: the scenes' parts, cut to fit, end to end to the whole film, with its narration as subtitles and as sound.

Pictures are copied as they are, so that joining takes seconds however long the film is.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from dreamrunner.files.text import in_words, one_line
from dreamrunner.film.output_file import FilmError, output_file
from dreamrunner.film.process import REPRODUCIBLE, Progress, local, run
from dreamrunner.film.sound import lengths_of
from dreamrunner.film.soundtrack import write_soundtrack
from dreamrunner.film.subtitles import cues, srt
from dreamrunner.film.timeline import FILM_RATE, Shot, film_frames, lay_out
from dreamrunner.film.utterances import utterances
from dreamrunner.planning.plan import Plan


def join(
    plan: Plan,
    parts: Mapping[str, Path],
    out: Path,
    *,
    subtitles: bool = True,
    speech: Mapping[str, Path] = {},
    music: Path | None = None,
    on_progress: Progress | None = None,
) -> Path:
    """Join the scenes' ``parts`` (:func:`~dreamrunner.film.cutting.cut_scene`) in the order of ``plan`` to ``out``, an
    mp4 file.

    The film has the plan's title, a chapter for each scene, and the narration's language where that is known. With
    ``subtitles`` the narration is a subtitle track that players offer but do not show unasked. ``speech`` gives
    fitted speech (:mod:`dreamrunner.film.soundtrack`), ``music`` the film's (:mod:`dreamrunner.film.music`); with any,
    the film has sound.

    Raises :class:`~dreamrunner.film.FilmError` when the plan has no scene, a part is missing or cannot be read, or the
    film cannot be written.
    """
    shots = lay_out(plan)
    if not shots:
        raise FilmError(f"cannot write {out}: the story has no scenes")
    for shot in shots:
        if not parts[shot.scene].is_file():
            raise FilmError(f"cannot join the film: the part of scene {shot.scene}, {parts[shot.scene]}, is missing")
    options: dict[str, str | int] = {"c:v": "copy", "movflags": "+faststart"}
    with tempfile.TemporaryDirectory() as folder, output_file(out) as partial:
        streams = [ffmpeg.input(local(_listed([parts[shot.scene] for shot in shots], Path(folder))), f="concat")["v"]]
        if speech or music is not None:
            streams.append(_sound(plan, speech, music, Path(folder)))
            options |= {"c:a": "aac", "b:a": "128k" if music is None else "192k", "flags:a": "+bitexact"}
        if subtitles and (shown := cues(plan, lengths_of(speech))):
            track = Path(folder) / "narration.srt"
            track.write_text(srt(shown), encoding="utf-8", newline="\n")
            streams.append(ffmpeg.input(local(track), format="srt")["s"])
            options |= {"c:s": "mov_text", "disposition:s:0": 0}
        language = language_of(" ".join(each.text for each in utterances(plan)))
        options |= {f"metadata:s:{number}": f"language={language}" for number in range(len(streams))}
        metadata = Path(folder) / "metadata.txt"
        metadata.write_text(_metadata(plan, shots), encoding="utf-8", newline="\n")
        graph = ffmpeg.output(*streams, local(partial), f="mp4", **REPRODUCIBLE, **options)
        run(graph, out, frames=film_frames(shots), metadata=metadata, on_progress=on_progress)
    return Path(out)


def _sound(plan: Plan, speech: Mapping[str, Path], music: Path | None, folder: Path) -> Any:
    """The film's sound: speech alone, or mixed with music."""
    spoken = folder / "speech.wav"
    write_soundtrack(plan, speech, spoken)
    voices = ffmpeg.input(local(spoken))["a"]
    if music is None:
        return voices
    voices = voices.filter("pan", "stereo|c0<c0|c1<c0")
    # Added up as they are: what is too loud together is held below the loudest, and is else left alone.
    mixed = ffmpeg.filter([voices, ffmpeg.input(local(music))["a"]], "amix", inputs=2, normalize=0)
    return mixed.filter("alimiter", limit=0.97, level=0, latency=1)


def language_of(narration: str) -> str:
    """The language of a narration, as players name it: English where all of its letters could be; else unknown."""
    return "eng" if narration.strip() and narration.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").isascii() else "und"


def _metadata(plan: Plan, shots: Sequence[Shot]) -> str:
    """The title, and a chapter from each scene to the next, in ffmpeg's form."""
    lines = [";FFMETADATA1", f"title={_escaped(plan.title)}"]
    ends = [*(shot.first for shot in shots[1:]), film_frames(tuple(shots))]
    for shot, end in zip(shots, ends, strict=True):
        lines += ["[CHAPTER]", f"TIMEBASE=1/{FILM_RATE}", f"START={shot.first}", f"END={end}"]
        lines.append(f"title={_escaped(in_words(shot.scene))}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([=;#\\])", r"\\\1", one_line(text))


def _listed(parts: Sequence[Path], folder: Path) -> Path:
    """The parts as ffmpeg's list of files, under names that need no quoting."""
    listed = folder / "parts.ffconcat"
    for number, part in enumerate(parts):
        (folder / f"{number}.mp4").symlink_to(part.absolute())
    listed.write_text("ffconcat version 1.0\n" + "".join(f"file {number}.mp4\n" for number in range(len(parts))))
    return listed
