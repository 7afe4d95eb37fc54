"""Films as a player sees them: every file is decoded again by another library (PyAV)."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dreamrunner.film import FilmError, cut_scene, encode_scene, join
from dreamrunner.film.encode import enlargement, scene_rate
from dreamrunner.film.joining import language_of
from dreamrunner.film.output_file import explain
from dreamrunner.film.timeline import lay_out
from dreamrunner.language.parts import Transition
from dreamrunner.rendering.frames import Frames
from tests.material.films import COLOURS, join_scenes, plain, plan, scene, watch

AWKWARD = 'it\'s 100% "q": [a], \u00e9\U0001f3ac;x'


_LENGTHS = [(1, 6.0), (2, 0.5), (17, 3.7), (17, 5.123), (49, 6.125), (49, 6.1), (9, 0.1)]


def atoms(file: Path) -> list[str]:
    """The names of an mp4 file's outermost boxes, in order."""
    data, at, names = file.read_bytes(), 0, []
    while at < len(data):
        names.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at : at + 4], "big")
    return names


def near(pixels: np.ndarray, colour: tuple[int, ...] | np.ndarray, slack: int = 6) -> np.ndarray:
    return np.abs(pixels.astype(int) - np.asarray(colour)).max(axis=-1) <= slack


@pytest.mark.usefixtures("as_watched")
def test_a_miniature_scene_plays_in_a_browser(tmp_path: Path) -> None:
    frames = plain("red", count=17, duration=6.0)
    seen = watch(encode_scene(frames, tmp_path / "a.mp4"))
    assert seen.pixels.shape == (144, 512, 768, 3) and seen.pixel_format == "yuv420p" and seen.codecs == ["h264"]
    assert seen.duration == 6.0 and seen.rate == 24
    np.testing.assert_allclose(seen.times, np.arange(144) / 24, atol=1e-4)
    names = atoms(tmp_path / "a.mp4")
    assert names.index("moov") < names.index("mdat")
    # every pixel became a square of eight by eight, in its own colour
    expected = frames.pixels.repeat(8, axis=1).repeat(8, axis=2)
    first = np.floor(np.arange(17) * 144 / 17 + 0.5).astype(int)
    assert near(seen.pixels[first], expected, 12).mean() > 0.99
    assert near(seen.pixels[first[1:] - 1], expected[:-1], 12).mean() > 0.99, "each is held until the next"


@pytest.mark.parametrize(("count", "duration"), _LENGTHS)
def test_frames_fill_the_seconds_of_their_scene(count: int, duration: float, tmp_path: Path) -> None:
    seen = watch(encode_scene(plain("blue", count, duration), tmp_path / "a.mp4"))
    assert len(seen.pixels) == max(1, round(duration * 24)) and abs(seen.duration - len(seen.pixels) / 24) < 0.002


def test_rates_are_exact_fractions() -> None:
    assert scene_rate(17, 6.0) == Fraction(17, 6) and scene_rate(49, 6.1) == Fraction(490, 61)


@pytest.mark.usefixtures("as_watched")
def test_only_small_frames_are_enlarged_and_odd_sizes_made_even(tmp_path: Path) -> None:
    assert [enlargement(height) for height in (16, 64, 240, 300, 479, 480, 720)] == [30, 8, 2, 2, 2, 1, 1]
    seen = watch(encode_scene(plain("green", 2, size=(481, 21)), tmp_path / "a.mp4"))
    assert seen.pixels.shape == (24, 482, 22, 3) and near(seen.pixels[:, :100], COLOURS["green"]).all()


def test_smoothing_fills_the_film_rate_with_frames_in_between(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, (16, 16, 3)).repeat(2, axis=0).repeat(2, axis=1).astype(np.uint8)
    pixels = np.full((5, 64, 96, 3), 90, np.uint8)
    for number in range(5):
        pixels[number, 16:48, 8 + 8 * number : 40 + 8 * number] = picture
    seen = watch(encode_scene(Frames(pixels, 1.0), tmp_path / "a.mp4", smooth=True))
    assert len(seen.pixels) == 24 and seen.duration == 1.0 and seen.rate == 24
    changes = [np.abs(a.astype(int) - b).mean() for a, b in zip(seen.pixels[:19], seen.pixels[1:20], strict=True)]
    assert min(changes) > 0.5, "nothing is held while the picture moves"
    still = watch(encode_scene(plain("red", 1), tmp_path / "b.mp4", smooth=True))
    assert still.duration == 1.0 and len(still.pixels) == 24


