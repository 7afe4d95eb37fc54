"""What an author is told of motions that nothing is learnt for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.vocabulary import vocabulary_in
from dreamrunner.files.json import parse
from dreamrunner.files.paths import MINIATURE
from dreamrunner.files.regular import read_regular
from dreamrunner.language import Diagnostic, Story
from dreamrunner.language.diagnostics import diagnostic
from dreamrunner.language.story import Location
from dreamrunner.pipeline.adapters.tasks import best_score
from dreamrunner.planning.english.word_forms import ing_form


def untrained(motions: Sequence[str], story: Story, backbone: Backbone, why: str = "") -> tuple[Diagnostic, ...]:
    """A warning for motions that nothing teaches the backbone, where the story first speaks of one; none for none.
    ``why`` is put behind its advice."""
    if not motions:
        return ()
    several = ", ".join(f"`{name}`" for name in motions)
    return (diagnostic("left-alone", _spoken_of(motions, story), motions=several, model=backbone.name, why=why),)


def no_clip(motion: str, result: Path, story: Story, backbone: Backbone, catalog: str | Path) -> Diagnostic:
    """A warning for a motion that nothing is learnt for, since no clip of the catalog fits: what its search, whose
    ``result`` this is, has looked for, how near the best clip comes, and what to write instead."""
    found, listed = parse(read_regular(result)), vocabulary_in(backbone.source)
    known = f", or let it be one of: {', '.join(map(ing_form, listed.words.motions))}" if listed is not None else ""
    return diagnostic(
        "no-clip",
        _spoken_of([motion], story),
        motion=f"`{motion}`",
        query=found["query"],
        catalog=shown_catalog(catalog),
        best=best_score(found),
        known=known,
    )


def _spoken_of(motions: Sequence[str], story: Story) -> Location:
    """Where a story first speaks of one of some motions."""
    named: list[tuple[object, Location | None]] = [(one.name, one.location) for one in story.motions]
    named += [(beat.motion, beat.location) for scene in story.scenes for beat in scene.beats]
    found = [location for name, location in named if name in motions and location is not None]
    return min(found, default=Location(story.path, 1, 1, 1, 2))


def shown_catalog(catalog: str | Path) -> str:
    """A catalog in words."""
    return "the miniature's catalog" if catalog == MINIATURE else f"the catalog {catalog}"
