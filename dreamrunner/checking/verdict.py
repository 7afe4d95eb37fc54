"""From what was seen, and what the script promises, to marks. No network, no picture: values alone."""

from __future__ import annotations

from collections.abc import Sequence

from dreamrunner.checking.marks import JUDGED, ActMark, EntityMarks, Mark, SceneMarks
from dreamrunner.checking.script import Act, Place, Promise, Script
from dreamrunner.checking.seen import SURE, Seen, Sighting, apart, overlap
from dreamrunner.language.parts import Box

NEAR = 0.1
"""How far the middle of somebody may be from the middle of the box, in the picture's width and height."""

SHARED = 0.3
"""From which overlap (intersection over union) on somebody is in a box, wherever its middle is."""


def mark(scene: str, script: Script, seen: Seen, watcher: str) -> SceneMarks:
    """The marks of a scene."""
    entities = []
    for number, (subject, places) in enumerate(zip(script.subjects, script.places, strict=True)):
        marks = tuple(
            mark_at(number, places, [each[moment] for each in script.places], seen.sightings[moment], seen.known)
            for moment, places in enumerate(places)
        )
        entities.append(EntityMarks(entity=subject.name, marks=marks))
    acts = tuple(
        ActMark(
            entity=script.subjects[act.subject].name,
            motion=act.motion,
            start=start,
            end=end,
            done=None if chance is None or not seen.known[act.subject] else chance >= SURE,
        )
        for act, chance in zip(script.acts, seen.done, strict=True)
        for start, end in _seen_during(script, act)
    )
    return SceneMarks(
        scene=scene,
        watcher=watcher,
        moments=script.moments,
        entities=tuple(entities),
        acts=acts,
        score=score(script, entities, acts),
    )


def mark_at(
    subject: int, place: Place, all_places: Sequence[Place], sightings: Sequence[Sighting], known: Sequence[bool]
) -> Mark:
    """The mark of one subject at one moment, from where all subjects should be and what is in the picture.

    What is in the box of another one that it could be as well (two cats) is that other one.
    """
    if place is Promise.UNSAID:
        return "unsaid"
    if not known[subject]:
        return "unknown"
    mine = [each for each in sightings if each.who[subject] >= SURE]
    here = [each for each in mine if isinstance(place, Box) and is_in(each.box, place)]
    away = [each for each in mine if each not in here and not _anothers(each, subject, all_places)]
    if place is Promise.GONE:
        return "lingers" if away else "right"
    if not here:
        return "elsewhere" if away else "missing"
    best = max(here, key=lambda each: (each.who[subject], each.like[subject] or 0.0))
    if (like := best.like[subject]) is not None and like < SURE:
        return "unlike"
    return "twice" if away else "right"


def is_in(seen: Box, box: Box) -> bool:
    """Whether somebody who was seen in one box is in another one."""
    return apart(seen, box) <= NEAR or overlap(seen, box) >= SHARED


def _anothers(sighting: Sighting, subject: int, places: Sequence[Place]) -> bool:
    """Whether it is another subject's, which it may be as well, and which should be there or may be anywhere."""
    for number, place in enumerate(places):
        if number == subject or sighting.who[number] < SURE or place is Promise.GONE:
            continue
        if place is Promise.UNSAID or is_in(sighting.box, place):
            return True
    return False


def score(script: Script, entities: Sequence[EntityMarks], acts: Sequence[ActMark]) -> float | None:
    """The share of judged seconds that are right and in which no act was left undone."""
    right = judged = 0
    for entity in entities:
        undone = [act for act in acts if act.done is False and act.entity == entity.entity]
        for moment, each in zip(script.moments, entity.marks, strict=True):
            if each not in JUDGED:
                continue
            judged += 1
            right += each == "right" and not any(act.start <= moment < act.end for act in undone)
    return right / judged if judged else None


def _seen_during(script: Script, act: Act) -> list[tuple[float, float]]:
    """When an act can be seen, in seconds: all of its beat but those seconds in which its entity is outside."""
    during = [number for number, moment in enumerate(script.moments) if act.start <= moment < act.end]
    shown = [number for number in during if script.places[act.subject][number] is not Promise.GONE]
    if shown == during:
        return [(act.start, act.end)]
    spans: list[tuple[float, float]] = []
    for number in shown:
        second = int(script.moments[number])
        start, end = max(act.start, float(second)), min(act.end, second + 1.0)
        if spans and spans[-1][1] == start:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans
