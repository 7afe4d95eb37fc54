"""A folder where a story was filmed, to edit and build again in."""

from pathlib import Path

from dreamrunner.engine import Store
from dreamrunner.pipeline import Built, Options, build
from tests.material.two_scenes import Recorder


class Place:
    """A copy of the first build's folder to edit and build again in."""

    def __init__(self, root: Path, model: Path) -> None:
        self.root, self.model, self.recorder = root, model, Recorder()
        self.story = root / "two.story"
        self.out = root / "build" / "two"

    def build(self, **options: object) -> Built:
        chosen = Options(**{"model": str(self.model), "steps": 1} | options)
        return build(self.story, out=self.out, options=chosen, store=Store(self.root / "cache"), progress=self.recorder)

    def edit(self, old: str, new: str) -> None:
        text = self.story.read_text()
        assert old in text
        self.story.write_text(text.replace(old, new))
