"""Planning a story file: take the fills that still fit, have the planner fill the rest, keep every answer at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from dreamrunner.files.heard import through
from dreamrunner.language import Diagnostic, Scene, Story, gaps, read_story
from dreamrunner.language.checker import Valid
from dreamrunner.language.files import read_text
from dreamrunner.language.ignoring import ignores, unanswered
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.story import PLANNERS, Location
from dreamrunner.planning.chat.prompts import VERSION
from dreamrunner.planning.fill import Planned, as_story, plan_story
from dreamrunner.planning.plan import Plan
from dreamrunner.planning.planner import Answer, Failure, Outline, Planner
from dreamrunner.planning.written.edits import write_fills
from dreamrunner.planning.written.file import Draft, draft, filled_path
from dreamrunner.planning.written.keeping import FilledStory, Filling, Save, keep_aside
from dreamrunner.planning.written.kept import Kept


@dataclass(frozen=True)
class PlannedFile:
    """A story file, planned as far as it can be: a :class:`FilledFile` where there is a plan.

    ``path``: the story's file.
    ``target``: where the filled story belongs.
    ``diagnostics``: what was found in both.
    ``authored``: the story as its author wrote it; None where that has an error.
    ``story``: the filled story.
    ``plan``: its plan; None when there are errors among the ``diagnostics`` or ``failures``.
    ``draft``: the filled story in the making, whose text is written on demand.
    ``taken``: scenes whose fills were there before.
    ``filled``: those that were filled now.
    ``failures``: those that could not be filled, and why.
    ``replaced``: those of ``filled``, or gone ones, whose fills of before were edited by hand.
    ``edited``: those taken as they were edited.
    ``aside``: copies of the filled story with edits by hand that are not all in it any more.
    ``held``: the text that its file held when it was last read or written; None where there was none.
    """

    path: Path
    target: Path
    diagnostics: tuple[Diagnostic, ...]
    authored: Story | None = None
    story: Story | None = None
    plan: Plan | None = None
    draft: Draft | None = None
    taken: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    replaced: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    aside: tuple[Path, ...] = ()
    held: str | None = None

    @property
    def text(self) -> str:
        """The filled story's text."""
        return self.draft.text() if self.draft is not None else ""


@dataclass(frozen=True)
class FilledFile(PlannedFile):
    """A story file whose plan is made."""

    authored: Story = field(kw_only=True)
    story: Story = field(kw_only=True)
    plan: Plan = field(kw_only=True)
    draft: Draft = field(kw_only=True)


def plan_file(
    path: Path,
    *,
    allow_outside: bool = False,
    planner: str | None = None,
    ask: Planner | None = None,
    save: Save | None = None,
    again: Callable[[str], bool] = lambda scene: False,
    seed: int | None = None,
) -> PlannedFile:
    """Plan the story at ``path``, beginning from the filled story beside it, if there is one.

    As :func:`begin` and then :func:`plan_draft`. Scenes for which ``again`` is true are filled anew, whatever fills
    there are.
    """
    begun = begin(path, allow_outside=allow_outside, planner=planner, again=again)
    if isinstance(begun, PlannedFile):
        return begun
    return plan_draft(begun, ask=ask, save=save, seed=seed, again=again)


def plan_draft(
    begun: Draft,
    *,
    ask: Planner | None = None,
    save: Save | None = None,
    seed: int | None = None,
    again: Callable[[str], bool] = lambda scene: False,
) -> PlannedFile:
    """Fill a draft's gaps and plan it.

    ``ask`` fills the gaps where the story's planner is a chat model; the scenes that it fills are signed with its name
    and the prompts' version. ``save`` is called with the filled story after every such answer, which takes up what
    others wrote there meanwhile. Nothing is written otherwise. ``seed`` goes before the story's own; ``again`` is that
    of :func:`begin`.

    Raises:
        OSError: what ``save`` raises.
    """
    path, planner = begun.path, begun.story.planner
    asking = ask if planner not in PLANNERS else None
    work = _Work(begun if seed is None else begun.with_seed(seed), save if asking is not None else None, again)
    if asking is not None:
        if begun.replaced and save is not None:
            work.file.aside.append(keep_aside(path))
        todo = begun.open_scenes
        for answer in asking(begun.story, todo) if todo or not begun.story.scenes else ():
            work.take(answer, signature(planner))
    planned = plan_story(work.draft.story) if not work.failures else Planned(None)
    if planned.plan is not None:
        work.write(planned.plan, planner)
    story = _answering(work.draft)
    taken = tuple(
        scene.name for scene in story.scenes if scene.name in work.draft.taken and scene.name not in work.filled
    )
    file = PlannedFile(
        path=path,
        target=filled_path(path),
        diagnostics=(*begun.checked.diagnostics, *unanswered(planned.diagnostics, story.ignores)[0]),
        authored=work.draft.checked.story,
        story=story,
        draft=work.draft,
        taken=taken,
        filled=tuple(work.filled),
        failures=tuple(work.failures),
        replaced=tuple(dict.fromkeys((*begun.replaced, *work.draft.replaced))),
        edited=tuple(sorted(work.draft.edited)),
        aside=tuple(dict.fromkeys(work.file.aside)),
        held=work.file.held,
    )
    if planned.plan is None:
        return file
    return FilledFile(
        path=path,
        target=file.target,
        diagnostics=file.diagnostics,
        authored=work.draft.checked.story,
        story=story,
        plan=planned.plan,
        draft=work.draft,
        taken=taken,
        filled=file.filled,
        failures=file.failures,
        replaced=file.replaced,
        edited=file.edited,
        aside=file.aside,
        held=file.held,
    )


