"""The errors of a build: a story that can't be filmed, and an option that can't be used.

The stages raise errors of their own, which :func:`refusals` turns into these two and
:class:`~dreamrunner.engine.graph.StepFailed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dreamrunner.backbones import BackboneError, UnfitSize, UnknownModel
from dreamrunner.datasets import SourceError
from dreamrunner.engine.graph import StepFailed
from dreamrunner.files.extras import missing
from dreamrunner.film import FilmError
from dreamrunner.language import Diagnostic, render
from dreamrunner.pipeline.adapters.pictures import OptionRefused, lora_of
from dreamrunner.pipeline.adapters.resolve import ADAPTERS, NothingToLearn, adapters_folder
from dreamrunner.pipeline.options import Options, wrong
from dreamrunner.pipeline.outputs import InTheWay
from dreamrunner.pipeline.prepare import UnknownScene
from dreamrunner.priors import AdapterError
from dreamrunner.rendering.eight_bits import lacking
from dreamrunner.rendering.speedups import SPEEDUPS
from dreamrunner.retrieval import CatalogError
from dreamrunner.speech import VoiceError


class StoryError(Exception):
    """A story that can't be filmed as it stands.

    ``diagnostics`` are the problems that were found in it, each with its place and what to do, warnings too. ``why``
    says, in one line, what only shows in the files that the story brings; else it is empty. ``str()`` tells all of it.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic] = (), why: str = "") -> None:
        super().__init__(tuple(diagnostics), why)
        self.diagnostics = tuple(diagnostics)
        self.why = why

    def __str__(self) -> str:
        return self.why or render([one for one in self.diagnostics if one.severity == "error"], color=False).strip()


class UsageError(ValueError):
    """An option is out of range, or names what does not exist. ``option`` is its name, as in
    :class:`~dreamrunner.pipeline.Options`."""

    def __init__(self, option: str, why: str) -> None:
        super().__init__(option, why)
        self.option = option
        self.why = why

    def __str__(self) -> str:
        return f"{self.option}: {self.why}"


@contextmanager
def refusals(options: Options) -> Iterator[None]:
    """Turn the errors of the stages that the block raises into those of a build.

    Raises:
        StepFailed: the model, or a font for burning in subtitles, is not to be had.
        StoryError: a file that the story brings can't be used, or the model that it names.
        UsageError: there is no such model, scene or voice, or a LoRA file that is named can't be used.
    """
    try:
        yield
    except UnknownScene as error:
        raise UsageError("scene", str(error)) from error
    except VoiceError as error:
        raise UsageError("voice", str(error)) from error
    except OptionRefused as error:
        raise UsageError(error.option, error.why) from error
    except UnknownModel as error:
        raise (UsageError("model", str(error)) if options.model is not None else StoryError(why=str(error))) from error
    except (AdapterError, CatalogError, InTheWay, NothingToLearn, SourceError, UnfitSize) as error:
        raise StoryError(why=str(error)) from error
    except (BackboneError, FilmError) as error:
        raise StepFailed(str(error)) from error


def check(options: Options) -> None:
    """Check what can be checked of options without a story.

    Raises:
        UsageError: an option is not what it can be, a folder is unknown, or two options can't go together.
    """
    if found := wrong(options):
        raise UsageError(*found)
    if len(caches := [name for name in options.speedups if SPEEDUPS[name].cache]) > 1:
        raise UsageError("speedups", f"{' and '.join(caches)} can't be used together; choose one cache")
    for name in options.speedups:
        if (package := SPEEDUPS[name].package) and missing(package):
            raise UsageError("speedups", lacking())
    for option in ("loras", "fast"):
        for text in getattr(options, option):
            try:
                lora = lora_of(text)
            except ValueError as error:
                raise UsageError(option, str(error)) from None
            if not lora.path.is_file():
                raise UsageError(option, f"there is no file {lora.path}")
    folder = adapters_folder(options.adapters)
    if folder is not None and not folder.is_dir():
        named = "" if options.adapters is not None else f"; {ADAPTERS} names it"
        raise UsageError("adapters", f"there is no folder {folder}{named}")
    if options.burn_subtitles and options.scene is not None:
        raise UsageError("burn_subtitles", "it goes with the whole film, not with one scene")
