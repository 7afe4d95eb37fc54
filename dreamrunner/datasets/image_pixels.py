"""A picture's pixels as they are meant to be seen: upright, 8 bits a colour, deeper ones scaled and never cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

_WHITE = {"I;16": 65535, "I;16B": 65535, "I;16L": 65535, "I;16N": 65535}
"""What is white in pictures of 16 bits, by Pillow's name of their pixels."""


def on_white(picture: Image.Image) -> Image.Image:
    """The picture turned as its file says, in RGB, on white where it is transparent; of an animation its first.

    Raises:
        OSError, ValueError: it cannot be decoded.
    """
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(picture)
    if turned.mode in _WHITE or turned.mode in ("I", "F"):
        return Image.fromarray(_eight_bits(turned, _WHITE.get(turned.mode))).convert("RGB")
    if not turned.has_transparency_data:
        return turned.convert("RGB")
    whole = Image.new("RGBA", turned.size, "white")
    whole.alpha_composite(turned.convert("RGBA"))
    return whole.convert("RGB")


def _eight_bits(picture: Image.Image, white: float | None) -> np.ndarray:
    """Deep grey as uint8 (H, W). Where its mode does not say what is white, its values do: the first of 1 (of
    fractions alone), 255 and 65,535 that none is above, else the brightest."""
    import numpy as np

    values = np.nan_to_num(np.asarray(picture).astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    if white is None:
        brightest = float(values.max(initial=0))
        usual = ((1.0,) if picture.mode == "F" else ()) + (255.0, 65535.0)
        white = next((value for value in usual if brightest <= value), brightest)
    return (np.clip(values / white, 0, 1) * 255 + 0.5).astype(np.uint8)
