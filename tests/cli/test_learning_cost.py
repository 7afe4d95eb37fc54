"""``check`` says what a build learns first, where that takes longer than filming."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from dreamrunner.cli import main
from dreamrunner.engine.measurements import Measurement

STORY = """\
character dragon
  looks "a dragon"
  images "dragon.png"

scene garden
  background "a garden"
  narration "The dragon waves."

  dragon waving "a dragon is waving"
"""


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    Image.new("RGB", (64, 64), "green").save(tmp_path / "dragon.png")
    (tmp_path / "a.story").write_text(STORY)
    return tmp_path / "a.story"


def test_what_learning_costs_is_said_where_it_is_more(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(story)]) == 0
    cost = "500 training steps, and 20 to film; how long has not been measured on this machine yet"
    assert capsys.readouterr().out == f"{story}: a build first learns dragon: {cost}\n"
    assert main(["check", str(story), "--format", "json"]) == 0
    assert "learns" not in capsys.readouterr().out
    assert not (story.parent / "cache").exists(), "nothing is written for it"


def test_where_it_has_been_measured_the_times_are_said(
    story: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    took = {"train-subject": 300.0, "render": 5.0}

    def seconds(measured: list[Measurement], kind: str, efforts: list[object]) -> float:
        return took.get(kind, 1.0) * len(efforts)

    monkeypatch.setattr("dreamrunner.pipeline.forecast.seconds", seconds)
    assert main(["check", str(story)]) == 0
    told = capsys.readouterr().out
    assert "a build first learns dragon: about 5:00, and about 5.0 s to film" in told
    took["render"] = 400.0
    assert main(["check", str(story)]) == 0
    assert capsys.readouterr().out == "", "it takes less than filming"


def test_nothing_is_said_where_nothing_is_learnt(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story.write_text(STORY.replace('  images "dragon.png"\n', "").replace("dragon", "witch"))
    assert main(["check", str(story)]) == 0
    assert capsys.readouterr().out == ""
