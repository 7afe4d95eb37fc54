"""Story to film with a model of Wan's layout and random weights: the same tasks as with any other."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from dreamrunner.engine import Store
from dreamrunner.pipeline import Built, Options, build
from dreamrunner.pipeline.forecast import forecast
from tests.material.two_scenes import BRIEF, Recorder
from tests.material.wan import build_wan


@pytest.fixture(scope="module", params=[1, 2], ids=["one", "experts"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wan(tmp_path_factory.mktemp("models") / "wan", experts=request.param, size=(32, 32))


class Place:
    """A story, where it is filmed, and what its builds had to do."""

    def __init__(self, root: Path, model: Path) -> None:
        self.root, self.model, self.recorder = root, model, Recorder()
        (root / "two.story").write_text(BRIEF)

    @property
    def how(self) -> dict:
        return {"out": self.root / "film", "store": Store(self.root / "cache")}

    def build(self, **options: object) -> Built:
        chosen = Options(model=str(self.model), steps=1, **options)
        return build(self.root / "two.story", options=chosen, progress=self.recorder, **self.how)


def test_a_story_is_filmed_and_kept(tmp_path: Path, model: Path) -> None:
    place = Place(tmp_path, model)
    foreseen = forecast(tmp_path / "two.story", options=Options(model=str(model), steps=1), out=None)
    scenes = ["render garden", "render kitchen"]
    assert [each.task.name for each in foreseen.tasks if each.task.kind == "render"] == scenes
    assert foreseen.needs.memory > 0
    built = place.build()
    assert {*scenes, "join"} <= {*place.recorder.made()}
    with av.open(built.film) as film:
        frames = list(film.decode(video=0))
    assert frames
    record = built.manifest.model
    assert (record.name, record.frames) == ("wan", 9) and len(record.digest) == 64
    assert [(scene.attention, scene.guidance) for scene in built.manifest.scenes] == [("sr3ai", 5.0)] * 2
    again = place.build()
    assert place.recorder.made() == [] and again.manifest == built.manifest
    plain = place.build(attention="plain")
    assert [name for name in place.recorder.made() if name.startswith("render")] == scenes
    assert [scene.frames for scene in plain.manifest.scenes] != [scene.frames for scene in built.manifest.scenes]
