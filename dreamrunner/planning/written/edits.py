"""Writing a plan into a story's text: what was left open stands where it belongs, and nothing else changes.

Words are put into lines and lines between lines; no line, comment or blank of the author's is touched. New lines are
indented as the scene's own ones are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.files.text import NAME
from dreamrunner.language.edits import Edits, number, quoted
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.parts import Box, KeyFrame
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import BeatLine, Block, Number, Property, Syntax, Time
from dreamrunner.planning.boxes.simplify import turns
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene

_SAME_TIME = 5e-4  # seconds


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fill is from, as its scene's line ``from`` says it.

    ``hashes``: of the authored scene and of the filled one.
    ``planner``: who filled it; empty where nothing was filled.
    """

    hashes: str
    planner: str = ""

    @property
    def line(self) -> str:
        word = self.planner if NAME.fullmatch(self.planner) else quoted(self.planner)
        return " ".join(["from", quoted(self.hashes), *([word] if self.planner else [])])


def write_fills(text: str, syntax: Syntax, plan: Plan) -> str:
    """Write into ``text``, a story without an error of which ``syntax`` is the tree, what ``plan`` has and it lacks.

    ``plan`` may lack scenes of the story: their gaps stay.
    """
    return fill_edits(text, syntax, plan).result()


def fill_edits(text: str, syntax: Syntax, plan: Plan) -> Edits:
    """The changes that :func:`write_fills` makes."""
    edits = Edits.of(text)
    blocks = {block.name.text: block for block in scene_blocks(syntax)}
    unit = indent_of(blocks.values())
    for scene in plan.scenes:
        if scene.name in blocks:
            fill_scene(edits, blocks[scene.name], scene, unit)
    if not blocks:
        for scene in plan.scenes:
            edits.append(["", *scene_lines(scene, unit)])
    return edits


def scene_blocks(syntax: Syntax) -> tuple[Block, ...]:
    """The scenes of a file, in its order."""
    return tuple(block for block in syntax.blocks if block.kind.text == "scene")


def indent_of(blocks: Iterable[Block]) -> int:
    """Blanks that a level is indented by: as in the first scene that has a line, else two."""
    return next((width for block in blocks if (width := _indent(block, 0))), 2)


def write_box(
    text: str, planned: PlannedScene, position: int, frame: KeyFrame, pinned: Collection[int] = ()
) -> str | None:
    """Write into ``text`` where the beat ``position`` (from 0) of a ``planned`` scene without an error is at a time.

    A key frame that is written for that time gets the new box, also in place of a place in words; else one is put among
    the beat's in the order of time. Where the planner laid the beat out, the turns of its way are written with it, and
    in a scene without beats those that the planner found. The beats ``pinned``, by their position, get the turns of
    their way too, where no key frame of theirs is written. Where a beat ``enters`` or ``leaves`` at that time, the key
    frame takes the place of that line. None where the scene, or in it the beat, stands nowhere in the text.
    """
    blocks = scene_blocks(parse(text, Path()).syntax)
    block = next((block for block in blocks if block.name.text == planned.name), None)
    if block is None:
        return None
    edits = Edits.of(text.removeprefix("\ufeff"))
    unit = indent_of(blocks)
    lines = [item for item in block.body if isinstance(item, BeatLine)]
    if lines and not _same_beats(lines, planned):
        return None
    made = _unsaid(lines, planned.beats)
    ways = {each: _pinned(made[each]) for each in pinned if each != position}
    side = _side_at(lines[position], planned.beats[position], frame.at) if lines else None
    if side is not None:
        place = side.location
        edits.replace(place.line, place.column, place.end_column, _keyframe(frame))
        ways[position] = _pinned(made[position])
    elif lines and lines[position].keyframes:
        _write_keyframe(edits, lines[position], frame)
    else:
        ways[position] = _with(made[position], frame)
    _write_ways(edits, block, planned, ways, unit)
    return ("\ufeff" if text.startswith("\ufeff") else "") + edits.result()


def pin_ways(text: str, planned: PlannedScene, pinned: Collection[int]) -> str | None:
    """Write into ``text`` the beats of a ``planned`` scene if it has none, and the turns of the ways of those
    ``pinned``, by their position, of which no key frame is written. None where the scene, or in it a beat, stands
    nowhere in the text."""
    blocks = scene_blocks(parse(text, Path()).syntax)
    block = next((block for block in blocks if block.name.text == planned.name), None)
    if block is None:
        return None
    edits = Edits.of(text)
    made = _unsaid([item for item in block.body if isinstance(item, BeatLine)], planned.beats)
    ways = {each: _pinned(made[each]) for each in pinned}
    return edits.result() if _write_ways(edits, block, planned, ways, indent_of(blocks)) else None


