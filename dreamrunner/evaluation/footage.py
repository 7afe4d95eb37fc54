"""What is measured of a film: its scenes as they lie in video files, with what was planned of them.

A film's folder has its manifest, which holds the plan. Any other video is a film too: with a story it has that one's
scenes, one after the other, and without one it is a single scene of which nothing is known.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.backbones.family import CLIP_SECONDS
from dreamrunner.datasets.video import VideoError, read_attributes
from dreamrunner.files.digest import digest_now
from dreamrunner.files.made import MANIFEST
from dreamrunner.files.paths import BUNDLED
from dreamrunner.files.text import in_words
from dreamrunner.film.timeline import lay_out
from dreamrunner.pipeline.last_film import film_folder
from dreamrunner.pipeline.manifest import Manifest, read_film, read_manifest, scene_film, take_manifest
from dreamrunner.planning import FilledFile, Plan, PlannedScene, plan_file
from dreamrunner.planning.english.words import sentences

APART = 0.5
"""Seconds that a film may be longer or shorter than its plan."""


class NoFootage(Exception):
    """There is nothing to measure. ``str()`` is one line: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Shown:
    """A scene in a video.

    ``scene``: its name; "" for a video of which nothing is known.
    ``file``: the video.
    ``start``, ``end``: seconds in it; ``end`` is None at the video's own end.
    ``frames``: how many were filmed, each of which may be held for several of the video's; None where that is not
    known, so that the video's own are looked at.
    ``narration``: the text that it shows; "" for none.
    ``halves``: two sentences, of its first and its second half; none where there are no two.
    ``told``: whether these are the narration's own sentences; else they were made of the beats.
    ``cast``: the characters that are planned in it.
    """

    scene: str
    file: Path
    start: float = 0.0
    end: float | None = None
    frames: int | None = None
    narration: str = ""
    halves: tuple[str, ...] = ()
    told: bool = True
    cast: tuple[str, ...] = ()


@dataclass(frozen=True)
class Footage:
    """A film as it is measured.

    ``film``: what was named.
    ``scenes``: its scenes, in order.
    ``photos``: by character, the photos that the story brings.
    ``planned``: whether anything is known of what it should show.
    ``story``: whether that was looked up in a story, which alone has photos.
    ``drawn``: which bundled model filmed it, if one did.
    """

    film: Path
    scenes: tuple[Shown, ...]
    photos: Mapping[str, tuple[Path, ...]]
    planned: bool
    story: bool
    drawn: str | None


def find_footage(film: Path, plan: Path | None = None, *, allow_outside: bool = False) -> Footage:
    """The footage of ``film``: a video, a film's folder, or a story that was filmed. ``plan`` is its story, where that
    is not known, or a manifest.

    Raises:
        NoFootage: there is no film, or what is there is not the film of this plan.
    """
    if film.suffix == ".story":
        return _in_folder(film_folder(film), film, plan or film, allow_outside)
    if film.is_dir():
        return _in_folder(film, film, plan, allow_outside)
    if not film.exists():
        raise NoFootage(f"there is no {film}")
    there = Path(os.path.abspath(film))
    digest = digest_now(there)
    take = read_manifest(there.parent, take_manifest(there).name)
    if take is not None and [record.film for record in take.scenes] == [digest]:
        return _of_manifest(take, there.parent, film, plan, allow_outside, only=take.scenes[0].plan.name)
    for folder in (there.parent, there.parent.parent):
        manifest, name = read_manifest(folder), there.relative_to(folder).as_posix()
        if manifest is not None and manifest.outputs.get(name) == digest:
            only = None if folder == there.parent else there.stem
            return _of_manifest(manifest, folder, film, plan, allow_outside, only=only)
    return _other(film, plan, allow_outside)


def _in_folder(folder: Path, named: Path, plan: Path | None, allow_outside: bool) -> Footage:
    manifest = read_film(folder)
    if manifest is None:
        where = f"{folder} has no {MANIFEST}, so that no film of it is known"
        raise NoFootage(f"{where}; film it first, or name a video, and its story with --plan")
    return _of_manifest(manifest, folder, named, plan, allow_outside)


