"""Rendering: a region program and a loaded backbone become the frames of one scene.

Front door: :func:`render` gives :class:`Frames` or raises :class:`RenderError`. Everything is imported when it is first
asked for: torch with :func:`render`, numpy with the other two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dreamrunner.rendering.frames import Frames, RenderError
    from dreamrunner.rendering.renderer import render

__all__ = ["Frames", "RenderError", "render"]


def __getattr__(name: str) -> Any:
    if name == "render":
        from dreamrunner.rendering.renderer import render

        return render
    if name in ("Frames", "RenderError"):
        from dreamrunner.rendering import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
