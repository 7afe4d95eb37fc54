"""A plan for a GPU's memory, made before anything is loaded: what lies on the card at each stage, and whether it fits.

Prompts are encoded first and kept, with nothing but the text encoder on the card, which is gone before the transformer
comes. The transformer lies on the card while it samples, or comes to it layer by layer; while pictures are decoded or
clips encoded it leaves the card where both don't fit. All that gives the same bits. What does not, decoding and
encoding by tiles, is planned by the card's whole memory, so that the same card always gives the same film; the rest by
what is free of it. What the user asks for overrules the plan. No torch: arithmetic on a model's
:class:`~dreamrunner.backbones.footprint.Footprint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.device import Card
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.footprint import GB, USUAL_CONDITIONS, Footprint
from dreamrunner.backbones.table import TABLE

MARGIN = 1.15
"""Memory that is kept for activations, over what live tensors take: the gaps of PyTorch's allocator."""

SPARE = 0.7 * GB
"""Bytes of a card that are nobody's: CUDA itself takes some 0.5 GB."""

LAYERS = 0.6 * GB
"""Bytes that a network's layers take where they come to the card one by one (0.4 GB with T5-XXL on an H200)."""

PICTURE = 4
"""Copies of all frames, in half precision, that there are at once while they are decoded."""

CARDS = (8, 12, 16, 24, 32, 48, 80)
"""Sizes of cards, in GB, of which a refusal names the smallest that does."""

Stage = Literal["texts", "sampling", "decoding", "encoding", "training", "preview"]
FILMING: tuple[Stage, ...] = ("texts", "sampling", "decoding")
"""The stages of filming a scene."""

TRAINING: tuple[Stage, ...] = ("texts", "encoding", "training")
"""The stages of a training, without a preview."""

Way = Literal["resident", "group-offload", "cpu-offload", "layerwise-casting", "int8-weights"]
"""Where the transformer's weights are while it samples: on the card; coming layer by layer; on the card in turn with
the autoencoder; on the card in 8 bits. All but the first are called as the speed-ups that do it."""

_WAYS: tuple[Way, ...] = ("group-offload", "cpu-offload", "layerwise-casting", "int8-weights")
_HALVED: tuple[Way, ...] = ("layerwise-casting", "int8-weights")


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do: the ``stages``, at ``size`` (width, height in pixels), with clips of ``clip`` pixel frames.

    ``frames`` are those of the longest scene, ``conditions`` the most texts of one. ``asked`` are the user's speed-ups.
    ``clips`` are those that a motion is trained on, 0 for a character. ``loras`` are those of the scene with the most:
    of how many numbers each is, None for one that is yet to be trained.
    """

    stages: tuple[Stage, ...]
    size: tuple[int, int]
    clip: int
    frames: int
    conditions: int = USUAL_CONDITIONS
    asked: tuple[str, ...] = ()
    clips: int = 0
    loras: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What lies where on a ``card``.

    ``texts_in_layers``: the text encoder's layers come to the card one by one. ``way`` is the transformer's while it
    samples. ``tiled`` are the stages of the autoencoder that work by tiles, ``parked`` the stages for which the
    transformer leaves the card. ``needs`` has the bytes of each stage. ``refused`` says why it can't be done, "" where
    it can.
    """

    card: Card
    way: Way
    texts_in_layers: bool
    tiled: frozenset[Stage]
    parked: frozenset[Stage]
    needs: Mapping[Stage, int]
    refused: str = ""

    @property
    def changing(self) -> tuple[str, ...]:
        """The speed-ups that it adds which change the picture."""
        return ("vae-tiling",) if "decoding" in self.tiled else ()

    def said(self) -> str:
        """It in a line."""
        card = self.card
        return f"memory: {card.name}, {card.free / GB:.1f} of {_gb(card.total)} free: {', '.join(self.parts())}"

    def parts(self) -> list[str]:
        """What is done at each stage, and what that takes."""
        told = {
            "texts": "prompts first" + (", the encoder layer by layer" if self.texts_in_layers else ""),
            "sampling": {
                "resident": "sampling with all weights on the card",
                "group-offload": "sampling with weights that come layer by layer",
                "cpu-offload": "sampling and decoding in turn",
                "layerwise-casting": "sampling with weights in 8 bits",
                "int8-weights": "sampling with weights in 8 bits",
            }[self.way],
            "decoding": self._clip("decoding", "frames decoded"),
            "encoding": self._clip("encoding", "clips encoded"),
            "training": "training with all weights on the card",
            "preview": "its previews",
        }
        return [f"{told[stage]} ({_gb(size)})" for stage, size in self.needs.items()]

    def _clip(self, stage: Stage, done: str) -> str:
        how = "by tiles, which shows a little" if stage in self.tiled else "whole"
        return f"{done} {how}{', the transformer off the card' if stage in self.parked else ''}"


