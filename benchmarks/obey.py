"""Is a script obeyed? ``python benchmarks/obey.py --model FOLDER [--scripts 300] [--keep FOLDER] [--json]``

Scripts of the second edition's world at random: one to three characters with colours, one or two beats each, whose
boxes stand, move at any speed, cross, grow, leave and enter. Every script is filmed as a story is (lowered to a region
program, rendered) by region (``sr3ai``), under one prompt (``plain``) and with hard borders (``hard``), with the same
seed and the same words. Boxes are an author's: each holds all that the figure does in its beat and goes straight from
one half second to the next.

Films are judged by a network that has only seen drawings (``miniature/second/judge.py``) and by likeness to drawings
(``miniature/second/likeness.py``). A second of a character is

- ``here`` when the judge sees the character in its box,
- ``alone`` when nothing that stands apart from the place outside of the box looks like the character to the judge,
- ``colour`` when the judge sees it in the box,
- ``motion`` when what is done in the box is most like that motion of that character; of a second in which one beat
  becomes the next, the frames of the one that has more of it are asked; not asked where others come near;
- ``right`` when all four hold; while its box is outside of the picture, when it is seen nowhere;
- ``followed`` when the middle of the pixels of its colour is within a tenth of the picture of the drawing's.

Seconds in which others cover the box, or which it enters or leaves, are not asked, but for ``alone``. A character is
``all_right`` when every second that was asked is right. ``drawn`` is what is said of the same scripts drawn and sent
through the autoencoder: below 0.95 it is the judge that falls short, and no film can be told to be better than that.

Intervals (95%) are bootstraps over scripts. With ``--keep`` every film is kept there, and a run that was stopped goes
on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.obey_scripts import DURATION, SECOND, SECONDS, Asked, Script, script_of
from benchmarks.second_miniature import of_colour
from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.miniature.second.autoencoder import read_autoencoder
from dreamrunner.miniature.second.judge import WEIGHTS, Found, Judge, Sight, apart
from dreamrunner.miniature.second.likeness import NAMES, forms_of, unlikeness
from dreamrunner.miniature.second.training.sights import developed
from dreamrunner.miniature.second.world import draw

WAYS = ("sr3ai", "plain", "hard")
AROUND = 0.06
"""How far around its box a character may be and still be the one in the box, of the picture."""
INSIDE = 0.3
"""How much of what looks like a character must be in or around its box at least, to be the one in the box."""
NEAR = 0.1
"""How far from where it is drawn a character may be and still follow its box, of the picture."""
UNSEEN = "unseen"
"""What somebody does who can't be seen where the drawing can."""
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


@dataclass(frozen=True)
class Seen:
    """What is seen of a character in a film: in its box, who looks like whom in the frames of :func:`moments`, what is
    done in some frames, and in which moments its colour is where it is drawn.
    """

    sight: Sight | None
    found: Mapping[int, list[Found]]
    does: Callable[[Sequence[int]], str]
    near: Mapping[int, bool]


def moments(second: int) -> tuple[int, int, int]:
    """The frames of a second in which it is asked where somebody is."""
    return second * SECOND + 2, second * SECOND + 4, second * SECOND + 6


def judged(asked: Asked, seen: Seen) -> list[Second]:
    """What was seen of a character in each second."""
    return [_second(asked, seen, second) for second in range(SECONDS)]


def _second(asked: Asked, seen: Seen, second: int) -> Second:
    frames = range(second * SECOND, (second + 1) * SECOND)
    own = {moment: [one for one in seen.found[moment] if one.kind == asked.figure.kind] for moment in moments(second)}
    if not np.isfinite(asked.boxes[list(frames)]).any():
        nowhere = min(len(each) for each in own.values()) == 0
        return Second(alone=nowhere, right=nowhere)
    # Who is seen elsewhere for a moment only may be the judge's mistake.
    alone = not all(any(not _holds(asked.boxes[moment], one.box) for one in each) for moment, each in own.items())
    open_frames = [frame for frame in frames if asked.open[frame]]
    if len(open_frames) < SECOND * 3 // 4 or seen.sight is None:
        return Second(alone=alone)
    acts = [asked.figure.act_at(frame) for frame in open_frames]
    act = max(acts, key=acts.count)
    during = [frame for frame, its in zip(open_frames, acts, strict=True) if its is act]
    here = seen.sight.most("kind", open_frames) == asked.figure.kind
    colour = seen.sight.most("colour", open_frames) == asked.figure.colour
    said = seen.does([frame for frame in during if asked.free[frame]])
    # Where a beat is too short, or somebody else too near, for its motion to be told, it is not asked.
    motion = said == act.motion if said else None
    right = here and alone and colour and motion is not False
    return Second(here, alone, colour, motion, right, any(seen.near[moment] for moment in moments(second)))


