"""Photos of a character: which can be used, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dreamrunner.datasets.captions import Broken, caption_of
from dreamrunner.datasets.image_file import open_image
from dreamrunner.datasets.image_pixels import on_white
from dreamrunner.datasets.tables import told_beside
from dreamrunner.files.digest import digest_file
from dreamrunner.files.wording import reason
from dreamrunner.priors.naming import PLACEHOLDER, with_placeholder


class PhotoFile(BaseModel):
    """A photo on disk: ``digest`` is the sha256 of the file, ``caption`` what it shows, with the placeholder."""

    model_config = ConfigDict(frozen=True)

    file: Path
    digest: str
    caption: str


def given_photos(files: Sequence[Path], *, of: str, looks: str) -> tuple[tuple[PhotoFile, ...], tuple[Broken, ...]]:
    """The photos that can be used, in the order given, and those that cannot: unreadable, or the same again.

    A caption is what stands in the text or JSON file beside the photo, else the character's ``looks``; the placeholder
    is added where it is missing.
    """
    photos: list[PhotoFile] = []
    broken: list[Broken] = []
    for file in files:
        try:
            with open_image(file, smallest=True) as picture:
                on_white(picture)
            digest = digest_file(file)
            if any(photo.digest == digest for photo in photos):
                raise ValueError("is the same photo again")
            told = told_beside(file.parent, file.name)
            caption = caption_of(told) if "caption" in told else looks
        except (OSError, SyntaxError, ValueError) as error:
            broken.append(Broken(str(file), _why(error)))
        else:
            photos.append(PhotoFile(file=file, digest=digest, caption=with_placeholder(caption, of, PLACEHOLDER)))
    return tuple(photos), tuple(broken)


def _why(error: Exception) -> str:
    return f"cannot be read: {reason(error)}" if isinstance(error, OSError) else str(error)
