"""Do priors teach the miniature what it never saw? ``python benchmarks/adaptation.py [--ablations] [--json]``

Motions and characters that the miniature's training left out, filmed with its trained weights: one figure in a box, the
same scenes and seeds for every way. A motion's LoRA is trained here by the backbone's recipe on what retrieval finds in
the drawn catalog; a character's on drawn photos. The judge (``dreamrunner/miniature/judge.py``) has only seen drawings.
Shares of films, with 95 % intervals (Wilson):

- ``motions``: the film shows the motion; chance is 1 of 15. Ways: ``none`` without a LoRA, ``all`` with it in its
  region.
- ``kinds`` and ``colours``: in those films the figure, whom the miniature knows, is who it should be, and of its colour
  (chance is 1 of 19, and of 9).
- ``subjects``: the box shows the character; chance is 1 of 19. Ways: ``none`` and ``region``.
- ``leak``: how much the motion's LoRA changes the pixels outside its box and a shadow of one token (8 pixels) round it,
  as a share of what the same LoRA changes there when it works everywhere; the mean over films, with its 95 % interval
  (bootstrap).

``drawn`` is what the judge makes of the same scenes drawn and sent through the autoencoder: what a perfect generator
would get.

``--ablations`` adds the paper's in small: ``one prompt`` for all clips (table 4; its other rows are ``none`` and
``all``), the first 20 clips by caption ``unfiltered`` and the best ``three`` (table 5), no appearance-debiased loss
(``no L_ad``) and ``half-half`` blocks (table 6).

Two processes; the motions take about half an hour on two cores, with the ablations two hours. ``--motions`` and
``--scenes`` make it shorter or longer; ``--keep FOLDER`` keeps LoRAs and findings there and goes on from those that it
holds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.regions import developed, interval
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.miniature.footage import WORDS
from dreamrunner.miniature.sprites import COLOURS, HELD_OUT_KINDS, KINDS
from dreamrunner.miniature.world import BACKGROUNDS, HEIGHT, HELD_OUT_MOTIONS, WIDTH, Clip, Figure, bounds, draw
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

SECONDS, FRAMES = 6.0, 17
SHADOW = 8
"""Pixels of a token's side: a box is rounded to tokens, and what lies in one token is changed together."""
WAYS = ("none", "all")
ABLATIONS = ("one prompt", "unfiltered", "three", "no L_ad", "half-half")
PHOTOS = 8


@dataclass(frozen=True)
class Staged:
    """A scene of one figure: its drawing, its plan, and the box that holds it all the time."""

    clip: Clip
    plan: PlannedScene
    hull: np.ndarray


def stage(number: int, *, kind: str = "", motion: str = "") -> Staged:
    """Scene ``number``: a character, ``kind`` or one that the miniature knows, doing ``motion`` or standing."""
    rng = np.random.default_rng([71, number])
    known, colour = str(rng.choice(list(KINDS))), str(rng.choice(list(COLOURS)))
    x, background = float(rng.uniform(32, 62)), str(rng.choice(BACKGROUNDS))
    figure = Figure(kind or known, "center", motion or "stands", colour="" if kind else colour, x=x, foot=57.0)
    if motion == "rolls":
        figure = replace(figure, x=figure.x - 14)
    track = np.array([bounds(figure, frame) for frame in range(FRAMES)])
    hull = np.concatenate([track[:, :2].min(0), track[:, 2:].max(0)])
    path = (track[0], track[-1]) if motion == "rolls" else (hull, hull)
    who = " ".join(filter(None, ["a", "[v1]" if kind else colour, figure.kind]))
    beat = PlannedBeat(
        entity=figure.kind,
        motion=figure.motion,
        start=0.0,
        end=SECONDS,
        description=f"{who} is {WORDS[motion][0]}" if motion else f"{who} on the center stands",
        keyframes=tuple(KeyFrame(at, Box(*map(float, box))) for at, box in zip((0.0, SECONDS), path, strict=True)),
    )
    plan = PlannedScene(
        name="one",
        background=f"the {background}",
        narration="",
        duration=SECONDS,
        transition=Transition(),
        seed=number,
        beats=(beat,),
    )
    return Staged(Clip(background, (figure,)), plan, hull)


@cache
def _studio():
    import torch

    from dreamrunner.backbones import describe, load
    from dreamrunner.miniature.judge import Judge

    torch.set_num_threads(1)
    return load(describe("miniature")), Judge.load()


def film(staged: Staged, adapters: tuple, lora: str = "region") -> np.ndarray:
    """The scene's frames, uint8 (17, 64, 96, 3)."""
    from dreamrunner.regions import lower
    from dreamrunner.rendering import render

    loaded, _ = _studio()
    program = lower(staged.plan, loaded.backbone.grid, adapters=adapters)
    return render(program, loaded, adapters, seed=staged.plan.seed, lora=lora).pixels


