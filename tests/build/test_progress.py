"""What a build says: a line a stage, more only when a stage takes its time."""

import io
import re

import pytest

from dreamrunner.build import progress as progress_module
from dreamrunner.build.progress import BarProgress, LineProgress, clock, describe, for_stream, summary


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(progress_module.time, "monotonic", lambda: self.now)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_quick_stage_leaves_one_line(time: Clock) -> None:
    said = io.StringIO()
    with LineProgress(said).stage("render", 2, 2) as stage:
        for scene in ("garden", "kitchen"):
            stage.begin(scene)
            time.now += 0.5
            stage.advance(0.5)
            stage.end()
    assert said.getvalue() == "filmed 2 scenes in 1.0 s\n"


def test_a_slow_stage_says_how_far_it_is_and_how_long_it_will_take(time: Clock) -> None:
    said = io.StringIO()
    with LineProgress(said).stage("render", 4, 4) as stage:
        for scene in ("garden", "kitchen", "roof", "bed"):
            stage.begin(scene)
            for step in range(1, 11):
                time.now += 1.0
                stage.advance(step / 10)
            stage.end()
    assert said.getvalue().splitlines() == [
        "  filming garden (1 of 4), about 38 s left",
        "  filming kitchen (2 of 4), about 28 s left",
        "  filming roof (3 of 4), about 18 s left",
        "  filming bed (4 of 4), about 8.0 s left",
        "filmed 4 scenes in 40 s",
    ]


def test_loading_a_model_does_not_enter_the_time_left(time: Clock) -> None:
    said = io.StringIO()
    with LineProgress(said).stage("render", 2, 2) as stage:
        stage.begin("garden")
        time.now += 60.0
        for step in range(1, 21):
            time.now += 1.0
            stage.advance(step / 20)
        stage.end()
    assert said.getvalue().splitlines()[:2] == [
        "  filming garden (1 of 2)",
        "  filming garden (1 of 2), about 29 s left",
    ]


def test_a_training_says_its_loss(time: Clock) -> None:
    said = io.StringIO()
    with LineProgress(said).stage("train-motion", 2, 1) as stage:
        stage.begin("spinning")
        time.now += 1.0
        stage.advance(0.25, note="loss 0.412")
        time.now += 2.0
        stage.advance(0.75, note="loss 0.125")
        assert describe(stage) == "learning spinning, loss 0.125"
        time.now += 1.0
        stage.end()
        assert stage.note == ""
    assert said.getvalue() == (
        "  learning spinning, loss 0.125, about 1.0 s left\nlearnt 2 motions in 4.0 s (1 of them kept from before)\n"
    )


def test_nothing_to_do_is_said_so() -> None:
    said = io.StringIO()
    with LineProgress(said).stage("encode", 5, 0):
        pass
    assert said.getvalue() == "encoded 5 scenes: kept from before\n"


def test_a_stage_that_fails_leaves_no_line_of_success() -> None:
    said = io.StringIO()
    with pytest.raises(KeyboardInterrupt), LineProgress(said).stage("join", 1, 1) as stage:
        stage.begin("")
        raise KeyboardInterrupt
    assert said.getvalue() == ""


@pytest.mark.parametrize(
    ("kind", "total", "missing", "line"),
    [
        ("render", 1, 1, "filmed 1 scene in 3.0 s"),
        ("render", 5, 2, "filmed 5 scenes in 3.0 s (3 of them kept from before)"),
        ("join", 1, 1, "joined the film in 3.0 s"),
        ("storyboard", 1, 0, "drew the storyboard: kept from before"),
    ],
)
def test_summaries(kind: str, total: int, missing: int, line: str) -> None:
    assert summary(kind, total, missing, 3.0) == line


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (12.4, "12 s"), (103, "1:43"), (3723, "1:02:03")])
def test_times_for_people(seconds: float, text: str) -> None:
    assert clock(seconds) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_with_time_left_only_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "PATIENCE", 0.2)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with for_stream(terminal).stage("encode", 1, 1) as quick:
        quick.begin("garden")
        quick.end()
    assert re.fullmatch(r"encoded 1 scene in \d\.\d s\n", terminal.getvalue())

    terminal = Terminal()
    with for_stream(terminal).stage("render", 1, 1) as slow:
        slow.begin("garden")
        assert slow.timer is not None
        slow.timer.join()  # the bar comes by itself, while the task is busy
        slow.advance(0.5)
        slow.bar.refresh()
        drawn = terminal.getvalue()
        slow.end()
    assert "filming garden" in drawn
    assert "left" in drawn
    assert "━" in drawn
    assert terminal.getvalue().endswith(" s\n")


def test_streams_are_told_apart() -> None:
    assert type(for_stream(Terminal())) is BarProgress
    assert type(for_stream(io.StringIO())) is LineProgress
