"""Encoding a scene: its frames to a film of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Advance


@dataclass(frozen=True)
class EncodeScene:
    """Makes a scene's film from its frames, with ffmpeg's motion interpolation when ``smooth``."""

    smooth: bool

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film import encode_scene
        from dreamrunner.rendering import Frames

        (frames,) = needed.values()
        encode_scene(Frames.load(frames), path, smooth=self.smooth, on_progress=advance)
