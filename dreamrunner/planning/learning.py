"""What a story's first build learns before it films, as far as the story alone shows."""

from __future__ import annotations

from dataclasses import dataclass

from dreamrunner.backbones.table import TABLE
from dreamrunner.backbones.vocabulary import Vocabulary
from dreamrunner.language.story import MISSING, Character, Motion, Setting, Story
from dreamrunner.planning.drawable import draws_motion, known_words
from dreamrunner.planning.english.lexicon import ing_phrase


@dataclass(frozen=True, slots=True)
class Learning:
    """What a first build learns, beside what it films."""

    names: tuple[str, ...]
    """Motions, then characters and locations; those that share their photos are one."""
    steps: int
    """Training steps of all of them at most: where no clip fits, none are taken."""
    filmed: int
    """Denoising steps of all scenes."""


def learning(story: Story) -> Learning | None:
    """What a first build of a story learns; None where that takes no more steps than filming, or isn't known: what a
    model in a folder takes is read with the model."""
    row = TABLE.get(story.model)
    if row is None:
        return None
    places = {scene.setting for scene in story.scenes}
    shown: tuple[Character | Setting, ...] = (
        *story.characters,
        *(each for each in story.settings if each.name in places),
    )
    subjects = list(dict.fromkeys(each.likeness or each.name for each in shown if each.images and not each.loras))
    searched = story.catalog != "none" and bool(story.catalog or row.training.catalog)
    known = known_words(story)
    done = {beat.motion for scene in story.scenes for beat in scene.beats if beat.motion is not MISSING and beat.motion}
    motions = [each.name for each in story.motions if each.name in done and _is_learnt(each, known, searched)]
    steps = len(motions) * row.training.motion.steps + len(subjects) * row.training.subject.steps
    filmed = len(story.scenes) * row.steps
    return Learning((*motions, *subjects), steps, filmed) if steps > filmed else None


def _is_learnt(motion: Motion, known: Vocabulary | None, searched: bool) -> bool:
    """Whether a motion is learnt, from its own clips or from a catalog's."""
    if motion.loras:
        return False
    if motion.clips:
        return True
    if not searched or (known is not None and draws_motion(known, motion.name)):
        return False
    return known is None or known.can_learn(ing_phrase(motion.name))
