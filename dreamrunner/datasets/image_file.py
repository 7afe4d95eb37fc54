"""Opening a picture: the one place in which Pillow does, in a short list of formats, pixels bounded.

Pillow knows formats that other programs are started for (PostScript by Ghostscript) and many that nobody has photos in.
A file's own bytes say what it is, not its name; only the readers of :data:`FORMATS` ever look at them.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.files.regular import require_regular

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
"""What is read, by Pillow's names; MPO is the JPEG of some phones and cameras."""

NO_PICTURE = "is not a picture that can be read"


def open_image(file: Path, *, smallest: bool = False) -> Image.Image:
    """A picture, its pixels not decoded yet; ``smallest`` decodes a JPEG at an eighth, to see whether it is whole.

    Raises:
        OSError: it can't be read, or is no regular file.
        ValueError: it is not a picture of :data:`FORMATS`, or has more pixels than any photo.
    """
    from PIL import Image, UnidentifiedImageError

    require_regular(file)
    with warnings.catch_warnings():
        # Far more pixels than any camera has: refused, not warned of.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            Image.init()
            picture = Image.open(file, formats=[each for each in FORMATS if each in Image.OPEN])
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise ValueError("has more pixels than any photo") from None
        except (UnidentifiedImageError, ImportError):
            # Once ultralytics is imported, Pillow asks for a reader of HEIC wherever it can't read a file.
            raise ValueError(NO_PICTURE) from None
    if smallest:
        picture.draft("RGB", (64, 64))
    return picture
