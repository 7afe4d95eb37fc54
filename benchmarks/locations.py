"""Does a place look alike in every scene? ``python benchmarks/locations.py [--places 8] [--toy] [--json]``

Places that no model has seen are drawn: two walls, a floor, a window and a door, in colours of their own. Of each there
are photos from slightly different sides. Two scenes are in it, with another character and another seed each, and the
boxes are written. The bundled model films them in two ways: ``words``, with what the location ``looks`` like alone, and
``learnt``, with the LoRA that ``dreamrunner train subject`` made of the photos, as the location's own.

Looked at is what lies outside the boxes, a token's width away from them:

- ``scenes``: how alike the two scenes' backgrounds are. ``photos``: how alike they are to the photos.
- each by ``colours``, the part of two colour histograms (4 steps for red, green and blue) that is the same, from 0 to
  1; and by ``layout``, 1 less the mean difference of colours at the same place, in a grid of 6 by 4 fields, from 0 to
  1.
- ``drawn`` is what photos of one place get among themselves, which a perfect model would reach; ``strangers`` what
  scenes of different places get that were filmed by words: no more than that is no likeness.

Means over places with 95 % intervals (bootstrap). A place takes its training and four films. ``--toy`` is one place,
two steps of training and one of denoising: to see that it runs (half a minute of a core), and its numbers mean nothing.
``--keep FOLDER`` keeps what is made there and goes on from it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image, ImageDraw

WAYS = ("words", "learnt")
LOOKS = ("colours", "layout")
PHOTOS = 6
ROUNDS = 2000
COLUMNS, ROWS = 6, 4
BOX = (0.35, 0.35, 0.65, 0.92)
EDGE = 0.06
"""How far from a box the background begins, as a share of the picture: a token and some."""
CAST = {"one": "cat", "two": "dog"}
COLOURS = {
    "red": (190, 60, 50), "blue": (60, 90, 190), "green": (70, 150, 80), "yellow": (225, 195, 80),
    "purple": (130, 80, 160), "white": (230, 230, 225), "brown": (120, 85, 55), "pink": (225, 150, 170),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A place: the colours of its wall, floor, window and door, and where the last two are, as a share of its width."""

    wall: str
    floor: str
    window: str
    door: str
    window_at: float
    door_at: float

    @property
    def looks(self) -> str:
        return f"a {self.wall} hall with a {self.floor} floor, a {self.window} window and a {self.door} door"


def place(number: int) -> Place:
    """Place ``number``, always the same one."""
    rng = np.random.default_rng([41, number])
    wall, floor, window, door = map(str, rng.choice(list(COLOURS), 4, replace=False))
    left = bool(rng.integers(2))
    near, far = float(rng.uniform(0.08, 0.16)), float(rng.uniform(0.74, 0.8))
    return Place(wall, floor, window, door, near if left else far, far if left else near)


def photo(shown: Place, number: int, width: int, height: int) -> Image.Image:
    """A photo of a place, from a little to one side and in a little more or less light."""
    rng = np.random.default_rng([43, number])
    shift, light = float(rng.uniform(-0.03, 0.03)), float(rng.uniform(0.93, 1.07))
    picture = Image.new("RGB", (width, height), COLOURS[shown.wall])
    draw = ImageDraw.Draw(picture)

    def box(x: float, y: float, wide: float, high: float, colour: str) -> None:
        corners = ((x + shift) * width, y * height, (x + shift + wide) * width, (y + high) * height)
        draw.rectangle(corners, fill=COLOURS[colour])

    box(-1, 0.7, 3, 0.3, shown.floor)
    box(shown.window_at, 0.15, 0.14, 0.25, shown.window)
    box(shown.door_at, 0.3, 0.13, 0.4, shown.door)
    return Image.fromarray((np.asarray(picture, float) * light).clip(0, 255).astype(np.uint8))


def film(folder: Path, shown: Place, way: str, options: argparse.Namespace) -> dict[str, np.ndarray]:
    """The two scenes' frames, uint8 (frames, height, width, 3), by their names."""
    from dreamrunner.datasets.video import read_frames
    from dreamrunner.engine import Store
    from dreamrunner.pipeline import Options, build

    lora = '  lora "hall.safetensors"\n' if way == "learnt" else ""
    scenes = "".join(
        f'\nscene {name}\n  in hall\n  narration ""\n  seed {seed}\n  {who} sitting\n'
        f"    at 0s [{' '.join(map(str, BOX))}]\n"
        for seed, (name, who) in enumerate(CAST.items(), 7)
    )
    people = "".join(f'character {who} "a {who}"\n' for who in CAST.values())
    story = folder / f"{way}.story"
    story.write_text(
        f'story "{way}"\n\n{people}location hall\n  looks "{shown.looks}"\n{lora}{scenes}', encoding="utf-8"
    )
    built = build(
        story,
        out=folder / way,
        options=Options(model="miniature", steps=options.steps),
        store=Store(folder / "store"),
    )
    return {name: read_frames(built.scenes[name]) for name in CAST}


