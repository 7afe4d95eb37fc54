"""The losses of motion and subject priors (paper 3.2 and A.2), as pure functions.

``prediction`` and ``target`` are (frames, channels, height, width) in latent frames: what the transformer says and what
it should say, which the backbone's family knows (:meth:`~dreamrunner.backbones.family.Family.target`). Every loss is a
mean over all numbers that it looks at, computed in float32.

Where the target is a velocity, noise minus sample (flow matching), it holds the sample, and so looks, which the paper's
noise does not. Still L_ad is the paper's: at a share s of noise the noise that a velocity v stands for is x + (1 - s) v
for the noisy x, which prediction and target share, so that an error of noise is 1 - s times that of velocity, and phi
is linear. L_org + L_ad of noise is (1 - s)^2 times L_org + L_ad of velocity: a weight of the noise levels, which flow
matching leaves out of L_org, and which is left out of both here.
"""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

DEBIAS = 1.0
"""b in phi(e) = sqrt(b^2 + 1) e - b e_anchor."""


def original_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """L_org: the diffusion loss on all frames."""
    return F.mse_loss(prediction.float(), target.float())


def debias(frames: Tensor, anchor: int, b: float = DEBIAS) -> Tensor:
    """phi(e) = sqrt(b^2 + 1) e - b e_anchor for every frame e; what all frames share, their looks, cancels out."""
    return math.sqrt(b * b + 1) * frames - b * frames[anchor]


def debiased_loss(prediction: Tensor, target: Tensor, anchor: int, b: float = DEBIAS) -> Tensor:
    """L_ad: the appearance-debiased loss, L_org of phi(prediction) and phi(target)."""
    # phi is linear, so one application to the difference does
    return debias(prediction.float() - target.float(), anchor, b).square().mean()


def temporal_loss(prediction: Tensor, target: Tensor, anchor: int | None) -> Tensor:
    """L_org + L_ad, unscaled; without L_ad (an ablation, paper table 6) where ``anchor`` is None."""
    loss = original_loss(prediction, target)
    return loss if anchor is None else loss + debiased_loss(prediction, target, anchor)


def spatial_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """The diffusion loss of one latent frame that was denoised on its own; both are (1, channels, height, width)."""
    if len(prediction) != 1:
        raise ValueError(f"the spatial loss looks at one latent frame, not {len(prediction)}")
    return original_loss(prediction, target)


def first_frame_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """The diffusion loss on the first latent frame only, so that a photo's standing still is not learnt (3.2)."""
    return original_loss(prediction[:1], target[:1])
