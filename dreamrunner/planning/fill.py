"""From story to plan: find the gaps, have the planner answer them, and put the answers beside what is written.

A gap is what the author left out and a film needs: a background, a narration, beats; a beat's motion, span,
description or key frames; a whole sequence of scenes. What is written is never changed: every answer is used only
where the story says :data:`~dreamrunner.language.MISSING`. A duration (six seconds) and a seed (from the story's seed
and the scene's name) have a value unless written, and are no gaps.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.gaps import gaps
from dreamrunner.language.story import DEFAULT_DURATION, MISSING, Beat, Location, Motion, Scene, Span, Story
from dreamrunner.planning import rules
from dreamrunner.planning.boxes.solver import fill_boxes, way
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene
from dreamrunner.planning.spans import by_entity, fill_spans


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan and what was noticed on the way; ``plan`` is ``None`` when any diagnostic is an error."""

    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...] = ()


def plan_story(story: Story) -> Planned:
    """Fill the gaps of ``story`` with the planner that its header names.

    ``offline`` is deterministic and needs nothing; ``none`` makes every gap an error; any other name is a chat model.
    A story without gaps needs no planner. Problems are returned, never raised.
    """
    found, remarks = tuple(gaps(story)), ()
    if story.planner == "none" and found:
        return Planned(None, tuple(diagnostic("gap", gap.location, what=str(gap)) for gap in found))
    if story.planner not in ("offline", "none") and found:
        return Planned(None, (diagnostic("planner-not-available", _start(story), planner=story.planner),))
    if not story.scenes:
        if not story.topic:
            return Planned(None, (diagnostic("nothing-to-film", _start(story)),))
        if not story.characters:
            return Planned(None, (diagnostic("no-characters", _start(story)),))
        remarks = (diagnostic("plain-day", _start(story)),)
        story = replace(story, scenes=rules.outline(story))

    problems: list[Diagnostic] = []
    scenes: list[PlannedScene] = []
    for scene in story.scenes:
        scene = _with_spans(
            story, _with_beats(story, scene, scenes[-1] if scenes else None), scenes[-1] if scenes else None
        )
        lost = [beat for beat in scene.beats if beat.span is MISSING]
        problems += [
            diagnostic("no-time-left", _location(story, scene, beat), entity=beat.entity, scene=scene.name)
            for beat in lost
        ]
        if not lost:
            scenes.append(_planned(story, scene, scenes[-1] if scenes else None))
    if problems:
        return Planned(None, tuple(problems))
    return Planned(Plan(title=story.title, style=story.style, planner=story.planner, scenes=tuple(scenes)), remarks)


def as_story(plan: Plan, story: Story) -> Story:
    """Write ``plan`` back into the ``story`` that it was made from: the same story without a gap.

    Planning the result gives ``plan`` again. Seeds stay as written, so that another story seed still films another
    film.
    """
    written = {scene.name: scene for scene in story.scenes}
    scenes = []
    for planned in plan.scenes:
        old = written.get(planned.name, Scene(planned.name))
        kept = old.beats or (None,) * len(planned.beats)
        beats = tuple(
            Beat(
                beat.entity,
                beat.motion,
                Span(beat.start, beat.end),
                beat.description,
                beat.keyframes,
                location=before.location if before else None,
            )
            for beat, before in zip(planned.beats, kept)
        )
        scenes.append(
            replace(
                old,
                background=planned.background,
                narration=planned.narration,
                duration=planned.duration,
                transition=planned.transition,
                avoid=planned.avoid,
                camera=planned.camera,
                beats=beats,
            )
        )
    known = {motion.name for motion in story.motions}
    used = dict.fromkeys(beat.motion for scene in scenes for beat in scene.beats if beat.motion)
    new = tuple(Motion(name) for name in used if name not in known)
    return replace(story, motions=story.motions + new, scenes=tuple(scenes))


def scene_seed(story_seed: int, scene: str) -> int:
    """Derive a scene's seed, 0 to 2**31 - 1, from the story's seed and the scene's name, the same on every machine.

    Neither the scene's place in the story nor its other words matter, so a scene that is moved stays the same.
    """
    digest = hashlib.sha256(f"{story_seed} {scene}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _with_beats(story: Story, scene: Scene, before: PlannedScene | None) -> Scene:
    """The scene with its beats and their motions."""
    entities = _entities(before)
    if not scene.beats:
        scene = replace(scene, beats=rules.cast(story, scene, entities))
    motions = rules.motions(story, scene, entities)
    return replace(scene, beats=tuple(replace(beat, motion=motion) for beat, motion in zip(scene.beats, motions)))


def _entities(before: PlannedScene | None) -> list[str]:
    return [beat.entity for beat in before.beats] if before else []


def _with_spans(story: Story, scene: Scene, before: PlannedScene | None) -> Scene:
    """The scene with its duration, and spans for all beats for which there is time."""
    if scene.duration is MISSING:
        written = [beat.span.end for beat in scene.beats if beat.span is not MISSING]
        scene = replace(scene, duration=max([DEFAULT_DURATION, *written]))
    told = rules.spans(story, scene, _entities(before), scene.duration)
    beats = [replace(beat, span=span) for beat, span in zip(scene.beats, told)]
    for positions in by_entity([beat.entity for beat in beats]).values():
        for position, span in zip(positions, fill_spans([beats[p].span for p in positions], scene.duration)):
            beats[position] = replace(beats[position], span=span)
    return replace(scene, beats=tuple(beats))


def _planned(story: Story, scene: Scene, before: PlannedScene | None) -> PlannedScene:
    place = scene.background
    if place is MISSING:
        place = rules.background(story, scene, before.background if before else None)
    beats = fill_boxes(
        [
            PlannedBeat(
                entity=beat.entity,
                motion=beat.motion,
                start=beat.span.start,
                end=beat.span.end,
                description=rules.description(story, beat.entity, beat.motion)
                if beat.description is MISSING
                else beat.description,
                keyframes=beat.keyframes,
            )
            for beat in scene.beats
        ],
        rules.events(story, scene, _entities(before), scene.duration),
        rules.sizes(story, scene, _entities(before)),
    )
    # A made description says which way the boxes go, so that words and boxes guide to the same place.
    beats = tuple(
        made.model_copy(update={"description": rules.description(story, made.entity, made.motion, way(made))})
        if beat.description is MISSING
        else made
        for beat, made in zip(scene.beats, beats)
    )
    told = scene.narration
    if told is MISSING:
        told = rules.narration([beat.description for beat in sorted(beats, key=lambda beat: beat.start)], place)
    return PlannedScene(
        name=scene.name,
        background=place,
        narration=told,
        duration=scene.duration,
        transition=scene.transition,
        avoid=scene.avoid,
        camera=scene.camera,
        seed=scene_seed(story.seed, scene.name) if scene.seed is MISSING else scene.seed,
        beats=beats,
    )


def _location(story: Story, scene: Scene, beat: Beat | None = None) -> Location:
    return (beat.location if beat else None) or scene.location or _start(story)


def _start(story: Story) -> Location:
    return Location(story.path, 1, 1, 1, 2)