def _of_manifest(
    manifest: Manifest, folder: Path, named: Path, plan: Path | None, allow_outside: bool, only: str | None = None
) -> Footage:
    photos, story = _photos(plan, allow_outside)
    model = manifest.model
    shown = []
    for record in manifest.scenes:
        if only not in (None, record.plan.name):
            continue
        file = named if only is not None else scene_film(folder, record.plan.name)
        if not file.is_file():
            raise NoFootage(f"{named}: the film of scene {record.plan.name} ({file}) is gone; film it again")
        shown.append(_shown(record.plan, file, frames=_filmed(model.frames, record.plan.duration)))
    return Footage(named, tuple(shown), photos, True, story, model.name if model.name in BUNDLED else None)


def _filmed(frames: int, duration: float) -> int:
    """How many frames a model makes of a scene: those of its clip, and of a longer scene as many more."""
    if duration <= CLIP_SECONDS:
        return frames
    return round((frames - 1) * duration / CLIP_SECONDS) + 1


def _other(film: Path, plan: Path | None, allow_outside: bool) -> Footage:
    if plan is None:
        return Footage(film, (Shown("", film),), {}, False, False, None)
    told, photos, story = _plan(plan, allow_outside)
    try:
        lasts = read_attributes(film).duration
    except VideoError as error:
        raise NoFootage(str(error)) from error
    shots = lay_out(told)
    if len(shots) == 1:
        return Footage(film, (_shown(told.scenes[0], film),), photos, True, story, None)
    end = shots[-1].end if shots else 0.0
    if abs(lasts - end) > APART:
        raise NoFootage(f"{film} is not the film of {plan}: it lasts {lasts:g} s, and what is planned {end:g} s")
    shown = [
        _shown(scene, film, shot.start, min(shot.end, lasts)) for scene, shot in zip(told.scenes, shots, strict=True)
    ]
    return Footage(film, tuple(shown), photos, True, story, None)


def _photos(plan: Path | None, allow_outside: bool) -> tuple[Mapping[str, tuple[Path, ...]], bool]:
    if plan is None or plan.suffix == ".json":
        return {}, False
    _, photos, story = _plan(plan, allow_outside)
    return photos, story


def _plan(file: Path, allow_outside: bool) -> tuple[Plan, Mapping[str, tuple[Path, ...]], bool]:
    """A plan, the photos of its characters, and whether it is a story's."""
    if file.suffix == ".json":
        manifest = read_manifest(file.parent, file.name)
        if manifest is None:
            raise NoFootage(f"{file} is no manifest of a film")
        scenes = tuple(record.plan for record in manifest.scenes)
        plan = Plan(title=manifest.title, style=manifest.style, planner=manifest.planner, scenes=scenes)
        return plan, {}, False
    planned = plan_file(file, allow_outside=allow_outside)
    if not isinstance(planned, FilledFile):
        raise NoFootage(f"{file} can't be planned; `dreamrunner check {file}` says why")
    return planned.plan, {each.name: each.images for each in planned.story.characters if each.images}, True


def _shown(
    scene: PlannedScene, file: Path, start: float = 0.0, end: float | None = None, frames: int | None = None
) -> Shown:
    halves, told = halves_of(scene)
    cast = tuple(dict.fromkeys(beat.entity for beat in scene.beats if beat.motion is not None))
    return Shown(scene.name, file, start, end, frames, scene.narration.strip(), halves, told, cast)


def halves_of(scene: PlannedScene) -> tuple[tuple[str, ...], bool]:
    """Two sentences, of a scene's first and its second half, and whether they are the narration's own.

    Of a narration that has not two, they are made of what goes on in each half (paper, C: one motion each); none where
    nothing goes on in one of them.
    """
    found = sentences_of(scene.narration)
    if len(found) == 2:
        return found, True
    middle = scene.duration / 2
    made = (_acts(scene, 0.0, middle), _acts(scene, middle, scene.duration))
    return (made, False) if all(made) else ((), False)


def _acts(scene: PlannedScene, start: float, end: float) -> str:
    """What goes on in a stretch of a scene for half of it or more: "the witch is walking and the cat is sitting"."""
    acts = [
        f"the {in_words(beat.entity)} is {in_words(beat.motion)}"
        for beat in scene.beats
        if beat.motion is not None and min(end, beat.end) - max(start, beat.start) >= (end - start) / 2
    ]
    return " and ".join(dict.fromkeys(acts))


def sentences_of(text: str) -> tuple[str, ...]:
    """A text's sentences as they stand there."""
    begins: Sequence[int] = [sentence.words[0].start for sentence in sentences(text)]
    ends = [*begins[1:], len(text)]
    return tuple(text[begin:end].strip() for begin, end in zip(begins, ends, strict=True))
