"""Filming a benchmark: one story after the other, each finished video laid out at once.

Nothing is remembered of a call but what every build keeps: a story whose film is there is found in the cache, so that a
call that was interrupted goes on with the next one. A story that somebody edited by hand is filmed as it stands.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dreamrunner.benchmarking.works import Benchmark, Delivery, Work
from dreamrunner.datasets.video import VideoError, read_frames
from dreamrunner.engine import StepFailed
from dreamrunner.engine.progress import Progress, Said, silent
from dreamrunner.files.atomic import take_place, write_whole
from dreamrunner.files.digest import digest_file
from dreamrunner.files.made import known, remember
from dreamrunner.files.regular import read_regular
from dreamrunner.files.wording import reason
from dreamrunner.pipeline import Built, StoryError, build, executor_at
from dreamrunner.pipeline.options import Options

STORIES, FILMS, UNFINISHED = "stories", "films", ".unfinished"
"""Folders in the output folder: the stories, what is made of each, and what is being copied."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A story that was not filmed or laid out, and why; ``step`` where it is no fault of the story's."""

    work: Work
    why: str
    step: bool


@dataclass(frozen=True, slots=True)
class Filmed:
    """What a call has done.

    ``done``: the stories whose videos lie where they belong.
    ``failed``: the others.
    ``warned``: how many stories have warnings, which are not shown.
    ``notes``: what the user should know before scoring.
    """

    done: tuple[Work, ...]
    failed: tuple[Failed, ...]
    warned: int
    notes: tuple[str, ...]


def film_all(
    benchmark: Benchmark,
    out: Path,
    options: Options = Options(),
    *,
    ray: str | None = None,
    progress: Progress = silent,
) -> Filmed:
    """Film all works of a benchmark into the folder ``out``, and lay their videos out.

    One that fails does not keep the others from being filmed.

    Raises:
        UsageError: an option can't be used, which is so for every story.
        OSError: what the scorers read beside the videos can't be written.
    """
    options = replace(options, keep_going=True)
    done: list[Work] = []
    failed: list[Failed] = []
    warned = 0
    for number, work in enumerate(benchmark.works, 1):
        progress(Said(f"{number} of {len(benchmark.works)}: {work.name}"))
        try:
            story = put_story(work, out / STORIES, lambda line: progress(Said(line)))
            built = build(
                story, out=out / FILMS / work.name, options=options, progress=progress, executor=executor_at(ray)
            )
            warned += bool(built.diagnostics)
            for delivery in work.deliveries:
                _deliver(built, delivery, out)
            done.append(work)
        except StepFailed as error:
            failed.append(Failed(work, str(error), True))
        except StoryError as error:
            failed.append(Failed(work, str(error), False))
        except InTheWay as error:
            failed.append(Failed(work, str(error), True))
        except (OSError, VideoError) as error:
            failed.append(Failed(work, reason(error), True))
        if failed and failed[-1].work is work:
            progress(Said(f"{work.name} failed: {failed[-1].why}"))
    return Filmed(tuple(done), tuple(failed), warned, benchmark.finish(out))


class InTheWay(Exception):
    """Somebody's own file is where one of a benchmark belongs. ``str()`` names it, and says what to do."""


def put_story(work: Work, folder: Path, say: Callable[[str], None] = lambda _: None) -> Path:
    """Write a work's story and its photos below ``folder``; gives the story's file.

    A story that was edited by hand stays as it is, and ``say`` is told.

    Raises:
        OSError: a photo can't be read, or a file not be written.
    """
    path = folder / f"{work.name}.story"
    content = work.text.encode()
    if path.exists() and not known(path) and read_regular(path) != content:
        say(f"{path} was edited: it is filmed as it stands; take it away for a fresh one")
    elif not path.exists() or read_regular(path) != content:
        write_whole(path, content)
        remember(path, path)
    for photo in work.photos:
        pixels, target = read_regular(photo.source, _LARGEST_PHOTO), folder / photo.name
        if not target.is_file() or read_regular(target, _LARGEST_PHOTO) != pixels:
            write_whole(target, pixels)
    return path


_LARGEST_PHOTO = 256 * 2**20


def _deliver(built: Built, delivery: Delivery, out: Path) -> None:
    """Lay out a scene's video, or its first frame."""
    film, target = built.scenes[delivery.scene], out / delivery.target
    with _placed(target, out) as fresh:
        if delivery.form == "video":
            shutil.copyfile(film, fresh)
        else:
            from PIL import Image

            Image.fromarray(read_frames(film, count=1, end=_FIRST)[0]).save(fresh, format="PNG")


_FIRST = 0.01  # seconds; the first frame is shown for longer


@contextmanager
def _placed(target: Path, out: Path) -> Iterator[Path]:
    """Give a path whose file is put at ``target`` when the block ends well.

    It is made in a folder of its own: scorers list folders, and take whatever lies in them for a video.

    Raises:
        InTheWay: somebody's own file is at ``target``.
    """
    unfinished = out / UNFINISHED
    unfinished.mkdir(parents=True, exist_ok=True)
    fresh = unfinished / f"{os.urandom(16).hex()}{target.suffix}"
    try:
        yield fresh
        if target.is_file() and digest_file(target) == digest_file(fresh):
            return
        if os.path.lexists(target) and not known(target):
            raise InTheWay(f"{target} was not made by this: move it away, or film into another folder (-o DIR)")
        target.parent.mkdir(parents=True, exist_ok=True)
        remember(fresh, target)
        take_place(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
        with suppress(OSError):  # what a killed call has left in it stays
            unfinished.rmdir()
