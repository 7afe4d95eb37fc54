"""Watching the files that a story hangs on: its text, those that it uses, its photos, clips and LoRAs.

What has changed is told by the files' own facts; the system's notices only say when to look.
"""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from dreamrunner.files.made import is_output
from dreamrunner.files.patterns import files_matching, fixed_part
from dreamrunner.language import read_story
from dreamrunner.language.project.finding import project_of, reach_of, settings_of
from dreamrunner.language.syntax import Syntax, Text, Word, every
from dreamrunner.planning import filled_path

Stamps = dict[str, tuple[int, ...] | None]
"""What tells one state of each file from another; None for a file that is not there."""

_LISTS = ("images", "clips", "lora")
_MOST_FILES = 5000
_STEP, _LONGEST = 50, 250  # milliseconds: to gather notices, and to look anyway where none come
_SETTLED, _LONGEST_WAIT = 0.02, 0.3  # seconds that files must rest, and for how long that is waited for


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched. All paths are absolute.

    ``files``: files by name, there or not.
    ``patterns``: patterns whose matches count too, each with the folder that it is written for.
    ``inside``: the folders that patterns may not leave, if any.
    """

    files: frozenset[str]
    patterns: frozenset[tuple[str, str]] = frozenset()
    inside: tuple[Path, ...] = ()

    def stamps(self) -> Stamps:
        """The state of every file now."""
        found = {match for pattern in self.patterns for match in self._matches(*pattern)}
        return {name: _stamp(name) for name in sorted(self.files | found)}

    def holds(self, name: str) -> bool:
        """Whether a file, there or not, is one of these."""
        if name in self.files:
            return True
        # Here `*` stands for slashes too, so that `**/`, which may stand for no folder at all, is no more than that.
        whole = (os.path.normpath(os.path.join(folder, pattern)) for pattern, folder in self.patterns)
        return any(fnmatch(name, pattern.replace("**/", "*")) for pattern in whole)

    def folders(self) -> list[str]:
        """The folders, all of them there, in which a change of these files shows."""
        places = {os.path.dirname(name) for name in self.files} | {
            os.path.dirname(os.path.realpath(name)) for name in self.files
        }
        for pattern, folder in self.patterns:
            places.add(str(fixed_part(Path(os.path.normpath(os.path.join(folder, pattern))), Path(folder))))
            places |= {os.path.dirname(match) for match in self._matches(pattern, folder)}
        return sorted({_there(place) for place in places})

    def _matches(self, pattern: str, folder: str) -> list[str]:
        try:
            found = files_matching(pattern, Path(folder), self.inside)
            # What commands have made is no input of the story, so that what a watch draws does not wake it.
            return [str(path) for path in found[:_MOST_FILES] if not is_output(path)]
        except (OSError, ValueError):
            return []  # too many, or outside: the story's check says so


def watched_by(story: Path, outputs: Iterable[Path] = (), *, allow_outside: bool = False) -> Watched:
    """What the story at ``story`` hangs on as it is written now, and ``outputs``, files that are shown beside it.

    What leads out of the story's folder is not looked at, unless ``allow_outside``.
    """
    project = project_of(story)
    folder = reach_of(story, allow_outside=allow_outside, project=project)
    files = {os.path.abspath(path) for path in (story, filled_path(story), *outputs, *settings_of(project, story))}
    patterns: set[tuple[str, str]] = set()
    checked = read_story(story, allow_outside=allow_outside)
    files |= {os.path.abspath(path) for path in checked.files}
    for tree in ((checked.parsed.syntax,) if checked.parsed is not None else ()) + checked.used:
        for written in _named(tree):
            path = folder.locate(written, tree.file)
            if not isinstance(path, Path):
                continue
            if glob.has_magic(written.text):
                patterns.add((written.text, os.path.abspath(tree.file.parent)))
            else:
                files.add(os.path.abspath(path))
    return Watched(
        frozenset(files),
        frozenset(patterns),
        () if allow_outside else tuple(Path(os.path.abspath(each)) for each in (story.parent, *project.folders)),
    )


class Watch:
    """Watches what a story hangs on, and the files that ``outputs`` names each time that the list is read anew."""

    def __init__(
        self, story: Path, outputs: Callable[[], Iterable[Path]] = tuple, *, allow_outside: bool = False
    ) -> None:
        self.story, self.outputs, self.allow_outside = story, outputs, allow_outside
        self.watched = watched_by(story, outputs(), allow_outside=allow_outside)
        self.stamps = self.watched.stamps()

    def renew(self) -> None:
        """Read the list of files anew: after each time that the story was read."""
        self.watched = watched_by(self.story, self.outputs(), allow_outside=self.allow_outside)
        self.stamps = {name: stamp for name, stamp in self.stamps.items() if self.watched.holds(name)}

    def changed(self) -> bool:
        """Whether a file is another one than when :meth:`wait` last came back. One that is new on the list is."""
        return bool(_differing(self.stamps, self.watched.stamps()))

    def wait(self) -> tuple[Path, ...]:
        """Come back as soon as something has changed, and nobody is just writing it, with what has.

        Raises:
            KeyboardInterrupt: the user asked to stop.
        """
        from watchfiles import watch

        while not self.changed():
            try:
                notices = watch(
                    *self.watched.folders(), watch_filter=None, debounce=2 * _STEP, step=_STEP, rust_timeout=_LONGEST,
                    yield_on_timeout=True, recursive=False, raise_interrupt=True,
                )  # fmt: skip
                while not self.changed():
                    next(notices)
            except (OSError, RuntimeError, StopIteration):
                # A folder that has just gone, or a system that gives no notices.
                time.sleep(_LONGEST / 1000)
        end = time.monotonic() + _LONGEST_WAIT
        known, self.stamps = self.stamps, self.watched.stamps()
        while time.monotonic() < end:
            time.sleep(_SETTLED)
            before, self.stamps = self.stamps, self.watched.stamps()
            if self.stamps == before:
                break
        return _differing(known, self.stamps)


def _differing(before: Stamps, now: Stamps) -> tuple[Path, ...]:
    names = sorted(before.keys() | now.keys())
    return tuple(Path(name) for name in names if before.get(name) != now.get(name))


def _named(tree: Syntax) -> Iterator[Text | Word]:
    """The paths and patterns that one file of a story names."""
    for block in tree.blocks:
        if block.kind.text == "use":
            yield block.name
        for fact in block.properties():
            if fact.word.text in _LISTS:
                yield from every(fact.values, Text)[:_MOST_FILES]


def _stamp(name: str) -> tuple[int, ...] | None:
    try:
        facts = os.stat(name)
    except (OSError, ValueError):
        return None
    return facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino


def _there(folder: str) -> str:
    """The folder, or the nearest above it that is there."""
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder
