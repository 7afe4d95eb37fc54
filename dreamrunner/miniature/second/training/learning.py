"""How every watcher learns: AdamW, averaged weights, a rate that goes up and down again, checkpoints that are gone on
from, and products in bfloat16, which some processors compute in half the time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from dreamrunner.miniature.second.training import checkpoint

WARM = 100
"""Steps over which the rate rises."""


def rate_at(step: int, steps: int, rate: float) -> float:
    """The learning rate: up in the first steps, then down as a half cosine to a hundredth."""
    return rate * min(1.0, (step + 1) / WARM) * (0.01 + 0.495 * (1 + math.cos(math.pi * min(1.0, step / steps))))


def half() -> AbstractContextManager:
    """Where networks are run while they learn."""
    return torch.autocast("cpu", torch.bfloat16)


class Learning:
    """A network on its way, kept in a folder and gone on from there. ``step`` is how many steps it has done."""

    def __init__(
        self,
        network: torch.nn.Module,
        out: Path,
        *,
        steps: int,
        rate: float,
        log_every: int = 50,
        keep_every: int = 200,
        weight_decay: float = 0.02,
    ) -> None:
        self.network, self.out, self.steps, self.rate = network, out, steps, rate
        self.log_every, self.keep_every = log_every, keep_every
        self.average = {name: value.clone() for name, value in network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            [weight for weight in network.parameters() if weight.requires_grad], lr=rate, weight_decay=weight_decay
        )
        self.step, self.spent, self.begun = 0, 0.0, time.monotonic()
        self.rows: list[Mapping[str, float]] = []
        if (state := checkpoint.read_state(out)) is not None:
            self.step, self.spent = state["step"], state["seconds"]
            network.load_state_dict(checkpoint.read_part(out, "network"))
            self.average = checkpoint.read_part(out, "average")
            self.optimizer.load_state_dict(torch.load(out / "optimizer.pt", weights_only=True))

    def descend(self, loss: torch.Tensor, told: Mapping[str, float]) -> None:
        """One step down a loss; ``told`` is averaged into the log."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, self.steps, self.rate)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        keep = min(0.997, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - keep)
                else:
                    self.average[name].copy_(value)
        self.rows.append({"loss": float(loss.detach()), **told})
        if self.step % self.log_every == 0 or self.step == self.steps:
            names = dict.fromkeys(name for row in self.rows for name in row)
            means = {name: np.mean([row[name] for row in self.rows if name in row]) for name in names}
            words = " ".join(f"{name} {value:.3f}" for name, value in means.items())
            print(f"step {self.step} of {self.steps} {words} {self.seconds:.0f} s", flush=True)
            self.rows = []
        if self.step % self.keep_every == 0 or self.step == self.steps:
            self.write()

    @property
    def seconds(self) -> float:
        """How long it has learned, over all runs."""
        return self.spent + time.monotonic() - self.begun

    def write(self) -> None:
        """Keep what there is in the folder."""
        parts = {"network": (self.network.state_dict(), None), "average": (self.average, None)}
        state = {"step": self.step, "seconds": round(self.seconds)}
        checkpoint.write(self.out, parts, state, {"optimizer.pt": self.optimizer.state_dict()})

    def finished(self) -> torch.nn.Module:
        """The network with its averaged weights; what was reached is kept."""
        self.write()
        self.network.load_state_dict(self.average)
        return self.network.eval()


def keep_half(network: torch.nn.Module, file: Path) -> None:
    """Write a network's weights in half precision."""
    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
    }
    save_file(weights, file)
