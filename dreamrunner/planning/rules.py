"""The offline planner: what a story leaves open, answered from its own words.

Every function is pure and uses no chance: the same story gives the same plan on every machine. It reads English
narrations by rules and makes modest choices; a chat model makes better ones.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from dreamrunner.files.text import in_words
from dreamrunner.language.story import MISSING, Beat, Missing, Scene, Span, Story
from dreamrunner.planning.narration import mentions as reading
from dreamrunner.planning.narration.clauses import read_telling
from dreamrunner.planning.narration.events import Change, Event, Telling
from dreamrunner.planning.narration.lexicon import (
    described_as,
    in_place,
    ing_phrase,
    sentence,
    size_word,
    usual_size,
)
from dreamrunner.planning.narration.schedule import Act, acts_of
from dreamrunner.planning.narration.word_forms import with_article
from dreamrunner.planning.planner import MOST_MOTIONS
from dreamrunner.planning.spans import by_entity

NEUTRAL_BACKGROUND = "a meadow under a blue sky"
AT_HOME = "a cosy room"
DEFAULT_MOTION = "standing"

_OUTLINE = (
    ("opening", "a meadow"),
    ("journey", "a forest"),
    ("meeting", "a village"),
    ("adventure", "a beach"),
    ("return", "a cosy room"),
    ("goodnight", "a garden at night"),
)
_COMMON_MOTIONS = ("walking", "waving", "jumping", "sitting", "dancing", "sleeping")


def outline(story: Story) -> tuple[Scene, ...]:
    """Write scenes for a story that has a topic and characters but no scenes: six, each with a place and a narration.

    The first character leads; the others take turns beside it. The declared motions take turns too. A place that the
    topic names is where the story begins and ends.
    """
    topic = story.topic or ""
    names = [character.name for character in story.characters]
    cast = [*dict.fromkeys([*reading.named(topic, names), *names])]
    motions = [motion.name for motion in story.motions] or list(_COMMON_MOTIONS)
    home = reading.place(topic)
    scenes = []
    for number, (name, place) in enumerate(_OUTLINE):
        if home and number in (0, len(_OUTLINE) - 1):
            place = home if number == 0 or "night" in home else f"{home} at night"
        motion = motions[number % len(motions)]
        beats = [Beat(cast[0], motion)]
        said = f"the {in_words(cast[0])} is {ing_phrase(motion)} {in_place(place)}"
        if len(cast) > 1 and number % 3:  # alone at first and again in the middle
            other = cast[1 + number % (len(cast) - 1)]
            others_motion = motions[(number + 1) % len(motions)]
            beats.append(Beat(other, others_motion))
            said += f", and the {in_words(other)} is {ing_phrase(others_motion)} nearby"
        elif story.props:
            beats.append(Beat(story.props[number // 3 % len(story.props)].name, None))
        scenes.append(Scene(name, background=place, narration=sentence(said), beats=tuple(beats)))
    return tuple(scenes)


@dataclass(frozen=True, slots=True)
class SceneReading:
    """What a scene's narration says; it is read once, and all that is filled of the scene goes by this.

    ``telling``: its events, steps and sizes.
    ``acts``: what each entity of the story does from the scene's begin to its end, by entity.
    ``named``: the entities that the narration or the background names, in that order.
    ``speaker``: the character that "she" or "he" stands for before anyone is named.
    ``place``: where it is, as a background: as the narration or the scene's name says; None where neither does.
    """

    telling: Telling
    acts: Mapping[str, tuple[Act, ...]]
    named: tuple[str, ...]
    speaker: str | None
    place: str | None


def read_scene(story: Story, scene: Scene, before: Sequence[str]) -> SceneReading:
    """Read a scene's narration. ``before`` are the entities of the scene before: "she" at the beginning is the first
    character among them."""
    characters = [character.name for character in story.characters]
    entities = [*characters, *(prop.name for prop in story.props)]
    speaker, text = pronoun(story, before), scene.narration or ""
    telling = read_telling(text, entities, characters, [motion.name for motion in story.motions], speaker)
    at_home = AT_HOME if "home" in reading.tokens(text) else None
    return SceneReading(
        telling=telling,
        acts={entity: acts_of(entity, telling, characters) for entity in entities},
        named=reading.named(_text(scene), entities),
        speaker=speaker,
        place=reading.place(text) or reading.place(in_words(scene.name)) or at_home,
    )


def cast(story: Story, scene: Scene, read: SceneReading) -> tuple[Beat, ...]:
    """Give a scene without beats its beats: the entities that its narration or background names, else two characters.

    Every one does what the narration has it do and when, and waits meanwhile; what changes gets a beat a second, each
    with its own description. Motions beyond :data:`MOST_MOTIONS` in a scene are left out.
    """
    characters = [character.name for character in story.characters]
    telling, found = read.telling, list(read.named)
    acting = [event.entity for event in telling.events]
    if read.speaker is not None and read.speaker not in found and read.speaker in acting:
        found.insert(0, read.speaker)
    found += [name for name in dict.fromkeys(acting) if name not in found]
    if not any(name in characters for name in found) and not any(event.entity in found for event in telling.events):
        found = characters[:2] + found
    duration = scene.seconds
    motions: list[str] = []
    beats: list[Beat] = []
    for name in found:
        acts = read.acts[name]
        for act in acts:
            span = act.span(telling.steps, duration)
            motion = (act.event.motion or DEFAULT_MOTION) if name in characters else None
            if motion is not None and motion not in motions:
                if len(motions) == MOST_MOTIONS:
                    motion = motions[-1] if DEFAULT_MOTION not in motions else DEFAULT_MOTION
                else:
                    motions.append(motion)
            if act.event.change is None:
                beats.append(Beat(name, motion, span if len(acts) > 1 or telling.steps > 1 else MISSING))
            else:
                beats += _changing(story, name, motion, span, act.event.change)
    return tuple(beats)


def _changing(story: Story, name: str, motion: str | None, span: Span, change: Change) -> Iterator[Beat]:
    """Beats of a second each, in which an entity turns from one thing into another."""
    edges = [span.start, *(float(second) for second in range(int(span.start) + 1, ceil(span.end))), span.end]
    noun = in_words(name)
    looks = {thing.name: thing.looks for thing in story.entities}.get(name) or with_article(noun)
    before = described_as(looks, noun, change.before) if change.before else looks
    after = described_as(looks, noun, change.after)
    steps = len(edges) - 1
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        share = number / max(1, steps - 1)
        if share == 0 and steps > 1:
            text = before
        elif share == 1 or steps == 1:
            text = after
        else:
            part = "a little" if share < 0.34 else "half" if share < 0.67 else "almost"
            text = (
                f"{before}, {part} turned {change.after}"
                if not change.before
                else f"{looks}, {part} turned from {change.before} to {change.after}"
            )
        yield Beat(name, motion, Span(start, end), f"{text}, {ing_phrase(motion)}" if motion else text)


def pronoun(story: Story, before: Sequence[str]) -> str | None:
    """The character that "she" or "he" stands for: the first character of the scene before, else the story's first."""
    characters = [character.name for character in story.characters]
    return next((name for name in before if name in characters), characters[0] if characters else None)


