"""A scene's marks in a line for people: what is worst, since when."""

from __future__ import annotations

from collections.abc import Iterator

from dreamrunner.checking.marks import EntityMarks, Mark, SceneMarks
from dreamrunner.files.text import in_words

WORST: dict[Mark, str] = {
    "missing": "not seen",
    "elsewhere": "not in its box",
    "lingers": "still seen",
    "unlike": "not as it should look",
    "twice": "seen twice",
}
"""Marks that are told, the worst first, and how."""

MOST = 2
"""Faults of a scene that its line names."""


def said(marks: SceneMarks) -> str:
    """What is to say of a scene: "king not seen in leaving from 2 s to 4 s, and 1 more (right 62%)"; "" where all is
    right or nothing was judged."""
    told = list(faults(marks))
    if not told or marks.score is None:
        return ""
    more = f", and {len(told) - MOST} more" if len(told) > MOST else ""
    return f"{', '.join(told[:MOST])} in {marks.scene}{more} (right: {share(marks.score)})"


def share(score: float) -> str:
    """A score as people read it; what isn't all is never 100%."""
    return f"{min(99, round(100 * score)) if score < 1 else 100}%"


def faults(marks: SceneMarks) -> Iterator[str]:
    """Every fault of a scene, the worst and longest first."""
    found: list[tuple[int, float, str]] = []
    for entity in marks.entities:
        for mark, start, end in runs(entity, marks.moments):
            if mark in WORST:
                found.append(([*WORST].index(mark), start - end, f"{entity.entity} {WORST[mark]} {_span(start, end)}"))
    for act in marks.acts:
        if act.done is False:
            found.append(
                (
                    len(WORST),
                    act.start - act.end,
                    f"{act.entity} not seen {in_words(act.motion)} {_span(act.start, act.end)}",
                )
            )
    yield from (text for _, _, text in sorted(found))


def runs(entity: EntityMarks, moments: tuple[float, ...]) -> Iterator[tuple[Mark, float, float]]:
    """An entity's marks with the seconds in which they hold, equal neighbours together."""
    start = 0
    for index in range(1, len(entity.marks) + 1):
        if index == len(entity.marks) or entity.marks[index] != entity.marks[start]:
            yield entity.marks[start], float(int(moments[start])), float(int(moments[index - 1]) + 1)
            start = index


def _span(start: float, end: float) -> str:
    return f"from {start:g} s to {end:g} s"