def _same_beats(lines: Sequence[BeatLine], planned: PlannedScene) -> bool:
    return [line.entity.text for line in lines] == [beat.entity for beat in planned.beats]


def _write_ways(edits: Edits, block: Block, planned: PlannedScene, ways: Mapping[int, PlannedBeat], unit: int) -> bool:
    """Write the ways of some beats where none of theirs is written; False where the text has other beats."""
    lines = [item for item in block.body if isinstance(item, BeatLine)]
    margin = _indent(block, unit)
    if not lines:
        if planned.beats:
            _write_beats(edits, block, planned, ways, margin)
        return True
    if not _same_beats(lines, planned):
        return False
    for each, beat in ways.items():
        if not lines[each].keyframes:
            place = lines[each].side("enters")
            above = place.location if place is not None else _head(lines[each])
            edits.insert_after(above.end_line, list(_keyframe_lines(beat, _below(lines[each], margin))))
    return True


def _write_beats(
    edits: Edits, block: Block, planned: PlannedScene, ways: Mapping[int, PlannedBeat], margin: int
) -> None:
    above = max((item.location.end_line for item in block.body), default=block.kind.location.end_line)
    new = [""] if block.body else []
    for each, beat in enumerate(planned.beats):
        new.append(" " * margin + " ".join([beat.entity, *([beat.motion] if beat.motion else []), _span(beat)]))
        if each in ways:
            new += _keyframe_lines(ways[each], 2 * margin)
    edits.insert_after(above, new)


def _write_keyframe(edits: Edits, line: BeatLine, frame: KeyFrame) -> None:
    written = {item.one(Time).seconds: item for item in reversed(line.keyframes)}
    same = next((item for at, item in written.items() if abs(at - frame.at) < _SAME_TIME), None)
    if same is not None:
        place = same.place.location
        edits.replace(place.line, place.column, place.end_column, _box(frame.box))
        return
    before = max((at for at in written if at < frame.at), default=None)
    above = written[before].location if before is not None else _head(line)
    margin = line.keyframes[0].location.column - 1
    edits.insert_after(above.end_line, [" " * margin + _keyframe(frame)])


def write_source(edits: Edits, block: Block, source: Source) -> None:
    """Write into a scene where its fill is from, in place of what it says of that."""
    old = source_of(block)
    if old is not None:
        edits.replace(old.location.line, old.location.column, old.location.end_column, source.line)
    else:
        edits.insert_after(block.kind.location.line, [" " * (_indent(block, 0) or 2) + source.line])


def source_of(block: Block) -> Property | None:
    """The line ``from`` of a scene."""
    return next((item for item in block.properties() if item.word.text == "from"), None)


def seed_of(block: Block) -> Property | None:
    """The line ``seed`` of a scene."""
    return next((item for item in block.properties() if item.word.text == "seed"), None)


def write_seed(edits: Edits, block: Block, seed: Property | None) -> None:
    """Give a scene the seed that another has, or none, in place of its own."""
    words = "" if seed is None else f"seed {number(seed.one(Number).value)}"
    old = seed_of(block)
    if old is not None:
        # Where it goes, a comment behind it stays, and the line.
        edits.replace(old.location.line, old.location.column, old.location.end_column, words)
    elif words:
        above = source_of(block)
        line = above.location.line if above is not None else block.kind.location.line
        edits.insert_after(line, [" " * (_indent(block, 0) or 2) + words])


def fill_scene(edits: Edits, block: Block, planned: PlannedScene, unit: int) -> None:
    """Write into a scene what ``planned`` has and it lacks; a level is indented by ``unit`` blanks."""
    body = _indent(block, unit)
    margin = " " * body
    head = block.kind.location.line
    properties = {item.word.text: item for item in block.body if isinstance(item, Property)}
    if "background" not in properties and "in" not in properties:
        edits.insert_after(head, [f"{margin}background {quoted(planned.background)}"])
    if "narration" not in properties:
        above = properties["background"].location.end_line if "background" in properties else head
        edits.insert_after(above, [f"{margin}narration {quoted(planned.narration)}"])
    lines = [item for item in block.body if isinstance(item, BeatLine)]
    if not lines:
        last = max((item.location.end_line for item in block.body), default=head)
        new = [line for beat in planned.beats for line in _beat_lines(beat, body, body)]
        if new:
            edits.insert_after(last, ["", *new])
    for line, made in zip(lines, planned.beats, strict=False):
        _fill_beat(edits, line, made, body)


