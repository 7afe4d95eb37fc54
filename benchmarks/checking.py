"""How often is the checker itself wrong? ``python benchmarks/checking.py [--clips 200] [--developed] [--json]``

Drawn clips of the bundled model's small world, which show exactly what their scripts say, are checked as films are
(``dreamrunner/checking``): shares of seconds of characters that are marked as they should be, with 95 % intervals
(Wilson).

- ``right``: the clip as its script says it: marked right.
- ``missing``: the script has one more character: marked missing.
- ``gone``: the script says that a character has left, which is there: marked as lingering.
- ``kind``, ``colour``: the script names another kind or colour: not marked right; unlike.
- ``place``: the script's box is elsewhere: marked elsewhere.
- ``twice``: the clip has a second copy of a character: marked twice.
- ``motion``: of whole characters, what they do is seen; ``other motion``: another one is not.

``--developed`` sends the clips through the model's autoencoder first, as what it films comes out of one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.regions import developed, interval
from dreamrunner.checking.drawn import DrawnWatcher
from dreamrunner.checking.marks import SceneMarks
from dreamrunner.checking.script import Subject, script_of
from dreamrunner.checking.verdict import mark
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.miniature.sprites import COLOURS, KINDS
from dreamrunner.miniature.world import BACKGROUNDS, MOTIONS, Clip, Figure, bounds, draw
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

SECONDS, FRAMES = 6.0, 17
PLACES = (16.0, 48.0, 80.0)
SIGNS = {
    "right": ("right",),
    "missing": ("missing",),
    "gone": ("lingers",),
    "kind": ("missing", "elsewhere", "unlike"),
    "colour": ("unlike",),
    "place": ("elsewhere",),
    "twice": ("twice",),
}
"""Which marks a case should be given."""


def clip_of(number: int) -> Clip:
    """One or two characters that stay in the picture, apart from one another, of different kinds and colours."""
    rng = np.random.default_rng([89, number])
    kinds, colours = rng.permutation(list(KINDS)), rng.permutation(list(COLOURS))
    spots = rng.permutation(3)[: 1 + number % 2]
    figures = []
    for index, spot in enumerate(spots):
        motion = str(rng.choice([each for each in MOTIONS if each != "flies"]))
        x = PLACES[spot] + rng.uniform(-3, 3)
        x += {"strolls rightwards": -10.0, "strolls leftwards": 10.0}.get(motion, 0.0)
        named = ("left", "center", "right")[spot]
        figures.append(Figure(str(kinds[index]), named, motion, str(colours[index]), x=float(np.clip(x, 14, 82))))
    return Clip(str(rng.choice(BACKGROUNDS)), tuple(figures))


def beat_of(figure: Figure, name: str, *, shift: float = 0.0) -> PlannedBeat:
    """A figure's beat, its boxes moved to the right by ``shift`` of the picture."""
    frames = []
    for second in range(7):
        x0, y0, x1, y1 = bounds(figure, second / SECONDS * FRAMES)
        frames.append(KeyFrame(float(second), Box(x0 + shift, max(0.0, y0), x1 + shift, min(1.0, y1))))
    return PlannedBeat(
        entity=name, motion=figure.motion.replace(" ", "-"), start=0.0, end=SECONDS, description="",
        keyframes=tuple(frames),
    )  # fmt: skip


def cases(clip: Clip, number: int) -> Iterator[tuple[str, Clip, list[PlannedBeat], list[Subject]]]:
    """Each case with what is drawn, and the first subject being the one that is looked at."""
    rng = np.random.default_rng([97, number])
    names = [f"a{index}" for index in range(len(clip.figures))]
    beats = [beat_of(figure, name) for figure, name in zip(clip.figures, names, strict=True)]
    subjects = [
        Subject(name, f"a {figure.colour} {figure.kind}") for name, figure in zip(names, clip.figures, strict=True)
    ]
    first = clip.figures[0]
    used = {figure.kind for figure in clip.figures}
    other = str(rng.choice([kind for kind in KINDS if kind not in used]))
    hues = {figure.colour for figure in clip.figures}
    hue = str(rng.choice([colour for colour in COLOURS if colour not in hues]))
    yield "right", clip, beats, subjects
    apart = 0.45 if first.x < 48 else -0.45
    away = PlannedBeat(
        entity="more", motion="stands", start=0.0, end=SECONDS, description="",
        keyframes=(KeyFrame(0.0, Box(0.4, 0.4, 0.6, 0.9)),),
    )  # fmt: skip
    yield "missing", clip, [away, *beats], [Subject("more", f"a {other}"), *subjects]
    yield "gone", clip, [beat_of(first, names[0], shift=2.0), *beats[1:]], subjects
    yield "kind", clip, beats, [Subject(names[0], f"a {first.colour} {other}"), *subjects[1:]]
    yield "colour", clip, beats, [Subject(names[0], f"a {hue} {first.kind}"), *subjects[1:]]
    yield "place", clip, [beat_of(first, names[0], shift=apart), *beats[1:]], subjects
    if len(clip.figures) == 1:
        twin = replace(first, x=float(first.x + apart * 96))
        if 14 <= twin.x <= 82 and first.motion not in ("strolls leftwards", "strolls rightwards"):
            yield "twice", replace(clip, figures=(first, twin)), beats, subjects


def marks_of(
    watcher: DrawnWatcher, pixels: np.ndarray, beats: list[PlannedBeat], subjects: list[Subject]
) -> SceneMarks:
    """The marks of frames by a script."""
    scene = PlannedScene(
        name="s", background="", narration="", duration=SECONDS, transition=Transition(), seed=0, beats=tuple(beats)
    )
    script = script_of(scene, subjects)
    return mark("s", script, watcher.watch(pixels, script), watcher.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--developed", action="store_true", help="through the model's autoencoder first")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    loaded = None
    if options.developed:
        from dreamrunner.backbones import describe, load

        loaded = load(describe("miniature"))
    watcher, hits = DrawnWatcher(), {name: [] for name in (*SIGNS, "motion", "other motion")}
    for number in range(options.clips):
        clip = clip_of(number)
        rng = np.random.default_rng([101, number])
        for name, drawn, beats, subjects in cases(clip, number):
            pixels = draw(drawn, FRAMES)
            if loaded is not None:
                pixels = developed(loaded, pixels)
            found = marks_of(watcher, pixels, beats, subjects)
            watched = found.entities if name == "right" else found.entities[:1]
            hits[name] += [each in SIGNS[name] for entity in watched for each in entity.marks if each != "unsaid"]
            if name == "right":
                hits["motion"] += [act.done for act in found.acts if act.done is not None]
                does = clip.figures[0].motion.split()[0]
                wrong = str(rng.choice([each for each in MOTIONS if each.split()[0] != does]))
                lied = beats[0].model_copy(update={"motion": wrong.replace(" ", "-")})
                acts = marks_of(watcher, pixels, [lied, *beats[1:]], subjects).acts
                hits["other motion"] += [not acts[0].done] if acts[0].done is not None else []
        if number % 20 == 19:
            print(f"{number + 1}/{options.clips} clips", file=sys.stderr, flush=True)
    table = {
        name: {"share": sum(row) / len(row), "interval": interval(sum(row), len(row)), "count": len(row)}
        for name, row in hits.items()
        if row
    }
    if options.json:
        print(json.dumps(table))
        return
    for name, row in table.items():
        low, high = row["interval"]
        print(f"{name:14}{row['share']:.3f} [{low:.2f}, {high:.2f}] of {row['count']}")


if __name__ == "__main__":
    main()