def motions(story: Story, scene: Scene, read: SceneReading) -> tuple[str | None, ...]:
    """Give every beat of a scene its motion; written ones come back as they are.

    A character does what the beat's own description says, else what the narration has it do and no other beat of it
    does yet, else it stands. Beats of props have ``None``.
    """
    characters = {character.name for character in story.characters}
    written = {(beat.entity, beat.motion) for beat in scene.beats if beat.motion}
    left: dict[str, list[str]] = {}
    for event in read.telling.events:
        open_ones = left.setdefault(event.entity, [])
        if event.motion and (event.entity, event.motion) not in written and event.motion not in open_ones:
            open_ones.append(event.motion)
    given: list[str | None] = []
    for beat in scene.beats:
        if beat.motion is not MISSING:
            given.append(beat.motion)
        elif beat.entity not in characters:
            given.append(None)
        else:
            described = reading.doing(beat.description or "", [motion.name for motion in story.motions])
            open_ones = left.get(beat.entity, [])
            if described in open_ones:
                open_ones.remove(described)
            given.append(described or (open_ones.pop(0) if open_ones else DEFAULT_MOTION))
    return tuple(given)


def spans(scene: Scene, read: SceneReading, duration: float) -> tuple[Span | Missing, ...]:
    """When the beats of a scene happen whose entities have no written span, as far as the narration says."""
    telling = read.telling
    found: list[Span | Missing] = [beat.span for beat in scene.beats]
    for entity, positions in by_entity([beat.entity for beat in scene.beats]).items():
        acts = read.acts[entity]
        said = [act.event.motion or None for act in acts]
        missing = all(found[position] is MISSING for position in positions)
        if telling.steps > 1 and missing and said == [scene.beats[position].motion for position in positions]:
            for position, act in zip(positions, acts, strict=True):
                found[position] = act.span(telling.steps, duration)
    return tuple(found)


