"""What a build reports, and how that is told in plain lines."""

import io

import pytest

from dreamrunner.cli.console.amounts import summary
from dreamrunner.cli.console.lines import Lines
from dreamrunner.engine import time_left
from dreamrunner.engine.measurements import Effort, Measurement
from dreamrunner.engine.progress import (
    Event,
    StageFinished,
    StageStarted,
    TaskAdvanced,
    TaskFailed,
    TaskFinished,
    TaskKept,
    TaskStarted,
    counting,
    stage,
)
from dreamrunner.engine.time_left import InAll, TimeLeft
from dreamrunner.files.wording import clock


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time_left.time, "monotonic", lambda: self.now)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def awaited(measured: float | None, *scenes: str) -> TimeLeft:
    """Scenes to render, each of which took ``measured`` seconds before."""
    time_left = TimeLeft()
    time_left.expect("render", [(scene, Effort("tiny", 10)) for scene in scenes], measurements(measured))
    return time_left


def measurements(seconds: float | None) -> list[Measurement]:
    if seconds is None:
        return []
    return [Measurement(kind="render", like="tiny", amount=10, seconds=seconds, first=False, memory=0, gpu=0, size=0)]


def test_events_say_what_happens_to_each_task(time: Clock) -> None:
    heard: list[Event] = []
    with stage("render", 4, 3, heard.append, awaited(None, "garden", "kitchen", "roof")) as reported:
        reported.keep("bed")
        reported.begin("garden")
        time.now += 4.0
        reported.advance(0.0, step=0, steps=50)
        time.now += 1.0
        reported.advance(0.1, step=5, steps=50)
        time.now += 9.0
        reported.end("garden")
        reported.begin("kitchen")
        reported.begin("roof")
        time.now += 1.0
        reported.end("kitchen", "no memory")
        reported.advance(1.5, "roof", note="almost")
        reported.end("roof")
    assert heard == [
        StageStarted("render", 4, 3),
        TaskKept("render", "bed"),
        TaskStarted("render", "garden"),
        TaskAdvanced("render", "garden", 0.0, 0, 50, "", 4.0, None, None, ("render",)),
        TaskAdvanced("render", "garden", 0.1, 5, 50, "", 5.0, 9.0, 29.0, ()),
        TaskFinished("render", "garden", 14.0),
        TaskStarted("render", "kitchen", 14.0),
        TaskStarted("render", "roof", 14.0),
        TaskFailed("render", "kitchen", 1.0, "no memory"),
        TaskAdvanced("render", "roof", 1.0, 0, 0, "almost", 1.0, 13.0, 13.0, ()),
        TaskFinished("render", "roof", 1.0),
        StageFinished("render", 4, 1, 1, 15.0),
    ]


def test_time_left_is_what_was_measured_until_a_task_shows_its_own_pace(time: Clock) -> None:
    time_left = awaited(30.0, "garden", "kitchen")
    assert time_left.in_all().seconds == 60.0
    time_left.begin("render", "garden")
    time.now += 10.0
    assert time_left.of("render", "garden") == 20.0 and time_left.in_all().seconds == 50.0
    time_left.advance("render", "garden", 0.5)  # goes on from a checkpoint
    time.now += 1.0
    time_left.advance("render", "garden", 0.6)
    assert time_left.of("render", "garden") == pytest.approx(4.0)
    time.now += 1.0
    assert time_left.of("render", "garden") == pytest.approx(3.0)
    assert time_left.in_all().seconds == pytest.approx(33.0)


def test_a_task_that_takes_longer_than_it_should_has_no_end_in_sight(time: Clock) -> None:
    time_left = awaited(30.0, "garden", "kitchen")
    time_left.begin("render", "garden")
    time.now += 31.0
    time_left.advance("render", "garden", 0.05)  # its first sign, after a model that was slow to load
    assert time_left.of("render", "garden") is None
    assert time_left.in_all() == InAll(30.0, ("render",))


def test_tasks_that_run_at_once_share_the_time(time: Clock) -> None:
    time_left = awaited(30.0, *"abcd")
    time_left.expect("join", [("", Effort())], [])
    for scene in "ab":
        time_left.begin("render", scene)
    assert time_left.in_all() == InAll(60.0, ("join",))


