"""The boxes of a story's plan, drawn before anything is filmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.language import Diagnostic
from dreamrunner.pipeline.errors import StoryError, refusals
from dreamrunner.pipeline.options import Options
from dreamrunner.pipeline.prepare import default_folder
from dreamrunner.planning import FilledFile, origins, plan_file


@dataclass(frozen=True)
class Drawn:
    """A storyboard: the ``picture``, and the ``page`` that plays it and says of every fact who wrote it."""

    picture: Path
    page: Path
    diagnostics: tuple[Diagnostic, ...]


def draw_boxes(
    story_path: Path,
    picture: Path | None = None,
    *,
    allow_outside: bool = False,
    planner: str | None = None,
    notice: Callable[[Sequence[Diagnostic]], None] = lambda _: None,
) -> Drawn:
    """Draw to ``picture`` (PNG, by default ``build/NAME/boxes.png``), the page beside it.

    Asks no chat model. ``planner`` goes before the one that the story's header names. ``notice`` is called with the
    story's diagnostics before anything is drawn.

    Raises:
        StepFailed: the files can't be written.
        StoryError: the story has an error.
    """
    planned = plan_file(story_path, allow_outside=allow_outside, planner=planner)
    notice(planned.diagnostics)
    if not isinstance(planned, FilledFile):
        raise StoryError(planned.diagnostics)
    from dreamrunner.film import draw_storyboard, make_board, write_page

    picture = picture or default_folder(story_path) / "boxes.png"
    picture, page = picture.with_suffix(".png"), picture.with_suffix(".html")
    with refusals(Options()):
        draw_storyboard(planned.plan, None, picture)
        write_page(make_board(planned.plan, planned.story, origins(planned), planned.diagnostics), page)
    return Drawn(picture, page, planned.diagnostics)
