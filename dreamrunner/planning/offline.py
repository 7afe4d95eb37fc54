"""The offline planner: fills a story from its own words, by rules, without chance and without asking anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dreamrunner.files.heard import through
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.gaps import gaps
from dreamrunner.language.sides import crossing
from dreamrunner.language.story import MISSING, Beat, Scene, Span, Story
from dreamrunner.planning import rules
from dreamrunner.planning.boxes.arriving import between_sides, told_by_sides
from dreamrunner.planning.boxes.solver import fill_boxes, way
from dreamrunner.planning.planned_beats import planned_beat
from dreamrunner.planning.planner import Answer, Failure, Outline, start_of
from dreamrunner.planning.rules import SceneReading
from dreamrunner.planning.spans import by_entity, fill_spans


def offline(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
    """Fill the named scenes of a story, in its order; see :class:`~dreamrunner.planning.planner.Planner`.

    What is open in a scene may follow from the scene before, so that the others are filled too, and only kept back.
    """
    if not story.scenes:
        trouble = _no_outline(story)
        if trouble is not None:
            yield Failure("", trouble.message, (trouble,))
            return
        made = rules.outline(story)
        yield Outline(made, (diagnostic("plain-day", start_of(story)),))
        story, scenes = replace(story, scenes=made), tuple(scene.name for scene in made)
    wanted = frozenset(scenes)
    before: Scene | None = None
    for scene in through(story.scenes, "filling the scenes", lambda scene: len(scene.narration or "")):
        open_one = any(gaps(replace(story, scenes=(scene,))))
        filled = _fill(story, scene, before) if open_one else scene
        if isinstance(filled, Scene):
            before = filled
        if scene.name in wanted:
            yield filled


def _no_outline(story: Story) -> Diagnostic | None:
    """Why no scenes can be made up."""
    if not story.topic:
        return diagnostic("nothing-to-film", start_of(story))
    return None if story.characters else diagnostic("no-characters", start_of(story))


def _fill(story: Story, scene: Scene, before: Scene | None) -> Scene | Failure:
    """The scene without a gap. Its narration is read here, once, and everything that is filled goes by that."""
    read = rules.read_scene(story, scene, [beat.entity for beat in before.beats] if before else [])
    if not scene.beats:
        scene = replace(scene, beats=rules.cast(story, scene, read))
    motions = rules.motions(story, scene, read)
    beats = [replace(beat, motion=motion) for beat, motion in zip(scene.beats, motions, strict=True)]
    scene = _with_spans(replace(scene, beats=tuple(beats)), read)
    late = [beat for beat in scene.beats if beat.span is MISSING]
    if late:
        found = tuple(
            diagnostic(
                "no-time-left",
                beat.location or scene.location or start_of(story),
                entity=beat.entity,
                scene=scene.name,
            )
            for beat in late
        )
        return Failure(scene.name, "; ".join(item.message for item in found), found)
    place = scene.background
    if place is MISSING:
        place = rules.background(story, scene, (before.background or None) if before else None)
    scene = replace(scene, background=place, beats=_with_boxes(story, scene, read))
    if scene.narration is MISSING:
        in_time = sorted((planned_beat(beat) for beat in scene.beats), key=lambda beat: beat.start)
        described = [beat.description for beat in in_time]
        scene = replace(scene, narration=rules.narration(described, place))
    return scene


def _with_spans(scene: Scene, read: SceneReading) -> Scene:
    """The scene with spans for all beats for which there is time."""
    duration = scene.seconds
    said = rules.spans(scene, read, duration)
    beats = [replace(beat, span=span) for beat, span in zip(scene.beats, said, strict=True)]
    for positions in by_entity([beat.entity for beat in beats]).values():
        spans = fill_spans([beats[position].span for position in positions], duration)
        for position, span in zip(positions, spans, strict=True):
            beats[position] = replace(beats[position], span=span)
    return replace(scene, beats=tuple(beats))


def _with_boxes(story: Story, scene: Scene, read: SceneReading) -> tuple[Beat, ...]:
    """The scene's beats with key frames and descriptions."""
    looks = rules.looks_of(story)
    said = [
        rules.description(looks, beat.entity, beat.motion or None) if beat.description is MISSING else beat.description
        for beat in scene.beats
    ]
    made = fill_boxes(
        [
            planned_beat(replace(beat, description=description))
            for beat, description in zip(scene.beats, said, strict=True)
        ],
        [
            told_by_sides(beat, event)
            for beat, event in zip(scene.beats, rules.events(scene, read, scene.seconds), strict=True)
        ],
        rules.sizes(story, read),
    )
    frames = [
        beat.keyframes or between_sides(beat, placed.keyframes) for beat, placed in zip(scene.beats, made, strict=True)
    ]
    placed_so = [
        each.model_copy(update={"keyframes": crossing(own, each.start, each.end, beat.enters, beat.leaves)})
        for beat, each, own in zip(scene.beats, made, frames, strict=True)
    ]
    # A made description says which way the boxes go, so that words and boxes guide to the same place.
    return tuple(
        replace(
            beat,
            span=Span(placed.start, placed.end),
            description=rules.description(looks, placed.entity, placed.motion, way(placed))
            if beat.description is MISSING
            else beat.description,
            keyframes=own,
        )
        for beat, placed, own in zip(scene.beats, placed_so, frames, strict=True)
    )
