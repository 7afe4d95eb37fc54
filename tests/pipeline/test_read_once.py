"""Before a story is filmed every file of it is parsed and checked once, and every scene's narration read once."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dreamrunner.cli import main
from dreamrunner.engine import Store
from dreamrunner.language.parsing import parser
from dreamrunner.language.scenes import SceneChecker
from dreamrunner.language.story import Scene
from dreamrunner.language.syntax import Syntax
from dreamrunner.pipeline import Options, prepare, understand
from dreamrunner.pipeline.draw_boxes import draw_boxes
from dreamrunner.pipeline.forecast import understand_offline
from dreamrunner.pipeline.last_film import FilmedScene
from dreamrunner.pipeline.story import Understood
from dreamrunner.planning.narration import reader
from dreamrunner.preview.board import live_board

STORIES = Path(__file__).parents[2] / "stories"


class Counts:
    """How often each file was parsed and checked, by its name, and each narration read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed, self.checked, self.read = Counter[str](), Counter[str](), Counter[str]()
        self._count(monkeypatch, parser.parse, lambda text, file: self.parsed.update([file.name]))
        scenes = SceneChecker.scenes

        def check(this: SceneChecker, syntax: Syntax) -> tuple[Scene, ...]:
            # Where the scenes stand that are checked: in the story or in the filled one.
            self.checked.update(
                {block.kind.location.file.name for block in syntax.blocks if block.kind.text == "scene"}
            )
            return scenes(this, syntax)

        monkeypatch.setattr(SceneChecker, "scenes", check)
        # What was read is kept, so that who asks again reads nothing again.
        reader._telling.cache_clear()
        self._count(monkeypatch, reader.sentences, lambda text: self.read.update([text]))

    @staticmethod
    def _count(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], note: Callable[..., None]) -> None:
        """Have ``note`` called with every call of a function, in whatever module it is called."""

        def counted(*given: Any, **named: Any) -> Any:
            note(*given, **named)
            return function(*given, **named)

        for name, module in list(sys.modules.items()):
            if name.startswith("dreamrunner") and getattr(module, function.__name__, None) is function:
                monkeypatch.setattr(module, function.__name__, counted)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """The witch's day in a folder of its own, her props and motions in a file that it uses."""
    shutil.copytree(STORIES / "witch", tmp_path / "witch")
    text = (STORIES / "witch.story").read_text(encoding="utf-8")
    start, stop = text.index("prop flowers"), text.index("# The miniature can do neither")
    (tmp_path / "cast.story").write_text(text[start:stop], encoding="utf-8")
    path = tmp_path / "witch.story"
    path.write_text(f'use "cast.story"\n{text[:start]}{text[stop:]}', encoding="utf-8")
    return path


def prepared(understood: Understood, folder: Path) -> None:
    """Whatever a build does before its first task."""
    assert understood.plan is not None, understood.diagnostics
    prepare(understood, out=None, options=Options(), device="cpu", store=Store(folder / "cache"), dry=True)


def test_a_build_parses_and_checks_each_file_once_and_reads_each_narration_once(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts(monkeypatch)
    understood = understand(story)
    prepared(understood, story.parent)
    assert counts.parsed == {"witch.story": 1, "cast.story": 1}
    assert counts.checked == {"witch.story": 1}
    # Two scenes have no gap, so that nothing is asked of their narrations.
    assert counts.read == Counter(
        scene.narration for scene in understood.plan.scenes if scene.name not in ("garden", "spell")
    )
    assert len(counts.read) == 6


def test_a_filled_story_beside_it_is_parsed_and_checked_once_too(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = understand(story).plan
    assert main(["plan", str(story)]) == 0
    counts = Counts(monkeypatch)
    understood = understand(story)
    prepared(understood, story.parent)
    assert understood.plan == before
    assert counts.parsed == {"witch.story": 1, "cast.story": 1, "witch.plan.story": 1}
    assert counts.checked == {"witch.story": 1, "witch.plan.story": 1}
    assert not counts.read


def test_one_scene_that_changed_is_the_only_one_read_anew(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["plan", str(story)]) == 0
    told = "In the afternoon the witch sleeps on the beach."
    text = story.read_text(encoding="utf-8")
    story.write_text(
        text.replace("In the afternoon the witch waves on the beach, and the cat dances.", told), encoding="utf-8"
    )
    counts = Counts(monkeypatch)
    understand(story)
    assert counts.parsed == {"witch.story": 1, "cast.story": 1, "witch.plan.story": 1}
    assert counts.read == {told: 1}


@pytest.mark.parametrize("look", ["forecast", "storyboard", "preview"])
@pytest.mark.parametrize("filled", [False, True], ids=["alone", "filled"])
def test_looking_ahead_reads_no_more_than_a_build(
    look: str, filled: bool, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if filled:
        assert main(["plan", str(story)]) == 0
    counts = Counts(monkeypatch)
    if look == "forecast":
        understand_offline(story, Options())
    elif look == "preview":
        shown = live_board(story, lambda plan, _: {scene.name: FilmedScene("never") for scene in plan.scenes})
        assert len(shown.board["scenes"]) == 8
    else:
        draw_boxes(story, story.with_name("boxes.png"))
    assert set(counts.parsed.values()) == set(counts.checked.values()) == {1}
    assert len(counts.parsed) == 2 + filled and len(counts.checked) == 1 + filled
    # The pages tell also of a filled story which words are filmed, and what nothing is filmed of.
    assert set(counts.read.values()) == (set() if filled and look == "forecast" else {1})
