"""The takes that lie beside a film: which there are, how they were marked, and choosing one for the story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.checking.marks import SceneMarks
from dreamrunner.checking.said import share
from dreamrunner.files.in_place import ROUNDS, replace_text
from dreamrunner.files.regular import read_regular
from dreamrunner.pipeline.last_film import takes_of
from dreamrunner.pipeline.manifest import read_manifest, scene_film, take_manifest
from dreamrunner.planning.directing import direct
from dreamrunner.planning.directing.changes import NotMade, SetFact


class NoTake(Exception):
    """A take that can't be chosen. ``str()`` is one line: why, and what to do."""


@dataclass(frozen=True)
class KeptTake:
    """A take of a scene.

    ``number``: from 1, in the order of their seeds.
    ``film``: its file.
    ``seed``: what it was filmed with.
    ``duration``: seconds.
    ``marks``: how far it shows what was planned; None where it was not checked.
    ``filmed``: whether it is the one in the film.
    """

    number: int
    film: Path
    seed: int
    duration: float
    marks: SceneMarks | None
    filmed: bool

    @property
    def label(self) -> str:
        """It in a line: "take 2, seed 8, right: 83% (in the film)"."""
        score = self.marks.score if self.marks is not None else None
        marked = f"right: {share(score)}" if score is not None else "not marked"
        return f"take {self.number}, seed {self.seed}, {marked}{' (in the film)' if self.filmed else ''}"


def kept_takes(folder: Path, scene: str) -> tuple[KeptTake, ...]:
    """The takes of a scene in the folder of its film, by their seeds; those whose manifest is gone are left out.

    Before there is a whole film, that of the scene alone is one.
    """
    film = read_manifest(folder)
    shown = {record.plan.name: record.film for record in film.scenes} if film is not None else {}
    found = []
    for file in takes_of(folder, scene) if film is not None else (scene_film(folder, scene), *takes_of(folder, scene)):
        manifest = read_manifest(file.parent, take_manifest(file).name)
        record = next((each for each in manifest.scenes if each.plan.name == scene), None) if manifest else None
        if record is not None:
            found.append((record.plan.seed, file, record))
    found.sort(key=lambda each: each[0])
    return tuple(
        KeptTake(number, file, seed, record.plan.duration, record.marks, shown.get(scene) == record.film)
        for number, (seed, file, record) in enumerate(found, 1)
    )


def take_named(takes: Sequence[KeptTake], scene: str, number: int) -> KeptTake:
    """The take of a number.

    Raises:
        NoTake: there is none.
    """
    for take in takes:
        if take.number == number:
            return take
    there = f"it has {len(takes)}" if takes else "it has none; `dreamrunner build --takes N` films some"
    raise NoTake(f"{scene} has no take {number}; {there}")


def choose(story: Path, scene: str, seed: int) -> bool:
    """Write the seed of a take into its scene; whether the text changed.

    Raises:
        NoTake: the text of the story can't take it.
        OSError: the story can't be read or written.
    """
    for _ in range(ROUNDS):
        text = read_regular(story).decode("utf-8-sig", "replace")
        try:
            new = direct(text, SetFact(scene=scene, fact="seed", value=str(seed)))
        except NotMade as error:
            raise NoTake(str(error)) from error
        if new == text:
            return False
        if replace_text(story, text, new):
            return True
    raise NoTake(f"{story.name} is being saved again and again; choose once more")
