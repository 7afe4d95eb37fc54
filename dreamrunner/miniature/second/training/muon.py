"""Muon for many small matrices: those of one shape are orthogonalized together, which a GPU is much faster at.

The update is Nesterov momentum, orthogonalized by five Newton-Schulz steps and scaled to the size of an AdamW update
(Jordan et al. 2024; Liu et al. 2025, "Muon is Scalable for LLM Training").
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonalized(stack: torch.Tensor) -> torch.Tensor:
    """Each matrix of (n, rows, columns) with its singular values near one; in half precision on a GPU."""
    x = stack.bfloat16() if stack.is_cuda else stack.float()
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = _A * x + (_B * square + _C * square @ square) @ x
    return (x.mT if tall else x).to(stack.dtype)


class Muon(torch.optim.Optimizer):
    """An optimizer of matrices; ``momentum`` of the gradient, ``weight_decay`` decoupled as AdamW's."""

    def __init__(
        self,
        weights: Iterable[torch.nn.Parameter],
        lr: float = 1e-3,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ):
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            alike: dict[torch.Size, list[torch.nn.Parameter]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    alike.setdefault(weight.shape, []).append(weight)
            for shape, weights in alike.items():
                grads = [weight.grad.float() for weight in weights]
                momenta = []
                for weight in weights:
                    if "momentum" not in self.state[weight]:
                        self.state[weight]["momentum"] = torch.zeros_like(weight, dtype=torch.float32)
                    momenta.append(self.state[weight]["momentum"])
                torch._foreach_lerp_(momenta, grads, 1 - group["momentum"])
                ahead = torch._foreach_lerp(grads, momenta, group["momentum"])
                updates = orthogonalized(torch.stack(ahead)).unbind(0)
                size = 0.2 * max(shape) ** 0.5
                torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(
                    weights, [update.to(weights[0].dtype) for update in updates], alpha=-group["lr"] * size
                )
