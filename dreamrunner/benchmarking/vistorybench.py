"""ViStoryBench (arXiv 2505.24862): stories of shots, whose characters have descriptions and reference pictures.

Read as its dataset has it: a folder for each story, called by a number, with ``story.json`` and with pictures in
``image/CHARACTER``. Its scorer reads pictures, a folder of them for each story:
``outputs/METHOD/MODE/LANGUAGE/TIMESTAMP/STORY/shots/shot_01.png``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from dreamrunner.benchmarking.works import (
    Benchmark,
    BenchmarkError,
    Delivery,
    Photo,
    Work,
    read_json,
    require_folder,
)
from dreamrunner.benchmarking.writing import laid_out
from dreamrunner.files.text import one_line, shortened
from dreamrunner.language.edits import number, quoted
from dreamrunner.language.parsing.lines import words as reserved
from dreamrunner.planning.exchange.convert import name_of

Language = Literal["en", "ch"]
"""The languages that the benchmark has, by its own abbreviations."""

OUTPUTS, MODE, VIDEOS = "outputs", "base", "videos"
_STAMP = re.compile(r"\d{8}-\d{6}")
_PICTURES = (".png", ".jpg", ".jpeg")
_SETTING, _PLOT, _SEEN = "Setting Description", "Plot Correspondence", "Static Shot Description"
_CAMERA, _WHO = "Shot Perspective Design", "Characters Appearing"
_SENTENCE = re.compile(r"[^.!?\u3002\uff01\uff1f]+[.!?\u3002\uff01\uff1f]*")


class _Unreadable(ValueError):
    """A story that can't be read. ``str()`` says why."""


@dataclass(slots=True)
class _Person:
    """A character: its name in the story, how shots call it, its looks, and its pictures."""

    name: str
    calls: tuple[str, ...]
    looks: str
    pictures: list[Path] = field(default_factory=list)


def read(folder: Path, *, method: str, stamp: str, language: Language = "en", duration: float) -> Benchmark:
    """Read the dataset's folder. ``method`` and ``stamp`` (``20250131-235959``) are folders of the pictures' places;
    a shot is ``duration`` seconds long.

    Raises:
        BenchmarkError: there is no such folder, or no story in it.
    """
    require_folder(folder, "ViStoryBench's dataset, with 01/story.json and so on")
    if not _stories(folder) and (folder / "ViStory").is_dir():
        folder = folder / "ViStory"
    stories = _stories(folder)
    if not stories:
        raise BenchmarkError(
            f"{folder} has no story of ViStoryBench: looked for 01/story.json, 02/story.json and so on"
        )
    works: list[Work] = []
    faults: list[str] = []
    for path in stories:
        try:
            if not path.parent.name.isdecimal():
                raise _Unreadable("its folder is not called by a number, by which the scorer knows stories")
            works.append(_work(path, f"{OUTPUTS}/{method}/{MODE}/{language}/{stamp}", language, duration))
        except (BenchmarkError, _Unreadable) as error:
            faults.append(str(error) if isinstance(error, BenchmarkError) else f"{path}: {error}")
    return Benchmark(tuple(works), tuple(faults))


def stamp_of(out: Path, method: str, language: Language) -> str:
    """The time that the pictures of a method are laid out under: that of the last call's, so that a call goes on with
    what is there; else now."""
    folder = out / OUTPUTS / method / MODE / language
    there = [path.name for path in folder.glob("*") if _STAMP.fullmatch(path.name)] if folder.is_dir() else []
    return max(there, default=datetime.now().strftime("%Y%m%d-%H%M%S"))


