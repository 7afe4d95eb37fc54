"""``plan --compare A B``: two planners' fills of each scene, side by side, of which one may be taken."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from dreamrunner.cli.again import ALL, quoted, unknown_scenes
from dreamrunner.cli.console.keys import can_choose, choose
from dreamrunner.cli.console.output import refuse, result, say, show, warn
from dreamrunner.cli.console.side_by_side import side_by_side
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR, USAGE_ERROR
from dreamrunner.files.in_place import replace_text
from dreamrunner.files.text import printable, printable_line
from dreamrunner.files.wording import reason
from dreamrunner.language.report import in_color
from dreamrunner.language.story import MISSING, PLANNERS
from dreamrunner.pipeline.options import about_named
from dreamrunner.planning.asking import Asking
from dreamrunner.planning.chat.costs import PriceError, prices
from dreamrunner.planning.written.comparing import ComparedScene, Comparison, Fill, NotTaken, compare, take
from dreamrunner.planning.written.edits import scene_lines
from dreamrunner.planning.written.file import filled_path

_WIDTH = 120
"""Columns where standard output is no terminal."""
_SKIP, _QUIT = "s", "q"


def compare_planners(path: Path, arguments: Namespace) -> int:
    """Show the fills of the story at ``path``, and take what is chosen; STEP_FAILED where a planner gave none."""
    if why := _wrong(arguments):
        return refuse(why, USAGE_ERROR)
    try:
        table = prices(arguments.prices)
    except PriceError as error:
        return refuse(f"--prices: {error}", USAGE_ERROR)
    if unknown := unknown_scenes(path, arguments, arguments.compare[0]):
        return refuse(f"--again: {path} has no scene {quoted(unknown)}", USAGE_ERROR)
    named = frozenset(each for each in arguments.again or () if each != ALL)
    chats = {
        name: Asking(arguments.jobs, arguments.timeout, table) for name in arguments.compare if name not in PLANNERS
    }
    try:
        found = compare(
            path,
            [(name, chats.get(name)) for name in arguments.compare],
            allow_outside=arguments.allow_outside,
            wanted=lambda scene: not named or scene in named,
        )
    finally:
        for chat in chats.values():
            if used := chat.account():
                say(used)
            for remark in chat.remarks():
                warn(remark)
    show(found.diagnostics)
    if found.story is None:
        return STORY_ERROR
    if not found.story.scenes:
        return refuse(
            f"{path} has no scenes yet, and two planners would make different ones:"
            " write them first, each with its narration",
            STORY_ERROR,
        )
    if not found.scenes:
        say("there is no gap to fill")
        return DONE
    if arguments.out is not None:
        return _still(found, arguments.out)
    if arguments.page:
        return _on_a_page(found, arguments)
    return _in_turn(found, arguments)


def _wrong(arguments: Namespace) -> str:
    """What is wrong with the command line; empty where nothing is."""
    if arguments.write or arguments.dry_run or arguments.planner is not None:
        return (
            "--compare goes with neither --write nor --planner nor --dry-run (plan --planner NAME --dry-run says costs)"
        )
    for name in arguments.compare:
        if why := about_named("planner").wrong(name):
            return f"--compare: {why}"
        if name == "none":
            return "--compare: none fills nothing; name two planners that do, such as offline and gpt-4o"
    if len(set(arguments.compare)) == 1:
        return f"--compare: {arguments.compare[0]} is named twice; name two planners"
    if arguments.out is not None and arguments.page:
        return "--page serves a page and -o writes one to a file; say one of them"
    if arguments.no_open and not arguments.page:
        return "--no-open goes with --page"
    return ""


def _in_turn(found: Comparison, arguments: Namespace) -> int:
    """Show scene after scene; on a terminal ask of each what is to be taken."""
    asked, code, written = can_choose(), DONE, set[Path]()
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if sys.stdout.isatty() else _WIDTH
    for scene in found.scenes:
        for line in told(scene, width, color=in_color(sys.stdout)):
            print(line)
        print()
        for fill in scene.fills:
            if fill.scene is None:
                code = refuse(f"scene `{scene.name}`: {fill.planner}: {fill.failure}", STEP_FAILED)
        if not asked:
            continue
        chosen = _choose(scene)
        if chosen == _QUIT:
            break
        if chosen == _SKIP:
            continue
        try:
            number = int(chosen) - 1
            target, copy = take(scene, number, found.path, replace_text, allow_outside=arguments.allow_outside)
            if copy is not None:
                warn(f"the fill of `{scene.name}` that was there was edited by hand; it is kept in {copy.name}")
            written.add(target)
        except NotTaken as error:
            code = refuse(str(error), STEP_FAILED)
        except OSError as error:
            return refuse(f"{filled_path(found.path)} can't be written: {reason(error)}", STEP_FAILED)
    for target in written:
        result(target)
    return code


def _choose(scene: ComparedScene) -> str:
    """The number of the fill that is taken, from 1, or what else was chosen."""
    there = {str(number): fill.planner for number, fill in enumerate(scene.fills, 1) if fill.scene is not None}
    if not there:
        return _SKIP
    takes = ", ".join(f"{key} {planner}" for key, planner in there.items())
    return choose(printable_line(f"take {takes}, {_SKIP} skip, {_QUIT} quit: "), "".join(there) + _SKIP + _QUIT, _QUIT)


def _on_a_page(found: Comparison, arguments: Namespace) -> int:
    from dreamrunner.cli.live_page import serve

    return serve(
        found.path,
        allow_outside=arguments.allow_outside,
        open_browser=not arguments.no_open,
        comparison=found,
    )


def _still(found: Comparison, out: Path) -> int:
    """Write a page of all fills, each a scene of its own, that needs no server."""
    from dreamrunner.film import FilmError, make_board, write_page
    from dreamrunner.planning import Plan
    from dreamrunner.planning.written.origins import scene_origins

    assert found.story is not None
    made = [(f"{scene.name}: {fill.planner}", fill) for scene in found.scenes for fill in scene.fills]
    scenes = [fill.scene.model_copy(update={"name": name}) for name, fill in made if fill.scene is not None]
    planners = " and ".join(dict.fromkeys(fill.planner for _, fill in made))
    plan = Plan(title=found.story.title, style=found.story.style, planner=planners, scenes=tuple(scenes))
    origins = scene_origins(replace(found.story, scenes=()), plan, {name: fill.planner for name, fill in made})
    try:
        result(write_page(make_board(plan, found.story, origins), out))
    except FilmError as error:
        return refuse(str(error), STEP_FAILED)
    lacking = [(name, fill) for name, fill in made if fill.scene is None]
    for name, fill in lacking:
        refuse(f"scene `{name}`: {fill.failure}", STEP_FAILED)
    return STEP_FAILED if lacking else DONE


def told(scene: ComparedScene, width: int, *, color: bool = False) -> Iterator[str]:
    """A scene's two fills as lines of a terminal of so many columns."""
    yield printable(f"scene {scene.name}")
    left, right = scene.fills
    titles = printable_line(left.planner), printable_line(right.planner)
    yield from side_by_side(titles, _rows(scene, left, right), width, color=color)


def _rows(scene: ComparedScene, left: Fill, right: Fill) -> Iterator[tuple[str, str]]:
    """The lines of two fills, those of the same entity beside each other, each with its key frames under it."""
    one, other = _parts(scene, left), _parts(scene, right)
    for head in dict.fromkeys([*one, *other]):
        for pair in zip_longest(one.get(head, ()), other.get(head, ()), fillvalue=()):
            yield from zip_longest(*pair, fillvalue="")


def _parts(scene: ComparedScene, fill: Fill) -> dict[str, list[list[str]]]:
    """A fill as it would be written, without what its author wrote, by the first word: an entity or a property.

    Each has parts, which are lines that belong together.
    """
    if fill.scene is None:
        return {"": [[f"  - {fill.failure}"]]}
    own = scene.written
    known = {"background": own.background is not MISSING, "narration": own.narration is not MISSING}
    parts: dict[str, list[list[str]]] = {}
    head = ""
    for line in list(scene_lines(fill.scene, 2))[1:]:
        if line.startswith("    "):
            parts[head][-1].append(line)
        elif line and not known.get(line.split()[0], False):
            head = line.split()[0]
            parts.setdefault(head, []).append([line])
    return parts
