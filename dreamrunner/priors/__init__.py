"""Priors: what a film knows of motions and characters beyond its backbone, as LoRAs.

Front door: :func:`read_adapter` gives the :class:`Adapter` in a file that somebody brings; :func:`train_motion` and
:func:`train_subject` make new ones (torch, imported only then) from what :func:`read_clip` and :func:`read_photo` make
of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamrunner.priors.adapters import read_adapter, read_sidecar
from dreamrunner.priors.naming import PLACEHOLDER, with_placeholder
from dreamrunner.priors.photos import PhotoFile, given_photos
from dreamrunner.priors.values import Adapter, AdapterError, Prior, Sidecar

if TYPE_CHECKING:
    from dreamrunner.priors.clips import read_clip
    from dreamrunner.priors.encoding import Encoder, Photo, TrainingClip
    from dreamrunner.priors.fitting import read_photo
    from dreamrunner.priors.motion import train_motion
    from dreamrunner.priors.subject import train_subject
    from dreamrunner.priors.training import StepReport, TrainingError
    from dreamrunner.priors.training_preview import Preview

__all__ = [
    "PLACEHOLDER",
    "Adapter",
    "AdapterError",
    "Encoder",
    "Photo",
    "PhotoFile",
    "Preview",
    "Prior",
    "Sidecar",
    "StepReport",
    "TrainingClip",
    "TrainingError",
    "given_photos",
    "read_adapter",
    "read_clip",
    "read_photo",
    "read_sidecar",
    "train_motion",
    "train_subject",
    "with_placeholder",
]

_WITH_TORCH = {
    "Encoder": "encoding",
    "Photo": "encoding",
    "Preview": "training_preview",
    "StepReport": "training",
    "TrainingClip": "encoding",
    "TrainingError": "training",
    "read_clip": "clips",
    "read_photo": "fitting",
    "train_motion": "motion",
    "train_subject": "subject",
}


def __getattr__(name: str) -> Any:
    if name in _WITH_TORCH:
        from importlib import import_module

        return getattr(import_module(f"dreamrunner.priors.{_WITH_TORCH[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
