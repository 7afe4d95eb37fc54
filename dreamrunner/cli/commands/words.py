"""``words``: list what a model can draw, where that is known."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.folder import WORDS
from dreamrunner.backbones.table import DEFAULT_MODEL, TABLE
from dreamrunner.backbones.vocabulary import Vocabulary, vocabulary_of
from dreamrunner.cli.console.output import refuse, result
from dreamrunner.cli.exits import DONE, USAGE_ERROR
from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.files.text import printable_line

_HEADINGS = {"learnable": "learnable from the drawn catalog"}
_WIDTH = 100


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "model",
        nargs="?",
        default=DEFAULT_MODEL,
        metavar="MODEL",
        help=f"{', '.join(TABLE)}, or a folder (default: {DEFAULT_MODEL})",
    )


def run(arguments: Namespace) -> int:
    """Print the words by kind; of a model that lists none, that it does not."""
    model = arguments.model
    try:
        vocabulary = vocabulary_of(model)
    except BackboneError as error:
        return refuse(f"{model}: {error}", USAGE_ERROR)
    if vocabulary is not None:
        for line in _table(vocabulary):
            result(line)
    elif not Path(model).is_dir() and "/" not in model and model not in TABLE:
        meant = did_you_mean(closest(model, TABLE)) or f"there are {', '.join(TABLE)}; or name a folder"
        return refuse(f"there is no model {model!r}; {meant}", USAGE_ERROR)
    else:
        unlisted = f"{model} lists no words (no {WORDS} in a folder of it on this machine)"
        result(printable_line(f"{unlisted}: what it can draw is what it has seen, which nobody has written down"))
    return DONE


def _table(vocabulary: Vocabulary) -> list[str]:
    from dreamrunner.planning.english.word_forms import ing_form

    lines = []
    for kind, words in asdict(vocabulary.words).items():
        if kind in ("motions", "learnable"):
            words = [ing_form(word) for word in words]
        lines += [_HEADINGS.get(kind, kind), *textwrap.wrap(", ".join(words) or "none", _WIDTH, initial_indent="  ")]
    return [*lines, "Usual synonyms and other forms are taken for these; other words are left out of the picture."]
