"""A decoded frame as it is shown: turned, mirrored, with square pixels, without fields, over black, in SDR.

What a file says of how its frames are shown is obeyed here; nothing else of the project looks at it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av
    import numpy as np

_PQ, _HLG = 16, 18
"""FFmpeg's numbers of the transfer functions of HDR: SMPTE ST 2084 and ARIB STD-B67."""

_WHITE = 100.0
"""Luminance in cd/m2 that becomes SDR's white."""

_BT2020_TO_BT709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
"""Linear light of BT.2020's primaries to BT.709's (ITU-R BT.2087)."""


def rotation_of(frame: av.VideoFrame) -> int:
    """Degrees clockwise that a frame is turned by to be shown, a multiple of 90; FFmpeg counts the other way round."""
    return -round((frame.rotation or 0) / 90) * 90 % 360


def shown_size(frame: av.VideoFrame, aspect: float) -> tuple[int, int]:
    """Width and height in square pixels of a frame as it is shown; ``aspect`` is a pixel's width over its height."""
    width, height = max(1, round(frame.width * aspect)), frame.height
    a, b, _, _ = _display_matrix(frame)
    return (width, height) if abs(a) >= abs(b) else (height, width)


def picture(
    frame: av.VideoFrame,
    aspect: float,
    size: tuple[int, int] | None = None,
    crop: tuple[float, float, float, float] | None = None,
) -> np.ndarray:
    """A frame as it is shown: uint8 (H, W, 3), RGB.

    ``aspect`` is a pixel's width over its height, ``crop`` a normalized window of what is shown (left, top, right,
    bottom), which is cut out before scaling to ``size`` (width, height).
    """
    import numpy as np

    pixels = _colours(frame)
    if frame.interlaced_frame:
        pixels = _one_field(pixels)
    if round(frame.width * aspect) != frame.width:
        pixels = _scaled(pixels, (max(1, round(frame.width * aspect)), frame.height))
    pixels = _turned(pixels, _display_matrix(frame))
    if crop is not None:
        height, width = pixels.shape[:2]
        left, top = (min(int(edge * side), side - 1) for edge, side in zip(crop[:2], (width, height), strict=True))
        right, bottom = (min(round(edge * side), side) for edge, side in zip(crop[2:], (width, height), strict=True))
        pixels = pixels[top : max(bottom, top + 1), left : max(right, left + 1)]
    if size is not None and size != (pixels.shape[1], pixels.shape[0]):
        pixels = _scaled(pixels, size)
    return np.ascontiguousarray(pixels)


def _colours(frame: av.VideoFrame) -> np.ndarray:
    """A frame's own pixels as 8 bits of RGB, HDR mapped to SDR, what is transparent over black."""
    import numpy as np

    if frame.color_trc in (_PQ, _HLG):
        return _standard_range(frame.to_ndarray(format="rgb48le"), int(frame.color_trc))
    if any(component.is_alpha for component in frame.format.components):
        pixels = frame.to_ndarray(format="rgba")
        return (pixels[..., :3].astype(np.uint16) * pixels[..., 3:] // 255).astype(np.uint8)
    return frame.to_ndarray(format="rgb24")


def _display_matrix(frame: av.VideoFrame) -> tuple[int, int, int, int]:
    """Where a frame's pixels are shown: x becomes a x + c y, y becomes b x + d y, for (a, b, c, d); y points down."""
    import numpy as np
    from av.sidedata.sidedata import Type

    # PyAV types a frame's side data as a dictionary of strings; it is a mapping by what they are.
    matrix = frame.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]
    if matrix is None:
        return 1, 0, 0, 1
    a, b, _, c, d = (int(entry) for entry in np.frombuffer(bytes(matrix), np.int32)[:5])
    return a, b, c, d


def _turned(pixels: np.ndarray, matrix: tuple[int, int, int, int]) -> np.ndarray:
    """Pixels turned by the multiple of 90 degrees, and mirrored, as a display matrix says."""
    a, b, c, d = matrix
    if abs(a) >= abs(b):
        across, down = a, d
    else:
        pixels = pixels.swapaxes(0, 1)
        across, down = c, b
    return pixels[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1]


def _one_field(pixels: np.ndarray) -> np.ndarray:
    """The upper field alone, the lines between made from their neighbours: two fields show two moments."""
    upper = pixels[::2]
    return _scaled(upper, (pixels.shape[1], pixels.shape[0]))


def _scaled(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels at another size (width, height)."""
    import cv2
    import numpy as np

    # Averages what becomes smaller, so that a fine pattern does not flicker.
    smaller = size[0] * size[1] < pixels.shape[0] * pixels.shape[1]
    return cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def _standard_range(pixels: np.ndarray, transfer: int) -> np.ndarray:
    """HDR (uint16, RGB of BT.2020) as SDR (uint8, RGB of BT.709): light up to :data:`_WHITE` stays what it is, and what
    is brighter becomes as bright as can be in its own hue."""
    import numpy as np

    light = _light(transfer)[pixels]
    light = np.maximum(light @ np.array(_BT2020_TO_BT709, np.float32).T, 0)
    light = light / np.maximum(light.max(-1, keepdims=True), 1)
    return (255 * light ** (1 / 2.4) + 0.5).astype(np.uint8)  # a display's gamma (ITU-R BT.1886)


@cache
def _light(transfer: int) -> np.ndarray:
    """Light of every 16-bit value, over :data:`_WHITE`; HLG's on a display of 1,000 cd/m2, whose gamma of 1.2 is taken
    of each colour by itself, as FFmpeg's zscale does."""
    import numpy as np

    signal = np.linspace(0, 1, 65536)
    if transfer == _PQ:
        power = signal ** (32 / 2523)
        light = (np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (8192 / 1305)
        return (10000 / _WHITE * light).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return (1000 / _WHITE * scene**1.2).astype(np.float32)
