"""Sections of ``gpu.py``: the autoencoder, the text encoder, and scenes filmed within limits of memory."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from benchmarks.gpu_bench import GB, Bench, Found, rounded
from benchmarks.gpu_models import AtHome, Model
from dreamrunner.backbones.device import Card
from dreamrunner.backbones.encodings import Encodings
from dreamrunner.backbones.loading import Loaded
from dreamrunner.backbones.memory_plan import FILMING, SPARE, MemoryPlan, Work, planned
from dreamrunner.backbones.table import TABLE
from dreamrunner.rendering import RenderError, render
from dreamrunner.rendering.renderer import repeatable
from dreamrunner.rendering.speedups import SPEEDUPS

CONDITIONS = 5
"""Of the scenes that are filmed."""
STEPS = 2
"""How many denoising steps a film takes here: its peak is that of any number, its time is not."""
TILED = "vae-tiling"


@dataclass(frozen=True, slots=True)
class Film:
    """One way to film: a ``model``'s name, the GB it may take (None: all there are), and the speed-ups.

    A ``planned`` one is filmed as a build on a card of ``limit`` GB plans it: T5-XXL encodes the prompts and goes. For
    the others a toy does, and the film takes what sampling and decoding take once the prompts are encoded.
    """

    model: str
    limit: float | None
    speedups: tuple[str, ...] = ()
    planned: bool = False

    def memory(self, model: Model) -> MemoryPlan | None:
        """The plan that it is filmed by."""
        if not self.planned or self.limit is None:
            return None
        card = Card("", *[round(self.limit * GB + SPARE)] * 2)
        work = Work(FILMING, model.size, model.frames, model.frames, CONDITIONS)
        return planned(model.name, TABLE[model.row].memory, card, work)

    def needs_gpu(self, model: Model) -> bool:
        """Whether a processor can't film it."""
        memory = self.memory(model)
        names = [*self.speedups, *((memory.way,) if memory is not None and memory.way != "resident" else ())]
        return any(SPEEDUPS[name].gpu for name in names)

    @property
    def name(self) -> str:
        """What it is called in the results."""
        limit = f"{self.limit:g} GB" if self.limit is not None else "all memory"
        how = "planned" if self.planned else "+".join(self.speedups) or "no speed-ups"
        return f"{self.model}, {limit}, {how}"


def decoding(bench: Bench, found: Found, model: Model) -> None:
    """The autoencoder: decoding and encoding a clip, whole and by tiles, with cuDNN's repeatable algorithms as the
    product has them, and decoding also without.
    """
    vae = model.autoencoder(bench.device)
    width, height = model.size
    kind = {"device": bench.device, "dtype": vae.dtype}
    count, channels, high, wide = model.latents
    latents = torch.randn(1, channels, count, high, wide, **kind)
    video = torch.rand(1, 3, model.frames, height, width, **kind) * 2 - 1
    tiling = SPEEDUPS[TILED].put

    def decode() -> None:
        vae.decode(latents).sample.cpu()

    def encode() -> None:
        vae.encode(video).latent_dist.mode()

    works: tuple[tuple[str, Callable[[], None], bool, bool], ...] = (
        ("decode_tiled", decode, True, True),
        ("decode_whole", decode, False, True),
        ("encode_whole", encode, False, True),
        ("decode_whole_unrepeatable", decode, False, False),
    )
    found["weights_gb"] = bench.held_gb()
    for name, work, tiled, fixed in works:
        row = found[name] = {}
        with contextlib.ExitStack() as stack:
            stack.enter_context(bench.caught(row))
            stack.enter_context(torch.inference_mode())
            if fixed:
                stack.enter_context(repeatable())
            if tiled:
                stack.callback(tiling(_Holding(vae), vae.device))
            with bench.peak(row):
                row |= bench.timed(work, 1 if bench.tiny else 2, warm=0, seconds=3.0)
        bench.save()


class _Holding:
    """A pipeline as far as a speed-up of the autoencoder looks at it."""

    def __init__(self, vae: object) -> None:
        self.vae = vae


def encoding(bench: Bench, found: Found, models: dict[str, Model]) -> None:
    """T5-XXL: what its weights take, and six prompts' time and peak; then layer by layer from the CPU's memory, a
    quarter of its layers, whose peak is that of all.
    """
    for which, model in models.items():
        row = found[which] = {"dtype": str(model.dtype)}
        with bench.caught(row), torch.inference_mode():
            with bench.peak(row):
                network = model.text_encoder(bench.device)
                row["weights_gb"] = bench.held_gb()
                row |= encoded(bench, network, model)
            del network
        bench.save()
    if bench.device != "cuda":
        return
    from diffusers.hooks import apply_group_offloading

    row = found["2b from the CPU, 6 of 24 layers"] = {}
    with bench.caught(row):
        network = models["2b"].text_encoder(bench.device, layers=6).to("cpu")
        apply_group_offloading(network, onload_device=torch.device("cuda"), offload_type="leaf_level", use_stream=True)
        with torch.inference_mode(), bench.peak(row):
            row |= encoded(bench, network, models["2b"])


def encoded(bench: Bench, network: torch.nn.Module, model: Model) -> Found:
    """The seconds of encoding six prompts, one after the other."""
    words = torch.randint(3, 64, (1, model.words), device=bench.device)
    return bench.timed(lambda: [network(words)[0] for _ in range(6)], 2)


