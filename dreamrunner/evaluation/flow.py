"""The frame between two by optical flow: no network, no weights, the same on every machine of a kind.

Each neighbour is moved half way along its flow towards the other, and the two are averaged. The flow is OpenCV's
(Kroeger et al., "Fast optical flow using dense inverse search", 2016).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

LEAST = 32
"""Pixels of a side below which the search finds nothing: such frames are averaged as they are."""


class FlowInterpolator:
    """An :class:`~dreamrunner.evaluation.formulas.Interpolator`."""

    name = "optical flow"

    def between(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        import cv2
        import numpy as np

        if min(before.shape[:2]) < LEAST:
            return ((before.astype(np.uint16) + after + 1) // 2).astype(np.uint8)
        grey = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (before, after)]
        moved = [
            _moved(before, self._search.calc(grey[0], grey[1], None)).astype(np.uint16),
            _moved(after, self._search.calc(grey[1], grey[0], None)).astype(np.uint16),
        ]
        return ((moved[0] + moved[1] + 1) // 2).astype(np.uint8)

    @cached_property
    def _search(self) -> Any:
        import cv2

        return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)


def _moved(frame: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """A frame, half way along its flow (H, W, 2) in pixels."""
    import cv2
    import numpy as np

    height, width = frame.shape[:2]
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(
        cv2.remap(
            frame,
            across - flow[..., 0] / 2,
            down - flow[..., 1] / 2,
            interpolation=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )
