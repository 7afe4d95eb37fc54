"""Checking the property ``music``: which file is played, and how loud."""

from __future__ import annotations

from pathlib import Path

from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.files import Folder
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.story import LOUDEST, USUAL_VOLUME, Music
from dreamrunner.language.syntax import Number, Property, Text

SOUNDS = (".ogg", ".mp3", ".flac", ".wav", ".m4a", ".opus")
"""How names of files of sound end."""


def music_of(fact: Property | None, file: Path, folder: Folder, found: list[Diagnostic]) -> Music | None:
    """The music that a property in ``file`` names; None where there is none. Faults go to ``found``."""
    if fact is None:
        return None
    path, loud = folder.one(fact.one(Text), file), fact.maybe(Number)
    volume = USUAL_VOLUME if loud is None else loud.value
    if loud is not None and not 0 <= volume <= LOUDEST:
        problem = f"music is played from 0, silent, to {LOUDEST:g}, twice as loud as its file, not at {shown(loud.raw)}"
        help = f"say for example {USUAL_VOLUME:g}, which is quieter than the file"
        found.append(diagnostic("bad-value", loud.location, problem=problem, help=help))
        volume = USUAL_VOLUME
    if isinstance(path, Diagnostic):
        found.append(path)
        return None
    return Music(path, volume)
