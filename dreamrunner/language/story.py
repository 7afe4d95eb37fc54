"""The checked story: what an author wrote, names resolved, nothing invented.

Whatever the author left out is :data:`MISSING`, never ``None``; ``None`` means "known to have none".
Locations never take part in comparisons, so two stories are equal when they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Literal

from dreamrunner.backbones.family import CLIP_SECONDS, Expert
from dreamrunner.backbones.table import DEFAULT_MODEL
from dreamrunner.files.text import in_words
from dreamrunner.language.parts import CUT, KeyFrame, Saying, Transition
from dreamrunner.language.sides import Side


class Missing(Enum):
    """The type of :data:`MISSING`, a gap that the planner fills."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> Literal[False]:
        return False


MISSING = Missing.MISSING

PLANNERS = ("offline", "none")
"""The planners that come with the package. Any other name is a chat model's."""

LARGEST_SCALE = 10.0
"""How strong a LoRA can be asked to be at most; 1 is its own strength."""

LOUDEST = 2.0
"""How loud music can be asked to be at most; 1 is as loud as its file."""

USUAL_VOLUME = 0.4
"""How loud music is that does not say."""

MOST_TAKES = 100
"""Films of one scene that can be asked for at most."""

DEFAULT_DURATION = CLIP_SECONDS
"""Seconds of a scene that does not say how long it lasts (paper 3.1: six key frames, one a second)."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A stretch of a source file. Lines and columns count from 1; the end is exclusive."""

    file: Path
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text as its file has it: ``raw`` with its quotes, at ``location``."""

    raw: str
    location: Location


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a scene in seconds from its start; ``end`` is exclusive."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class LoraFile:
    """A trained LoRA that the author brings, with its scale. Of models with two networks to denoise it may be for the
    ``expert`` of ``high`` or ``low`` noise alone."""

    path: Path
    scale: float = 1.0
    expert: Expert = ""


@dataclass(frozen=True, slots=True)
class Music:
    """What is played, over and over where its scenes last longer, and how loud: 1 is as loud as the file, 0 silent."""

    path: Path
    volume: float = USUAL_VOLUME


@dataclass(frozen=True, slots=True)
class Character:
    """A named figure. ``images`` are the photos that its glob matched, sorted; of ``loras`` there is one, or one for
    each network of a model that has two. ``voice`` names who speaks its lines; empty where nobody is named.
    ``likeness`` names whose photos or LoRAs these are, where they are those of another one that it is made from."""

    name: str
    looks: str | Missing = MISSING
    images: tuple[Path, ...] = ()
    loras: tuple[LoraFile, ...] = ()
    location: Location | None = field(default=None, compare=False, repr=False)
    voice: str = ""
    likeness: str = ""


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing without a motion of its own."""

    name: str
    looks: str | Missing = MISSING
    location: Location | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """A place where scenes are, as ``location`` declares it; its fields are as a character's."""

    name: str
    looks: str | Missing = MISSING
    images: tuple[Path, ...] = ()
    loras: tuple[LoraFile, ...] = ()
    location: Location | None = field(default=None, compare=False, repr=False)
    likeness: str = ""

    @property
    def shows(self) -> str:
        """What the background of its scenes shows: its looks, or what it is called where it has none."""
        return self.looks.strip().rstrip(".,; ") if self.looks else f"the {in_words(self.name)}"


@dataclass(frozen=True, slots=True)
class Motion:
    """A way to move. ``query`` is MISSING unless written: it defaults to "person is <motion>"; ``loras`` are as a
    character's."""

    name: str
    query: str | Missing = MISSING
    clips: tuple[Path, ...] = ()
    loras: tuple[LoraFile, ...] = ()
    location: Location | None = field(default=None, compare=False, repr=False)

    @property
    def phrase(self) -> str:
        """The motion in words: ``stirring-a-pot`` is "stirring a pot"."""
        return in_words(self.name)


