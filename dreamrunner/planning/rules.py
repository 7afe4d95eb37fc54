"""The offline planner: what a story leaves open, answered from its own words.

Every function is pure and uses no chance: the same story gives the same plan on every machine. It reads English
narrations by rules and makes modest choices; a chat model makes better ones.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from dreamrunner.files.text import in_words
from dreamrunner.language.story import MISSING, Beat, Missing, Scene, Span, Story
from dreamrunner.planning.drawable import drawable_places, draws_place
from dreamrunner.planning.english.lexicon import (
    described_as,
    in_place,
    ing_phrase,
    sentence,
    size_word,
    usual_size,
)
from dreamrunner.planning.english.word_forms import name_with_article
from dreamrunner.planning.narration import mentions as reading
from dreamrunner.planning.narration.events import Change, Event, Telling
from dreamrunner.planning.narration.reader import read_telling
from dreamrunner.planning.narration.schedule import Act, acts
from dreamrunner.planning.planner import MOST_MOTIONS
from dreamrunner.planning.spans import SHORTEST, by_entity

NEUTRAL_BACKGROUND = "a meadow under a blue sky"
AT_HOME = "a cosy room"
DEFAULT_MOTION = "standing"
GOING = "walking"

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
    topic names is where the story begins and ends; the others are such as the story's model can draw.
    """
    topic = story.topic or ""
    names = [character.name for character in story.characters]
    cast = [*dict.fromkeys([*reading.named(topic, names), *names])]
    motions = [motion.name for motion in story.motions] or list(_COMMON_MOTIONS)
    home = reading.place(topic, draws_place(story))
    scenes = []
    places = drawable_places(story, [place for _, place in _OUTLINE])
    for number, ((name, _), place) in enumerate(zip(_OUTLINE, places, strict=True)):
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
    ``acts``: what each entity that can be in the scene does from its begin to its end, by entity.
    ``named``: the entities that the narration has in the picture, and those that the background names, in that order.
    ``speaker``: the character that "she" or "he" stands for before anyone is named.
    """

    telling: Telling
    acts: Mapping[str, tuple[Act, ...]]
    named: tuple[str, ...]
    speaker: str | None


def read_scene(story: Story, scene: Scene, before: Sequence[str]) -> SceneReading:
    """Read a scene's narration. ``before`` are the entities of the scene before: "she" at the beginning is the first
    character among them. A narration of more steps than the scene has time for is thinned out."""
    characters = [character.name for character in story.characters]
    entities = [*characters, *(prop.name for prop in story.props)]
    speaker, text = pronoun(story, before), scene.narration or ""
    telling = read_telling(
        text, entities, characters, [motion.name for motion in story.motions], speaker, looks_of(story)
    )
    telling = telling.in_steps(max(1, int(scene.seconds / SHORTEST)))
    named = (*dict.fromkeys([*telling.present, *reading.named(scene.background or "", entities)]),)
    here = dict.fromkeys([*characters[:2], *named, *(beat.entity for beat in scene.beats)])
    here |= dict.fromkeys(event.entity for event in telling.events)
    return SceneReading(
        telling=telling,
        acts=acts(here, telling, set(characters)),
        named=named,
        speaker=speaker,
    )


def cast(story: Story, scene: Scene, read: SceneReading) -> tuple[Beat, ...]:
    """Give a scene without beats its beats: the entities that its narration has in the picture or its background names.

    A scene without a narration gets two characters; one whose narration has nobody is its place alone. Every one does
    what the narration has it do and when, and waits meanwhile; what changes gets a beat a second, each with its own
    description. Of motions beyond :data:`MOST_MOTIONS` in a scene nothing is filmed: who does them stands.
    """
    characters = dict.fromkeys(character.name for character in story.characters)
    telling, named = read.telling, dict.fromkeys(read.named)
    acting = dict.fromkeys(event.entity for event in telling.events)
    first = [read.speaker] if read.speaker in acting and read.speaker not in named else []
    found = list(dict.fromkeys([*first, *named, *acting]))
    if not found and not (scene.narration or "").strip():
        found = list(characters)[:2]
    duration = scene.seconds
    motions = [DEFAULT_MOTION]
    beats: list[Beat] = []
    for name in found:
        acts = read.acts[name]
        for act in acts:
            span = act.span(telling.steps, duration)
            motion = (act.event.motion or DEFAULT_MOTION) if name in characters else None
            if motion is not None and motion not in motions:
                if len(motions) > MOST_MOTIONS:
                    motion = DEFAULT_MOTION
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
    looks = looks_of(story).get(name) or name_with_article(name)
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
    does yet, else it stands, or walks where the beat lets it come into the picture or go out of it. Beats of props have
    ``None``.
    """
    characters = {character.name for character in story.characters}
    written = {(beat.entity, beat.motion) for beat in scene.beats if beat.motion}
    left: dict[str, dict[str, None]] = {}
    for event in read.telling.events:
        if event.motion and (event.entity, event.motion) not in written:
            left.setdefault(event.entity, {})[event.motion] = None
    known = [motion.name for motion in story.motions]
    given: list[str | None] = []
    for beat in scene.beats:
        if beat.motion is not MISSING:
            given.append(beat.motion)
        elif beat.entity not in characters:
            given.append(None)
        else:
            described = reading.doing(beat.description or "", known)
            open_ones = left.get(beat.entity, {})
            usual = GOING if beat.enters is not None or beat.leaves is not None else DEFAULT_MOTION
            motion = described or next(iter(open_ones), usual)
            open_ones.pop(motion, None)
            given.append(motion)
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
    """What the narration says of every beat; see :func:`acts_of_beats`."""
    found: list[Event | None] = []
    for beat, (act, same) in zip(scene.beats, acts_of_beats(scene, read, duration), strict=True):
        event = act.event
        if not same and beat.motion is not None and event.path is not None:
            event = replace(event, path=None)  # another motion doesn't take the way that the narration tells
        found.append(event)
    return tuple(found)


