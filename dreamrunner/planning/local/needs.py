"""What asking a local model takes, before it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from dreamrunner.backbones import BackboneError, cache_folder
from dreamrunner.backbones.device import Device, compute_device
from dreamrunner.engine.measurements import Effort, Measurements, seconds
from dreamrunner.language import Story
from dreamrunner.planning.chat.costs import Estimate
from dreamrunner.planning.local.folder import LocalModel, find_local

KIND = "plan-locally"
"""What measurements call a local model's replies."""


@dataclass(frozen=True, slots=True)
class LocalNeeds:
    """What a model takes on this machine's ``device``: ``memory`` in bytes for its weights, ``seconds`` for replies,
    None where it has not been measured. ``why`` says why it can't be asked, "" where it can."""

    device: Device
    memory: int = 0
    seconds: float | None = None
    why: str = ""


def effort_of(model: LocalModel, device: Device, tokens: int) -> Effort:
    """The work of writing so many tokens."""
    return Effort(f"{model.name} {model.numbers} {device}", tokens)


def local_needs(story: Story, estimate: Estimate) -> LocalNeeds:
    """What the replies of an estimate take of the local model that a story names. Nothing is downloaded."""
    device = compute_device()
    try:
        model = find_local(story.planner, story.path.parent, dry=True)
    except BackboneError as error:
        return LocalNeeds(device, why=str(error))
    took = seconds(Measurements(cache_folder()).read(), KIND, [effort_of(model, device, estimate.tokens_out)])
    return LocalNeeds(device, model.numbers * (2 if device == "cuda" else 4), took)
