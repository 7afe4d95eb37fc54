"""What the offline planner films nothing of, told at its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dreamrunner.files.wording import counted
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.parsing.quoted import part
from dreamrunner.language.story import Beat, Scene
from dreamrunner.planning.english.clause import Unfilmed
from dreamrunner.planning.english.languages import other_language
from dreamrunner.planning.english.word_forms import ing_form
from dreamrunner.planning.narration.events import Said, Telling
from dreamrunner.planning.open_scenes import OpenScene
from dreamrunner.planning.planner import MOST_MOTIONS

_WHY: dict[Unfilmed, tuple[str, str]] = {
    "doer": (
        "who does this is nobody of the story",
        "name a character or prop as the story does, or declare one; a prop may also be what acts",
    ),
    "whom": ("it is not certain who is meant", "name who does it"),
    "act": (
        "it says nothing that the offline planner can show",
        "say what is seen; an act of your own is known once it is declared: `motion {act}`",
    ),
    "not": ("what does not happen is not filmed", "say what happens instead"),
    "perhaps": (
        "what may happen, or is only wished, thought or said, is not filmed",
        "say it as something that happens, or leave it: it is spoken all the same",
    ),
    "before": (
        "what happened before is not filmed",
        "say it as something that happens now, or leave it: it is spoken all the same",
    ),
    "part": (
        "it is not shown what this has to do with it",
        "say in a sentence of its own what it does, or where it is",
    ),
    "place": (
        "where this is, or which way it goes, is not shown",
        "say it as `left of`, `behind`, `on`, `under`, `towards` or the like of somebody in the picture",
    ),
    "thing": (
        "it tells a place by a thing that the story does not declare",
        "declare it, as `prop {noun}`, or leave it: only the background may show it",
    ),
    "many": (
        "the story declares one, and there are more of them here",
        'declare the others, or all as one: `character {noun} "three {noun}"`',
    ),
    "asked": ("a question is not filmed", "say it as something that happens, or leave it: it is spoken all the same"),
    "nothing": ("the offline planner finds nobody and nothing in it", "say who does what"),
    "much": (
        f"a scene has room for {MOST_MOTIONS} motions, and for what its seconds can show",
        "make two scenes of it, or write its beats",
    ),
}


def unfilmed(opened: Sequence[OpenScene]) -> tuple[Diagnostic, ...]:
    """A warning for each clause of a narration that the offline planner films nothing of, at its words.

    Only narrations of scenes without beats are read so: where beats are written they say what is filmed. A narration
    in another language has one warning, and so have all clauses for which there is no room.
    """
    return tuple(
        told
        for each in opened
        for told in _of_scene(each.scene, each.read.telling.clauses, _without_room(each.read.telling, each.beats))
    )


def _without_room(telling: Telling, beats: tuple[Beat, ...]) -> list[Said]:
    """The clauses whose motions the scene's beats have no room for."""
    filmed = {(beat.entity, beat.motion) for beat in beats}
    crowded = [event for event in telling.events if event.motion and (event.entity, event.motion) not in filmed]
    words = sorted({words for event in crowded for words in event.said})
    return [Said(start, end, "much") for start, end in words]


def _of_scene(scene: Scene, clauses: Sequence[Said], crowded: Sequence[Said]) -> Iterator[Diagnostic]:
    quoted = scene.quoted
    text = scene.narration or ""
    if quoted is None:
        return
    if language := other_language(text):
        yield diagnostic("not-english", quoted.location, language=language, scene=scene.name)
        return
    for said in sorted((*clauses, *crowded[:1]), key=lambda said: said.start):
        if not said.unfilmed:
            continue
        why, advice = _WHY[said.unfilmed]
        if said.unfilmed == "much" and len(crowded) > 1:
            why += f" (so it is of {counted(len(crowded) - 1, 'clause')} more)"
        words = " ".join(text[said.start : said.end].split())
        plain = said.word.isascii() and said.word.isalpha()
        help = advice.format(act=ing_form(said.word) if plain else "NAME", noun=said.word if plain else "NAME")
        place = part(quoted, said.start, said.end)
        yield diagnostic("not-understood", place, words=_short(words), why=why, help=help)


def _short(words: str, longest: int = 60) -> str:
    return words if len(words) <= longest else words[: longest - 1].rsplit(" ", 1)[0] + "\u2026"
