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
    return (width, height) if rotation_of(frame) % 180 == 0 else (height, width)


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
    # The display matrix mirrors first and turns then.
    if _is_mirrored(frame):
        pixels = pixels[:, ::-1]
    pixels = np.rot90(pixels, -rotation_of(frame) // 90)
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


def _is_mirrored(frame: av.VideoFrame) -> bool:
    """Whether the frame's display matrix (nine 32-bit integers, row by row) turns left and right round."""
    import numpy as np
    from av.sidedata.sidedata import Type

    matrix = frame.side_data.get(Type.DISPLAYMATRIX)
    if matrix is None:
        return False
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].astype(np.int64)
    return bool(a * d - b * c < 0)


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
    if transfer == _HLG:  # the system gamma of a display of 1,000 cd/m2 (ITU-R BT.2100)
        luminance = light @ np.array([0.2627, 0.6780, 0.0593], np.float32)
        light = light * np.maximum(luminance, 1e-6)[..., None] ** 0.2 * (1000 / _WHITE)
    light = np.maximum(light @ np.array(_BT2020_TO_BT709, np.float32).T, 0)
    light = light / np.maximum(light.max(-1, keepdims=True), 1)
    signal = np.where(light < 0.018, 4.5 * light, 1.099 * light**0.45 - 0.099)
    return (255 * signal + 0.5).astype(np.uint8)


@cache
def _light(transfer: int) -> np.ndarray:
    """Light of every 16-bit value: of PQ's over :data:`_WHITE`, of HLG's that of the scene, from 0 to 1."""
    import numpy as np

    signal = np.linspace(0, 1, 65536)
    if transfer == _PQ:
        power = signal ** (32 / 2523)
        light = (np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (8192 / 1305)
        return (10000 / _WHITE * light).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12).astype(np.float32)
