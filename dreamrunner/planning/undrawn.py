"""What the model of a story can't draw of it, where it is known what that can draw: told at its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dreamrunner.backbones.vocabulary import Vocabulary
from dreamrunner.files.paths import MINIATURE
from dreamrunner.files.text import in_words
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.parsing.quoted import part
from dreamrunner.language.story import Character, Location, Prop, Scene, Story
from dreamrunner.planning.drawable import draws_motion
from dreamrunner.planning.english.lexicon import MORE_COLOURS, ing_phrase, is_setting
from dreamrunner.planning.english.word_forms import ing_form, motion_verb, verb_lemma

if TYPE_CHECKING:
    from dreamrunner.planning.open_scenes import OpenScene

_DETAILS = re.compile(r" (?:with|in|and|wearing|who|that|on|of|holding|carrying)\b|[,;.(]")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_KNOWN = 12


def undrawn(story: Story, vocabulary: Vocabulary, opened: Sequence[OpenScene] = ()) -> tuple[Diagnostic, ...]:
    """A warning for each character, prop, colour, place and motion of a story that its model has no word for.

    ``opened`` are the scenes whose narrations say what is filmed. What is learnt from photos, clips or a LoRA that the
    story names is drawn.
    """
    told = _Told(story, vocabulary, opened)
    return tuple(dict.fromkeys([*told.looks(), *told.places(), *told.motions()]))


class _Told:
    def __init__(self, story: Story, vocabulary: Vocabulary, opened: Sequence[OpenScene]) -> None:
        self.story, self.vocabulary, self.opened = story, vocabulary, opened
        self.words = vocabulary.words
        self.start = Location(story.path, 1, 1, 1, 2)

    def looks(self) -> Iterator[Diagnostic]:
        """Of who and what is in the story: those that no word of the model stands for, and colours that it lacks."""
        shown = {beat.entity for scene in self.story.scenes for beat in scene.beats}
        shown |= {beat.entity for each in self.opened for beat in each.beats}
        for thing in self.story.entities:
            if thing.name not in shown or (isinstance(thing, Character) and (thing.images or thing.loras)):
                continue
            place, looks = thing.location or self.start, thing.looks or in_words(thing.name)
            if not self._draws(thing, looks):
                yield self._cant(type(thing).__name__.lower(), f"`{thing.name}`", place, self._others(thing))
                continue
            for word in dict.fromkeys(_WORD.findall(looks.lower())):
                if word in MORE_COLOURS and self.vocabulary.understood(word).isdisjoint(self.words.colours):
                    yield self._cant("colour", f"`{word}` of `{thing.name}`", place, self.words.colours)

    def places(self) -> Iterator[Diagnostic]:
        """Of the backgrounds that are written, and of the places that narrations name."""
        shown = {setting.name for setting in self.story.settings if setting.images or setting.loras}
        for scene in self.story.scenes:
            if scene.background and scene.setting not in shown and not self.vocabulary.draws_place(scene.background):
                yield self._no_place(scene.background, scene.shown or scene.location or self.start)
        if self.opened:
            from dreamrunner.planning.rules import place_told  # which takes a while, and is read by now
        for each in self.opened:
            named = place_told(each.scene, self.vocabulary.draws_place)
            if not each.scene.background and named and not self.vocabulary.draws_place(named):
                noun = next((word for word in reversed(named.split()) if is_setting(word)), named.split()[-1])
                yield self._no_place(named, self._said(each.scene, _spans_of(each.scene, noun)))

    def motions(self) -> Iterator[Diagnostic]:
        """Of what is done by whom, written or told: motions that nothing teaches it."""
        taught = {motion.name for motion in self.story.motions if motion.clips or motion.loras}
        written = {motion.name: motion.location for motion in self.story.motions if motion.name not in taught}
        seen: dict[str, Location] = {}
        for scene in self.story.scenes:
            for beat in scene.beats:
                if beat.motion and beat.motion not in taught:
                    seen.setdefault(beat.motion, written.get(beat.motion) or beat.location or self.start)
        for each in self.opened:
            for name in (beat.motion for beat in each.beats):
                if name and name not in taught and name not in seen:
                    seen[name] = written.get(name) or self._said(each.scene, _clauses_with(each, name))
        drawn = self.story.catalog in ("", MINIATURE)
        for name, place in seen.items():
            if not draws_motion(self.vocabulary, name) and not (drawn and self.vocabulary.can_learn(ing_phrase(name))):
                known = _listed([ing_form(motion) for motion in self.words.motions])
                help = f"bring `clips` that show it, or a `lora`, or let it be one of: {known}"
                yield diagnostic("not-drawn", place, help=help, model=self.story.model, kind="motion", name=f"`{name}`")

    def _draws(self, thing: Character | Prop, looks: str) -> bool:
        kinds = {*self.words.characters, *self.words.props}
        what = _DETAILS.split(f"{looks} ")[0]
        return not self.vocabulary.understood(what).isdisjoint(kinds)

    def _others(self, thing: Character | Prop) -> tuple[str, ...]:
        return self.words.characters if isinstance(thing, Character) else self.words.props

    def _no_place(self, named: str, place: Location) -> Diagnostic:
        return self._cant("place", f'"{named}"', place, self.words.places)

    def _cant(self, kind: str, name: str, place: Location, known: Iterable[str]) -> Diagnostic:
        photos = {
            "character": "; or bring photos of it (`images`)",
            "place": "; or let it be a `location` with photos (`images`)",
        }.get(kind, "")
        help = f"it draws {_listed(known)}{photos}"
        return diagnostic("not-drawn", place, help=help, kind=kind, name=name, model=self.story.model)

    def _said(self, scene: Scene, spans: Iterable[tuple[int, int]]) -> Location:
        """Where a narration says something; the whole narration where its words aren't found."""
        if scene.quoted is None:
            return scene.location or self.start
        return next((part(scene.quoted, *span) for span in spans), scene.quoted.location)


def _spans_of(scene: Scene, word: str) -> Iterator[tuple[int, int]]:
    for found in re.finditer(rf"\b{re.escape(word)}\b", scene.narration or "", re.IGNORECASE):
        yield found.span()


def _clauses_with(each: OpenScene, motion: str) -> Iterator[tuple[int, int]]:
    text, verb = each.scene.narration or "", motion_verb(motion)
    for clause in each.read.telling.clauses:
        if not clause.unfilmed and verb in map(verb_lemma, _WORD.findall(text[clause.start : clause.end].lower())):
            yield clause.start, clause.end


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    more = len(found) - _MOST_KNOWN
    return ", ".join(found[:_MOST_KNOWN]) + (f" and {more} more (`dreamrunner words`)" if more > 0 else "")
