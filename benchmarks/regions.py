"""Does each character stay in its box? ``python benchmarks/regions.py [--lora] [--json]``

Scenes of two characters, each with a box, a colour and a motion of its own, filmed by the miniature with its trained
weights under one prompt (``plain``), with hard borders (``hard``) and with region attention (``sr3ai``). The same
scenes and seeds for all, and the same words: also the single prompt says who is left and who is right.

``--lora`` asks it of two characters that the miniature was never trained on, a dragon and a penguin, with a subject
LoRA each, trained here from drawn photos: without LoRAs, with both LoRAs everywhere (``global``), and each in its
region.

The judge (``dreamrunner/miniature/judge.py``) has only seen drawings. Shares of characters, with 95 % intervals
(Wilson):

- ``here``: the box shows the character; ``colour``, ``motion``: it is seen with its colour, doing its motion.
- ``melted``: the box shows the other character, or the other's colour on this one.
- ``all``: here, with its colour, doing its motion, and not melted.

``drawn`` is what the judge makes of the same scenes drawn and sent through the autoencoder: what a perfect generator
would get. 200 scenes take a quarter of an hour on two cores; ``--keep FOLDER`` keeps the frames there and goes on from
those that it holds.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.miniature.sprites import COLOURS, KINDS
from dreamrunner.miniature.world import BACKGROUNDS, MOTIONS, Clip, Figure, bounds, draw
from dreamrunner.planning.plan import PlannedBeat, PlannedScene

SECONDS, FRAMES = 6.0, 17
STRANGERS = ("dragon", "penguin")
MARGIN = 0.02
WAYS = {"plain": ("plain", "region"), "hard": ("hard", "region"), "sr3ai": ("sr3ai", "region")}
LORA_WAYS = {"none": ("sr3ai", None), "global": ("sr3ai", "global"), "region": ("sr3ai", "region")}
MEASURES = ("here", "colour", "motion", "melted", "all")


@dataclass(frozen=True)
class Staged:
    """A scene: its drawing, which says what must be seen, its plan, and the boxes of both, (2, 17, 4)."""

    clip: Clip
    plan: PlannedScene
    boxes: np.ndarray


def stage(number: int, strangers: bool) -> Staged:
    """Scene ``number``: two characters of different kinds and colours, the first on the left."""
    rng = np.random.default_rng([61, number])
    kinds = rng.permutation(STRANGERS if strangers else list(KINDS))[:2]
    # A stranger's colour is its own, learnt from the photos; it isn't said.
    colours = ("", "") if strangers else rng.permutation(list(COLOURS))[:2]
    figures = tuple(
        Figure(str(kind), side, str(rng.choice(MOTIONS)), colour=str(colour), x=x + rng.uniform(-3, 3), foot=57.0)
        for kind, side, colour, x in zip(kinds, ("left", "right"), colours, (22.0, 74.0), strict=True)
    )
    figures = tuple(_kept(figure) for figure in figures)
    clip = Clip(str(rng.choice(BACKGROUNDS)), figures)
    boxes = np.array([[_widened(bounds(figure, frame)) for frame in range(FRAMES)] for figure in figures])
    names = [f"[v{index + 1}] {figure.kind}" if strangers else figure.kind for index, figure in enumerate(figures)]
    beats = tuple(
        PlannedBeat(
            entity=figure.kind,
            motion=figure.motion.split()[0],
            start=0.0,
            end=SECONDS,
            description=" ".join(filter(None, ["a", figure.colour, name, "on the", figure.position, figure.motion])),
            keyframes=tuple(
                KeyFrame((frame + 0.5) / FRAMES * SECONDS, Box(*track[frame])) for frame in range(0, FRAMES, 4)
            ),
        )
        for figure, name, track in zip(figures, names, boxes.tolist(), strict=True)
    )
    plan = PlannedScene(
        name="two",
        background=f"the {clip.background}",
        narration="",
        duration=SECONDS,
        transition=Transition(),
        seed=number,
        beats=beats,
    )
    return Staged(clip, plan, boxes)


def _kept(figure: Figure) -> Figure:
    """Who strolls sets out where the way stays in that half of the picture."""
    if figure.motion == "strolls rightwards":
        return replace(figure, x=figure.x - 12)
    return replace(figure, x=figure.x + 12) if figure.motion == "strolls leftwards" else figure


def _widened(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return max(0.0, x0 - MARGIN), max(0.0, y0 - MARGIN), min(1.0, x1 + MARGIN), min(1.0, y1 + MARGIN)


@cache
def _studio():
    import torch

    from dreamrunner.backbones import describe, load
    from dreamrunner.miniature.judge import Judge

    torch.set_num_threads(1)
    return load(describe("miniature")), Judge.load()


def judge_scene(
    number: int, *, strangers: bool, adapters: tuple, keep: Path | None = None
) -> dict[str, list[dict[str, bool]]]:
    """What the judge sees of both characters of one scene, for every way of filming it."""
    from dreamrunner.regions import lower
    from dreamrunner.rendering import Frames, render

    (loaded, judge), staged = _studio(), stage(number, strangers)
    found = {"drawn": verdicts(judge, developed(loaded, draw(staged.clip, FRAMES)), staged)}
    for way, (attention, lora) in (LORA_WAYS if strangers else WAYS).items():
        file = keep / f"{'strangers-' if strangers else ''}{way}-{number:04}.npz" if keep else None
        if file is not None and file.exists():
            frames = Frames.load(file)
        else:
            used = adapters if lora else ()
            program = lower(staged.plan, loaded.backbone.grid, adapters=used)
            frames = render(program, loaded, used, seed=number, attention=attention, lora=lora or "region")
            if file is not None:
                frames.save(file)
        found[way] = verdicts(judge, frames.pixels, staged)
    return found


def verdicts(judge, frames: np.ndarray, staged: Staged) -> list[dict[str, bool]]:
    """The measures of both characters: who and of which colour in the box as it moves, doing what where it ever is."""
    both = np.stack([frames] * 2)
    seen = judge.look_all(both, staged.boxes)
    hulls = np.concatenate(
        [staged.boxes[..., :2].min(1, keepdims=True), staged.boxes[..., 2:].max(1, keepdims=True)], -1
    )
    moving = judge.look_all(both, np.repeat(hulls, FRAMES, 1))
    out = []
    for verdict, motion, own, other in zip(seen, moving, staged.clip.figures, staged.clip.figures[::-1], strict=True):
        kind, colour = verdict.best("kind"), verdict.best("colour")
        one = {
            "here": kind == own.kind,
            "colour": colour == (own.colour or colour),
            "motion": motion.best("motion") == own.motion,
            "melted": kind == other.kind or (bool(own.colour) and kind == own.kind and colour == other.colour),
        }
        out.append(one | {"all": one["here"] and one["colour"] and one["motion"] and not one["melted"]})
    return out


def developed(loaded, frames: np.ndarray) -> np.ndarray:
    """A drawn clip after the autoencoder."""
    from dreamrunner.backbones.loading import put_away
    from dreamrunner.miniature.training.judge import developed as through

    put_away(loaded, "vae")  # where the frames are
    return through(frames, loaded.pipe.vae)


def photos(kind: str, count: int = 8) -> Iterator:
    """Photos of a character that stands somewhere, drawn."""
    from dreamrunner.priors import Photo

    rng = np.random.default_rng([67, STRANGERS.index(kind)])
    for index in range(count):
        side, x = [("left", 22.0), ("center", 48.0), ("right", 74.0)][index % 3]
        figure = Figure(kind, side, "stands", x=x + rng.uniform(-4, 4), foot=57.0)
        clip = Clip(str(rng.choice(BACKGROUNDS)), (figure,))
        words = f"a [v{STRANGERS.index(kind) + 1}] {kind} on the {side} stands in the {clip.background}"
        yield Photo(draw(clip, 1)[0], words, f"{kind}-{index}")


def learn(kind: str, folder: Path):
    """Train a subject LoRA for a stranger, with the backbone's own recipe."""
    from dreamrunner.priors import train_subject

    loaded, _ = _studio()
    file = folder / f"{kind}.safetensors"
    recipe = loaded.backbone.training.subject
    return train_subject(loaded, list(photos(kind)), recipe, of=kind, file=file, checkpoint=None)


def interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--lora", action="store_true", help="two strangers with their subject LoRAs")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep frames, and go on from those kept")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        adapters = ()
        if options.lora:
            adapters = tuple(pool.map(partial(learn, folder=Path(folder)), STRANGERS))
        work = partial(judge_scene, strangers=options.lora, adapters=adapters, keep=options.keep)
        results = []
        for done, result in enumerate(pool.map(work, range(options.scenes)), 1):
            results.append(result)
            if done % 20 == 0:
                print(f"{done}/{options.scenes} scenes", file=sys.stderr, flush=True)
    table = {}
    for way in results[0]:
        judged = [one for result in results for one in result[way]]
        table[way] = {}
        for measure in MEASURES:
            hits = sum(one[measure] for one in judged)
            table[way][measure] = {"share": hits / len(judged), "interval": interval(hits, len(judged))}
    if options.json:
        print(json.dumps(table))
        return
    print(f"{options.scenes} scenes of two characters; shares of {2 * options.scenes}, 95 % intervals")
    print(f"{'':8}" + "".join(f"{measure:>20}" for measure in MEASURES))
    for way, row in table.items():
        cells = (f"{each['share']:.3f} [{each['interval'][0]:.2f}, {each['interval'][1]:.2f}]" for each in row.values())
        print(f"{way:8}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
