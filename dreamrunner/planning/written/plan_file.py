"""Planning a story file: take the fills that still fit, have the planner fill the rest, keep every answer at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.files.atomic import replace_text
from dreamrunner.language import Checked, Diagnostic, Scene, Story, check_text, gaps, read_story
from dreamrunner.language.edits import quoted
from dreamrunner.language.files import read_text
from dreamrunner.language.story import Location
from dreamrunner.planning.chat.prompts import VERSION
from dreamrunner.planning.fill import Planned, plan_story
from dreamrunner.planning.plan import Plan
from dreamrunner.planning.planner import Answer, Ask, Failure, Outline
from dreamrunner.planning.written.edits import write_fills
from dreamrunner.planning.written.file import Draft, draft, filled_path, sign


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A story file, planned.

    ``text`` is the filled story's, ``target`` where it belongs; ``plan`` is None when there are errors among the
    ``diagnostics`` or ``failures``. ``taken`` and ``filled`` name the scenes whose fills were there before, and those
    that were filled now; ``replaced`` those of the latter, or gone ones, whose fills of before were edited by hand,
    ``edited`` those taken as they were edited.
    """

    path: Path
    target: Path
    diagnostics: tuple[Diagnostic, ...]
    story: Story | None = None
    plan: Plan | None = None
    text: str = ""
    taken: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    replaced: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()


def plan_file(
    path: Path,
    *,
    allow_outside: bool = False,
    planner: str | None = None,
    ask: Ask | None = None,
    save: Callable[[Path, str], None] | None = None,
    again: Callable[[str], bool] = lambda scene: False,
) -> PlannedFile:
    """Plan the story at ``path``, beginning from the filled story beside it, if there is one.

    ``planner`` goes before the one that the header names. ``ask`` fills the gaps where it is a chat model; the scenes
    that it fills are signed with its name and the prompts' version. ``save`` is called with the filled story after
    every such answer. Nothing is written otherwise. Scenes for which ``again`` is true are filled anew, whatever fills
    there are.
    """
    begun = begin(path, allow_outside=allow_outside, planner=planner, again=again)
    if isinstance(begun, PlannedFile):
        return begun
    made, checked = begun
    planner = made.story.planner
    asked = ask is not None and planner not in ("offline", "none")
    work = _Work(made, path, allow_outside, save if asked else None)
    if asked:
        if made.replaced:
            keep_edited(path)
        todo = made.open_scenes
        for answer in ask(made.story, todo) if todo or not made.story.scenes else ():
            work.take(answer, f"{planner} prompts {VERSION}")
    planned = plan_story(work.story) if not work.failures else Planned(None)
    if planned.plan is not None:
        work.write(planned.plan, planner)
    elif planned.diagnostics:
        # Shown where the author wrote it, if it shows there: the filled story has other lines.
        planned = _relocated(planned, plan_story(checked.story), filled_path(path))
    taken = tuple(name for name in (scene.name for scene in work.story.scenes) if name in made.taken)
    return PlannedFile(
        path=path,
        target=filled_path(path),
        diagnostics=(*checked.diagnostics, *planned.diagnostics),
        story=work.story,
        plan=planned.plan,
        text=work.text,
        taken=tuple(name for name in taken if name not in work.filled),
        filled=tuple(work.filled),
        failures=tuple(work.failures),
        replaced=made.replaced,
        edited=tuple(sorted(made.edited)),
    )


def begin(
    path: Path,
    *,
    allow_outside: bool = False,
    planner: str | None = None,
    again: Callable[[str], bool] = lambda scene: False,
) -> tuple[Draft, Checked] | PlannedFile:
    """The draft of the story at ``path`` with the story as authored, or what keeps it from being planned."""
    target = filled_path(path)
    checked = read_story(path, allow_outside=allow_outside, planner=planner)
    if checked.story is None:
        return PlannedFile(path, target, checked.diagnostics)
    authored = read_text(path, Location(path, 1, 1, 1, 1))
    before = None
    if target != path and target.exists():
        before = read_text(target, Location(target, 1, 1, 1, 1), empty=True)
    for text in (authored, before):
        if isinstance(text, Diagnostic):
            return PlannedFile(path, target, (*checked.diagnostics, text))
    made = draft(authored, path, before, allow_outside=allow_outside, planner=planner, again=again)
    if made.story is None:
        # What is wrong with a fill is shown where its author edited it, if it shows there.
        found = [item for item in read_story(target, allow_outside=allow_outside, planner=planner).diagnostics]
        errors = tuple(item for item in found if item.severity == "error") or made.diagnostics
        return PlannedFile(path, target, (*checked.diagnostics, *errors))
    return made, checked


