"""What keys hold of a model's row: every value that a result of that model depends on, so that the row itself is left
out of the code."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from dreamrunner.backbones.family import Row
from dreamrunner.backbones.table import FAMILIES
from dreamrunner.backbones.training_recipe import TrainingRecipe
from tests.pipeline.test_edits import Trainings

FAMILY = FAMILIES["cogvideox"]
ROW = FAMILY.unknown
"""The row of the tests' model, which has none of its own."""

FILMED = {"render", "storyboard", "encode", "cut", "join"}
TRAINED = {"train-motion", "train-subject"}
RECIPE = replace(ROW.training.motion, learning_rate=1e-3)

CHANGES: dict[str, tuple[dict[str, object], set[str]]] = {
    "its name": ({"name": "another"}, set()),
    "its home": ({"hub_id": "owner/another"}, set()),
    "its usual size": ({"size": (64, 32)}, FILMED | TRAINED),
    "its frames": ({"frames": 13}, FILMED | TRAINED),
    "its seconds": ({"seconds": 5.0}, FILMED),
    "its usual steps, where others are asked for": ({"steps": 9}, set()),
    "its guidance": ({"guidance": 5.0}, FILMED),
    "the guidance of its second network": ({"low_guidance": 3.0}, FILMED),
    "its precision on a GPU": ({"dtype": "float16"}, FILMED),
    "its sampler": ({"scheduler": "dpm"}, FILMED | TRAINED),
    "the size of its tokens, which only tells": ({"token": 32}, set()),
    "what it takes of memory": ({"memory": None}, set()),
    "how it is known": ({"known_by": {"num_layers": 7}}, set()),
    "which commit of it the hub is asked for": ({"revision": "0" * 40}, set()),
    "which networks it has, which its folder says": ({"optional": ("transformer_2",)}, set()),
    "how it learns motions": ({"training": replace(ROW.training, motion=RECIPE)}, FILMED | {"train-motion"}),
    "how it learns characters": ({"training": replace(ROW.training, subject=RECIPE)}, FILMED | {"train-subject"}),
    "how fast it reads clips": ({"training": replace(ROW.training, rate=4.0)}, FILMED | {"train-motion"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_value_of_a_row_makes_anew_what_depends_on_it(
    change: str, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, expected = CHANGES[change]
    trainings = Trainings(tmp_path / "story", model, monkeypatch)
    before = set(trainings.keys().values())
    monkeypatch.setattr(FAMILY, "unknown", replace(ROW, **values))
    assert {name.partition(" ")[0] for name, key in trainings.keys().items() if key not in before} == expected


def test_every_value_of_a_row_and_of_a_recipe_is_looked_at() -> None:
    assert {name for values, _ in CHANGES.values() for name in values} == {field.name for field in fields(Row)}
    # Recipes stand in keys whole.
    assert ROW.training.motion != RECIPE and isinstance(RECIPE, TrainingRecipe)
