"""Speaking a scene's narration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance
    from dreamrunner.speech import Voice


@dataclass(frozen=True)
class SpeakScene:
    """Makes a scene's speech from its narration. What is computed is the voice's own code."""

    text: str
    voice: Voice

    def __call__(self, _: Mapping[str, Path], path: Path, advance: Advance) -> None:
        self.voice(self.text, path)