def events(scene: Scene, read: SceneReading, duration: float) -> tuple[Event | None, ...]:
    """What the narration says of every beat: the act of the same motion, else the one at the same time."""
    telling = read.telling
    found: list[Event | None] = []
    for beat in scene.beats:
        acts = read.acts[beat.entity]
        same = [act for act in acts if act.event.motion and act.event.motion == beat.motion]
        spans = [(act, act.span(telling.steps, duration)) for act in (same or acts)]
        own = beat.span
        assert isinstance(own, Span), "every beat has its span before its boxes"
        act, _ = max(spans, key=lambda item: min(item[1].end, own.end) - max(item[1].start, own.start))
        event = act.event
        if not same and beat.motion is not None and event.path is not None:
            event = replace(event, path=None)  # another motion doesn't take the way that the narration tells
        found.append(event)
    return tuple(found)


def sizes(story: Story, read: SceneReading) -> Mapping[str, float]:
    """How large everybody is that a usual size is known of, or a word of size is said of; 1 is a person's."""
    said = read.telling.sizes
    found = {}
    for thing in story.entities:
        looks = re.split(r" (?:with|in|and|wearing|on|of) |,", thing.looks or "")[0]
        usual = usual_size(looks) or usual_size(in_words(thing.name))
        word = next((size for word in looks.lower().split() if (size := size_word(word)) is not None), None)
        factor = said.get(thing.name, word)
        if usual is not None or factor is not None:
            found[thing.name] = min(max((usual or 1.0) * (factor or 1.0), 0.4), 1.5)
    return found


def background(story: Story, read: SceneReading, before: str | None) -> str:
    """Describe where a scene without a background is: as its narration or its name says, else as ``before``, the
    scene before; else as the topic says; else in a neutral place."""
    return read.place or before or reading.place(story.topic or "") or NEUTRAL_BACKGROUND


def description(story: Story, entity: str, motion: str | None, way: int = 0) -> str:
    """Describe an entity by its looks and what it does: "a small black cat, sitting".

    ``way`` is -1 for one that goes leftwards and 1 for rightwards, which is said unless the motion's name does.
    """
    looks: Mapping[str, str | Missing] = {thing.name: thing.looks for thing in story.entities}
    words = (looks.get(entity) or "").strip() or with_article(in_words(entity))
    if not motion:
        return words
    doing = ing_phrase(motion)
    if way and not {"left", "leftwards", "right", "rightwards"}.intersection(doing.split()):
        doing += " leftwards" if way < 0 else " rightwards"
    return f"{words}, {doing}"


def narration(descriptions: Sequence[str], place: str) -> str:
    """Tell a scene without a narration: what its beats describe, each once, or else only the place."""
    different = dict.fromkeys(text for text in descriptions if text.strip())
    return " ".join(map(sentence, different or [place]))


def _text(scene: Scene) -> str:
    return ". ".join(part for part in (scene.narration, scene.background) if part)
