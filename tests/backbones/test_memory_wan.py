"""What Wan's rows say of memory, against live tensors at full size: fake ones, of as few layers as tell."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.memory_table import plan
from benchmarks.memory_wan import TRANSFORMERS, layers_of, picture, sampling, training, weights_of
from dreamrunner.backbones.families.wan import FAMILY
from dreamrunner.backbones.memory_plan import FILMING, MARGIN
from dreamrunner.backbones.table import TABLE
from tests.backbones.test_live_memory import promised


@cache
def steps(name: str, layers: int) -> tuple[float, float]:
    return sampling(name, layers)


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_step_takes_what_the_row_says_whatever_the_layers(name: str) -> None:
    says = TABLE[name].memory
    (one, step), (two, other) = steps(name, 1), steps(name, 2)
    assert step == other
    promised(step, says.sampling)
    promised(one + (layers_of(name) - 1) * (two - one), says.transformer)


@pytest.mark.parametrize("name", ["wan-1.3b", "wan-14b", "wan-2.2-5b"])
def test_loras_take_what_the_row_says_beside_their_numbers(name: str) -> None:
    promised(sampling(name, 1, adapted=True)[1] - steps(name, 1)[1], TABLE[name].memory.adapting)


def test_more_conditions_stay_within_the_plan() -> None:
    says = TABLE["wan-1.3b"].memory
    scaled = says.sampling * (says.tokens + 19 * says.words) / (says.tokens + 5 * says.words) * MARGIN
    assert sampling("wan-1.3b", 1, 19)[1] <= scaled


@pytest.mark.parametrize("name", ["wan-1.3b", "wan-2.2-5b"])
def test_weights_of_the_other_networks_are_those_of_the_row(name: str) -> None:
    says = TABLE[name].memory
    promised(weights_of("autoencoder", name), says.autoencoder)
    promised(weights_of("text_encoder", name), says.text_encoder)


@pytest.mark.parametrize(("name", "latents"), [("wan-1.3b", 4), ("wan-2.2-5b", 4)])
def test_a_clip_is_decoded_and_encoded_within_what_rows_say(name: str, latents: int) -> None:
    """A few latent frames take what all do, apart from the pictures."""
    row = TABLE[name]
    more = 4 * ((row.frames - 1) // 4 + 1 - latents) * row.size[0] * row.size[1] * 3 * 4 / 1e9
    promised(picture("decode", name, latents) + more, row.memory.decoding)
    copied = more if row.token == 32 else 0.0  # an autoencoder that takes patches copies its clip
    promised(picture("encode", name, latents) + copied, row.memory.encoding)
    height, width = FAMILY.tile
    assert picture("decode", name, 3, size=(width, height)) + more < row.memory.decoding_tiled


@pytest.mark.parametrize("name", ["wan-1.3b", "wan-14b"])
def test_a_training_step_takes_what_the_row_says(name: str) -> None:
    """From the fourth layer on, each keeps what it was given."""
    row, layers = TABLE[name], layers_of(name)
    lora, step = training(name, 4)
    kept = (row.memory.tokens + 1) * TRANSFORMERS[name]["num_attention_heads"] * 128 * 2 / 1e9
    promised(step + (layers - 4) * kept, row.memory.training)
    promised(lora * layers / 4, row.memory.lora)


def test_the_smallest_films_on_a_card_of_8_gb_and_the_largest_within_16_and_24() -> None:
    small = plan("wan-1.3b", 8, FILMING)
    assert not small.refused and small.way == "resident"
    for name in ("wan-14b", "wan-2.2-14b"):
        for gb in (16, 24):
            assert not plan(name, gb, FILMING).refused
