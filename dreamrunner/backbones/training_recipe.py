"""How priors are trained for a backbone: part of its row in the table. No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

WARM_UP = 50
"""Steps over which a learning rate with ``decay`` rises."""


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """How one LoRA is trained (paper A.2 unless a row says otherwise).

    ``alpha`` over ``rank`` scales the LoRA; 0 stands for the rank itself, which is scale 1. ``checkpointing`` trades
    time for memory by computing activations again. With ``decay`` the learning rate rises over the first steps and
    falls along a cosine to a fiftieth; without, it stays. The finished LoRA is applied ``strength`` times as strongly
    as it was trained: its file's alpha says so. The last three are the paper's ablations and variants: the arrangement
    of temporal and spatial blocks, training without the appearance-debiased loss, and adapting the attention's output
    projection as the released code does.
    """

    steps: int
    rank: int
    learning_rate: float
    alpha: float = 0.0
    dropout: float = 0.1
    weight_decay: float = 1e-4
    checkpointing: bool = False
    decay: bool = False
    strength: float = 1.0
    arrangement: Literal["interleaved", "half-half"] = "interleaved"
    debiased: bool = True
    output_projection: bool = False

    @property
    def scale(self) -> float:
        """What B A is multiplied with."""
        return (self.alpha or self.rank) / self.rank

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        if not self.decay:
            return self.learning_rate
        falling = 0.02 + 0.49 * (1 + math.cos(math.pi * step / self.steps))
        return self.learning_rate * min(1.0, (step + 1) / WARM_UP) * falling


@dataclass(frozen=True, slots=True)
class Training:
    """A backbone's recipes. ``rate`` is how many frames a second the clips are read at.

    ``catalog`` is the name of the video catalog that comes with it, for those who name none.
    """

    motion: TrainingRecipe
    subject: TrainingRecipe
    rate: float
    catalog: str = ""
