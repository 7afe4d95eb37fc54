"""Whom and what prompts name, and the stories that are made of them."""

from pathlib import Path

import pytest

from dreamrunner.benchmarking.casting import cast_of
from dreamrunner.benchmarking.writing import events_story, prompt_story
from dreamrunner.language import check_text
from dreamrunner.planning import plan_story

CASTS = {
    "A heron walks on the left of a red tractor": "heron* (a heron), tractor (a red tractor)",
    "A woman in a blue coat pours tea into a cup while a boy in a red hat waves": "woman* (a woman in a blue coat), tea"
    " (tea), cup (a cup), boy* (a boy in a red hat)",
    "A red car drives past a blue car": "car* (a red car), blue-car (a blue car)",
    "two foxes and a hen play in a meadow": "fox* (a fox), fox-2* (a fox), hen* (a hen)",
    "The balloon is released into the air": "balloon (the balloon)",
    "A green pear turns yellow": "pear* (a green pear)",
    "A raccoon opens a basket. The raccoon closes the basket.": "raccoon* (a raccoon), basket (a basket)",
    "A cat sits on the left of a teapot, in a hurry": "cat* (a cat), teapot (a teapot)",
    "It rains": "",
    "Darkness falls": "",
    "": "",
}
"""Prompts, and the names of their figures with a star for characters, and their looks."""


@pytest.mark.parametrize("text", CASTS)
def test_figures_are_found(text: str) -> None:
    figures = cast_of([text]).figures
    assert ", ".join(f"{each.name}{'*' * each.acts} ({each.looks})" for each in figures) == CASTS[text]


def test_a_prompt_becomes_a_scene_that_the_planner_reads() -> None:
    written = prompt_story("0001", "s-0001", "A heron walks on the left of a red tractor in a meadow", 6.0)
    assert (
        written.text
        == """\
story "0001"
  language 1

character heron "a heron"
prop tractor "a red tractor"

scene s-0001
  duration 6s
  narration "A heron walks on the left of a red tractor in a meadow"
"""
    )
    assert written.remarks == ()


def test_what_is_not_understood_is_told_and_reaches_the_model_as_the_background() -> None:
    written = prompt_story("0001", "s-0001", "The moss covers the ruin slowly", 6.0)
    assert '  background "The moss covers the ruin slowly"\n' in written.text
    assert [remark.partition(":")[0] for remark in written.remarks] == [
        'nothing is filmed of "The moss covers the ruin slowly"'
    ]


def test_several_of_a_kind_are_figures_of_their_own() -> None:
    written = prompt_story("1", "s", "two frogs dance in a garden", 2.0)
    assert written.text.endswith("""\
character frog "a frog"
character frog-2 "a frog"

scene s
  duration 2s
  narration "two frogs dance in a garden"
  frog dancing 0s..2s "a frog is dancing in a garden"
  frog-2 dancing 0s..2s "a frog is dancing in a garden"
""")


def test_how_a_film_is_taken_is_no_figure_of_it() -> None:
    written = prompt_story("1", "s", "A timelapse of a candle burning down to the table", 2.0)
    assert 'narration "a candle burning down to the table"' in written.text
    assert 'background "A timelapse of a candle burning down to the table"' in written.text
    assert written.remarks == ()


def test_events_are_beats_in_time_and_who_is_named_stays() -> None:
    events = ["A cook opens a basket", "A frog jumps out", "And finally the cook waves"]
    written = events_story("x", "events", "A cook opens a basket in a kitchen", events, 6.0)
    assert (
        written.text
        == """\
story "x"
  language 1

character cook "a cook"
prop basket "a basket"
character frog "a frog"

scene events
  duration 6s
  narration "A cook opens a basket. Then a frog jumps out. Then the cook waves."
  background "A cook opens a basket in a kitchen"
  cook opening 0s..2s "a cook is opening a basket"
  cook standing 2s..4s
  cook waving 4s..6s "a cook is waving"
  basket 0s..6s "a basket"
  frog jumping 2s..4s "a frog is jumping out"
  frog standing 4s..6s
"""
    )
    assert written.remarks == ()
    story = check_text(written.text, Path("x.story")).story
    assert story is not None
    plan = plan_story(story).plan
    assert plan is not None
    assert [(beat.entity, beat.start, beat.end) for beat in plan.scenes[0].beats if beat.entity == "frog"] == [
        ("frog", 2.0, 4.0), ("frog", 4.0, 6.0),
    ]  # fmt: skip


def test_an_event_of_nobody_is_told() -> None:
    written = events_story("x", "events", "A frog jumps, and it rains", ["A frog jumps", "And then it rains"], 4.0)
    assert written.remarks == ("event 2: who does it is not found: It rains",)
    assert 'background "A frog jumps, and it rains"' in written.text


def test_who_lies_down_goes_on_lying() -> None:
    written = events_story("x", "e", "p", ["A frog sleeps", "A cat sits", "A hen jumps"], 3.0)
    assert "  frog sleeping 1s..3s\n" in written.text and "  cat sitting 2s..3s\n" in written.text


TOLD = {
    "A cat waves to a hen and sleeps": "is waving to a hen and is sleeping",
    "A cat walks along the wall, carrying a basket": "is walking along the wall, carrying a basket",
    "A cat sings while a hen jumps": "is singing",
    "A cat jumps and a hen sings": "is jumping",
    "A cat is carried home": "is carried home",
    "A cat slowly turns round": "is turning round",
}
"""Events, and what the beat of their cat says that it does."""


@pytest.mark.parametrize("event", TOLD)
def test_a_beat_is_described_by_what_is_said_of_its_figure(event: str) -> None:
    text = events_story("x", "e", event, [event], 2.0).text
    [line] = [line for line in text.splitlines() if line.startswith("  cat")]
    assert line.split('"')[1] == f"a cat {TOLD[event]}"


ODD = [
    'a "quoted" \\ prompt',
    "x" * 3000,
    "\u202e\u0000\x1b[2J",
    "story scene character prop",
    "\n\n  \t",
    "\u72d7\u5728\u8dd1",
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_any_text_makes_a_story_without_an_error(text: str) -> None:
    events = [text or "x", "A frog jumps"]
    for written in (prompt_story(text, "s", text, 6.0), events_story(text, "s", text, events, 6.0)):
        found = check_text(written.text, Path("x.story")).diagnostics
        assert [each.message for each in found if each.severity == "error"] == []
