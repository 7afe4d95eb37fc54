"""Backbones: the video models that film, bundled, on disk or on the hub.

Front door: :func:`describe` turns a model's name into a :class:`Backbone` (facts, no torch), :func:`load` turns that
into :class:`Loaded`, the stock diffusers pipeline (torch, imported only then).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dreamrunner.backbones.backbone import Backbone
    from dreamrunner.backbones.describing import describe
    from dreamrunner.backbones.errors import BackboneError, UnfitSize, UnknownModel
    from dreamrunner.backbones.family import Family
    from dreamrunner.backbones.grid import Grid
    from dreamrunner.backbones.loading import Loaded, load
    from dreamrunner.backbones.table import DEFAULT_MODEL, TABLE
    from dreamrunner.files.paths import cache_folder

# The table is read by who must not wait for pydantic, so that everything is imported when it is first used.
_MODULES = {
    "Backbone": "backbones.backbone",
    "BackboneError": "backbones.errors",
    "DEFAULT_MODEL": "backbones.table",
    "Family": "backbones.family",
    "Grid": "backbones.grid",
    "Loaded": "backbones.loading",
    "TABLE": "backbones.table",
    "UnfitSize": "backbones.errors",
    "UnknownModel": "backbones.errors",
    "cache_folder": "files.paths",
    "describe": "backbones.describing",
    "load": "backbones.loading",
}

__all__ = [
    "DEFAULT_MODEL",
    "TABLE",
    "Backbone",
    "BackboneError",
    "Family",
    "Grid",
    "Loaded",
    "UnfitSize",
    "UnknownModel",
    "cache_folder",
    "describe",
    "load",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"dreamrunner.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
