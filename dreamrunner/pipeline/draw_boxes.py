"""The boxes of a story's plan, drawn before anything is filmed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.engine.graph import StepFailed, why_failed
from dreamrunner.files.made import putting
from dreamrunner.language import Diagnostic
from dreamrunner.pipeline.errors import StoryError, refusals
from dreamrunner.pipeline.options import Options
from dreamrunner.pipeline.outputs import spare
from dreamrunner.pipeline.prepare import default_folder
from dreamrunner.pipeline.story import files_of
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
    say: Callable[[str], None] = lambda _: None,
) -> Drawn:
    """Draw to ``picture`` (PNG, by default ``build/NAME/boxes.png``), the page beside it.

    Asks no chat model. ``planner`` goes before the one that the story's header names. ``notice`` is called with the
    story's diagnostics before anything is drawn, ``say`` with where somebody's own file is
    kept that stood in the place of one, and with letters that the picture can't show.

    Raises:
        StepFailed: the files can't be written.
        StoryError: the story has an error, or is made from a file that would be replaced.
    """
    planned = plan_file(story_path, allow_outside=allow_outside, planner=planner)
    notice(planned.diagnostics)
    if not isinstance(planned, FilledFile):
        raise StoryError(planned.diagnostics)
    from dreamrunner.film import draw_storyboard, letters_lacking, make_board, write_page

    picture = picture or default_folder(story_path) / "boxes.png"
    if picture.name in ("", ".."):
        raise StepFailed(f"can't write {picture}: it is a folder")
    picture, page = picture.with_suffix(".png"), picture.with_suffix(".html")
    board = make_board(planned.plan, planned.story, origins(planned), planned.diagnostics)
    with refusals(Options()):
        spare(picture.parent, (picture.name, page.name), files_of(planned.story))
        with _putting(picture, say) as fresh:
            draw_storyboard(planned.plan, None, fresh)
        with _putting(page, say) as fresh:
            write_page(board, fresh)
    if letters := letters_lacking(planned.plan):
        say(f"{picture} shows boxes for {letters}, which its typeface lacks; {page.name} has them")
    return Drawn(picture, page, planned.diagnostics)


@contextmanager
def _putting(target: Path, say: Callable[[str], None]) -> Iterator[Path]:
    if target.is_dir():
        raise StepFailed(f"can't write {target}: a folder of that name is in the way")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with putting(target, say) as fresh:
            yield fresh
    except OSError as error:
        raise StepFailed(f"can't write {target}: {why_failed(error, target)}") from error
