"""The .story language: text in, a checked :class:`Story` and diagnostics out. Imports no learning library.

:func:`read_story` is the way in. A problem in a file is never an exception: it is a :class:`Diagnostic`, a value
with a stable code, a place and advice, and :func:`render` shows it.
"""

from dreamrunner.language.checker import Checked, check_text, read_story
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.gaps import Gap, gaps
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.language.places import PLACES
from dreamrunner.language.report import render
from dreamrunner.language.story import (
    MISSING,
    Beat,
    Character,
    Location,
    LoraFile,
    Missing,
    Motion,
    Prop,
    Scene,
    Setting,
    Span,
    Story,
    motion_query,
)

__all__ = [
    "MISSING",
    "PLACES",
    "Beat",
    "Box",
    "Character",
    "Checked",
    "Diagnostic",
    "Gap",
    "KeyFrame",
    "Location",
    "LoraFile",
    "Missing",
    "Motion",
    "Prop",
    "Scene",
    "Setting",
    "Span",
    "Story",
    "Transition",
    "check_text",
    "gaps",
    "motion_query",
    "read_story",
    "render",
]
