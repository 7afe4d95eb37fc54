"""Texts that a backbone can't read to their end, noticed before a scene is filmed with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.tokens import token_counts
from dreamrunner.language import Diagnostic, Story
from dreamrunner.language.diagnostics import diagnostic
from dreamrunner.language.story import Location
from dreamrunner.planning import PlannedScene
from dreamrunner.regions import background_prompt, beat_prompt, plain_prompt


@dataclass(frozen=True, slots=True)
class _Text:
    """A prompt, what it is to its author, and where they wrote it."""

    prompt: str
    what: str
    location: Location


def cut_texts(
    scenes: Sequence[PlannedScene],
    story: Story,
    style: str,
    backbone: Backbone,
    *,
    called: Mapping[str, str] = {},
    plain: bool = False,
) -> tuple[Diagnostic, ...]:
    """A warning for every prompt of these scenes that has more tokens than the backbone's text encoder takes.

    ``called`` has the placeholders of characters that were learnt from photos. ``plain``: the scenes are filmed without
    regions, each from one sentence.

    Raises:
        BackboneError: the model's tokenizer can't be read.
    """
    texts = [text for scene in scenes for text in (_sentence if plain else _texts)(scene, story, style, called)]
    counts = token_counts(backbone, [text.prompt for text in texts])
    most = backbone.text_tokens
    return tuple(
        diagnostic("long-text", text.location, what=text.what, tokens=tokens, most=most, model=backbone.name)
        for text, tokens in zip(texts, counts, strict=True)
        if tokens > most
    )


def _texts(scene: PlannedScene, story: Story, style: str, called: Mapping[str, str]) -> Iterator[_Text]:
    place = _location(scene, story)
    authored = {each.name: each for each in story.scenes}.get(scene.name)
    warned: set[str] = set()
    for beat in scene.beats:
        prompt = beat_prompt(beat, style, called)
        if prompt in warned:
            continue
        warned.add(prompt)
        own = [one for one in authored.beats if one.entity == beat.entity] if authored else []
        exact = [one for one in own if one.description == beat.description]
        where = next((one.location for one in (*exact, *own) if one.location), place)
        yield _Text(prompt, f"the description of `{beat.entity}`", where)
    yield _Text(background_prompt(scene, style, called), f"the background of scene `{scene.name}`", place)


def _sentence(scene: PlannedScene, story: Story, style: str, called: Mapping[str, str]) -> Iterator[_Text]:
    yield _Text(plain_prompt(scene, style, called), f"scene `{scene.name}` in one sentence", _location(scene, story))


def _location(scene: PlannedScene, story: Story) -> Location:
    found = next((each.location for each in story.scenes if each.name == scene.name and each.location), None)
    return found or Location(story.path, 1, 1, 1, 2)
