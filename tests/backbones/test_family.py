"""A model of another family is filmed by the same tasks, and no file but a family's own names it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from dreamrunner.backbones import DEFAULT_MODEL, TABLE, BackboneError, Grid, Loaded, describe, families
from dreamrunner.backbones.family import Family
from dreamrunner.backbones.hub import _patterns
from dreamrunner.backbones.table import FAMILIES, family_filming, family_named, family_of, register, unregister
from dreamrunner.backbones.tokens import token_counts
from dreamrunner.engine import Store
from dreamrunner.language import MISSING
from dreamrunner.language.limits import Limits, limits_of
from dreamrunner.pipeline import Options, prepare, understand
from dreamrunner.priors.adapters import most_bytes, read_adapter
from dreamrunner.priors.values import AdapterError
from dreamrunner.rendering import RenderError
from tests.material.made_up_family import BLOCKS, FRAMES, SECONDS, WIDTH, WORDS, Loom, build_loom, write_lora

PACKAGE = Path(__file__).parents[2] / "dreamrunner"

STORY = """\
story "Two Scenes"
  language 1
  seed 3
  model "loom"

character witch "a girl witch in a violet dress"
  lora "witch.safetensors" 0.5
character cat "a small black cat"
  images "cat.png"

scene garden
  background "a garden"
  duration 2.5s
  witch walking 0s..2s "A witch is walking in the garden"
    at 0s [0.1 0.2 0.5 0.9]
    at 1s [0.3 0.2 0.7 0.9]
  cat sitting 0s..2s "A cat is sitting in the garden"
    at 0s right

scene kitchen
  background "a kitchen"
  duration 5s
  witch stirring "A witch is stirring in the kitchen"
    at 0s left
