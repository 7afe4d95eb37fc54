"""Where scenes are, and one character made from another: what is learnt from whose photos, and where it works."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.engine import Store
from dreamrunner.pipeline import Options, prepare, understand
from dreamrunner.pipeline.prepare import Production
from tests.material.strangers import photos

STORY = """\
story "Two ages"

character dragon
  looks "a dragon"
  images "refs/dragon/*.png"
character old-dragon from dragon "an old dragon"
character cat "an orange cat"

location kitchen
  looks "a kitchen"
  images "refs/kitchen/*.png"
location cellar from kitchen "a dark kitchen"
location attic "an attic"

scene day
  in kitchen
  background "in the morning"
  narration "The dragon sits."
  takes 3
  dragon sitting 0s..6s "a dragon is sitting"
    at 0s [0.5 0 1 1]

scene night
  in cellar
  narration "The old dragon sits."
  old-dragon sitting 0s..6s "an old dragon is sitting"
    enters left
    at 2s [0 0 0.5 1]

scene away
  in attic
  narration "The cat sits."
  cat sitting 0s..6s "an orange cat is sitting"
    at 0s center
"""


def prepared(folder: Path, text: str = STORY) -> Production:
    for name in ("dragon", "kitchen"):
        photos(folder / "refs" / name)
    path = folder / "ages.story"
    path.write_text(text)
    understood = understand(path)
    assert understood.plan is not None, understood.diagnostics
    return prepare(
        understood, out=folder / "film", options=Options(steps=1), device="cpu", store=Store(folder / "cache"), dry=True
    )


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Production:
    return prepared(tmp_path_factory.mktemp("ages"))


def test_photos_are_learnt_once_and_used_by_who_is_made_from_whom(production: Production) -> None:
    trained = [task.of for task in production.tasks if task.kind == "train-subject"]
    assert trained == ["dragon", "kitchen"]
    said = {choice.of: choice.said for choice in production.resolved.choices if choice.how == "photos"}
    assert said == {
        "dragon": "learnt from 2 photos",
        "old-dragon": "learnt from 2 photos of dragon",
        "kitchen": "learnt from 2 photos",
        "cellar": "learnt from 2 photos of kitchen",
    }


def test_each_scene_has_the_loras_of_who_and_what_is_in_it(production: Production) -> None:
    used = {job.scene.name: sorted(prior.name for prior in job.priors) for job in production.jobs}
    assert used == {
        "day": ["subject-dragon", "subject-kitchen"],
        "night": ["subject-cellar", "subject-old-dragon"],
        "away": [],
    }
    assert [task.needs for task in production.tasks if (task.kind, task.of) == ("render", "night")] == [
        ("train-subject dragon", "train-subject kitchen")
    ]


def test_a_locations_looks_are_what_the_background_says(production: Production) -> None:
    told = {job.scene.name: job.program.conditions[-1].prompt for job in production.jobs}
    assert told == {
        "day": "a [v1] kitchen, in the morning",
        "night": "a [v1] dark kitchen",
        "away": "an attic",
    }


def test_who_comes_in_has_no_tokens_before(production: Production) -> None:
    (night,) = (job.program for job in production.jobs if job.scene.name == "night")
    regions = night.conditions[0].regions
    widths = [sum(each.column1 - each.column0 for each in step) for step in regions]
    assert widths[0] < widths[1] < widths[-1] == 6
    assert widths == sorted(widths)


def test_several_takes_of_a_scene_are_told(production: Production) -> None:
    assert production.remarks[0] == "up to so many takes are filmed: 3 of day; what is foreseen is for one of each"
