"""``preview``: a page that shows the storyboard anew on every save."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from dreamrunner.cli.options import add_allow_outside, add_film_folder, add_story, natural


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_story(parser)
    parser.add_argument("--port", type=port, default=0, metavar="N", help="port on the loopback (default: any)")
    parser.add_argument("--no-open", action="store_true", help="don't open the page in a browser")
    add_film_folder(parser)
    add_allow_outside(parser)


def port(text: str) -> int:
    """The number of a port."""
    number = natural(text)
    if number > 65535:
        raise ArgumentTypeError("a port is at most 65535")
    return number


def run(arguments: Namespace) -> int:
    """Serve the page until Ctrl-C."""
    from dreamrunner.cli.live_page import serve

    return serve(
        arguments.story,
        out=arguments.out,
        allow_outside=arguments.allow_outside,
        port=arguments.port,
        open_browser=not arguments.no_open,
    )