def plan_for(backbone: Backbone, card: Card | None, work: Work) -> MemoryPlan | None:
    """The plan for a backbone; None where there is no card, nobody knows its size, or the model is too small to matter.

    Raises:
        BackboneError: the model's files went away.
    """
    footprint = backbone.memory
    if card is None or not card.total or footprint is None:
        return None
    return planned(backbone.name, footprint, card, work)


def planned(model: str, footprint: Footprint, card: Card, work: Work) -> MemoryPlan:
    """The plan for a model called ``model``; its ``refused`` names what would help, of which all does."""
    plan = _plan(footprint, card, work)
    lacking = [stage for stage, size in plan.needs.items() if size > _room(card.free)]
    if not lacking:
        return plan
    stage = lacking[0]
    width, height = work.size
    wanted = f"{_DOING[stage]} with {model} at {width}x{height} takes {_gb(plan.needs[stage])} of a GPU's memory"
    usable = f"{card.name} has {_gb(_room(card.free))} to give"
    if plan.needs[stage] <= _room(card.total):
        usable += f" of its {_gb(card.total)}, since other programs hold some: close them"
        return replace(plan, refused=f"{wanted}, and {usable}")
    return replace(plan, refused=f"{wanted}, and {usable}: {', or '.join(_helps(model, footprint, card, work))}")


def said_of_models(card: Card) -> str:
    """Which models of the table film on a card of which nothing else uses any, each at its own size, in a line."""
    ways: dict[Way, list[str]] = {"resident": [], "group-offload": []}
    for row in TABLE.values():
        if row.memory is not None:
            work = Work(FILMING, row.memory.size, row.memory.frames, row.memory.frames)
            plan = planned(row.name, row.memory, Card(card.name, card.total, card.total), work)
            if not plan.refused:
                ways[plan.way].append(row.name)
    told = {"resident": "with all weights on the card", "group-offload": "with weights that come layer by layer"}
    found = [f"{', '.join(names)} {told[way]}" for way, names in ways.items() if names]
    return f"models for a card of {_gb(card.total)}: {'; '.join(found) or 'none of those known here'}"


def require(plan: MemoryPlan | None) -> None:
    """Refuse what doesn't fit.

    Raises:
        BackboneError: the plan says why.
    """
    if plan is not None and plan.refused:
        raise BackboneError(plan.refused)


_DOING: Mapping[Stage, str] = {
    "texts": "reading prompts",
    "sampling": "sampling",
    "decoding": "decoding a clip",
    "encoding": "encoding a clip",
    "training": "training",
    "preview": "a training's preview",
}


