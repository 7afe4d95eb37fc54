"""From a story file to a plan: the part of a build that takes milliseconds and is done anew every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.engine.graph import StepFailed
from dreamrunner.engine.progress import Progress, Said, Stage, silent, stage
from dreamrunner.files.in_place import replace_text
from dreamrunner.files.text import shortened
from dreamrunner.files.wording import counted, reason
from dreamrunner.language import Diagnostic, Story, read_story
from dreamrunner.language.checker import Valid
from dreamrunner.language.story import MISSING, PLANNERS, Character, Motion, Setting
from dreamrunner.pipeline.options import Options
from dreamrunner.planning import Plan, PlannedFile, Planner, filled_path
from dreamrunner.planning.planner import Answer
from dreamrunner.planning.written.plan_file import begin_from, plan_draft


@dataclass(frozen=True)
class Understood:
    """A story file, read and planned. ``plan`` is None where an error among ``diagnostics`` kept it from being made."""

    path: Path
    diagnostics: tuple[Diagnostic, ...]
    story: Story | None = None
    plan: Plan | None = None


def understand(
    story_path: Path, options: Options = Options(), progress: Progress = silent, ask: Planner | None = None
) -> Understood:
    """Read a story, let ``options`` override its header, and fill its gaps. Problems come back as diagnostics.

    A filled story beside it (``NAME.plan.story``) gives the fills of all scenes that still say what they were filled
    from. ``ask`` fills the rest where the planner is a chat model; its answers are kept in the filled story.

    Raises:
        StepFailed: ``ask`` could not fill a scene, or its answers could not be kept.
    """
    checked = read_story(story_path, allow_outside=options.allow_outside, planner=options.planner)
    if not isinstance(checked, Valid):
        return Understood(story_path, checked.diagnostics)
    story = checked.story
    progress(Said(f"read {story_path}"))
    beside = filled_path(story_path)
    kept = beside != story_path and beside.exists()
    with stage("plan", 1, 1, progress) as planning:
        planning.begin("")
        filled = _filled(checked, options, None if ask is None else _advancing(ask, planning))
        understood = Understood(story_path, filled.diagnostics, filled.authored, filled.plan)
        if filled.plan is not None and (kept or (ask is not None and story.planner not in PLANNERS)):
            understood = replace(understood, story=filled.story)
        planning.end("", "the story has an error" if understood.plan is None else None)
    if understood.plan is not None:
        source = f", {beside.name}" if kept else ""
        by = ", ".join(planners(understood))
        progress(Said(f"planned {scenes(len(understood.plan.scenes))} (planner {by}{source})"))
        if made_up := _narrated_by_planner(story, understood.plan):
            spoken = options.voice is not None or story.voice
            heard = "shown as subtitles and spoken" if spoken else "shown as subtitles"
            names = shortened(", ".join(made_up), 80)
            progress(
                Said(f'the planner wrote the narration of {names}, {heard}; `narration ""` says that there is none')
            )
    return understood


def _narrated_by_planner(authored: Story, plan: Plan) -> list[str]:
    """The names of the scenes whose narration is the planner's, not the author's."""
    written = {scene.name for scene in authored.scenes if scene.narration is not MISSING}
    return [scene.name for scene in plan.scenes if scene.narration.strip() and scene.name not in written]


def _advancing(ask: Planner, planning: Stage) -> Planner:
    """``ask``, which also reports to ``planning`` how many of the scenes are answered."""

    def asked(story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        for answered, answer in enumerate(ask(story, scenes), 1):
            if scenes:
                planning.advance(answered / len(scenes), step=answered, steps=len(scenes))
            yield answer

    return asked


def planners(understood: Understood) -> tuple[str, ...]:
    """Who filled the scenes of a planned story, each once: as the filled story says, else the story's own planner."""
    story = understood.story
    if story is None:
        return ()
    filled_by = [scene.filled_by.split()[0] for scene in story.scenes if scene.filled_by]
    return tuple(dict.fromkeys(filled_by)) or (story.planner,)


def understand_asking(story_path: Path, options: Options = Options(), progress: Progress = silent) -> Understood:
    """As :func:`understand`, asking the model where the planner is one; ``progress`` hears what that used."""
    from dreamrunner.planning.asking import Asking

    ask = Asking()
    try:
        return understand(story_path, options, progress, ask)
    finally:
        if used := ask.account():
            progress(Said(used))
        for remark in ask.remarks():
            progress(Said(f"warning: {remark}"))


def _filled(checked: Valid, options: Options, ask: Planner | None) -> PlannedFile:
    begun = begin_from(checked)
    if isinstance(begun, PlannedFile):
        return begun
    try:
        filled = plan_draft(begun, ask=ask, save=replace_text, seed=options.seed)
    except OSError as error:
        why = reason(error)
        raise StepFailed(f"{filled_path(begun.path)} can't be written: {why}") from None
    if filled.failures:
        raise StepFailed("\nerror: ".join(map(str, filled.failures)))
    return filled


def scenes(count: int) -> str:
    """``1 scene``, ``5 scenes``."""
    return counted(count, "scene")


def files_of(story: Story) -> tuple[Path, ...]:
    """The files that a story is made from: its own, the filled one beside it, its photos, clips and LoRAs."""
    photos = [photo for one in story.pictured for photo in one.images]
    clips = [clip for motion in story.motions for clip in motion.clips]
    things: list[Story | Character | Setting | Motion] = [story, *story.pictured, *story.motions]
    loras = [lora for each in things for lora in each.loras]
    played = [story.music, *(scene.music for scene in story.scenes)]
    music = [each.path for each in played if each is not None]
    return (story.path, filled_path(story.path), *photos, *clips, *(lora.path for lora in loras), *music)
