"""Is a script obeyed? ``python benchmarks/obey.py --model FOLDER [--scripts 300] [--keep FOLDER] [--json]``

Scripts of the second edition's world at random: one to three characters with colours, one or two beats each, whose
boxes stand, move at any speed, cross, grow, leave and enter. Every script is filmed as a story is (lowered to a region
program, rendered) by region (``sr3ai``), under one prompt (``plain``) and with hard borders (``hard``), with the same
seed and the same words. Boxes are an author's: each holds all that the figure does in its beat and goes straight from
one half second to the next.

Films are judged by networks that have only seen drawings (``miniature/second/judge.py`` and ``scout.py``). A second of
a character is

- ``here`` when the judge sees the character in its box,
- ``alone`` when the scout finds no other one of it outside of the box,
- ``colour`` and ``motion`` when the judge sees these in the box; of a second in which one beat becomes the next, the
  frames of the one that has more of it are asked;
- ``right`` when all four hold; while its box is outside of the picture, when the scout finds the character nowhere;
- ``followed`` when the scout finds the character and its middle is within a tenth of the picture of the box's.

Seconds in which others cover the box, or which it enters or leaves, are not asked, but for ``alone``. A character is
``all_right`` when every second that was asked is right. ``drawn`` is what is said of the same scripts drawn and sent
through the autoencoder: below 0.95 it is the judges that fall short, and no film can be told to be better than that.

Intervals (95%) are bootstraps over scripts. With ``--keep`` every film is kept there, and a run that was stopped goes
on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.obey_scripts import DURATION, SECOND, SECONDS, Asked, Script, script_of
from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.miniature.second import judge, scout
from dreamrunner.miniature.second.autoencoder import read_autoencoder
from dreamrunner.miniature.second.judge import Judge, Sight
from dreamrunner.miniature.second.scout import Found, Scout
from dreamrunner.miniature.second.training.sights import developed
from dreamrunner.miniature.second.world import draw

WAYS = ("sr3ai", "plain", "hard")
AROUND = 0.06
"""How far around its box the middle of a character may be found and still be the one in the box, of the picture."""
NEAR = 0.1
"""How far from its box's middle a character may be and still follow it, of the picture."""
MEASURES = ("here", "alone", "colour", "motion", "right", "followed")


@dataclass(frozen=True)
class Second:
    """What was seen of a character in one second; nothing where that is not asked."""

    here: bool | None = None
    alone: bool | None = None
    colour: bool | None = None
    motion: bool | None = None
    right: bool | None = None
    followed: bool | None = None


def judged(asked: Asked, sight: Sight | None, found: Mapping[int, list[Found]]) -> list[Second]:
    """What was seen of a character in each second, from what the judge sees in its box and whom the scout finds in the
    frames of :func:`moments`.
    """
    return [_second(asked, sight, found, second) for second in range(SECONDS)]


def moments(second: int) -> tuple[int, int, int]:
    """The frames of a second that the scout looks at."""
    return second * SECOND + 2, second * SECOND + 4, second * SECOND + 6


def _second(asked: Asked, sight: Sight | None, found: Mapping[int, list[Found]], second: int) -> Second:
    frames = range(second * SECOND, (second + 1) * SECOND)
    own = {moment: [one for one in found[moment] if one.kind == asked.figure.kind] for moment in moments(second)}
    inside = np.isfinite(asked.boxes[list(frames)]).all(1)
    if not inside.any():
        nowhere = min(len(each) for each in own.values()) == 0
        return Second(alone=nowhere, right=nowhere)
    # Somebody who is seen elsewhere for a moment only may be the scout's mistake.
    alone = not all(any(not _holds(asked.boxes[moment], one) for one in each) for moment, each in own.items())
    open_frames = [frame for frame in frames if asked.open[frame]]
    if len(open_frames) < SECOND * 3 // 4 or sight is None:
        return Second(alone=alone)
    acts = [asked.figure.act_at(frame) for frame in open_frames]
    act = max(acts, key=acts.count)
    during = [frame for frame, its in zip(open_frames, acts, strict=True) if its is act]
    here = sight.most("kind", open_frames) == asked.figure.kind
    colour = sight.most("colour", open_frames) == asked.figure.colour
    motion = sight.most("motion", during) == act.motion
    followed = any(_near(asked.boxes[moment], own[moment]) for moment in moments(second))
    return Second(here, alone, colour, motion, here and alone and colour and motion, followed)


