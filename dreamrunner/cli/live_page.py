"""The live page of a story, served until Ctrl-C, with its address on standard output."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dreamrunner.cli.console.output import refuse, show
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR
from dreamrunner.cli.filming import filmer
from dreamrunner.files.wording import reason
from dreamrunner.language import Diagnostic, Story
from dreamrunner.pipeline.last_film import FilmedScene, film_files, film_folder, filmed_scenes, folder_memory
from dreamrunner.planning import Plan
from dreamrunner.planning.written.comparing import Comparison
from dreamrunner.preview.board import read_analysis
from dreamrunner.preview.serve import serve_preview


def serve(
    story: Path,
    *,
    out: Path | None = None,
    allow_outside: bool,
    port: int = 0,
    open_browser: bool,
    comparison: Comparison | None = None,
) -> int:
    """Serve the page of ``story`` until Ctrl-C, with the fills to choose from; returns an exit code else.

    ``out`` is the film's folder where it is not the one that it was filmed into last.
    """
    if isinstance(missing := read_analysis(story), Diagnostic):
        show([missing])
        return STORY_ERROR

    def folder() -> Path:
        # It may be filmed into another one while the page is open.
        return out or film_folder(story)

    def films(plan: Plan, told: Story) -> dict[str, FilmedScene]:
        return filmed_scenes(folder(), plan, told)

    def outputs(scenes: Iterable[str]) -> list[Path]:
        return [folder_memory(story), *film_files(folder(), scenes)]

    def ready(url: str) -> None:
        print(url, flush=True)

    try:
        serve_preview(
            story,
            films,
            outputs,
            allow_outside=allow_outside,
            port=port,
            open_browser=open_browser,
            ready=ready,
            comparison=comparison,
            filmer=filmer(story, folder, allow_outside=allow_outside),
        )
    except OSError as error:
        where = f"port {port}" if port else "a port"
        return refuse(f"{where} can't be had: {reason(error)}", STEP_FAILED)
    return DONE