def _fill_beat(edits: Edits, line: BeatLine, made: PlannedBeat, body: int) -> None:
    inner = (line.motion or line.entity).location
    words = f" {made.motion}" if line.motion is None and made.motion else ""
    words += f" {_span(made)}" if line.span is None else ""
    last = _head(line)
    description = f" {quoted(made.description)}" if line.description is None else ""
    if line.span is None and line.description is None:
        words, description = words + description, ""
    if words:
        edits.replace(inner.end_line, inner.end_column, inner.end_column, words)
    if description:
        edits.replace(last.end_line, last.end_column, last.end_column, description)
    if not line.keyframes:
        margin = " " * _below(line, body)
        above = entering.location if (entering := line.side("enters")) is not None else last
        edits.insert_after(above.end_line, [margin + _keyframe(frame) for frame in told_frames(line, made)])


def told_frames(line: BeatLine, made: PlannedBeat) -> tuple[KeyFrame, ...]:
    """The key frames of a planned beat that its line doesn't say already by ``enters`` or ``leaves``."""
    told = [made.start] if line.side("enters") else []
    told += [made.end] if line.side("leaves") else []
    return tuple(frame for frame in made.keyframes if all(abs(frame.at - at) >= _SAME_TIME for at in told))


def _unsaid(lines: Sequence[BeatLine], beats: Sequence[PlannedBeat]) -> list[PlannedBeat]:
    """The planned beats without the key frames that their lines, if there are any, say by ``enters`` or ``leaves``."""
    if len(lines) != len(beats):
        return list(beats)
    return [
        beat.model_copy(update={"keyframes": told_frames(line, beat)}) for line, beat in zip(lines, beats, strict=True)
    ]


def _side_at(line: BeatLine, beat: PlannedBeat, at: float) -> Property | None:
    """The line ``enters`` or ``leaves`` of a beat that says where it is at a time."""
    for side, time in ((line.side("enters"), beat.start), (line.side("leaves"), beat.end)):
        if side is not None and abs(time - at) < _SAME_TIME:
            return side
    return None


def _head(line: BeatLine) -> Location:
    """The last part of a beat's own line."""
    parts = [part for part in (line.entity, line.motion, line.span, line.description) if part is not None]
    return parts[-1].location


def _below(line: BeatLine, unit: int) -> int:
    """Blanks before the key frames of a beat that has none yet."""
    return line.parts[0].location.column - 1 if line.parts else line.location.column - 1 + unit


def _pinned(beat: PlannedBeat) -> PlannedBeat:
    """A planned beat with the turns of its way alone."""
    return beat.model_copy(update={"keyframes": turns(beat.keyframes)})


def _with(beat: PlannedBeat, frame: KeyFrame) -> PlannedBeat:
    """A planned beat with the turns of its way and one more key frame, or with another one at its time."""
    others = [each for each in turns(beat.keyframes) if abs(each.at - frame.at) >= _SAME_TIME]
    return beat.model_copy(update={"keyframes": tuple(sorted([*others, frame], key=lambda each: each.at))})


def scene_lines(scene: PlannedScene, unit: int, source: Source | None = None) -> Iterator[str]:
    """A whole scene that no author wrote."""
    margin = " " * unit
    yield f"scene {scene.name}"
    if source is not None:
        yield f"{margin}{source.line}"
    yield f"{margin}background {quoted(scene.background)}"
    yield f"{margin}narration {quoted(scene.narration)}"
    yield ""
    for beat in scene.beats:
        yield from _beat_lines(beat, unit, unit)


def _beat_lines(beat: PlannedBeat, indent: int, unit: int) -> Iterator[str]:
    parts = [beat.entity, *([beat.motion] if beat.motion else []), _span(beat), quoted(beat.description)]
    yield " " * indent + " ".join(parts)
    yield from _keyframe_lines(beat, indent + unit)
    for saying in beat.says:
        due = f" at {number(saying.at)}s" if saying.at is not None else ""
        yield f"{' ' * (indent + unit)}says {quoted(saying.text)}{due}"


def _keyframe_lines(beat: PlannedBeat, indent: int) -> Iterator[str]:
    for frame in beat.keyframes:
        yield " " * indent + _keyframe(frame)


def _keyframe(frame: KeyFrame) -> str:
    return f"at {number(frame.at)}s {_box(frame.box)}"


def _span(beat: PlannedBeat) -> str:
    return f"{number(beat.start)}s..{number(beat.end)}s"


def _box(box: Box) -> str:
    return f"[{' '.join(map(number, (box.x0, box.y0, box.x1, box.y1)))}]"


def _indent(block: Block, default: int) -> int:
    """Blanks before the scene's own lines; ``default`` when it has none."""
    return block.body[0].location.column - 1 if block.body else default
