"""The one way from a text and a director's change to the new text.

Only the lines that a change is about change. Where the planner laid out what is changed, that is written down first, as
it was seen: who is there, and the boxes that the change moves in time.
"""

from __future__ import annotations

from collections.abc import Collection

from dreamrunner.planning.boxes.simplify import turns
from dreamrunner.planning.directing.beats import change_beat, stretched
from dreamrunner.planning.directing.cast import change_cast
from dreamrunner.planning.directing.changes import (
    Act,
    Add,
    AddScene,
    Change,
    DeleteScene,
    Describe,
    Drop,
    GiveVoice,
    MoveScene,
    NotMade,
    Remove,
    Rename,
    Retime,
    Say,
    SetFact,
    SetHeader,
    Stretch,
)
from dreamrunner.planning.directing.facts import set_fact
from dreamrunner.planning.directing.scenes import change_order
from dreamrunner.planning.directing.sound import give_voice, set_header
from dreamrunner.planning.plan import PlannedScene
from dreamrunner.planning.written.edits import pin_ways

_MARK = "\ufeff"


def direct(
    text: str,
    change: Change,
    planned: PlannedScene | None = None,
    *,
    known: Collection[str] = (),
    pinned: Collection[int] = (),
) -> str:
    """The whole of ``text`` with a change made; everything that it isn't about stays byte for byte.

    Args:
        text: a file of a story, with or without mistakes.
        change: what is asked.
        planned: the scene as it is seen, where the change is about who does what in one. Its beats are those of the
            text, or the planner's where the text has none.
        known: the declared characters and props.
        pinned: beats, by their position, whose boxes are written down as they are seen, where none of theirs is.

    Raises:
        NotMade: it can't be, and why.
    """
    mark = _MARK if text.startswith(_MARK) else ""
    text = text.removeprefix(_MARK)
    match change:
        case SetFact():
            return mark + set_fact(text, change)
        case SetHeader():
            return mark + set_header(text, change)
        case GiveVoice():
            return mark + give_voice(text, change, known)
        case AddScene() | DeleteScene() | MoveScene():
            return mark + change_order(text, change)
        case Describe() | Say() | Act() | Stretch() | Retime() | Drop():
            if planned is None or change.beat >= len(planned.beats):
                raise NotMade(f"there is no such beat in scene `{change.scene}`")
            own = {change.beat} if isinstance(change, Retime | Drop) else set()
            return mark + change_beat(_written(text, planned, {*pinned} | own), change, planned)
        case Add() | Remove() | Rename():
            if planned is not None:
                text = _written(text, planned, pinned)
            return mark + change_cast(text, change, known)


def seen_after(change: Change, planned: PlannedScene) -> PlannedScene | None:
    """The scene as it is to be seen once a change of one beat is made; None where the planner lays it out anew."""
    match change:
        case Describe() | Say() | Act():
            return planned
        case Stretch(beat=number, start=start, end=end):
            beat = planned.beats[number]
            frames = (
                frame.__class__(stretched(frame.at, beat, start, end), frame.box) for frame in turns(beat.keyframes)
            )
            made = beat.model_copy(update={"keyframes": tuple(frames), "start": start, "end": end})
            return planned.model_copy(update={"beats": (*planned.beats[:number], made, *planned.beats[number + 1 :])})
        case Retime() | Drop():
            return planned
    return None


def _written(text: str, planned: PlannedScene, pinned: Collection[int]) -> str:
    """The text with the beats of a scene written, and with the boxes of some of them."""
    new = pin_ways(text, planned, pinned)
    if new is None:
        raise NotMade(
            f"scene `{planned.name}` is not written in the text: the planner made it up;"
            " `dreamrunner plan --write` writes such scenes into the story"
        )
    return new
