"""A filled story that was edited by hand, put together with a story whose author went on writing: with all that the
language can say."""

from __future__ import annotations

from pathlib import Path

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from dreamrunner.language import check_text
from dreamrunner.language.checker import Valid
from dreamrunner.language.edits import Edits
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.syntax import BeatLine, Block, BoxNumbers, Property
from dreamrunner.planning import filled_path
from dreamrunner.planning.written.edits import scene_blocks
from dreamrunner.planning.written.file import Draft, draft
from dreamrunner.planning.written.kept import Kept
from dreamrunner.planning.written.plan_file import FilledFile, fill_in, plan_draft
from tests.material.generated_stories import LOCATIONS, SIDES, SOUP, stories

FILE = Path("any.story")
HAND = "made by hand"
TARGET = filled_path(FILE)


def checked(text: str) -> Valid:
    found = check_text(text, FILE)
    assume(isinstance(found, Valid))
    return found


def planned(text: str, kept: str | None = None) -> FilledFile:
    begun = draft(checked(text), Kept.of(kept, TARGET) if kept is not None else None)
    assert isinstance(begun, Draft), begun
    made = plan_draft(begun)
    assume(isinstance(made, FilledFile))
    return made


@st.composite
def edited_by_hand(draw: st.DrawFn, filled: str, written: str) -> tuple[str, dict[str, bool]]:
    """A filled story in which somebody changed what a planner said, and the scenes where: whether that is the
    background."""
    edits, touched = Edits.of(filled), dict[str, bool]()
    own = {block.name.text: block for block in scene_blocks(parse(written, FILE).syntax)}
    for block in scene_blocks(parse(filled, TARGET).syntax):
        before = own[block.name.text]
        said = {item.word.text for item in before.properties()}
        lines = [item for item in before.body if isinstance(item, BeatLine)]
        shown = [item.values[0].location for item in block.properties() if item.word.text == "background"]
        places = [] if "background" in said else [*shown]
        for number, line in enumerate(item for item in block.body if isinstance(item, BeatLine)):
            theirs = lines[number] if number < len(lines) else None
            if theirs is None or theirs.description is None:
                places.append(line.description.location)
        if places and draw(st.booleans()):
            place = draw(st.sampled_from(places))
            edits.replace_stretch(place, f'"{HAND}"')
            touched[block.name.text] = place in shown
    return edits.result(), touched


def _scene_lines(block: Block, located: bool) -> list[str]:
    """What could be said of a scene that it doesn't say."""
    lines = [
        "takes 3",
        "duration auto",
        "duration 12s",
        "transition fade 0.5s",
        'camera "slow push in"',
        'avoid "rain"',
    ]
    lines += [f'music "{SOUP.relative_to(Path.cwd()).as_posix()}" 0.2'] if SOUP.is_relative_to(Path.cwd()) else []
    lines += [f"in {name}" for name in LOCATIONS] if located else []
    said = {item.word.text for item in block.properties()}
    return [line for line in lines if line.split()[0] not in said]


@st.composite
def written_on(draw: st.DrawFn, text: str) -> str:
    """A story whose author says more of some scenes."""
    edits, syntax = Edits.of(text), parse(text, FILE).syntax
    located = any(block.kind.text == "location" for block in syntax.blocks)
    for block in scene_blocks(syntax):
        more = draw(st.sampled_from(["", *_scene_lines(block, located)]))
        margin = " " * (block.body[0].location.column - 1 if block.body else 2)
        if more:
            edits.insert_after(block.kind.location.line, [margin + more])
        for line in block.body:
            if isinstance(line, BeatLine) and draw(st.integers(0, 2)) == 0:
                parts = [part for part in (line.entity, line.motion, line.span, line.description) if part is not None]
                column = line.parts[0].location.column - 1 if line.parts else line.location.column + 1
                side = draw(st.sampled_from(SIDES))
                under = draw(st.sampled_from(['says "More!"', 'says "Now!" at 1s', f"enters {side}", f"leaves {side}"]))
                edits.insert_after(parts[-1].location.end_line, [" " * column + under])
    return edits.result()


def facts(block: Block) -> list[tuple[object, ...]]:
    """What an author says of a scene beside what is filled: its properties, and what stands under each of its beats."""

    def said(item: Property) -> tuple[object, ...]:
        values = [
            tuple(number.value for number in value.numbers)
            if isinstance(value, BoxNumbers)
            else next(getattr(value, name) for name in ("value", "seconds", "text") if hasattr(value, name))
            for value in item.values
        ]
        return item.word.text, *values

    found = [said(item) for item in block.properties() if item.word.text != "from"]
    for number, line in enumerate(item for item in block.body if isinstance(item, BeatLine)):
        found += [(str(number), line.entity.text, *said(part)) for part in line.parts]
    return found


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_edits_by_hand_and_what_the_author_writes_meanwhile_stay(data: st.DataObject) -> None:
    text = data.draw(stories())
    assume(checked(text).story.scenes)
    filled = planned(text).text
    assert planned(text, filled).text == filled
    edited, touched = data.draw(edited_by_hand(filled, text))
    again = planned(text, edited)
    assert (again.text, {*again.edited}, again.replaced) == (edited, {*touched}, ())
    # Written back into the story, it says what it said.
    back = fill_in(again)
    assert isinstance(back, str) and check_text(back, FILE).story is not None
    new = data.draw(written_on(text))
    checked(new)
    made = planned(new, edited)
    # Nothing that anybody edited goes without a word, and what was kept is there.
    assert {*made.edited, *made.replaced} == {*touched}
    event(f"kept {len(made.edited)}, replaced {len(made.replaced)}")
    own = {block.name.text: block for block in scene_blocks(parse(new, FILE).syntax)}
    rest = {block.name.text: block for block in scene_blocks(parse(made.text, TARGET).syntax)}
    for name in made.edited:
        # Where a scene is may have become the author's to say.
        theirs = touched[name] and any(item.word.text == "in" for item in own[name].properties())
        assert theirs or HAND in repr(rest[name])
    # What the author says is said, and it can be read.
    for block in rest.values():
        left = facts(block)
        for fact in facts(own[block.name.text]):
            assert fact in left, fact
            left.remove(fact)
    result = check_text(made.text, TARGET)
    assert result.story is not None
    # It is settled: filled again it stays, and planned by itself it is the same film.
    once = planned(new, made.text)
    assert once.text == made.text and {*once.edited} == {*made.edited}
    assert format_text(made.text, TARGET).text == made.text
    by_itself = plan_draft(draft(result, None))
    assert isinstance(by_itself, FilledFile) and by_itself.plan.scenes == made.plan.scenes