def _answering(draft: Draft) -> Story:
    """The filled story, whose comments stand in its file as its author's do in theirs."""
    story = draft.story
    if not story.ignores:
        return story
    own, _ = ignores(parse(draft.text(), filled_path(draft.path)).syntax)
    return replace(story, ignores=(*story.ignores, *own))


def signature(planner: str) -> str:
    """How a filled story names the planner that filled a scene: a chat model with the version of the prompts."""
    return planner if planner in PLANNERS else f"{planner} prompts {VERSION}"


def begin(
    path: Path,
    *,
    allow_outside: bool = False,
    planner: str | None = None,
    again: Callable[[str], bool] = lambda scene: False,
) -> Draft | PlannedFile:
    """Read the story at ``path`` and the filled story beside it, each once, into a draft; or say why there is none.

    ``planner`` goes before the one that the header names.
    """
    checked = read_story(path, allow_outside=allow_outside, planner=planner)
    if not isinstance(checked, Valid):
        return PlannedFile(path, filled_path(path), checked.diagnostics)
    return begin_from(checked, again=again)


def begin_from(checked: Valid, *, again: Callable[[str], bool] = lambda scene: False) -> Draft | PlannedFile:
    """As :func:`begin`, of a story that was read without an error."""
    path, kept = checked.parsed.syntax.file, None
    target = filled_path(path)
    if target != path and target.exists():
        text = read_text(target, Location(target, 1, 1, 1, 1), empty=True)
        if isinstance(text, Diagnostic):
            return PlannedFile(path, target, (*checked.diagnostics, text), checked.story)
        kept = Kept.of(text, target)
    made = draft(checked, kept, again=again)
    if not isinstance(made, Draft):
        return PlannedFile(path, target, (*checked.diagnostics, *made), checked.story)
    return made


def fill_in(planned: FilledFile) -> str | tuple[str, ...]:
    """The text of the authored story with the plan's fills written into it, its layout kept.

    Where the filled story was edited by hand so that a scene has other beats than the author wrote, they can't be
    told apart: the names of such scenes come back instead.
    """
    made = {scene.name: [beat.entity for beat in scene.beats] for scene in planned.plan.scenes}
    odd = tuple(
        scene.name
        for scene in planned.authored.scenes
        if scene.beats and [beat.entity for beat in scene.beats] != made[scene.name]
    )
    checked = planned.draft.checked
    return odd or write_fills(checked.text, checked.parsed.syntax, planned.plan)


class _Work:
    """The filled story while answers come in."""

    def __init__(self, begun: Draft, save: Save | None, again: Callable[[str], bool]) -> None:
        self.file = FilledStory(begun, save, again)
        self.filled: list[str] = []
        self.failures: list[Failure] = []

    @property
    def draft(self) -> Draft:
        """The filled story by now."""
        return self.file.draft

    def take(self, answer: Answer, planner: str) -> None:
        """Write one answer in, and save. An answer that makes no sound story becomes a failure."""
        match answer:
            case Failure():
                self.failures.append(answer)
                return
            case Outline():
                filling = Filling(answer, planner)
                made = filling.into(self.draft)
                if made is None:
                    self.failures.append(Failure("", "the answer makes no sound story"))
                    return
            case Scene():
                planned = plan_story(replace(self.draft.story, planner="none", scenes=(answer,)))
                if planned.plan is None:
                    why = "; ".join(item.message for item in planned.diagnostics)
                    self.failures.append(Failure(answer.name, f"the answer can't be used: {why}"))
                    return
                filling = Filling(planned.plan.scenes[0], planner)
                made = filling.into(self.draft)
                if made is None or not made.reads_back(answer.name):
                    self.failures.append(Failure(answer.name, "the answer makes no sound scene"))
                    return
                self._note(answer.name)
        self.file.put(made, filling)

    def write(self, plan: Plan, planner: str) -> None:
        """Put the plan's fills in, and into every scene of it that does not say so yet where it is from."""
        story = self.draft.story
        known = {scene.name: scene for scene in story.scenes}
        for scene in through(plan.scenes, "signing the scenes"):
            old = known.get(scene.name)
            if old is None or any(gaps(replace(story, scenes=(old,)))):
                self.file.draft = self.draft.with_fill(scene, planner)
                self._note(scene.name)
            elif not old.filled_from:
                self.file.draft = self.draft.with_fill(scene, "")
        self.file.draft = self.draft.saying(as_story(plan, story))

    def _note(self, name: str) -> None:
        if name not in self.filled:
            self.filled.append(name)
