"""From a story file to a plan: the part of a build that takes milliseconds and is done anew every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.engine.graph import StepFailed
from dreamrunner.engine.progress import Progress, Said, Stage, silent, stage
from dreamrunner.language import Diagnostic, Story, read_story
from dreamrunner.pipeline.options import Options
from dreamrunner.planning import Ask, Plan, PlannedFile, filled_path, plan_file, plan_story, write_story
from dreamrunner.planning.planner import Answer


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
    checked = read_story(story_path, allow_outside=options.allow_outside, planner=options.planner)
    story = checked.story
    if story is None:
        return Understood(story_path, checked.diagnostics)
    progress(Said(f"read {story_path}"))
    beside = filled_path(story_path)
    kept = beside != story_path and beside.exists()
    with stage("plan", 1, 1, progress) as planning:
        planning.begin("")
        if kept or (ask is not None and story.planner not in ("offline", "none")):
            filled = _filled(story_path, options, None if ask is None else _told(ask, planning))
            understood = Understood(story_path, filled.diagnostics, filled.story if filled.plan else story)
            if filled.plan is not None:
                understood = _planned(understood, options)
        else:
            understood = _planned(Understood(story_path, checked.diagnostics, story), options)
        planning.end("", "the story has an error" if understood.plan is None else None)
    if understood.plan is not None:
        source = f", {beside.name}" if kept else ""
        progress(Said(f"planned {scenes(len(understood.plan.scenes))} (planner {understood.story.planner}{source})"))
    return understood


def _planned(read: Understood, options: Options) -> Understood:
    story = read.story if options.seed is None else replace(read.story, seed=options.seed)
    planned = plan_story(story)
    return Understood(read.path, (*read.diagnostics, *planned.diagnostics), story, planned.plan)


def _told(ask: Ask, planning: Stage) -> Ask:
    """Asks, and tells how many of the scenes are answered."""

    def asked(story: Story, open_scenes: tuple[str, ...]) -> Iterator[Answer]:
        for answered, answer in enumerate(ask(story, open_scenes), 1):
            if open_scenes:
                planning.advance(answered / len(open_scenes), step=answered, steps=len(open_scenes))
            yield answer

    return asked


def understand_asking(story_path: Path, options: Options = Options(), progress: Progress = silent) -> Understood:
    """As :func:`understand`, asking the chat model where the planner is one; ``progress`` hears what that used."""
    from dreamrunner.planning.chat.planner import Chat

    chat = Chat()
    try:
        return understand(story_path, options, progress, chat)
    finally:
        if used := chat.account():
            progress(Said(used))


def _filled(story_path: Path, options: Options, ask: Ask | None) -> PlannedFile:
    try:
        filled = plan_file(
            story_path, allow_outside=options.allow_outside, planner=options.planner, ask=ask, save=write_story
        )
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise StepFailed(f"{filled_path(story_path)} can't be written: {why}") from None
    if filled.failures:
        raise StepFailed("\nerror: ".join(map(str, filled.failures)))
    return filled


def scenes(count: int) -> str:
    """``1 scene``, ``5 scenes``."""
    return f"{count} scene{'' if count == 1 else 's'}"
