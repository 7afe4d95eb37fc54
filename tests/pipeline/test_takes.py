"""A scene filmed alone beside its film: the film stays one, and a line in the story gives the very take again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dreamrunner.files.digest import digest_file
from dreamrunner.pipeline import understand
from dreamrunner.pipeline.kept_takes import kept_takes
from dreamrunner.pipeline.last_film import FilmedScene, film_files, film_folder, filmed_scenes, folder_memory
from dreamrunner.pipeline.manifest import read_film, read_manifest
from tests.material.place import Place
from tests.material.two_scenes import STORY


def agree(folder: Path) -> bool:
    """Whether what the manifest lists is what lies there."""
    manifest = read_manifest(folder)
    scenes = {record.plan.name: record.film for record in manifest.scenes}
    return all(digest_file(folder / name) == digest for name, digest in manifest.outputs.items()) and all(
        digest_file(folder / "scenes" / f"{name}.mp4") == film for name, film in scenes.items()
    )


def filmed(place: Place) -> dict[str, FilmedScene]:
    told = understand(place.story)
    return filmed_scenes(place.out, told.plan, told.story)


def states(place: Place) -> dict[str, tuple[str, str]]:
    return {name: (one.state, one.film.name if one.film else "") for name, one in filmed(place).items()}


def test_a_take_leaves_the_film_and_a_line_in_the_scene_keeps_it(place: Place) -> None:
    place.edit("  seed 3", f'  seed 3\n  model "{place.model}"')
    place.edit("scene kitchen", "scene kitchen\n  seed 5")
    place.build(model=None, allow_outside=True)
    place.recorder.made()
    take = place.build(model=None, allow_outside=True, scene="kitchen", seed=7)
    assert take.film == place.out / "takes" / "kitchen.seed7.mp4" and agree(place.out)
    assert digest_file(take.film) != digest_file(place.out / "scenes" / "kitchen.mp4")
    assert "the line `seed 7` in scene kitchen keeps this take" in place.recorder.lines
    assert {take.film, take.film.with_suffix(".json")} < set(film_files(place.out, ["kitchen"]))
    place.edit("  seed 5", "  seed 7")
    place.recorder.made()
    place.recorder.lines.clear()
    assert place.build(model=None, allow_outside=True, scene="kitchen", seed=7).film == take.film
    assert place.recorder.made() == [] and not any("keeps" in line for line in place.recorder.lines)
    place.build(model=None, allow_outside=True)
    assert "render kitchen" not in place.recorder.made() and agree(place.out)
    assert digest_file(take.film) == digest_file(place.out / "scenes" / "kitchen.mp4")


def test_a_take_of_an_edited_scene_is_shown_until_the_film_has_it(place: Place) -> None:
    place.edit("  seed 3", f'  seed 3\n  model "{place.model}"')
    place.build(model=None, allow_outside=True)
    place.edit("[0.3 0.2 0.7 0.9]", "[0.4 0.2 0.8 0.9]")
    assert agree(place.out) and states(place)["garden"] == ("changed", "garden.mp4")
    assert states(place)["kitchen"] == ("current", "kitchen.mp4")
    place.build(model=None, allow_outside=True, scene="garden")
    assert states(place)["garden"] == ("current", "garden.mp4")
    assert filmed(place)["garden"].film.parent.name == "takes" and agree(place.out)


def test_a_film_is_found_wherever_it_was_made_last(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "its cache"))
    monkeypatch.chdir(place.root)
    assert film_folder(place.story) == Path("build/two")  # where it would be
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert film_folder(place.story) == place.out  # beside the story, as a moved project has it
    place.out = tmp_path / "elsewhere" / "film"
    place.build()
    assert film_folder(place.story) == Path("film")
    place.build(draft=True)
    assert film_folder(Path("..") / "copy" / "two.story") == Path("film")
    monkeypatch.chdir(place.root)
    assert film_folder(Path("two.story")) == place.out
    shutil.rmtree(place.out)
    assert film_folder(Path("two.story")) == Path("build/two")
    folder_memory(place.story).write_bytes(b"\xff\0..")
    assert film_folder(Path("two.story")) == Path("build/two")


def test_a_scene_filmed_before_there_is_a_film_is_known_until_there_is(tmp_path: Path, model: Path) -> None:
    place = Place(tmp_path, model)
    place.story.write_text(STORY.replace("  seed 3", f'  seed 3\n  model "{model}"'))
    how = {"model": None, "allow_outside": True}
    alone = place.build(**how, scene="kitchen").film
    assert alone == place.out / "scenes" / "kitchen.mp4" and read_manifest(place.out) is None
    assert states(place) == {"garden": ("never", ""), "kitchen": ("current", "kitchen.mp4")}
    (take,) = kept_takes(place.out, "kitchen")
    assert (take.number, take.film, take.filmed) == (1, alone, False)
    assert [record.plan.name for record in read_film(place.out).scenes] == ["kitchen"]
    place.build(**how, scene="garden")
    assert [record.plan.name for record in read_film(place.out).scenes] == ["garden", "kitchen"]
    place.build(**how)
    assert sorted(file.name for file in (place.out / "scenes").iterdir()) == ["garden.mp4", "kitchen.mp4"]
    assert kept_takes(place.out, "kitchen") == () and read_film(place.out) == read_manifest(place.out)
