"""Whatever a chat model answers comes to a list of faults, or to a scene that checks with the author's words in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.language import MISSING, Scene, check_text
from dreamrunner.language.parsing.parser import parse
from dreamrunner.planning import gaps, plan_story
from dreamrunner.planning.chat.answers import (
    EntityAnswer,
    KeyFrameAnswer,
    OutlineScene,
    SceneAnswer,
    StoryAnswer,
    named,
    read_outline,
    read_scene,
)
from dreamrunner.planning.written.edits import write_fills

FILE = Path("any.story")
CAST = 'character cat "a cat"\ncharacter dog "a dog"\nprop cup "a cup"\n'
SCENES = [
    "scene s\n",
    'scene s\n  background "a room"\n  duration 2.5s\n',
    "scene s\n  duration 3s\n  cat walking\n  cup\n",
    'scene s\n  duration 3s\n  cat walking 0s..1.5s "a cat"\n    at 0s left\n  cat\n  dog 1s..3s\n',
    "scene s\n  duration 0.4s\n  cat\n  dog\n",
]

edges = st.sampled_from([0.0, 0.1, 0.4, 0.5, 0.9, 1.0, 0.50001, -0.1, 1.5])
words = st.sampled_from(["a cat walks", "walking", 'x"\n', "\\", "", "a room", "a cat", "\x00"]) | st.text(max_size=8)
entities = st.builds(
    EntityAnswer,
    line=st.integers(0, 3),
    entity=st.sampled_from(["cat", "dog", "cup", "cat", "bird"]),
    motion=st.sampled_from(["walking", "none", "Stirring a  pot", "walking", "5", "sitting"]),
    description=words,
    box=st.lists(edges, min_size=4, max_size=4).map(lambda b: tuple(sorted(b[:2]) + sorted(b[2:])))
    .map(lambda b: (b[0], b[2], b[1], b[3])),
)  # fmt: skip


@st.composite
def answers(draw: st.DrawFn, count: int) -> SceneAnswer:
    frames = [KeyFrameAnswer(second=n, entities=tuple(draw(st.lists(entities, max_size=3)))) for n in range(count)]
    return SceneAnswer(reasoning="", background=draw(words), narration=draw(words), key_frames=tuple(frames))


@st.composite
def near_answers(draw: st.DrawFn, text: str, count: int) -> SceneAnswer:
    """Answers that are mostly right: each line of the scene in each second that it is seen in."""
    scene = check_text(CAST + text, FILE).story.scenes[0]
    shown = draw(st.sampled_from(["a thing moves", 'it \\ "turns" red']))
    frames = []
    for second in range(count):
        rows = []
        for number, beat in enumerate(scene.beats or ((),), 1):
            entity, span = (beat.entity, beat.span) if beat else ("dog", MISSING)
            if span is not MISSING and not (second < span.end and second + 1 > span.start):
                continue
            if span is MISSING and beat and number > 1 and entity == "cat" and second == 0:
                continue
            x = draw(st.integers(0, 500)) / 1000
            motion = "none" if entity == "cup" else (beat and beat.motion) or "running"
            described = (beat and beat.description) or shown
            row = {"line": number if beat else 0, "entity": entity, "motion": motion, "description": described}
            if any(other.entity == entity for other in rows):
                continue
            rows.append(EntityAnswer(**row, box=(x, 0.2, x + 0.3, 0.9)))
        frames.append(KeyFrameAnswer(second=second, entities=tuple(rows)))
    background = "" if scene.background is not MISSING else 'a "place"'
    return SceneAnswer(reasoning="", background=background, narration="It is told.", key_frames=tuple(frames))


def sound(text: str, answer: SceneAnswer) -> Scene | list[str]:
    """Read an answer and, if it is taken, hold what it gives against everything that must be true of it."""
    checked = check_text(CAST + text, FILE)
    story, scene = checked.story, checked.story.scenes[0]
    result = read_scene(answer, story, scene)
    if isinstance(result, list):
        assert result and all(fault.strip() for fault in result)
        return result
    for field in ("background", "narration", "duration"):
        assert getattr(scene, field) in (MISSING, getattr(result, field))
    for beat, made in zip(scene.beats, result.beats, strict=False):
        assert beat.entity == made.entity and beat.keyframes in ((), made.keyframes)
        for field in ("motion", "span", "description"):
            assert getattr(beat, field) in (MISSING, getattr(made, field))
    plan = plan_story(replace(story, planner="none", scenes=(result,))).plan
    assert plan is not None
    out = write_fills(CAST + text, parse(CAST + text, FILE).syntax, plan)
    written = check_text(out, FILE)
    assert written.story is not None, written.diagnostics
    assert list(gaps(written.story)) == [] and plan_story(written.story).plan.scenes == plan.scenes
    assert [item for item in written.diagnostics if item.code == "outside-span"] == []
    return result


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_any_answer_is_faults_or_a_sound_scene(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SCENES))
    sound(text, data.draw(answers({0: 6, 1: 3, 2: 3, 3: 3, 4: 1}[SCENES.index(text)])))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_right_answer_is_taken(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SCENES))
    result = sound(text, data.draw(near_answers(text, {0: 6, 1: 3, 2: 3, 3: 3, 4: 1}[SCENES.index(text)])))
    assert not isinstance(result, list), result


def test_a_change_of_looks_is_a_beat_of_its_own() -> None:
    frames = tuple(
        KeyFrameAnswer(
            second=second,
            entities=(
                EntityAnswer(
                    line=0,
                    entity="cup",
                    motion="none",
                    description="a green cup" if second < 2 else "a red cup",
                    box=(0.1, 0.1, 0.5, 0.5),
                ),
            ),
        )
        for second in range(6)
    )
    result = sound(SCENES[0], SceneAnswer(reasoning="", background="a room", narration="It turns.", key_frames=frames))
    assert [(beat.span.start, beat.span.end, beat.description) for beat in result.beats] == [
        (0.0, 2.0, "a green cup"),
        (2.0, 6.0, "a red cup"),
    ]


def outline(*names: str, motions: tuple[str, ...] = ("walking",), told: str = "It walks.") -> StoryAnswer:
    scenes = tuple(OutlineScene(scene=name, motions=motions, narration=told) for name in names)
    return StoryAnswer(reasoning="", scenes=scenes)


def test_outlines_are_six_to_eight_scenes_each_its_own() -> None:
    names = ("A garden", "b", "c", "d", "e", "f")
    assert [scene.name for scene in read_outline(outline(*names))] == ["a-garden", *names[1:]]
    for bad, fault in [
        (outline(*names[:5]), "5 scenes; 6 to 8"),
        (outline(*names[:5], "B"), "two scenes are called `b`"),
        (outline(*names[:5], "../etc"), "a name has letters"),
        (outline(*names, motions=("a",) * 5), "5 motions"),
        (outline(*names, told="\n"), "is empty"),
    ]:
        assert any(fault in item for item in read_outline(bad))


@pytest.mark.parametrize(
    ("phrase", "name"), [("stirring a pot", "stirring-a-pot"), (" Waving ", "waving"), ("5s", None), ("a.b", None)]
)
def test_phrases_become_names(phrase: str, name: str | None) -> None:
    assert named(phrase) == name
