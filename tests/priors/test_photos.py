"""Photos: which are usable, what they say, and that nobody is stretched or loses their head."""

import numpy as np
import pytest
from PIL import Image

from dreamrunner.datasets.image_file import open_image
from dreamrunner.priors import given_photos
from dreamrunner.priors.fitting import fitted


def save(file, size, colour="red", **how):
    Image.new("RGB", size, colour).save(file, **how)
    return file


def disc(width: int, height: int) -> Image.Image:
    """A small white disc in the middle of black."""
    y, x = np.mgrid[:height, :width]
    radius = min(width, height) / 5
    inside = (x - width / 2 + 0.5) ** 2 + (y - height / 2 + 0.5) ** 2 <= radius**2
    return Image.fromarray((inside * 255).astype(np.uint8)).convert("RGB")


def extent(pixels: np.ndarray) -> tuple[int, int]:
    """Width and height of what is white."""
    white = pixels[..., 0] > 230
    return int(white.any(0).sum()), int(white.any(1).sum())


@pytest.mark.parametrize("size", [(96, 64), (960, 640), (300, 300), (640, 960), (1200, 300)])
def test_a_disc_stays_round(tmp_path, size):
    disc(*size).save(tmp_path / "a.png")
    pixels = fitted(tmp_path / "a.png", (96, 64))
    assert pixels.shape == (64, 96, 3) and pixels.dtype == np.uint8
    scale = min(96 / size[0], 64 / size[1])  # of a photo that is shown whole; what lies around it is its backdrop
    left, top = round(48 - size[0] * scale / 2), round(32 - size[1] * scale / 2)
    wide, tall = extent(pixels[top : 64 - top, left : 96 - left])
    assert abs(wide - tall) <= 1 and tall >= 8


def test_a_photo_of_the_right_size_is_taken_as_it_is(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    assert np.array_equal(fitted(tmp_path / "a.png", (96, 64)), noise)


def test_a_little_is_cut_off_and_an_upright_photo_is_shown_whole(tmp_path):
    square = Image.new("RGB", (400, 320), "black")
    square.paste("white", (0, 0, 400, 20))
    square.save(tmp_path / "nearly.png")
    assert not (fitted(tmp_path / "nearly.png", (96, 64)) > 200).any(), "its upper edge is cut off"
    upright = Image.new("RGB", (300, 600), "black")
    upright.paste("white", (0, 0, 300, 20))
    upright.save(tmp_path / "upright.png")
    pixels = fitted(tmp_path / "upright.png", (96, 64))
    assert (pixels[0, 34:62] > 200).all(), "what stands at its top is in the picture"


def test_it_is_turned_upright_and_laid_on_white(tmp_path):
    image = Image.new("RGB", (64, 96), "blue")
    image.paste("red", (0, 0, 64, 48))
    exif = Image.Exif()
    exif[0x0112] = 8  # turned left: what is the right side stood at the top
    image.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    pixels = fitted(tmp_path / "turned.jpg", (96, 64)).astype(int)
    assert pixels[32, 10, 0] > 200 > 60 > pixels[32, 10, 2] and pixels[32, 86, 2] > 200
    Image.new("RGBA", (96, 64), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (fitted(tmp_path / "clear.png", (96, 64)) == 255).all()


def test_photos_that_cannot_be_used_are_named_with_the_reason(tmp_path):
    good = save(tmp_path / "good.png", (30, 20))
    again = save(tmp_path / "again.png", (30, 20))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8))
    cut = tmp_path / "cut.jpg"
    noise.save(cut)
    cut.write_bytes(cut.read_bytes()[:-5000])
    no = tmp_path / "no.png"
    no.write_text("no picture")
    mute = save(tmp_path / "mute.png", (40, 20))
    (tmp_path / "mute.txt").write_bytes(b"\xff\xff")
    photos, broken = given_photos([good, again, cut, no, mute, tmp_path / "gone.png"], of="witch", looks="a witch")
    assert [photo.file for photo in photos] == [good]
    assert [(item.place, item.why.split(":")[0]) for item in broken] == [
        (str(again), "is the same photo again"),
        (str(cut), "cannot be read"),
        (str(no), "is not a picture that can be read"),
        (str(mute), "mute.txt is not text that can be read (UTF-8)"),
        (str(tmp_path / "gone.png"), "cannot be read"),
    ]


def test_captions_come_from_beside_or_from_the_looks(tmp_path):
    files = [save(tmp_path / f"{number}.png", (30, 20 + number)) for number in range(3)]
    (tmp_path / "0.txt").write_text("a witch in her  kitchen\n")
    (tmp_path / "1.json").write_text('{"caption": "a [v1] witch asleep"}')
    photos, _ = given_photos(files, of="witch", looks="a girl witch in violet")
    assert [photo.caption for photo in photos] == [
        "a [v1] witch in her kitchen",
        "a [v1] witch asleep",
        "a girl [v1] witch in violet",
    ]


