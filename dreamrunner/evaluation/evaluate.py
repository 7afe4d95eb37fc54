"""Measuring a film that somebody named: what is looked at, by which networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path

from dreamrunner.evaluation.footage import find_footage
from dreamrunner.evaluation.metrics import GROUPS, Evaluation, Group
from dreamrunner.files.paths import BUNDLED
from dreamrunner.pipeline.arguments import named
from dreamrunner.pipeline.errors import UsageError

PAPER = "paper"
"""What the paper's networks are called; a bundled model's own are called by its name."""


@named(
    film=PathLike,
    plan=PathLike,
    only=object,
    by=str,
    image_model=str,
    video_model=str,
    dino=PathLike,
    head=PathLike,
    head_model=str,
    musiq=PathLike,
    allow_code=bool,
    fetch=bool,
    allow_outside=bool,
    tell=Callable,
)
def evaluate(
    film: str | PathLike[str],
    *,
    plan: str | PathLike[str] | None = None,
    only: Sequence[Group] = (),
    by: str | None = None,
    image_model: str | None = None,
    video_model: str | None = None,
    dino: str | PathLike[str] | None = None,
    head: str | PathLike[str] | None = None,
    head_model: str | None = None,
    musiq: str | PathLike[str] | None = None,
    allow_code: bool = False,
    fetch: bool = True,
    allow_outside: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Evaluation:
    """Measure a film as the paper does (4.1, C): a video, a film's folder, or a story that was filmed.

    ``plan`` is what it should show, where that is not known: its story, which alone has photos of the characters, or a
    manifest. ``only`` are the groups of measures to take, all of them by default. ``by`` says which networks look:
    the ``paper``'s, or a bundled model's own (``miniature``), by default at its own films. The others name a network
    each, as the command line does. What is not on this machine is fetched, unless not to ``fetch``; ``tell`` hears of
    that. What can't be had leaves a score without a value, which says why.

    Raises:
        NoFootage: there is no film, or what is there can't be read or is not the film of this plan.
        UsageError: an argument is none that it can be.
    """
    if isinstance(only, str) or not isinstance(only, Sequence):
        raise UsageError("only", f"{only!r} is no list of names")
    for group in only:
        if group not in GROUPS:
            raise UsageError("only", f"there is no {group}; there are {', '.join(GROUPS)}")
    if by not in (None, PAPER, *BUNDLED):
        raise UsageError("by", f"there is no {by}; there are {', '.join((PAPER, *BUNDLED))}")
    from dreamrunner.evaluation.measuring import measure
    from dreamrunner.evaluation.networks import Choice, Networks

    footage = find_footage(Path(film), None if plan is None else Path(plan), allow_outside=allow_outside)
    choice = Choice(
        drawn=footage.drawn if by is None else by if by in BUNDLED else None,
        image_model=image_model,
        video_model=video_model,
        dino=None if dino is None else Path(dino),
        head=None if head is None else Path(head),
        head_model=head_model,
        musiq=None if musiq is None else Path(musiq),
        allow_code=allow_code,
        fetch=fetch,
    )
    return measure(footage, Networks(choice, tell), tuple(only) or GROUPS)