def films(bench: Bench, found: Found, models: dict[str, Model], wanted: Sequence[Film], each: float) -> None:
    """Scenes of five conditions by the product's own ``render``; a film begins only if ``each`` seconds are left."""
    found |= {"steps": STEPS, "conditions": CONDITIONS}
    home: AtHome | None = None
    for film in wanted:
        row = found[film.name] = {}
        if bench.left < each and not bench.tiny:
            row["left_out"] = f"{bench.left:.0f} s left, about {each:.0f} needed"
            continue
        model, begun = models[film.model], time.monotonic()
        with bench.caught(row):
            if home is None or home.model is not model:
                home = None
                bench.free()
                home = AtHome(model, bench.device)
                row["made_s"] = time.monotonic() - begun
            shot(bench, row, home, film)
        row["took_s"] = time.monotonic() - begun
        bench.log(f"  {film.name}: {json.dumps(rounded(row))[:600]}")
        bench.free()
        bench.save()


def shot(bench: Bench, row: Found, home: AtHome, film: Film) -> None:
    """One film: whether it ``fits``, and its seconds: ``first_step`` with the networks' coming to the card, a ``step``,
    and what comes after the last (``decode``).

    Peaks are those of ``texts``, ``sampling`` and ``decoding`` apart, so that each can be held to what the plan says.
    What a lack of memory ended is tried again with segments that PyTorch can extend, which leaves fewer gaps.
    """
    memory = film.memory(home.model)
    speedups = film.speedups
    if memory is not None:
        speedups = memory.changing
        row |= {"plan": memory.parts(), "planned_gb": {name: size / GB for name, size in memory.needs.items()}}
    with home.with_text(24 if film.planned else 0), bench.limited(film.limit), own_cache():
        held = home.anew()
        texts = row["texts"] = {}
        with bench.caught(texts), bench.peak(texts):
            texts["seconds"] = bench.once(lambda: encode(held, home.model, memory))
        with contextlib.ExitStack() as stack:
            if "failed" in texts:
                stack.enter_context(home.with_text(0))  # sampling and decoding say something still
            row |= rendered(bench, home.anew(), home.model, speedups, memory=memory)
            if not row["fits"] and bench.device == "cuda":
                again = row["with expandable segments"] = {}
                with bench.caught(again), expandable_segments():
                    again |= rendered(bench, home.anew(), home.model, speedups, memory=memory)
        home.anew()
    peaks = [each["reserved_gb"] for each in (texts, *row.get("peaks", {}).values()) if "reserved_gb" in each]
    if film.limit is not None and peaks:
        row["fits"] = row["fits"] and "failed" not in texts and max(peaks) <= film.limit


def encode(held: Loaded, model: Model, memory: MemoryPlan | None) -> None:
    """Encode the prompts of the scene, as a build does before the first."""
    program = model.program(CONDITIONS)
    Encodings(held).texts([*(each.prompt for each in program.conditions), program.negative_prompt], memory)


@contextlib.contextmanager
def own_cache() -> Iterator[None]:
    """A cache folder of its own for a while: what one film encoded is encoded anew for the next."""
    before = os.environ.get("DREAMRUNNER_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DREAMRUNNER_CACHE"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["DREAMRUNNER_CACHE"]
            else:
                os.environ["DREAMRUNNER_CACHE"] = before


@contextlib.contextmanager
def expandable_segments() -> Iterator[None]:
    """Let PyTorch's allocator extend what it has of the card's memory, for a while."""
    torch.cuda.empty_cache()
    torch.cuda.memory._set_allocator_settings("expandable_segments:True")
    try:
        yield
    finally:
        torch.cuda.empty_cache()
        torch.cuda.memory._set_allocator_settings("expandable_segments:False")


def rendered(
    bench: Bench,
    held: Loaded,
    model: Model,
    speedups: Sequence[str],
    steps: int = STEPS,
    memory: MemoryPlan | None = None,
) -> Found:
    """A film's seconds and peaks; ``fits`` is False where memory did not suffice."""
    row: Found = {"fits": True, "peaks": {}}
    bench.free()
    peak = contextlib.ExitStack()
    peak.enter_context(bench.peak(row["peaks"].setdefault("sampling", {}), freed=False))
    moments = [time.perf_counter()]

    def on_step(_: int, __: int) -> None:
        bench.sync()
        moments.append(time.perf_counter())
        if len(moments) == steps + 1:
            peak.close()
            peak.enter_context(bench.peak(row["peaks"].setdefault("decoding", {}), freed=False))

    try:
        how = {"steps": steps, "speedups": speedups, "memory": memory}
        with peak:
            render(model.program(CONDITIONS), held, seed=1, on_step=on_step, **how)
    except RenderError as error:
        # random weights may overflow, which says nothing about time and memory
        row |= {"refused": str(error), "fits": "memory" not in str(error)}
    bench.sync()
    row["whole"] = time.perf_counter() - moments[0]
    if len(moments) == steps + 1:
        row |= {
            "first_step": moments[1] - moments[0],
            "step": (moments[-1] - moments[1]) / (steps - 1),
            "decode": time.perf_counter() - moments[-1],
        }
    return row
