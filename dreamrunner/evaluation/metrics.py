"""Which measures there are, in the paper's order, with the paper's own numbers; and what a film got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["character", "text", "transition", "aesthetics", "imaging", "smoothness"]
"""What can be asked for by itself."""

GROUPS: tuple[Group, ...] = ("character", "text", "transition", "aesthetics", "imaging", "smoothness")


@dataclass(frozen=True)
class Metric:
    """A measure.

    ``name``: what programs call it.
    ``label``: what people are told.
    ``group``: what it belongs to.
    ``paper``: the paper's number for its own films (4.1: ten characters, 64 motions, 5 to 8 scenes a story).
    ``network``: what the paper measured it by.
    """

    name: str
    label: str
    group: Group
    paper: float
    network: str


CLIP, DINO, VICLIP, HEAD, MUSIQ, AMT = "CLIP ViT-L/14-336", "DINOv2-B", "ViCLIP", "LAION aesthetics", "MUSIQ", "AMT"
"""The paper's networks."""

METRICS = {
    metric.name: metric
    for metric in (
        Metric("character-clip", "character, CLIP", "character", 70.7, CLIP),
        Metric("character-dino", "character, DINO", "character", 55.1, DINO),
        Metric("fine-text-image", "fine-grained text, CLIP", "text", 24.7, CLIP),
        Metric("fine-text-video", "fine-grained text, video", "text", 23.7, VICLIP),
        Metric("full-text-image", "full text, CLIP", "text", 24.2, CLIP),
        Metric("full-text-video", "full text, video", "text", 24.1, VICLIP),
        Metric("transition", "transition, DINO", "transition", 93.6, DINO),
        Metric("aesthetics", "aesthetics", "aesthetics", 55.4, HEAD),
        Metric("imaging", "imaging, MUSIQ", "imaging", 62.1, MUSIQ),
        Metric("smoothness", "smoothness", "smoothness", 98.1, AMT),
    )
}
"""All measures by their names. More is better."""


@dataclass(frozen=True)
class Score:
    """What a film got by one measure.

    ``metric``: the measure.
    ``value``: 0 to 100, more is better (a cosine below 0 gives less than 0); None where it could not be taken.
    ``by``: what looked.
    ``of``: what was looked at: "8 scenes".
    ``why``: why it could not be taken, and what to do; "" where it was.
    """

    metric: Metric
    value: float | None
    by: str
    of: str = ""
    why: str = ""

    @property
    def comparable(self) -> bool:
        """Whether the paper's number is by the same network."""
        return self.by == self.metric.network


@dataclass(frozen=True)
class Evaluation:
    """A film's scores.

    ``film``: what was named.
    ``scenes``: how many were looked at.
    ``scores``: one for each measure that was asked for, in the paper's order.
    ``remarks``: what is to be known of them, a line each.
    """

    film: str
    scenes: int
    scores: tuple[Score, ...]
    remarks: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> float | None:
        """A score by its measure's name. Raises KeyError where it was not asked for."""
        for score in self.scores:
            if score.metric.name == name:
                return score.value
        raise KeyError(name)
