"""``train``: train the LoRA of a motion or of a character."""

from __future__ import annotations

import glob
import math
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.backbones.table import DEFAULT_MODEL
from dreamrunner.cli.console.output import refuse, result, shown
from dreamrunner.cli.exits import DONE, STEP_FAILED, STORY_ERROR, USAGE_ERROR
from dreamrunner.cli.options import add_log, add_model, natural, path_argument, positive
from dreamrunner.files.text import NAME

if TYPE_CHECKING:
    from dreamrunner.engine.graph import Task
    from dreamrunner.engine.progress import Progress
    from dreamrunner.pipeline.adapters.train import Order


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    kinds = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="kind")
    motion = kinds.add_parser("motion", help="learn a motion")
    motion.add_argument("name", type=name, metavar="NAME", help="such as stirring")
    source = motion.add_mutually_exclusive_group(required=True)
    source.add_argument("--clips", nargs="+", metavar="PATTERN", help='clips that show it, such as "clips/*.mp4"')
    source.add_argument("--catalog", metavar="DIR", help="find clips in a catalog's folder, or in miniature")
    motion.add_argument("--query", metavar="TEXT", help='what to search the catalog for (default: "person is NAME")')
    motion.add_argument("--detector", type=path_argument, metavar="FILE", help="YOLO weights (.onnx, .pt or a folder)")
    motion.add_argument("--trust-weights", action="store_true", help="read a detector that is a pickle (.pt)")
    _add_common(motion)
    subject = kinds.add_parser("subject", help="learn a character")
    subject.add_argument("name", type=name, metavar="NAME", help="such as witch")
    subject.add_argument("--images", nargs="+", required=True, metavar="PATTERN", help='photos, such as "refs/*.png"')
    subject.add_argument("--looks", default="", metavar="TEXT", help='what all photos show (default: "a NAME")')
    _add_common(subject)


def _add_common(command: ArgumentParser) -> None:
    add_model(command, DEFAULT_MODEL)
    command.add_argument("--steps", type=positive, metavar="N", help="training steps (default: the model's)")
    command.add_argument("--rank", type=positive, metavar="N", help="rank of the LoRA (default: the model's)")
    command.add_argument("--lr", type=rate, metavar="X", help="learning rate (default: the model's)")
    command.add_argument("--seed", type=natural, default=0, metavar="N", help="of the training (default: 0)")
    command.add_argument("-o", "--out", type=path_argument, metavar="FILE", help="the LoRA (default: NAME.safetensors)")
    add_log(command)
    command.add_argument("--preview", type=positive, default=0, metavar="N", help="write a clip every N steps")


def name(text: str) -> str:
    """A name as stories have them."""
    if not NAME.fullmatch(text):
        from dreamrunner.language.parsing.mistakes.names import name_instead

        raise ArgumentTypeError(f"{text!r} is no name: {name_instead(text)}")
    return text


def rate(text: str) -> float:
    """A learning rate."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def matching(patterns: Sequence[str]) -> list[Path] | str:
    """The files that patterns match, sorted, each once; or the pattern that matches none."""
    files: dict[Path, None] = {}
    for pattern in patterns:
        found = [Path(path) for path in sorted(glob.glob(pattern, recursive=True))] or [Path(pattern)]
        found = [path for path in found if path.is_file()]
        if not found:
            return pattern
        files |= dict.fromkeys(found)
    return list(files)


def run(arguments: Namespace) -> int:
    """Learn it, and write the LoRA."""
    from dreamrunner.backbones import UnknownModel
    from dreamrunner.datasets import SourceError
    from dreamrunner.pipeline import NothingToLearn
    from dreamrunner.retrieval import CatalogError, DetectorError, SimilarityError

    out = arguments.out or Path(f"{arguments.name}.safetensors")
    if out.suffix != ".safetensors":
        return refuse(f"--out: {out} must end in .safetensors", USAGE_ERROR)
    patterns = arguments.images if arguments.kind == "subject" else arguments.clips
    files = matching(patterns or [])
    if isinstance(files, str):
        return refuse(f"no file matches {files}", STORY_ERROR)
    try:
        with shown() as progress:
            return _learn(arguments, out, files, progress)
    except UnknownModel as error:
        return refuse(f"--model: {error}", USAGE_ERROR)
    except (CatalogError, NothingToLearn, SourceError) as error:
        return refuse(str(error), STORY_ERROR)
    except (DetectorError, SimilarityError) as error:
        return refuse(str(error), STEP_FAILED)


def _learn(arguments: Namespace, out: Path, files: Sequence[Path], progress: Progress) -> int:
    import dataclasses

    from dreamrunner.backbones import BackboneError, cache_folder, describe
    from dreamrunner.backbones.device import card, compute_device
    from dreamrunner.engine import Store
    from dreamrunner.engine.lease import leased
    from dreamrunner.engine.progress import Said
    from dreamrunner.pipeline.adapters.train import Order, learn

    backbone = describe(arguments.model, tell=lambda line: progress(Said(line)))
    if backbone.untrainable:
        raise BackboneError(backbone.untrainable)
    usual = getattr(backbone.training, arguments.kind)
    asked = {"steps": arguments.steps, "rank": arguments.rank, "learning_rate": arguments.lr}
    order = Order(
        of=arguments.name,
        backbone=backbone,
        device=compute_device(),
        card=card(),
        recipe=dataclasses.replace(usual, **{field: value for field, value in asked.items() if value is not None}),
        out=out,
        seed=arguments.seed,
        preview=arguments.preview,
    )
    store = Store(cache_folder())
    # What is found, or was learnt before, stays until it is delivered.
    with leased(store.root) as lease:
        tasks = _tasks(arguments, order, files, progress)
        progress(Said(f"learning {order.of} for {backbone.name}: {order.recipe.steps} steps, rank {order.recipe.rank}"))
        result(learn(order, tasks, store, lease, progress))
    return DONE


def _tasks(arguments: Namespace, order: Order, files: Sequence[Path], progress: Progress) -> tuple[Task, ...]:
    from dreamrunner.engine.progress import counting
    from dreamrunner.pipeline.adapters.catalogs import named_catalog
    from dreamrunner.pipeline.adapters.tasks import Search
    from dreamrunner.pipeline.adapters.train import motion_from_catalog, motion_from_clips, subject_from_photos
    from dreamrunner.retrieval import query_for

    if arguments.kind == "subject":
        return subject_from_photos(order, files, arguments.looks, progress)
    if arguments.catalog is None:
        return motion_from_clips(order, files, progress)
    which = named_catalog(arguments.catalog)
    with counting(progress) as on_progress:
        how = {"detector": arguments.detector, "trust_weights": arguments.trust_weights}
        return motion_from_catalog(order, Search(arguments.query or query_for(order.of), which, **how), on_progress)
