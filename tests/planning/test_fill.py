from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.language.story import MISSING, Beat, Character, Location, Motion, Scene, Span, Story
from dreamrunner.planning import gaps, plan_story, scene_seed
from dreamrunner.planning.offline import offline
from dreamrunner.planning.planner import Failure, Outline, Planner, absent, nobody

FILE = Path("witch.story")
HERE, THERE = Location(FILE, 4, 1, 4, 13), Location(FILE, 5, 3, 5, 16)
STORY = Story(
    FILE,
    "A Witch's Day",
    seed=7,
    characters=(Character("witch", "a girl witch"),),
    motions=(Motion("walking"),),
    scenes=(Scene("garden", narration="The witch walks.", beats=(Beat("witch", location=THERE),), location=HERE),),
)


def codes(story: Story) -> list[tuple[str, Location]]:
    result = plan_story(story)
    assert result.plan is None
    assert all(item.severity == "error" and item.help for item in result.diagnostics)
    return [(item.code, item.location) for item in result.diagnostics]


def test_without_a_planner_every_gap_is_an_error_where_it_is() -> None:
    result = plan_story(dataclasses.replace(STORY, planner="none"))
    assert result.plan is None
    assert [(item.message.split(", and")[0], item.location) for item in result.diagnostics] == [
        ("scene `garden` has no background", HERE),
        ("this beat of `witch` has no motion, span, description or key frames", THERE),
    ]
    assert {item.code for item in result.diagnostics} == {"gap"}


def test_an_empty_scene_is_a_gap_only_without_a_planner() -> None:
    empty = dataclasses.replace(STORY, scenes=(Scene("garden", location=HERE),))
    assert plan_story(empty).plan.scenes[0].beats[0].entity == "witch"
    assert codes(dataclasses.replace(empty, planner="none")) == [("gap", HERE)]


def test_a_story_without_gaps_needs_no_planner() -> None:
    beat = Beat("witch", "walking", Span(0, 6), "a witch walks", (KeyFrame(0, Box(0, 0, 1, 1)),))
    full = Scene("garden", "a garden", "The witch walks.", 6.0, beats=(beat,))
    for planner in ("none", "gpt-4o", "offline"):
        plan = plan_story(dataclasses.replace(STORY, planner=planner, scenes=(full,))).plan
        assert plan.planner == planner and plan.scenes[0].beats[0].keyframes == beat.keyframes


def test_a_chat_model_is_one_clear_error() -> None:
    (item,) = plan_story(dataclasses.replace(STORY, planner="gpt-4o")).diagnostics
    assert item.code == "planner-not-available" and "`gpt-4o`" in item.message and "offline" in item.help


def test_a_story_without_scenes_needs_a_topic_and_characters() -> None:
    bare = dataclasses.replace(STORY, scenes=())
    assert codes(bare) == [("nothing-to-film", Location(FILE, 1, 1, 1, 2))]
    assert codes(dataclasses.replace(bare, topic="a day", characters=()))[0][0] == "no-characters"
    assert len(plan_story(dataclasses.replace(bare, topic="a day")).plan.scenes) == 6


def test_a_beat_for_which_no_time_is_left_is_an_error() -> None:
    beats = (Beat("witch", "walking", Span(0, 6)), Beat("witch", location=THERE))
    story = dataclasses.replace(STORY, scenes=(dataclasses.replace(STORY.scenes[0], beats=beats),))
    assert codes(story) == [("no-time-left", THERE)]


def test_a_scene_lasts_six_seconds_unless_told_and_longer_if_its_spans_do() -> None:
    assert plan_story(STORY).plan.scenes[0].duration == 6.0
    long = dataclasses.replace(STORY.scenes[0], beats=(Beat("witch", "walking", Span(0, 8)),))
    assert plan_story(dataclasses.replace(STORY, scenes=(long,))).plan.scenes[0].duration == 8.0


def test_seeds_come_from_the_story_seed_and_the_scene_name_alone() -> None:
    assert scene_seed(7, "garden") == plan_story(STORY).plan.scenes[0].seed == 303723804
    assert scene_seed(8, "garden") != scene_seed(7, "garden") != scene_seed(7, "kitchen")
    written = dataclasses.replace(STORY, scenes=(dataclasses.replace(STORY.scenes[0], seed=3),))
    assert plan_story(written).plan.scenes[0].seed == 3


def test_a_background_carries_over_to_the_next_scene() -> None:
    scenes = (Scene("a", background="a cave"), Scene("b"), Scene("c", narration="On the beach."))
    plan = plan_story(dataclasses.replace(STORY, scenes=scenes)).plan
    assert [scene.background for scene in plan.scenes] == ["a cave", "a cave", "a beach"]


def test_an_undeclared_story_without_characters_plans_its_background_alone() -> None:
    story = Story(FILE, "Sea", scenes=(Scene("sea", narration=MISSING),))
    (scene,) = plan_story(story).plan.scenes
    assert (scene.beats, scene.background, scene.narration) == ((), "the sea", "The sea.")


def test_another_process_makes_the_same_plan() -> None:
    code = (
        "from tests_story import STORY\n"
        "from dreamrunner.planning import plan_story\n"
        "print(plan_story(STORY).plan.model_dump_json())\n"
        "import sys; assert not {'torch', 'openai', 'spacy'} & set(sys.modules)\n"
    )
    loader = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('tests_story', {__file__!r})\n"
        "sys.modules['tests_story'] = module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)\n"
    )
    root = Path(__file__).parents[2]
    said = {
        subprocess.run(
            [sys.executable, "-c", loader + code],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert said == {plan_story(STORY).plan.model_dump_json()}


def test_every_planner_answers_by_the_same_protocol() -> None:
    planners: tuple[Planner, ...] = (offline, nobody, absent)
    for planner in planners:
        answers = list(planner(STORY, ("garden",)))
        if planner is offline:
            (scene,) = answers
            assert isinstance(scene, Scene)
            assert list(gaps(dataclasses.replace(STORY, scenes=(scene,)))) == []
        else:
            assert all(isinstance(answer, Failure) and answer.reason and answer.diagnostics for answer in answers)
            assert len(answers) == (2 if planner is nobody else 1)
    bare = dataclasses.replace(STORY, scenes=(), topic="a day")
    outline, *scenes = offline(bare, ())
    assert isinstance(outline, Outline) and [scene.name for scene in scenes] == [one.name for one in outline.scenes]


@pytest.mark.parametrize("who", ["witch", "dog"])
def test_a_place_between_two_is_none_where_one_is_not_in_the_scene(who: str) -> None:
    head = "".join(f'character {name} "a {name}"\n' for name in ("witch", "cat", "dog"))
    told = '  background "a garden"\n  narration "The cat sits between the witch and the dog."\n'
    story = check_text(f"{head}scene a\n{told}  cat sitting\n  {who} standing\n", Path("x.story")).story
    plan = plan_story(story).plan
    assert plan is not None and [beat.entity for beat in plan.scenes[0].beats] == ["cat", who]
