"""Which blocks are temporal and which spatial."""

import pytest

from dreamrunner.priors.blocks import block_of, layer_names, spatial_blocks, temporal_blocks


@pytest.mark.parametrize("count", [1, 2, 5, 6, 30, 42])
def test_counting_from_one_odd_blocks_are_temporal_and_even_ones_spatial(count):
    numbers = range(1, count + 1)
    assert [index + 1 for index in temporal_blocks(count)] == [n for n in numbers if n % 2 == 1]
    assert [index + 1 for index in spatial_blocks(count)] == [n for n in numbers if n % 2 == 0]


@pytest.mark.parametrize("count", [1, 2, 5, 6, 30])
def test_half_half_is_a_partition_too(count):
    temporal, spatial = temporal_blocks(count, "half-half"), spatial_blocks(count, "half-half")
    assert sorted(temporal + spatial) == list(range(count))
    assert not spatial or max(spatial) < min(temporal)
    assert abs(len(temporal) - len(spatial)) <= 1


def test_layers_of_a_block():
    names = layer_names([3])
    assert names == [
        f"transformer_blocks.3.{kind}"
        for kind in ("attn1.to_q", "attn1.to_k", "attn1.to_v", "ff.net.0.proj", "ff.net.2")
    ]
    assert set(layer_names([3], output=True)) - set(names) == {"transformer_blocks.3.attn1.to_out.0"}
    assert block_of(names[0]) == 3 and block_of("proj_out") is None
