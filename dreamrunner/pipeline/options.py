"""How to film a story, where it is not the story's to say."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import TypedDict

from dreamrunner.pipeline.tasks.makers.render import Attention


@dataclass(frozen=True)
class Options:
    """How to film, where it is not the story's to say. ``None`` leaves it to the story or to the backbone.

    ``scene`` films that scene alone; ``steps`` and ``guidance`` are the sampler's; ``attention`` chooses region
    attention (paper 3.3) or one of its ablations; ``smooth`` lets ffmpeg interpolate motion between the frames.
    ``draft`` takes a quick look into a folder of its own, with fewer steps and a cache; ``speedups`` are names of what
    makes rendering cheaper, of which those that change the picture are only ever used when named here.
    ``burn_subtitles`` draws the narration into the film in place of its subtitle track; ``voice`` speaks it, as
    :func:`~dreamrunner.speech.find_voice` finds it. ``adapters`` is a folder of LoRAs trained before (by default the one
    of ``DREAMRUNNER_ADAPTERS``), ``train_steps`` how long new ones are trained. A ``model`` that is a folder is looked
    up from the current folder, one in a story's header from the story's.

    ``force`` films anew what is kept, the whole film or that one scene; what was trained stays. ``keep_going`` lets one
    scene that fails not keep the others from being made.
    """

    model: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    scene: str | None = None
    attention: Attention = "sr3ai"
    smooth: bool = False
    burn_subtitles: bool = False
    voice: str | None = None
    draft: bool = False
    speedups: tuple[str, ...] = ()
    adapters: str | PathLike[str] | None = None
    train_steps: int | None = None
    force: bool = False
    keep_going: bool = False
    allow_outside: bool = False


class How(TypedDict, total=False):
    """The same as keyword arguments, without ``allow_outside``, which is said when a story is read."""

    model: str | None
    seed: int | None
    steps: int | None
    guidance: float | None
    scene: str | None
    attention: Attention
    smooth: bool
    burn_subtitles: bool
    voice: str | None
    draft: bool
    speedups: tuple[str, ...]
    adapters: str | PathLike[str] | None
    train_steps: int | None
    force: bool
    keep_going: bool
