"""Hovers: what stands under the pointer, and what the planner made of it."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from dreamrunner.editor import explain
from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.goto_and_rename import files_of
from dreamrunner.editor.names import Kind, Name, name_at
from dreamrunner.editor.sidecars import Learnt
from dreamrunner.editor.workspace import Library
from dreamrunner.language import MISSING, PLACES, Beat, Motion, Prop, Scene
from dreamrunner.language.parsing.line_parser import locate
from dreamrunner.language.parsing.lines import HEADS, words
from dreamrunner.language.sides import SIDES
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Block, Property, Word, stretches
from dreamrunner.planning.plan import PlannedScene

_MOST_FILES = 12


def hover(library: Library, learnt: Learnt, analysis: Analysis, row: int, column: int) -> types.Hover | None:
    """What is known of the thing at a place, counted from 0."""
    name = name_at(analysis, row, column)
    if name is not None:
        text, location = _of_name(learnt, analysis, name), name.location
    else:
        found = _box_at(analysis, row, column) or _word_at(analysis, row, column)
        if found is None:
            return None
        text, location = found
    if not text:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), library.range(location))


def _of_name(learnt: Learnt, analysis: Analysis, name: Name) -> str:
    match name.kind:
        case Kind.PLACE:
            box = PLACES.get(name.text)
            return f"**place** `{name.text}` is {explain.code(explain.of_box(box))}" if box else ""
        case Kind.SIDE:
            return f"**side** `{name.text}` of the picture" if name.text in SIDES else ""
        case Kind.FILE:
            paths = files_of(analysis, name)[:_MOST_FILES]
            return "\n".join(f"- {explain.code(path.name)}" for path in paths) or "*no file matches*"
        case Kind.SCENE:
            return _of_scene(analysis, name)
        case Kind.MOTION:
            known = analysis.cast.motions.get(name.text)
            motion = known.value if known is not None else Motion(name.text)
            state = explain.of_motions_training(motion, learnt.of("motion", name.text), _catalog(analysis))
            return f"{explain.of_motion(motion, analysis.path)}\n\n{state}"
        case Kind.ENTITY | Kind.LOCATION:
            declared = analysis.cast.of("location" if name.kind is Kind.LOCATION else "character").get(name.text)
            parts = [explain.of_entity(declared.value, analysis.path)] if declared is not None else []
            if declared is not None and not isinstance(declared.value, Prop):
                of = declared.value.likeness or name.text
                state = explain.of_pictureds_training(declared.value, learnt.of("subject", of))
                parts = [f"{parts[0]}\n\n{state}"] if state else parts
            if isinstance(name.line, BeatLine):
                parts += _of_beat(analysis, name.owner, name.line)
            return "\n\n---\n\n".join(parts)
    return ""


def _of_scene(analysis: Analysis, name: Name) -> str:
    shown = [f"**scene** {explain.code(name.text)}"]
    found = _filled(analysis, name.owner)
    if found is not None:
        scene, planned, by = found
        length = f"{planned.duration:g} seconds"
        shown.append(length if scene.duration is not MISSING else f"{length}, since it says nothing else")
        missing = [fact for fact in ("background", "narration") if getattr(scene, fact) is MISSING]
        missing += [] if scene.beats else ["beats"]
        if missing:
            shown.append(explain.of_fill(planned, missing, by, analysis.origins[planned.name].words))
    return "\n\n".join(shown)


def _of_beat(analysis: Analysis, block: Block | None, line: BeatLine) -> list[str]:
    found = _planned_beat(analysis, block, line)
    if found is None:
        return []
    scene, planned, by, index = found
    told = explain.of_filled_beat(planned.beats[index], missing_of(scene.beats[index]), by)
    return [part for part in (told, _words(analysis, planned, index)) if part]


def _planned_beat(
    analysis: Analysis, block: Block | None, line: BeatLine
) -> tuple[Scene, PlannedScene, str, int] | None:
    """A scene as :func:`_filled` gives it, and the number of the beat that stands in a line, from 0."""
    found = _filled(analysis, block)
    if found is None:
        return None
    scene, planned, by = found
    index = next((i for i, beat in enumerate(scene.beats) if beat.location == line.entity.location), None)
    if index is None or [beat.entity for beat in scene.beats] != [beat.entity for beat in planned.beats]:
        return None
    return scene, planned, by, index


def _words(analysis: Analysis, planned: PlannedScene, index: int) -> str:
    return explain.of_words(planned.narration, analysis.origins[planned.name].words[index])


def _box_at(analysis: Analysis, row: int, column: int) -> tuple[str, Location] | None:
    """What is known of a box at a place: in a filled story, the words that it came from."""
    line, at = row + 1, column + 1
    beats = (
        (block, beat)
        for block, lines in stretches(analysis.syntax)
        if line in lines
        for beat in block.body
        if isinstance(beat, BeatLine)
    )
    for block, beat in beats:
        for frame in beat.keyframes:
            place = frame.place.location
            if place.line == line and place.column <= at < place.end_column:
                found = _planned_beat(analysis, block, beat)
                words = _words(analysis, found[1], found[3]) if found is not None else ""
                return (f"the box of {explain.code(beat.entity.text)}, {words}", place) if words else None
    return None


def missing_of(beat: Beat) -> list[str]:
    """The facts that a beat leaves to the planner."""
    missing = [fact for fact in ("motion", "span", "description") if getattr(beat, fact) is MISSING]
    return missing + ([] if beat.keyframes else ["key frames"])


def _filled(analysis: Analysis, block: Block | None) -> tuple[Scene, PlannedScene, str] | None:
    """A scene as written and as planned, and who filled it; None where it has an error or nobody has filled it."""
    filled = analysis.filled
    if filled is None or block is None:
        return None
    written = next((item for item in filled.story.scenes if item.location == block.name.location), None)
    if written is None:
        return None
    planned = next((item for item in filled.plan.scenes if item.name == written.name), None)
    return (written, planned, filled.by.get(written.name, filled.plan.planner)) if planned is not None else None


def _catalog(analysis: Analysis) -> str:
    for block in analysis.syntax.blocks:
        if block.kind.text == "story":
            for fact in block.properties():
                if fact.word.text == "catalog":
                    return fact.text
    return ""


def _word_at(analysis: Analysis, row: int, column: int) -> tuple[str, Location] | None:
    """What the reference says of a word of the language at a place, and where the word stands."""
    line, at = row + 1, column + 1
    for block, lines in stretches(analysis.syntax):
        if line not in lines:
            continue
        for word, kind in _language_words(block):
            place = word.location
            if place.line == line and place.column <= at < place.end_column:
                return explain.of_word(_terminal(word.text), kind), place
    for head in analysis.layout.lines:
        token = head.tokens[0]
        if token.line == line and token.column <= at < token.end_column and token.type in HEADS:
            return explain.of_word(token.type, ""), locate(analysis.path, token)
        if token.line == line and len(head.tokens) > 3 and head.tokens[2].type == "FROM":
            behind = head.tokens[2]
            if behind.column <= at < behind.end_column:
                return "`from`: what this doesn't say itself is that one's", locate(analysis.path, behind)
    return None


def _language_words(block: Block) -> Iterator[tuple[Word, str]]:
    yield block.kind, ""
    for fact in [*block.body, block.short]:
        if isinstance(fact, Property):
            yield fact.word, block.kind.text.upper()
        elif isinstance(fact, BeatLine):
            for part in fact.parts:
                yield part.word, "beat"


def _terminal(word: str) -> str:
    return next((name for name, text in words().items() if text == word), "")
