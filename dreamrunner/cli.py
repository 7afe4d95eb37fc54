"""The ``dreamrunner`` command. Each subcommand imports the stages that it needs, and nothing before it runs.

Exit codes: 0 done, 1 an error in the story, 2 wrong usage, 3 a step that failed, 130 interrupted. Nothing that a user
can do ends in a traceback; ``DREAMRUNNER_DEBUG=1`` shows it where something failed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from dreamrunner import __version__

if TYPE_CHECKING:
    from dreamrunner.build import Options
    from dreamrunner.language import Diagnostic

DONE, STORY_ERROR, USAGE_ERROR, STEP_FAILED, INTERRUPTED, READER_GONE, TERMINATED = 0, 1, 2, 3, 130, 141, 143

QUIET_ENVIRONMENT = {
    "DIFFUSERS_VERBOSITY": "error",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYTHONWARNINGS": "ignore",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "TORCH_CPP_LOG_LEVEL": "ERROR",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "YOLO_OFFLINE": "true",
    "YOLO_VERBOSE": "false",
}
"""Settings that keep libraries from chattering and from calling home; what the user has set stays."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``arguments`` default to the process's own."""
    debug = os.environ.get("DREAMRUNNER_DEBUG") == "1"
    if not debug:
        warnings.simplefilter("ignore")
        for name, value in QUIET_ENVIRONMENT.items():
            os.environ.setdefault(name, value)
    stop = _Stop()
    try:
        stop.listen()
        parsed = parser().parse_args(arguments)
        return int(parsed.command(parsed))
    except SystemExit as exit:
        return exit.code if isinstance(exit.code, int) else USAGE_ERROR
    except BrokenPipeError:
        # The reader of our output has gone, as in `dreamrunner check ... | head`. Python would complain once more
        # when it flushes at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, sys.stderr.fileno())
        return READER_GONE
    except BaseException as error:
        if debug:
            raise
        if stop.signal is not None or isinstance(error, KeyboardInterrupt):
            return stop.farewell()
        from dreamrunner.build.graph import reason

        return _refuse(reason(error), STEP_FAILED)


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(
        prog="dreamrunner", description="Films stories: text in, film out.", allow_abbrev=False
    )
    top.add_argument("--version", action="version", version=f"dreamrunner {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="film a story", allow_abbrev=False)
    build.set_defaults(command=_build)
    build.add_argument("story", type=Path, metavar="STORY", help="the .story file")
    build.add_argument("-o", "--out", type=Path, metavar="DIR", help="folder for the film (default: build/STORY)")
    _add_overrides(build)
    build.add_argument("--steps", type=_positive, metavar="N", help="denoising steps (default: the model's)")
    build.add_argument("--scene", metavar="NAME", help="film this scene alone")
    build.add_argument("--draft", action="store_true", help="a quick look, in a fifth of the steps, into DIR/draft")
    build.add_argument(
        "--speedup",
        action="append",
        default=[],
        metavar="NAME",
        help="make rendering cheaper, some at the price of exactness (the README has a table)",
    )
    build.add_argument("--smooth", action="store_true", help="interpolate motion between the model's frames")
    build.add_argument(
        "--attention",
        choices=("sr3ai", "hard", "plain"),
        default="sr3ai",
        help="region attention as in the paper, with hard borders, or none (default: sr3ai)",
    )

    check = commands.add_parser("check", help="say what is wrong in stories", allow_abbrev=False)
    check.set_defaults(command=_check)
    check.add_argument("stories", type=Path, nargs="+", metavar="PATH", help="stories, or folders of them")
    check.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="form of the report (default: text)",
    )
    _add_allow_outside(check)

    fmt = commands.add_parser("fmt", help="write stories in their one layout", allow_abbrev=False)
    fmt.set_defaults(command=_fmt)
    fmt.add_argument("stories", type=Path, nargs="+", metavar="PATH", help="stories, folders of them, or - for stdin")
    fmt.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file would change")
    fmt.add_argument("--diff", action="store_true", help="change nothing; show what would change")

    explain = commands.add_parser("explain", help="say what a diagnostic means and how to mend it", allow_abbrev=False)
    explain.set_defaults(command=_explain_code)
    explain.add_argument("code", nargs="?", metavar="CODE", help="such as unknown-entity (default: list them all)")

    new = commands.add_parser("new", help="make a folder with a story to begin with", allow_abbrev=False)
    new.set_defaults(command=_new)
    new.add_argument("folder", type=Path, metavar="FOLDER")

    plan = commands.add_parser("plan", help="fill the gaps of a story, to review and commit", allow_abbrev=False)
    plan.set_defaults(command=_plan)
    plan.add_argument("stories", type=Path, nargs="*", metavar="STORY", help="one story; with --export, one or more")
    plan.add_argument(
        "--write", action="store_true", help="write into STORY itself, not into NAME.plan.story beside it"
    )
    plan.add_argument("--dry-run", action="store_true", help="say which gaps there are and what filling them costs")
    plan.add_argument(
        "--again",
        nargs="?",
        const="",
        action="append",
        metavar="SCENE",
        help="fill SCENE anew, or without a name all scenes; stands after STORY and can be repeated",
    )
    plan.add_argument("--prices", type=Path, metavar="FILE", help="dollars for a million tokens, by model, as JSON")
    exchange = plan.add_mutually_exclusive_group()
    exchange.add_argument(
        "--import", type=Path, metavar="FILE", dest="import_plans", help="make stories of published plans (JSON Lines)"
    )
    exchange.add_argument("--export", action="store_true", help="write plans in the published form (JSON Lines)")
    plan.add_argument("-o", "--out", type=Path, metavar="PATH", help="folder for --import, file for --export")
    plan.add_argument("--jobs", type=_positive, default=4, metavar="N", help="scenes asked for at a time (default: 4)")
    plan.add_argument("--timeout", type=_positive, metavar="S", help="seconds to wait for each reply (default: 90)")
    _add_allow_outside(plan)

    storyboard = commands.add_parser(
        "storyboard",
        help="draw the plan's boxes, without filming: a picture and a page that plays them",
        allow_abbrev=False,
    )
    storyboard.set_defaults(command=_storyboard)
    storyboard.add_argument("story", type=Path, metavar="STORY")
    storyboard.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="FILE",
        help="picture, with the page beside it (default: build/STORY/boxes.png)",
    )
    _add_allow_outside(storyboard)

    _add_catalog(commands.add_parser("catalog", help="index captioned videos, and search them", allow_abbrev=False))
    _add_retrieve(commands.add_parser("retrieve", help="find the clips that show a motion", allow_abbrev=False))
    return top


