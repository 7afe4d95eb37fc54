"""The language's commands: check, fmt, explain, new. Each takes parsed arguments and returns an exit code.

0: done, nothing wrong but warnings. 1: an error in a story, or for ``fmt --check`` a file that is not formatted.
2: wrong usage. 3: a file that could not be written.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from pathlib import Path

from dreamrunner.files.atomic import replace_text
from dreamrunner.files.spelling import closest
from dreamrunner.files.text import counted, printable, reason
from dreamrunner.language.checker import read_story
from dreamrunner.language.diagnostics import Diagnostic, codes, diagnostic, entry
from dreamrunner.language.files import decoded, read_text
from dreamrunner.language.formatter import UnsafeFormat, format_text
from dreamrunner.language.report import FORMATS, as_text, in_color, records, render
from dreamrunner.language.story import Location
from dreamrunner.language.template import new_story, title_of

DONE, STORY_ERROR, USAGE_ERROR, STEP_FAILED = 0, 1, 2, 3

_STDIN = Path("-")


def check(arguments: Namespace) -> int:
    """``check PATH... [--format F] [--allow-outside]``: report on every story of the paths."""
    found = check_paths(arguments.stories, allow_outside=arguments.allow_outside)
    shown = records(found)
    if arguments.format == "text":
        sys.stdout.write(as_text(shown, in_color(sys.stdout)))
        if found:
            sys.stdout.write(_counted(found) + "\n")
    else:
        sys.stdout.write(FORMATS[arguments.format](shown))
    return STORY_ERROR if any(item.severity == "error" for item in found) else DONE


def check_paths(paths: Iterable[Path], *, allow_outside: bool = False) -> list[Diagnostic]:
    """What is found in files and, for a folder, in every story of it and the folders under it.

    What two stories share is reported once.
    """
    found: dict[Diagnostic, None] = {}
    for path in paths:
        stories, missing = stories_in(path)
        found.update(dict.fromkeys(missing))
        for story in stories:
            found.update(dict.fromkeys(read_story(story, allow_outside=allow_outside).diagnostics))
    return list(found)


def stories_in(path: Path) -> tuple[list[Path], list[Diagnostic]]:
    """The story files that a path stands for: itself, or those in a folder, without hidden folders."""
    if not path.is_dir():
        return [path], []
    found = sorted(
        item
        for item in path.rglob("*.story")
        if item.is_file() and not any(part.startswith(".") for part in item.relative_to(path).parts)
    )
    if found:
        return found, []
    advice = "there is no .story file in it, nor in the folders under it"
    return [], [diagnostic("not-a-file", Location(path, 1, 1, 1, 1), path=path, help=advice)]


class _Outcome(Enum):
    """What became of a file that was to be formatted."""

    SAME = auto()
    CHANGED = auto()
    BROKEN = auto()
    FAILED = auto()


def fmt(arguments: Namespace) -> int:
    """``fmt PATH... [--check] [--diff]``: write stories in their one layout. ``-`` formats standard input."""
    outcomes: list[_Outcome] = []
    for path in arguments.stories:
        stories, missing = stories_in(path) if path != _STDIN else ([path], [])
        sys.stderr.write(render(missing, in_color(sys.stderr)))
        outcomes += [_Outcome.BROKEN] * len(missing)
        outcomes += [_fmt_one(story, arguments.check, arguments.diff) for story in stories]
    changed, same = outcomes.count(_Outcome.CHANGED), outcomes.count(_Outcome.SAME)
    if arguments.stories != [_STDIN]:
        done = "would be reformatted" if arguments.check or arguments.diff else "reformatted"
        parts = [f"{_files(changed)} {done}"] if changed else []
        parts += [f"{_files(same)} left unchanged"] if same else []
        print(", ".join(parts), file=sys.stderr)
    if _Outcome.FAILED in outcomes:
        return STEP_FAILED
    return STORY_ERROR if _Outcome.BROKEN in outcomes or (arguments.check and changed) else DONE


def _fmt_one(path: Path, check: bool, diff: bool) -> _Outcome:
    place = Location(path, 1, 1, 1, 1)
    if path == _STDIN:
        text = decoded(sys.stdin.buffer.read(), place, "standard input")
    else:
        text = read_text(path, place, empty=True)
    if isinstance(text, Diagnostic):
        sys.stderr.write(render([text], in_color(sys.stderr)))
        return _Outcome.BROKEN
    try:
        result = format_text(text, path)
    except UnsafeFormat as error:
        print(printable(f"error: {error}; it is left as it is. Please report this."), file=sys.stderr)
        return _Outcome.FAILED
    if result.text is None:
        sys.stderr.write(render(result.diagnostics, in_color(sys.stderr), {path: text}))
        return _Outcome.BROKEN
    if diff:
        diff = _diff(path, text, result.text)
        sys.stdout.write(printable(diff) if sys.stdout.isatty() else diff)
    elif path == _STDIN and not check:
        sys.stdout.write(result.text)
    if result.text == text:
        return _Outcome.SAME
    if check:
        print(printable(f"would reformat {path}"), file=sys.stderr)
    elif not diff and path != _STDIN:
        try:
            replace_text(path, result.text)
        except OSError as error:
            why = reason(error)
            print(printable(f"error: {path} can't be written: {why}"), file=sys.stderr)
            return _Outcome.FAILED
    return _Outcome.CHANGED


def _diff(path: Path, before: str, after: str) -> str:
    from difflib import unified_diff

    lines = unified_diff(before.splitlines(True), after.splitlines(True), str(path), f"{path} (formatted)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def explain(arguments: Namespace) -> int:
    """``explain [CODE]``: what a diagnostic means and how to mend it; without a code, all of them."""
    if arguments.code is None:
        width = max(map(len, codes()))
        for code in codes():
            print(f"{code:{width}}  {entry(code).summary}")
        return DONE
    code = arguments.code.strip().lower()
    try:
        print(explanation(code), end="")
    except KeyError:
        near = closest(code, codes())
        hint = f"did you mean {near}?" if near else "`dreamrunner explain` lists them all"
        print(f"error: there is no diagnostic {arguments.code!r}; {hint}", file=sys.stderr)
        return USAGE_ERROR
    return DONE


def explanation(code: str) -> str:
    """The text about one code. Raises KeyError when there is none."""
    from dreamrunner.language.examples import example

    item = entry(code)
    parts = [f"{item.severity}[{code}]", item.section("Cause"), item.section("Remedy")]
    for heading in ("Wrong", "Mended"):
        shown = [f"{heading}:"]
        for file in example(item, heading).files:
            shown += [f"  -- {file.name}"] if file.named else []
            shown += ["    " + line if line else "" for line in file.shown]
        parts.append("\n".join(shown))
    return "\n\n".join(parts) + "\n"


def new(arguments: Namespace) -> int:
    """``new FOLDER``: make a folder with a story that films."""
    folder: Path = arguments.folder
    try:
        story = new_story(folder)
    except FileExistsError:
        print(printable(f"error: {folder} is there already and not empty; choose another name"), file=sys.stderr)
        return USAGE_ERROR
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE_ERROR
    except OSError as error:
        print(printable(f"error: {folder} can't be made: {reason(error)}"), file=sys.stderr)
        return STEP_FAILED
    print(printable(f"made {folder}: {title_of(folder)}\nfilm it with: dreamrunner build {story}"))
    return DONE


def _counted(found: Sequence[Diagnostic]) -> str:
    counts = [(kind, sum(item.severity == kind for item in found)) for kind in ("error", "warning")]
    return ", ".join(counted(count, kind) for kind, count in counts if count)


def _files(count: int) -> str:
    return counted(count, "file")