def fill_in(planned: PlannedFile, *, allow_outside: bool = False) -> str | tuple[str, ...]:
    """The text of the authored story with the plan's fills written into it, its layout kept.

    Where the filled story was edited by hand so that a scene has other beats than the author wrote, they can't be
    told apart: the names of such scenes come back instead.
    """
    text = read_text(planned.path, Location(planned.path, 1, 1, 1, 1))
    planner = planned.story.planner
    story = check_text(text, planned.path, allow_outside=allow_outside, planner=planner).story
    made = {scene.name: [beat.entity for beat in scene.beats] for scene in planned.plan.scenes}
    odd = tuple(
        scene.name
        for scene in story.scenes
        if scene.beats and [beat.entity for beat in scene.beats] != made[scene.name]
    )
    return odd or write_fills(text, story, planned.plan)


def backup_path(path: Path) -> Path:
    """Where the filled story of ``path`` is kept when edits by hand in it are replaced."""
    return filled_path(path).with_name(f"{filled_path(path).name}.bak")


def keep_edited(path: Path) -> Path:
    """Keep a copy of the filled story of ``path``, whose edits by hand are about to be replaced. Raises OSError."""
    write_story(backup_path(path), filled_path(path).read_text(encoding="utf-8-sig"))
    return backup_path(path)


def write_story(path: Path, text: str) -> None:
    """Write a story's text, whole or not at all; a file that says the same already is left alone. Raises OSError."""
    try:
        same = path.read_bytes() == text.encode()
    except OSError:
        same = False
    if not same:
        replace_text(path, text)


def _relocated(planned: Planned, authored: Planned, target: Path) -> Planned:
    if authored.plan is None:
        return authored
    start = Location(target, 1, 1, 1, 1)
    return Planned(None, tuple(replace(item, location=start, related=()) for item in planned.diagnostics))


class _Work:
    """The filled story while answers come in."""

    def __init__(self, made: Draft, path: Path, allow_outside: bool, save: Callable[[Path, str], None] | None) -> None:
        self.made, self.path, self.allow_outside, self.save = made, path, allow_outside, save
        self.text, self.story, self.planner = made.text, made.story, made.story.planner
        self.filled: list[str] = []
        self.failures: list[Failure] = []

    def take(self, answer: Answer, planner: str) -> None:
        """Write one answer in, and save. An answer that makes no sound story becomes a failure."""
        match answer:
            case Failure():
                self.failures.append(answer)
                return
            case Outline():
                self._set(self.text.rstrip("\n") + "\n" + _outline_text(answer))
                self._set(sign(self.text, self.made, {scene.name: planner for scene in answer.scenes}))
            case Scene():
                planned = plan_story(replace(self.story, planner="none", scenes=(answer,)))
                if planned.plan is None:
                    told = "; ".join(item.message for item in planned.diagnostics)
                    self.failures.append(Failure(answer.name, f"the answer can't be used: {told}"))
                    return
                text, story = self.text, self.story
                self.write(planned.plan, planner)
                if self.story is None:
                    self.text, self.story = text, story
                    self.filled.remove(answer.name)
                    self.failures.append(Failure(answer.name, "the answer makes no sound scene"))
                    return
        if self.save is not None:
            self.save(filled_path(self.path), self.text)

    def write(self, plan: Plan, planner: str) -> None:
        """Write the plan's fills in, and into every scene of it that does not say so yet where it is from."""
        known = {scene.name: scene for scene in self.story.scenes}
        names = [scene.name for scene in plan.scenes]
        open_ones = [
            name for name in names if name not in known or any(gaps(replace(self.story, scenes=(known[name],))))
        ]
        sources = {name: planner if name in open_ones else "" for name in names}
        sources = {name: by for name, by in sources.items() if by or not known[name].filled_from}
        self._set(write_fills(self.text, self.story, plan))
        self._set(sign(self.text, self.made, sources))
        self.filled += [name for name in open_ones if name not in self.filled]

    def _set(self, text: str) -> None:
        self.text = text
        self.story = check_text(text, self.path, allow_outside=self.allow_outside, planner=self.planner).story


def _outline_text(outline: Outline) -> str:
    return "".join(f"\nscene {scene.name}\n  narration {quoted(scene.narration)}\n" for scene in outline.scenes)
