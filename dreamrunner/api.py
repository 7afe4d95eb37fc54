"""The Python API: what the command line does, with values for what it prints.

:func:`load` reads a story file; the :class:`StoryFile` that it gives plans, draws and films it. Three errors come out
of it: :class:`~dreamrunner.pipeline.StoryError` for a story that can't be filmed as it stands,
:class:`~dreamrunner.pipeline.UsageError` for an argument, and :class:`~dreamrunner.engine.StepFailed` for a step that
could not be done; where a part of the package is not installed, :class:`~dreamrunner.files.extras.NotInstalled` says
which, and how to get it. PyTorch is imported only when there is something to film. :func:`evaluate` measures any film.

>>> import dreamrunner
>>> story = dreamrunner.load("witch.story")
>>> [scene.name for scene in story.check().scenes]
['garden', 'kitchen', 'spell', 'visitors', 'hill', 'beach', 'sky', 'home']
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Unpack

from dreamrunner.engine.progress import Event, Progress, silent
from dreamrunner.evaluation.evaluate import evaluate as evaluate
from dreamrunner.language import Diagnostic, Story, read_story
from dreamrunner.pipeline import Built, Options, StoryError, build, executor_at, understand_asking
from dreamrunner.pipeline.arguments import named
from dreamrunner.pipeline.draw_boxes import Drawn, draw_boxes
from dreamrunner.pipeline.errors import check
from dreamrunner.pipeline.forecast import Forecast, forecast
from dreamrunner.pipeline.options import How
from dreamrunner.planning import Plan


@named(path=PathLike, allow_outside=bool)
def load(path: str | PathLike[str], *, allow_outside: bool = False) -> StoryFile:
    """Read and check the story at ``path``, with the files that it uses.

    Problems in it are values, in :attr:`StoryFile.diagnostics`; a missing file is one of them. Paths in the story may
    not leave its folder unless ``allow_outside``. Raises UsageError where ``path`` is none.
    """
    path = Path(path)
    checked = read_story(path, allow_outside=allow_outside)
    return StoryFile(path, checked.story, checked.diagnostics, allow_outside)


@dataclass(frozen=True, slots=True)
class StoryFile:
    """A story file as it was when it was read: the checked ``story``, None where it has an error, and all
    ``diagnostics``.

    What follows reads the file again, as a command would, so that the film is of what stands there then.
    """

    path: Path
    story: Story | None
    diagnostics: tuple[Diagnostic, ...]
    allow_outside: bool = False

    @named()
    def check(self) -> Story:
        """The checked story. Raises StoryError where it has an error."""
        if self.story is None:
            raise StoryError(self.diagnostics)
        return self.story

    @named(seed=int)
    def plan(self, *, seed: int | None = None) -> Plan:
        """The plan that :meth:`build` would film, without a gap.

        Where the story's planner is a chat model it is asked, and its answers are kept in ``NAME.plan.story``.

        Raises:
            StepFailed: the chat model could not fill a scene.
            StoryError: the story has an error.
            UsageError: the seed is none.
        """
        options = self._options(How(seed=seed))
        check(options)
        understood = understand_asking(self.path, options)
        if understood.plan is None:
            raise StoryError(understood.diagnostics)
        return understood.plan

    @named(picture=PathLike)
    def storyboard(self, picture: str | PathLike[str] | None = None) -> Drawn:
        """Draw the plan's boxes, without filming, to ``picture`` (by default ``build/NAME/boxes.png``).

        Raises:
            StepFailed: the files can't be written.
            StoryError: the story has an error.
            UsageError: the picture is no path.
        """
        return draw_boxes(self.path, None if picture is None else Path(picture), allow_outside=self.allow_outside)

    @named(output=PathLike)
    def dry_run(self, output: str | PathLike[str] | None = None, **how: Unpack[How]) -> Forecast:
        """What :meth:`build` with these arguments would do and why, and what that takes. Writes nothing, asks nobody.

        Raises:
            StepFailed, StoryError, UsageError: as it would.
        """
        return forecast(self.path, out=_folder(output), options=self._options(how))

    @named(output=PathLike, ray=str, progress=Callable)
    def build(
        self,
        output: str | PathLike[str] | None = None,
        *,
        ray: str | None = None,
        progress: Progress = silent,
        **how: Unpack[How],
    ) -> Built:
        """Film the story into the folder ``output``, by default ``build/NAME`` under the current folder.

        ``how`` is what :class:`~dreamrunner.pipeline.Options` has. What was made before and reads the same now is kept.
        ``progress`` hears of every event; what it raises stops the build and comes out of it, and what is finished
        stays. ``ray`` is the address of a cluster to film on.

        Raises:
            StepFailed: a step could not be done; what was finished before it is kept.
            StoryError: the story has an error, or brings a file that can't be used.
            UsageError: an argument is out of range, or names what there is none of.
        """

        def tell(event: Event) -> None:
            try:
                progress(event)
            except Exception as error:
                raise _Stopped from error

        options = self._options(how)
        try:
            return build(self.path, out=_folder(output), options=options, progress=tell, executor=executor_at(ray))
        except _Stopped as stopped:
            cause = stopped.__cause__
        assert cause is not None, "it is raised from what the listener raised"
        raise cause

    def _options(self, how: How) -> Options:
        return Options(**how, allow_outside=self.allow_outside)


class _Stopped(BaseException):
    """Carries what a listener raised past the task in hand, which would take an exception for a failure of its own."""


def _folder(output: str | PathLike[str] | None) -> Path | None:
    return None if output is None else Path(output)
