"""Loading a backbone: the stock diffusers pipeline, for the best device of this machine.

On a processor all of it is in memory. For a GPU networks are loaded into the computer's memory and come to the card
when they have something to do (:func:`bring`), and the text encoder, larger than all else, only while it encodes.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.device import allocator_settings, compute_device
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.family import Family
from dreamrunner.files.trouble import cause

# read when the libraries below are imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import torch
from diffusers import DiffusionPipeline
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

# read when a GPU's memory is first asked for
os.environ.update(allocator_settings(os.environ, torch.__version__))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A backbone in memory: ``pipe`` is the stock pipeline, in evaluation mode, ``device`` where it computes.

    Its networks may lie elsewhere, and its text encoder may be missing: :func:`bring` and :func:`with_text_encoder`
    mend that. ``homes`` has, by part, what a network that is to go again keeps in the computer's memory: each weight,
    its numbers there, and the version of the weight that these are.
    """

    backbone: Backbone
    pipe: DiffusionPipeline
    device: torch.device = field(default=torch.device("cpu"))
    homes: dict[str, list[tuple[torch.nn.Parameter, torch.Tensor, int]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def family(self) -> Family:
        """The family that the backbone belongs to."""
        return self.backbone.family

    @property
    def denoisers(self) -> tuple[str, ...]:
        """The parts that denoise, in the order in which they work."""
        return tuple(part for part in self.family.denoisers if getattr(self.pipe, part, None) is not None)


def load(backbone: Backbone) -> Loaded:
    """Load the weights, safetensors only and never from the network; the backbone's own precision on a GPU, float32 on
    a CPU. For a GPU they lie in the computer's memory at first, without those of the text encoder.

    Raises:
        BackboneError: files that changed since they were described or that the libraries cannot use.
    """
    device, family = torch.device(compute_device()), backbone.family
    dtype = getattr(torch, backbone.dtype) if device.type == "cuda" else torch.float32
    try:
        with quiet():
            pipe = family.load(backbone.source, dtype, text=device.type == "cpu")
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError) as error:
        reason = cause(error)
        raise BackboneError(f"cannot load {backbone.name} from {backbone.source}: {reason}") from error
    family.set_scheduler(pipe, backbone.scheduler)
    pipe.set_progress_bar_config(disable=True)
    for part in (*family.networks, *family.optional_networks):
        if (network := getattr(pipe, part, None)) is not None:
            network.eval().requires_grad_(False)
    return Loaded(backbone=backbone, pipe=pipe, device=device)


def bring(loaded: Loaded, *parts: str, returning: bool = False) -> None:
    """Put these networks where they compute. Those that are ``returning`` keep their weights in the computer's memory
    as well, so that going back takes no time: off a card 11 GB take some seconds, as long as some steps of sampling.
    """
    for part in parts:
        network = getattr(loaded.pipe, part)
        if network.device.type == loaded.device.type:
            continue
        homes = [(weight, weight.data) for weight in network.parameters()] if returning else []
        network.to(loaded.device)
        loaded.homes[part] = [(weight, home, weight._version) for weight, home in homes]


def put_away(loaded: Loaded, *parts: str) -> None:
    """Take these networks off the card, into the computer's memory."""
    if loaded.device.type == "cpu":
        return
    for part in parts:
        for weight, home, version in loaded.homes.pop(part, []):
            if weight._version == version and weight.dtype == home.dtype:  # nothing wrote to it
                weight.data = home
        getattr(loaded.pipe, part).to("cpu")
    torch.cuda.empty_cache()


@contextlib.contextmanager
def in_turn(loaded: Loaded, wanted: bool = True) -> Iterator[None]:
    """Let of several networks that denoise only the one that works be on the card, for a while: each comes when it is
    called, and the others leave."""
    pipe, device = loaded.pipe, loaded.device
    if not wanted or device.type == "cpu" or len(loaded.denoisers) == 1:
        yield
        return

    def coming(part: str) -> Callable[..., None]:
        def come(network: torch.nn.Module, *_: object) -> None:
            if network.device.type != device.type:
                put_away(loaded, *(other for other in loaded.denoisers if other != part))
                bring(loaded, part, returning=True)

        return come

    put_away(loaded, *loaded.denoisers[1:])
    hooks = [getattr(pipe, part).register_forward_pre_hook(coming(part)) for part in loaded.denoisers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextlib.contextmanager
def with_text_encoder(loaded: Loaded, *, in_layers: bool = False) -> Iterator[None]:
    """Let a pipeline have its text encoder for a while: one that it lacks is loaded, and gone afterwards.

    ``in_layers``: its layers come to the card one by one.

    Raises:
        BackboneError: it can't be loaded.
    """
    pipe, family, source = loaded.pipe, loaded.family, loaded.backbone.source
    if pipe.text_encoder is not None:
        bring(loaded, "text_encoder")
        yield
        return
    try:
        with quiet():
            network = family.load_text_encoder(source, pipe.transformer.dtype).eval().requires_grad_(False)
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError) as error:
        raise BackboneError(f"cannot load the text encoder of {loaded.backbone.name}: {cause(error)}") from error
    try:
        if in_layers:
            from diffusers.hooks import apply_group_offloading

            apply_group_offloading(network, onload_device=loaded.device, **LAYER_BY_LAYER)
        else:
            network.to(loaded.device)
        pipe.text_encoder = network
        yield
    finally:
        pipe.text_encoder = None
        del network
        if loaded.device.type == "cuda":
            torch.cuda.empty_cache()


LAYER_BY_LAYER = {"offload_type": "leaf_level", "use_stream": torch.cuda.is_available()}
"""How diffusers lets a network's layers come to the card one by one, the next one while the last one works."""


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