def test_the_same_frames_give_the_same_bytes(filmed: dict[str, Path], tmp_path: Path) -> None:
    again = encode_scene(plain("red"), tmp_path / "again.mp4")
    assert again.read_bytes() == filmed["red"].read_bytes()
    story = plan(scene("red", transition=Transition("dissolve", 0.5)), scene("blue"))
    one, other = join_scenes(story, filmed, tmp_path / "one.mp4"), join_scenes(story, filmed, tmp_path / "two.mp4")
    assert one.read_bytes() == other.read_bytes()
    for made in (filmed["red"], one):
        metadata = watch(made).metadata
        assert "creation_time" not in metadata
        assert not any(c.isdigit() for c in metadata.get("encoder", "").replace("264", ""))


def test_scenes_are_joined_in_the_order_of_the_plan(filmed: dict[str, Path], tmp_path: Path) -> None:
    film = join_scenes(plan(scene("green"), scene("red"), scene("blue", 2.0)), filmed, tmp_path / "film.mp4")
    seen = watch(film)
    assert seen.codecs == ["h264", "mov_text"] and seen.pixel_format == "yuv420p" and seen.rate == 24
    assert len(seen.pixels) == 96 and seen.duration == 4.0
    for colour, shot in (("green", slice(0, 24)), ("red", slice(24, 48)), ("blue", slice(48, 96))):
        assert near(seen.corners()[shot], COLOURS[colour]).all()
    assert atoms(film).index("moov") < atoms(film).index("mdat")
    # five frames a second are held: a picture changes four times in its second, and then is held to the end
    bar = (seen.pixels[:24, -1] > 230).all(axis=-1).sum(axis=-1)
    assert len(set(np.round(bar / 32))) == 5 and np.count_nonzero(np.diff(np.round(bar / 32))) == 4


def test_a_film_says_its_title_its_scenes_and_its_language(filmed: dict[str, Path], tmp_path: Path) -> None:
    odd = 'A "Day"; = # \\ at\nsea \N{SNOWMAN}'
    scenes = [scene("green", narration="The cat walks."), scene("red", transition=Transition("dissolve", 0.5))]
    story = plan(*scenes, scene("blue", 2.0)).model_copy(update={"title": odd})
    film = join_scenes(story, filmed, tmp_path / "film.mp4")
    with av.open(str(film)) as container:
        assert container.metadata["title"] == odd.replace("\n", " ")
        told = [(each["metadata"]["title"], each["start"], each["end"]) for each in container.chapters()]
        base = [float(each["time_base"]) for each in container.chapters()]
        languages = {each.type: each.metadata.get("language") for each in container.streams}
    starts = [(shot.start, after) for shot, after in zip(lay_out(story), (1.0, 1.5, 3.5), strict=True)]
    assert [name for name, *_ in told] == ["green", "red", "blue"]
    for (_, start, end), unit, expected in zip(told, base, starts, strict=True):
        assert (start * unit, end * unit) == pytest.approx(expected, abs=0.002)
    assert languages["video"] == languages["subtitle"] == "eng"


@pytest.mark.parametrize(
    ("narration", "language"),
    [
        ("The cat\N{RIGHT SINGLE QUOTATION MARK}s hat.", "eng"),
        ("Die Katze läuft.", "und"),
        ("猫。", "und"),
        ("", "und"),
    ],
)
def test_only_what_may_be_english_is_called_so(narration: str, language: str) -> None:
    assert language_of(narration) == language


