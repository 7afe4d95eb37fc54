"""What the playground's page asks of DreamRunner: the text of one story in, all that the page shows out.

It runs in the browser, and as well in any Python: what it says is what ``check``, ``fmt``, ``plan`` and ``storyboard``
say of a file with this text.
"""

from __future__ import annotations

import json
from pathlib import Path

from dreamrunner.film.storyboard_page import make_board, page
from dreamrunner.language.checker import read_story
from dreamrunner.language.formatter import format_text
from dreamrunner.language.report import as_text, records
from dreamrunner.planning import FilledFile, origins, plan_file
from dreamrunner.planning.noticed import noticed


def look(text: str, folder: str, name: str = "playground") -> str:
    """What there is to say of a story, as JSON.

    ``problems``: a record for each, as ``check --format json`` has them.
    ``report``: the same as a text.
    ``formatted``: the story in its one layout; null where it can't be read.
    ``plan``: the story with its gaps filled; null where it has an error or asks a chat model.
    ``page``: its storyboard as an HTML page; null where there is no plan.
    ``folder`` must be there; the story is written into it as ``NAME.story``.
    """
    path = Path(folder) / f"{name}.story"
    path.write_text(text, encoding="utf-8")
    checked = read_story(path)
    found = list(checked.diagnostics)
    if checked.story is not None:
        found += [item for item in noticed(checked.story) if item not in found]
    shown = records(found)
    for record in shown:
        record["file"] = path.name
    planned = plan_file(path) if checked.story is not None else None
    filled = planned if isinstance(planned, FilledFile) else None
    return json.dumps(
        {
            "problems": shown,
            "report": as_text(shown, False, {Path(path.name): text}),
            "formatted": format_text(text, path).text,
            "plan": filled and filled.text,
            "page": filled and page(make_board(filled.plan, filled.story, origins(filled), filled.diagnostics)),
        }
    )
