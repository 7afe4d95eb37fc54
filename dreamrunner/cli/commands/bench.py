"""``bench``: film a public benchmark, and lay its videos out for its scorers."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.console.output import refuse, result, say, shown
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR, USAGE_ERROR
from dreamrunner.cli.options import add_build_options, add_log, add_ray, build_options, path_argument, positive
from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.files.text import printable_line, shortened
from dreamrunner.files.wording import counted

if TYPE_CHECKING:
    from dreamrunner.benchmarking.foreseeing import Foreseen
    from dreamrunner.benchmarking.works import Benchmark, Work
    from dreamrunner.pipeline.options import Options

NAMES = ("t2v-compbench", "storyeval", "vistorybench")
_ONE_STORY = ("scene", "keep_going", "allow_outside", "draft", "voice", "burn_subtitles")
"""Options of a build that are for one story, or for what no scorer wants in a video."""

_SHOWN = 10  # stories of which it is told what is not understood
_LONGEST = 200  # letters of a reason


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("benchmark", type=_name, choices=NAMES, metavar="BENCHMARK", help=", ".join(NAMES))
    parser.add_argument(
        "folder", type=path_argument, metavar="DIR", help="the benchmark's own files; nothing of them is fetched"
    )
    groups = add_build_options(parser, without=_ONE_STORY)
    what = groups["what is filmed"]
    help = "folder for stories, films and what the scorers read (default: build/BENCHMARK)"
    what.add_argument("-o", "--out", type=path_argument, metavar="DIR", help=help)
    help = "film what is called so alone: 'motion_binding', '01', 'A_fox_*'; may be given again"
    what.add_argument("--only", action="append", default=[], metavar="PATTERN", help=help)
    what.add_argument("--first", type=positive, metavar="N", help="film the first N alone, of each category")
    help = "t2v-compbench: film the published plans alone, the prompts alone, or plans where there are any (default)"
    what.add_argument("--from", dest="use", choices=("plans", "prompts", "both"), default="both", help=help)
    help = "seconds of a film of a prompt, or of a shot (default: 6)"
    what.add_argument("--seconds", type=_seconds, metavar="X", default=6.0, help=help)
    help = "what the scorers call the model (default: its name)"
    what.add_argument("--name", metavar="NAME", help=help)
    help = "vistorybench: the language of its texts (default: en)"
    what.add_argument("--language", choices=("en", "ch"), default="en", help=help)
    add_ray(parser)
    told = parser.add_argument_group("reports")
    help = "say how many films, what the plans understand, and what filming takes"
    told.add_argument("--dry-run", action="store_true", help=help)
    add_log(told)


def run(arguments: Namespace) -> int:
    """Read the benchmark, film it, and tell what failed."""
    from dreamrunner.benchmarking.works import BenchmarkError
    from dreamrunner.pipeline import UsageError
    from dreamrunner.pipeline.errors import check
    from dreamrunner.pipeline.options import flag

    out: Path = arguments.out or Path("build") / arguments.benchmark
    options = build_options(arguments)
    try:
        check(options)
        benchmark = _read(arguments, out, options).chosen(arguments.only, arguments.first)
        for fault in benchmark.faults:
            refuse(printable_line(fault), STORY_ERROR)
        if arguments.dry_run:
            return _dry_run(benchmark, out, options)
        return _film(benchmark, out, options, arguments.ray)
    except BenchmarkError as error:
        return refuse(str(error), STORY_ERROR)
    except UsageError as error:
        return refuse(f"{flag(error.option)}: {error.why}", USAGE_ERROR)


def _read(arguments: Namespace, out: Path, options: Options) -> Benchmark:
    from dreamrunner.backbones.table import DEFAULT_MODEL
    from dreamrunner.benchmarking.works import file_name

    model = options.model or DEFAULT_MODEL
    method = file_name(arguments.name or Path(model.rstrip("/")).name, "dreamrunner")
    folder, duration = arguments.folder, arguments.seconds
    if arguments.benchmark == "t2v-compbench":
        from dreamrunner.benchmarking import t2v_compbench

        return t2v_compbench.read(folder, use=arguments.use, duration=duration)
    if arguments.benchmark == "storyeval":
        from dreamrunner.benchmarking import storyeval

        return storyeval.read(folder, method=method, duration=duration)
    from dreamrunner.benchmarking import vistorybench

    stamp = vistorybench.stamp_of(out, method, arguments.language)
    return vistorybench.read(folder, method=method, stamp=stamp, language=arguments.language, duration=duration)


def _film(benchmark: Benchmark, out: Path, options: Options, ray: str | None) -> int:
    from dreamrunner.benchmarking.filming import film_all
    from dreamrunner.files.wording import reason

    with shown() as progress:
        try:
            filmed = film_all(benchmark, out, options, ray=ray, progress=progress)
        except OSError as error:
            return refuse(f"{out} can't be written: {reason(error)}", STEP_FAILED)
    _tell_failures([(failed.work, failed.why) for failed in filmed.failed], STEP_FAILED)
    for note in filmed.notes:
        say(note)
    if filmed.warned:
        warned = counted(filmed.warned, "story has", "stories have")
        say(f"{warned} warnings: `dreamrunner check {out / 'stories'}` tells them")
    lost = f"; {len(filmed.failed)} failed" if filmed.failed else ""
    unread = f"; {len(benchmark.faults)} could not be read" if benchmark.faults else ""
    say(f"{counted(len(filmed.done), 'story', 'stories')} of {len(benchmark.works)} filmed{lost}{unread}")
    result(out)
    if any(failed.step for failed in filmed.failed):
        return STEP_FAILED
    return STORY_ERROR if filmed.failed or benchmark.faults or not benchmark.works else DONE


def _dry_run(benchmark: Benchmark, out: Path, options: Options) -> int:
    from dreamrunner.benchmarking.foreseeing import foresee_all
    from dreamrunner.benchmarking.works import sum_of

    foreseen = foresee_all(benchmark, out, options, _heard(len(benchmark.works)))
    _tell_failures(foreseen.impossible, STORY_ERROR)
    print(f"{sum_of(benchmark.works)}, with {foreseen.model}" if foreseen.model else sum_of(benchmark.works))
    print(f"{foreseen.films} would be filmed, in {counted(foreseen.scenes, 'scene')}; {foreseen.kept} are kept")
    print("\n".join(_understood(foreseen, len(benchmark.works))))
    if foreseen.films:
        print("\n".join(_costs(foreseen)))
    return STORY_ERROR if foreseen.impossible or benchmark.faults else DONE


def _tell_failures(failed: Sequence[tuple[Work, str]], code: int) -> None:
    """Say why works are not filmed, each reason once."""
    reasons: dict[str, list[Work]] = {}
    for work, why in failed:
        reasons.setdefault(why, []).append(work)
    for why, works in reasons.items():
        more = f" and {len(works) - 1} more" if len(works) > 1 else ""
        refuse(f"{works[0].name} ({printable_line(works[0].source)}){more}: {why}", code)


def _heard(all: int) -> Callable[[int, int], None]:
    """Says now and then how many of many stories were looked at."""
    step = max(50, all // 10)

    def heard(done: int, all: int) -> None:
        if done % step == 0 and done < all:
            say(f"looked at {done} of {all}")

    return heard


def _understood(foreseen: Foreseen, all: int) -> Sequence[str]:
    """What the plans film nothing of, by story; and how many are understood whole."""
    lines = [f"{all - len(foreseen.unread)} of {all} are understood whole"]
    for work, said in foreseen.unread[:_SHOWN]:
        lines += [f"  {work.name}: {shortened(printable_line(each), _LONGEST)}" for each in said]
    if len(foreseen.unread) > _SHOWN:
        lines.append(f"  ... and something of {len(foreseen.unread) - _SHOWN} more (--only NAME shows it)")
    return lines


def _costs(foreseen: Foreseen) -> Sequence[str]:
    from dreamrunner.files.wording import clock, size

    lines = []
    if foreseen.asked:
        from dreamrunner.planning.chat.costs import dollars, prices

        cost = dollars(prices(), foreseen.asked, foreseen.tokens_in, foreseen.tokens_out)
        tokens = f"about {foreseen.tokens_in} tokens in, {foreseen.tokens_out} out"
        lines.append(f"{foreseen.asked} would plan: {counted(foreseen.calls, 'call')}, {tokens}: {cost}")
    if not foreseen.unmeasured:
        time = f"about {clock(foreseen.seconds)}, as builds took on this machine"
    elif foreseen.seconds:
        time = f"about {clock(foreseen.seconds)} and, not measured here yet: {', '.join(foreseen.unmeasured)}"
    else:
        time = "nothing like it has been measured on this machine yet; film one, and ask again"
    lines += [f"time    {time}", f"disk    {size(foreseen.disk)} in the cache at most"]
    if (memory := foreseen.memory) is not None:
        lines.append(f"refused {memory.refused}" if memory.refused else memory.said())
    return lines


def _name(text: str) -> str:
    """One of the benchmarks' names."""
    if text not in NAMES:
        meant = did_you_mean(closest(text, NAMES)) or f"there are {', '.join(NAMES)}"
        raise argparse.ArgumentTypeError(f"there is no {text}; {meant}")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.5 <= seconds <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0.5 to 60")
    return seconds
