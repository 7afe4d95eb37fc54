"""LoRAs for the whole picture, of a story and of the command line, as a build takes them; nothing is filmed here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from dreamrunner.engine import Store
from dreamrunner.language.story import LoraFile
from dreamrunner.pipeline import Options, StoryError, UsageError, prepare, understand
from dreamrunner.pipeline.adapters.pictures import fast_steps, lora_of
from dreamrunner.pipeline.errors import check, refusals
from dreamrunner.pipeline.prepare import Production
from tests.material.wan import build_wan

STORY = """\
story "A"
  lora "style.safetensors" 0.8

character cat "a small cat"

scene garden
  background "a garden"
  narration "The cat sits."
  avoid "text"
  duration 2s
  cat sitting 0s..2s "A cat is sitting"
    at 0s right

scene kitchen
  background "a kitchen"
  narration "The cat sits."
  duration 2s
  cat sitting 0s..2s "A cat is sitting"
    at 0s right
"""
LAYER = "diffusion_model.transformer_blocks.0.attn1.to_q"


def lora(file: Path, **more: tuple[int, ...]) -> Path:
    shapes = {f"{LAYER}.lora_A.weight": (2, 32), f"{LAYER}.lora_B.weight": (32, 2)}
    shapes |= {f"{LAYER}.{end}": shape for end, shape in more.items()}
    save_file({name: np.ones(shape, np.float32) for name, shape in shapes.items()}, file)
    return file


class Works:
    def __init__(self, root: Path, model: Path) -> None:
        self.root, self.model, self.story = root, model, root / "a.story"
        self.story.write_text(STORY)
        self.style = lora(root / "style.safetensors", diff_b=(32,))
        self.fast = lora(root / "made-fast-4steps.safetensors")

    def produced(self, **options: object) -> Production:
        how = Options(**{"model": str(self.model), "checker": "none"} | options)
        check(how)
        with refusals(how):
            return prepare(
                understand(self.story, how), out=None, options=how, device="cpu", store=Store(self.root / "store")
            )


@pytest.fixture
def works(tmp_path: Path, model: Path) -> Works:
    return Works(tmp_path, model)


def test_those_of_the_story_and_of_options_work_in_every_scene(works: Works) -> None:
    made = works.produced(loras=(f"{works.style}:0.5",))
    for job in made.jobs:
        assert [(prior.name, prior.kind, prior.scale) for prior in job.priors] == [
            ("picture-1", "picture", 0.8),
            ("picture-2", "picture", 0.5),
        ]
        assert job.program.lora_maps == ()
    assert list(made.resolved.said())[:2] == [
        "style.safetensors: in the whole picture, scale 0.8",
        "style.safetensors: in the whole picture, scale 0.5",
    ]
    assert made.inputs[-1] == works.style and works.style in works.produced().inputs


def test_zeros_that_are_left_out_are_told(works: Works) -> None:
    zeros = {f"diffusion_model.transformer_blocks.{block}.norm1.norm.diff": np.zeros(32) for block in range(2)}
    halves = {f"{LAYER}.lora_A.weight": np.ones((2, 32)), f"{LAYER}.lora_B.weight": np.ones((32, 2))}
    save_file(halves | zeros, works.style)
    assert next(iter(works.produced().resolved.said())).endswith("scale 0.8; 2 tensors of zeros in it left out")
    save_file(halves | {name: value + 1 for name, value in zeros.items()}, works.style)
    with pytest.raises(StoryError, match=r"changes .*norm1.norm.diff, which is no linear layer"):
        works.produced()


def test_an_accelerator_brings_its_steps_and_its_guidance(works: Works) -> None:
    fast = str(works.fast)
    assert {(job.steps, job.guidance) for job in works.produced(fast=(fast,)).jobs} == {(4, 1.0)}
    assert {(job.steps, job.guidance) for job in works.produced(fast=(fast,), steps=6, guidance=2.0).jobs} == {(6, 2.0)}
    usual = works.produced().backbone
    (drafted, _) = works.produced(fast=(fast,), draft=True).jobs
    assert (drafted.steps, drafted.speedups) == (min(4, round(usual.steps / 5)), ())


def test_that_avoid_has_no_effect_without_guidance_is_said(works: Works) -> None:
    told = "at guidance 1 `avoid` has no effect (garden)"
    assert works.produced(fast=(str(works.fast),)).remarks == works.produced(guidance=1.0).remarks == (told,)
    assert works.produced().remarks == works.produced(guidance=1.0, scene="kitchen").remarks == ()


def keys(works: Works) -> list[str]:
    return [task.key({}) for task in works.produced().tasks if task.kind == "render"]


def test_frames_hang_on_its_content_and_scale_not_on_its_name(works: Works) -> None:
    """Nor on whether 1 is written down as the scale; and what one adds is not what two add."""
    before = keys(works)
    works.style.rename(works.root / "other.safetensors")
    works.story.write_text(STORY.replace("style.saf", "other.saf"))
    assert keys(works) == before
    one = []
    for line in ('"other.safetensors"', '"other.safetensors" 1', '"other.safetensors"\n  lora "other.safetensors"'):
        works.story.write_text(STORY.replace('"style.safetensors" 0.8', line))
        one.append(keys(works))
    assert one[0] == one[1] and not set(one[0]) & {*before, *one[2]}
    lora(works.root / "other.safetensors")
    assert not set(keys(works)) & {*one[2]}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"loras": ("none.safetensors",)}, r"loras: there is no file none.safetensors"),
        ({"loras": ("style.safetensors:0",)}, r"loras: the scale of a LoRA must be above 0 and at most 10, not 0"),
        ({"fast": ("style.safetensors:nan",)}, r"fast: the scale of a LoRA must be above 0 and at most 10, not nan"),
        (
            {"fast": ("high:style.safetensors",)},
            r"fast: style.safetensors can't be for high noise alone: .* one network",
        ),
        ({"loras": ("a.story",)}, r"loras: a.story is not a .safetensors file"),
        ({"loras": ("",)}, r"loras: it is empty"),
    ],
)
def test_a_file_of_an_option_that_cannot_be_used(options, why, works: Works, monkeypatch) -> None:
    monkeypatch.chdir(works.root)
    with pytest.raises(UsageError, match=why):
        works.produced(**options)


def test_a_pair_is_for_the_two_networks_of_a_model_that_has_them(works: Works, tmp_path: Path) -> None:
    model = build_wan(tmp_path / "two", experts=2)
    layer = "lora_unet_blocks_0_self_attn_q"
    halves = {f"{layer}.lora_down.weight": np.ones((2, 24)), f"{layer}.lora_up.weight": np.ones((24, 2))}
    for number, name in enumerate(("high", "low"), 1):
        save_file({end: half * number for end, half in halves.items()}, works.root / f"{name}.safetensors")
    pair = '  lora high "high.safetensors"\n  lora low "low.safetensors" 0.5'
    keyed = []
    for lines in (pair, pair.replace("lora high", "lora lo").replace("lora low", "lora high").replace("lo ", "low ")):
        works.story.write_text(STORY.replace('  lora "style.safetensors" 0.8', lines))
        made = works.produced(model=str(model))
        keyed.append([task.key({}) for task in made.tasks if task.kind == "render"])
        assert [prior.name for prior in made.jobs[0].priors] == ["picture-1", "picture-2"]
    assert not set(keyed[0]) & set(keyed[1])
    works.story.write_text(
        STORY.replace('  lora "style.safetensors" 0.8\n', "").replace(
            'cat "a small cat"', f'cat\n  looks "a small cat"\n{pair}'
        )
    )
    made = works.produced(model=str(model), loras=(f"low:{works.root / 'low.safetensors'}",))
    names = [(prior.name, prior.expert) for prior in made.jobs[0].priors]
    assert names == [("picture-1", "low"), ("subject-cat+high", "high"), ("subject-cat+low", "low")]
    assert [one.adapter for one in made.jobs[0].program.lora_maps] == ["subject-cat+high", "subject-cat+low"]
    assert "cat: low.safetensors, scale 0.5, at low noise" in [*made.resolved.said()]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('lora "', 'lora low "', "style.safetensors can't be for low noise alone"),
        (
            'cat "a small cat"',
            'cat\n  looks "a small cat"\n  lora high "made-fast-4steps.safetensors"',
            "made-fast-4steps.safetensors can't be for high noise alone",
        ),
        ("  lora", '  lora "other.safetensors"\n  lora', "other.safetensors has only half of its LoRA"),
    ],
)
def test_a_file_of_the_story_that_cannot_be_used(old, new, why, works: Works) -> None:
    save_file({f"{LAYER}.lora_A.weight": np.ones((2, 32))}, works.root / "other.safetensors")
    works.story.write_text(STORY.replace(old, new, 1))
    with pytest.raises(StoryError, match=why):
        works.produced()


TEXTS = {
    "a.safetensors": LoraFile(Path("a.safetensors")),
    "a.safetensors:0.8": LoraFile(Path("a.safetensors"), 0.8),
    "high:a.safetensors": LoraFile(Path("a.safetensors"), 1.0, "high"),
    "low:a.safetensors:1e-1": LoraFile(Path("a.safetensors"), 0.1, "low"),
    "C:/loras/a.safetensors": LoraFile(Path("C:/loras/a.safetensors")),
    "there:2": LoraFile(Path("there:2")),
    "peft": LoraFile(Path("peft/adapter_model.safetensors")),
    "low:peft:2": LoraFile(Path("peft/adapter_model.safetensors"), 2.0, "low"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_how_the_command_line_names_one(text: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there:2").touch()
    Path("peft").mkdir()
    Path("peft/adapter_model.safetensors").touch()
    assert lora_of(text) == TEXTS[text]


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("wan_4steps_rank64", 4), ("a-8-step", 8), ("Hyper-16steps-lora", 16), ("6 steps", 6), ("step_distill", 8),
        ("v14steps", 8), ("0steps", 8), ("rank64", 8), ("4stepsize", 8),
    ],
)  # fmt: skip
def test_the_steps_of_an_accelerator_are_those_of_its_name(name: str, steps: int) -> None:
    assert fast_steps([LoraFile(Path(f"{name}.safetensors"))]) == steps