def test_every_picture_of_a_joined_film_has_its_time(filmed: dict[str, Path], tmp_path: Path) -> None:
    colours = ["red", "green", "blue"] * 3
    scenes = [scene(f"{place}", 0.05 + place / 8) for place in range(9)]
    files = {each.name: filmed[colour] for each, colour in zip(scenes, colours, strict=True)}
    seen = watch(join_scenes(plan(*scenes), files, tmp_path / "film.mp4"))
    lengths = [max(1, round(each.duration * 24)) for each in scenes]
    assert len(seen.times) == sum(lengths)
    np.testing.assert_allclose(seen.times, np.arange(sum(lengths)) / 24, atol=1e-6)
    shown = np.repeat([COLOURS[colour] for colour in colours], lengths, axis=0)
    assert near(seen.corners(), shown).all()


def test_a_fade_goes_through_black(filmed: dict[str, Path], tmp_path: Path) -> None:
    story = plan(scene("red", transition=Transition("fade", 0.5)), scene("blue"))
    corners = watch(join_scenes(story, filmed, tmp_path / "film.mp4")).corners()
    assert len(corners) == 48
    assert near(corners[:18], COLOURS["red"]).all() and near(corners[30:], COLOURS["blue"]).all()
    brightness = corners.sum(axis=1)
    assert brightness[23:25].min() < 30
    assert (np.diff(brightness[17:24]) <= 0).all() and (np.diff(brightness[25:31]) >= 0).all()
    assert corners[20].argmax() == 0 and corners[27].argmax() == 2


def test_a_dissolve_shows_both_scenes_and_shortens_the_film(filmed: dict[str, Path], tmp_path: Path) -> None:
    story = plan(scene("red", transition=Transition("dissolve", 0.5)), scene("green"), scene("blue"))
    seen = watch(join_scenes(story, filmed, tmp_path / "film.mp4"))
    corners = seen.corners()
    assert len(corners) == 60 and seen.duration == 2.5
    assert near(corners[:12], COLOURS["red"]).all()
    assert near(corners[24:36], COLOURS["green"]).all() and near(corners[36:], COLOURS["blue"]).all()
    middle = (np.array(COLOURS["red"]) + COLOURS["green"]) / 2
    assert near(corners[18], middle, 16)
    assert (np.diff(corners[12:24, 0]) < 0).all() and (np.diff(corners[12:24, 1]) > 0).all()


@pytest.mark.parametrize("kind", ["fade", "dissolve"])
def test_transitions_longer_than_their_scenes_break_nothing(kind: str, filmed: dict[str, Path], tmp_path: Path) -> None:
    long = Transition(kind, 60.0)
    story = plan(scene("red", transition=long), scene("green", 0.05, long), scene("blue", transition=long))
    seen = watch(join_scenes(story, filmed, tmp_path / "film.mp4"))
    # 24 frames, one, 24: a scene of one frame has no half to give away
    assert len(seen.pixels) == 49
    assert seen.corners()[0].argmax() == 0 and seen.corners()[-20].argmax() == 2


def test_scenes_of_any_rate_and_size_join(filmed: dict[str, Path], tmp_path: Path) -> None:
    files = dict(filmed, big=encode_scene(plain("green", 49, 2.0, size=(500, 300)), tmp_path / "big.mp4"))
    seen = watch(join_scenes(plan(scene("red"), scene("big", 2.0)), files, tmp_path / "film.mp4"))
    assert seen.pixels.shape == (72, 128, 192, 3) and near(seen.corners()[24:], COLOURS["green"]).all()


def test_scenes_that_share_a_file_join(filmed: dict[str, Path], tmp_path: Path) -> None:
    scenes = [scene(name, transition=Transition("dissolve", 0.25)) for name in ("a", "b", "c")]
    files = {"a": filmed["red"], "b": filmed["blue"], "c": filmed["red"]}
    corners = watch(join_scenes(plan(*scenes), files, tmp_path / "film.mp4")).corners()
    assert len(corners) == 60 and [corners[n].argmax() for n in (0, 30, 59)] == [0, 2, 0]