def acts_of_beats(scene: Scene, read: SceneReading, duration: float) -> tuple[tuple[Act, bool], ...]:
    """The act of the narration that every beat shows, and whether it has the beat's motion: the one of the same
    motion, else the one at the same time."""
    acts_by: dict[tuple[str, str], list[Act]] = {}
    for entity, every in read.acts.items():
        for act in every:
            acts_by.setdefault((entity, act.event.motion), []).append(act)
    found: list[tuple[Act, bool]] = []
    for beat in scene.beats:
        same = acts_by.get((beat.entity, beat.motion)) if beat.motion else None
        own = beat.span
        assert isinstance(own, Span), "every beat has its span before its boxes"
        found.append((_at_the_time(same or read.acts[beat.entity], own, read.telling.steps, duration), bool(same)))
    return tuple(found)


def _at_the_time(acts: Sequence[Act], own: Span, steps: int, duration: float) -> Act:
    """Of acts one after the other the one with the most time in common with a span, or the nearest."""

    def shared(act: Act) -> float:
        span = act.span(steps, duration)
        return min(span.end, own.end) - max(span.start, own.start)

    first = bisect.bisect_left(acts, own.start * steps / duration, key=lambda act: act.end)
    last = bisect.bisect_right(acts, own.end * steps / duration, key=lambda act: act.start)
    return max(acts[max(0, first - 1) : last + 1], key=shared)


def sizes(story: Story, read: SceneReading) -> Mapping[str, float]:
    """How large those in a scene are that a usual size is known of, or a word of size is said of; 1 is a person's."""
    said = read.telling.sizes
    found = {}
    for thing in story.entities:
        if thing.name not in read.acts:
            continue
        looks = re.split(r" (?:with|in|and|wearing|on|of) |,", thing.looks or "")[0]
        usual = usual_size(looks) or usual_size(in_words(thing.name))
        word = next((size for word in looks.lower().split() if (size := size_word(word)) is not None), None)
        factor = said.get(thing.name, word)
        if usual is not None or factor is not None:
            found[thing.name] = min(max((usual or 1.0) * (factor or 1.0), 0.4), 1.5)
    for large, small in read.telling.larger:
        if found.get(large, 1.0) <= found.get(small, 1.0):
            found[large], found[small] = max(found.get(large, 1.0), 1.2), min(found.get(small, 1.0), 0.8)
    return found


def background(story: Story, scene: Scene, before: str | None) -> str:
    """Describe where a scene without a background is: as its narration or its name says, else as ``before``, the
    scene before; else as the topic says; else in a neutral place. Of several places that a text names alike, and for
    the neutral one, those that the story's model can draw go first."""
    draws = draws_place(story)
    found = place_told(scene, draws) or before or reading.place(story.topic or "", draws)
    return found or drawable_places(story, [NEUTRAL_BACKGROUND])[0]


def place_told(scene: Scene, draws: Callable[[str], bool]) -> str | None:
    """Where a scene is, as a background: as its narration or its name says; None where neither does. Of several places
    one that ``draws`` is true of goes first."""
    text = scene.narration or ""
    at_home = AT_HOME if "home" in reading.tokens(text) else None
    return reading.place(text, draws) or reading.place(in_words(scene.name), draws) or at_home


def looks_of(story: Story) -> Mapping[str, str]:
    """How everybody looks, where the story says so."""
    return {thing.name: thing.looks for thing in story.entities if thing.looks}


def description(looks: Mapping[str, str], entity: str, motion: str | None, way: int = 0) -> str:
    """Describe an entity by its looks and what it does: "a small black cat, sitting".

    ``looks`` are those of :func:`looks_of`. ``way`` is -1 for one that goes leftwards and 1 for rightwards, which is
    said unless the motion's name does.
    """
    words = looks.get(entity, "").strip() or name_with_article(entity)
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
