"""Planning: a checked story becomes a plan without a gap (paper 3.1).

:func:`plan_story` fills what the author left out and never changes what the author wrote. :func:`as_story` writes the
plan back into the story, whose planning then gives the same plan. :func:`gaps` lists what is left open.
"""

from dreamrunner.planning.fill import Gap, Planned, as_story, gaps, plan_story, scene_seed
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene

__all__ = [
    "Gap",
    "Plan",
    "Planned",
    "PlannedBeat",
    "PlannedScene",
    "as_story",
    "gaps",
    "plan_story",
    "scene_seed",
]
