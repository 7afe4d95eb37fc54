"""How priors are trained for a backbone: part of its row in the table. No torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """How one LoRA is trained (paper A.2 unless a row says otherwise).

    ``alpha`` over ``rank`` scales the LoRA; 0 stands for the rank itself, which is scale 1. ``checkpointing`` trades
    time for memory by computing activations again. The last three are the paper's ablations and variants: the
    arrangement of temporal and spatial blocks, training without the appearance-debiased loss, and adapting the
    attention's output projection as the released code does.
    """

    steps: int
    rank: int
    learning_rate: float
    alpha: float = 0.0
    dropout: float = 0.1
    weight_decay: float = 1e-4
    checkpointing: bool = False
    arrangement: Literal["interleaved", "half-half"] = "interleaved"
    debiased: bool = True
    output_projection: bool = False

    @property
    def scale(self) -> float:
        """What B A is multiplied with."""
        return (self.alpha or self.rank) / self.rank


@dataclass(frozen=True, slots=True)
class Training:
    """A backbone's recipes. ``rate`` is how many frames a second the clips are read at.

    ``knows`` are the motions, as verbs in any form, that the backbone can do without a prior; None where that is
    anybody's guess, so that every motion gets one. ``catalog`` is the name of the video catalog that comes with it, for
    those who name none.
    """

    motion: TrainingRecipe
    subject: TrainingRecipe
    rate: float = 8.0
    knows: frozenset[str] | None = field(default=None)
    catalog: str = ""
