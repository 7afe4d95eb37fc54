"""Rendering: a region program and a loaded backbone become the frames of one scene.

Front door: :func:`render` (torch, imported only when asked for). :class:`Frames` and :class:`RenderError` cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamrunner.rendering.frames import Frames, RenderError

if TYPE_CHECKING:
    from dreamrunner.rendering.renderer import render

__all__ = ["Frames", "RenderError", "render"]


def __getattr__(name: str) -> Any:
    if name == "render":
        from dreamrunner.rendering.renderer import render

        return render
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
