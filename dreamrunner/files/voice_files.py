"""Where voices lie that speak on this machine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from dreamrunner.files.extras import how_to_get

FOLDER = "voices"
"""The folder beside a story, and in the cache folder, in which Piper voices are looked for by their names."""

INSTALL = f"`{how_to_get('voice')}`"
"""What brings voices that speak on this machine."""

_LIBRARIES = ("libespeak-ng.so", "libespeak-ng.dylib", "espeak-ng.dll")


def settings_of(file: Path) -> Path:
    """Where a Piper voice's settings lie."""
    return file.with_name(f"{file.name}.json")


def package_folder(name: str) -> Path | None:
    """The folder of an installed package; None where it is not installed. Nothing of it is run."""
    spec = find_spec(name)
    return next(iter(map(Path, spec.submodule_search_locations or ())), None) if spec is not None else None


def espeak_data() -> Path | None:
    """The folder of espeak-ng's voices; None where the package espeakng-loader is not installed."""
    folder = package_folder("espeakng_loader")
    return folder / "espeak-ng-data" if folder is not None else None


def espeak_library() -> Path | None:
    """The library of espeak-ng; None where that package is not installed, or not for this system."""
    folder = package_folder("espeakng_loader")
    if folder is None:
        return None
    return next((folder / name for name in _LIBRARIES if (folder / name).is_file()), None)
