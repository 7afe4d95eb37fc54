"""T2V-CompBench (arXiv 2407.14505): seven categories of prompts, a text file each, and the plans published for them.

Read as its repository has it: ``prompts/N_*.txt`` with a prompt a line, ``meta_data/*.json`` with a row for each prompt
in the same order, and, as the paper's authors published them, ``N_*.jsonl`` with rows of a video's name and a plan. Its
scorers take a folder of ``0001.mp4`` and so on for each category, and pair videos with rows **by their order**.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from dreamrunner.benchmarking.works import (
    Benchmark,
    BenchmarkError,
    Delivery,
    Work,
    read_file,
    read_json,
    require_folder,
)
from dreamrunner.benchmarking.writing import prompt_story
from dreamrunner.files.atomic import write_whole
from dreamrunner.files.wording import counted
from dreamrunner.language import check_text
from dreamrunner.planning.exchange.convert import SCENE, as_story_text
from dreamrunner.planning.exchange.rows import PublishedError, PublishedPlan, read_row

Use = Literal["plans", "prompts", "both"]
"""What is filmed: only what has a published plan, only prompts, or plans where there are any and prompts elsewhere."""

VIDEOS = "video"
META = "meta_data"
_PLACES = ("", "prompts", "prompt", "plan", "plans")
"""The folders, seen from the benchmark's, in which prompts and plans are looked for."""

_PREFIX = "the background of the event:"


@dataclass(frozen=True, slots=True)
class Category:
    """One of the seven: the ``number`` that its files begin with, the ``folder`` of its videos as its scorer's examples
    call it, and the name of its ``meta`` data."""

    number: int
    folder: str
    meta: str


CATEGORIES = (
    Category(1, "consistent_attr", "consistent_attribute_binding.json"),
    Category(2, "dynamic_attr", "dynamic_attribute_binding.json"),
    Category(3, "spatial_relationships", "spatial_relationships.json"),
    Category(4, "motion_binding", "motion_binding.json"),
    Category(5, "action_binding", "action_binding.json"),
    Category(6, "interaction", "object_interactions.json"),
    Category(7, "generative_numeracy", "generative_numeracy.json"),
)


@dataclass(frozen=True, slots=True)
class _Meta:
    """The rows that a category's scorer reads, and how many prompts there are."""

    category: Category
    rows: tuple[Any, ...] | None
    prompts: Mapping[int, str]


def read(folder: Path, *, use: Use = "both", duration: float) -> Benchmark:
    """Read the benchmark's folder. Films of prompts are ``duration`` seconds long, those of plans a second a key frame.

    Raises:
        BenchmarkError: there is no such folder, nothing of the benchmark is in it, or a file of it can't be read.
    """
    require_folder(folder, "T2V-CompBench, with its `prompts`")
    works: list[Work] = []
    faults: list[str] = []
    metas: list[_Meta] = []
    for category in CATEGORIES:
        prompts = _prompts(folder, category) if use != "plans" else {}
        plans = dict(_plans(folder, category, faults)) if use != "prompts" else {}
        for number in sorted({*prompts, *plans}):
            name = f"{category.folder}/{number:04}"
            planned, prompt = plans.get(number), prompts.get(number)
            if planned is not None and (prompt is None or _same(_prompt_of(planned[0]), prompt[0])):
                works += _of_plan(name, *planned, faults)
            elif prompt is not None:
                other = (f"the plan of {number:04}.mp4 is of another prompt: it is not used",) if planned else ()
                written = prompt_story(name, f"s-{number:04}", prompt[0], duration)
                deliveries = (Delivery(written.scene, f"{VIDEOS}/{name}.mp4"),)
                works.append(Work(name, prompt[1], written.text, deliveries, remarks=(*other, *written.remarks)))
        if prompts or plans:
            said = {number: text for number, (text, _) in prompts.items()}
            said = {number: _prompt_of(plan) for number, (plan, _) in plans.items()} | said
            metas.append(_Meta(category, _meta(folder, category), said))
    if not works and not faults:
        raise BenchmarkError(
            f"{folder} has no prompts of T2V-CompBench: looked for `1_*.txt` to `7_*.txt` (prompts) and `1_*.jsonl` to"
            " `7_*.jsonl` (plans), in it and in `prompts` and `plan`"
        )
    return Benchmark(tuple(works), tuple(faults), partial(_finish, tuple(metas)))