def _stories(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/story.json"), key=lambda path: (path.parent.name.rjust(12, "0"), path.parent.name))


def _work(path: Path, target: str, language: Language, duration: float) -> Work:
    told = read_json(path)
    if not isinstance(told, dict):
        raise _Unreadable("it is no object with `Characters` and `Shots`")
    shots = told.get("Shots")
    if not isinstance(shots, list) or not shots:
        raise _Unreadable("it has no list of `Shots`")
    story, remarks = path.parent.name, list[str]()
    people = list(_people(path.parent, told.get("Characters", {}), language, remarks))
    photos = [
        Photo(picture, f"{story}/{person.name}/{at:02}{picture.suffix.lower()}")
        for person in people
        for at, picture in enumerate(person.pictures)
    ]
    lines = [f"story {quoted(f'ViStoryBench {story}')}", "  language 1"]
    for person in people:
        lines += ["", f"character {person.name}"]
        lines += [f"  looks {quoted(person.looks)}"] if person.looks else []
        lines += [f'  images "{story}/{person.name}/*"'] if person.pictures else []
    deliveries: list[Delivery] = []
    seen: set[int] = set()
    for at, shot in enumerate(shots, 1):
        where = f"shot {at}"
        if not isinstance(shot, dict):
            raise _Unreadable(f"{where} is no object")
        index = shot.get("index", at)
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < 10_000 or index in seen:
            raise _Unreadable(f"{where} has {index!r} as its `index`, which is no whole number of its own")
        seen.add(index)
        scene = f"shot-{index:02}"
        lines += ["", f"scene {scene}", *_scene(shot, where, people, language, duration, remarks)]
        deliveries.append(Delivery(scene, f"{target}/{story}/shots/shot_{index:02}.png", "frame"))
        deliveries.append(Delivery(scene, f"{VIDEOS}/{story}/shot_{index:02}.mp4"))
    return Work(story, str(path), laid_out(lines), tuple(deliveries), tuple(photos), tuple(remarks))


def _people(folder: Path, told: Any, language: Language, remarks: list[str]) -> Iterator[_Person]:
    if not isinstance(told, dict) or not all(isinstance(each, dict) for each in told.values()):
        raise _Unreadable("its `Characters` are no object with an object for each")
    taken = set(reserved().values())
    pictured = {path.name: path for path in (folder / "image").glob("*") if path.is_dir()}
    for key, each in told.items():
        calls = tuple(
            one_line(call) for call in (key, each.get("name_en"), each.get("name_ch")) if isinstance(call, str) and call
        )
        looks = each.get(f"prompt_{language}") or each.get("prompt_en") or each.get("prompt_ch") or key
        if not isinstance(looks, str):
            raise _Unreadable(f"the description of {shortened(key, 60)!r} is no text")
        person = _Person(name_of(key.lower(), taken), calls, one_line(looks).rstrip(". "))
        # The folder is found by its name among those that are there, so that no name leads elsewhere.
        if (own := pictured.get(key)) is not None:
            files = [path for path in sorted(own.rglob("*")) if path.suffix.lower() in _PICTURES and path.is_file()]
            person.pictures = files
        if not person.pictures:
            remarks.append(f"{shortened(key, 60)} has no pictures in {folder / 'image'}")
        yield person


def _scene(
    shot: Mapping[str, Any],
    where: str,
    people: list[_Person],
    language: Language,
    duration: float,
    remarks: list[str],
) -> Iterator[str]:
    """The lines of a shot's scene. What is seen is its narration, whoever appears has a beat."""
    yield f"  duration {number(duration)}s"
    setting, seen = _text(shot, _SETTING, language, where), _text(shot, _SEEN, language, where)
    seen = seen or _text(shot, _PLOT, language, where)
    if setting:
        yield f"  background {quoted(setting)}"
    if camera := _text(shot, _CAMERA, language, where):
        yield f"  camera {quoted(camera)}"
    yield f"  narration {quoted(seen)}"
    appearing = shot.get(_WHO)
    names = appearing.get("en") or appearing.get("ch") if isinstance(appearing, dict) else None
    if names is None:
        names = []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _Unreadable(f"{where}: `{_WHO}` is no object with a list of names for each language")
    sentences = [each.strip() for each in _SENTENCE.findall(seen)]
    for name in dict.fromkeys(one_line(each) for each in names):
        person = next((each for each in people if name in each.calls), None)
        if person is None:
            remarks.append(f"{where} shows {shortened(name, 60)}, who is none of its characters: not filmed")
            continue
        of = [each for each in sentences if _named(each, people)[:1] == [person]]
        of = of or [each for each in sentences if person in _named(each, people)]
        yield f"  {person.name} {quoted('. '.join([person.looks, ' '.join(of)] if of else [person.looks]))}"


def _named(sentence: str, people: list[_Person]) -> list[_Person]:
    """Whom a sentence names, in its order."""
    text = sentence.casefold()
    found = {
        min(text.index(call.casefold()) for call in each.calls if call.casefold() in text): each
        for each in reversed(people)
        if any(call.casefold() in text for call in each.calls)
    }
    return [found[place] for place in sorted(found)]


def _text(shot: Mapping[str, Any], field: str, language: Language, where: str) -> str:
    """One of a shot's texts in a language; "" where it has none."""
    told = shot.get(field)
    if told is None:
        return ""
    if not isinstance(told, dict):
        raise _Unreadable(f"{where}: `{field}` is no object with a text for each language")
    text = told.get(language, "")
    if not isinstance(text, str):
        raise _Unreadable(f"{where}: `{field}` has no text for {language}")
    return one_line(text)
