"""Paths that a program names, held to one folder: nothing outside it is read for the program, or written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dreamrunner.files.paths import TOP_FOLDER
from dreamrunner.language.checker import read_story
from dreamrunner.language.story import Story
from dreamrunner.pipeline.prepare import default_folder
from dreamrunner.planning.written.file import filled_path


class Outside(Exception):
    """A path leads out of the folder. ``str()`` is one line."""


class Rooted:
    """The folder ``root``, whose links are followed once, here.

    From then on no settings above it are read: the environment variable :data:`~dreamrunner.files.paths.TOP_FOLDER`
    says so to this process and to those that it starts.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve(strict=True)
        if not self.root.is_dir():
            raise NotADirectoryError(20, "Not a directory", str(root))
        os.environ[TOP_FOLDER] = str(self.root)
        os.chdir(self.root)

    def path(self, named: str) -> Path:
        """A path as the program names it, relative to the root; links in it may not lead out.

        Raises:
            Outside: it leads out of the root, or is no path.
        """
        try:
            inside = (self.root / named).resolve().relative_to(self.root)
        except (OSError, ValueError, RuntimeError):  # too long, a zero byte, a circle of links; or not below
            raise Outside(f"{named} is not in {self.root}, the folder that this server is held to") from None
        return inside

    def story(self, named: str) -> Path:
        """A story's path, as :meth:`path` has it, where nothing that the story names lies outside.

        What its language lets paths lead to are its own folder and those of its project, which is not looked for above
        the root. A model, a local planner or a voice can be named by any path, and is looked at here.

        Raises:
            Outside: it, the file of its fills, or what it names lies outside.
        """
        path = self.path(named)
        self.path(str(filled_path(path)))
        story = read_story(path).story
        for each in _named(story) if story is not None else ():
            if os.path.lexists(place := os.path.expanduser(each)):
                self.path(place)
        return path

    def film_folder(self, story: Path) -> Path:
        """The folder of a story's film: the usual one, or ``build/NAME`` where that lies outside.

        Raises:
            Outside: a link leads out from there.
        """
        usual = default_folder(story)
        try:
            return self.path(str(usual))
        except Outside:
            return self.path(f"build/{story.stem}")


def _named(story: Story) -> Iterator[str]:
    yield story.model
    yield story.planner.removeprefix("local:")
    voices = [story.voice, *(each.voice for each in story.characters)]
    yield from (voice for voice in voices if isinstance(voice, str) and voice)