def _found(folder: Path, category: Category, ending: str) -> Path | None:
    form = f"{category.number}_*.{ending}"
    found = [path for place in _PLACES for path in sorted((folder / place).glob(form))]
    if len(found) > 1:
        shown = " and ".join(str(path) for path in found[:2])
        raise BenchmarkError(f"{shown} are both of {category.folder}: leave one of them")
    return found[0] if found else None


def _prompts(folder: Path, category: Category) -> dict[int, tuple[str, str]]:
    """The prompts by their numbers, from 1, each with its place."""
    path = _found(folder, category, "txt")
    if path is None:
        return {}
    lines = [(at, line.strip()) for at, line in enumerate(read_file(path).splitlines(), 1) if line.strip()]
    if not lines:
        raise BenchmarkError(f"{path} is empty: it has a prompt a line")
    return {number: (line, f"{path}:{at}") for number, (at, line) in enumerate(lines, 1)}


def _plans(folder: Path, category: Category, faults: list[str]) -> Iterator[tuple[int, tuple[PublishedPlan, str]]]:
    path = _found(folder, category, "jsonl")
    seen: set[int] = set()
    for at, line in enumerate(read_file(path).splitlines() if path else (), 1):
        if not line.strip():
            continue
        where = f"{path}:{at}"
        try:
            plan = read_row(line)
        except PublishedError as error:
            faults.append(f"{where}: {error}")
            continue
        number = re.fullmatch(r"0*(\d{1,6})\.mp4", plan.video)
        if number is None:
            faults.append(f"{where}: its video is called {plan.video!r}, not NUMBER.mp4, by which scorers order them")
        elif int(number[1]) in seen:
            faults.append(f"{where}: {plan.video} stands there twice")
        else:
            seen.add(int(number[1]))
            yield int(number[1]), (plan, where)


def _of_plan(name: str, plan: PublishedPlan, where: str, faults: list[str]) -> Iterator[Work]:
    text, mended = as_story_text(plan)
    wrong = [each for each in check_text(text, Path("bench.story")).diagnostics if each.severity == "error"]
    if wrong:
        faults.append(f"{where}: can't be written as a story: {wrong[0].message}")
        return
    yield Work(name, where, text, (Delivery(SCENE, f"{VIDEOS}/{name}.mp4"),), remarks=mended)


def _prompt_of(plan: PublishedPlan) -> str:
    return plan.background.removeprefix(_PREFIX).strip()


def _same(one: str, other: str) -> bool:
    """Whether two texts are the same prompt: blanks, the case and a last mark don't count."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return " ".join(text.split()).rstrip(".").casefold()


def _meta(folder: Path, category: Category) -> tuple[Any, ...] | None:
    path = folder / META / category.meta
    if not path.exists():
        return None
    rows = read_json(path)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BenchmarkError(f"{path} is no list of objects, as the scorers read it; fetch it again")
    return tuple(rows)


def _finish(metas: tuple[_Meta, ...], out: Path) -> tuple[str, ...]:
    """Write the rows of the videos that are there, in their order, where the rows are known."""
    told: list[str] = []
    for meta in metas:
        videos = sorted(
            int(path.stem) for path in (out / VIDEOS / meta.category.folder).glob("*.mp4") if path.stem.isdecimal()
        )
        if not videos:
            continue
        few = len(videos) < len(meta.prompts)
        count = f"{VIDEOS}/{meta.category.folder} has {len(videos)} of {counted(len(meta.prompts), 'video')}"
        pairs = "its scorer pairs videos and prompts by their order"
        if meta.rows is None:
            told += [f"{count}, and {pairs}: score it once all are there"] if few else []
            continue
        other = [
            number
            for number in videos
            if number > len(meta.rows)
            or (
                number in meta.prompts and not _same(str(meta.rows[number - 1].get("prompt", "")), meta.prompts[number])
            )
        ]
        if other:
            told.append(
                f"{meta.category.meta} and the prompts differ from number {other[0]} on: are they of one version?"
                f" {pairs}, so {META} is not written"
            )
            continue
        rows = json.dumps([meta.rows[number - 1] for number in videos], ensure_ascii=False, indent=4)
        write_whole(out / META / meta.category.meta, f"{rows}\n".encode())
        told += [f"{count}, and {pairs}: score it with {META}/{meta.category.meta}, which has the same"] if few else []
    return tuple(told)
