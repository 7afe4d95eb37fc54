"""Priors: what a film knows of motions and characters beyond its backbone, as LoRAs.

Front door: :func:`declared_adapters` takes a story and returns the :class:`Adapter` values that it brings itself;
:func:`train_motion` and :func:`train_subject` make new ones from clips and photos (torch, imported only then).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamrunner.priors.adapters import Adapter, AdapterError, Sidecar, declared_adapters, read_adapter, read_sidecar

if TYPE_CHECKING:
    from dreamrunner.priors.encoding import Encoder, Photo, TrainingClip
    from dreamrunner.priors.motion import train_motion
    from dreamrunner.priors.preview import Preview
    from dreamrunner.priors.subject import train_subject
    from dreamrunner.priors.training import StepReport, TrainingError

__all__ = [
    "Adapter",
    "AdapterError",
    "Encoder",
    "Photo",
    "Preview",
    "Sidecar",
    "StepReport",
    "TrainingClip",
    "TrainingError",
    "declared_adapters",
    "read_adapter",
    "read_sidecar",
    "train_motion",
    "train_subject",
]

_WITH_TORCH = {
    "Encoder": "encoding",
    "Photo": "encoding",
    "Preview": "preview",
    "StepReport": "training",
    "TrainingClip": "encoding",
    "TrainingError": "training",
    "train_motion": "motion",
    "train_subject": "subject",
}


def __getattr__(name: str) -> Any:
    if name in _WITH_TORCH:
        from importlib import import_module

        return getattr(import_module(f"dreamrunner.priors.{_WITH_TORCH[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
