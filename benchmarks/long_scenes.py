"""What does a scene longer than a clip cost, and does it show? ``python benchmarks/long_scenes.py [--json]``

The miniature films scenes of 6, 12 and 24 seconds in which a witch walks from left to right past nobody. Per length:

- ``seconds``: CPU time of rendering; ``times``: that over one clip's; ``windows``: how many windows there are.
- ``seam``: mean change of a pixel between the frames where a window begins or ends; ``elsewhere``: between the other
  neighbouring latent frames. Alike, the seams don't show.
- ``follows``: how often the witch is found in her box by the judge, looked at over six seconds from the beginning, the
  middle and the end.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from dreamrunner.backbones import describe, load
from dreamrunner.language.parts import Box, KeyFrame, Transition
from dreamrunner.miniature.judge import Judge
from dreamrunner.planning.keyframes import box_at
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.regions import lower
from dreamrunner.rendering import render
from dreamrunner.rendering.windows import window_starts

LENGTHS = (6.0, 12.0, 24.0)


def scene(seconds: float) -> PlannedScene:
    """A witch who walks through a garden as long as the scene lasts."""
    looks = "a witch in a purple dress and a pointed hat is strolling rightwards"
    frames = (KeyFrame(0.0, Box(0.0, 0.3, 0.32, 0.94)), KeyFrame(seconds, Box(0.64, 0.3, 0.96, 0.94)))
    beat = PlannedBeat(entity="witch", motion="walking", start=0, end=seconds, description=looks, keyframes=frames)
    return PlannedScene(name="walk", background="a garden", narration="", duration=seconds, transition=Transition(),
                        seed=0, beats=(beat,))  # fmt: skip


def seams(pixels: np.ndarray, starts: tuple[int, ...], length: int) -> tuple[float, float]:
    """Mean change where windows begin or end, and at the other borders of latent frames."""
    change = np.abs(np.diff(pixels.astype(float), axis=0)).mean((1, 2, 3))
    latent = [0 if frame == 0 else (frame - 1) // 4 + 1 for frame in range(len(pixels))]
    edges = {start for start in starts[1:]} | {start + length for start in starts[:-1]}
    borders = [frame for frame in range(len(change)) if latent[frame] != latent[frame + 1]]
    at = [frame for frame in borders if latent[frame + 1] in edges]
    rest = [frame for frame in borders if frame not in at]
    return (float(change[at].mean()) if at else float("nan")), float(change[rest].mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    loaded, judge = load(describe("miniature")), Judge.load()
    clip, rows = loaded.backbone.grid, []
    for seconds in LENGTHS:
        planned = scene(seconds)
        program = lower(planned, clip.spanning(seconds))
        starts = window_starts(program.grid.steps, clip.steps)
        times, found, changes = [], [], []
        for seed in range(options.seeds):
            begun = time.process_time()
            pixels = render(program, loaded, seed=seed).pixels
            times.append(time.process_time() - begun)
            changes.append(seams(pixels, starts, clip.steps))
            for first in sorted({0, (len(pixels) - clip.frames) // 2, len(pixels) - clip.frames}):
                moments = [(first + frame + 0.5) / len(pixels) * seconds for frame in range(clip.frames)]
                boxes = [box_at(planned.beats[0].keyframes, moment) for moment in moments]
                boxes = np.array([[box.x0, box.y0, box.x1, box.y1] for box in boxes])
                found.append(judge.look(pixels[first : first + clip.frames], boxes).best("kind") == "witch")
        seam, elsewhere = np.mean(changes, 0)
        rows.append({"length": seconds, "windows": len(starts), "seconds": float(np.median(times)), "seam": seam,
                     "elsewhere": elsewhere, "follows": float(np.mean(found))})  # fmt: skip
    for row in rows:
        row["times"] = row["seconds"] / rows[0]["seconds"]
    if options.json:
        print(json.dumps(rows))
        return
    print("length  windows  seconds  times  seam  elsewhere  follows")
    for row in rows:
        print(
            f"{row['length']:4.0f} s {row['windows']:8d} {row['seconds']:8.1f} {row['times']:6.2f} {row['seam']:5.2f}"
            f" {row['elsewhere']:10.2f} {row['follows']:8.2f}"
        )


if __name__ == "__main__":
    main()
