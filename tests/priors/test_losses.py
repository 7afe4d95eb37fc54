"""Every loss against its formula, written with loops over numbers."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import CogVideoXDDIMScheduler

from dreamrunner.backbones.families import wan
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.priors.losses import debias, debiased_loss, first_frame_loss, spatial_loss, temporal_loss

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


@pytest.mark.parametrize("anchor", [None, 0, 3])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_of_a_velocity_the_losses_are_the_papers_of_noise_but_for_a_weight_of_the_noise_level(pair, share, anchor):
    """The paper's losses on the noise that a predicted velocity stands for, against those on the velocity."""
    latents, noise = pair
    timestep, scheduler = (
        torch.tensor([1000 * share]),
        SimpleNamespace(config=SimpleNamespace(num_train_timesteps=1000)),
    )
    noisy, velocity = (of(scheduler, latents, noise, timestep) for of in (wan.FAMILY.add_noise, wan.FAMILY.target))
    predicted = torch.randn(SHAPE, generator=torch.Generator().manual_seed(3))
    its_noise = noisy + (1 - share) * predicted
    every = range(4)
    wanted = naive_mean_square(its_noise, noise, every)
    if anchor is not None:
        wanted += naive_mean_square(naive_phi(its_noise, anchor, 1), naive_phi(noise, anchor, 1), every)
    found = float(temporal_loss(predicted, velocity, anchor))
    assert found == pytest.approx(wanted / (1 - share) ** 2, rel=1e-4)


def test_looks_that_the_velocitys_target_holds_do_not_count(pair):
    """A model that is right about how each frame differs, and wrong about what all share, whatever that is."""
    latents, noise = pair
    scheduler, timestep = SimpleNamespace(config=SimpleNamespace(num_train_timesteps=1000)), torch.tensor([700.0])
    wrong = torch.randn(SHAPE[1:], generator=torch.Generator().manual_seed(1))
    losses = []
    for looks in (0.0, 10 * torch.ones(SHAPE[1:])):
        velocity = wan.FAMILY.target(scheduler, latents + looks, noise, timestep)
        losses.append(float(debiased_loss(velocity + wrong, velocity, 1)))
    assert losses == pytest.approx([(math.sqrt(2) - 1) ** 2 * float(wrong.square().mean())] * 2, rel=1e-3)


def test_an_unknown_target():
    scheduler = SimpleNamespace(config=SimpleNamespace(prediction_type="flow"))
    with pytest.raises(ValueError, match="flow"):
        FAMILY.target(scheduler, torch.zeros(SHAPE), torch.zeros(SHAPE), torch.tensor([1]))
