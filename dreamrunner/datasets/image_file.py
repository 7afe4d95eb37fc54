"""Opening a picture: the one place in which Pillow does, in a short list of formats, pixels bounded.

Pillow knows formats that other programs are started for (PostScript by Ghostscript) and many that nobody has photos in.
A file's own bytes say what it is, not its name; only the readers of :data:`FORMATS` ever look at them.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.files.regular import open_regular, require_regular

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
"""What is read, by Pillow's names; MPO is the JPEG of some phones and cameras."""

NO_PICTURE = "is not a picture that can be read"

MOST_PIXELS = 500_000_000
"""Pixels of a JPEG at most, which is decoded at a half, a quarter or an eighth where it has many."""

_MANY = 40_000_000
"""Pixels that are decoded at once, where the format leaves a choice."""

_OTHERS = (
    (re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL), "a HEIC photo"),
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "), "a JPEG XL picture"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), "a JPEG 2000 picture"),
    (re.compile(rb"8BPS"), "a Photoshop file"),
    (re.compile(rb"%PDF|%!PS|\xc5\xd0\xd3\xc6"), "a document to be printed"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|svg|!DOCTYPE svg)", re.IGNORECASE), "a drawing (SVG)"),
    (re.compile(rb"II\*\0....CR|II[RU]|FUJIFILMCCD-RAW|IIRS|\0MRM", re.DOTALL), "a camera's raw photo"),
)
"""What pictures begin with that are not read here, and what they are."""


def open_image(file: Path, *, smallest: bool = False) -> Image.Image:
    """A picture, its pixels not decoded yet; a JPEG of many pixels will be decoded smaller, and with ``smallest`` at an
    eighth, to see whether it is whole.

    Raises:
        OSError: it can't be read, or is no regular file.
        ValueError: it is not a picture of :data:`FORMATS`, or has more pixels than can be read. ``str()`` says which,
            and what to do.
    """
    from PIL import Image, UnidentifiedImageError

    require_regular(file)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            Image.init()
            picture: Image.Image = Image.open(file, formats=[each for each in FORMATS if each in Image.OPEN])
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            picture = _large(file)
        except (UnidentifiedImageError, ImportError):
            # Once ultralytics is imported, Pillow asks for a reader of HEIC wherever it can't read a file.
            raise ValueError(_told(file)) from None
    if smallest:
        picture.draft("RGB", (64, 64))
    elif picture.width * picture.height > _MANY:
        scale = next((each for each in (2, 4) if picture.width * picture.height <= _MANY * each**2), 8)
        picture.draft("RGB", (picture.width // scale, picture.height // scale))
    return picture


def _large(file: Path) -> Image.Image:
    """A JPEG whose pixels Pillow would not decode all at once."""
    from PIL import Image
    from PIL.JpegImagePlugin import JpegImageFile

    with open_regular(file) as opened:
        if opened.read(3) != b"\xff\xd8\xff":
            most = (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
            raise ValueError(f"has more than {most} million pixels; save it smaller, or as JPEG")
    picture = JpegImageFile(file)
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError(f"has more than {MOST_PIXELS // 1_000_000} million pixels; save it smaller")
    return picture


def _told(file: Path) -> str:
    """Why a file is no picture that can be read."""
    with open_regular(file) as opened:
        begins = opened.read(64)
    kind = next((kind for pattern, kind in _OTHERS if pattern.match(begins)), None)
    return NO_PICTURE if kind is None else f"is {kind}, which is not read here; save it as JPEG or PNG"