def learn(folder: Path, shown: Place, options: argparse.Namespace) -> None:
    """Train the place's LoRA with the product's own command, unless it is there."""
    from dreamrunner.backbones import describe
    from dreamrunner.cli import main as dreamrunner

    backbone = describe("miniature")
    for number in range(PHOTOS):
        photo(shown, number, backbone.width, backbone.height).save(folder / f"{number}.png")
    if not (folder / "hall.safetensors").exists():
        steps = ["--steps", str(options.training)] if options.training is not None else []
        command = ["train", "subject", "hall", "--images", str(folder / "*.png"), "--looks", shown.looks, *steps]
        if dreamrunner([*command, "-o", str(folder / "hall.safetensors")]):
            raise SystemExit("the place could not be learnt")


def outside(height: int, width: int) -> np.ndarray:
    """Which pixels lie outside of the box and its surroundings, bool (height, width)."""
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    x0, y0, x1, y1 = BOX
    return ~(((x > x0 - EDGE) & (x < x1 + EDGE))[None, :] & ((y > y0 - EDGE) & (y < y1 + EDGE))[:, None])


def background(frames: np.ndarray) -> np.ndarray:
    """A film's background: the mean of its frames, with what is inside the box as nan; float (height, width, 3)."""
    mean = frames.astype(float).mean(0) / 255
    return np.where(outside(*mean.shape[:2])[..., None], mean, np.nan)


def alike(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """How alike two backgrounds are, in each of the two ways to look."""
    pixels = [each[~np.isnan(each[..., 0])] for each in (one, other)]
    counts = [np.histogramdd(each, bins=4, range=[(0, 1)] * 3)[0] / len(each) for each in pixels]
    return {
        "colours": float(np.minimum(*counts).sum()),
        "layout": 1 - float(np.nanmean(np.abs(_fields(one) - _fields(other)))),
    }


def _fields(shown: np.ndarray) -> np.ndarray:
    """The mean colours of a background's fields, nan where all of one is inside the box; (ROWS, COLUMNS, 3)."""
    rows, columns = np.array_split(np.arange(shown.shape[0]), ROWS), np.array_split(np.arange(shown.shape[1]), COLUMNS)
    cells = [[shown[np.ix_(row, column)].reshape(-1, 3) for column in columns] for row in rows]
    empty = np.full(3, np.nan)
    return np.array([[empty if np.isnan(cell).all() else np.nanmean(cell, 0) for cell in row] for row in cells])


def look(number: int, options: argparse.Namespace, folder: Path) -> tuple[dict[str, dict[str, float]], np.ndarray]:
    """What is measured of a place, by name, and the background of its first scene by words."""
    shown = place(number)
    folder.mkdir(parents=True, exist_ok=True)
    learn(folder, shown, options)
    photos = [background(np.asarray(Image.open(folder / f"{each}.png"))[None]) for each in range(PHOTOS)]
    found = {"drawn": mean([alike(one, other) for at, one in enumerate(photos) for other in photos[:at]])}
    first = np.empty(0)
    for way in WAYS:
        films = [background(frames) for frames in film(folder, shown, way, options).values()]
        found[f"scenes, {way}"] = alike(*films)
        found[f"photos, {way}"] = mean([alike(each, one) for each in films for one in photos])
        first = films[0] if way == "words" else first
    return found, first


def mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows])) for name in LOOKS}


def table(rows: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, object]]:
    """Every measure's mean over places, with its interval."""
    rng, found = np.random.default_rng(7), {}
    for name in rows[0]:
        for way in LOOKS:
            values = np.array([row[name][way] for row in rows])
            means = values[rng.integers(0, len(values), (ROUNDS, len(values)))].mean(1)
            interval = np.percentile(means, [2.5, 97.5]).tolist()
            found[f"{name}, {way}"] = {"mean": float(values.mean()), "interval": interval}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, default=8)
    parser.add_argument("--training", type=int, metavar="STEPS", help="training steps (default: the model's)")
    parser.add_argument("--steps", type=int, metavar="N", help="denoising steps (default: the model's)")
    parser.add_argument("--toy", action="store_true", help="one place, hardly trained: to see that it runs")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what is made, and go on from it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.toy:
        options.places, options.training, options.steps = 1, 2, 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        rows, firsts = [], []
        for number in range(options.places):
            found, first = look(number, options, folder / str(number))
            rows.append(found)
            firsts.append(first)
            print(f"{number + 1}/{options.places} places", file=sys.stderr, flush=True)
    found = table(rows)
    pairs = [alike(one, other) for at, one in enumerate(firsts) for other in firsts[:at]]
    for way in LOOKS if pairs else ():
        found[f"strangers, {way}"] = {"mean": mean(pairs)[way], "pairs": len(pairs)}
    if options.json:
        print(json.dumps(found))
        return
    for name, row in found.items():
        shown = " [{:.2f}, {:.2f}]".format(*row["interval"]) if "interval" in row else f" of {row['pairs']} pairs"
        print(f"{name:26}{row['mean']:.3f}{shown}")


if __name__ == "__main__":
    main()
