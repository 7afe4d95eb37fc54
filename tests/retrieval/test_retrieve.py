"""The four steps, with parts whose answers are known: people stand where their video's caption says, and brightness is
what a sentence asks for."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamrunner.cli.commands.learning.retrieve import funnel
from dreamrunner.datasets import Retrieved, VideoError, open_source
from dreamrunner.files.paths import MINIATURE
from dreamrunner.pipeline.adapters.catalogs import catalog_for
from dreamrunner.retrieval import (
    Catalog,
    CatalogError,
    RetrievalOptions,
    Track,
    draw_sheet,
    index_source,
    query_for,
    retrieve,
)
from dreamrunner.retrieval.retrieve import sentence_for
from tests.material.videos import write

RATE = 20


class People:
    """Somebody in the left half all the time; in a file called ``two`` another one on the right, in ``nobody`` no one,
    in ``brief`` somebody for a second."""

    key = "people-1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def track(self, file: Path, *, start: float = 0.0, end: float | None = None) -> tuple[Track, ...]:
        self.asked.append(file.name)
        if "unreadable" in file.name:
            raise VideoError(f"{file}: went away")
        if "nobody" in file.name:
            return ()
        last = start + 1 if "brief" in file.name else end
        moments = [float(moment) for moment in np.arange(start, last, 0.125)]
        sides = [(0.0, 0.2, 0.4, 0.8), (0.6, 0.2, 1.0, 0.8)][: 2 if "two" in file.name else 1]
        return tuple(
            Track(person=number, boxes=tuple((moment, box) for moment in moments)) for number, box in enumerate(sides)
        )


class Brightness:
    """A clip's score is its brightness, 0 to 1, to the power of ``power``."""

    frames = 8

    def __init__(self, key: str, power: float = 1.0) -> None:
        self.key, self.power = key, power
        self.sentences: list[str] = []
        self.watched = 0

    def text(self, sentences: Sequence[str]) -> np.ndarray:
        self.sentences += sentences
        return np.array([[1.0, 0.0]] * len(sentences), np.float32)

    def video(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        assert all(len(clip) == self.frames for clip in clips)
        self.watched += len(clips)
        found = [float(clip.mean() / 255) ** self.power for clip in clips]
        return np.array([[score, math.sqrt(max(0.0, 1 - score**2))] for score in found], np.float32)


def grey(
    file: Path, brightness: float, seconds: float = 2.5, size: tuple[int, int] = (96, 64), rate: int = RATE
) -> Path:
    frames = np.full((round(seconds * rate), size[1], size[0], 3), round(brightness * 255), np.uint8)
    file.parent.mkdir(exist_ok=True)
    return write(file, frames, rate=rate)


def indexed(folder: Path, source: Path) -> Catalog:
    index_source(open_source(source), folder)
    return Catalog(folder)


def found_in(catalog: Catalog, query: str = "person is stirring", **options: float) -> tuple[Retrieved, People, list]:
    people, models = People(), [Brightness("image"), Brightness("video", 2.0)]
    found = retrieve(
        query,
        catalog,
        people=people,
        image_similarity=models[0],
        video_similarity=models[1],
        options=RetrievalOptions(**options),
    )
    return found, people, models


def test_the_funnel_says_how_many_and_why(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    grey(videos / "stirring bright.mp4", 0.9)
    grey(videos / "stirring two.mp4", 0.6)
    grey(videos / "stirring dark.mp4", 0.05)
    grey(videos / "stirring short.mp4", 0.9, seconds=1.5)
    grey(videos / "stirring slow.mp4", 0.9, rate=10)
    grey(videos / "stirring narrow.mp4", 0.9, size=(64, 96))
    grey(videos / "stirring nobody.mp4", 0.8)
    grey(videos / "stirring brief.mp4", 0.7)
    grey(videos / "stirring unreadable.mp4", 0.3)
    (videos / "stirring copy.mp4").write_bytes((videos / "stirring bright.mp4").read_bytes())
    grey(videos / "dancing.mp4", 0.9)
    catalog = indexed(tmp_path / "catalog", videos)
    (videos / "stirring gone.mp4").write_bytes((videos / "dancing.mp4").read_bytes())
    index_source(open_source(videos), tmp_path / "catalog")
    (videos / "stirring gone.mp4").unlink()
    found, _people, models = found_in(catalog, fewest=2)

    steps = {step.name: step for step in found.funnel}
    assert steps["captions"].into == 12 and steps["captions"].out == 11
    assert steps["filter"].dropped == {
        "shorter than 2 s": 1,
        "fewer than 40 frames": 1,
        "narrower than 0.9 of its height": 1,
        "the video is not on this machine": 1,
        "the same clip again": 1,
    }
    assert (steps["filter"].into, steps["filter"].out) == (11, 6)
    assert steps["people"].dropped == {
        "nobody is in the picture": 1,
        "nobody stays long enough": 1,
        "the video cannot be read": 1,
    }
    assert (steps["people"].into, steps["people"].out) == (6, 4)  # one of the three clips shows two people
    assert steps["similarity"].dropped == {"scores 0.2 or less": 1}
    assert [segment.file.name.split()[1].split(".")[0] for segment in found.segments[:1]] == ["bright"]
    assert len(found.segments) == 3
    first = found.segments[0]
    assert first.image_score == pytest.approx(0.9, abs=0.02) and first.video_score == pytest.approx(0.81, abs=0.03)
    assert first.score == pytest.approx((first.image_score + first.video_score) / 2)
    assert (first.start, first.caption) == (0.0, "stirring bright") and first.end == pytest.approx(2.5, abs=0.13)
    crops = {segment.crop for segment in found.segments[1:]}
    assert len(crops) == 2  # a window each for the two people
    assert models[0].sentences == ["the person is stirring"]
    printed = funnel(found)
    assert "1 nobody is in the picture" in printed and printed.splitlines()[1].split()[:3] == ["captions", "12", "11"]
    for before, after in pairwise(found.funnel):
        assert before.out == after.into


def test_a_second_search_watches_nothing_again(tmp_path: Path) -> None:
    grey(tmp_path / "videos" / "stirring one.mp4", 0.9)
    grey(tmp_path / "videos" / "stirring two.mp4", 0.5)
    catalog = indexed(tmp_path / "catalog", tmp_path / "videos")
    first, people, models = found_in(catalog)
    assert len(people.asked) == 2 and [model.watched for model in models] == [3, 3]
    again, people, models = found_in(Catalog(tmp_path / "catalog"))
    assert again == first and people.asked == [] and [model.watched for model in models] == [0, 0]


def test_how_many_are_kept(tmp_path: Path) -> None:
    for number in range(6):
        grey(tmp_path / "videos" / f"stirring {number}.mp4", 0.1 * (number + 1))
    catalog = indexed(tmp_path / "catalog", tmp_path / "videos")

    def names(**options: float) -> list[str]:
        return [segment.file.stem[-1] for segment in found_in(catalog, **options)[0].segments]

    assert names() == ["5", "4", "3", "2"]  # means 0.48, 0.375, 0.28, 0.195, ...: three above 0.2, so the best four
    assert names(fewest=2) == ["5", "4", "3"]
    assert names(keep=2) == ["5", "4"]
    assert names(threshold=0.9, fewest=1) == ["5"]
    assert names(candidates=1, fewest=9) == ["0"]
    dropped = found_in(catalog, keep=1, fewest=1)[0].funnel[-1].dropped
    assert dropped == {"scores 0.2 or less": 3, "not among the best 1": 2}


def test_a_table_that_is_wrong_about_its_videos(tmp_path: Path) -> None:
    """Sizes, lengths and videos are as the files are, not as a table says; what cannot be read costs one clip."""
    whole = grey(tmp_path / "whole.mp4", 0.9, seconds=3)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[:600])
    grey(tmp_path / "tall.mp4", 0.9, size=(64, 96))
    told = {"start": 0, "end": 3, "caption": "stirring", "width": 96, "height": 64, "fps": RATE}
    rows = [{**told, "id": name} for name in ("whole", "cut", "tall", "absent")]
    rows.append({**told, "id": "whole", "start": 60, "end": 64})
    (tmp_path / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found, _, _ = found_in(indexed(tmp_path / "catalog", tmp_path / "clips.jsonl"))
    assert [segment.file.name for segment in found.segments] == ["whole.mp4"]
    assert found.funnel[1].dropped == {
        "the video cannot be read": 1,
        "narrower than 0.9 of its height": 1,
        "the video is not on this machine": 1,
        "it starts after its video's end": 1,
    }


def test_nothing_to_find(tmp_path: Path) -> None:
    grey(tmp_path / "videos" / "dancing.mp4", 0.9)
    found, _, _ = found_in(indexed(tmp_path / "catalog", tmp_path / "videos"))
    assert found.segments == () and [step.out for step in found.funnel] == [0, 0, 0, 0]
    draw_sheet(found, tmp_path / "sheet.png")
    assert Image.open(tmp_path / "sheet.png").width > 1000


def test_the_sheet_shows_the_windows(tmp_path: Path) -> None:
    frames = np.zeros((50, 64, 96, 3), np.uint8)
    frames[:, :, :48, 0] = 255  # red where the person is
    frames[:, :, 48:, 2] = 255
    (tmp_path / "videos").mkdir()
    write(tmp_path / "videos" / "stirring.mp4", frames, rate=RATE)
    (tmp_path / "videos" / "stirring.txt").write_text("stirring \x1b[31m" + "x" * 500)
    found, _, _ = found_in(indexed(tmp_path / "catalog", tmp_path / "videos"))
    draw_sheet(found, tmp_path / "deep" / "sheet.png")
    pixels = np.asarray(Image.open(tmp_path / "deep" / "sheet.png").convert("RGB")).astype(int)
    red = ((pixels - (255, 0, 0)) ** 2).sum(-1) < 3000
    blue = ((pixels - (0, 0, 255)) ** 2).sum(-1) < 3000
    # The window is 0.72 of the picture from its left edge: 0.5 / 0.72 of it is red.
    assert red.sum() / (red.sum() + blue.sum()) == pytest.approx(0.5 / 0.72, abs=0.03)


@pytest.mark.parametrize(
    ("motion", "query", "sentence"),
    [
        ("stirring", "person is stirring", "the person is stirring"),
        ("stirring-a_pot", "person is stirring a pot", "the person is stirring a pot"),
        ("person is waving", "person is waving", "the person is waving"),
        ("a cat is sleeping", "a cat is sleeping", "a cat is sleeping"),
    ],
)
def test_queries_and_sentences(motion: str, query: str, sentence: str) -> None:
    assert query_for(motion) == query and sentence_for(query) == sentence


def test_which_catalog_a_story_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DREAMRUNNER_CATALOG", raising=False)
    assert catalog_for("", tmp_path) == MINIATURE
    monkeypatch.setenv("DREAMRUNNER_CATALOG", str(tmp_path / "mine"))
    assert catalog_for("", tmp_path) == tmp_path / "mine"
    assert catalog_for("clips", tmp_path) == tmp_path / "clips"
    assert catalog_for(MINIATURE, tmp_path) == MINIATURE
    with pytest.raises(CatalogError, match="leaves the story's folder"):
        catalog_for("../clips", tmp_path)
    assert catalog_for("../clips", tmp_path, allow_outside=True) == tmp_path / "../clips"
