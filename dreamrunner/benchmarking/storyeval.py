"""StoryEval (arXiv 2412.16211): prompts of two to four events that follow one another.

Read as its repository has it: ``prompts/all_prompts.json``, an object with an entry for each video, called by the
video's name, of a ``prompt``, an ``event_list`` and a ``class``. Its scorer looks for ``generated_videos/METHOD/NAME``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from dreamrunner.benchmarking.works import (
    Benchmark,
    BenchmarkError,
    Delivery,
    Work,
    file_name,
    read_json,
    require_folder,
)
from dreamrunner.benchmarking.writing import events_story
from dreamrunner.files.text import shortened

VIDEOS = "generated_videos"
PROMPTS = "all_prompts.json"
_MOST = 24
"""Events of one prompt at most; the benchmark has two to four."""


def read(folder: Path, *, method: str, duration: float) -> Benchmark:
    """Read the benchmark's folder, or its JSON file. ``method`` is what the videos' folder is called.

    Raises:
        BenchmarkError: there is no such folder, its prompts are not in it, or they can't be read.
    """
    path = folder if folder.is_file() else _file(folder)
    entries = read_json(path)
    if not isinstance(entries, dict) or not entries:
        raise BenchmarkError(f"{path} is no object with an entry for each video, as StoryEval's {PROMPTS} is")
    works: list[Work] = []
    faults: list[str] = []
    taken: set[str] = set()
    for key, entry in entries.items():
        where = f"{path}: {shortened(key, 80)!r}"
        if why := _wrong(key, entry):
            faults.append(f"{where} {why}")
            continue
        name = _free(file_name(key.removesuffix(".mp4")), taken)
        remarks = () if f"{name}.mp4" == key else (f"its name can't be a file's: laid out as {name}.mp4",)
        written = events_story(name, "events", entry["prompt"], entry["event_list"], duration)
        deliveries = (Delivery(written.scene, f"{VIDEOS}/{method}/{name}.mp4"),)
        works.append(Work(name, where, written.text, deliveries, remarks=(*remarks, *written.remarks)))
    return Benchmark(tuple(works), tuple(faults))


def _file(folder: Path) -> Path:
    require_folder(folder, f"StoryEval, or its {PROMPTS}")
    for path in (folder / "prompts" / PROMPTS, folder / PROMPTS):
        if path.exists():
            return path
    raise BenchmarkError(f"{folder} has no prompts of StoryEval: looked for prompts/{PROMPTS} and {PROMPTS}")


def _free(name: str, taken: set[str]) -> str:
    """A name that no other video has, be it in other letters' case; it is added to ``taken``."""
    free = next(each for at in count(1) if (each := name if at == 1 else f"{name}-{at}").casefold() not in taken)
    taken.add(free.casefold())
    return free


def _wrong(key: str, entry: object) -> str:
    """Why an entry is none; "" where it is one."""
    if not key.endswith(".mp4"):
        return "is no video's name: it does not end in .mp4"
    if not isinstance(entry, dict):
        return "is no object with `prompt` and `event_list`"
    if not isinstance(entry.get("prompt"), str) or not entry["prompt"].strip():
        return "has no text as its `prompt`"
    events = entry.get("event_list")
    if not isinstance(events, Sequence) or isinstance(events, str) or not events:
        return "has no list of events as its `event_list`"
    if not all(isinstance(event, str) and event.strip() for event in events):
        return "has an event in its `event_list` that is no text"
    if len(events) > _MOST:
        return f"has {len(events)} events; {_MOST} are the most"
    return ""
