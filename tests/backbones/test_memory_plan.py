"""What is planned for a GPU's memory: arithmetic, and the docs' table of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.memory_table import table
from dreamrunner.backbones import BackboneError
from dreamrunner.backbones.device import Card
from dreamrunner.backbones.footprint import GB
from dreamrunner.backbones.memory_plan import (
    CARDS,
    FILMING,
    MARGIN,
    SPARE,
    TRAINING,
    MemoryPlan,
    Work,
    planned,
    require,
    said_of_models,
)
from dreamrunner.backbones.table import TABLE

MODELS = [row.name for row in TABLE.values() if row.memory is not None]


def plan(name: str, gb: float, free: float | None = None, **more: object) -> MemoryPlan:
    says = TABLE[name].memory
    card = Card("A", round(gb * GB), round((gb if free is None else free) * GB))
    work = {"stages": FILMING, "size": says.size, "clip": says.frames, "frames": says.frames} | more
    return planned(name, says, card, Work(**work))


def test_the_table_of_the_docs_is_what_is_planned() -> None:
    text = (Path(__file__).parents[2] / "docs" / "gpu.md").read_text(encoding="utf-8")
    assert "\n".join(table()) in text


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("gb", CARDS)
def test_what_is_not_refused_fits_and_a_larger_card_never_does_worse(name: str, gb: int) -> None:
    made = plan(name, gb)
    assert bool(made.refused) == any(size > gb * GB - SPARE for size in made.needs.values())
    larger = plan(name, 2 * gb)
    assert made.refused or not larger.refused
    order = ["group-offload", "resident"]
    assert order.index(larger.way) >= order.index(made.way)
    assert larger.tiled <= made.tiled and (not made.texts_in_layers <= larger.texts_in_layers or not larger.refused)


def test_what_changes_the_picture_does_not_hang_on_what_is_free() -> None:
    for gb in CARDS:
        assert plan("cogvideox-5b", gb).changing == plan("cogvideox-5b", gb, free=3).changing
    full = plan("cogvideox-5b", 24)
    busy = plan("cogvideox-5b", 24, free=19.5)
    assert (full.way, busy.way) == ("resident", "resident") and busy.parked == {"decoding"}
    assert plan("cogvideox-5b", 24, free=8).refused.endswith(
        "A has 7.3 GB to give of its 24.0 GB, since other programs hold some: close them"
    )


def test_what_is_asked_for_overrules_it() -> None:
    for way in ("group-offload", "cpu-offload", "layerwise-casting", "int8-weights"):
        assert plan("cogvideox-2b", 80, asked=(way,)).way == way
    assert plan("cogvideox-2b", 80, asked=("vae-tiling",)).tiled == {"decoding"}
    eight_bits = plan("cogvideox-5b", 12, asked=("layerwise-casting",))
    assert eight_bits.needs["sampling"] < plan("cogvideox-5b", 80).needs["sampling"] - 5 * GB
    assert plan("cogvideox-5b", 12).way == "group-offload"  # of what fits, what changes no bit


def test_more_texts_longer_scenes_and_larger_pictures_take_more() -> None:
    usual = plan("cogvideox-2b", 80)
    assert plan("cogvideox-2b", 80, conditions=19).needs["sampling"] > usual.needs["sampling"]
    assert plan("cogvideox-2b", 80, frames=249).needs["decoding"] > usual.needs["decoding"]
    assert plan("cogvideox-2b", 80, size=(1440, 480)).needs["decoding"] > 1.5 * usual.needs["decoding"]
    clips = [plan("cogvideox-2b", 80, stages=TRAINING, clips=count).needs["training"] for count in (0, 20)]
    assert clips[1] - clips[0] == pytest.approx(20 * 3 * TABLE["cogvideox-2b"].memory.lora * GB)


@pytest.mark.parametrize("name", MODELS)
def test_loras_count_by_their_numbers_and_what_a_step_takes_more_with_any(name: str) -> None:
    says, usual = TABLE[name].memory, plan(name, 80).needs["sampling"]
    one, two = (plan(name, 80, loras=(10**8,) * count).needs["sampling"] for count in (1, 2))
    assert one - usual == pytest.approx(2e8 + says.adapting * GB * MARGIN, abs=2) and two - one == 2e8
    ours = plan(name, 80, loras=(None,)).needs["sampling"]
    assert ours - one == pytest.approx(says.lora * GB / 2 - 2e8, abs=2)
    layers = [plan(name, 80, asked=("group-offload",), loras=(10**8,) * count).needs["sampling"] for count in (1, 2)]
    assert layers[0] == layers[1]  # theirs come one by one, too


def test_a_scene_whose_loras_leave_no_room_is_sampled_layer_by_layer() -> None:
    assert plan("cogvideox-5b", 16).way == "resident"
    assert plan("cogvideox-5b", 16, loras=(3 * 10**8,)).way == "group-offload"


@pytest.mark.parametrize("stages", [FILMING, TRAINING], ids=["filming", "training"])
@pytest.mark.parametrize("name", MODELS)
def test_all_that_a_refusal_advises_helps(name: str, stages: tuple[str, ...]) -> None:
    advised = set()
    for gb, asked in ((2, ()), (6, ()), (8, ()), (12, ()), (11, ("layerwise-casting",)), (12, ("cpu-offload",))):
        more = {"stages": stages, "asked": asked}
        refused = plan(name, gb, **more).refused
        for size in re.findall(r"film at (\d+)x(\d+)", refused):
            assert not plan(name, gb, **more, size=tuple(map(int, size))).refused
        for other in re.findall(r"take ([\w.-]+\w)", refused):
            assert not plan(other, gb, **more).refused
        for card in re.findall(r"use a card of (\d+) GB", refused):
            assert not plan(name, int(card), **more).refused
        if re.search(r"leave [\w-]+ out", refused):
            assert not plan(name, gb, **more | {"asked": ()}).refused
        advised |= set(re.findall(r"film at|take|use a card|leave|known here", refused))
    assert advised


def test_a_refusal_is_one_line_that_says_what_how_much_and_what_helps() -> None:
    made = plan("cogvideox-1_5-5b", 8)
    with pytest.raises(BackboneError) as refused:
        require(made)
    assert str(refused.value) == (
        "sampling with cogvideox-1_5-5b at 1360x768 takes 9.4 GB of a GPU's memory, and A has 7.3 GB to give:"
        " film at 1008x576, or take cogvideox-2b, or use a card of 12 GB"
    )
    require(None)
    require(plan("cogvideox-2b", 8))


def test_it_is_said_in_a_line() -> None:
    assert plan("cogvideox-5b", 16, free=15.9).said() == (
        "memory: A, 15.9 of 16.0 GB free: prompts first (9.9 GB), sampling with all weights on the card (15.0 GB),"
        " frames decoded by tiles, which shows a little, the transformer off the card (5.1 GB)"
    )


def test_a_smaller_picture_takes_less_than_a_tile() -> None:
    made = plan("cogvideox-2b", 8, size=(96, 64))
    assert not made.tiled and made.needs["decoding"] < 4.5 * GB
    assert replace(made, tiled=frozenset({"decoding"})).changing == ("vae-tiling",)


def test_which_models_a_card_films_with_is_said_in_a_line() -> None:
    assert said_of_models(Card("A", 8 * GB, 3 * GB)) == (
        "models for a card of 8.0 GB: cogvideox-2b, wan-1.3b with all weights on the card; cogvideox-5b, wan-14b,"
        " wan-2.2-14b with weights that come layer by layer"
    )
    assert said_of_models(Card("A", GB, GB)) == "models for a card of 1.0 GB: none of those known here"
    for gb in CARDS:
        line = said_of_models(Card("A", gb * GB, gb * GB))
        assert {name for name in MODELS if not plan(name, gb).refused} == {
            name for name in MODELS if f" {name}" in line
        }
