"""Two planners' fills of the same scenes, to choose from: nothing is written until one is taken, scene by scene."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.language import Diagnostic, Scene, Story, gaps
from dreamrunner.planning.fill import plan_story
from dreamrunner.planning.plan import PlannedScene
from dreamrunner.planning.planner import Planner
from dreamrunner.planning.written.file import filled_path
from dreamrunner.planning.written.keeping import FilledStory, Filling, Save, keep_aside
from dreamrunner.planning.written.plan_file import FilledFile, PlannedFile, begin, plan_draft, signature


@dataclass(frozen=True, slots=True)
class Fill:
    """What a planner makes of a scene: the scene without a gap, or None and why not, in words."""

    planner: str
    scene: PlannedScene | None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ComparedScene:
    """A scene with its fills.

    ``written``: as its author wrote it.
    ``authored``: the hash of that.
    ``fills``: one of each planner, in their order.
    """

    written: Scene
    authored: str
    fills: tuple[Fill, ...]

    @property
    def name(self) -> str:
        return self.written.name


@dataclass(frozen=True, slots=True)
class Comparison:
    """The scenes of a story file with their fills.

    ``story``: as its author wrote it; None where it has an error, which then is among the ``diagnostics``.
    """

    path: Path
    story: Story | None
    scenes: tuple[ComparedScene, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def scene(self, name: str) -> ComparedScene | None:
        """The scene of a name; None where it is not compared."""
        return next((scene for scene in self.scenes if scene.name == name), None)


class NotTaken(Exception):
    """A fill that was not taken; ``str()`` says why, in one line."""


def compare(
    path: Path,
    planners: Sequence[tuple[str, Planner | None]],
    *,
    allow_outside: bool = False,
    wanted: Callable[[str], bool] = lambda scene: True,
) -> Comparison:
    """Have planners, each with whom to ask where it is a chat model, fill the same scenes of the story at ``path``.

    These are the scenes with a gap for which ``wanted`` is true, whatever fills of them there are. Where there are
    none, or the story has no scenes yet, nobody is asked.
    """
    made: list[dict[str, Fill]] = []
    written: dict[str, tuple[Scene, str]] = {}
    story: Story | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    for planner, ask in planners:
        begun = begin(path, allow_outside=allow_outside, planner=planner, again=wanted)
        if isinstance(begun, PlannedFile):
            return Comparison(path, None, (), begun.diagnostics)
        names = [name for name in begun.open_scenes if wanted(name)]
        own = {scene.name: scene for scene in begun.checked.story.scenes}
        written |= {name: (own[name], begun.authored[name]) for name in names if name in own}
        if not written:
            return Comparison(path, begun.checked.story, (), begun.checked.diagnostics)
        story, diagnostics = begun.checked.story, begun.checked.diagnostics
        planned = plan_draft(begun, ask=_asking(ask, names) if ask is not None else None, again=wanted)
        made.append({name: _fill(planned, planner, name) for name in names})
    scenes = (
        ComparedScene(scene, authored, tuple(fills[name] for fills in made))
        for name, (scene, authored) in written.items()
        if all(name in fills for fills in made)
    )
    return Comparison(path, story, tuple(scenes), diagnostics)


def take(
    compared: ComparedScene, number: int, path: Path, save: Save, *, allow_outside: bool = False
) -> tuple[Path, Path | None]:
    """Write the fill of a number, from 0, into the filled story of ``path``, as planning with its planner writes it.

    Gives the filled story, and a copy of what it was where its fill was edited by hand.

    Raises:
        NotTaken: there is no such fill, or the scene is not what it was when it was filled.
        OSError: the file can't be written.
    """
    name, fill = compared.name, compared.fills[number]
    if fill.scene is None:
        raise NotTaken(f"{fill.planner} has no fill of scene `{name}`: {fill.failure}")

    def again(scene: str) -> bool:
        return scene == name

    begun = begin(path, allow_outside=allow_outside, planner=fill.planner, again=again)
    if isinstance(begun, PlannedFile):
        raise NotTaken(f"{path.name} has an error by now: {begun.diagnostics[0].message}")
    if begun.authored.get(name) != compared.authored:
        raise NotTaken(f"scene `{name}` has changed since it was filled; compare it again")
    filling = Filling(fill.scene, signature(fill.planner))
    made = filling.into(begun)
    if made is None or not made.reads_back(name):
        raise NotTaken(f"the fill of scene `{name}` does not fit the story any more; compare it again")
    if not made.open_scenes and isinstance(whole := plan_draft(made), FilledFile):
        made = whole.draft  # with what planning writes into scenes without a gap
    aside = keep_aside(path) if begun.replaced else None
    file = FilledStory(begun, save, again)
    file.put(made, filling)
    return filled_path(path), aside or next(iter(file.aside), None)


def _asking(ask: Planner, names: Sequence[str]) -> Planner:
    """A planner that is asked for some scenes alone, whatever else has a gap."""
    return lambda story, scenes: ask(story, tuple(name for name in scenes if name in names))


def _fill(planned: PlannedFile, planner: str, name: str) -> Fill:
    if isinstance(planned, FilledFile):
        return Fill(planner, next(scene for scene in planned.plan.scenes if scene.name == name))
    story = planned.story
    scene = next((scene for scene in story.scenes if scene.name == name), None) if story is not None else None
    if story is not None and scene is not None and not any(gaps(replace(story, scenes=(scene,)))):
        plan = plan_story(replace(story, planner="none", scenes=(scene,))).plan
        if plan is not None:
            return Fill(planner, plan.scenes[0])
    reasons = [failure.reason for failure in planned.failures if failure.scene in (name, "")]
    reasons = reasons or [item.message for item in planned.diagnostics if item.severity == "error"]
    return Fill(planner, None, "; ".join(dict.fromkeys(reasons)) or "it was not filled")
