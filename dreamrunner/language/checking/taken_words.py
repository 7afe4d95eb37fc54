"""Words of the language that are names in a story, since somebody is called so."""

from __future__ import annotations

from collections.abc import Container
from pathlib import PurePath

from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.sound.music import SOUNDS
from dreamrunner.language.syntax import BeatLine


def meant_as_property(line: BeatLine, kind: str, settings: Container[str]) -> Diagnostic | None:
    """Warn of a beat that looks as if it said what is played, or where its scene is.

    ``kind`` is what its entity is declared as; ``settings`` are the declared locations.
    """
    name, meant = line.entity.text, ""
    text = line.description.value if line.description is not None else ""
    if name == "music" and line.motion is None and PurePath(text).suffix.lower() in SOUNDS:
        meant = "what is played"
    if name == "in" and line.motion is not None and line.motion.text in settings:
        meant = "where the scene is"
    return diagnostic("word-as-name", line.entity.location, name=name, kind=kind, meant=meant) if meant else None
