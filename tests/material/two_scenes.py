"""A story of two short scenes, a model to film it with, and a progress that remembers what a build had to do."""

from pathlib import Path

from dreamrunner.engine.progress import BuildStarted, Event, Said, TaskStarted

STORY = """\
story "Two Scenes"
  language 1
  seed 3

character witch "a girl witch in a violet dress"
character cat "a small black cat"

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
  background "a kitchen"
  narration "She stirs her soup."
  duration 2s
  witch stirring "A witch is stirring in the kitchen"
    at 0s left
"""

BRIEF = """\
story "Two Scenes"
  language 1
  seed 3

character witch "a girl witch"

scene garden
  background "a garden"
  narration "She walks."
  duration 0.5s
  transition fade 0.2s
  witch walking "A witch is walking"
    at 0s left

scene kitchen
  background "a kitchen"
  duration 0.5s
  witch stirring "A witch is stirring"
    at 0s left
"""
"""As short, for tests that make many films of it."""


class Recorder:
    """Remembers which tasks a build had to do, stage by stage and in each as they began, and forgets them when read;
    and the lines that were said."""

    def __init__(self) -> None:
        self._made: list[str] = []
        self._stages: list[str] = []
        self.lines: list[str] = []

    def __call__(self, event: Event) -> None:
        match event:
            case TaskStarted(stage, of) if stage != "plan":  # which is done anew every time
                self._made.append(f"{stage} {of}".rstrip())
            case BuildStarted(stages):
                self._stages = [stage for stage, _ in stages]
            case Said(text):
                self.lines.append(text)

    def made(self) -> list[str]:
        made, self._made = self._made, []
        return sorted(made, key=lambda name: self._stages.index(name.partition(" ")[0]))


def build_tiny(folder: Path) -> Path:
    """A model folder with random weights, as small as one can be: 32x32 pixels, 9 frames, one layer."""
    from tests.material.models import build_small  # which imports torch

    return build_small(folder, 1)
