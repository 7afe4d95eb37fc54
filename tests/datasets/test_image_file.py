"""Pictures are opened in one place, in a short list of formats, told by their bytes and never by their names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from dreamrunner.datasets.image_file import FORMATS, open_image
from dreamrunner.priors.fitting import fitted
from dreamrunner.priors.photos import given_photos
from tests.material.odd_files import ODD, ending_within

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n0 0 moveto\nshowpage\n%%EOF\n"
NOT_ONES = {
    "PostScript": POSTSCRIPT,
    "PostScript with a preview": b"\xc5\xd0\xd3\xc6" + (30).to_bytes(4, "little") + bytes(22) + POSTSCRIPT,
    "PDF": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "WMF": b"\xd7\xcd\xc6\x9a\0\0\0\0\0\0\x0a\0\x0a\0\x48\0" + bytes(30),
    "icons": b"\0\0\1\0\1\0" + bytes(40),
    "nothing": b"",
    "text": b"a photo\n",
}
NAMED = {
    "PostScript": "a document to be printed",
    "PostScript with a preview": "a document to be printed",
    "PDF": "a document to be printed",
    "SVG": "a drawing (SVG)",
}


@pytest.mark.parametrize("kind", NOT_ONES)
@pytest.mark.parametrize("ending", ["png", "jpg", "eps"])
def test_other_formats_are_no_pictures_and_start_no_program(
    kind: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess.Popen, "__init__", lambda *_, **__: pytest.fail("a program was started"))
    photo = tmp_path / f"1.{ending}"
    photo.write_bytes(NOT_ONES[kind])
    photos, broken = given_photos([photo], of="cat", looks="a cat")
    why = "is not a picture that can be read"
    if kind in NAMED:
        why = f"is {NAMED[kind]}, which is not read here; save it as JPEG or PNG"
    assert photos == () and [one.why for one in broken] == [why]
    with pytest.raises(ValueError, match=re.escape(why)):
        fitted(photo, (32, 32))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_what_cameras_and_people_have_is_read_whatever_it_is_called(form: str, tmp_path: Path) -> None:
    assert form in FORMATS
    photo = tmp_path / "photo.eps"
    Image.new("RGB", (40, 30), "red").save(photo, form)
    with open_image(photo) as picture:
        assert picture.size == (40, 30) and picture.format == form


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_file_is_no_photo_and_is_not_waited_for(odd: str, tmp_path: Path) -> None:
    photo = tmp_path / "1.png"
    ODD[odd](photo)
    with ending_within(20):
        photos, broken = given_photos([photo], of="cat", looks="a cat")
    assert photos == () and broken[0].why.startswith("cannot be read: ")
