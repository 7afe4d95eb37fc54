"""How many takes of each scene are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dreamrunner.pipeline.options import Options
from dreamrunner.planning.plan import PlannedScene


@dataclass(frozen=True)
class Wanted:
    """How many takes of each scene are filmed at most, by its name; those of one take are left out. From a score of
    ``until`` on a take is good enough, and the scene's last."""

    takes: Mapping[str, int]
    until: float | None = None


def wanted(scenes: Sequence[PlannedScene], options: Options) -> Wanted:
    """What the options or else the story ask for. A draft has one take of everything."""
    if options.draft:
        return Wanted({})
    counts = {scene.name: options.takes if options.takes is not None else scene.takes for scene in scenes}
    return Wanted({name: count for name, count in counts.items() if count > 1}, options.until)
