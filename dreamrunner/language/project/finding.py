"""Which files of settings hold for a story, and what they say together.

The project's is the nearest ``dreamrunner.toml`` from the story's folder upwards. A story's own header goes before it,
the command line before both, and it before the user's settings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.files.paths import MINIATURE, NO_CATALOG, TOP_FOLDER, VARIABLES, settings_file
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.files import Folder
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.project.reading import FOLDERS, Setting, SettingsFile, read_settings
from dreamrunner.language.story import Location

PROJECT = "dreamrunner.toml"
"""The name of a project's file."""


@dataclass(frozen=True, slots=True)
class Project:
    """What holds for the stories of a folder.

    ``own``: the project's file; None where there is none.
    ``user``: the user's settings; None where there are none.
    ``diagnostics``: what is wrong in them.
    """

    own: SettingsFile | None = None
    user: SettingsFile | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that stories may use beside their own."""
        found = self.own.values.get(FOLDERS) if self.own is not None else None
        return found.value if found is not None and isinstance(found.value, tuple) else ()

    def said(self, key: str) -> Iterator[Setting]:
        """Who says what of a key: the project, then the user, in the environment before the file."""
        if self.own is not None and key in self.own.values:
            yield self.own.values[key]
        variable = VARIABLES.get(key, "")
        if value := os.environ.get(variable, ""):
            yield Setting(value if value in (MINIATURE, NO_CATALOG) else os.path.expanduser(value), variable=variable)
        if self.user is not None and key in self.user.values:
            yield self.user.values[key]

    def text(self, key: str) -> str:
        """What holds for a key, as a text; empty where nobody says so."""
        found = next(self.said(key), None)
        return str(found.value) if found is not None else ""

    def path(self, key: str) -> Path | None:
        """What holds for a key that is a path."""
        text = self.text(key)
        return Path(text) if text else None

    def without_mistakes(self) -> Project:
        """The same, of which nothing is told."""
        return replace(self, diagnostics=())


def project_of(story: Path) -> Project:
    """What holds for the story at a path, there or not."""
    return project_in(story.parent, story)


def project_in(folder: Path, story: Path | None = None) -> Project:
    """What holds in a folder, for its ``story`` where one is meant."""
    own: SettingsFile | None = None
    told: tuple[Diagnostic, ...] = ()
    found = next((place for place in candidates(folder) if os.path.lexists(place)), None)
    if found is not None and (stranger := _strangers(found, story or folder)) is not None:
        told = (stranger,)
    elif found is not None:
        # Told as the story is: from the current folder, or in full.
        own = read_settings(found if folder.is_absolute() else Path(os.path.relpath(found)), project=True)
    place = settings_file()
    user = read_settings(place, project=False) if os.path.lexists(place) else None
    told = (*told, *(item for file in (own, user) if file is not None for item in file.diagnostics))
    return Project(own, user, told)


def reach_of(story: Path, *, allow_outside: bool = False, project: Project | None = None) -> Folder:
    """The folders that the paths of a story may lead to: its own, and those that its project names."""
    project = project if project is not None else project_of(story)
    return Folder(story.parent, allow_outside, project.folders)


def candidates(folder: Path) -> Iterator[Path]:
    """Where a project's file may lie for a story in a folder, the nearest first."""
    folder = Path(os.path.abspath(folder))
    top = os.environ.get(TOP_FOLDER)
    for place in (folder, *folder.parents):
        yield place / PROJECT
        if top and os.path.realpath(place) == os.path.realpath(top):
            return


def settings_of(project: Project, story: Path) -> list[Path]:
    """The files, there or not, on which it hangs what holds for a story."""
    nearer: list[Path] = []
    for place in candidates(story.parent):
        nearer.append(place)
        if project.own is None or place == Path(os.path.abspath(project.own.path)):
            break
    return [*nearer, *([project.user.path] if project.user is not None else [])]


def _strangers(file: Path, story: Path) -> Diagnostic | None:
    """A warning where a file belongs neither to the user nor to who owns the story: anybody may have put it above."""
    if os.name == "nt":
        return None
    try:
        owner, near = file.stat().st_uid, {os.geteuid(), 0}
        near.add(story.stat().st_uid)
    except OSError:
        return None
    if owner in near:
        return None
    help = "make it yours (chown), or put a dreamrunner.toml of your own nearer to the story"
    problem = f"{shown(str(file), 200)} belongs to somebody else and is not used"
    found = diagnostic("bad-project", Location(file, 1, 1, 1, 2), problem=problem, help=help)
    return replace(found, severity="warning")