def _holds(box: np.ndarray, one: Found) -> bool:
    """Whether somebody's middle is in a box or close to it; a box outside of the picture holds nobody."""
    low, high = box[:2] - AROUND, box[2:] + AROUND
    return bool((low <= (one.x, one.y)).all() and ((one.x, one.y) <= high).all())


def _near(box: np.ndarray, own: list[Found]) -> bool:
    """Whether the surest one found is in the middle of a box."""
    return bool(own) and bool((np.abs((box[:2] + box[2:]) / 2 - (own[0].x, own[0].y)) <= NEAR).all())


def all_right(seconds: Iterable[Second]) -> bool:
    """Whether a character was right in every second in which it was asked."""
    return all(second.right is not False for second in seconds)


def watched(watcher: Judge, finder: Scout, pixels: np.ndarray, script: Script) -> list[list[Second]]:
    """Every second of every character of a film, uint8 (49, 128, 192, 3)."""
    looked_at = [moment for second in range(SECONDS) for moment in moments(second)]
    found = dict(zip(looked_at, finder.find(pixels[looked_at]), strict=True))
    return [
        judged(asked, watcher.look(pixels, asked.boxes) if np.isfinite(asked.boxes).any() else None, found)
        for asked in script.asked
    ]


@cache
def _watchers() -> tuple[Judge, Scout, BlockAutoencoder]:
    return Judge.load(), Scout.load(), read_autoencoder()


@cache
def _model(name: str):
    import torch

    from dreamrunner.backbones import describe, load

    torch.set_num_threads(1)
    return load(describe(name))


def film(script: Script, number: int, way: str, model: str, *, steps: int | None, guidance: float | None) -> np.ndarray:
    """A script's film as the product makes it, uint8 (49, 128, 192, 3)."""
    from dreamrunner.regions import lower
    from dreamrunner.rendering import render

    loaded = _model(model)
    program = lower(script.plan, loaded.backbone.grid)
    return render(program, loaded, seed=number, attention=way, steps=steps, guidance=guidance).pixels


def kept_film(
    file: Path | None, script: Script, number: int, way: str, model: str, *, steps: int | None, guidance: float | None
) -> np.ndarray:
    """The film that a file holds, or one that is made and kept there; just made where there is no file to be."""
    from dreamrunner.rendering import Frames

    if file is not None and file.exists():
        return Frames.load(file).pixels
    pixels = film(script, number, way, model, steps=steps, guidance=guidance)
    if file is not None:
        Frames(pixels, DURATION).save(file)
    return pixels


def watch(
    number: int, *, ways: Sequence[str], model: str, steps: int | None, guidance: float | None, keep: Path | None
) -> dict[str, list[list[Second]]]:
    """What is seen in one script, drawn and filmed in every way."""
    script, (watcher, finder, vae) = script_of(number), _watchers()
    seen = {"drawn": watched(watcher, finder, developed(draw(script.clip), vae), script)}
    for way in ways:
        file = keep / f"{number:04}-{way}.npz" if keep else None
        pixels = kept_film(file, script, number, way, model, steps=steps, guidance=guidance)
        seen[way] = watched(watcher, finder, pixels, script)
    return seen


