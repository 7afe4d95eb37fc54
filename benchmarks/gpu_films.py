"""Sections of ``gpu.py``: the autoencoder, the text encoder, and scenes filmed within limits of memory."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from benchmarks.gpu_bench import GB, Bench, Found
from benchmarks.gpu_models import Model, autoencoder, loaded, text_encoder
from dreamrunner.backbones.device import Card
from dreamrunner.backbones.loading import Loaded, put_away
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

    With ``whole_text`` the pipeline has all of T5-XXL, as a loaded model has. Without, a toy stands for it, and the
    film takes what sampling and decoding take once the prompts are encoded. A ``planned`` one is filmed as a build on a
    card of ``limit`` GB plans it, from weights that lie in the computer's memory.
    """

    model: str
    limit: float | None
    speedups: tuple[str, ...] = ()
    whole_text: bool = False
    planned: bool = False

    def memory(self, model: Model) -> MemoryPlan | None:
        """The plan that it is filmed by."""
        if not self.planned or self.limit is None:
            return None
        card = Card("", *[round(self.limit * GB + SPARE)] * 2)
        work = Work(FILMING, model.size, model.frames, model.frames, CONDITIONS)
        return planned(model.name, TABLE[f"cogvideox-{self.model}"].memory, card, work)

    def needs_gpu(self, model: Model) -> bool:
        """Whether a processor can't film it."""
        memory = self.memory(model)
        names = [*self.speedups, *((memory.way,) if memory is not None and memory.way != "resident" else ())]
        return any(SPEEDUPS[name].gpu for name in names)

    @property
    def name(self) -> str:
        """What it is called in the results."""
        limit = f"{self.limit:g} GB" if self.limit is not None else "all memory"
        text = " with T5-XXL" if self.whole_text else ""
        how = "planned" if self.planned else "+".join(self.speedups) or "no speed-ups"
        return f"{self.model}{text}, {limit}, {how}"


def decoding(bench: Bench, found: Found, model: Model) -> None:
    """The autoencoder: decoding and encoding a clip, whole and by tiles, with cuDNN's repeatable algorithms as the
    product has them, and decoding also without.
    """
    vae = autoencoder(model, bench.device)
    width, height = model.size
    kind = {"device": bench.device, "dtype": model.dtype}
    latents = torch.randn(1, 16, model.grid.steps, height // 8, width // 8, **kind)
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
                network = text_encoder(model, bench.device)
                row["weights_gb"] = bench.held_gb()
                row |= encoded(bench, network, model)
            del network
        bench.save()
    if bench.device != "cuda":
        return
    from diffusers.hooks import apply_group_offloading

    row = found["2b from the CPU, 6 of 24 layers"] = {}
    with bench.caught(row):
        network = text_encoder(models["2b"], bench.device, layers=6).to("cpu")
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
    for film in wanted:
        row = found[film.name] = {}
        if bench.left < each and not bench.tiny:
            row["left_out"] = f"{bench.left:.0f} s left, about {each:.0f} needed"
            continue
        with bench.caught(row):
            shot(bench, row, models[film.model], film)
        bench.free()
        bench.save()


def shot(bench: Bench, row: Found, model: Model, film: Film) -> None:
    """One film: whether it ``fits``, its peak, and its seconds: ``first_step`` with the prompts, a ``step``, and what
    comes after the last (``decode``).
    """
    held, memory = loaded(model, bench.device, whole_text=film.whole_text), film.memory(model)
    row["weights_gb"] = bench.held_gb()
    speedups = film.speedups
    if memory is not None:
        put_away(held, "transformer", "vae", "text_encoder")
        speedups, row["plan"] = memory.changing, memory.parts()
        row["weights_gb"] = bench.held_gb()
    with bench.limited(film.limit), bench.peak(row):
        row |= rendered(bench, held, model, speedups, memory=memory)
    if film.limit is not None and bench.device == "cuda":
        # weights that this benchmark makes on the GPU stay there unless the film is planned
        row["fits"] = row["fits"] and row["weights_gb"] < film.limit and row["reserved_gb"] <= film.limit


def rendered(
    bench: Bench,
    held: Loaded,
    model: Model,
    speedups: Sequence[str],
    steps: int = STEPS,
    memory: MemoryPlan | None = None,
) -> Found:
    """A film's seconds; ``fits`` is False where memory did not suffice."""
    moments = [time.perf_counter()]

    def on_step(_: int, __: int) -> None:
        bench.sync()
        moments.append(time.perf_counter())

    row: Found = {"fits": True}
    try:
        how = {"steps": steps, "speedups": speedups, "memory": memory}
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