def ramp(white: float, kind) -> Image.Image:
    """Grey from black at the left to white at the right."""
    return Image.fromarray(np.linspace(0, white, 96)[None].repeat(64, 0).astype(kind))


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("16 bits.png", ramp(65535, np.uint16)),
        ("16 bits.tif", ramp(65535, np.uint16)),
        ("fractions.tif", ramp(1, np.float32)),
        ("bytes as floats.tif", ramp(255, np.float32)),
        ("16 bits as floats.tif", ramp(65535, np.float32)),
        ("light without bound.tif", ramp(1e6, np.float32)),
        ("32 bits.tif", ramp(65535, np.int32)),
        ("8 bits.png", ramp(255, np.uint8)),
    ],
)
def test_grey_of_any_depth_runs_from_black_to_white(tmp_path, name, picture):
    picture.save(tmp_path / name)
    (photo,), broken = given_photos([tmp_path / name], of="witch", looks="a witch")
    pixels = fitted(photo.file, (96, 64)).astype(int)
    assert not broken and np.abs(pixels[32] - np.linspace(0, 255, 96)[:, None]).max() <= 2


def test_dark_pictures_of_16_bits_stay_dark_and_what_is_no_number_is_black(tmp_path):
    ramp(6553, np.uint16).save(tmp_path / "dark.png")
    assert 24 <= fitted(tmp_path / "dark.png", (96, 64)).max() <= 26
    values = np.full((64, 96), np.nan, np.float32)
    values[:, 48:] = 1
    Image.fromarray(values).save(tmp_path / "odd.tif")
    pixels = fitted(tmp_path / "odd.tif", (96, 64))
    assert (pixels[:, :47] == 0).all() and (pixels[:, 49:] == 255).all()


@pytest.mark.parametrize("mode", ["P", "CMYK", "L", "LA", "RGBA", "1", "PA"])
def test_pixels_of_any_mode_are_read(tmp_path, mode):
    disc(96, 64).convert("RGB" if mode == "PA" else mode).save(tmp_path / ("a.jpg" if mode == "CMYK" else "a.png"))
    if mode == "PA":
        Image.new("RGB", (96, 64)).quantize(4).save(tmp_path / "a.png", transparency=0)
    (file,) = tmp_path.iterdir()
    pixels = fitted(file, (96, 64))
    assert (pixels[0, 0] > 250).all() == (mode == "PA") and pixels[32, 48, 0] > 250


def test_a_turned_picture_of_16_bits_and_the_first_of_an_animation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    ramp(65535, np.uint16).save(tmp_path / "turned.tif", exif=exif)
    assert fitted(tmp_path / "turned.tif", (96, 64))[32, 0, 0] > 250
    first, second = Image.new("RGB", (96, 64), "red"), Image.new("RGB", (96, 64), "blue")
    first.save(tmp_path / "moving.webp", save_all=True, append_images=[second], lossless=True)
    assert (fitted(tmp_path / "moving.webp", (96, 64)) == [255, 0, 0]).all()


def test_a_jpeg_of_many_pixels_is_decoded_smaller_and_others_are_told(tmp_path, monkeypatch):
    disc(960, 640).save(tmp_path / "a.jpg", quality=95)
    disc(960, 640).save(tmp_path / "a.png")
    whole = fitted(tmp_path / "a.jpg", (96, 64)).astype(int)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100_000)  # of which Pillow decodes no more than twice
    monkeypatch.setattr("dreamrunner.datasets.image_file._MANY", 100_000)
    with open_image(tmp_path / "a.jpg") as picture:
        assert picture.size == (240, 160)
    assert np.abs(fitted(tmp_path / "a.jpg", (96, 64)) - whole).mean() < 2
    photos, broken = given_photos([tmp_path / "a.jpg", tmp_path / "a.png"], of="witch", looks="a witch")
    assert [photo.file.name for photo in photos] == ["a.jpg"]
    assert [item.why for item in broken] == ["has more than 0 million pixels; save it smaller, or as JPEG"]
    monkeypatch.setattr("dreamrunner.datasets.image_file.MOST_PIXELS", 600_000)
    _, (refused,) = given_photos([tmp_path / "a.jpg"], of="witch", looks="a witch")
    assert "save it smaller" in refused.why


@pytest.mark.parametrize(
    ("begins", "named"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC photo, which is not read here; save it as JPEG or PNG"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", "a HEIC photo"),
        (b"\xff\x0a\0\0", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"8BPS\0\1", "a Photoshop file"),
        (b"%PDF-1.7\n", "a document"),
        (b"%!PS-Adobe", "a document"),
        (b'<?xml version="1.0"?><svg/>', "a drawing"),
        (b"  <svg/>", "a drawing"),
        (b"II*\0\x10\0\0\0CR\2\0", "a camera's raw photo"),
        (b"<html>", "is not a picture that can be read"),
        (b"", "is not a picture that can be read"),
    ],
)
def test_pictures_that_are_not_read_are_named_whatever_their_ending(tmp_path, begins, named):
    (tmp_path / "a.png").write_bytes(begins + bytes(200 if begins else 0))
    photos, (broken,) = given_photos([tmp_path / "a.png"], of="witch", looks="a witch")
    assert not photos and named in broken.why
