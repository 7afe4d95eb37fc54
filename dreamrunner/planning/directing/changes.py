"""What a director asks of a story's text, as values: each is one change, whatever it takes in the text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, lt=2**63)]
Words = Annotated[str, Field(max_length=20_000)]


class NotMade(Exception):
    """A change that can't be made, and why, in one line for people."""


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class SetFact(_Change):
    """A scene says something else, or with ``None`` or "" nothing, which leaves it to the planner."""

    do: Literal["fact"] = "fact"
    scene: str
    fact: Literal[
        "in", "background", "narration", "camera", "avoid", "duration", "seed", "takes", "transition", "music"
    ]
    value: Words | Seconds | None


class SetHeader(_Change):
    """The story's header says another voice of the narrator, or other music of all scenes without their own; "" takes
    it away."""

    do: Literal["header"] = "header"
    fact: Literal["voice", "music"]
    value: Words


class GiveVoice(_Change):
    """A character speaks with another voice; "" takes it away."""

    do: Literal["voice"] = "voice"
    entity: str
    voice: Words


class Describe(_Change):
    """The ``beat`` (from 0) of a scene gets another description; "" leaves it to the planner."""

    do: Literal["describe"] = "describe"
    scene: str
    beat: Number
    text: Words


class Say(_Change):
    """The ``beat`` (from 0) of a scene has another text as its line ``number`` (from 0) that is said, or one more where
    there is none of that number; "" leaves a line out."""

    do: Literal["say"] = "say"
    scene: str
    beat: Number
    number: Number
    text: Words


class Act(_Change):
    """The ``beat`` (from 0) of a scene gets another motion; "" leaves it to the planner."""

    do: Literal["act"] = "act"
    scene: str
    beat: Number
    motion: str


class Stretch(_Change):
    """The ``beat`` (from 0) of a scene takes another time, in seconds; its key frames go along in proportion, and
    so does what is said at a time."""

    do: Literal["span"] = "span"
    scene: str
    beat: Number
    start: Seconds
    end: Seconds


class Retime(_Change):
    """The key frame of a ``beat`` (from 0) at a time, in seconds, goes to another one."""

    do: Literal["retime"] = "retime"
    scene: str
    beat: Number
    at: Seconds
    to: Seconds


class Drop(_Change):
    """The key frame of a ``beat`` (from 0) at a time, in seconds, goes."""

    do: Literal["drop"] = "drop"
    scene: str
    beat: Number
    at: Seconds


class Add(_Change):
    """Somebody comes into a scene, and is declared where the story doesn't know the name."""

    do: Literal["add"] = "add"
    scene: str
    entity: str


class Remove(_Change):
    """Somebody is left out of a scene, with all beats there."""

    do: Literal["remove"] = "remove"
    scene: str
    entity: str


class Rename(_Change):
    """Somebody else, who is declared where the story doesn't know the name, does in a scene what somebody did."""

    do: Literal["rename"] = "rename"
    scene: str
    entity: str
    to: str


class AddScene(_Change):
    """A new scene behind another one, or with ``after`` empty before all."""

    do: Literal["add-scene"] = "add-scene"
    name: str
    after: str
    narration: Words = ""


class DeleteScene(_Change):
    """A scene goes, with its comments."""

    do: Literal["delete-scene"] = "delete-scene"
    scene: str


class MoveScene(_Change):
    """A scene goes before another one, or with ``before`` empty behind all."""

    do: Literal["move-scene"] = "move-scene"
    scene: str
    before: str


OfBeat = Describe | Say | Act | Stretch | Retime | Drop
"""Changes of one beat."""
OfCast = Add | Remove | Rename
"""Changes of who is in a scene."""
OfOrder = AddScene | DeleteScene | MoveScene
"""Changes of which scenes there are."""
OfSound = SetHeader | GiveVoice
"""Changes of what holds in all scenes."""
Change = Annotated[
    SetFact | OfBeat | OfCast | OfOrder | OfSound,
    Field(discriminator="do"),
]
