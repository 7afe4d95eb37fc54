"""Photos of a character: which can be used, what they are called, and how they fit a backbone's size."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from dreamrunner.datasets.captions import Broken, caption_of
from dreamrunner.datasets.tables import told_beside
from dreamrunner.files.digest import digest_file
from dreamrunner.files.wording import reason
from dreamrunner.priors.naming import PLACEHOLDER, with_placeholder

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

MOST_CUT = 0.25
"""Share of a photo that may be cut off to give it the backbone's shape. What would lose more is shown whole, on itself,
enlarged and blurred: a head that is cut off is a character without one."""

BLUR = 0.04
"""Of the longer side: how far that backdrop is blurred."""


NO_PICTURE = "is not a picture that can be read"


class PhotoFile(BaseModel):
    """A photo on disk: ``digest`` is the sha256 of the file, ``caption`` what it shows, with the placeholder."""

    model_config = ConfigDict(frozen=True)

    file: Path
    digest: str
    caption: str


def given_photos(
    files: Sequence[Path], *, of: str, looks: str = ""
) -> tuple[tuple[PhotoFile, ...], tuple[Broken, ...]]:
    """The photos that can be used, in the order given, and those that cannot: unreadable, or the same again.

    A caption is what stands in the text or JSON file beside the photo, else the character's ``looks``, else its name;
    the placeholder is added where it is missing.
    """
    usual = looks or f"a {' '.join(of.replace('_', '-').split('-'))}"
    photos: list[PhotoFile] = []
    broken: list[Broken] = []
    for file in files:
        try:
            with _opened(file, smallest=True) as picture:
                picture.convert("RGBA")
            digest = digest_file(file)
            if any(photo.digest == digest for photo in photos):
                raise ValueError("is the same photo again")
            told = told_beside(file.parent, file.name)
            caption = caption_of(told) if "caption" in told else usual
        except (OSError, SyntaxError, ValueError) as error:
            broken.append(Broken(str(file), _why(error)))
        else:
            photos.append(PhotoFile(file=file, digest=digest, caption=with_placeholder(caption, of, PLACEHOLDER)))
    return tuple(photos), tuple(broken)


def fitted(file: Path, size: tuple[int, int]) -> np.ndarray:
    """The photo at ``size`` (width, height) in its own proportions: uint8 (height, width, 3), RGB.

    It is turned upright, and lies on white where it is transparent.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    import numpy as np
    from PIL import Image, ImageFilter, ImageOps

    with _opened(file) as opened:
        turned = ImageOps.exif_transpose(opened)
        whole = Image.new("RGBA", turned.size, "white")
        whole.alpha_composite(turned.convert("RGBA"))
        picture = whole.convert("RGB")
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


def _opened(file: Path, *, smallest: bool = False) -> Image.Image:
    from PIL import Image

    with warnings.catch_warnings():
        # Far more pixels than any camera has: refused, not warned of.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(file)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise ValueError("has more pixels than any photo") from None
        except ImportError:
            # Once ultralytics is imported, Pillow asks for a reader of HEIC wherever it can't read a file.
            raise ValueError(NO_PICTURE) from None
    if smallest:
        # A JPEG can be decoded at an eighth, which shows as well whether it is whole.
        picture.draft("RGB", (64, 64))
    return picture


def _why(error: Exception) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return NO_PICTURE
    if isinstance(error, OSError):
        return f"cannot be read: {reason(error)}"
    return str(error)
