"""Edits by hand in a fill, kept when the authored text of its scene changes: they count as authored."""

from __future__ import annotations

from dataclasses import replace

from dreamrunner.language import Beat, Scene
from dreamrunner.language.story import DEFAULT_DURATION, MISSING
from dreamrunner.planning.boxes.arriving import without_edges
from dreamrunner.planning.plan import PlannedScene
from dreamrunner.planning.planned_beats import planned_beat


def merge(scene: Scene, edited: Scene) -> PlannedScene | None:
    """The authored ``scene`` with what an ``edited`` fill has and it lacks.

    What is written now goes before what was filled. ``None`` where the two don't fit: the scene now has another
    narration or other beats than the fill, or the fill itself has gaps.
    """
    if scene.narration is not MISSING and scene.narration != edited.narration:
        return None
    background = edited.background if scene.background is MISSING else scene.background
    if background is MISSING or edited.narration is MISSING:
        return None
    beats = edited.beats
    if scene.beats:
        if [beat.entity for beat in scene.beats] != [beat.entity for beat in edited.beats]:
            return None
        beats = tuple(_beat(new, old) for new, old in zip(scene.beats, edited.beats, strict=True))
    if any(MISSING in (beat.motion, beat.span, beat.description) or not beat.keyframes for beat in beats):
        return None
    duration = scene.duration if scene.duration is not MISSING else edited.duration
    return PlannedScene(
        name=scene.name,
        background=background,
        narration=edited.narration,
        duration=DEFAULT_DURATION if duration is MISSING else duration,
        transition=scene.transition,
        seed=0,
        beats=tuple(planned_beat(beat) for beat in beats),
        setting=scene.setting,
        takes=scene.takes,
    )


def _beat(new: Beat, old: Beat) -> Beat:
    """A beat as it is written now, with what its edited fill says beside.

    Where it comes or goes by another side now, the fill's boxes then say nothing any more.
    """
    made = Beat(
        new.entity,
        old.motion if new.motion is MISSING else new.motion,
        old.span if new.span is MISSING else new.span,
        old.description if new.description is MISSING else new.description,
        new.keyframes or old.keyframes,
        says=new.says,
        enters=new.enters,
        leaves=new.leaves,
    )
    if new.keyframes or not old.keyframes or (new.enters, new.leaves) == (old.enters, old.leaves):
        return made
    return replace(made, keyframes=without_edges(made, old.keyframes))
