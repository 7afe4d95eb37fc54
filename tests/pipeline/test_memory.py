"""A GPU in a build: its kind stands in keys, its size decides what a picture is made by, and what is full is said."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from dreamrunner.backbones.device import Card
from dreamrunner.backbones.footprint import GB
from dreamrunner.engine import Store
from dreamrunner.engine.graph import StepFailed, Task
from dreamrunner.engine.progress import Said
from dreamrunner.pipeline import Options, build, prepare
from dreamrunner.pipeline.forecast import understand_offline
from dreamrunner.pipeline.memory import memory_for
from dreamrunner.pipeline.prepare import Production
from dreamrunner.pipeline.tasks.makers.render import ToTrain
from dreamrunner.priors import Adapter
from tests.material.place import Place

LARGE, BUSY = Card("Large", 80 * GB, 79 * GB), Card("Large", 80 * GB, 2 * GB)
TINY = Card("Tiny", round(0.71 * GB), round(0.71 * GB))
"""A card that not even the tests' model fits."""


def productions(root: Path, model: Path, *cards: Card | None) -> list[Production]:
    options = Options(model=str(model), steps=1)
    understood, _ = understand_offline(root / "two.story", options)
    how = {"out": root / "film", "options": options, "device": "cuda", "store": Store(root / "cache")}
    return [prepare(understood, card=card, **how) for card in cards]


def test_a_kind_of_card_makes_films_of_its_own_and_what_is_free_of_it_none(place: Place) -> None:
    made = productions(place.root, place.model, LARGE, BUSY, TINY, None)
    large, busy, tiny, unknown = ({task.name: task.key({}) for task in each.tasks if not task.needs} for each in made)
    assert large == busy
    renders = [name for name in large if name.startswith("render ")]
    assert len(renders) == 2
    for name in renders:
        assert len({large[name], tiny[name], unknown[name]}) == 3
    assert [job.speedups for job in made[0].jobs] == [(), ()]
    assert [job.speedups for job in made[2].jobs] == [("vae-tiling",)] * 2
    reads = made[0].tasks[0].reads
    assert reads["card"] == "Large" and "card" not in made[3].tasks[0].reads
    assert reads["form"] == "signatures", "which is not how a processor computes it"


def test_all_prompts_of_a_film_go_along_with_each_scene(place: Place) -> None:
    [made] = productions(place.root, place.model, LARGE)
    texts = {task.make.texts for task in made.tasks if task.kind == "render"}
    assert len(texts) == 1 and {text for job in made.jobs for text in job.prompts} == set(*texts)


def test_loras_count_for_the_network_that_has_most_of_them(place: Place, tmp_path: Path) -> None:
    [made] = productions(place.root, place.model, LARGE)
    job, priors = made.jobs[0], []
    for name, expert, size in (("a", "high", 3), ("b", "low", 4), ("c", "", 5)):
        file = tmp_path / f"{name}.safetensors"
        save_file({"one": torch.zeros(size), "two": torch.zeros(2, 2)}, file)
        priors.append(Adapter(name=name, kind="subject", of=name, file=file, digest="0" * 64, expert=expert))
    assert replace(job, priors=(*priors[:2], priors[2])).work(made.backbone).loras == (8, 9)
    later = ToTrain(name="d", kind="motion", of="d", task="train d")
    assert replace(job, priors=(*priors, later)).work(made.backbone).loras == (8, 9, None)
    priors[2].file.write_bytes(b"damaged")
    assert replace(job, priors=tuple(priors)).work(made.backbone, priors[2:]).loras == (None,)


def test_only_what_would_run_is_planned_for(place: Place) -> None:
    [made] = productions(place.root, place.model, LARGE)
    renders = [task for task in made.tasks if task.kind == "render"]
    assert memory_for([], made.jobs, made.backbone, LARGE) is None
    assert memory_for(renders, made.jobs, made.backbone, None) is None
    plan = memory_for(renders[:1], made.jobs, made.backbone, LARGE)
    assert list(plan.needs) == ["texts", "sampling", "decoding"] and not plan.refused
    assert memory_for(renders, made.jobs, made.backbone, TINY).refused


class OnAGpu:
    """An executor of a machine with a GPU, on which nothing is to run."""

    def __init__(self, card: Card) -> None:
        self._card = card

    def card(self) -> Card:
        return self._card

    def device(self, _: object) -> str:
        return "cuda"

    def lane(self, _: Task) -> str:
        return ""

    def run(self, *_: object) -> None:
        raise Ran


class Ran(Exception):
    pass


def build_on(place: Place, card: Card) -> list[str]:
    """What a build says until something runs."""
    said: list[str] = []
    with suppress(Ran):
        build(
            place.root / "two.story",
            out=place.root / "film",
            options=Options(model=str(place.model), steps=1),
            store=Store(place.root / "cache"),
            progress=lambda event: said.append(event.text) if isinstance(event, Said) else None,
            executor=nullcontext(OnAGpu(card)),
        )
    return said


def test_a_build_says_what_it_will_do_with_the_card(place: Place) -> None:
    said = build_on(place, LARGE)
    [line] = [line for line in said if line.startswith("memory: ")]
    assert line.startswith("memory: Large, 79.0 of 80.0 GB free: prompts first (0.")
    assert f"{place.model.name} is no model that is known here: it computes in bfloat16" in said


def test_what_does_not_fit_is_refused_before_anything_runs(place: Place) -> None:
    with pytest.raises(StepFailed, match=r"takes 0\.\d GB of .*, and Tiny has 0\.0 GB to give: .*use a card"):
        build_on(place, TINY)
