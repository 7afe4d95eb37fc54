"""The offline planner: what a story leaves open, answered from its own words.

Every function is pure and uses no chance: the same story gives the same plan on every machine. It reads English
narrations by rules and makes modest choices; a chat model makes better ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dreamrunner.language.story import MISSING, Beat, Missing, Scene, Story
from dreamrunner.planning import narration as reading
from dreamrunner.planning.words import gerund_phrase, in_place, in_words, sentence, with_article

NEUTRAL_BACKGROUND = "a meadow under a blue sky"
AT_HOME = "a cosy room"
DEFAULT_MOTION = "standing"
MOST_MOTIONS = 2
"""Motions of one character in a scene without beats (paper 3.1: two a scene)."""

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
        said = f"the {in_words(cast[0])} is {gerund_phrase(motion)} {in_place(place)}"
        if len(cast) > 1 and number % 3:  # alone at first and again in the middle
            other = cast[1 + number % (len(cast) - 1)]
            others_motion = motions[(number + 1) % len(motions)]
            beats.append(Beat(other, others_motion))
            said += f", and the {in_words(other)} is {gerund_phrase(others_motion)} nearby"
        elif story.props:
            beats.append(Beat(story.props[number // 3 % len(story.props)].name, None))
        scenes.append(Scene(name, background=place, narration=sentence(said), beats=tuple(beats)))
    return tuple(scenes)


def cast(story: Story, scene: Scene, before: Sequence[str]) -> tuple[Beat, ...]:
    """Give a scene without beats its beats: whom its narration or background names, else up to two characters.

    ``before`` are the entities of the scene before: "she" at the beginning is the first character among them. A
    character gets a beat for each of the first two motions that the narration has it do.
    """
    text = _text(scene)
    characters = [character.name for character in story.characters]
    found = list(reading.named(text, [*characters, *(prop.name for prop in story.props)]))
    speaker = pronoun(story, before)
    if speaker is not None and speaker not in found and reading.pronoun_first(text, characters):
        found.insert(0, speaker)
    if not any(name in characters for name in found):
        found = characters[:2] + found
    motions = _doings(story, scene, speaker)
    beats: list[Beat] = []
    for name in found:
        if name not in characters:
            beats.append(Beat(name, None))
        else:
            beats += [Beat(name, motion) for motion in motions.get(name, (DEFAULT_MOTION,))[:MOST_MOTIONS]]
    return tuple(beats)


def pronoun(story: Story, before: Sequence[str]) -> str | None:
    """Whom "she" or "he" stands for: the first character of the scene before, else the story's first."""
    characters = [character.name for character in story.characters]
    return next((name for name in before if name in characters), characters[0] if characters else None)


def motions(story: Story, scene: Scene, before: Sequence[str]) -> tuple[str | None, ...]:
    """Give every beat of a scene its motion; written ones come back as they are.

    A character does what the beat's own description says, else what the narration has it do and no other beat of it
    does yet, else it stands. Beats of props have ``None``.
    """
    characters = {character.name for character in story.characters}
    doings = _doings(story, scene, pronoun(story, before))
    written = {(beat.entity, beat.motion) for beat in scene.beats if beat.motion}
    left = {
        name: [motion for motion in found if (name, motion) not in written] for name, found in doings.items()
    }
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


def background(story: Story, scene: Scene, before: str | None) -> str:
    """Describe where a scene without a background is: as its narration or its name says, else as ``before``, the
    scene before; else as the topic says; else in a neutral place."""
    places = (
        reading.place(scene.narration or ""),
        reading.place(in_words(scene.name)),
        AT_HOME if "home" in reading.tokens(scene.narration or "") else None,
        before,
        reading.place(story.topic or ""),
    )
    return next((place for place in places if place), NEUTRAL_BACKGROUND)


def description(story: Story, entity: str, motion: str | None, way: int = 0) -> str:
    """Describe an entity by its looks and what it does: "a small black cat, sitting".

    ``way`` is -1 for one that goes leftwards and 1 for rightwards, which is said unless the motion's name does.
    """
    looks: Mapping[str, str | Missing] = {thing.name: thing.looks for thing in (*story.characters, *story.props)}
    words = (looks.get(entity) or "").strip() or with_article(in_words(entity))
    if not motion:
        return words
    doing = gerund_phrase(motion)
    if way and not {"left", "leftwards", "right", "rightwards"}.intersection(doing.split()):
        doing += " leftwards" if way < 0 else " rightwards"
    return f"{words}, {doing}"


def narration(descriptions: Sequence[str], place: str) -> str:
    """Tell a scene without a narration: what its beats describe, each once, or else only the place."""
    told = dict.fromkeys(text for text in descriptions if text.strip())
    return " ".join(map(sentence, told or [place]))


def _text(scene: Scene) -> str:
    return ". ".join(part for part in (scene.narration, scene.background) if part)


def _doings(story: Story, scene: Scene, speaker: str | None) -> Mapping[str, tuple[str, ...]]:
    characters = [character.name for character in story.characters]
    declared = [motion.name for motion in story.motions]
    return reading.doings(scene.narration or "", characters, declared, speaker)
