"""The gallery and the README's pictures: each shows what its story and its command say."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from PIL import Image

from dreamrunner.cli import main
from dreamrunner.language import read_story
from tests.docs.test_pages import BLOCK, REPOSITORY, text_of

_SPEC = importlib.util.spec_from_file_location("gallery", REPOSITORY / "docs" / "making" / "gallery.py")
assert _SPEC is not None and _SPEC.loader is not None
gallery = importlib.util.module_from_spec(_SPEC)


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    import sys

    sys.modules["gallery"] = gallery
    _SPEC.loader.exec_module(gallery)
    del sys.modules["gallery"]


def test_every_clip_is_there_moves_and_is_small() -> None:
    for name, clip in gallery.CLIPS.items():
        story = read_story(REPOSITORY / clip.story).story
        assert story is not None and clip.scene in [scene.name for scene in story.scenes]
        picture = gallery.PICTURES / f"{name}.webp"
        assert picture.stat().st_size < 500_000
        with Image.open(picture) as shown:
            assert shown.width == gallery.WIDTH and shown.n_frames >= 2 and shown.info["loop"] == 0
    assert {path.stem for path in gallery.PICTURES.iterdir()} == set(gallery.CLIPS)


def test_the_page_shows_twelve_stories_each_with_its_clip() -> None:
    page = text_of("docs/gallery.md")
    stories = re.findall(r"^<!-- story: (\S+) -->$", page, re.MULTILINE)
    clips = re.findall(r"pictures/gallery/(\w+)\.webp", page)
    assert len(stories) == 12 and "pictures/gallery/demo.webp" in text_of("README.md")
    assert [gallery.CLIPS[name].story for name in clips] == stories
    assert re.findall(r"^\[(\S+)\]\(\.\./(\S+)\)$", page, re.MULTILINE) == [(Path(each).name, each) for each in stories]


def test_the_readme_s_story_is_the_one_that_its_pictures_show(tmp_path: Path) -> None:
    story = REPOSITORY / "docs" / "pictures" / "road.story"
    assert story.read_text() in {text for kind, _, text in BLOCK.findall(text_of("README.md")) if kind == "story"}
    assert main(["storyboard", str(story), "-o", str(tmp_path / "road.png")]) == 0
    with Image.open(tmp_path / "road.png") as drawn, Image.open(story.with_suffix(".png")) as kept:
        assert drawn.tobytes() == kept.tobytes()
