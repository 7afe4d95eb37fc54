"""What each speed-up gains, and how far its film is from the exact one. ``python benchmarks/speedups.py [--json]``

A scene of stories/witch.story, with its boxes, is filmed by the miniature with each of the speed-ups and with a draft,
rounds taking turns. Per speed-up:

- ``gain``: CPU time without it over CPU time with it, median of the rounds' ratios.
- ``largest``, ``mean``: difference of a pixel's value (0 to 255) to the film without it.

What needs a GPU is left out where there is none. ``--model cogvideox-2b`` measures that one, where it can be had.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np
import torch

from dreamrunner.backbones import describe, load
from dreamrunner.language import read_story
from dreamrunner.planning import plan_story
from dreamrunner.regions import lower
from dreamrunner.rendering import render
from dreamrunner.rendering.speedups import DRAFT, SPEEDUPS, draft_steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scene", default="garden", help="a scene of stories/witch.story (default: garden)")
    parser.add_argument("--model", default="miniature")
    options = parser.parse_args()
    torch.set_num_threads(1)
    plan = plan_story(read_story(ROOT / "stories" / "witch.story").story).plan
    scene = next(scene for scene in plan.scenes if scene.name == options.scene)
    loaded = load(describe(options.model))
    program = lower(scene, loaded.backbone.grid, style=plan.style)
    clock = time.process_time if loaded.pipe.transformer.device.type == "cpu" else _gpu_clock
    usual = loaded.backbone.steps

    def film(speedups: tuple[str, ...], steps: int = usual) -> tuple[np.ndarray, float]:
        begun = clock()
        pixels = render(program, loaded, seed=scene.seed, speedups=speedups, steps=steps).pixels
        return pixels.astype(int), clock() - begun

    here = [each for each in SPEEDUPS.values() if torch.cuda.is_available() or not each.gpu]
    ways = {each.name: ((each.name,), usual) for each in here} | {"draft": (DRAFT, draft_steps(usual))}
    exact, _ = film(())
    rows = {}
    for name, (speedups, steps) in ways.items():
        gains = []
        film(speedups, steps)  # compiles, and warms up
        for _ in range(options.rounds):
            _, before = film(())
            pixels, after = film(speedups, steps)
            gains.append(before / after)
        difference = np.abs(pixels - exact)
        rows[name] = {
            "gain": statistics.median(gains),
            "largest": int(difference.max()),
            "mean": float(difference.mean()),
        }
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{options.model}, scene {scene.name}, {usual} steps, {loaded.pipe.transformer.device.type}")
    print(f"{'':20} gain  largest   mean")
    for name, row in rows.items():
        print(f"{name:20} {row['gain']:4.2f} {row['largest']:8d} {row['mean']:6.2f}")
    left = [each.name for each in SPEEDUPS.values() if each not in here]
    if left:
        print(f"left out, since there is no GPU: {', '.join(left)}")


def _gpu_clock() -> float:
    torch.cuda.synchronize()
    return time.perf_counter()


if __name__ == "__main__":
    main()
