"""Published plans as stories, and back: :mod:`dreamrunner.planning.exchange.rows` gives and takes their rows.

A plan becomes a story of one scene, a second a key frame, in which nothing is left to a planner. An entity's name in
the plan, which may be any text, is its looks in the story; where it has none it is called ``unnamed`` and looks like
nothing. What stays the same from key frame to key frame is one beat; another motion or description begins a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dreamrunner.files.text import in_words
from dreamrunner.language.edits import quoted
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parsing.lines import words
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.language.sides import HIGHEST, LOWEST, filmed
from dreamrunner.language.story import Story
from dreamrunner.planning.exchange.rows import Item, PublishedPlan
from dreamrunner.planning.keyframes import box_at
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene
from dreamrunner.planning.written.edits import write_fills

NONE = "none"
"""How the published plans write that something has no name or no motion."""
UNNAMED, UNMOVED = "unnamed", "motionless"
SCENE = "scene-1"
THINNEST = 0.05
"""Width or height that a box is given which has none."""
_PERSON_IS = "person is "


@dataclass(slots=True)
class _Figure:
    """An entity on its way through the key frames: its item in each, by number from 0."""

    name: str
    looks: str
    items: dict[int, Item] = field(default_factory=dict)

    @property
    def moves(self) -> bool:
        return any(item.motion.lower() not in (NONE, "") for item in self.items.values())


def as_story_text(plan: PublishedPlan) -> tuple[str, tuple[str, ...]]:
    """Write a published plan as a story. Also gives what had to be mended, a sentence each."""
    mended: list[str] = []
    figures = _figures(plan, mended)
    motions: dict[str, str] = {}
    beats = [beat for figure in figures for beat in _beats(figure, motions)]
    scene = PlannedScene(
        name=SCENE,
        background=plan.background,
        narration=plan.background.removeprefix("the background of the event:").strip() or plan.background,
        duration=float(len(plan.frames)),
        transition=Transition(),
        seed=0,
        beats=tuple(beats),
    )
    lines = [f"story {quoted(plan.video)}", "  language 1", "  planner none", ""]
    for figure in figures:
        looks = f" {quoted(figure.looks)}" if figure.looks else ""
        lines.append(f"{'character' if figure.moves else 'prop'} {figure.name}{looks}")
    lines.append("")
    for said, name in motions.items():
        lines.append(f"motion {name}")
        if in_words(name) != said:
            lines.append(f"  query {quoted(_PERSON_IS + said)}")
    lines += ["", f"scene {SCENE}", f"  duration {len(plan.frames)}s"]
    file, head = Path("plan.story"), "\n".join(lines) + "\n"
    text = write_fills(head, parse(head, file).syntax, Plan(title="", style="", planner=NONE, scenes=(scene,)))
    return format_text(text, file, safe=False).text or text, tuple(mended)


def published(story: Story, plan: Plan) -> Iterator[PublishedPlan]:
    """Write a planned story in the published form, a row for every scene.

    A key frame stands for a second, so that boxes at other times, and whatever the form has no place for (transitions,
    styles, seeds), are lost. Who is outside the frame is in no key frame then, and of a box that is so in part there is
    what is in it: others that read this form take all boxes for boxes in the frame.
    """
    looks = {thing.name: thing.looks or "" for thing in story.entities}
    said = {
        motion.name: motion.query.removeprefix(_PERSON_IS)
        for motion in story.motions
        if isinstance(motion.query, str) and motion.query.startswith(_PERSON_IS)
    }
    for scene in plan.scenes:
        one = len(plan.scenes) == 1 and story.title.endswith(".mp4")
        video = story.title if one else f"{story.path.stem}-{scene.name}.mp4"
        frames = []
        for second in range(max(1, round(scene.duration))):
            here = [beat for beat in scene.beats if beat.start <= second < beat.end]
            items = (_item(beat, second, looks, said) for beat in here)
            frames.append(tuple(item for item in items if item is not None))
        yield PublishedPlan(video, scene.background, tuple(frames))


def _item(beat: PlannedBeat, second: int, looks: dict[str, str], said: dict[str, str]) -> Item | None:
    box = filmed(box_at(beat.keyframes, float(second)))
    if box is None:
        return None
    unnamed = re.fullmatch(rf"{UNNAMED}(-\d+)?", beat.entity) and not looks.get(beat.entity)
    entity = NONE if unnamed else looks.get(beat.entity) or in_words(beat.entity)
    motion = NONE if beat.motion in (None, UNMOVED) else said.get(beat.motion, in_words(beat.motion))
    edges = round(box.x0, 6), round(box.y0, 6), round(box.x1, 6), round(box.y1, 6)
    return Item(entity, motion, beat.description, edges)


def _figures(plan: PublishedPlan, mended: list[str]) -> list[_Figure]:
    """Follow every entity through the key frames; several of one name are told apart by what is said of them."""
    figures: list[_Figure] = []
    taken = set(words().values())
    for number, frame in enumerate(plan.frames):
        items = [Item(item.entity, item.motion, item.description, _mended(item, number, mended)) for item in frame]
        # The most alike go on first, so that two things of one name don't change places.
        pairs = sorted(
            (_distance(figure, item), which, index)
            for which, figure in enumerate(figures)
            for index, item in enumerate(items)
            if _key(figure) == (item.entity.lower() or NONE)
        )
        gone: set[int] = set()
        for _, which, index in pairs:
            if number not in figures[which].items and index not in gone:
                figures[which].items[number] = items[index]
                gone.add(index)
        for index, item in enumerate(items):
            if index not in gone:
                unnamed = item.entity.lower() in (NONE, "")
                figure = _Figure(name_of(UNNAMED if unnamed else item.entity, taken), "" if unnamed else item.entity)
                figure.items[number] = item
                figures.append(figure)
    return figures


def _key(figure: _Figure) -> str:
    return figure.looks.lower() or NONE


def _distance(figure: _Figure, item: Item) -> tuple[bool, float]:
    last = figure.items[max(figure.items)]
    middles = [(box[0] + box[2] + (box[1] + box[3]) * 1j) / 2 for box in (last.box, item.box)]
    return last.description != item.description, abs(middles[0] - middles[1])


def _beats(figure: _Figure, motions: dict[str, str]) -> Iterator[PlannedBeat]:
    runs: list[list[int]] = []
    for number in sorted(figure.items):
        before = runs[-1][-1] if runs else None
        if before is not None and before == number - 1 and _said(figure.items[before]) == _said(figure.items[number]):
            runs[-1].append(number)
        else:
            runs.append([number])
    for run in runs:
        said = figure.items[run[-1]]
        yield PlannedBeat(
            entity=figure.name,
            motion=_motion(said.motion, motions) if figure.moves else None,
            start=float(run[0]),
            end=float(run[-1] + 1),
            description=said.description or figure.looks or in_words(figure.name),
            keyframes=tuple(KeyFrame(float(each), Box(*figure.items[each].box)) for each in run),
        )


def _said(item: Item) -> tuple[str, str]:
    return item.motion, item.description


def _motion(said: str, motions: dict[str, str]) -> str:
    """The name of a motion; ``motions`` remembers which text has which name."""
    if said.lower() in (NONE, ""):
        return UNMOVED
    if said not in motions:
        motions[said] = name_of(said, {*words().values(), UNMOVED, *motions.values()})
    return motions[said]


def name_of(text: str, taken: set[str]) -> str:
    """A name of the language for any text, which no one else has; it is added to ``taken``."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:60].strip("-")
    if not plain or not plain[0].isalpha():
        plain = f"a-{plain}".strip("-")
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name)
    return name


