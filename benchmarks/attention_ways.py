"""The ways to attend that ``attention.py`` compares, and the scene and transformer that they attend in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from diffusers import CogVideoXTransformer3DModel
from diffusers.models.embeddings import apply_rotary_emb
from torch import Tensor

from dreamrunner.backbones import Grid
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.priors import Adapter
from dreamrunner.regions import RegionProgram, masks
from dreamrunner.rendering.attention import region_attention
from dreamrunner.rendering.forms import form_of
from dreamrunner.rendering.layout import RegionLayout
from dreamrunner.rendering.renderer import regional

FIGURES = 4
"""Figures that are in the picture at a time; scenes with more conditions describe them anew as time goes on."""

SIZE = 64
"""Channels of a head."""


def scene(conditions: int, adapters: int = 0) -> tuple[PlannedScene, tuple[Adapter, ...]]:
    """A scene of six seconds with that many conditions (the background is one): up to four figures side by side that
    move and overlap a little, each described anew in every part of the scene. ``adapters``: one for each beat."""
    beats, parts = [], max(1, -(-(conditions - 1) // FIGURES))
    for index in range(conditions - 1):
        figure, part = index % FIGURES, index // FIGURES
        start, end = 6 * part / parts, 6 * (part + 1) / parts
        left = 0.02 + 0.22 * figure
        boxes = (Box(left + shift, 0.3, left + shift + 0.24, 0.9) for shift in (0.0, 0.06))
        keyframes = tuple(KeyFrame(at, box) for at, box in zip((start, end), boxes, strict=True))
        beats.append(
            PlannedBeat(
                entity=f"figure{figure}",
                motion=f"motion{index}",
                start=start,
                end=end,
                description=f"figure {figure} in part {part}",
                keyframes=keyframes,
            )
        )
    planned = PlannedScene(
        name="s",
        background="a garden",
        narration="",
        duration=6.0,
        transition=Transition(),
        seed=0,
        beats=tuple(beats),
    )
    named = (f"motion{index}" for index in range(adapters))
    return planned, tuple(
        Adapter(name=name, kind="motion", of=name, file=Path(f"{name}.safetensors"), digest="0" * 64) for name in named
    )


def grid_of(frames: int, width: int, height: int) -> Grid:
    """The grid of video tokens at a size in pixels: 16 x 16 pixels a token, four frames a latent frame."""
    return Grid(frames=frames, steps=(frames - 1) // 4 + 1, rows=height // 16, columns=width // 16)


def dense_mask(program: RegionProgram, words: int, device: str) -> Tensor:
    """May token a (row) read token b (column) of ``[text of each condition | video]``."""
    covering = torch.from_numpy(masks(program)).to(device)
    text = len(covering) * words
    mask = torch.ones(text + covering.shape[1], text + covering.shape[1], dtype=torch.bool, device=device)
    reads = covering.repeat_interleave(words, 0)
    own = torch.arange(text, device=device) // words
    mask[:text, :text] = own[:, None] == own
    mask[:text, text:], mask[text:, :text] = reads, reads.T
    return mask


def flex_attention(program: RegionProgram, words: int, device: str) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """FlexAttention under the same mask, each token's conditions being the bits of a number."""
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    covering = torch.from_numpy(masks(program)).to(device)
    count, tokens = covering.shape
    bits = (2 ** torch.arange(count, device=device)).long()
    owners = torch.cat([bits.repeat_interleave(words), (covering.long() * bits[:, None]).sum(0)])
    text = count * words

    def may_read(batch: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return (owners[query] & owners[key] != 0) | ((query >= text) & (key >= text))

    block_mask = create_block_mask(may_read, None, None, text + tokens, text + tokens, device=device)
    compiled = torch.compile(flex_attention, dynamic=False)
    return lambda query, key, value: compiled(query, key, value, block_mask=block_mask)


@dataclass
class Way:
    """One way to attend: ``work`` does it once. ``held`` are the bytes that it needs beside (a mask, a layout)."""

    work: Callable[[], Tensor]
    held: int = 0
    seconds: list[float] = field(default_factory=list)
    memory: int = 0


def attention_ways(program: RegionProgram, words: int, heads: int, which: set[str]) -> dict[str, Way]:
    """One attention on the CPU, in float32, of one batch."""
    layout = RegionLayout.of(program, words)
    video = layout_video(program)
    text = len(program.conditions) * words
    generator = torch.Generator().manual_seed(0)
    many = torch.randn(3, 1, heads, text + video, SIZE, generator=generator)
    one = many[..., text - words :, :].contiguous()
    # ours uses the text of its keys and values as working space, as in the transformer, where it makes them itself
    whole = many.clone()

    def ours() -> Tensor:
        whole[1:, :, :, :text] = many[1:, :, :, :text]
        return region_attention(*whole, layout)

    ways = {"plain": Way(lambda: F.scaled_dot_product_attention(*one))}
    if "dense" in which:
        mask = dense_mask(program, words, "cpu")
        ways["dense"] = Way(lambda: F.scaled_dot_product_attention(*many, attn_mask=mask), held=mask.numel())
    ways["ours"] = Way(ours, held=layout.nbytes())
    if "flex" in which:
        flex = flex_attention(program, words, "cpu")
        ways["flex"] = Way(lambda: flex(*many))
    return ways


def layout_video(program: RegionProgram) -> int:
    """How many video tokens a program has."""
    return program.grid.steps * program.grid.rows * program.grid.columns


class Attending:
    """A CogVideoX attention processor around an attention that takes query, key and value."""

    def __init__(self, attend: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
        self.attend = attend

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        image_rotary_emb: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Tensor, Tensor]:
        text = encoder_hidden_states.shape[1]
        states = torch.cat([encoder_hidden_states, hidden_states], 1)
        query, key, value = (
            project(states).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
            for project in (attn.to_q, attn.to_k, attn.to_v)
        )
        query, key = attn.norm_q(query), attn.norm_k(key)
        if image_rotary_emb is not None:
            query[:, :, text:] = apply_rotary_emb(query[:, :, text:], image_rotary_emb)
            key[:, :, text:] = apply_rotary_emb(key[:, :, text:], image_rotary_emb)
        attended = self.attend(query, key, value).transpose(1, 2).flatten(2)
        attended = attn.to_out[1](attn.to_out[0](attended))
        return attended[:, text:], attended[:, :text]


@contextlib.contextmanager
def attending(transformer: CogVideoXTransformer3DModel, attend: Callable[..., Tensor]) -> Iterator[None]:
    """Let a transformer attend that way for a while."""
    before = dict(transformer.attn_processors)
    transformer.set_attn_processor(Attending(attend))
    try:
        yield
    finally:
        transformer.set_attn_processor(before)


def build_transformer(grid: Grid, words: int, heads: int, layers: int, device: str) -> CogVideoXTransformer3DModel:
    """CogVideoX-2B's transformer at a number of heads and layers, random weights; half precision on a GPU."""
    torch.manual_seed(0)
    with torch.device(device):
        transformer = CogVideoXTransformer3DModel(
            num_attention_heads=heads,
            attention_head_dim=SIZE,
            num_layers=layers,
            sample_width=2 * grid.columns,
            sample_height=2 * grid.rows,
            sample_frames=grid.frames,
            max_text_seq_length=words,
        )
    if device == "cuda":
        transformer.half()
    return transformer.eval().requires_grad_(False)


def step_ways(
    program: RegionProgram, words: int, heads: int, layers: int, device: str, which: set[str]
) -> dict[str, Way]:
    """A whole denoising step with guidance (a batch of two)."""
    grid, count = program.grid, len(program.conditions)
    transformer = build_transformer(grid, words, heads, layers, device)
    layout = RegionLayout.of(program, words, device=device, form=form_of(program, device))
    kind = {"device": device, "dtype": transformer.dtype}
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(2, grid.steps, 16, 2 * grid.rows, 2 * grid.columns, generator=generator).to(**kind)
    prompts = torch.randn(2, count * words, 4096, generator=generator).to(**kind)

    def step(text: Tensor, **more: Any) -> Tensor:
        timestep = torch.full((2,), 500, device=device)
        with FAMILY.text_length(transformer, text.shape[1]):
            return transformer(latents, text, timestep, return_dict=False, **more)[0]

    def ours() -> Tensor:
        with regional(transformer):
            return step(prompts, attention_kwargs={"regions": layout})

    def by(attend: Callable[..., Tensor]) -> Callable[[], Tensor]:
        def work() -> Tensor:
            with attending(transformer, attend):
                return step(prompts)

        return work

    ways = {"plain": Way(lambda: step(prompts[:, -words:])), "ours": Way(ours)}
    if "dense" in which:
        mask = dense_mask(program, words, device)
        ways["dense"] = Way(by(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=mask)), mask.numel())
    if "flex" in which:
        ways["flex"] = Way(by(flex_attention(program, words, device)))
    return ways
