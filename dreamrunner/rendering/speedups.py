"""What makes a backbone cheaper to run: diffusers' own means, each by its name, put on a pipeline for a while.

Those that are exact may be used for any film. The caches leave out work whose result hardly changes from step to step,
so they change the picture a little: a film has them only if its user says so, and a draft has :data:`DRAFT`.
``benchmarks/speedups.py`` measures what each gains and how far its picture is from the exact one. Importing this costs
nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dreamrunner.backbones.table import denoisers_of, family_of
from dreamrunner.rendering import eight_bits
from dreamrunner.rendering.frames import RenderError

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline

DRAFT = ("first-block-cache",)
"""What a draft is sampled with, beside fewer steps."""
DRAFT_STEPS = 0.2
"""Share of the usual steps that a draft takes."""

OFTEN = 2**30
"""How often one thing is compiled at most."""

COMPILER = "inductor"
"""PyTorch's compiler that ``compile`` uses."""


@dataclass(frozen=True, slots=True)
class Speedup:
    """One of them. ``exact``: the frames are those of without, bit for bit. ``gpu``: it needs one.

    ``package`` is one that it needs, with the extra of that name. ``put`` puts it on a pipeline that computes on
    a device, and gives what takes it off again. ``offloads`` are the networks that it lets come to the card and leave
    it; they lie off it before and afterwards.
    """

    name: str
    about: str
    exact: bool
    put: Callable[[DiffusionPipeline, torch.device], Callable[[], None]]
    gpu: bool = False
    cache: bool = False
    compiles: bool = False
    package: str = ""
    offloads: tuple[str, ...] = ()


@contextlib.contextmanager
def sped_up(
    pipe: DiffusionPipeline,
    names: Sequence[str],
    *,
    device: torch.device | None = None,
    scene: str = "",
    long: bool = False,
    guided: bool = True,
    tell: Callable[[str], None] = lambda said: None,
) -> Iterator[None]:
    """Run a pipeline with the speed-ups of these ``names`` for a while, on ``device``, by default where its transformer
    lies; afterwards it is as it was, apart from where its networks lie. ``tell`` hears when something is compiled.

    Raises:
        RenderError: an unknown name, one that needs a GPU or a package where there is none, two ways to store weights,
            two caches at once, a cache for a scene
            that is ``long``, whose windows would read each other's, or ``faster-cache``, which saves unconditional
            halves, where there are none since the scene is not ``guided``.
    """
    device = device or pipe.transformer.device
    chosen = [find(name) for name in dict.fromkeys(names)]
    caches = [each.name for each in chosen if each.cache]
    if len(caches) > 1:
        raise RenderError(f"{' and '.join(caches)} can't be used together; choose one cache")
    if caches and long:
        raise RenderError(f"scene {scene} is longer than a clip, which {caches[0]} can't film; leave it out")
    if "faster-cache" in caches and not guided:
        raise RenderError("faster-cache needs guidance above 1; leave it out, or choose another cache")
    stored = [each.name for each in chosen if each.package or each.offloads or each.put is _layerwise]
    if len(stored) > 1 and any(each.package for each in chosen):
        raise RenderError(f"{' and '.join(stored)} can't be used together; choose one way to store weights")
    for each in chosen:
        if each.gpu and device.type == "cpu":
            raise RenderError(f"{each.name} needs a GPU, and there is none here")
    with contextlib.ExitStack() as undo:
        for each in chosen:
            undo.callback(each.put(pipe, device))
        if any(each.compiles for each in chosen):
            undo.enter_context(_compiling(tell))
        yield


@contextlib.contextmanager
def _compiling(tell: Callable[[str], None]) -> Iterator[None]:
    """Let PyTorch compile as often as there are shapes, and tell each time. By itself it would give up without a word
    after eight: each scene has texts and regions of its own, each window of a long one regions.
    """
    from torch._dynamo import config
    from torch._dynamo.callback import callback_handler

    count = 0

    def begins(*_: object) -> None:
        nonlocal count
        count += 1
        tell("compiling" if count == 1 else f"compiling again, for other shapes ({count} times so far)")

    callback_handler.register_start_callback(begins)
    try:
        with config.patch(recompile_limit=OFTEN, accumulated_recompile_limit=OFTEN):
            yield
    finally:
        callback_handler.remove_start_callback(begins)


def find(name: str) -> Speedup:
    """The speed-up of a name. Raises RenderError when there is none."""
    if name not in SPEEDUPS:
        raise RenderError(f"there is no speed-up {name}; there are {', '.join(SPEEDUPS)}")
    return SPEEDUPS[name]


def packages(names: Sequence[str]) -> frozenset[str]:
    """The packages that these speed-ups need beside those that come with filming."""
    return frozenset(find(name).package for name in names) - {""}


def offloaded(names: Sequence[str]) -> frozenset[str]:
    """The networks that come to the card and leave it by these speed-ups."""
    return frozenset(part for name in names for part in find(name).offloads)


def draft_steps(usual: int) -> int:
    """How many steps a draft takes of a backbone that usually takes so many."""
    return max(1, round(usual * DRAFT_STEPS))


def inexact(names: Sequence[str]) -> tuple[str, ...]:
    """Those of ``names`` that change the picture, sorted: a film's key holds them."""
    return tuple(sorted({name for name in names if not find(name).exact}))


