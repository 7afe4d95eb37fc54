"""``plan``: from a story to the filled story beside it, and published plans to stories and back."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.again import ALL, quoted, unknown_scenes
from dreamrunner.cli.console.output import refuse, result, say, show, warn
from dreamrunner.cli.console.waiting import waiting
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR, USAGE_ERROR
from dreamrunner.cli.options import add_allow_outside, path_argument, positive
from dreamrunner.files.text import printable, shortened
from dreamrunner.files.wording import counted, reason
from dreamrunner.language.story import PLANNERS

if TYPE_CHECKING:
    from dreamrunner.planning.written.plan_file import FilledFile


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "stories", type=path_argument, nargs="*", metavar="STORY", help="one story; with --export, one or more"
    )
    parser.add_argument(
        "--write", action="store_true", help="write into STORY itself, not into NAME.plan.story beside it"
    )
    parser.add_argument("--dry-run", action="store_true", help="say which gaps there are and what filling them costs")
    parser.add_argument(
        "--again",
        nargs="?",
        const="",
        action="append",
        metavar="SCENE",
        help="fill SCENE anew, or without a name all scenes; with --compare, compare SCENE alone; stands after STORY"
        " and can be repeated",
    )
    parser.add_argument(
        "--prices", type=path_argument, metavar="FILE", help="dollars for a million tokens, by model, as JSON"
    )
    exchange = parser.add_mutually_exclusive_group()
    exchange.add_argument(
        "--import",
        type=path_argument,
        metavar="FILE",
        dest="import_plans",
        help="make stories of published plans (JSON Lines)",
    )
    exchange.add_argument("--export", action="store_true", help="write plans in the published form (JSON Lines)")
    parser.add_argument(
        "-o",
        "--out",
        type=path_argument,
        metavar="PATH",
        help="folder for --import, file for --export, page for --compare",
    )
    parser.add_argument(
        "--planner",
        metavar="NAME",
        help="who fills the gaps: offline, none, a chat model's name, or local:MODEL (default: the story's)",
    )
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar="NAME",
        help="show two planners' fills of each scene side by side, and on a terminal take one with a key",
    )
    parser.add_argument(
        "--page", action="store_true", help="with --compare: show them on a page, where a click takes one"
    )
    parser.add_argument("--no-open", action="store_true", help="don't open the page in a browser")
    parser.add_argument("--jobs", type=positive, default=4, metavar="N", help="scenes asked for at a time (default: 4)")
    parser.add_argument("--timeout", type=positive, metavar="S", help="seconds to wait for each reply (default: 90)")
    add_allow_outside(parser)


def run(arguments: Namespace) -> int:
    """Fill gaps, or convert plans."""
    if arguments.import_plans is not None or arguments.export:
        if arguments.compare is not None:
            return refuse("--compare goes with neither --import nor --export", USAGE_ERROR)
        if arguments.write or arguments.dry_run:
            return refuse("--import and --export go with neither --write nor --dry-run", USAGE_ERROR)
        from dreamrunner.cli import exchange

        if arguments.export:
            if not arguments.stories:
                return refuse("--export needs a story, or a folder of them", USAGE_ERROR)
            return exchange.export_plans(arguments)
        if arguments.stories or arguments.out is None:
            return refuse("--import takes no story and needs a folder to write to (-o DIR)", USAGE_ERROR)
        return exchange.import_plans(arguments)
    if len(arguments.stories) != 1 or (arguments.out is not None and arguments.compare is None):
        return refuse("plan takes one story; -o goes with --import, --export or --compare", USAGE_ERROR)
    from dreamrunner.pipeline.options import about_named

    if arguments.planner is not None and (why := about_named("planner").wrong(arguments.planner)):
        return refuse(f"--planner: {why}", USAGE_ERROR)
    if arguments.compare is not None:
        from dreamrunner.cli import comparing

        return comparing.compare_planners(arguments.stories[0], arguments)
    if arguments.page or arguments.no_open:
        return refuse("--page and --no-open go with --compare", USAGE_ERROR)
    return plan(arguments.stories[0], arguments)


def plan(path: Path, arguments: Namespace) -> int:
    """Fill the gaps of the story at ``path``; STEP_FAILED where the planner could not fill a scene."""
    from dreamrunner.files.in_place import replace_text
    from dreamrunner.planning.asking import Asking
    from dreamrunner.planning.chat.costs import PriceError, prices
    from dreamrunner.planning.written.file import filled_path
    from dreamrunner.planning.written.keeping import edited_outside, keep_aside, put_whole
    from dreamrunner.planning.written.plan_file import FilledFile, fill_in, plan_file

    try:
        table = prices(arguments.prices)
    except PriceError as error:
        return refuse(f"--prices: {error}", USAGE_ERROR)
    wanted = frozenset(arguments.again or ())

    def again(scene: str) -> bool:
        return ALL in wanted or scene in wanted

    if unknown := unknown_scenes(path, arguments, arguments.planner):
        return refuse(f"--again: {path} has no scene {quoted(unknown)}", USAGE_ERROR)
    if arguments.dry_run:
        return _foresee(path, arguments, table, again)
    ask = Asking(arguments.jobs, arguments.timeout, table)
    try:
        with waiting():
            planned = plan_file(
                path,
                allow_outside=arguments.allow_outside,
                planner=arguments.planner,
                ask=ask,
                save=replace_text,
                again=again,
            )
    except OSError as error:
        return _unwritable(filled_path(path), error)
    finally:
        if used := ask.account():
            say(used)
        for remark in ask.remarks():
            warn(remark)
    show(planned.diagnostics)
    for failure in planned.failures:
        refuse(str(failure), STEP_FAILED)
    if not isinstance(planned, FilledFile):
        return STEP_FAILED if planned.failures else STORY_ERROR
    text, target = planned.text, planned.target
    if arguments.write:
        target = path
        filled = fill_in(planned)
        if not isinstance(filled, str):
            return refuse(
                f"in {planned.target} the beats of {quoted(filled)} are others than {path} has;"
                f" make them the same in both, or take {planned.target.name} away",
                STORY_ERROR,
            )
        text = filled
    aside = list(planned.aside)
    try:
        outside = [] if arguments.write or target == path else edited_outside(path, planned.held, aside, text)
        if (planned.replaced or outside) and not aside:
            aside.append(keep_aside(path))
        if arguments.write:
            if not replace_text(target, planned.draft.checked.text, text):
                answers = f", where {planned.target.name} keeps what was answered" if ask.asked else ""
                return refuse(
                    f"{path} was saved by somebody else while it was planned; plan it again{answers}", STEP_FAILED
                )
        elif found := put_whole(path, planned.held, text):
            aside.append(found)
    except OSError as error:
        return _unwritable(target, error)
    _tell_replaced(path, planned, aside, outside, asked=bool(wanted))
    say(_account(planned))
    result(target)
    return DONE


def _tell_replaced(path: Path, planned: FilledFile, aside: list[Path], outside: list[str], *, asked: bool) -> None:
    """Say which edits by hand are not in the filled story any more, and where they are kept."""
    kept = ", ".join(dict.fromkeys(copy.name for copy in aside))
    if planned.replaced:
        why = "it was asked for again" if asked else f"its text in {path.name} changed since"
        warn(
            f"the fill of {quoted(planned.replaced)} was edited by hand, and {why}:"
            f" it is filled anew, and what it was is kept in {kept}"
        )
    elif aside and not outside:
        warn(f"{planned.target.name} was edited while it was planned: as it was edited it is kept in {kept}, too")
    if outside:
        lines = f"{counted(len(outside), 'line')} outside of scenes, such as `{shortened(outside[0], 60)}`"
        warn(
            f"{planned.target.name} had {lines}, not in {path.name}: edited by hand, or of an older {path.name};"
            f" what stands outside of scenes is taken from there, so write it there; what it was is kept in {kept}"
        )


def _foresee(
    path: Path, arguments: Namespace, table: Mapping[str, tuple[float, float]], again: Callable[[str], bool]
) -> int:
    """Print which gaps there are and what filling them would take. Asks nobody, writes nothing."""
    from dreamrunner.language import gaps
    from dreamrunner.planning.chat.costs import dollars, estimate
    from dreamrunner.planning.local.folder import is_local
    from dreamrunner.planning.written.plan_file import PlannedFile, begin

    begun = begin(path, allow_outside=arguments.allow_outside, planner=arguments.planner, again=again)
    if isinstance(begun, PlannedFile):
        show(begun.diagnostics)
        return STORY_ERROR
    story = begun.story
    for gap in gaps(story):
        print(gap)
    if story.planner in PLANNERS:
        print(printable(f"planner {story.planner}: no calls"))
        return DONE
    foreseen = estimate(story, begun.open_scenes)
    if is_local(story.planner):
        from dreamrunner.cli.dry_run import local_cost
        from dreamrunner.planning.local.needs import local_needs

        cost = local_cost(local_needs(story, foreseen))
    else:
        cost = dollars(table, story.planner, foreseen.tokens_in, foreseen.tokens_out)
    tokens = f"about {foreseen.tokens_in} tokens in, {foreseen.tokens_out} out"
    print(printable(f"planner {story.planner}: {foreseen.calls} calls, {tokens}: {cost}"))
    return DONE


def _unwritable(path: Path, error: OSError) -> int:
    return refuse(f"{path} can't be written: {reason(error)}", STEP_FAILED)


def _account(planned: FilledFile) -> str:
    story, parts = planned.story, []
    if planned.filled:
        parts.append(f"filled {', '.join(planned.filled)} (planner {story.planner})")
    if planned.taken:
        parts.append(f"kept {', '.join(planned.taken)}")
    by = {scene.name: scene.filled_by for scene in story.scenes}
    others = [name for name in planned.taken if by[name] and by[name].split()[0] != story.planner]
    if others:
        names = ", ".join(f"{name} by {by[name]}" for name in others)
        parts.append(f"of these, {names}: --again has planner {story.planner} fill them")
    return "; ".join(parts) or "there was no gap to fill"
