"""Inlay hints: what the planner fills into the text's gaps, shown where it would stand."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.explain import of_box, of_planned
from dreamrunner.editor.hover import missing_of
from dreamrunner.editor.workspace import Library
from dreamrunner.files.text import one_line
from dreamrunner.language import MISSING, Beat, Scene
from dreamrunner.language.durations import takes_its_time
from dreamrunner.language.reading_time import reading_seconds
from dreamrunner.language.syntax import BeatLine, Block
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.planning.quoting import Words, quoted

_MOST_BEATS = 4


def inlay_hints(library: Library, analysis: Analysis, first: int, last: int) -> list[types.InlayHint]:
    """The hints for the lines ``first`` to ``last``, from 0. Scenes that hold an error have none."""
    filled = analysis.filled
    if filled is None:
        return []
    planned = {scene.name: scene for scene in filled.plan.scenes}
    blocks = {block.name.location: block for block in analysis.syntax.blocks if block.kind.text == "scene"}
    found: list[types.InlayHint] = []
    for scene in filled.story.scenes:
        block = blocks.get(scene.location) if scene.location is not None else None
        made = planned.get(scene.name)
        if block is None or made is None or block.kind.location.line - 1 > last:
            continue
        by = filled.by.get(scene.name, filled.plan.planner)
        found += _scene_hints(library, analysis, block, scene, made, by)
    return [hint for hint in found if first <= hint.position.line <= last]


def _scene_hints(
    library: Library, analysis: Analysis, block: Block, scene: Scene, made: PlannedScene, by: str
) -> Iterator[types.InlayHint]:
    yield from _length_hint(library, analysis, block, made)
    sayings = [_saying(made, said) for said in analysis.origins[made.name].words]
    if not scene.beats:
        told = [of_planned(beat) for beat in made.beats]
        more = ", ..." if len(told) > _MOST_BEATS else ""
        place = block.name.location
        if told:
            yield _hint(
                library,
                analysis,
                place.end_line,
                place.end_column,
                ", ".join(told[:_MOST_BEATS]) + more,
                "\n".join(f"{beat}, {said}" if said else beat for beat, said in zip(told, sayings, strict=True)),
                by,
            )
        return
    if [beat.entity for beat in scene.beats] != [beat.entity for beat in made.beats]:
        return
    lines = {line.entity.location: line for line in block.body if isinstance(line, BeatLine)}
    for beat, planned, said in zip(scene.beats, made.beats, sayings, strict=True):
        if beat.location in lines:
            yield from _beat_hints(library, analysis, lines[beat.location], beat, planned, by, said)


def _length_hint(library: Library, analysis: Analysis, block: Block, made: PlannedScene) -> Iterator[types.InlayHint]:
    """How long a scene lasts that takes its time from its narration."""
    facts = {fact.word.text: fact for fact in block.properties()}
    if takes_its_time(facts):
        end = facts["duration"].location
        place = library.position(analysis, end.end_line - 1, end.end_column - 1)
        told = f"the narration takes {reading_seconds(made.narration):g}s to read"
        yield types.InlayHint(
            place, f"{made.duration:g}s", kind=types.InlayHintKind.Parameter, tooltip=told, padding_left=True
        )


def _beat_hints(
    library: Library, analysis: Analysis, line: BeatLine, beat: Beat, made: PlannedBeat, by: str, said: str
) -> Iterator[types.InlayHint]:
    missing = missing_of(beat)
    inner = (line.motion or line.entity).location
    words = f"{made.motion} " if "motion" in missing and made.motion else ""
    if "span" in missing:
        words += f"{made.start:g}s..{made.end:g}s"
    if words:
        words = words.rstrip()
        description = f"description: {made.description}" if beat.description is MISSING else ""
        told = "\n".join(part for part in (description, said) if part)
        yield _hint(library, analysis, inner.end_line, inner.end_column, words, told, by, f" {words}")
    if "key frames" in missing and made.keyframes:
        parts = [part for part in (line.entity, line.motion, line.span, line.description) if part is not None]
        end = parts[-1].location
        first, last = made.keyframes[0], made.keyframes[-1]
        shown = f"at {first.at:g}s {of_box(first.box)}"
        if last.box != first.box:
            shown += f" → {last.at:g}s {of_box(last.box)}"
        boxes = "\n".join([*(f"at {frame.at:g}s {of_box(frame.box)}" for frame in made.keyframes), said]).rstrip("\n")
        yield _hint(library, analysis, end.end_line, end.end_column, shown, boxes, by)


def _saying(made: PlannedScene, words: Words) -> str:
    """The words that a beat came from, as a tooltip has them; empty where there are none."""
    return f"from the words “{one_line(quoted(made.narration, words))}”" if words else ""


def _hint(
    library: Library, analysis: Analysis, line: int, column: int, label: str, told: str, by: str, written: str = ""
) -> types.InlayHint:
    """A hint behind a place, counted from 1; ``written`` is what accepting it writes there."""
    place = library.position(analysis, line - 1, column - 1)
    edit = types.TextEdit(types.Range(place, place), written)
    return types.InlayHint(
        place,
        label,
        kind=types.InlayHintKind.Parameter,
        text_edits=[edit] if written else None,
        tooltip="\n".join(part for part in (f"filled by {by}", told) if part),
        padding_left=True,
    )