def _cache(name: str) -> Callable[[DiffusionPipeline, torch.device], Callable[[], None]]:
    def put(pipe: DiffusionPipeline, _: torch.device) -> Callable[[], None]:
        cached = []
        for network in denoisers_of(pipe).values():
            try:
                configuration = family_of(network).cache(name, pipe)
            except KeyError:
                raise RenderError(
                    f"{name} can't be used with this model; leave it out, or choose another cache"
                ) from None
            if configuration is not None:
                network.enable_cache(configuration)
                cached.append(network)

        def off() -> None:
            for network in cached:
                network.disable_cache()

        return off

    return put


def _compile(pipe: DiffusionPipeline, _: torch.device) -> Callable[[], None]:
    blocks = [block for network in denoisers_of(pipe).values() for block in family_of(network).blocks(network)]
    for block in blocks:
        block.compile(backend=COMPILER)

    def off() -> None:
        for block in blocks:
            block._compiled_call_impl = None

    return off


def _layerwise(pipe: DiffusionPipeline, _: torch.device) -> Callable[[], None]:
    import torch
    from diffusers.hooks import HookRegistry

    def put(network: Any) -> Callable[[], None]:
        # Networks may keep some weights in more precision than the rest.
        dtypes = {name: value.dtype for name, value in network.named_parameters()}
        # Off the GPU, where they would take the room that this is to save.
        kept = {name: value.to("cpu", copy=True) for name, value in network.state_dict().items()}
        network.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=network.dtype)

        def off() -> None:
            for module in network.modules():
                registry = getattr(module, "_diffusers_hook", None)
                if isinstance(registry, HookRegistry) and (hook := registry.get_hook("layerwise_casting")) is not None:
                    # The hook refuses to come off, since the weights have lost their precision: put back below.
                    hook.deinitalize_hook = lambda module: module
                    registry.remove_hook("layerwise_casting", recurse=False)
            # Not on the card, on which there may be room for 8 bits only.
            network.to("cpu")
            for name, value in network.named_parameters():
                value.data = value.data.to(dtypes[name])
            network.load_state_dict(kept)

        return off

    return _all([put(network) for network in denoisers_of(pipe).values()])


def _all(undo: Sequence[Callable[[], None]]) -> Callable[[], None]:
    """Each of these, the last one first."""

    def off() -> None:
        for each in reversed(undo):
            each()

    return off


def _offload(pipe: DiffusionPipeline, device: torch.device) -> Callable[[], None]:
    pipe.enable_model_cpu_offload(device=device)

    def off() -> None:
        pipe.remove_all_hooks()
        for network in (*denoisers_of(pipe).values(), pipe.vae):
            network.to("cpu")

    return off


def _group_offload(pipe: DiffusionPipeline, device: torch.device) -> Callable[[], None]:
    from diffusers.hooks import HookRegistry, apply_group_offloading

    from dreamrunner.backbones.loading import LAYER_BY_LAYER

    networks = list(denoisers_of(pipe).values())
    for network in networks:
        apply_group_offloading(network, onload_device=device, **LAYER_BY_LAYER)

    def off() -> None:
        for network in networks:
            for module in network.modules():
                registry = getattr(module, "_diffusers_hook", None)
                if isinstance(registry, HookRegistry):
                    # The last two take themselves off in the first step, to which an interruption may not come.
                    for name in ("group_offloading", "layer_execution_tracker", "lazy_prefetch_group_offloading"):
                        registry.remove_hook(name, recurse=False)
            network.to("cpu")

    return off


def _tiling(pipe: DiffusionPipeline, _: torch.device) -> Callable[[], None]:
    pipe.vae.enable_tiling(*family_of(pipe.vae).tile)  # a smaller picture is one tile
    return pipe.vae.disable_tiling


def _slicing(pipe: DiffusionPipeline, _: torch.device) -> Callable[[], None]:
    pipe.vae.enable_slicing()
    return pipe.vae.disable_slicing


SPEEDUPS = {
    each.name: each
    for each in (
        Speedup(
            "compile",
            "compiles the transformer's blocks (torch.compile); rounds elsewhere",
            False,
            _compile,
            compiles=True,
        ),
        Speedup(
            "first-block-cache",
            "skips steps that are like the last one",
            False,
            _cache("first-block-cache"),
            cache=True,
        ),
        Speedup("pab", "reads old attention in neighbouring steps", False, _cache("pab"), cache=True),
        Speedup(
            "faster-cache", "reads old attention and unconditional halves", False, _cache("faster-cache"), cache=True
        ),
        Speedup("taylorseer", "foretells attention from the steps before", False, _cache("taylorseer"), cache=True),
        Speedup(
            "cpu-offload",
            "keeps on the GPU only the network that works",
            True,
            _offload,
            gpu=True,
            offloads=("transformer", "vae"),
        ),
        Speedup(
            "group-offload",
            "keeps on the GPU only the layer that works",
            True,
            _group_offload,
            gpu=True,
            offloads=("transformer",),
        ),
        Speedup("layerwise-casting", "stores weights in 8 bits", False, _layerwise),
        Speedup(
            "int8-weights",
            "stores weights in 8 bits with a scale a row (torchao)",
            False,
            eight_bits.put,
            package=eight_bits.PACKAGE,
        ),
        Speedup("vae-tiling", "decodes large pictures tile by tile", False, _tiling),
        Speedup("vae-slicing", "decodes a batch one by one", True, _slicing),
    )
}
"""All of them, by name."""