def _add_catalog(catalog: argparse.ArgumentParser) -> None:
    actions = catalog.add_subparsers(title="commands", required=True, metavar="COMMAND")
    index = actions.add_parser("index", help="bring a catalog up to date with a source", allow_abbrev=False)
    index.set_defaults(command=_motions, action="index")
    index.add_argument(
        "source", type=Path, metavar="SOURCE", help="a folder of videos, or a table (.jsonl, .csv, .parquet)"
    )
    index.add_argument("-o", "--out", type=Path, metavar="DIR", required=True, help="the catalog's folder")
    index.add_argument("--videos", type=Path, metavar="DIR", help="where a table's videos lie (default: beside it)")
    search = actions.add_parser("search", help="find clips by their captions", allow_abbrev=False)
    search.set_defaults(command=_motions, action="search")
    search.add_argument("catalog", metavar="DIR", help="the catalog's folder, or miniature")
    search.add_argument("query", metavar="QUERY", help='such as "person is stirring a pot"')
    search.add_argument("-n", "--count", type=_positive, default=20, metavar="N", help="clips to show (default: 20)")


def _add_retrieve(retrieve: argparse.ArgumentParser) -> None:
    retrieve.set_defaults(command=_motions, action="retrieve")
    retrieve.add_argument("motion", metavar="MOTION", help='such as stirring, or "person is stirring a pot"')
    retrieve.add_argument("--catalog", metavar="DIR", help="a catalog's folder, or miniature (default: STORY's, or yours)")
    retrieve.add_argument("--story", type=Path, metavar="STORY", help="a story that knows the motion and the catalog")
    retrieve.add_argument("-o", "--out", type=Path, metavar="FILE", help="contact sheet (default: QUERY.png)")
    retrieve.add_argument("--candidates", type=_positive, default=400, metavar="N", help="clips by caption (default: 400)")
    retrieve.add_argument("--keep", type=_positive, default=20, metavar="N", help="clips to choose (default: 20)")
    retrieve.add_argument("--detector", type=Path, metavar="FILE", help="YOLO weights (.onnx, .pt or a folder)")
    retrieve.add_argument("--image-model", metavar="M", help="what open_clip loads: a folder, or a name/tag")
    retrieve.add_argument("--video-model", metavar="M", help="an X-CLIP (folder or hub id), viclip-b or viclip-l")
    retrieve.add_argument("--trust-weights", action="store_true", help="read a detector that is a pickle (.pt)")
    retrieve.add_argument("--allow-code", action="store_true", help="run ViCLIP's code from the hub")
    _add_allow_outside(retrieve)


