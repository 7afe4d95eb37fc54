"""What must hold for every story: nothing written is changed, filling is final, boxes and spans are sound."""

from __future__ import annotations

import dataclasses
from itertools import combinations, pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.language.sides import SIDES, filmed
from dreamrunner.language.story import (
    MISSING,
    Beat,
    Character,
    Motion,
    Prop,
    Scene,
    Span,
    Story,
)
from dreamrunner.planning import Plan, PlannedBeat, as_story, gaps, plan_story
from dreamrunner.planning.keyframes import box_at

CHARACTERS = ("witch", "cat", "snow-queen", "dog", "robot")
PROPS = ("flowers", "lantern")
MOTIONS = ("walking", "waving", "flying", "sitting", "running-leftwards", "stirring-a-pot", "jumping")
NARRATIONS = (
    "The witch walks through her moonlit garden, then waves to the cat.",
    "Back home she stirs a pot while the cat naps.",
    "The snow-queen and the dog run to the left!",
    'Nothing happens. -- Nobody\'s here; "quiet".',
)

tenths = st.integers(0, 60).map(lambda n: n / 10)
edges = st.integers(0, 1000).map(lambda n: n / 1000)


def maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.just(MISSING) | values


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x0, x1 = sorted(draw(st.lists(edges, min_size=2, max_size=2, unique=True)))
    y0, y1 = sorted(draw(st.lists(edges, min_size=2, max_size=2, unique=True)))
    return Box(x0, y0, x1, y1)


