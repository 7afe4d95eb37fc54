"""From photos on disk to what is trained on, at a backbone's size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from dreamrunner.backbones import Backbone
from dreamrunner.datasets.image_file import open_image
from dreamrunner.datasets.image_pixels import on_white
from dreamrunner.priors.encoding import Photo

if TYPE_CHECKING:
    from dreamrunner.priors.photos import PhotoFile

MOST_CUT = 0.25
"""Share of a photo that may be cut off to give it the backbone's shape. What would lose more is shown whole, on itself,
enlarged and blurred: a head that is cut off is a character without one."""

BLUR = 0.04
"""Of the longer side: how far that backdrop is blurred."""


def read_photo(photo: PhotoFile, backbone: Backbone) -> Photo:
    """A photo at the backbone's size, in its own proportions.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    return Photo(fitted(photo.file, (backbone.width, backbone.height)), photo.caption, photo.digest)


def fitted(file: Path, size: tuple[int, int]) -> np.ndarray:
    """The photo at ``size`` (width, height) in its own proportions: uint8 (height, width, 3), RGB.

    It is turned upright, and lies on white where it is transparent.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    with open_image(file) as opened:
        picture = on_white(opened)
    covering = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    if _cut(picture.size, size) <= MOST_CUT:
        return np.asarray(covering)
    backdrop = covering.filter(ImageFilter.GaussianBlur(BLUR * max(size)))
    inside = ImageOps.contain(picture, size, Image.Resampling.LANCZOS)
    backdrop.paste(inside, ((size[0] - inside.width) // 2, (size[1] - inside.height) // 2))
    return np.asarray(backdrop)


def _cut(have: tuple[int, int], want: tuple[int, int]) -> float:
    """The share of a picture that is lost when it covers another shape."""
    ratio = (have[0] * want[1]) / (have[1] * want[0])
    return 1 - min(ratio, 1 / ratio)
