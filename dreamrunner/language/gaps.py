"""Gaps: what an author left out and a film needs. The planner fills them; nothing else counts as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dreamrunner.language.story import MISSING, Beat, Location, Scene, Story


@dataclass(frozen=True, slots=True)
class Gap:
    """What the author left open in one place: ``missing`` names the facts that ``of``, a scene or a beat, lacks."""

    of: str
    missing: tuple[str, ...]
    location: Location

    def __str__(self) -> str:
        *others, last = self.missing
        return f"{self.of} has no {', '.join(others)}{' or ' if others else ''}{last}"


def gaps(story: Story) -> Iterator[Gap]:
    """Find everything that ``story`` leaves to a planner, in the order of the text."""
    if not story.scenes:
        yield Gap("the story", ("scenes",), _start(story))
    for scene in story.scenes:
        missing = [fact for fact in ("background", "narration") if getattr(scene, fact) is MISSING]
        # A filled scene without beats is its place alone: its narration has nobody in it.
        missing += [] if scene.beats or scene.filled_by or scene.filled_from else ["beats"]
        if missing:
            yield Gap(f"scene `{scene.name}`", tuple(missing), _location(story, scene))
        for beat in scene.beats:
            missing = [fact for fact in ("motion", "span", "description") if getattr(beat, fact) is MISSING]
            missing += [] if beat.keyframes else ["key frames"]
            if missing:
                yield Gap(f"this beat of `{beat.entity}`", tuple(missing), _location(story, scene, beat))


def _location(story: Story, scene: Scene, beat: Beat | None = None) -> Location:
    return (beat.location if beat else None) or scene.location or _start(story)


def _start(story: Story) -> Location:
    return Location(story.path, 1, 1, 1, 2)
