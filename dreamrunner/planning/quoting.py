"""Which words of a narration each beat of a plan, and its boxes, came from.

Nothing of this is part of a plan: the same plan films the same, whatever words it came from.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dreamrunner.language.story import Beat, Scene, Span, Story
from dreamrunner.planning import rules
from dreamrunner.planning.narration.events import Stretch
from dreamrunner.planning.narration.schedule import Act
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

Words = tuple[Stretch, ...]
"""Words of a narration, as stretches of its text in their order; none where a narration says nothing of the matter."""


def words_of(story: Story, scene: Scene, planned: PlannedScene, before: Sequence[str]) -> tuple[Words, ...]:
    """The words of the narration of ``scene`` that the offline planner takes each beat of ``planned`` from.

    A beat that the narration tells of has the clauses that do; one of somebody who is only there, the words that name
    it. ``before`` are the entities of the scene before, as :func:`~dreamrunner.planning.rules.read_scene` wants them.
    """
    beats = tuple(Beat(beat.entity, beat.motion, Span(beat.start, beat.end)) for beat in planned.beats)
    told = replace(scene, duration=planned.duration, beats=beats)
    read = rules.read_scene(story, told, before)
    acts = rules.acts_of_beats(told, read, planned.duration)
    # Who only waits there came from the words that name it, whoever wrote that down; whom the narration only names and
    # who does something all the same, has that from somewhere else.
    waits = {None, rules.DEFAULT_MOTION}
    named = [read.telling.named.get(beat.entity) if beat.motion in waits else None for beat in planned.beats]
    return tuple(
        act.event.said if act.event.said and _shows(beat, act, same) else _naming(words)
        for beat, words, (act, same) in zip(planned.beats, named, acts, strict=True)
    )


def quoted(text: str, words: Words) -> str:
    """Words of a text as a quotation on one line; what is left out between them is three dots."""
    return " ... ".join(" ".join(text[start:end].split()) for start, end in words)


def pieces(text: str, words: Sequence[Words]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """A whole text in pieces, each with the numbers of those ``words`` that it is part of."""
    changes: dict[int, list[tuple[int, int]]] = {0: [], len(text): []}
    for number, each in enumerate(words):
        for start, end in each:
            changes.setdefault(start, []).append((number, 1))
            changes.setdefault(end, []).append((number, -1))
    of, found = Counter[int](), []
    for start, end in itertools.pairwise(sorted(changes)):
        for number, change in changes[start]:
            of[number] += change
        found.append((text[start:end], tuple(sorted(number for number, times in of.items() if times))))
    return tuple(found)


def _shows(beat: PlannedBeat, act: Act, same: bool) -> bool:
    """Whether a beat shows what an act tells: what is done, or else where."""
    event = act.event
    done = same or beat.motion is None or (event.motion or rules.DEFAULT_MOTION) == beat.motion
    return done or bool(event.relation or event.height or event.side is not None)


def _naming(words: Stretch | None) -> Words:
    return (words,) if words is not None else ()
