"""The forms in which region attention is computed, and which one a scene gets. No torch.

All compute the same; they differ in time and in the last bits. On a processor a scene's video tokens stay in raster
order and each signature has an attention of its own. On a GPU they stand in the order of their signatures while they
are in the transformer, so that none of its layers has to gather them, and there are two forms (:data:`Form`).
"""

from __future__ import annotations

from typing import Literal

from dreamrunner.backbones.device import Device
from dreamrunner.regions import RegionProgram, masks, signatures

Form = Literal["signatures", "merged"]
"""``signatures``: an attention for the video tokens of each signature. ``merged``: one for all video, one for the texts
of each signature, mixed by their log-sum-exp."""

MERGED_FROM = 10
"""From so many signatures on, merging takes less time: on an H200 with weights of the 2B in float16 from 11 on, of the
5B in bfloat16 from 9 on (``docs/gpu.md``; the lines through 8 and 32 signatures cross there). A rule and not a
measurement of each scene's own, so that a scene always gets the same form, and the same bits."""


def form_of(program: RegionProgram, device: Device) -> Form | None:
    """How a scene's region attention is computed on a device; None for its video tokens in raster order."""
    if device == "cpu":
        return None
    return "merged" if len(signatures(masks(program))) >= MERGED_FROM else "signatures"