def test_the_subtitle_track_says_the_narration(filmed: dict[str, Path], tmp_path: Path) -> None:
    import av

    story = plan(scene("red", narration='She said: "100%!" \u00e9'), scene("blue", narration="Night."))
    film = join_scenes(story, filmed, tmp_path / "film.mp4")
    with av.open(str(film)) as container:
        packets = [packet for packet in container.demux(container.streams.subtitles[0]) if packet.size > 2]
        told = [(float(p.pts * p.time_base), bytes(p)[2:].decode()) for p in packets]
    assert told == [(0.0, 'She said: "100%!" \u00e9'), (1.0, "Night.")]
    silent = join_scenes(plan(scene("red", narration="")), filmed, tmp_path / "silent.mp4")
    assert watch(silent).codecs == ["h264"]


def test_paths_with_every_awkward_character(tmp_path: Path) -> None:
    folder = tmp_path / AWKWARD
    files = {"red": encode_scene(plain("red"), folder / f"{AWKWARD}.mp4")}
    assert len(watch(join_scenes(plan(scene("red")), files, folder / f"-{AWKWARD} film.mp4")).pixels) == 24


def test_a_relative_path_that_looks_like_a_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert encode_scene(plain("red"), Path("http:film.mp4")).is_file()


def test_progress_rises_to_one(filmed: dict[str, Path], tmp_path: Path) -> None:
    told: list[float] = []
    encode_scene(plain("red"), tmp_path / "a.mp4", on_progress=told.append)
    join_scenes(plan(scene("red"), scene("blue")), filmed, tmp_path / "b.mp4", on_progress=lambda x: told.append(x + 1))
    assert told == sorted(told) and 1.0 in told and told[-1] == 2.0


def test_missing_and_broken_files(filmed: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a film")
    out = tmp_path / "out" / "film.mp4"
    story = plan(scene("red", transition=Transition("dissolve", 0.5)), scene("blue"))
    for files, said in (
        (
            {"red": filmed["red"], "blue": tmp_path / "gone.mp4"},
            r"scene blue: .*gone.mp4 cannot be read .*No such file",
        ),
        ({"red": filmed["red"], "blue": broken}, r"scene blue: .*broken.mp4 cannot be read as a video \(moov"),
        ({"red": broken, "blue": filmed["blue"]}, r"scene red: .*broken.mp4 cannot be read as a video \(moov"),
    ):
        with pytest.raises(FilmError, match=said):
            cut_scene(story, "blue", files, out, size=(64, 96))
    with pytest.raises(FilmError, match="no scenes"):
        join(plan(), {}, out)
    with pytest.raises(FilmError, match=r"the part of scene blue, .*gone\.mp4, is missing"):
        join(story, {"red": filmed["red"], "blue": tmp_path / "gone.mp4"}, out)
    with pytest.raises(FilmError, match=f"cannot write {out}: moov atom not found"):
        join(plan(scene("red")), {"red": broken}, out)
    assert not out.parent.exists() or list(out.parent.iterdir()) == []


def test_an_output_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.mp4").mkdir()
    for out, said in (
        (tmp_path / "file" / "a.mp4", "is not a folder; choose another"),
        (tmp_path / "folder.mp4", "a folder of that name is in the way"),
    ):
        with pytest.raises(FilmError, match=said):
            encode_scene(plain("red"), out)
    assert "no space is left on the disk; free some" in explain(
        tmp_path, None, "Error writing: No space left on device"
    )
    assert "may not be written to" in explain(tmp_path, 13, "Permission denied")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_from_ffmpegs_words(tmp_path: Path) -> None:
    # ffmpeg is made to write to a device that is always full, in place of the temporary file.
    code = (
        "import sys\nfrom pathlib import Path\nimport dreamrunner.film.encode as encode\n"
        "from dreamrunner.film import FilmError\n"
        "from tests.material.films import plain\n"
        "encode.local = lambda path: 'file:/dev/full'\n"
        "try: encode.encode_scene(plain('red'), Path(sys.argv[1]))\n"
        "except FilmError as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.mp4")],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    advice = "no space is left on the disk; free some or choose another output folder"
    assert said.stdout == f"cannot write {tmp_path / 'a.mp4'}: {advice}\n"
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_encode_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    out.write_bytes(b"old")

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode_scene(plain("red"), out, on_progress=interrupt)
    assert out.read_bytes() == b"old" and list(tmp_path.iterdir()) == [out]
