"""``evaluate``: measure films as the paper does."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from dreamrunner.cli.console import output
from dreamrunner.cli.exits import DONE, STORY_ERROR
from dreamrunner.cli.options import add_allow_outside, path_argument
from dreamrunner.files.paths import BUNDLED

GROUPS = ("character", "text", "transition", "aesthetics", "imaging", "smoothness")
FORMS = ("text", "json", "csv")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "films",
        type=path_argument,
        nargs="+",
        metavar="FILM",
        help="a video, a film's folder, or a story that was filmed",
    )
    parser.add_argument(
        "--plan",
        type=path_argument,
        metavar="FILE",
        help="what the films should show: their .story, or a manifest.json",
    )
    parser.add_argument(
        "--only", action="append", choices=GROUPS, default=[], help="measure this alone; may be given several times"
    )
    parser.add_argument("--format", choices=FORMS, default="text", help="form of the scores (default: text)")
    networks = parser.add_argument_group("networks")
    networks.add_argument(
        "--by",
        choices=("paper", *BUNDLED),
        help="the paper's networks, or a bundled model's own, which know its drawings (default: by the film)",
    )
    networks.add_argument("--image-model", metavar="M", help="what open_clip loads: a folder, or a name/tag")
    networks.add_argument("--video-model", metavar="M", help="an X-CLIP (folder or hub id), viclip-b or viclip-l")
    networks.add_argument("--dino", type=path_argument, metavar="DIR", help="a folder with a DINOv2")
    networks.add_argument("--head", type=path_argument, metavar="FILE", help="LAION's aesthetic head")
    networks.add_argument("--head-model", metavar="M", help="the CLIP that the head knows, as --image-model has one")
    networks.add_argument("--musiq", type=path_argument, metavar="FILE", help="MUSIQ's weights, as pyiqa has them")
    networks.add_argument("--allow-code", action="store_true", help="run ViCLIP's code from the hub")
    networks.add_argument("--no-fetch", action="store_true", help="take what is on this machine alone")
    add_allow_outside(parser)


def run(arguments: Namespace) -> int:
    """Measure the films, and print what they got."""
    from dreamrunner.evaluation.evaluate import evaluate
    from dreamrunner.evaluation.footage import NoFootage
    from dreamrunner.evaluation.tables import FORMS as WRITERS

    found, code = [], DONE
    for film in arguments.films:
        try:
            found.append(
                evaluate(
                    film,
                    plan=arguments.plan,
                    only=arguments.only,
                    by=arguments.by,
                    image_model=arguments.image_model,
                    video_model=arguments.video_model,
                    dino=arguments.dino,
                    head=arguments.head,
                    head_model=arguments.head_model,
                    musiq=arguments.musiq,
                    allow_code=arguments.allow_code,
                    fetch=not arguments.no_fetch,
                    allow_outside=arguments.allow_outside,
                    tell=output.say,
                )
            )
        except NoFootage as error:
            code = output.refuse(str(error), STORY_ERROR)
    if found:
        text = WRITERS[arguments.format](found)
        if arguments.format == "text":
            from dreamrunner.files.text import printable

            output.result(printable(text))
        else:
            output.document(text + "\n")
    return code