def seen(staged: Staged, frames: np.ndarray, what: str) -> str:
    """What the judge takes the figure's ``kind`` or ``motion`` for."""
    return _studio()[1].look(frames, staged.hull).best(what)


def all_seen(staged: Staged, frames: np.ndarray) -> dict[str, str | bool]:
    """The motion that the judge sees, and whether the figure is taken for who it is, and for its colour."""
    (figure,) = staged.clip.figures
    kept = {what: seen(staged, frames, what) == getattr(figure, what) for what in ("kind", "colour")}
    return {"motion": seen(staged, frames, "motion")} | kept


def found_clips(motion: str, way: str) -> list:
    """The clips that a motion is learnt from."""
    from dreamrunner.datasets import Segment
    from dreamrunner.pipeline.adapters.catalogs import open_catalog
    from dreamrunner.priors.clips import read_clip
    from dreamrunner.retrieval import load_parts, retrieve

    loaded, _ = _studio()
    catalog, parts = open_catalog("miniature"), load_parts("miniature")
    query = f"person is {WORDS[motion][0]}"
    if way == "unfiltered":
        first = [clip for clip in catalog.search(query, 20) if clip.file is not None]
        known = [catalog.attributes(clip.file) for clip in first]
        segments = [
            Segment(file=clip.file, digest=digest, start=0.0, end=attributes.duration, caption=clip.caption)
            for clip, (digest, attributes) in zip(first, known, strict=True)
        ]
    else:
        segments = retrieve(query, catalog, people=parts.people, image_similarity=parts.image_similarity,
                            video_similarity=parts.video_similarity).segments  # fmt: skip
    clips = [read_clip(segment, loaded.backbone, loaded.backbone.training.rate) for segment in segments]
    if way == "three":
        return clips[:3]
    return [replace(clip, caption=query) for clip in clips] if way == "one prompt" else clips


def learn_motion(motion: str, way: str, folder: Path):
    """The motion's LoRA, trained in this way, or the one that ``folder`` holds."""
    from dreamrunner.priors import train_motion
    from dreamrunner.priors.adapters import read_adapter

    loaded, _ = _studio()
    file = folder / f"{motion}-{way.replace(' ', '-')}.safetensors"
    if file.exists():
        return read_adapter(file, kind="motion", of=motion, backbone=loaded.backbone)
    recipe = loaded.backbone.training.motion
    if way == "no L_ad":
        recipe = replace(recipe, debiased=False)
    if way == "half-half":
        recipe = replace(recipe, arrangement="half-half")
    return train_motion(loaded, found_clips(motion, way), recipe, of=motion, file=file)


def learn_subject(kind: str, folder: Path):
    """The character's LoRA, from photos in which it stands somewhere, or the one that ``folder`` holds."""
    from dreamrunner.priors import Photo, train_subject
    from dreamrunner.priors.adapters import read_adapter

    loaded, _ = _studio()
    file = folder / f"{kind}.safetensors"
    if file.exists():
        return read_adapter(file, kind="subject", of=kind, backbone=loaded.backbone)
    rng = np.random.default_rng([73, list(HELD_OUT_KINDS).index(kind)])
    photos = []
    for index in range(PHOTOS):
        side, x = [("left", 22.0), ("center", 48.0), ("right", 74.0)][index % 3]
        figure = Figure(kind, side, "stands", x=x + rng.uniform(-4, 4), foot=57.0)
        clip = Clip(str(rng.choice(BACKGROUNDS)), (figure,))
        words = f"a [v1] {kind} on the {side} stands in the {clip.background}"
        photos.append(Photo(draw(clip, 1)[0], words, f"{kind}-{index}"))
    return train_subject(loaded, photos, loaded.backbone.training.subject, of=kind, file=file)


def judge_motion(task: tuple[str, str], *, scenes: int, folder: Path) -> dict[str, list]:
    """What is seen of one motion, filmed in one way, for every scene; for ``all`` also the leaks."""
    motion, way = task
    loaded, _ = _studio()
    kept = folder / f"{motion}-{way.replace(' ', '-')}-{scenes}.json"
    if kept.exists():
        return json.loads(kept.read_text())
    found: dict[str, list] = {"seen": [], "drawn": [], "leak": []}
    adapters = () if way == "none" else (learn_motion(motion, way, folder),)
    for staged in (stage(number, motion=motion) for number in range(scenes)):
        frames = film(staged, adapters)
        found["seen"].append(all_seen(staged, frames))
        if way == "none":
            found["drawn"].append(all_seen(staged, developed(loaded, draw(staged.clip, FRAMES))))
        if way == "all":
            without, everywhere = film(staged, ()), film(staged, adapters, "global")
            outside = ~shaded(staged.hull)
            changes = [np.abs(each.astype(float) - without)[:, outside].mean() for each in (frames, everywhere)]
            found["leak"].append(changes[0] / changes[1] if changes[1] else 0.0)
    kept.write_text(json.dumps(found))
    return found


