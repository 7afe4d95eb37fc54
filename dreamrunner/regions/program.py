"""The region program: one scene lowered to one backbone's grid of video tokens (paper 3.3, A.3)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from dreamrunner.backbones.grid import Grid


class Rectangle(BaseModel):
    """Tokens [row0, row1) x [column0, column1) of one token frame; never empty."""

    model_config = ConfigDict(frozen=True)

    row0: int
    row1: int
    column0: int
    column1: int


class Condition(BaseModel):
    """A prompt and the tokens it guides: for each token frame the union of its rectangles (maybe none)."""

    model_config = ConfigDict(frozen=True)

    prompt: str
    regions: tuple[tuple[Rectangle, ...], ...]


class LoraMap(BaseModel):
    """Where one adapter works: the tokens of its entity or motion, or those where nobody is for a location's, and the
    text of those conditions (by index)."""

    model_config = ConfigDict(frozen=True)

    adapter: str
    regions: tuple[tuple[Rectangle, ...], ...]
    conditions: tuple[int, ...]


class RegionProgram(BaseModel):
    """One scene, ready to render.

    ``conditions`` are the distinct descriptions in order of appearance, the background last; the background owns every
    token that no other condition covers, so its own ``regions`` are left empty. ``plain_prompt`` says the whole scene
    in one sentence, for the ablation without regions.
    """

    model_config = ConfigDict(frozen=True)

    scene: str
    duration: float
    grid: Grid
    conditions: tuple[Condition, ...]
    negative_prompt: str
    plain_prompt: str
    lora_maps: tuple[LoraMap, ...] = ()
