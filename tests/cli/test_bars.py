"""What is drawn of a build on a terminal, to the letter."""

import io

import pytest
from rich.console import Console

from dreamrunner.cli.console.bars import Bars
from dreamrunner.engine import time_left
from dreamrunner.engine.progress import (
    BuildStarted,
    Event,
    StageStarted,
    TaskAdvanced,
    TaskFailed,
    TaskFinished,
    TaskKept,
    TaskStarted,
)

HEARD: list[Event] = [
    StageStarted("plan", 1, 1),
    TaskFinished("plan", "", 0.1),
    BuildStarted((("train-motion", 2), ("train-subject", 1), ("render", 8), ("join", 1)), 4000.0, ("join",)),
    TaskKept("train-motion", "waving"),
    TaskStarted("train-subject", "witch", 500.0),
    TaskStarted("train-motion", "spinning"),
    TaskAdvanced("train-motion", "spinning", 0.0),
    TaskAdvanced("train-subject", "witch", 0.5, 180, 360, "loss 0.412", 100.0, 100.0, 3700.0, ("join",)),
]


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_left.time, "monotonic", lambda: 100.0)


def drawn(bars: Bars, columns: int) -> str:
    console = Console(file=io.StringIO(), width=columns, no_color=True)
    console.print(bars.drawn())
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


@pytest.mark.parametrize(
    ("columns", "screen"),
    [
        (
            90,
            """\
learning witch, loss 0.412                  ━━━━━━━━━━━━━━               180/360 1:40 left
learning spinning                                                             0%
plan 1/1, train 1/3, render 0/8, join 0/1, over 1:01:40 left in all""",
        ),
        (
            40,
            """\
learning wit… ━━━━     180/360 1:40 left
learning spi…               0%
plan 1/1, train 1/3, render 0/8, join
0/1, over 1:01:40 left in all""",
        ),
    ],
)
def test_what_runs_has_a_bar_each_above_the_counts_of_all_stages(columns: int, screen: str) -> None:
    bars = Bars(io.StringIO())
    for event in HEARD:
        bars(event)
    bars.close()
    assert drawn(bars, columns) == screen


def test_what_failed_is_counted_apart() -> None:
    bars = Bars(io.StringIO())
    bars(BuildStarted((("render", 3), ("encode", 3))))
    for event in (TaskFinished("render", "garden", 1.0), TaskFailed("render", "kitchen", 1.0, "no memory")):
        bars(event)
    assert drawn(bars, 80) == "render 1/3 (1 failed), encode 0/3"