def interval(rows: Sequence[Sequence[bool]]) -> dict[str, object]:
    """The share of what is true in all rows, its 95% interval by drawing rows anew, and of how many it is a share."""
    sums = np.array([(sum(row), len(row)) for row in rows if row])
    if not len(sums):
        return {"share": None, "interval": None, "count": 0}
    again = sums[np.random.default_rng(0).integers(0, len(sums), (4000, len(sums)))].sum(1)
    low, high = np.quantile(again[:, 0] / again[:, 1], (0.025, 0.975))
    share = sums[:, 0].sum() / sums[:, 1].sum()
    return {"share": round(float(share), 4), "interval": (round(float(low), 4), round(float(high), 4)),
            "count": int(sums[:, 1].sum())}  # fmt: skip


def tabled(results: Sequence[Mapping[str, list[list[Second]]]]) -> dict[str, dict[str, dict[str, object]]]:
    """Per way: ``all_right`` of characters, and every measure of seconds."""
    table: dict[str, dict[str, dict[str, object]]] = {}
    for way in results[0]:
        scripts = [result[way] for result in results]
        table[way] = {"all_right": interval([[all_right(seconds) for seconds in script] for script in scripts])}
        for measure in MEASURES:
            rows = [
                [value for seconds in script for second in seconds if (value := getattr(second, measure)) is not None]
                for script in scripts
            ]
            table[way][measure] = interval(rows)
    return table


def keys_of(table: Mapping[str, Mapping[str, Mapping[str, object]]]) -> dict[str, object]:
    """The five figures that are followed over time; nothing for a way that was not filmed."""
    shares = {way: {measure: found["share"] for measure, found in row.items()} for way, row in table.items()}
    keys = {way: f"{way}_all_right" for way in ("plain", "hard", "drawn")} | {"sr3ai": "all_right"}
    found = {key: shares.get(way, {}).get("all_right") for way, key in keys.items()}
    return found | {"followed": shares.get("sr3ai", {}).get("followed")}


def check_kept(keep: Path, model: str, steps: int | None, guidance: float | None) -> None:
    """Let a folder hold films of one model and one way to sample alone.

    Raises:
        SystemExit: it holds others.
    """
    from dreamrunner.backbones import describe

    keep.mkdir(parents=True, exist_ok=True)
    told = json.dumps({"weights": describe(model).digest, "steps": steps, "guidance": guidance})
    about = keep / "films.json"
    if about.exists() and about.read_text(encoding="utf-8") != told:
        sys.exit(f"{keep} holds films of another model, or with other steps or guidance; name another folder")
    about.write_text(told, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--model", default="miniature", help="the model that films: a folder, or a name")
    parser.add_argument("--scripts", type=int, default=300)
    parser.add_argument("--ways", nargs="*", default=WAYS, choices=WAYS, help="none: only what is drawn is watched")
    parser.add_argument("--steps", type=int, help="the model's own unless given")
    parser.add_argument("--guidance", type=float, help="the model's own unless given")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep films, and go on from those kept")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    for part in (judge, scout):
        if not part.WEIGHTS.is_file():
            sys.exit(f"{part.WEIGHTS} is missing; train it with {part.__name__.replace('second.', 'second.training.')}")
    if options.keep and options.ways:
        check_kept(options.keep, options.model, options.steps, options.guidance)
    work = partial(
        watch, ways=options.ways, model=options.model, steps=options.steps, guidance=options.guidance, keep=options.keep
    )
    results = []
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        for done, result in enumerate(pool.map(work, range(options.scripts)), 1):
            results.append(result)
            if done % 10 == 0:
                print(f"{done} of {options.scripts} scripts", file=sys.stderr, flush=True)
    table = tabled(results)
    if options.json:
        print(json.dumps(keys_of(table) | {"scripts": options.scripts, "table": table}))
        return
    print(f"{options.scripts} scripts; all_right is of characters, all else of seconds; 95% intervals over scripts")
    for way, row in table.items():
        print(way)
        for measure, found in row.items():
            if found["count"]:
                low, high = found["interval"]
                print(f"  {measure:10}{found['share']:.3f} ({low:.3f} to {high:.3f}) of {found['count']}")


if __name__ == "__main__":
    main()
