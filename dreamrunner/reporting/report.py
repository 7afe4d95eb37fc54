"""A film's report, written beside it or where somebody wants it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dreamrunner.files.made import putting
from dreamrunner.files.trouble import why
from dreamrunner.reporting.gathering import folder_of, gather
from dreamrunner.reporting.page import page

REPORT = "report.html"
"""What a report is called in a film's folder."""


class NotWritten(Exception):
    """A page that can't be written. ``str()`` is one line."""


def write_report(film: Path, out: Path | None = None, *, say: Callable[[str], None] = lambda line: None) -> Path:
    """Write the report of ``film`` to ``out``, by default into its folder; ``say`` hears where somebody's own file is
    kept that stood there.

    Raises:
        NoFilm: there is no film that was made here.
        NotWritten: the page can't be written.
    """
    text = page(gather(film))
    target = out or folder_of(film) / REPORT
    if target.is_dir():
        raise NotWritten(f"can't write {target}: a folder of that name is in the way")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with putting(target, say) as fresh:
            fresh.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NotWritten(f"can't write {target}: {why(error, target)}") from error
    return target