def _mended(item: Item, number: int, mended: list[str]) -> tuple[float, float, float, float]:
    """The box of an item, no further from the frame than it may be and not empty; what was wrong with it is noted."""
    x0, x1, wide = _edges(item.box[0], item.box[2])
    y0, y1, high = _edges(item.box[1], item.box[3])
    wrong = next(filter(None, (wide, high)), "")
    if wrong:
        shown = ", ".join(f"{edge:g}" for edge in item.box)
        now = ", ".join(f"{edge:g}" for edge in (x0, y0, x1, y1))
        mended.append(f"key frame {number + 1}: the box [{shown}] of {item.entity!r} {wrong}: [{now}] instead")
    return x0, y0, x1, y1


def _edges(low: float, high: float) -> tuple[float, float, str]:
    """Two edges across or down: in -1..2, the lower first, apart. Also says what was wrong."""
    wrong = ""
    if low > high:
        low, high, wrong = high, low, "is turned round"
    if low < LOWEST or high > HIGHEST:
        low, high, wrong = min(max(low, LOWEST), HIGHEST), min(max(high, LOWEST), HIGHEST), "is far from the frame"
    if high - low < 1e-3:
        middle = (low + high) / 2
        least, most = (0.0, 1.0) if 0 <= middle <= 1 else (LOWEST, HIGHEST)
        low = min(max(middle - THINNEST / 2, least), most - THINNEST)
        low, high, wrong = round(low, 6), round(low + THINNEST, 6), wrong or "is empty"
    return low, high, wrong
