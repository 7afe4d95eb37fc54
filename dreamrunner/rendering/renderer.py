"""Rendering: a region program through a stock diffusers pipeline, into frames."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch.nn import Module

from dreamrunner.backbones.encodings import Encodings
from dreamrunner.backbones.family import EXPERTS, Family
from dreamrunner.backbones.loading import Loaded, bring, in_turn, put_away, quiet
from dreamrunner.backbones.memory_plan import MemoryPlan
from dreamrunner.backbones.table import denoisers_of, family_of
from dreamrunner.priors.values import Adapter
from dreamrunner.regions import RegionProgram
from dreamrunner.rendering.attention import RegionAttnProcessor, current
from dreamrunner.rendering.cross_attention import Call, by_cross_attention
from dreamrunner.rendering.forms import form_of
from dreamrunner.rendering.frames import Frames, RenderError
from dreamrunner.rendering.kinds import DEFAULT_ATTENTION, AttentionKind
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.region_lora import adapted, rows_of_all
from dreamrunner.rendering.sampling import Begun, resumable, sampling_file
from dreamrunner.rendering.speedups import find, offloaded, sped_up
from dreamrunner.rendering.windows import Window, windowed, windows_of

LoraKind = Literal["region", "global"]


def render(
    program: RegionProgram,
    loaded: Loaded,
    adapters: Sequence[Adapter] = (),
    *,
    seed: int,
    steps: int | None = None,
    guidance: float | None = None,
    attention: AttentionKind = DEFAULT_ATTENTION,
    lora: LoraKind = "region",
    unconditional_regions: bool = True,
    speedups: Sequence[str] = (),
    memory: MemoryPlan | None = None,
    texts: Sequence[str] = (),
    key: str | None = None,
    checkpoint: Path | None = None,
    save_every: float | None = None,
    on_step: Callable[[int, int], None] | None = None,
    tell: Callable[[str], None] = lambda said: None,
) -> Frames:
    """Film one scene.

    The same arguments on the same machine give the same frames, bit for bit. ``steps`` and ``guidance`` are the
    backbone's own unless given; guidance of 1 or less samples without the unconditional branch. A second network that
    denoises has its own by the backbone's proportion. ``attention`` is
    ``sr3ai``, or one of its ablations: ``hard`` also keeps regions' video tokens from reading each other, ``plain``
    has one prompt and no regions (its adapters then work everywhere). ``lora="global"`` lets adapters work everywhere
    under any attention. ``unconditional_regions=False`` samples the unconditional branch of guidance without regions
    and region LoRAs; the paper's released code has them there too. Where guidance's branches are two calls, the
    unconditional one has a single text: there ``True`` is of region LoRAs on video, and of ``hard``. ``speedups`` are
    names of :data:`~dreamrunner.rendering.speedups.SPEEDUPS`; ``memory`` is the plan for the GPU, of which what changes
    the picture is up to ``speedups``. ``texts`` are prompts of other scenes, encoded along with this one's if the text
    encoder is needed. ``on_step`` is told (steps done, all steps), ``tell`` in words what else takes time.

    A program that has more steps than the backbone's own grid is filmed in overlapping windows
    (:mod:`dreamrunner.rendering.windows`). Of ``adapters`` those that the program's LoRA maps name are used, and those
    for the whole picture, which work on all tokens under any attention. The pipeline is left as it was found, apart
    from where its networks lie, also when an exception or Ctrl-C cuts rendering short.

    ``key`` names all that the frames depend on. With one, the sampling is kept at ``checkpoint`` (by default a file in
    the cache folder) every ``save_every`` seconds, one that was cut short is gone on from, and the file is the caller's
    to remove once the frames are safe. A cache keeps more between two steps than a checkpoint does, so with one the
    scene is begun anew.

    Raises:
        OSError: the checkpoint can't be written.
        RenderError: the program was made for another backbone or size, lacks an adapter, needs too much memory, or
            gave no valid picture; there is no region attention for this kind of backbone.
        AdapterError: an adapter's file cannot be used with this backbone.
    """
    backbone, family, pipe = loaded.backbone, loaded.family, loaded.pipe
    if not program.grid.continues(backbone.grid):
        raise RenderError(
            f"scene {program.scene} was lowered for another model or size than {backbone.name} at"
            f" {backbone.width}x{backbone.height}; lower it again for this one"
        )
    used = _used_adapters(program, adapters)
    if attention != "plain":
        require_regions(family)
    prompts = [condition.prompt for condition in program.conditions] if attention != "plain" else [program.plain_prompt]
    guidance = backbone.guidance if guidance is None else guidance
    steps = backbone.steps if steps is None else steps
    most = pipe.scheduler.config.num_train_timesteps
    if not 1 <= steps <= most:
        raise RenderError(f"cannot sample with {steps} steps: {backbone.name} takes 1 to {most}")
    conditional_only = not unconditional_regions and guidance > 1
    device = loaded.device
    form = form_of(program, device.type) if attention == "sr3ai" else None
    names = [*dict.fromkeys([*speedups, *(() if memory is None or memory.way == "resident" else (memory.way,))])]

    def window(start: int, part: RegionProgram) -> Window:
        if attention == "plain":
            return Window(start)
        layout = RegionLayout.of(
            part,
            backbone.text_tokens,
            device=device,
            hard=attention == "hard",
            unconditional_regions=not conditional_only,
            form=form,
        )
        if lora == "global":
            return Window(start, layout)
        rows = rows_of_all(part, backbone.text_tokens, family, conditional_only=conditional_only, device=device)
        if layout.in_order is not None:
            places = layout.in_order.places
            rows = {place: each.among(places) if "video" in place[1] else each for place, each in rows.items()}
        return Window(start, layout, rows)

    length, total = backbone.grid.steps, program.grid.steps
    windows = [window(start, part) for start, part in windows_of(program, length)]
    layout = windows[0].layout
    rows = dict(windows[0].rows) if windows[0].rows is not None else None

    call = Call()

    @contextlib.contextmanager
    def prepared(words: int) -> Iterator[None]:
        """Let every network that denoises take so many tokens of text, by region and adapted, for a while."""
        with contextlib.ExitStack() as stack:
            for expert, network in zip(EXPERTS, denoisers_of(pipe).values(), strict=False):
                its = [adapter for adapter in used if adapter.expert in ("", expert)]
                stack.enter_context(adapted(network, its, rows, call))
                stack.enter_context(family.text_length(network, words))
                stack.enter_context(regional(network, layout is not None, call, hard=attention == "hard"))
                stack.enter_context(windowed(network, family, windows, length, total, rows))
            yield

    # noise is drawn on the CPU, so that a seed means the same on every device
    generator = torch.Generator("cpu").manual_seed(seed % 2**63)
    kept: contextlib.AbstractContextManager[Begun] = contextlib.nullcontext(Begun())
    if key is not None and not any(find(name).cache for name in speedups):
        file = checkpoint or sampling_file(key)
        kept = resumable(pipe, generator, steps, key=key, checkpoint=file, save_every=save_every)

    # Not inference_mode: what casts or moves weights in it leaves some that nothing can be trained on.
    with in_memory(program, loaded, names), torch.no_grad(), quiet(), repeatable():
        encoded = Encodings(loaded).texts([*prompts, program.negative_prompt, *texts], memory)
        read = {text: encoded[text].to(device)[None] for text in (*prompts, program.negative_prompt)}
        positive = family.join_texts([read[prompt] for prompt in prompts])
        copies = len(prompts) if family.branches == "batch" else 1
        negative = family.join_texts([read[program.negative_prompt]] * copies)
        with (
            prepared(positive.shape[1]),
            in_turn(loaded, "transformer" not in offloaded(names)),
            sped_up(
                pipe, names, device=device, scene=program.scene, long=len(windows) > 1, guided=guidance > 1, tell=tell
            ),
            kept as begun,
        ):
            parked = memory is not None and "decoding" in memory.parked and not offloaded(names)
            here = [part for part in ("vae", "transformer") if part not in offloaded(names)]
            bring(loaded, *here, returning=parked)

            def step_done(step: int) -> None:
                if on_step is not None:
                    on_step(begun.done + step + 1, begun.done + pipe.num_timesteps)

            latents = family.sample(
                pipe,
                positive=positive,
                negative=negative,
                size=(backbone.width, backbone.height),
                frames=program.grid.frames,
                steps=steps,
                guidance=guidance,
                low_guidance=backbone.low_guidance_at(guidance),
                generator=generator,
                latents=begun.latents,
                attention={"regions": layout} if layout is not None else None,
                on_step=step_done,
            )
            if parked:
                put_away(loaded, *loaded.denoisers)
            video = family.decode(pipe, latents, program.grid.frames)
    if not np.isfinite(video).all():
        raise RenderError(f"scene {program.scene} came out empty: {backbone.name} overflowed its number range")
    return Frames(np.ascontiguousarray(np.round(video * 255).astype(np.uint8)), program.duration)


def _used_adapters(program: RegionProgram, adapters: Sequence[Adapter]) -> list[Adapter]:
    by_name = {adapter.name: adapter for adapter in adapters}
    missing = [one.adapter for one in program.lora_maps if one.adapter not in by_name]
    if missing:
        raise RenderError(f"scene {program.scene} uses {missing[0]}, but no such adapter was given")
    whole = [adapter for adapter in adapters if adapter.kind == "picture"]
    return [*(by_name[one.adapter] for one in program.lora_maps), *whole]


def require_regions(family: Family) -> None:
    """See that models of a family can attend by region.

    Raises:
        RenderError: text and video meet in a way that there is no region attention for yet.
    """
    meeting = family.conditioning, family.token_order, family.branches
    if meeting not in (("joint", ("text", "video"), "batch"), ("cross", ("video",), "calls")):
        order = " | ".join(family.token_order)
        raise RenderError(
            f"{family.name} models can't be filmed by region: there is no region attention yet for"
            f" {family.conditioning} conditioning of [{order}] with guidance in {family.branches}; use the attention"
            " plain"
        )


@contextlib.contextmanager
def regional(
    transformer: Module, wanted: bool = True, call: Call | None = None, *, hard: bool = False
) -> Iterator[None]:
    """Let a transformer attend by region for a while; it is then called with ``attention_kwargs={"regions": ...}``, and
    has the layout's order of the video tokens while it computes.

    Where text stands in an attention of its own, ``call`` tells those inside it what it is called with, and ``hard``
    says whether layouts are hard ones.
    """
    if not wanted:
        yield
        return
    family = family_of(transformer)
    require_regions(family)
    if family.conditioning == "cross":
        with by_cross_attention(transformer, family, call or Call(), hard):
            yield
        return
    processor, attentions = RegionAttnProcessor(family), family.text_attentions(transformer)
    before = [each.processor for each in attentions]
    forward, own_forward = transformer.forward, transformer.__dict__.get("forward")

    def in_order(*arguments: Any, **named: Any) -> Any:
        layout: RegionLayout | None = (named.get("attention_kwargs") or {}).get("regions")
        with current(layout):
            if layout is None or layout.in_order is None:
                return forward(*arguments, **named)
            order = layout.in_order
            with family.reordered(transformer, order.order, order.places, named) as its:
                return forward(*arguments, **its)

    for each in attentions:
        each.set_processor(processor)
    transformer.forward = in_order
    try:
        yield
    finally:
        for each, own in zip(attentions, before, strict=True):
            each.set_processor(own)
        if own_forward is None:
            del transformer.forward
        else:
            transformer.forward = own_forward  # a hook's


@contextlib.contextmanager
def in_memory(program: RegionProgram, loaded: Loaded, names: Sequence[str] = ()) -> Iterator[None]:
    """Turn a GPU's lack of memory into the error of this stage. ``names`` are the speed-ups that did not suffice."""
    try:
        yield
    except torch.OutOfMemoryError:
        backbone = loaded.backbone
        unused = [name for name in ("group-offload", "vae-tiling") if name not in names and not offloaded(names)]
        helps = " or ".join([*(f"--speedup {name}" for name in unused), "a smaller size or model"])
        raise RenderError(
            f"scene {program.scene} at {backbone.width}x{backbone.height} needs more memory than this GPU has left;"
            f" close what else uses it, or use {helps}"
        ) from None


@contextlib.contextmanager
def repeatable() -> Iterator[None]:
    """Keep cuDNN to algorithms that give the same bits every time."""
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before
