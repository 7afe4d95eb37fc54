"""Loading a backbone: the stock diffusers pipeline, on the best device of this machine."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.device import compute_device
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.family import Family
from dreamrunner.files.trouble import cause

# read when the libraries below are imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import torch
from diffusers import DiffusionPipeline
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging


@dataclass(frozen=True, slots=True)
class Loaded:
    """A backbone in memory: ``pipe`` is the stock pipeline, in evaluation mode, on its device."""

    backbone: Backbone
    pipe: DiffusionPipeline

    @property
    def family(self) -> Family:
        """The family that the backbone belongs to."""
        return self.backbone.family


def load(backbone: Backbone) -> Loaded:
    """Load the weights, safetensors only and never from the network; the backbone's own precision on a GPU, float32 on
    a CPU.

    Raises:
        BackboneError: files that changed since :func:`describe` or that the libraries cannot use.
    """
    device, family = torch.device(compute_device()), backbone.family
    dtype = getattr(torch, backbone.dtype) if device.type == "cuda" else torch.float32
    try:
        with quiet():
            pipe = family.load(backbone.source, dtype).to(device)
    except torch.OutOfMemoryError:
        raise BackboneError(f"{backbone.name} does not fit into this GPU's memory") from None
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError) as error:
        reason = cause(error)
        raise BackboneError(f"cannot load {backbone.name} from {backbone.source}: {reason}") from error
    family.set_scheduler(pipe, backbone.scheduler)
    pipe.set_progress_bar_config(disable=True)
    for part in family.networks:
        getattr(pipe, part).eval().requires_grad_(False)
    return Loaded(backbone=backbone, pipe=pipe)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' progress bars and advice off the terminal for a while."""
    before = diffusers_logging.get_verbosity(), transformers_logging.get_verbosity()
    bars = diffusers_logging.is_progress_bar_enabled(), transformers_logging.is_progress_bar_enabled()
    libraries = (diffusers_logging, transformers_logging)
    for library in libraries:
        library.set_verbosity_error()
        library.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for library, verbosity, bar in zip(libraries, before, bars, strict=True):
            library.set_verbosity(verbosity)
            if bar:
                library.enable_progress_bar()
