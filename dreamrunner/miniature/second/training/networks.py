"""The networks that the recipe can train, by the family of models whose layout they have."""

from __future__ import annotations

from pathlib import Path

from dreamrunner.miniature.second.model import FULL, TINY, Backbone
from dreamrunner.miniature.second.model_wan import WanBackbone
from dreamrunner.miniature.second.training import checkpoint

Learner = Backbone | WanBackbone
"""What is trained: both have the same methods."""

NETWORKS: dict[str, type[Learner]] = {each.family: each for each in (Backbone, WanBackbone)}
"""By family, its text encoder and transformer."""


def build(family: str, prediction: str, *, tiny: bool) -> Learner:
    """Networks with random weights. Raises ValueError where the family's don't predict that."""
    return NETWORKS[family](TINY if tiny else FULL, prediction)


def kept_kind(folder: Path) -> tuple[str, str]:
    """Family and prediction of the networks that a checkpoint holds."""
    state = checkpoint.read_state(folder) or {}
    family = state.get("family", Backbone.family)
    return family, state.get("prediction", "sample")
