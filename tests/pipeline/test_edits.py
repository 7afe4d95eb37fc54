"""What each edit makes a build do again: exactly these tasks, by their keys. Nothing is rendered here.

Where a task would be done again, its result is taken to be another one, as it nearly always is.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from dreamrunner.engine import Store, software
from dreamrunner.engine.software import library_versions
from dreamrunner.pipeline import Options, prepare, understand
from dreamrunner.pipeline.tasks import film, render
from tests.material.sources import code, edited
from tests.material.videos import stripes, write

STORY = """\
use "cast.story"

story "Three Scenes"
  language 1
  seed 3

character witch "a girl witch in a violet dress"

motion stirring
  lora "loras/stirring.safetensors" 0.8

scene garden
  background "a garden"
  narration "The witch walks, the cat sits."
  duration 2s
  transition fade 0.5s
  witch walking 0s..2s "A witch is walking in the garden"
    at 0s [0.1 0.2 0.5 0.9]
    at 1s [0.3 0.2 0.7 0.9]
  cat sitting 0s..2s "A cat is sitting in the garden"
    at 0s right

scene kitchen
  seed 5
  background "a kitchen"
  narration "She stirs her soup."
  duration 2s
  witch stirring 0s..2s "A witch is stirring in the kitchen"
    at 0s left

scene roof
  background "the roof"
  narration "The cat is on the roof."
  duration 2s
  cat waving 0s..2s "A cat is waving"
    at 0s [0.3 0.3 0.7 0.7]
