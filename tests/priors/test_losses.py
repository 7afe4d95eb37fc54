"""Every loss against its formula, written with loops over numbers."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import CogVideoXDDIMScheduler

from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.priors.losses import debias, first_frame_loss, spatial_loss, temporal_loss

SHAPE = (4, 2, 3, 3)


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(SHAPE, generator=generator), torch.randn(SHAPE, generator=generator)


def naive_mean_square(a, b, frames) -> float:
    squares = [
        (float(a[f, c, y, x]) - float(b[f, c, y, x])) ** 2
        for f in frames
        for c, y, x in itertools.product(*map(range, SHAPE[1:]))
    ]
    return sum(squares) / len(squares)


def naive_phi(e, anchor, b) -> np.ndarray:
    phi = np.empty(SHAPE)
    for f, c, y, x in itertools.product(*map(range, SHAPE)):
        phi[f, c, y, x] = math.sqrt(b**2 + 1) * float(e[f, c, y, x]) - b * float(e[anchor, c, y, x])
    return phi


@pytest.mark.parametrize("b", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("anchor", [0, 3])
def test_phi(pair, anchor, b):
    assert np.allclose(debias(pair[0], anchor, b).numpy(), naive_phi(pair[0], anchor, b), atol=1e-5)


@pytest.mark.parametrize("anchor", range(4))
def test_the_temporal_loss_is_the_sum_of_its_two_parts_unscaled(pair, anchor):
    prediction, target = pair
    every = range(4)
    original = naive_mean_square(prediction, target, every)
    debiased = naive_mean_square(naive_phi(prediction, anchor, 1), naive_phi(target, anchor, 1), every)
    assert float(temporal_loss(prediction, target, anchor)) == pytest.approx(original + debiased, abs=1e-5)
    assert float(temporal_loss(prediction, target, None)) == pytest.approx(original, abs=1e-5)


def test_the_debiased_part_does_not_see_what_all_frames_share(pair):
    prediction, _ = pair
    looks = torch.randn(SHAPE[1:], generator=torch.Generator().manual_seed(1))
    shared = temporal_loss(prediction + looks, prediction, 2) - temporal_loss(prediction + looks, prediction, None)
    # phi leaves (sqrt 2 - 1) of a constant
    assert float(shared) == pytest.approx((math.sqrt(2) - 1) ** 2 * float(looks.square().mean()), abs=1e-5)


def test_the_spatial_loss_looks_at_one_frame(pair):
    prediction, target = pair
    assert float(spatial_loss(prediction[2:3], target[2:3])) == pytest.approx(
        naive_mean_square(prediction, target, [2]), abs=1e-5
    )
    with pytest.raises(ValueError, match="one latent frame"):
        spatial_loss(prediction, target)


def test_the_first_frame_loss_leaves_all_other_frames_free(pair):
    prediction, target = pair
    prediction.requires_grad_(True)
    loss = first_frame_loss(prediction, target)
    assert loss.item() == pytest.approx(naive_mean_square(prediction.detach(), target, [0]), abs=1e-5)
    loss.backward()
    assert prediction.grad[0].abs().min() > 0 and not prediction.grad[1:].any()


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_the_target_is_the_schedulers_own(pair, kind):
    latents, noise = pair
    scheduler, timestep = CogVideoXDDIMScheduler(prediction_type=kind), torch.tensor([400])
    alpha = float(scheduler.alphas_cumprod[400])
    wanted = {
        "epsilon": noise,
        "v_prediction": math.sqrt(alpha) * noise - math.sqrt(1 - alpha) * latents,
        "sample": latents,
    }[kind]
    assert torch.allclose(FAMILY.target(scheduler, latents, noise, timestep), wanted, atol=1e-5)


def test_an_unknown_target():
    scheduler = SimpleNamespace(config=SimpleNamespace(prediction_type="flow"))
    with pytest.raises(ValueError, match="flow"):
        FAMILY.target(scheduler, torch.zeros(SHAPE), torch.zeros(SHAPE), torch.tensor([1]))