def shaded(hull: np.ndarray) -> np.ndarray:
    """Which pixels lie in a box or its shadow, bool (64, 96)."""
    x, y = np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5
    left, top, right, bottom = hull * (WIDTH, HEIGHT, WIDTH, HEIGHT) + (-SHADOW, -SHADOW, SHADOW, SHADOW)
    return ((y > top) & (y < bottom))[:, None] & ((x > left) & (x < right))[None]


def judge_subject(kind: str, *, scenes: int, folder: Path) -> dict[str, list[str]]:
    """What is seen of one character: a kind for every scene, for every way."""
    kept = folder / f"{kind}-{scenes}.json"
    if kept.exists():
        return json.loads(kept.read_text())
    loaded, _ = _studio()
    adapters = (learn_subject(kind, folder),)
    found: dict[str, list[str]] = {"none": [], "region": [], "drawn": []}
    for staged in (stage(number, kind=kind) for number in range(scenes)):
        found["none"].append(seen(staged, film(staged, ()), "kind"))
        found["region"].append(seen(staged, film(staged, adapters), "kind"))
        found["drawn"].append(seen(staged, developed(loaded, draw(staged.clip, FRAMES)), "kind"))
    kept.write_text(json.dumps(found))
    return found


def told(films: list[dict], what: str) -> list:
    """One of the things that were seen, film by film."""
    return [film[what] for film in films]


def shares(answers: dict[str, list], right: dict[str, object] | None = None) -> dict[str, object]:
    """How often the ``right`` answer was given, by default what is shown, over ``answers`` by what is shown: all of it
    with its interval, and each in films."""
    hits = {shown: seen.count(right[shown] if right else shown) for shown, seen in answers.items()}
    all_right, count = sum(hits.values()), sum(map(len, answers.values()))
    return {"share": all_right / count, "interval": interval(all_right, count), "of": count} | hits


def mean_of(values: list[float]) -> dict[str, object]:
    """A mean with its bootstrap interval."""
    rng = np.random.default_rng(0)
    means = rng.choice(values, (2000, len(values))).mean(1)
    ends = tuple(np.quantile(means, (0.025, 0.975)).tolist())
    return {"share": float(np.mean(values)), "interval": ends, "of": len(values)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ablations", action="store_true", help="the paper's tables 4 to 6 in small")
    parser.add_argument("--motions", nargs="+", choices=HELD_OUT_MOTIONS, default=list(HELD_OUT_MOTIONS))
    parser.add_argument("--scenes", type=int, default=10, help="films of each motion or character")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what is found, and go on from that")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    ways = (*WAYS, *ABLATIONS) if options.ablations else WAYS
    tasks = [(motion, way) for way in ways for motion in options.motions]
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
            characters = pool.map(partial(judge_subject, scenes=options.scenes, folder=folder), HELD_OUT_KINDS)
            found = {}
            for task, each in zip(
                tasks, pool.map(partial(judge_motion, scenes=options.scenes, folder=folder), tasks), strict=True
            ):
                found[task] = each
                shown = told(each["seen"], "motion").count(task[0])
                print(f"{task[0]}, {task[1]}: {shown} of {options.scenes}", file=sys.stderr, flush=True)
            subjects = dict(zip(HELD_OUT_KINDS, characters, strict=True))
    table: dict[str, dict] = {"motions": {}, "kinds": {}, "colours": {}, "subjects": {}}
    films = {way: {motion: found[motion, way]["seen"] for motion in options.motions} for way in ways}
    films["drawn"] = {motion: found[motion, "none"]["drawn"] for motion in options.motions}
    for way, by_motion in films.items():
        table["motions"][way] = shares({motion: told(seen, "motion") for motion, seen in by_motion.items()})
        for what in ("kind", "colour"):
            kept = {motion: told(seen, what) for motion, seen in by_motion.items()}
            table[f"{what}s"][way] = shares(kept, dict.fromkeys(kept, True))
    for way in ("none", "region", "drawn"):
        table["subjects"][way] = shares({kind: subjects[kind][way] for kind in subjects})
    table["leak"] = {"all": mean_of([value for motion in options.motions for value in found[motion, "all"]["leak"]])}
    if options.json:
        print(json.dumps(table))
        return
    for name, rows in table.items():
        print(f"{name}, {next(iter(rows.values()))['of']} films a row, {options.scenes} of each kind; 95 % intervals")
        for way, row in rows.items():
            hits = ", ".join(
                f"{what} {count}" for what, count in row.items() if what not in ("share", "interval", "of")
            )
            print(f"  {way:10} {row['share']:.2f} [{row['interval'][0]:.2f}, {row['interval'][1]:.2f}]  {hits}")


if __name__ == "__main__":
    main()
