"""Regions: a planned scene lowered to the video tokens of one backbone. No torch.

Front door: :func:`lower` takes a planned scene and a :class:`Grid` and returns a :class:`RegionProgram`.
:func:`masks` and :func:`signatures` read a program as arrays.
"""

from dreamrunner.planning.keyframes import box_at
from dreamrunner.regions.lowering import background_prompt, beat_prompt, lower, placeholders, plain_prompt
from dreamrunner.regions.program import Condition, Grid, LoraMap, Rectangle, RegionProgram
from dreamrunner.regions.rasterizing import rectangle_of, step_times, steps_of_span
from dreamrunner.regions.signatures import Signature, masks, region_mask, signatures

__all__ = [
    "Condition",
    "Grid",
    "LoraMap",
    "Rectangle",
    "RegionProgram",
    "Signature",
    "background_prompt",
    "beat_prompt",
    "box_at",
    "lower",
    "masks",
    "placeholders",
    "plain_prompt",
    "rectangle_of",
    "region_mask",
    "signatures",
    "step_times",
    "steps_of_span",
]