@st.composite
def beats_of(draw: st.DrawFn, entity: str, duration: float, written_boxes: bool) -> list[Beat]:
    """Beats of one entity whose written spans don't overlap and leave time for the others."""
    ticks = int(duration * 10)
    cuts = sorted(draw(st.lists(st.integers(0, ticks), max_size=4, unique=True)))
    spans: list = [Span(a / 10, b / 10) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    covered = sum(span.end - span.start for span in spans)
    if not spans or duration - covered >= 2:
        spans.insert(draw(st.integers(0, len(spans))), MISSING)
    found = []
    for span in spans:
        times = sorted(draw(st.lists(st.integers(0, ticks), max_size=3, unique=True))) if written_boxes else []
        motion = None if entity in PROPS else draw(maybe(st.sampled_from(MOTIONS)))
        found.append(
            Beat(
                entity,
                motion,
                span,
                draw(maybe(st.sampled_from(("a figure on the left", "it goes to the right", "a thing")))),
                tuple(KeyFrame(time / 10, draw(boxes())) for time in times),
            )
        )
    return found


@st.composite
def scenes(draw: st.DrawFn, name: str, written_boxes: bool) -> Scene:
    duration = draw(maybe(st.integers(30, 120).map(lambda n: n / 10)))
    entities = draw(st.lists(st.sampled_from(CHARACTERS + PROPS), max_size=5, unique=True))
    groups = [draw(beats_of(entity, duration or 6.0, written_boxes)) for entity in entities]
    return Scene(
        name,
        background=draw(maybe(st.sampled_from(("a dark cave", "the sea")))),
        narration=draw(maybe(st.sampled_from(NARRATIONS))),
        duration=duration,
        transition=draw(st.sampled_from((Transition(), Transition("fade", 0.5)))),
        avoid=draw(st.sampled_from(("", "text"))),
        seed=draw(maybe(st.integers(0, 99))),
        beats=tuple(beat for group in groups for beat in group),
    )


@st.composite
def stories(draw: st.DrawFn, written_boxes: bool = True) -> Story:
    names = draw(st.lists(st.sampled_from(("garden", "kitchen", "x1", "end")), max_size=3, unique=True))
    return Story(
        Path("any.story"),
        "Any",
        topic="a day of the witch at the beach",
        seed=draw(st.integers(0, 5)),
        characters=tuple(Character(name, draw(maybe(st.just(f"a fine {name}")))) for name in CHARACTERS),
        props=tuple(Prop(name) for name in PROPS),
        motions=tuple(map(Motion, MOTIONS)),
        scenes=tuple(draw(scenes(name, written_boxes)) for name in names),
    )


@st.composite
def comings_and_goings(draw: st.DrawFn) -> Story:
    """Stories in which somebody comes into the picture or goes out of it, in some of the beats without boxes."""
    side = st.sampled_from((None, *SIDES))

    def with_sides(scene: Scene) -> Scene:
        beats = [
            beat if beat.keyframes else dataclasses.replace(beat, enters=draw(side), leaves=draw(side))
            for beat in scene.beats
        ]
        return dataclasses.replace(scene, beats=tuple(beats))

    story = draw(stories())
    return dataclasses.replace(story, scenes=tuple(map(with_sides, story.scenes)))


def planned(story: Story) -> Plan:
    result = plan_story(story)
    assert {item.code for item in result.diagnostics} <= {"plain-day"}
    return result.plan


def what_is_written_stands_unchanged(story: Story, plan: Plan) -> None:
    assert plan.title == story.title
    if not story.scenes:
        assert len(plan.scenes) == 6
    for scene, filled in zip(story.scenes, plan.scenes, strict=False):
        for field in ("name", "background", "narration", "duration", "transition", "avoid", "camera", "seed"):
            if getattr(scene, field) is not MISSING:
                assert getattr(filled, field) == getattr(scene, field)
        if scene.beats:
            assert len(filled.beats) == len(scene.beats)
        for beat, made in zip(scene.beats, filled.beats, strict=False):
            assert made.entity == beat.entity
            assert beat.motion is MISSING or made.motion == beat.motion
            assert beat.span is MISSING or (made.start, made.end) == (beat.span.start, beat.span.end)
            assert beat.description is MISSING or made.description == beat.description
            assert not beat.keyframes or made.keyframes == beat.keyframes


def a_filled_story_has_no_gap_and_fills_to_the_same_plan(story: Story, plan: Plan) -> None:
    filled = as_story(plan, story)
    assert list(gaps(filled)) == []
    assert planned(filled) == plan
    assert as_story(plan, filled) == filled
    assert planned(dataclasses.replace(filled, planner="none")).scenes == plan.scenes
    assert {beat.motion for scene in plan.scenes for beat in scene.beats} - {None} <= {m.name for m in filled.motions}


def spans_are_inside_the_scene_and_never_overlap_for_one_entity(story: Story, plan: Plan) -> None:
    for scene in plan.scenes:
        for beat in scene.beats:
            assert 0 <= beat.start < beat.end <= scene.duration
        for one, other in combinations(scene.beats, 2):
            if one.entity == other.entity:
                assert one.end <= other.start or other.end <= one.start


def every_box_is_valid_and_filled_ones_come_once_a_second(story: Story, plan: Plan) -> None:
    written = {
        (scene.name, position): beat.keyframes for scene in story.scenes for position, beat in enumerate(scene.beats)
    }
    for scene in plan.scenes:
        for position, beat in enumerate(scene.beats):
            assert beat.keyframes and beat.description
            for frame in beat.keyframes:
                assert 0 <= frame.box.x0 < frame.box.x1 <= 1
                assert 0 <= frame.box.y0 < frame.box.y1 <= 1
            if not written.get((scene.name, position)):
                times = [frame.at for frame in beat.keyframes]
                assert times[0] == beat.start and times == sorted(set(times)) and times[-1] < beat.end
                for one, other in pairwise(beat.keyframes):  # who stands still needs no more than one
                    assert other.at - one.at <= 1 or one.box == other.box


def one_entity_never_jumps_between_filled_beats(story: Story, plan: Plan) -> None:
    written = {
        (scene.name, position) for scene in story.scenes for position, beat in enumerate(scene.beats) if beat.keyframes
    }
    for scene in plan.scenes:
        last: dict[str, tuple[int, PlannedBeat]] = {}
        for position, beat in sorted(enumerate(scene.beats), key=lambda item: item[1].start):
            before = last.get(beat.entity)
            if before and (scene.name, position) not in written:
                a, b = before[1].keyframes[-1].box, beat.keyframes[0].box
                if (scene.name, before[0]) not in written:
                    # Where both are filled, a second's walk at most lies between, backwards to a written box too.
                    assert abs(a.x0 - b.x0) <= 0.061 and abs(a.x1 - b.x1) <= 0.061
                else:
                    assert max(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.y0 - b.y0), abs(a.y1 - b.y1)) <= 0.001
            last[beat.entity] = position, beat


