"""What rows say of memory, against live tensors at full size: fake ones, of few layers where all take the same."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from benchmarks.memory import film, model_of, picture, sampling, training
from benchmarks.memory_table import plan
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.backbones.memory_plan import FILMING, MARGIN
from dreamrunner.backbones.table import TABLE

MODELS = ["cogvideox-2b", "cogvideox-5b", "cogvideox-1_5-5b"]


def promised(found: float, says: float) -> None:
    """The row's figure covers it, and not by more than a tenth."""
    assert found <= says < 1.1 * found, (found, says)


@cache
def steps(name: str, layers: int) -> tuple[float, float]:
    return sampling(model_of(name, layers))


@pytest.mark.parametrize("name", MODELS)
def test_loras_take_what_the_row_says_beside_their_numbers(name: str) -> None:
    promised(sampling(model_of(name, 1), adapted=True)[1] - steps(name, 1)[1], TABLE[name].memory.adapting)


@pytest.mark.parametrize("name", MODELS)
def test_a_step_takes_what_the_row_says_whatever_the_layers(name: str) -> None:
    says, layers = TABLE[name].memory, model_of(name).layers
    (one, step), (two, other) = steps(name, 1), steps(name, 2)
    assert step == other
    promised(step, says.sampling)
    promised(one + (layers - 1) * (two - one), says.transformer)


def test_more_conditions_stay_within_the_plan() -> None:
    says, words = TABLE["cogvideox-2b"].memory, 226
    scaled = says.sampling * (says.tokens + 19 * words) / (says.tokens + 5 * words) * MARGIN
    assert sampling(model_of("cogvideox-2b", 1), 19)[1] <= scaled


def test_a_clip_is_decoded_and_encoded_within_what_rows_say() -> None:
    """Five latent frames take what thirteen do, apart from the pictures; and a tile what its pixels do."""
    model, says = model_of("cogvideox-2b"), TABLE["cogvideox-2b"].memory
    promised(picture("decode", model, model.size, 5), says.decoding)
    height, width = FAMILY.tile
    frames = 49 * 720 * 480 * 3 * 2 / 1e9
    promised(picture("decode", model, (width, height), 5) + frames, says.decoding_tiled)
    assert picture("encode", model, model.size, 5) < says.encoding  # which was measured, with cuDNN's working space


def test_a_training_step_takes_what_the_row_says() -> None:
    """From the fourth layer on, each keeps what it was given."""
    model, says = model_of("cogvideox-2b", 4), TABLE["cogvideox-2b"].memory
    lora, step = training(model)
    full = model_of("cogvideox-2b").layers
    kept = (says.tokens + says.words) * model.heads * 64 * 2 / 1e9
    promised(step + 1.02 * (full - 4) * kept, says.training)
    promised(lora * full / 4, says.lora)


def test_a_film_by_the_plan_takes_what_it_says_and_the_transformer_leaves_the_card() -> None:
    """A clip of 17 frames with two of the layers: less to sample, and as much to decode as of 49."""
    model, memory = replace(model_of("cogvideox-5b", 2), frames=17), plan("cogvideox-5b", 24, FILMING)
    assert memory.parked == {"decoding"} and not memory.tiled
    sampled, begun, decoded = film(model, memory)
    assert sampled < memory.needs["sampling"] / 1e9 and begun < TABLE["cogvideox-5b"].memory.autoencoder + 0.05
    assert decoded <= memory.needs["decoding"] / 1e9 < 1.2 * decoded