def _holds(box: np.ndarray, other: tuple[float, float, float, float]) -> bool:
    """Whether enough of another box is in or around a box; one outside of the picture holds nothing."""
    low = np.maximum(box[:2] - AROUND, other[:2])
    high = np.minimum(box[2:] + AROUND, other[2:])
    whole = (other[2] - other[0]) * (other[3] - other[1])
    return bool(np.clip(high - low, 0, None).prod() >= INSIDE * whole)


def all_right(seconds: Iterable[Second]) -> bool:
    """Whether a character was right in every second in which it was asked."""
    return all(second.right is not False for second in seconds)


def middle(frame: np.ndarray, share: np.ndarray, colour: str) -> np.ndarray | None:
    """The middle of the pixels of a colour that stand apart from the place, (x, y) normalized; nothing where there are
    hardly any.
    """
    spots = np.argwhere(of_colour(frame, colour) & (share > 127))
    return None if len(spots) < 12 else (spots.mean(0) / share.shape)[::-1]


def watched(watcher: Judge, pixels: np.ndarray, script: Script) -> list[list[Second]]:
    """Every second of every character of a film, uint8 (49, 128, 192, 3)."""
    place, drawn = watcher.place(pixels), draw(script.clip)
    shares, drawn_shares = apart(pixels, place), apart(drawn, (script.clip.background, script.clip.night))
    looked_at = [moment for second in range(SECONDS) for moment in moments(second)]
    found = dict(zip(looked_at, watcher.find(pixels[looked_at], place), strict=True))
    out = []
    for asked in script.asked:
        figure = asked.figure
        others = [other.boxes for other in script.asked if other is not asked]

        def does(which: Sequence[int], asked: Asked = asked, others: list[np.ndarray] = others) -> str:
            if not forms_of(drawn, drawn_shares, asked.boxes, which, others, rope=asked.figure.rope):
                return ""  # not even in the drawing can it be told
            forms = forms_of(pixels, shares, asked.boxes, which, others, rope=asked.figure.rope)
            character = (asked.figure.kind, asked.figure.colour, asked.figure.look, asked.figure.rope)
            return NAMES[int(unlikeness(character, forms).argmin())] if forms else UNSEEN

        near = {}
        for at in looked_at:
            there, here = middle(drawn[at], drawn_shares[at], figure.colour), None
            if there is not None:
                here = middle(pixels[at], shares[at], figure.colour)
            near[at] = there is not None and here is not None and bool((np.abs(here - there) <= NEAR).all())
        inside = np.isfinite(asked.boxes).any()
        sight = watcher.look(pixels, asked.boxes, place) if inside else None
        out.append(judged(asked, Seen(sight, found, does, near)))
    return out


@cache
def _watchers() -> tuple[Judge, BlockAutoencoder]:
    return Judge.load(), read_autoencoder()


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
    script, (watcher, vae) = script_of(number), _watchers()
    seen = {"drawn": watched(watcher, developed(draw(script.clip), vae), script)}
    for way in ways:
        file = keep / f"{number:04}-{way}.npz" if keep else None
        pixels = kept_film(file, script, number, way, model, steps=steps, guidance=guidance)
        seen[way] = watched(watcher, pixels, script)
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
    if not WEIGHTS.is_file():
        sys.exit(f"{WEIGHTS} is missing; train it with dreamrunner.miniature.second.training.judge")
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
