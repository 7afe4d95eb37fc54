"""``plan --import`` and ``plan --export``: published plans to story files, and back. Each returns an exit code."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from pathlib import Path

from dreamrunner.cli.console.output import document, refuse, result, say, show, warn
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR, USAGE_ERROR
from dreamrunner.cli.paths import authored_in
from dreamrunner.files.made import putting
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import printable
from dreamrunner.files.wording import reason
from dreamrunner.language import check_text
from dreamrunner.planning.exchange.convert import as_story_text, published
from dreamrunner.planning.exchange.rows import PublishedError, read_row, write_row
from dreamrunner.planning.written.keeping import write_story
from dreamrunner.planning.written.plan_file import FilledFile, plan_file


def import_plans(arguments: Namespace) -> int:
    """``plan --import FILE -o DIR``: a story file for every plan of a JSON Lines file, named after its video.

    What can't be converted is said with its line, and the rest is converted. A story that is there already and says
    something else is left alone, and said.
    """
    source: Path = arguments.import_plans
    try:
        lines = read_regular(source).splitlines()
    except OSError as error:
        return refuse(f"{source} can't be read: {reason(error)}", STORY_ERROR)
    folder: Path = arguments.out
    failed, made = 0, 0
    taken: set[str] = set()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{source}:{number}"
            try:
                plan = read_row(line.decode("utf-8"))
                text, mended = as_story_text(plan)
            except (PublishedError, UnicodeDecodeError) as error:
                failed += 1
                _say("error", where, "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error))
                continue
            target = folder / f"{_file_name(plan.video, number, taken)}.story"
            faults = [item for item in check_text(text, target).diagnostics if item.severity == "error"]
            if faults:
                failed += 1
                _say("error", where, f"can't be written as a story: {faults[0].message}")
                continue
            if target.exists() and read_regular(target) != text.encode():
                failed += 1
                _say("error", where, f"{target} is there already and says something else: it is left as it is")
                continue
            for sentence in mended:
                _say("warning", where, sentence)
            write_story(target, text)
            made += 1
    except OSError as error:
        return refuse(f"{folder} can't be written: {reason(error)}", STEP_FAILED)
    lost = f", {failed} plans could not be converted" if failed else ""
    say(f"{made} stories from {source}{lost}")
    result(folder)
    return STORY_ERROR if failed or not made else DONE


def export_plans(arguments: Namespace) -> int:
    """``plan --export STORY... [-o FILE]``: the plans of stories as the lines of a published file, to FILE or out."""
    rows: list[str] = []
    failed = False
    stories = list(authored_in(arguments.stories))
    out = arguments.out
    if out is not None and any(os.path.realpath(out) == os.path.realpath(path) for path in stories):
        return refuse(f"{out} is one of the stories; name another file after -o", USAGE_ERROR)
    for path in stories:
        planned = plan_file(path, allow_outside=arguments.allow_outside)
        show(planned.diagnostics)
        if not isinstance(planned, FilledFile):
            failed = True
            continue
        rows += [write_row(row) for row in published(planned.story, planned.plan)]
    text = "".join(f"{row}\n" for row in rows)
    if arguments.out is None:
        document(text)
    else:
        try:
            arguments.out.parent.mkdir(parents=True, exist_ok=True)
            with putting(arguments.out, warn) as fresh:
                fresh.write_bytes(text.encode())
        except OSError as error:
            return refuse(f"{arguments.out} can't be written: {reason(error)}", STEP_FAILED)
    return STORY_ERROR if failed else DONE


def _file_name(video: str, number: int, taken: set[str]) -> str:
    """A file's name from a video's, without folders and odd characters, given to no other row."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(video.replace("\\", "/")).name.removesuffix(".mp4")).strip(".-")[:80]
    name = stem or f"plan-{number:04}"
    if name.lower() in taken:
        name = f"{name}-{number}"
    taken.add(name.lower())
    return name


def _say(kind: str, where: str, what: str) -> None:
    # A name or what a file holds may hold escape codes for the terminal.
    print(printable(f"{kind}: {where}: {what}"), file=sys.stderr)
