"""What do several takes bring? ``python benchmarks/takes.py [--scenes 100] [--takes 4] [--keep FOLDER] [--json]``

The scenes of ``benchmarks/regions.py``, in which two characters each have a box, a colour and a motion of their own,
filmed by the miniature with region attention, so many takes of each, and marked as films are
(``dreamrunner/checking``). Shares of judged seconds of characters that are wrong, with 95 % intervals over scenes
(bootstrap):

- ``one``: of first takes; ``best``: of each scene's best take, as the build chooses it.
- ``gone``: the share of the failures that is gone.
- ``perfect_one``, ``perfect_best``: scenes in which all is right.

The same judge chooses and counts, so what it gets wrong in a take's favour counts as right here too. ``--keep`` keeps
the scores, and goes on from those that it holds.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.regions import stage
from dreamrunner.checking.drawn import DrawnWatcher
from dreamrunner.checking.script import Subject, script_of
from dreamrunner.checking.verdict import mark
from dreamrunner.pipeline.takes import seed_of_take

ROUNDS = 2000


def scores_of(number: int, takes: int, keep: Path | None) -> list[float]:
    """The scores of a scene's takes, in their order."""
    import torch

    from dreamrunner.backbones import describe, load
    from dreamrunner.regions import lower
    from dreamrunner.rendering import render

    file = keep / f"{number:04}.json" if keep is not None else None
    found = json.loads(file.read_text()) if file is not None and file.exists() else []
    if len(found) >= takes:
        return found[:takes]
    torch.set_num_threads(1)
    loaded = scores_of.__dict__.setdefault("loaded", None) or load(describe("miniature"))
    scores_of.loaded = loaded
    staged = stage(number, strangers=False)
    subjects = [Subject(figure.kind, f"a {figure.colour} {figure.kind}") for figure in staged.clip.figures]
    script, watcher = script_of(staged.plan, subjects), DrawnWatcher()
    program = lower(staged.plan, loaded.backbone.grid)
    for take in range(len(found), takes):
        frames = render(program, loaded, seed=seed_of_take(number * 1000, take))
        score = mark("two", script, watcher.watch(frames.pixels, script), watcher.name).score
        found.append(0.0 if score is None else score)
    if file is not None:
        file.write_text(json.dumps(found))
    return found


def table(scores: np.ndarray) -> dict[str, dict[str, object]]:
    """Every measure of scores (scenes, takes), each with its interval."""

    def measures(rows: np.ndarray) -> dict[str, float]:
        one, best = 1 - rows[:, 0], 1 - rows.max(1)
        return {
            "one": float(one.mean()),
            "best": float(best.mean()),
            "gone": float(1 - best.sum() / one.sum()) if one.sum() else 0.0,
            "perfect_one": float((one == 0).mean()),
            "perfect_best": float((best == 0).mean()),
        }

    rng = np.random.default_rng(7)
    drawn = [measures(scores[rng.integers(0, len(scores), len(scores))]) for _ in range(ROUNDS)]
    return {
        name: {"share": value, "interval": np.percentile([each[name] for each in drawn], [2.5, 97.5]).tolist()}
        for name, value in measures(scores).items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--takes", type=int, default=4)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(options.scenes):
        rows.append(scores_of(number, options.takes, options.keep))
        if number % 10 == 9:
            print(f"{number + 1}/{options.scenes} scenes", file=sys.stderr, flush=True)
    found = table(np.array(rows))
    if options.json:
        print(json.dumps(found))
        return
    for name, row in found.items():
        low, high = row["interval"]
        print(f"{name:14}{row['share']:.3f} [{low:.2f}, {high:.2f}]")


if __name__ == "__main__":
    main()
