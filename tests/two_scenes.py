"""A story of two short scenes, and a progress that remembers what a build had to do."""

from dreamrunner.build import Progress
from dreamrunner.build.progress import Stage

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


class Recorder(Progress):
    """Remembers which tasks a build had to do, and forgets them when read."""

    def __init__(self) -> None:
        self._made: list[str] = []

    def open_stage(self, kind: str, missing: int) -> Stage:
        recorder = self

        class Remembering(Stage):
            def begin(self, of: str) -> None:
                recorder._made.append(f"{kind} {of}".rstrip())

        return Remembering(kind, missing)

    def made(self) -> list[str]:
        made, self._made = self._made, []
        return made