def _plan(footprint: Footprint, card: Card, work: Work) -> MemoryPlan:
    """The plan, whether it fits or not."""
    room, whole = _room(card.free), _room(card.total)
    width, height = work.size
    area = width * height / (footprint.size[0] * footprint.size[1])
    long = work.clip / footprint.frames
    transformer, autoencoder = footprint.transformer * GB, footprint.autoencoder * GB
    words = footprint.words
    tokens = (footprint.tokens * area * long + work.conditions * words) / (footprint.tokens + USUAL_CONDITIONS * words)
    adapted = footprint.adapting if work.loras or "preview" in work.stages else 0.0
    sampling = (footprint.sampling + adapted) * GB * tokens * MARGIN
    # two bytes a number, also of those that are trained here and lie in files in four
    loras = sum(footprint.lora * GB / 2 if numbers is None else 2 * numbers for numbers in work.loras)
    picture = PICTURE * 2 * 3 * width * height * max(0, work.frames - footprint.frames)
    asked = next((way for way in _WAYS if way in work.asked), None)
    takes: dict[Way, float] = {
        "resident": transformer + loras + autoencoder + sampling,
        "group-offload": LAYERS + autoencoder + sampling,
        "cpu-offload": transformer + loras + sampling,
    }
    takes |= dict.fromkeys(_HALVED, transformer / 2 + loras + autoencoder + sampling)
    way: Way = asked or ("resident" if takes["resident"] <= room else "group-offload")
    needs: dict[Stage, float] = {}
    tiled: set[Stage] = set()
    parked: set[Stage] = set()
    in_layers = footprint.text_encoder * GB * 1.03 > room
    if "texts" in work.stages:
        needs["texts"] = LAYERS if in_layers else footprint.text_encoder * GB * 1.03
    if "sampling" in work.stages:
        needs["sampling"] = takes[way]
    resting = takes[way] - sampling - autoencoder if way in ("resident", *_HALVED) else 0.0
    for stage, all_at_once, by_tiles, more in (
        ("decoding", footprint.decoding, footprint.decoding_tiled, picture),
        ("encoding", footprint.encoding, footprint.encoding_tiled, 0.0),
    ):
        if stage not in work.stages:
            continue
        beside = resting if stage == "decoding" else transformer
        size = autoencoder + all_at_once * GB * area * MARGIN + more
        if size > whole or "vae-tiling" in work.asked:
            tiled.add(stage)
            # a tile's size is that of no picture
            size = autoencoder + min(by_tiles, all_at_once * area) * GB * MARGIN + more
        if size + beside > room:
            parked.add(stage)
            beside = 0.0
        needs[stage] = size + beside
    if "training" in work.stages:
        # a prior's matrices, those of each clip's looks, and two moments of each number
        held = transformer + 3 * footprint.lora * GB * (1 + work.clips)
        needs["training"] = held + footprint.training * GB * area * long * MARGIN
        if "preview" in work.stages:
            shown = autoencoder + min(footprint.decoding_tiled, footprint.decoding * area) * GB * MARGIN
            needs["preview"] = held + max(sampling, shown)
    return MemoryPlan(
        card=card,
        way=way,
        texts_in_layers=in_layers,
        tiled=frozenset(tiled),
        parked=frozenset(parked),
        needs={stage: round(size) for stage, size in needs.items()},
    )


def _helps(model: str, footprint: Footprint, card: Card, work: Work) -> list[str]:
    """What would make it fit, each tried."""

    def fits(other: Footprint, at: Card, what: Work) -> bool:
        plan = _plan(other, at, what)
        return all(size <= _room(at.free) for size in plan.needs.values())

    free = replace(work, asked=tuple(name for name in work.asked if name not in _WAYS))
    found = []
    if free != work and fits(footprint, card, free):
        found.append(f"leave {' and '.join(name for name in work.asked if name in _WAYS)} out")
    width, height = work.size
    for share in (0.75, 0.5):
        smaller = int(width * share) // 16 * 16, int(height * share) // 16 * 16
        if min(smaller) and fits(footprint, card, replace(work, size=smaller)):
            found.append(f"film at {smaller[0]}x{smaller[1]}")
            break
    for row in TABLE.values():
        if row.name != model and row.memory is not None and ("training" not in work.stages or row.memory.training):
            its = replace(work, size=row.memory.size, clip=row.memory.frames, frames=row.memory.frames)
            if fits(row.memory, card, its):
                found.append(f"take {row.name}")
                break
    enough = next((gb for gb in CARDS if fits(footprint, Card("", gb * GB, gb * GB), work)), None)
    if enough is not None:
        found.append(f"use a card of {enough} GB")
    if "training" in work.stages:
        found.append("name a LoRA that was trained elsewhere")
    return found or ["no card that is known here has as much"]


def _room(memory: int) -> float:
    """What a plan may take of so much memory."""
    return memory - SPARE


def _gb(size: float) -> str:
    return f"{size / GB:.1f} GB"
