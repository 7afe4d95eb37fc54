"""Which links stand above which line, and what a click asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.workspace import Library
from dreamrunner.files.text import NAME
from dreamrunner.language.syntax import Word

COMMANDS = {
    "preview": "dreamrunner.lens.preview",
    "film": "dreamrunner.lens.film",
    "storyboard": "dreamrunner.lens.storyboard",
    "takes": "dreamrunner.lens.takes",
}
"""The links above a scene, in their order, and the command of the server that each asks for: its arguments are the
story's URI and the scene's name."""

TITLES = {
    "preview": "the storyboard as a page that follows each save; drag a box and it is written into the text",
    "film": "film this scene",
    "storyboard": "draw the planned boxes of the story",
    "takes": "the takes of this scene side by side",
}


def commands_of(options: Any) -> dict[str, str]:
    """The command that each link asks for: the server's, or the client's own that its ``lenses`` option names."""
    own = options.get("lenses") if isinstance(options, dict) else getattr(options, "lenses", None)
    if not isinstance(own, Mapping):
        own = getattr(own, "__dict__", {})
    return {link: own[link] if isinstance(own.get(link), str) else command for link, command in COMMANDS.items()}


def code_lenses(library: Library, analysis: Analysis, commands: Mapping[str, str]) -> list[types.CodeLens]:
    """The links above the scenes of a text; none above one without a name."""
    found = []
    for block in analysis.syntax.blocks:
        name = block.name
        if block.kind.text != "scene" or not isinstance(name, Word) or not NAME.fullmatch(name.text):
            continue
        place = library.range(block.kind.location)
        asked: list[Any] = [library.uri(analysis.path), name.text]
        for link, command in commands.items():
            found.append(types.CodeLens(place, types.Command(link, command, tooltip=TITLES[link], arguments=asked)))
    return found
