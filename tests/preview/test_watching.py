"""Watching: whatever a story hangs on is noticed, and what it does not hang on is not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamrunner.pipeline.draw_boxes import draw_boxes
from dreamrunner.pipeline.last_film import film_files
from dreamrunner.preview.watching import Watch, watched_by
from tests.material.two_scenes import STORY as TWO

STORY = """\
use "cast.story"

scene garden
  witch flying
"""
CAST = """\
character witch "a witch"
  images "photos/*.png"

motion flying
  lora "flying.safetensors"
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    (tmp_path / "day.story").write_text(STORY)
    (tmp_path / "cast.story").write_text(CAST)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.png").write_bytes(b"1")
    (tmp_path / "flying.safetensors").write_bytes(b"1")
    return tmp_path / "day.story"


def changed(watch: Watch, change: Callable[[], object]) -> set[str]:
    """The names that waiting comes back with after a change."""
    timer = threading.Timer(0.15, change)
    timer.start()
    found = watch.wait()
    timer.join()
    return {path.name for path in found}


@pytest.mark.parametrize("name", ["day.story", "cast.story", "photos/one.png", "flying.safetensors", "day.plan.story"])
def test_a_change_of_each_file_is_noticed(story: Path, name: str) -> None:
    path = story.parent / name
    watch = Watch(story)
    assert changed(watch, lambda: path.write_text(CAST + "\n# more")) == {path.name}
    assert not watch.changed()


def test_a_photo_that_comes_and_one_that_goes_are_noticed(story: Path) -> None:
    watch = Watch(story)
    photos = story.parent / "photos"
    assert changed(watch, (photos / "two.png").touch) == {"two.png"}
    watch.renew()
    assert changed(watch, (photos / "one.png").unlink) == {"one.png"}


def test_a_take_that_nobody_could_name_before_is_noticed(story: Path) -> None:
    folder = story.parent / "build" / "day"
    (folder / "takes").mkdir(parents=True)
    watch = Watch(story, lambda: film_files(folder, ["garden"]))
    assert "takes" in changed(watch, (folder / "takes" / "garden.seed5.mp4").touch)
    watch.renew()
    assert folder / "takes" / "garden.seed5.mp4" in map(Path, watch.watched.files)


def test_the_list_is_read_anew(story: Path) -> None:
    other = story.parent / "other.story"
    other.write_text(CAST)
    watch = Watch(story)
    other.write_text(CAST + "# nobody uses it yet\n")
    assert not watch.changed()
    story.write_text(STORY.replace("cast.story", "other.story"))
    assert watch.wait()
    watch.renew()
    # What is new on the list may have changed since the story was read.
    assert watch.changed() and {path.name for path in watch.wait()} == {"other.story"}
    assert changed(watch, lambda: other.write_text(CAST)) == {"other.story"}
    (story.parent / "cast.story").write_text("# nobody uses it any more\n")
    assert not watch.changed()


def test_files_and_folders_that_are_missing_are_waited_for(story: Path) -> None:
    story.write_text('use "cast/all.story"\n' + STORY)
    watch = Watch(story)
    folder = story.parent / "cast"

    def arrive() -> None:
        folder.mkdir()
        (folder / "all.story").write_text(CAST)

    assert changed(watch, arrive) == {"all.story"}


def test_a_file_behind_a_link_is_noticed(story: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("elsewhere") / "link.story"
    link.symlink_to(story)
    watch = Watch(link)
    assert changed(watch, lambda: story.write_text("# other\n")) == {"link.story"}


def test_other_files_of_its_folder_are_not(story: Path) -> None:
    watch = Watch(story)
    (story.parent / "notes.txt").write_text("x")
    os.utime(story.parent)
    assert not watch.changed()


def test_nothing_outside_the_storys_folder_is_looked_at(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "else.png").touch()
    story = home / "x.story"
    story.write_text('use "/dev/zero"\nuse "../else.story"\ncharacter cat\n  images "/**/*.x" "../*.png" "*.png"\n')
    watched = watched_by(story)
    assert all(Path(name).is_relative_to(home) for name in watched.stamps())
    assert all(Path(folder).is_relative_to(home) for folder in watched.folders())
    story.write_text('use "../else.story"\n')
    assert str(tmp_path / "else.story") in watched_by(story, allow_outside=True).files


def test_what_commands_write_wakes_no_watch_and_a_photo_does(tmp_path: Path) -> None:
    story = tmp_path / "two.story"
    story.write_text(TWO.replace("\nscene garden", '\ncharacter girl "a girl"\n  images "**/*.png"\n\nscene garden', 1))
    (tmp_path / "girl.png").write_bytes(b"a photo")
    watch = Watch(story)
    for picture in (tmp_path / "boxes.png", tmp_path / "build" / "two" / "boxes.png", tmp_path / "boxes.png"):
        draw_boxes(story, picture)
        assert not watch.changed()
        watch.renew()
        assert not watch.changed()
    (tmp_path / "boxes.png").write_bytes(b"a photo, too")
    assert watch.wait() == (tmp_path / "boxes.png",)
