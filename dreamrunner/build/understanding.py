"""From a story file to a plan: the part of a build that takes milliseconds and is done anew every time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.build.graph import StepFailed
from dreamrunner.build.options import Options
from dreamrunner.build.progress import Progress, Said, silent
from dreamrunner.language import Diagnostic, Story, read_story
from dreamrunner.planning import Ask, Plan, PlannedFile, filled_path, plan_file, plan_story, write_story


@dataclass(frozen=True)
class Understood:
    """A story file, read and planned. ``plan`` is None where an error among ``diagnostics`` kept it from being made."""

    path: Path
    diagnostics: tuple[Diagnostic, ...]
    story: Story | None = None
    plan: Plan | None = None


def understand(
    story_path: Path, options: Options = Options(), progress: Progress = silent, ask: Ask | None = None
) -> Understood:
    """Read a story, let ``options`` override its header, and fill its gaps. Problems come back as diagnostics.

    A filled story beside it (``NAME.plan.story``) gives the fills of all scenes that still say what they were filled
    from. ``ask`` fills the rest where the planner is a chat model; its answers are kept in the filled story.

    Raises:
        StepFailed: ``ask`` could not fill a scene, or its answers could not be kept.
    """
    checked = read_story(story_path, allow_outside=options.allow_outside)
    story = checked.story
    if story is None:
        return Understood(story_path, checked.diagnostics)
    progress(Said(f"read {story_path}"))
    diagnostics, beside = checked.diagnostics, filled_path(story_path)
    kept = beside != story_path and beside.exists()
    if kept or ask is not None and story.planner not in ("offline", "none"):
        filled = _filled(story_path, options, ask)
        if filled.plan is None:
            return Understood(story_path, filled.diagnostics, story)
        story, diagnostics = filled.story, filled.diagnostics
    if options.seed is not None:
        story = replace(story, seed=options.seed)
    planned = plan_story(story)
    if planned.plan is not None:
        source = f", {beside.name}" if kept else ""
        progress(Said(f"planned {scenes(len(planned.plan.scenes))} (planner {story.planner}{source})"))
    return Understood(story_path, (*diagnostics, *planned.diagnostics), story, planned.plan)


def _filled(story_path: Path, options: Options, ask: Ask | None) -> PlannedFile:
    try:
        filled = plan_file(story_path, allow_outside=options.allow_outside, ask=ask, save=write_story)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StepFailed(f"{filled_path(story_path)} can't be written: {why}") from None
    if filled.failures:
        raise StepFailed("\nerror: ".join(map(str, filled.failures)))
    return filled


def scenes(count: int) -> str:
    """``1 scene``, ``5 scenes``."""
    return f"{count} scene{'' if count == 1 else 's'}"
