"""Stories of what a benchmark asks for, in the formatter's layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.benchmarking.casting import Casting, Deed, Figure, cast_of
from dreamrunner.files.text import one_line
from dreamrunner.language import check_text
from dreamrunner.language.edits import number, quoted
from dreamrunner.language.formatter import format_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.narration.mentions import place

_LEAD = re.compile(r"\A(?:a )?time-?lapse of ", re.IGNORECASE)
"""How a prompt says what sort of film it is; what follows is what happens."""

_RESTING = frozenset("sleeping sitting lying kneeling resting".split())
_JOINT = re.compile(r"\A(?:and\s+)?(?:(?:then|finally|lastly|at last|afterwards?|next)\b,?\s+)*", re.IGNORECASE)
_UNFILMED = ("not-understood", "not-english")


@dataclass(frozen=True, slots=True)
class Written:
    """A story's text; its one scene; and what of it is not understood, a sentence each."""

    text: str
    scene: str
    remarks: tuple[str, ...] = ()


def prompt_story(title: str, scene: str, prompt: str, duration: float) -> Written:
    """The story of a prompt: one scene that tells it, whom it names declared.

    The planner reads it as it reads any narration. Where it names two to eight of a kind, each of them is a figure with
    a beat of its own, so that each gets a box. Where something is not understood, or no place is named, the whole
    prompt is the background, as in the plans that the paper's authors published: so it reaches the model all the same.
    """
    told = _LEAD.sub("", one_line(prompt))
    casting = cast_of([told])
    beats = list(_beats(casting, [0.0, duration])) if casting.counted else []
    scenes = [f"scene {scene}", f"  duration {number(duration)}s", f"  narration {quoted(told)}"]
    written = _laid_out(title, casting.figures, [*scenes, *beats])
    remarks = _not_understood(written)
    if not casting.figures and not remarks:
        remarks = (f"nobody and nothing is found in it: {told}",)
    if remarks or told != one_line(prompt) or place(told) is None:
        written = _laid_out(title, casting.figures, [*scenes, f"  background {quoted(one_line(prompt))}", *beats])
    return Written(written, scene, remarks)


def events_story(title: str, scene: str, prompt: str, events: Sequence[str], duration: float) -> Written:
    """The story of events that follow one another: one scene, its time divided among them, a beat for whoever acts.

    Who is named once stays in the picture to the end. The background is as :func:`prompt_story` has it.
    """
    told = [_JOINT.sub("", one_line(event)).rstrip(".") for event in events]
    told = [event[:1].upper() + event[1:] for event in told]
    edges = [round(duration * at / len(told), 2) for at in range(len(told) + 1)]
    casting = cast_of(told)
    remarks = tuple(
        f"event {at}: who does it is not found: {event}"
        for at, (event, deeds) in enumerate(zip(told, casting.deeds, strict=True), 1)
        if not deeds
    )
    narration = " ".join(
        f"{'Then ' + event[:1].lower() + event[1:] if at else event}." for at, event in enumerate(told)
    )
    lines = [f"scene {scene}", f"  duration {number(duration)}s", f"  narration {quoted(narration)}"]
    lines += [f"  background {quoted(one_line(prompt))}"] if remarks or place(narration) is None else []
    return Written(_laid_out(title, casting.figures, [*lines, *_beats(casting, edges)]), scene, remarks)


def laid_out(lines: Sequence[str]) -> str:
    """Lines of a story in the formatter's layout."""
    text = "\n".join(lines) + "\n"
    return format_text(text, Path("bench.story"), safe=False).text or text


def _laid_out(title: str, figures: Sequence[Figure], scenes: Sequence[str]) -> str:
    head = [f"story {quoted(one_line(title))}", "  language 1", ""]
    declared = [f"{'character' if each.acts else 'prop'} {each.name} {quoted(each.looks)}" for each in figures]
    return laid_out([*head, *declared, "", *scenes])


def _beats(casting: Casting, edges: Sequence[float]) -> Iterator[str]:
    """The beats of all figures, each from its first mention to the end; ``edges`` are the seconds of the texts."""
    for figure in casting.figures:
        runs: list[tuple[int, int, str, str]] = []
        idle = "standing" if figure.acts else ""
        for at in range(figure.since, len(edges) - 1):
            own = [deed for deed in casting.deeds[at] if deed.figure is figure]
            motion = next((deed.motion for deed in own if deed.motion), "" if own else idle)
            words = _told(own, casting.deeds[at])
            if runs and not own and runs[-1][2:] == (idle, ""):
                runs[-1] = runs[-1][0], at + 1, idle, ""
            else:
                runs.append((at, at + 1, motion, words))
            idle = motion if motion in _RESTING else idle
        for first, last, motion, words in runs:
            span = f"{number(edges[first])}s..{number(edges[last])}s"
            said = quoted(one_line(f"{figure.looks} {words}")) if words or not figure.acts else ""
            yield "  " + " ".join(part for part in (figure.name, motion, span, said) if part)


def _told(own: Sequence[Deed], all: Sequence[Deed]) -> str:
    """What is said of somebody who does all this, of all that is done in the text."""
    words = ""
    for deed in own:
        before = all[all.index(deed) - 1].figure if all.index(deed) else None
        if words and deed.more and before is deed.figure:
            words += deed.more
        elif deed.words not in words:
            words += f" and {deed.words}" if words else deed.words
    return words


def _not_understood(text: str) -> tuple[str, ...]:
    """What the offline planner films nothing of."""
    story = check_text(text, Path("bench.story")).story
    if story is None:
        return ()
    return tuple(each.message for each in plan_story(story).diagnostics if each.code in _UNFILMED)
