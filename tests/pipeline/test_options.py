"""The options of a build: a planner that goes before the header's, and ranges."""

from dataclasses import fields
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.language.story import MISSING
from dreamrunner.pipeline import Options, UsageError
from dreamrunner.pipeline.errors import check
from dreamrunner.pipeline.forecast import forecast
from dreamrunner.pipeline.options import about
from dreamrunner.pipeline.story import understand
from dreamrunner.planning.planner import Answer
from tests.material.two_scenes import STORY

GAPS = STORY.replace("  seed 3", "  planner none\n  seed 3")


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "two.story"
    path.write_text(GAPS)
    return path


def test_a_planner_goes_before_the_one_of_the_header(story: Path) -> None:
    assert {problem.code for problem in understand(story).diagnostics if problem.severity == "error"} == {"gap"}
    planned = understand(story, Options(planner="offline"))
    assert planned.plan is not None and planned.plan.planner == planned.story.planner == "offline"
    story.write_text(GAPS.replace("planner none", "planner offline"))
    assert understand(story).plan == planned.plan
    assert understand(story, Options(planner="none")).plan is None


def test_the_filled_story_says_who_filled_it(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "two.story"]) == 1
    assert main(["plan", "two.story", "--planner", "offline", "--dry-run"]) == 0
    assert "planner offline: no calls" in capsys.readouterr().out
    assert main(["plan", "two.story", "--planner", "offline"]) == 0
    assert "(planner offline)" in capsys.readouterr().err
    filled = story.with_name("two.plan.story").read_text()
    signed = [line.split() for line in filled.splitlines() if line.startswith("  from ")]
    assert "  planner none" in filled.splitlines() and any(line[-1] == "offline" for line in signed)
    assert main(["plan", "two.story", "--planner", "offline", "--write"]) == 0
    assert main(["check", "two.story"]) == 0


def test_a_chat_model_that_is_named_is_the_one_that_is_asked(story: Path) -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def ask(read, scenes: tuple[str, ...]) -> list[Answer]:
        asked.append((read.planner, scenes))
        return []

    understand(story, Options(planner="some-model"), ask=ask)
    assert [planner for planner, _ in asked] == ["some-model"] and asked[0][1]
    assert MISSING not in asked[0][1]
    asking = forecast(story, options=Options(planner="some-model")).asking
    assert asking is not None and (asking.model, asking.scenes) == ("some-model", asked[0][1])


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (Options(guidance=-0.5), "guidance: -0.5 is not a number from 0 on"),
        (Options(guidance=float("nan")), "guidance: nan is not a number from 0 on"),
        (Options(guidance=float("inf")), "guidance: inf is not a number from 0 on"),
        (Options(steps=0), "steps: 0 is not a whole number from 1 on"),
        (Options(steps=2.5), "steps: 2.5 is not a whole number from 1 on"),  # type: ignore[arg-type]
        (Options(steps=10**30), "steps: 10000000000000000000... is too large a number"),
        (Options(seed=-1), "seed: -1 is not a whole number from 0 on"),
        (Options(planner=""), "planner: it is empty"),
        (Options(attention="soft"), "attention: there is no soft; there are sr3ai, hard, plain"),  # type: ignore[arg-type]
    ],
    ids=str,
)
def test_what_an_option_cannot_be_is_said(options: Options, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        check(options)
    assert str(refused.value) == why


def test_all_options_are_sound_as_they_are() -> None:
    check(Options())
    check(Options(guidance=0, steps=1, seed=0, planner="none", speedups=("compile",)))
    assert all(about(option).help for option in fields(Options))
