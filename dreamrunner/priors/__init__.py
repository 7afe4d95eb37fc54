"""Priors: what a film knows of motions and characters beyond its backbone, as LoRA files. No torch.

Front door: :func:`declared_adapters` takes a story and returns the :class:`Adapter` values that it brings itself.
"""

from dreamrunner.priors.adapters import Adapter, AdapterError, declared_adapters, read_adapter

__all__ = ["Adapter", "AdapterError", "declared_adapters", "read_adapter"]