def test_tasks_of_two_lanes_take_as_long_as_the_longer_one(time: Clock) -> None:
    time_left = TimeLeft()
    took = measurements(30.0)
    time_left.expect("render", [(scene, Effort("tiny", 10)) for scene in "ab"], took, "accelerated")
    took = [each.model_copy(update={"kind": "encode", "seconds": 2.0}) for each in took]
    time_left.expect("encode", [(scene, Effort("tiny", 10)) for scene in "ab"], took, "processor")
    assert time_left.in_all() == InAll(60.0, ())
    time_left.begin("render", "b")
    time_left.begin("encode", "a")  # beside it, which makes neither any shorter
    assert time_left.in_all() == InAll(60.0, ())
    for scene in "ab":
        time_left.end("render", scene)
    assert time_left.in_all() == InAll(4.0, ())


def test_work_that_counts_is_a_task_for_each_stage(time: Clock) -> None:
    heard: list[Event] = []
    with counting(heard.append) as count:
        count("rows", 0, 10)
        count("rows", 10, 10)
        count("rows", 10, 10)
        count("drawing", 5, 5)
        count("captions", 1, 2)
    assert [event for event in heard if not isinstance(event, TaskAdvanced)] == [
        StageStarted("rows", 1, 1),
        TaskStarted("rows", ""),
        TaskFinished("rows", "", 0.0),
        StageFinished("rows", 1, 0, 0, 0.0),
        StageStarted("captions", 1, 1),
        TaskStarted("captions", ""),
        TaskFinished("captions", "", 0.0),
        StageFinished("captions", 1, 0, 0, 0.0),
    ]
    assert [event.step for event in heard if isinstance(event, TaskAdvanced)] == [0, 10, 1]


def test_a_slow_stage_says_how_far_it_is_and_how_long_it_will_take(time: Clock) -> None:
    said = io.StringIO()
    with stage("render", 4, 4, Lines(said), awaited(None, "garden", "kitchen", "roof", "bed")) as reported:
        for scene in ("garden", "kitchen", "roof", "bed"):
            reported.begin(scene)
            for step in range(1, 11):
                time.now += 1.0
                reported.advance(step / 10, step=step, steps=10)
            reported.end(scene)
    assert (
        said.getvalue()
        == """\
  filming garden (1 of 4)
  filming garden (1 of 4), step 2 of 10, about 8.0 s left, 38 s in all
  filmed garden in 10 s
  filming kitchen (2 of 4)
  filming kitchen (2 of 4), step 2 of 10, about 8.0 s left, 28 s in all
  filmed kitchen in 10 s
  filming roof (3 of 4)
  filming roof (3 of 4), step 2 of 10, about 8.0 s left, 18 s in all
  filmed roof in 10 s
  filming bed (4 of 4)
  filming bed (4 of 4), step 2 of 10, about 8.0 s left
  filmed bed in 10 s
filmed 4 scenes in 40 s
"""
    )


def test_a_training_says_its_loss(time: Clock) -> None:
    said = io.StringIO()
    with stage("train-motion", 2, 1, Lines(said)) as reported:
        reported.keep("waving")
        reported.begin("spinning")
        time.now += 1.0
        reported.advance(0.25, note="loss 0.412")
        time.now += 2.0
        reported.advance(0.75, note="loss 0.125")
        time.now += 1.0
        reported.end("spinning")
    assert said.getvalue() == (
        "  learning spinning\n  learning spinning, 75%, loss 0.125, about 1.0 s left\n"
        "learnt 2 motions in 4.0 s (1 of them kept from before)\n"
    )


def test_nothing_to_do_is_said_so() -> None:
    said = io.StringIO()
    with stage("encode", 5, 0, Lines(said)):
        pass
    assert said.getvalue() == "encoded 5 scenes: kept from before\n"


def test_a_stage_that_is_interrupted_leaves_no_line_of_success() -> None:
    said = io.StringIO()
    with pytest.raises(KeyboardInterrupt), stage("join", 1, 1, Lines(said)) as reported:
        reported.begin("")
        raise KeyboardInterrupt
    assert said.getvalue() == "  joining the film\n"


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