"""


@pytest.fixture
def loom() -> Iterator[Loom]:
    family = Loom()
    register(family)
    yield family
    unregister(family)


@pytest.fixture
def folder(loom: Loom, tmp_path: Path) -> Path:
    return build_loom(tmp_path / "loom")


def test_it_is_described_by_its_own_words(loom: Loom, folder: Path) -> None:
    backbone = describe(str(folder))
    assert backbone.family is loom and (backbone.steps, backbone.guidance, backbone.dtype) == (7, 2.5, "bfloat16")
    assert (backbone.width, backbone.height, backbone.frames, backbone.text_tokens) == (128, 64, FRAMES, WORDS)
    grid = Grid(frames=FRAMES, steps=6, rows=2, columns=4, temporal_compression=8, seconds=SECONDS, growth=1)
    assert backbone.grid == grid
    assert grid.spanning(3.0) == grid.model_copy(update={"steps": 7, "frames": 49})
    with pytest.raises(BackboneError, match="multiples of 32; the nearest is 96x64"):
        describe(str(folder), size=(100, 64))


def test_a_films_tasks_are_planned_with_it(loom: Loom, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "two.story").write_text(STORY)
    write_lora(tmp_path / "witch.safetensors")
    Image.new("RGB", (64, 64), "black").save(tmp_path / "cat.png")
    store = Store(tmp_path / "store")
    production = prepare(understand(tmp_path / "two.story"), out=None, options=Options(), device="cpu", store=store)
    names = [task.name for task in production.tasks]
    assert [name for name in names if not name.startswith("encode")] == [
        "train-subject cat",
        "render garden",
        "render kitchen",
        "storyboard",
        "cut garden",
        "cut kitchen",
        "join",
    ]
    by_name = {task.name: task for task in production.tasks}
    garden, kitchen = (by_name[f"render {scene}"] for scene in ("garden", "kitchen"))
    assert garden.reads["model"]["family_name"] == "loom" and garden.reads["steps"] == 7
    assert (garden.reads["program"]["grid"]["steps"], kitchen.reads["program"]["grid"]["steps"]) == (6, 11)
    assert garden.needs == ("train-subject cat",) and kitchen.needs == ()
    assert garden.reads["scales"] == [0.5, 1.0]
    assert by_name["train-subject cat"].effort.most == most_bytes(production.backbone, 2)
    assert all(len(task.key(dict.fromkeys(names, "0" * 64))) == 64 for task in production.tasks)
    assert production.noticed == ()


def test_short_texts_are_counted_by_its_own_bound(folder: Path) -> None:
    backbone = describe(str(folder))
    assert token_counts(backbone, ["two words", "and three words"]) == [3, 4]
    with pytest.raises(BackboneError, match="cannot read the tokenizer"):
        token_counts(backbone, ["word " * WORDS])


def test_its_loras_are_read_as_they_are_published(folder: Path, tmp_path: Path) -> None:
    backbone = describe(str(folder))
    read_adapter(write_lora(tmp_path / "a.safetensors"), kind="motion", of="walking", backbone=backbone)
    for more, why in (({"block": BLOCKS}, f"loom has no shed{BLOCKS}/weft"), ({"width": 5}, "takes 12 channels")):
        with pytest.raises(AdapterError, match=why):
            read_adapter(write_lora(tmp_path / "b.safetensors", **more), kind="motion", of="a", backbone=backbone)
    assert most_bytes(backbone, 1) == 4 * BLOCKS * (2 * WIDTH + 3 * WIDTH)


def test_its_models_are_in_the_table_and_have_limits(loom: Loom) -> None:
    assert family_filming("loom-small") is loom and family_named("loom") is loom
    assert limits_of("loom-small", MISSING) == Limits("loom-small", 4, 2, FRAMES, SECONDS)
    assert "reader/*.json" in _patterns()
    with pytest.raises(BackboneError, match=r"did you mean loom-small\?"):
        describe("loom-smal")
    with pytest.raises(ValueError, match="there is a"):
        register(Loom())


def test_region_attention_that_is_not_there_yet_is_refused(folder: Path) -> None:
    from dreamrunner.regions import Condition, RegionProgram
    from dreamrunner.rendering import render

    backbone = describe(str(folder))
    nothing = Condition(prompt="x", regions=((),) * backbone.grid.steps)
    program = RegionProgram(
        scene="a", duration=1, grid=backbone.grid, conditions=(nothing,), negative_prompt="", plain_prompt=""
    )
    why = r"no region attention yet for cross conditioning of \[video\] with guidance in batch"
    with pytest.raises(RenderError, match=why):
        render(program, Loaded(backbone, None), seed=0)


def test_unregistered_it_is_unknown(tmp_path: Path) -> None:
    assert "loom" not in FAMILIES and "loom-small" not in TABLE
    with pytest.raises(BackboneError, match=r"holds a LoomPipeline; only text-to-video .* models film"):
        describe(str(build_loom(tmp_path / "loom")))
    with pytest.raises(BackboneError, match="belongs to no family"):
        family_of(object())
    with pytest.raises(BackboneError, match="no family of models 'loom'"):
        family_named("loom")


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_has_every_member_and_its_rows_are_whole(name: str) -> None:
    family = FAMILIES[name]
    for member, of in (*inspect.get_annotations(Family).items(), *vars(Family).items()):
        if not member.startswith("_"):
            assert hasattr(family, member), member
            if inspect.isfunction(of):
                assert list(inspect.signature(of).parameters)[1:] == [
                    *inspect.signature(getattr(family, member)).parameters
                ]
    assert family.rows and all(row.size and row.token and row.frames and row.known_by for row in family.rows)
    assert DEFAULT_MODEL in TABLE


def names_of(family: Family) -> re.Pattern[str]:
    """How a family's models are called, and its classes; the bundled model goes by a name of the product's own."""
    names = {family.pipeline, *(row.name for row in family.rows if row.hub_id)}
    found = [f"(?i:{re.escape(name)})" for name in sorted(names)]
    # a short name is part of English words
    forms = "|".join((family.name, family.name.capitalize(), family.name.upper()))
    found.append(rf"\b(?:{forms})(?![a-z])" if len(family.name) < 5 else f"(?i:{re.escape(family.name)})")
    return re.compile("|".join(found))


def test_no_other_file_names_a_family_or_its_models() -> None:
    """Stock weights say in their own configs what class they are of, and what else is data is exempt likewise; so is
    the miniature's second edition, which builds stock parts."""
    for module in pkgutil.iter_modules(families.__path__):
        family = getattr(importlib.import_module(f"{families.__name__}.{module.name}"), "FAMILY", None)
        if family is None:
            continue
        folder, pattern = PACKAGE / "backbones" / "families", names_of(family)
        own = [folder / f"{module.name}.py", *folder.glob(f"{module.name}_*.py")]
        naming = [
            str(file.relative_to(PACKAGE))
            for file in PACKAGE.rglob("*")
            if file.suffix in (".py", ".md", ".html", ".js", ".css", ".toml") and file not in own
            if not {"weights", "second"} & set(file.parts) and pattern.search(file.read_text(encoding="utf-8"))
        ]
        assert naming == []
        assert all(pattern.search(file.read_text(encoding="utf-8")) for file in own)


def test_what_is_said_of_models_is_said_of_those_of_the_table() -> None:
    """The language's reference is no code, so that it is compared instead of derived."""
    reference = (PACKAGE.parent / "grammar" / "reference.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^- `model` films: (.*), or the path or hub id", reference, re.MULTILINE)
    assert re.findall(r"`([\w.-]+)`", line) == [*TABLE]


def test_the_table_costs_nothing_to_import() -> None:
    code = (
        "import sys, dreamrunner.backbones.table; print({'torch', 'numpy', 'pydantic', 'diffusers'} & {*sys.modules})"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert told.stdout.strip() == "set()"