def _add_overrides(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", metavar="M", help="miniature, cogvideox-2b, cogvideox-5b, a folder or a hub id")
    command.add_argument("--seed", type=_natural, metavar="N", help="the story's seed")
    _add_allow_outside(command)


def _add_allow_outside(command: argparse.ArgumentParser) -> None:
    command.add_argument("--allow-outside", action="store_true", help="let paths leave the story's folder")


def _build(arguments: argparse.Namespace) -> int:
    from dreamrunner.backbones import UnfitSize, UnknownModel
    from dreamrunner.build import UnknownScene, film, for_stream, understand
    from dreamrunner.planning.commands import Chat
    from dreamrunner.priors import AdapterError

    if (refused := _speedups(arguments.speedup)) is not None:
        return refused
    options, progress = _options(arguments), for_stream(sys.stderr)
    chat = Chat()
    try:
        understood = understand(arguments.story, options, progress, chat)
    finally:
        chat.account()
    _show(understood.diagnostics)
    if understood.plan is None:
        return STORY_ERROR
    try:
        built = film(understood, out=arguments.out, options=options, progress=progress, notice=_show)
    except UnknownScene as error:
        return _refuse(f"{arguments.story}: {error}", USAGE_ERROR)
    except UnknownModel as error:
        if options.model is not None:
            return _refuse(f"--model: {error}", USAGE_ERROR)
        return _refuse(f"{arguments.story}: {error}", STORY_ERROR)
    except (AdapterError, UnfitSize) as error:
        return _refuse(f"{arguments.story}: {error}", STORY_ERROR)
    print(built.film)
    return DONE


def _speedups(names: Sequence[str]) -> int | None:
    """Refuse a name that there is none of, and two caches at once; None when all is well."""
    if not names:
        return None
    from dreamrunner.rendering.speedups import SPEEDUPS

    unknown = next((name for name in names if name not in SPEEDUPS), None)
    if unknown is not None:
        return _refuse(f"--speedup: there is no {unknown}; there are {', '.join(SPEEDUPS)}", USAGE_ERROR)
    if len(caches := [name for name in names if SPEEDUPS[name].cache]) > 1:
        return _refuse(f"--speedup: {' and '.join(caches)} can't be used together; choose one cache", USAGE_ERROR)
    return None


def _check(arguments: argparse.Namespace) -> int:
    from dreamrunner.language import commands

    return commands.check(arguments)


def _fmt(arguments: argparse.Namespace) -> int:
    from dreamrunner.language import commands

    return commands.fmt(arguments)


def _explain_code(arguments: argparse.Namespace) -> int:
    from dreamrunner.language import commands

    return commands.explain(arguments)


def _new(arguments: argparse.Namespace) -> int:
    from dreamrunner.language import commands

    return commands.new(arguments)


def _plan(arguments: argparse.Namespace) -> int:
    if arguments.import_plans is not None or arguments.export:
        if arguments.write or arguments.dry_run:
            return _refuse("--import and --export go with neither --write nor --dry-run", USAGE_ERROR)
        from dreamrunner.planning import exchange_commands

        if arguments.export:
            if not arguments.stories:
                return _refuse("--export needs a story, or a folder of them", USAGE_ERROR)
            return exchange_commands.export_plans(arguments)
        if arguments.stories or arguments.out is None:
            return _refuse("--import takes no story and needs a folder to write to (-o DIR)", USAGE_ERROR)
        return exchange_commands.import_plans(arguments)
    if len(arguments.stories) != 1 or arguments.out is not None:
        return _refuse("plan takes one story; -o goes with --import or --export", USAGE_ERROR)
    from dreamrunner.planning import commands

    arguments.story = arguments.stories[0]
    return commands.plan(arguments)


def _storyboard(arguments: argparse.Namespace) -> int:
    from dreamrunner.language import read_story
    from dreamrunner.planning import origins, plan_file

    planned = plan_file(arguments.story, allow_outside=arguments.allow_outside)
    _show(planned.diagnostics)
    if planned.plan is None:
        return STORY_ERROR
    from dreamrunner.build import default_folder
    from dreamrunner.film import draw_storyboard, make_board, write_page

    authored = read_story(arguments.story, allow_outside=arguments.allow_outside).story
    picture = arguments.out or default_folder(arguments.story) / "boxes.png"
    picture, page = picture.with_suffix(".png"), picture.with_suffix(".html")
    draw_storyboard(planned.plan, None, picture)
    write_page(make_board(planned.plan, planned.story, origins(authored, planned), planned.diagnostics), page)
    print(picture)
    print(page)
    return DONE


def _motions(arguments: argparse.Namespace) -> int:
    from dreamrunner.build.progress import counting, for_stream
    from dreamrunner.motions import commands

    with counting(for_stream(sys.stderr)) as on_progress:
        return getattr(commands, arguments.action)(arguments, on_progress)


def _options(arguments: argparse.Namespace) -> Options:
    from dreamrunner.build import Options

    return Options(
        model=arguments.model,
        seed=arguments.seed,
        steps=arguments.steps,
        scene=arguments.scene,
        attention=arguments.attention,
        smooth=arguments.smooth,
        draft=arguments.draft,
        speedups=tuple(arguments.speedup),
        allow_outside=arguments.allow_outside,
    )


def _show(diagnostics: Sequence[Diagnostic]) -> None:
    if diagnostics:
        from dreamrunner.language.reports import in_color, render

        print(render(diagnostics, in_color(sys.stderr)), file=sys.stderr, end="", flush=True)


def _refuse(why: str, code: int) -> int:
    print(f"error: {why}", file=sys.stderr)
    return code


class _Stop:
    """Remembers that the user asked to stop, since a library may turn the interruption into an error of its own."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def listen(self) -> None:
        """Take Ctrl-C and a plain kill alike: clean up, then leave."""
        signal.signal(signal.SIGINT, self._asked)
        signal.signal(signal.SIGTERM, self._asked)

    def farewell(self) -> int:
        """Say how to go on; returns the exit code."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("\nStopped. What is finished is kept: run the same command again to go on.", file=sys.stderr)
        return TERMINATED if self.signal == signal.SIGTERM else INTERRUPTED

    def _asked(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        raise KeyboardInterrupt


def _positive(text: str) -> int:
    number = _natural(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)
