"""What a run will cost, said before anything is asked: no network, no file written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.language import read_story
from dreamrunner.planning.chat.costs import estimate

STORY = """story "A day"
  planner gpt-4o

character cat "a black cat"

scene garden
  narration "The cat walks."

scene kitchen
  background "a kitchen"
"""


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    path = tmp_path / "day.story"
    path.write_text(STORY)
    return path


def test_a_dry_run_names_gaps_calls_tokens_and_cost(story: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["plan", str(story), "--dry-run"]) == 0
    *gaps, total = capsys.readouterr().out.splitlines()
    assert gaps == ["scene `garden` has no background or beats", "scene `kitchen` has no narration or beats"]
    foreseen = estimate(read_story(story).story, ("garden", "kitchen"))
    cost = (2.5 * foreseen.tokens_in + 10 * foreseen.tokens_out) / 1e6
    tokens = f"about {foreseen.tokens_in} tokens in, {foreseen.tokens_out} out"
    assert total == f"planner gpt-4o: 2 calls, {tokens}: ${cost:.4f}"
    assert foreseen.tokens_in > 1000 and foreseen.tokens_out > 1000
    assert [path.name for path in story.parent.iterdir()] == ["day.story"]


def test_prices_are_the_users_to_say(story: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    table = tmp_path / "prices.json"
    table.write_text(json.dumps({"gpt-4o": {"in": 1e6, "out": 0}}))
    assert main(["plan", str(story), "--dry-run", "--prices", str(table)]) == 0
    foreseen = estimate(read_story(story).story, ("garden", "kitchen"))
    assert capsys.readouterr().out.endswith(f": ${foreseen.tokens_in}.0000\n")
    for bad in ("[]", '{"gpt-4o": 3}', "{", '{"gpt-4o": {"in": "x", "out": 1}}'):
        table.write_text(bad)
        assert main(["plan", str(story), "--dry-run", "--prices", str(table)]) == 2
        assert "is no price table" in capsys.readouterr().err
    assert main(["plan", str(story), "--dry-run", "--prices", str(tmp_path / "none")]) == 2


def test_what_is_filled_costs_nothing_and_unknown_prices_are_said(story: Path, capsys: pytest.CaptureFixture) -> None:
    story.write_text(STORY.replace("gpt-4o", "offline"))
    assert main(["plan", str(story)]) == 0
    story.write_text(STORY.replace("gpt-4o", '"some-model"'))
    capsys.readouterr()
    assert main(["plan", str(story), "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert out == "planner some-model: 0 calls, about 0 tokens in, 0 out: no price is known for some-model\n"
    story.write_text(STORY.replace("  planner gpt-4o\n", ""))
    assert main(["plan", str(story), "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("planner offline: no calls\n")


def test_a_topic_is_a_call_and_one_more_for_each_scene(tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text('story "A day"\n  topic "a cat at sea"\n  planner gpt-4o\n\ncharacter cat "a cat"\n')
    assert estimate(read_story(path).story, ()).calls == 8
