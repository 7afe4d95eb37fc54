"""Backbones: the video models that film, bundled, on disk or on the hub.

Front door: :func:`describe` turns a model's name into a :class:`Backbone` (facts, no torch), :func:`load` turns that
into :class:`Loaded`, the stock diffusers pipeline (torch, imported only then).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamrunner.backbones.backbone import Backbone, describe
from dreamrunner.backbones.errors import BackboneError, UnfitSize, UnknownModel
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.table import TABLE
from dreamrunner.files.paths import cache_folder

if TYPE_CHECKING:
    from dreamrunner.backbones.loading import Loaded, load

__all__ = [
    "TABLE",
    "Backbone",
    "BackboneError",
    "Grid",
    "Loaded",
    "UnfitSize",
    "UnknownModel",
    "cache_folder",
    "describe",
    "load",
]


def __getattr__(name: str) -> Any:
    if name in ("Loaded", "load"):
        from dreamrunner.backbones import loading

        return getattr(loading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
