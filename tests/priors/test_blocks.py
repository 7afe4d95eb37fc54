"""Which blocks are temporal and which spatial."""

import pytest

from dreamrunner.priors.blocks import spatial_blocks, temporal_blocks


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
