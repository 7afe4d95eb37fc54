"""The scenes that ``--again`` names."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

ALL = ""
"""What ``--again`` gives when no scene is named."""


def unknown_scenes(path: Path, arguments: Namespace, planner: str | None) -> list[str]:
    """The scenes that ``--again`` names and neither a story nor the filled story beside it has.

    ``planner`` goes before the header's. Where one of the two has an error, it has no scenes; planning reports it.
    """
    from dreamrunner.language import read_story
    from dreamrunner.planning.written.file import filled_path

    wanted = frozenset(arguments.again or ()) - {ALL}
    files = (each for each in (path, filled_path(path)) if wanted and each.exists())
    stories = [read_story(file, allow_outside=arguments.allow_outside, planner=planner).story for file in files]
    return sorted(wanted - {scene.name for story in stories if story for scene in story.scenes})


def quoted(names: Iterable[str]) -> str:
    """Names as a message has them."""
    return ", ".join(f"`{name}`" for name in names)