@given(stories())
@settings(max_examples=60, deadline=None)
def test_what_holds_of_any_story_and_its_plan(story: Story) -> None:
    plan = planned(story)
    for holds in (
        what_is_written_stands_unchanged,
        a_filled_story_has_no_gap_and_fills_to_the_same_plan,
        spans_are_inside_the_scene_and_never_overlap_for_one_entity,
        every_box_is_valid_and_filled_ones_come_once_a_second,
        one_entity_never_jumps_between_filled_beats,
    ):
        holds(story, plan)


@given(comings_and_goings())
@settings(max_examples=60, deadline=None)
def test_who_comes_and_goes_is_outside_then_and_in_the_picture_between(story: Story) -> None:
    plan = planned(story)
    what_is_written_stands_unchanged(story, plan)
    a_filled_story_has_no_gap_and_fills_to_the_same_plan(story, plan)
    for scene, filled in zip(story.scenes, plan.scenes, strict=False):
        for beat, made in zip(scene.beats, filled.beats, strict=False):
            first, last = made.keyframes[0], made.keyframes[-1]
            for side, frame, at in ((beat.enters, first, made.start), (beat.leaves, last, made.end)):
                assert side is None or (frame.at == at and filmed(frame.box) is None)
                assert side is None or _is_beyond(frame.box, side)
            if beat.enters or beat.leaves:
                times = [made.start + (made.end - made.start) * share / 16 for share in range(17)]
                assert any(filmed(box_at(made.keyframes, time)) for time in times)


def _is_beyond(box: Box, side: str) -> bool:
    return {"left": box.x1 <= 0, "right": box.x0 >= 1, "top": box.y1 <= 0, "bottom": box.y0 >= 1}[side]


@given(stories(written_boxes=False))
@settings(max_examples=60, deadline=None)
def test_filled_boxes_never_cover_each_other(story: Story) -> None:
    for scene in planned(story).scenes:
        for tick in range(int(scene.duration * 8)):
            time = tick / 8
            present = [beat for beat in scene.beats if beat.start <= time < beat.end]
            for one, other in combinations(present, 2):
                assert not overlap(box_at(one.keyframes, time), box_at(other.keyframes, time)), (scene.name, time)


@given(stories(written_boxes=False), boxes())
@settings(max_examples=60, deadline=None)
def test_filled_boxes_keep_clear_of_a_written_one_that_leaves_room(story: Story, box: Box) -> None:
    story = dataclasses.replace(story, scenes=tuple(_with_written(scene, box) for scene in story.scenes))
    for written, scene in zip(story.scenes, planned(story).scenes, strict=False):
        if not written.beats:
            continue
        entities = {beat.entity for beat in scene.beats}
        widest = max(box.x0, 1 - box.x1)
        if len(entities) > 1 and widest >= 0.1 * (len(entities) - 1) + 0.002:
            for beat in scene.beats:
                for frame in beat.keyframes:
                    assert beat.entity == scene.beats[0].entity or not overlap(frame.box, box)


def overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def _with_written(scene: Scene, box: Box) -> Scene:
    if not scene.beats:
        return scene
    first = scene.beats[0].entity
    return dataclasses.replace(
        scene,
        beats=tuple(
            dataclasses.replace(beat, keyframes=(KeyFrame(0.0, box),)) if beat.entity == first else beat
            for beat in scene.beats
        ),
    )
