from __future__ import annotations

import pytest

from dreamrunner.language.story import MISSING, Span
from dreamrunner.planning.spans import fill_spans, share

M = MISSING


@pytest.mark.parametrize(
    ("spans", "duration", "expected"),
    [
        pytest.param([M], 6.0, [(0, 6)], id="one beat takes the scene"),
        pytest.param([M, M, M], 6.0, [(0, 2), (2, 4), (4, 6)], id="evenly and in order"),
        pytest.param([M, M, M], 5.0, [(0, 1.667), (1.667, 3.333), (3.333, 5)], id="in whole milliseconds"),
        pytest.param([(0, 3), M], 6.0, [(0, 3), (3, 6)], id="after the written one"),
        pytest.param([M, (4, 6)], 6.0, [(0, 4), (4, 6)], id="before the written one"),
        pytest.param([M, (2, 4), M], 6.0, [(0, 2), (2, 4), (4, 6)], id="around the written one"),
        pytest.param([(0, 1), M, (5, 6)], 6.0, [(0, 1), (1, 5), (5, 6)], id="between two written ones"),
        pytest.param([M, (1, 2)], 9.0, [(0, 1), (1, 2)], id="order goes before size"),
        pytest.param([M, (0, 2)], 6.0, [(2, 6), (0, 2)], id="where it fits, when order leaves no time"),
        pytest.param([(2, 4), (0, 1), M], 6.0, [(2, 4), (0, 1), (4, 6)], id="written out of order"),
        pytest.param([(0, 6), M], 6.0, [(0, 6), M], id="no time left"),
        pytest.param([(0, 5.95), M], 6.0, [(0, 5.95), M], id="too little time left"),
    ],
)
def test_spans(spans: list, duration: float, expected: list) -> None:
    given = [span if span is M else Span(*span) for span in spans]
    assert list(fill_spans(given, duration)) == [span if span is M else Span(*span) for span in expected]


def test_share_keeps_the_narrowest_place_wide() -> None:
    assert share([4.0, 2.0], 3) == (2, 1)
    assert share([1.0, 1.0, 1.0], 2) == (1, 1, 0)
    assert share([5.0, 0.5], 4) == (4, 0)
