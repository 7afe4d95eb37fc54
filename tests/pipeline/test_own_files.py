"""Somebody's own files in the folder of a film: never lost, never learnt from, never taken for a film's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dreamrunner.files.digest import digest_file
from dreamrunner.language import read_story
from dreamrunner.pipeline import StoryError
from dreamrunner.pipeline.draw_boxes import draw_boxes
from dreamrunner.pipeline.forecast import forecast
from dreamrunner.pipeline.options import Options
from tests.material.place import Place

OWN = ("two.mp4", "two.srt", "two.vtt", "two.otio", "storyboard.png", "scenes/garden.mp4", "manifest.json")


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(f"my own {name}".encode())


def names(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*"))
    return {str(path) for path in found if path.parts[0] != "cache"}


def test_what_stood_there_is_kept_and_told_once(place: Place) -> None:
    place.out = place.root
    write(place.root, *OWN)
    place.build()
    told = "\n".join(place.recorder.lines)
    for name in OWN:
        kept = (place.root / name).with_stem(f"{Path(name).stem}.kept")
        assert kept.read_bytes() == f"my own {name}".encode() and kept.name in told
        assert (place.root / name).read_bytes() != kept.read_bytes()
    before = names(place.root)
    place.recorder.lines.clear()
    place.edit("She stirs her soup.", "She stirs it.")
    place.build()
    assert names(place.root) == before and "kept as" not in "\n".join(place.recorder.lines)


def test_a_subtitle_that_was_mended_by_hand_is_kept(place: Place) -> None:
    (place.out / "two.srt").write_text("mended")
    place.build()
    assert (place.out / "two.kept.srt").read_text() == "mended" and "stirs" in (place.out / "two.srt").read_text()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("two.mp4", 'motion stirring\n  clips "two.mp4"\n'),
        ("scenes/garden.mp4", 'motion stirring\n  clips "scenes/*.mp4"\n'),
        ("storyboard.png", 'character girl "a girl"\n  images "*.png"\n'),
    ],
)
def test_a_film_never_takes_the_place_of_what_it_is_made_from(place: Place, name: str, line: str) -> None:
    write(place.root, name)
    place.edit("\nscene garden", f"\n{line}\nscene garden")
    for asked in (
        lambda: place.build(),
        lambda: forecast(place.story, out=place.root, options=Options(model=str(place.model))),
    ):
        place.out = place.root
        with pytest.raises(StoryError, match=f"{name} would take the place of"):
            asked()
    assert (place.root / name).read_bytes() == f"my own {name}".encode()


def test_a_storyboard_never_takes_the_place_of_a_photo_and_keeps_other_pictures(place: Place) -> None:
    write(place.root, "girl.png", "other.png", "other.html")
    place.edit("\nscene garden", '\ncharacter girl "a girl"\n  images "girl.png"\n\nscene garden')
    with pytest.raises(StoryError, match=r"girl\.png would take the place of"):
        draw_boxes(place.story, place.root / "girl.png")
    told: list[str] = []
    draw_boxes(place.story, place.root / "other.png", say=told.append)
    draw_boxes(place.story, place.root / "other.png", say=told.append)
    assert [line.rpartition(" ")[2] for line in told] == ["other.kept.png", "other.kept.html"]
    assert (place.root / "girl.png").read_bytes() == b"my own girl.png"


def test_outputs_are_no_inputs_however_they_came_to_be(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(place.root / "cache"))
    place.edit("\nscene garden", '\ncharacter girl "a girl"\n  images "**/*.png"\n\nscene garden')
    assert "no-match" in {item.code for item in read_story(place.story).diagnostics}
    write(place.root, "girl.png")
    draw_boxes(place.story, place.root / "boxes.png")
    draw_boxes(place.story, place.root / "pictures" / "drawn.png")
    (girl,) = (one for one in read_story(place.story).story.characters if one.name == "girl")
    assert [path.name for path in girl.images] == ["girl.png"]
    place.edit("**/*.png", "boxes.png")  # by its own name it is wanted
    (girl,) = (one for one in read_story(place.story).story.characters if one.name == "girl")
    assert [path.name for path in girl.images] == ["boxes.png"]


def test_a_manifest_takes_nothing_away_that_no_build_has_made(place: Place) -> None:
    own = ("notes.txt", "scenes/holiday.mp4", "old.mp4")
    write(place.out, *own)
    write(place.root, "outside.txt")
    listed = place.out / "manifest.json"
    manifest = json.loads(listed.read_text())
    manifest["outputs"] |= {name: digest_file(place.out / name) for name in own}
    outside = digest_file(place.root / "outside.txt")
    forged = manifest["outputs"] | {"../../outside.txt": outside, str(place.root / "outside.txt"): outside}
    listed.write_text(json.dumps({**manifest, "outputs": forged}))
    place.build()  # a manifest that names what no build writes is none
    assert (place.root / "outside.txt").exists()
    listed.write_text(json.dumps(manifest))
    place.edit("scene kitchen", "scene cellar")
    place.build()
    assert all((place.out / name).exists() for name in own) and (place.root / "outside.txt").exists()
    assert not (place.out / "scenes" / "kitchen.mp4").exists() and (place.out / "scenes" / "cellar.mp4").exists()
    assert sum("stays" in line for line in place.recorder.lines) == 3