@dataclass(frozen=True, slots=True)
class Beat:
    """What one entity does for a while in a scene.

    ``motion`` is a motion's name, MISSING for a character whose motion is not said, and ``None`` for a prop. ``says``
    is what is said, in the order of the text.
    ``enters`` is the side by which it comes into the picture when the beat begins, ``leaves`` the one by which it goes
    out as the beat ends.
    """

    entity: str
    motion: str | Missing | None = MISSING
    span: Span | Missing = MISSING
    description: str | Missing = MISSING
    keyframes: tuple[KeyFrame, ...] = ()
    location: Location | None = field(default=None, compare=False, repr=False)
    says: tuple[Saying, ...] = ()
    enters: Side | None = None
    leaves: Side | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """One shot of the film, ``duration`` seconds long.

    ``music`` is its own, None where it is the story's. ``setting`` names the location that it is in, whose looks are
    part of its ``background``. ``takes`` says how many films of it the author wants to choose from. ``quoted`` is the
    narration as the file has it, ``shown`` where its background stands. In a filled story, ``filled_from`` is the hash
    of the authored scene and ``filled_by`` the planner that filled it.
    """

    name: str
    background: str | Missing = MISSING
    narration: str | Missing = MISSING
    duration: float | Missing = MISSING
    transition: Transition = CUT
    avoid: str = ""
    camera: str = ""
    seed: int | Missing = MISSING
    beats: tuple[Beat, ...] = ()
    filled_from: str = ""
    filled_by: str = ""
    location: Location | None = field(default=None, compare=False, repr=False)
    quoted: Quoted | None = field(default=None, compare=False, repr=False)
    shown: Location | None = field(default=None, compare=False, repr=False)
    music: Music | None = None
    setting: str = ""
    takes: int = 1

    @property
    def seconds(self) -> float:
        """How long it lasts: as written, else the usual six seconds, or longer if its written spans are."""
        if not isinstance(self.duration, Missing):
            return self.duration
        return max([DEFAULT_DURATION, *(beat.span.end for beat in self.beats if isinstance(beat.span, Span))])


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment ``# ignore: CODE reason``.

    ``code``: the warning that is not told.
    ``location``: where the comment stands.
    ``lines``: the first and the last line that it is about.
    ``whole``: what goes with it when it is taken away: its line, or the blanks before it.
    ``heeded``: whether it has kept a warning from being told.
    """

    code: str
    location: Location
    lines: tuple[int, int]
    whole: Location
    heeded: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A checked story. ``path`` is the file it was read from; paths inside are resolved against it.

    ``motions`` holds the declared ones and, after them, those that beats name without declaring. ``catalog`` names the
    video catalog that motions are searched in, as written; empty for the usual one, ``none`` for none. ``loras`` work
    in the whole picture. ``settings`` are the declared locations. ``ignores`` are the warnings that the author has
    answered. ``voice`` names who reads the narrations, empty where they are only shown; ``music`` is that of scenes
    without their own.
    """

    path: Path
    title: str
    language: int = 1
    topic: str | Missing = MISSING
    style: str = ""
    model: str = DEFAULT_MODEL
    seed: int = 0
    planner: str = "offline"
    size: tuple[int, int] | Missing = MISSING
    characters: tuple[Character, ...] = ()
    props: tuple[Prop, ...] = ()
    motions: tuple[Motion, ...] = ()
    scenes: tuple[Scene, ...] = ()
    catalog: str = ""
    loras: tuple[LoraFile, ...] = ()
    takes: int = 1
    ignores: tuple[Ignore, ...] = field(default=(), compare=False, repr=False)
    voice: str = ""
    music: Music | None = None
    settings: tuple[Setting, ...] = ()

    @property
    def pictured(self) -> tuple[Character | Setting, ...]:
        """Of whom and of what a story can bring photos: the characters, then the locations."""
        return (*self.characters, *self.settings)

    @property
    def entities(self) -> tuple[Character | Prop, ...]:
        """Whom and what a scene can show: the characters, then the props."""
        return (*self.characters, *self.props)


def motion_query(motion: Motion) -> str:
    """What to search a video catalog for: the motion's query, or "person is <motion in words>" (paper 3.2)."""
    return motion.query if isinstance(motion.query, str) else f"person is {motion.phrase}"