"""

GARDEN, KITCHEN, ROOF = (
    [f"render {scene}", "storyboard", f"encode {scene}", f"cut {scene}", "join"]
    for scene in ("garden", "kitchen", "roof")
)
EVERYTHING = sorted({*GARDEN, *KITCHEN, *ROOF})
CUTTING = ["cut garden", "cut kitchen", "cut roof", "join"]
ENCODING = sorted(["encode garden", "encode kitchen", "encode roof", *CUTTING])


class Works:
    """A story with what belongs to it, in a folder of its own, and how it is built."""

    def __init__(self, root: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.patch = root, monkeypatch
        self.options = Options(model=str(model), steps=1)
        self.device = "cpu"
        root.mkdir()
        self.story = root / "three.story"
        self.story.write_text(STORY)
        (root / "cast.story").write_text('character cat "a small black cat"\n')
        (root / "loras").mkdir()
        self.lora = root / "loras" / "stirring.safetensors"
        self.learn(1.0)

    def learn(self, value: float) -> None:
        layer = "transformer.transformer_blocks.0.attn1.to_q"
        halves = {f"{layer}.lora_A.weight": (2, 32), f"{layer}.lora_B.weight": (32, 2)}
        save_file({name: np.full(shape, value, np.float32) for name, shape in halves.items()}, self.lora)

    def say(self, old: str, new: str) -> None:
        text = self.story.read_text()
        assert old in text
        self.story.write_text(text.replace(old, new))

    def choose(self, **options: object) -> None:
        self.options = replace(self.options, **options)

    def keys(self) -> dict[str, str]:
        """The key of every task, each needed result standing for itself by the key that it is kept under."""
        understood = understand(self.story, self.options)
        assert understood.plan is not None, understood.diagnostics
        keys: dict[str, str] = {}
        store = Store(self.root.parent / "cache")
        for task in prepare(understood, out=None, options=self.options, device=self.device, store=store).tasks:
            keys[task.name] = task.key(keys)
        return keys


@pytest.fixture
def works(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Works:
    return Works(tmp_path / "story", model, monkeypatch)


def say(old: str, new: str) -> Callable[[Works], None]:
    return lambda works: works.say(old, new)


def choose(**options: object) -> Callable[[Works], None]:
    return lambda works: works.choose(**options)


def both(one: Callable[[Works], None], other: Callable[[Works], None]) -> Callable[[Works], None]:
    return lambda works: (one(works), other(works))


def move_the_folder(works: Works) -> None:
    works.story = works.root.rename(works.root.with_name("moved")) / "three.story"


def work_elsewhere(works: Works) -> None:
    works.patch.chdir(works.root)
    works.story = Path("three.story")


def have_the_model_elsewhere(works: Works) -> None:
    other = works.root.parent / "models" / "of-another-machine"
    shutil.copytree(works.options.model, other)
    works.choose(model=str(other))


def change_a_weight(works: Works) -> None:
    have_the_model_elsewhere(works)
    weights = next((Path(works.options.model) / "transformer").glob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)


def touch_everything(works: Works) -> None:
    for path in works.root.rglob("*"):
        os.utime(path, (0, 0))


def rename_the_lora(works: Works) -> None:
    works.lora.rename(works.lora.with_name("potions.safetensors"))
    works.say("loras/stirring.safetensors", "loras/potions.safetensors")


def swap_scenes(works: Works) -> None:
    head, garden, kitchen, roof = works.story.read_text().split("\nscene ")
    works.story.write_text("\nscene ".join((head, kitchen, garden, roof)))


def use_another_library(name: str) -> Callable[[Works], None]:
    def use(works: Works) -> None:
        versions = {each: "99.0" if each == name else number for each, number in library_versions().items()}
        told = film.version
        works.patch.setattr(render, "library_versions", lambda: versions)
        works.patch.setattr(film, "version", lambda package: "99.0" if package == name else told(package))

    return use


def change_the_code(file: str) -> Callable[[Works], None]:
    def change(works: Works) -> None:
        works.patch.setattr(software, "PACKAGE", edited(works.root.parent / "source", file, code))

    return change


def compute_on_a_gpu(works: Works) -> None:
    works.device = "cuda"


TABLE = {
    # what says the same
    "a comment": (say('story "Three', '# a remark\nstory "Three'), []),
    "blank lines": (say("\nscene kitchen", "\n\n\nscene kitchen"), []),
    "line endings": (lambda works: works.story.write_bytes(STORY.replace("\n", "\r\n").encode()), []),
    "a default, written down": (say("scene roof\n", "scene roof\n  transition cut\n"), []),
    "a box with commas": (say("[0.1 0.2 0.5 0.9]", "[0.1, 0.2, 0.5, 0.9]"), []),
    "the cast, moved into the story": (say('use "cast.story"\n', 'character cat "a small black cat"\n'), []),
    "a filled story beside it": (lambda works: shutil.copy(works.story, works.root / "three.plan.story"), []),
    # what nothing reads
    "the topic": (say("  seed 3", '  topic "a day"\n  seed 3'), []),
    "the planner, with nothing to plan": (say("  seed 3", "  seed 3\n  planner none"), []),
    "looks that no description uses": (say("a girl witch", "an old witch"), []),
    "a character that has no scene": (say("character witch", 'character dog "a dog"\n\ncharacter witch'), []),
    "a query beside a LoRA": (say("motion stirring\n", 'motion stirring\n  query "person is stirring"\n'), []),
    "times of change, of photos and LoRAs too": (touch_everything, []),
    "the name of a LoRA's file": (rename_the_lora, []),
    "the folder, moved": (move_the_folder, []),
    "another working directory": (work_elsewhere, []),
    "another machine's path to the model": (have_the_model_elsewhere, []),
    "an exact speed-up": (choose(speedups=("vae-slicing",)), []),
    "the code of the planner": (change_the_code("planning/planner.py"), []),
    "the code of the command line": (change_the_code("cli/commands/build.py"), []),
    "the code that draws the storyboard's page": (change_the_code("film/storyboard_page.py"), []),
    # what only the storyboard shows, or the film's joints
    "the title": (say('"Three Scenes"', '"Four Scenes"'), ["join", "storyboard"]),
    "a character's name": (
        both(say("character witch", "character sorceress"), say("\n  witch ", "\n  sorceress ")),
        ["storyboard"],
    ),
    "a motion's name": (
        both(say("motion stirring", "motion brewing"), say("witch stirring", "witch brewing")),
        ["storyboard"],
    ),
    "the name of a scene with a seed of its own": (say("scene kitchen", "scene cellar"), ["join", "storyboard"]),
    "a box, by less than a token": (say("[0.3 0.3 0.7 0.7]", "[0.3 0.3 0.71 0.7]"), ["storyboard"]),
    "Pillow": (use_another_library("pillow"), ["storyboard"]),
    "a transition": (say("fade 0.5s", "dissolve 0.5s"), ["cut garden", "cut kitchen", "join", "storyboard"]),
    "a narration": (say("She stirs her soup.", "Soup."), ["join", "storyboard"]),
    "two scenes, swapped": (swap_scenes, ["cut kitchen", "cut roof", "join", "storyboard"]),
    "a scene, taken out": (
        lambda works: works.story.write_text(STORY.partition("\nscene roof")[0]),
        ["join", "storyboard"],
    ),
    "subtitles in the picture": (choose(burn_subtitles=True), CUTTING),
    "smooth motion": (choose(smooth=True), ENCODING),
    "ffmpeg": (use_another_library("imageio-ffmpeg"), ENCODING),
    "the code that joins": (change_the_code("film/joining.py"), ["join"]),
    "the code that cuts": (change_the_code("film/cutting.py"), CUTTING),
    "the code that encodes": (change_the_code("film/encode.py"), ENCODING),
    "the code that draws the storyboard": (change_the_code("film/storyboard.py"), ["storyboard"]),
    "the maker that encodes": (change_the_code("pipeline/tasks/makers/encode.py"), ENCODING),
    # what one scene's frames show
    "one box in one scene": (say("[0.3 0.2 0.7 0.9]", "[0.3 0.2 0.7 0.5]"), GARDEN),
    "a key frame's time": (say("at 1s", "at 2s"), GARDEN),
    "a description": (say("A cat is sitting", "A cat is lying"), GARDEN),
    "a background": (say('"a kitchen"', '"a cellar"'), KITCHEN),
    "a camera": (say("scene kitchen\n", 'scene kitchen\n  camera "a close shot"\n'), KITCHEN),
    "what to avoid": (say("scene kitchen\n", 'scene kitchen\n  avoid "text"\n'), KITCHEN),
    "a scene's seed": (say("  seed 5", "  seed 6"), KITCHEN),
    "a LoRA's bytes": (lambda works: works.learn(2.0), KITCHEN),
    "a LoRA's scale": (say('.safetensors" 0.8', '.safetensors" 0.7'), KITCHEN),
    "a duration": (say('on the roof."\n  duration 2s', 'on the roof."\n  duration 3s'), ROOF),
    "the name of a scene that has its seed from it": (
        say("scene roof", "scene tower"),
        ["render tower", "storyboard", "encode tower", "cut tower", "join"],
    ),
    # what all frames show
    "the story's seed": (say("  seed 3", "  seed 4"), sorted({*GARDEN, *ROOF})),
    "the seed, on the command line": (choose(seed=4), sorted({*GARDEN, *ROOF})),
    "the style": (say("  seed 3", '  seed 3\n  style "ink"'), EVERYTHING),
    "the size": (say("  seed 3", "  seed 3\n  size 64x32"), EVERYTHING),
    "the model": (change_a_weight, EVERYTHING),
    "the steps": (choose(steps=2), EVERYTHING),
    "the guidance": (choose(guidance=1.5), EVERYTHING),
    "the attention": (choose(attention="hard"), EVERYTHING),
    "a LoRA for the whole picture": (say("  seed 3", '  seed 3\n  lora "loras/stirring.safetensors"'), EVERYTHING),
    "one on the command line": (lambda works: works.choose(loras=(f"{works.lora}:0.5",)), EVERYTHING),
    "an accelerator": (lambda works: works.choose(fast=(str(works.lora),)), EVERYTHING),
    "an inexact speed-up": (choose(speedups=("pab",)), EVERYTHING),
    "the version of torch": (use_another_library("torch"), EVERYTHING),
    "the code of the renderer": (change_the_code("rendering/renderer.py"), EVERYTHING),
    "a GPU": (compute_on_a_gpu, EVERYTHING),
}


@pytest.mark.parametrize("edit", TABLE)
def test_an_edit_makes_exactly_these_tasks_run_again(works: Works, edit: str) -> None:
    change, expected = TABLE[edit]
    before = set(works.keys().values())
    change(works)
    assert sorted(name for name, key in works.keys().items() if key not in before) == sorted(expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (say("[0.3 0.2 0.7 0.9]", "[0.3 0.2 0.7 0.5]"), ["storyboard"]),
        (say("A cat is sitting", "A cat is lying"), GARDEN),
    ],
)
def test_boxes_change_no_frame_that_is_made_without_regions(
    works: Works, change: Callable[[Works], None], expected: list[str]
) -> None:
    works.choose(attention="plain")
    before = set(works.keys().values())
    change(works)
    assert sorted(name for name, key in works.keys().items() if key not in before) == sorted(expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (say("She stirs her soup.", "Soup."), ["cut kitchen", "join", "storyboard"]),
        (swap_scenes, ["cut kitchen", "cut roof", "join", "storyboard"]),
        (say('the roof"', 'a roof"'), ROOF),
    ],
)
def test_subtitles_in_the_picture_are_drawn_again_where_they_change(
    works: Works, change: Callable[[Works], None], expected: list[str]
) -> None:
    works.choose(burn_subtitles=True)
    before = set(works.keys().values())
    change(works)
    assert sorted(name for name, key in works.keys().items() if key not in before) == sorted(expected)


class Trainings(Works):
    """The same story with photos of the cat, who is in the garden and on the roof, and clips of waving, as on the
    roof."""

    def __init__(self, root: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(root, model, monkeypatch)
        (root / "cast.story").write_text('character cat\n  looks "a small black cat"\n  images "photos/*.png"\n')
        self.say("motion stirring", 'motion waving\n  clips "clips/*.mp4"\n\nmotion stirring')
        for folder in ("photos", "clips"):
            (root / folder).mkdir()
        self.photo, self.clip = root / "photos" / "cat.png", root / "clips" / "a person is waving.mp4"
        Image.fromarray(stripes(1)[0]).save(self.photo)
        write(self.clip, stripes(20))


@pytest.fixture
def trainings(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Trainings:
    return Trainings(tmp_path / "story", model, monkeypatch)


CAT = sorted({"train-subject cat", *GARDEN, *ROOF})
WAVING = ["train-motion waving", *ROOF]
TRAININGS = ["train-motion waving", "train-subject cat"]

LEARNING = {
    "nothing": (lambda trainings: None, []),
    "times of change, of photos and clips too": (touch_everything, []),
    "the folder, moved": (move_the_folder, []),
    "another working directory": (work_elsewhere, []),
    "another machine's path to the model": (have_the_model_elsewhere, []),
    "a photo's name": (lambda trainings: trainings.photo.rename(trainings.photo.with_name("tom.png")), []),
    "a photo's bytes": (lambda trainings: Image.fromarray(stripes(2)[1]).save(trainings.photo), CAT),
    "a photo's caption": (lambda trainings: trainings.photo.with_suffix(".txt").write_text("a cat, asleep"), CAT),
    "the looks that photos are captioned with": (
        lambda trainings: (trainings.root / "cast.story").write_text(
            'character cat\n  looks "a small grey cat"\n  images "photos/*.png"\n'
        ),
        CAT,
    ),
    "one more photo": (
        lambda trainings: Image.fromarray(stripes(2)[1]).save(trainings.photo.with_name("tom.png")),
        CAT,
    ),
    "a clip's bytes": (lambda trainings: write(trainings.clip, stripes(21)), WAVING),
    "a clip's name, which is its caption": (
        lambda trainings: trainings.clip.rename(trainings.clip.with_name("a dog is waving.mp4")),
        WAVING,
    ),
    "a box": (say("[0.3 0.3 0.7 0.7]", "[0.3 0.3 0.7 0.5]"), ROOF),
    "a description": (say("A cat is waving", "A cat is waving wildly"), ROOF),
    "the story's seed": (say("  seed 3", "  seed 4"), sorted({*GARDEN, *ROOF})),
    "the steps of the film": (choose(steps=2), EVERYTHING),
    "the steps of training": (choose(train_steps=7), sorted({*TRAININGS, *GARDEN, *ROOF})),
    "the model": (change_a_weight, sorted([*TRAININGS, *EVERYTHING])),
    "the size": (say("  seed 3", "  seed 3\n  size 64x32"), sorted([*TRAININGS, *EVERYTHING])),
    "the version of torch": (use_another_library("torch"), EVERYTHING),
    "the number of a release": (change_the_code("version.py"), []),
    "the code of every training": (change_the_code("priors/training.py"), sorted({*TRAININGS, *GARDEN, *ROOF})),
    "the code that learns motions": (change_the_code("priors/motion.py"), WAVING),
    "the code that learns characters": (change_the_code("priors/subject.py"), CAT),
    "the maker that learns motions": (change_the_code("pipeline/adapters/makers/motion.py"), WAVING),
    "the code of the renderer": (change_the_code("rendering/renderer.py"), EVERYTHING),
    "a GPU": (compute_on_a_gpu, sorted([*TRAININGS, *EVERYTHING])),
}


@pytest.mark.parametrize("edit", LEARNING)
def test_an_edit_makes_exactly_these_loras_be_trained_again(trainings: Trainings, edit: str) -> None:
    change, expected = LEARNING[edit]
    before = set(trainings.keys().values())
    change(trainings)
    assert sorted(name for name, key in trainings.keys().items() if key not in before) == sorted(expected)
