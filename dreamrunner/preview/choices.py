"""Of two planners' fills of a scene, the one that was chosen on the page."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from dreamrunner.files.in_place import replace_text
from dreamrunner.files.regular import read_regular
from dreamrunner.planning.written.comparing import Comparison, NotTaken, take
from dreamrunner.preview.moves import Refused, Written


class Take(BaseModel):
    """A fill that is taken: its number, from 0, among those of a scene."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    scene: str
    fill: Annotated[int, Field(ge=0)]


def take_fill(comparison: Comparison | None, asked: Take, *, allow_outside: bool = False) -> Written | Refused:
    """Write a fill into the filled story. Raises OSError where that can't be written; it then is as it was."""
    compared = comparison.scene(asked.scene) if comparison is not None else None
    if comparison is None or compared is None or asked.fill >= len(compared.fills):
        return Refused(f"there is no such fill of scene `{asked.scene}`")
    try:
        target, _ = take(compared, asked.fill, comparison.path, replace_text, allow_outside=allow_outside)
    except NotTaken as why:
        return Refused(str(why), changed=True)
    lines = read_regular(target).decode("utf-8", "replace").split("\n")
    return Written(target, 1 + next((at for at, line in enumerate(lines) if line == f"scene {asked.scene}"), 0))
