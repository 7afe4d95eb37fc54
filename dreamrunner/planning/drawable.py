"""What the model of a story can draw, as far as that is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.vocabulary import Vocabulary, vocabulary_of
from dreamrunner.files.text import in_words
from dreamrunner.language.story import Story
from dreamrunner.planning.english.lexicon import ing_phrase, setting_phrase


def known_words(story: Story) -> Vocabulary | None:
    """What the story's model can draw; None where that isn't known, or its list can't be read, which filming tells."""
    try:
        return vocabulary_of(story.model, story.path.parent)
    except BackboneError:
        return None


def draws_place(story: Story) -> Callable[[str], bool]:
    """Whether the story's model can draw a place that a phrase names; whatever it is where that isn't known."""
    known = known_words(story)
    return known.draws_place if known is not None else lambda phrase: True


def draws_motion(known: Vocabulary, motion: str) -> bool:
    """Whether a model can do a motion by its name, as "stirring-a-pot" or "ran"."""
    # Most names are said as the model has them, and dictionaries take a while to be read.
    return known.draws_motion(in_words(motion)) or known.draws_motion(ing_phrase(motion))


def drawable_places(story: Story, places: Sequence[str]) -> list[str]:
    """Places that a planner would like, with others that the model can draw in the place of those that it can't."""
    known = known_words(story)
    if known is None:
        return list(places)
    drawn = [place for place in places if known.draws_place(place)]
    used = frozenset[str]().union(*map(known.understood, drawn))
    others = (setting_phrase(word) for word in known.words.places if word not in used)
    return [place if place in drawn else next(others, place) for place in places]
