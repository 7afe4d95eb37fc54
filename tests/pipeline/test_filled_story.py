"""A filled story beside the story: a build films what stands in it, and plans only what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.engine.graph import StepFailed
from dreamrunner.engine.progress import Event, Said
from dreamrunner.language import Scene, Span, Story
from dreamrunner.pipeline import Options, understand
from dreamrunner.pipeline.story import planners
from dreamrunner.planning import plan_story
from dreamrunner.planning.planner import Answer, Failure
from tests.material.two_scenes import STORY


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "two.story"
    path.write_text(STORY)
    return path


def beside(story: Path) -> Path:
    return story.with_name("two.plan.story")


def test_a_fresh_filled_story_changes_nothing(story: Path) -> None:
    before = understand(story)
    main(["plan", str(story)])
    after = understand(story)
    assert after.plan == before.plan and after.story.title == before.story.title and after.diagnostics == ()
    assert after.story.path.parent == story.parent


def test_a_fill_edited_by_hand_is_what_is_filmed(story: Path) -> None:
    main(["plan", str(story)])
    beside(story).write_text(beside(story).read_text().replace("witch stirring 0s..2s", "witch stirring 0s..1s"))
    kept = beside(story).read_bytes()
    assert understand(story).plan.scenes[1].beats[0].end == 1.0
    story.write_text(STORY.replace("A cat is sitting", "A big cat is sitting"))
    plan = understand(story).plan
    assert "A big cat" in plan.scenes[0].beats[1].description and plan.scenes[1].beats[0].end == 1.0
    assert beside(story).read_bytes() == kept


def test_another_seed_films_the_same_plan_otherwise(story: Path) -> None:
    main(["plan", str(story)])
    one, other = understand(story).plan, understand(story, Options(seed=99)).plan
    assert [scene.seed for scene in one.scenes] != [scene.seed for scene in other.scenes]
    assert [replace_seed(scene) for scene in one.scenes] == [replace_seed(scene) for scene in other.scenes]
    story.write_text(STORY.replace("seed 3", "seed 99"))
    assert understand(story).plan == other


def replace_seed(scene: object) -> object:
    return scene.model_copy(update={"seed": 0})


def test_a_filled_story_that_cannot_be_read_is_an_error_there(story: Path) -> None:
    main(["plan", str(story)])
    beside(story).write_text(beside(story).read_text().replace("at 0s left", "at 0s lefd"))
    understood = understand(story)
    assert understood.plan is None
    (item,) = understood.diagnostics
    assert item.code == "unknown-place" and item.location.file == beside(story)


def filled(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
    """What the offline planner makes of the scenes, as if a chat model had answered."""
    plan = plan_story(replace(story, planner="offline"))
    for scene, made in zip(story.scenes, plan.plan.scenes, strict=True):
        if scene.name in scenes:
            yield Scene(scene.name, made.background, "Told by the model.", scene.duration, beats=as_beats(scene, made))


def as_beats(scene: Scene, made: object) -> tuple:
    return tuple(
        replace(
            beat, motion=one.motion, span=Span(one.start, one.end), description=one.description, keyframes=one.keyframes
        )
        for beat, one in zip(scene.beats, made.beats, strict=True)
    )


def test_a_chat_model_is_asked_once_and_its_answers_are_kept(story: Path) -> None:
    text = STORY.replace("  seed 3\n", "  seed 3\n  planner gpt-4o\n")
    story.write_text(text.replace('  narration "She stirs her soup."\n', ""))
    plan = understand(story, ask=filled).plan
    assert plan.scenes[1].narration == "Told by the model."
    assert 'narration "Told by the model."' in beside(story).read_text()
    assert understand(story, ask=lambda *_: pytest.fail("asked again")).plan == plan
    assert understand(story).plan == plan


def test_a_scene_that_could_not_be_filled_stops_the_build(story: Path) -> None:
    story.write_text(STORY.replace("  seed 3\n", "  seed 3\n  planner gpt-4o\n"))
    with pytest.raises(StepFailed, match="scene `kitchen`: it rains"):
        understand(story, ask=lambda *_: iter([Failure("kitchen", "it rains")]))
    (item,) = understand(story).diagnostics
    assert item.code == "planner-not-available"


def test_what_is_filled_already_stays_that_planners_whoever_is_named_now(story: Path) -> None:
    main(["plan", str(story)])
    assert planners(understand(story, Options(planner="no-such-model"))) == ("offline",)


def test_words_that_the_author_did_not_write_are_told(tmp_path: Path) -> None:
    path = tmp_path / "s.story"
    scenes = {"told": 'narration "The cat sits."', "silent": 'narration ""', "open": "cat sitting", "bare": ""}
    path.write_text(
        'character cat "a cat"\n'
        + "".join(f'scene {name}\n  background "a garden"\n  {line}\n' for name, line in scenes.items())
    )
    for voice, heard in ((None, "shown as subtitles;"), ("alloy", "shown as subtitles and spoken;")):
        said: list[Event] = []
        understood = understand(path, Options(voice=voice), said.append)
        (told,) = [each.text for each in said if isinstance(each, Said) and "wrote the narration" in each.text]
        assert f"the narration of open, bare, {heard}" in told
        assert understood.plan is not None and understood.plan.scenes[1].narration == ""
