"""From story to plan: find the gaps, have a planner fill them, and put its answers beside what is written.

A gap is what the author left out and a film needs: a background, a narration, beats; a beat's motion, span,
description or key frames; a whole sequence of scenes. What is written is never changed: every answer is used only
where the story says :data:`~dreamrunner.language.MISSING`. A duration (six seconds) and a seed (from the story's seed
and the scene's name) have a value unless written, and are no gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dreamrunner.files.digest import digest_text
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.gaps import gaps
from dreamrunner.language.story import MISSING, Beat, Missing, Motion, Scene, Span, Story
from dreamrunner.planning.crowding import crowded
from dreamrunner.planning.offline import offline
from dreamrunner.planning.open_scenes import open_scenes
from dreamrunner.planning.plan import Plan, PlannedScene
from dreamrunner.planning.planned_beats import planned_beat
from dreamrunner.planning.planner import Failure, Outline, Planner, absent, nobody
from dreamrunner.planning.unfilmed import unfilmed

_PLANNERS: dict[str, Planner] = {"offline": offline, "none": nobody}
"""The planners that need nobody else; any other name is a chat model's."""


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
    planner = _PLANNERS.get(story.planner, absent)
    remarks: tuple[Diagnostic, ...] = ()
    problems: list[Diagnostic] = []
    opened = open_scenes(story)
    unread = (*unfilmed(opened), *crowded(opened))
    filled: dict[str, Scene] = {}
    left = tuple(scene.name for scene in story.scenes if any(gaps(replace(story, scenes=(scene,)))))
    for answer in planner(story, left) if left or not story.scenes else ():
        match answer:
            case Failure():
                problems += answer.diagnostics
            case Outline():
                story, remarks = replace(story, scenes=answer.scenes), answer.remarks
            case Scene():
                filled[answer.name] = answer
    if problems:
        return Planned(None, tuple(problems))
    scenes = tuple(_planned(story, filled.get(scene.name, scene)) for scene in story.scenes)
    return Planned(
        Plan(title=story.title, style=story.style, planner=story.planner, scenes=scenes), (*remarks, *unread)
    )


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
                says=beat.says,
                enters=before.enters if before else None,
                leaves=before.leaves if before else None,
            )
            for beat, before in zip(planned.beats, kept, strict=False)
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
                filled_by=old.filled_by if beats else old.filled_by or plan.planner,
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
    return int(digest_text(f"{story_seed} {scene}")[:8], 16) >> 1


def _planned(story: Story, scene: Scene) -> PlannedScene:
    """A scene without a gap, as the plan has it. Raises ValueError where it has one."""
    background, narration = scene.background, scene.narration
    if isinstance(background, Missing) or isinstance(narration, Missing):
        raise ValueError(f"the scene {scene.name} has a gap")
    return PlannedScene(
        name=scene.name,
        background=background,
        narration=narration,
        duration=scene.seconds,
        transition=scene.transition,
        avoid=scene.avoid,
        camera=scene.camera,
        seed=scene_seed(story.seed, scene.name) if scene.seed is MISSING else scene.seed,
        beats=tuple(planned_beat(beat) for beat in scene.beats),
        setting=scene.setting,
        takes=scene.takes,
    )
