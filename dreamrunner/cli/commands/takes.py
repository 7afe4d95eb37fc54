"""``takes``: show the takes of a film's scenes side by side, and choose one."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from dreamrunner.cli.console.output import refuse, result, show
from dreamrunner.cli.exits import DONE, STORY_ERROR, USAGE_ERROR
from dreamrunner.cli.options import add_allow_outside, add_film_folder, add_story, positive


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_story(parser)
    add_film_folder(parser)
    parser.add_argument(
        "--choose",
        type=_choice,
        metavar="SCENE:N",
        help="write the seed of a scene's take N into the scene, so that the film has that one",
    )
    add_allow_outside(parser)


def run(arguments: Namespace) -> int:
    """List and draw the takes, or choose one."""
    from dreamrunner.language import read_story
    from dreamrunner.pipeline.kept_takes import NoTake, choose, kept_takes, take_named
    from dreamrunner.pipeline.last_film import film_folder

    read = read_story(arguments.story, allow_outside=arguments.allow_outside)
    if read.story is None:
        show(read.diagnostics)
        return STORY_ERROR
    folder = arguments.out or film_folder(arguments.story)
    names = [scene.name for scene in read.story.scenes]
    try:
        if arguments.choose is not None:
            scene, number = arguments.choose
            if scene not in names:
                return refuse(f"the story has no scene {scene}; it has {', '.join(names)}", USAGE_ERROR)
            take = take_named(kept_takes(folder, scene), scene, number)
            changed = choose(arguments.story, scene, take.seed)
            said = f"{scene} has seed {take.seed} {'now' if changed else 'already'}"
            result(f"{said}; build the film again to have take {number}")
            return DONE
    except NoTake as error:
        return refuse(str(error), USAGE_ERROR)
    return _list(folder, names)


def _list(folder: Path, names: list[str]) -> int:
    from dreamrunner.film.take_sheet import TakeRow, draw_takes
    from dreamrunner.pipeline.kept_takes import kept_takes
    from dreamrunner.pipeline.manifest import TAKES

    shown = False
    for name in names:
        takes = kept_takes(folder, name)
        for take in takes:
            result(f"{name}: {take.label}")
        if takes:
            shown = True
            rows = [TakeRow(take.film, take.label, take.duration, take.marks) for take in takes]
            result(draw_takes(name, rows, folder / TAKES / f"{name}.png"))
    if not shown:
        return refuse(f"{folder} has no takes; `dreamrunner build --takes N` films some", USAGE_ERROR)
    return DONE


def _choice(text: str) -> tuple[str, int]:
    scene, colon, number = text.rpartition(":")
    if not colon or not scene:
        raise ArgumentTypeError(f"{text!r} is not SCENE:N, as garden:2")
    return scene, positive(number)
