"""What of a film is looked at: by its folder, by a file in it, by a story; and what is told where nothing is there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dreamrunner.evaluation.footage import NoFootage, find_footage, halves_of, sentences_of
from dreamrunner.files.digest import digest_file
from dreamrunner.language.parts import CUT
from dreamrunner.pipeline.manifest import Manifest, ModelRecord, SceneRecord
from dreamrunner.planning.plan import PlannedScene
from tests.evaluation.conftest import Place
from tests.material.films import beat, scene


def record(name: str, duration: float, film: str) -> SceneRecord:
    planned = scene(name, duration, narration="He walks. He sits.")
    return SceneRecord(
        plan=planned, region_program="", steps=1, guidance=1.0, attention="sr3ai", adapters=(), frames="", film=film
    )


def manifest(scenes: tuple[SceneRecord, ...], outputs: dict[str, str]) -> str:
    model = ModelRecord(name="miniature", digest="", width=96, height=64, frames=17)
    told = {"title": "T", "style": "", "planner": "offline", "seed": 1, "versions": {}}
    return Manifest(**told, model=model, scenes=scenes, outputs=outputs).text()


@pytest.fixture
def folder(tmp_path: Path, small: Place) -> Path:
    """A film's folder: two scenes of one video each, and a take of the second."""
    (tmp_path / "scenes").mkdir()
    (tmp_path / "takes").mkdir()
    names = ("film.mp4", "scenes/one.mp4", "scenes/two.mp4", "takes/two.seed7.mp4")
    for name in names:
        shutil.copyfile(small.film, tmp_path / name)
    digest = digest_file(small.film)
    records = (record("one", 6.0, digest), record("two", 9.0, digest))
    (tmp_path / "manifest.json").write_text(manifest(records, dict.fromkeys(names[:3], digest)))
    (tmp_path / "takes" / "two.seed7.json").write_text(manifest(records[1:], {}))
    return tmp_path


def test_a_films_folder_and_its_file_are_its_scenes_files(folder: Path) -> None:
    for named in (folder, folder / "film.mp4"):
        footage = find_footage(named)
        assert [(each.scene, each.file.name, each.frames) for each in footage.scenes] == [
            ("one", "one.mp4", 17),
            ("two", "two.mp4", 25),
        ]
        assert footage.film == named and footage.drawn == "miniature" and footage.planned and not footage.story


@pytest.mark.parametrize("named", ["scenes/two.mp4", "takes/two.seed7.mp4"])
def test_a_scenes_file_is_that_scene_wherever_one_stands(
    folder: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir((folder / named).parent)
    for path in (folder / named, Path(Path(named).name)):
        (shown,) = find_footage(path).scenes
        assert (shown.scene, shown.file) == ("two", path)


def test_another_video_has_the_scenes_of_the_story_that_is_named(small: Place, folder: Path) -> None:
    footage = find_footage(small.film, small.story)
    assert [(each.scene, each.start, each.end, each.cast) for each in footage.scenes] == [
        ("garden", 0.0, 2.0, ("witch",)),
        ("kitchen", 2.0, 3.0, ("cat",)),
    ]
    assert list(footage.photos) == ["witch"] and not footage.drawn
    (alone,) = find_footage(small.film).scenes
    assert (alone.scene, alone.end, alone.frames) == ("", None, None)
    changed = folder / "scenes" / "one.mp4"
    changed.write_bytes(changed.read_bytes() + b"\0")  # a film that the manifest does not know
    assert not find_footage(changed).planned


def test_what_is_no_film_is_told_in_a_line(folder: Path, small: Place, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "bad.story").write_text("story\n")
    (tmp_path / "odd.json").write_text(json.dumps({}))
    told = [
        (folder / "nowhere.mp4", None, "there is no "),
        (tmp_path / "empty", None, "has no manifest.json"),
        (tmp_path / "text.mp4", small.story, "text.mp4: is not a video"),
        (small.film, tmp_path / "bad.story", "can't be planned; `dreamrunner check"),
        (small.film, tmp_path / "odd.json", "is no manifest of a film"),
        (small.film, folder / "manifest.json", "is not the film of .*: it lasts 3 s, and what is planned 15 s"),
    ]
    for film, plan, why in told:
        with pytest.raises(NoFootage, match=why) as refused:
            find_footage(film, plan)
        assert "\n" not in str(refused.value)
    (folder / "scenes" / "two.mp4").unlink()
    with pytest.raises(NoFootage, match=r"the film of scene two \(.*\) is gone"):
        find_footage(folder)


def test_sentences_of_halves_are_the_narrations_or_what_goes_on() -> None:
    assert sentences_of("Mr. Fox walks! “Who is it?” asks he.") == ("Mr. Fox walks!", "“Who is it?” asks he.")

    def of(narration: str, *beats: object) -> PlannedScene:
        return scene("s", 6.0, CUT, narration=narration, beats=beats)

    from dreamrunner.language.parts import Box

    box = Box(0, 0, 1, 1)
    walk, wave = beat("old-king", box, 0, 3, "walking-home"), beat("old-king", box, 2, 6, "waving")
    assert halves_of(of("He walks. He waves.", walk, wave)) == (("He walks.", "He waves."), True)
    made = ("the old king is walking home", "the old king is waving")
    assert halves_of(of("He walks and waves.", walk, wave)) == (made, False)
    assert halves_of(of("One. Two. Three.", walk)) == ((), False)
