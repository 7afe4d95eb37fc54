"""How many of the clips that retrieval finds show the motion? ``python benchmarks/motions.py [--json]``

Over the motions that the miniature never saw, in the drawn catalog, a third of whose captions are wrong or vague. What
a clip really shows is read from ``truth.json``, which retrieval never sees. Per motion:

- ``captions``: share of the clips that BM25 alone ranks first in which somebody does it, as many as retrieval gives.
- ``retrieved``: share of the segments that all four steps give in which somebody does it whom the window holds.
- ``centred``: share of them in which that is the person whom the window was cut round.
- ``segments``: how many those are.

The drawn catalog and what was found before lie in the cache folder; ``DREAMRUNNER_CACHE`` moves it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from dreamrunner.datasets import Segment
from dreamrunner.miniature.catalog import Entry, entries
from dreamrunner.miniature.footage import RATE, WORDS, visible
from dreamrunner.miniature.world import HELD_OUT_MOTIONS
from dreamrunner.pipeline.adapters.catalogs import open_catalog
from dreamrunner.retrieval import load_parts, retrieve

LOOKS = 8
MOST = 0.7


def held(entry: Entry, segment: Segment) -> dict[str, tuple[float, float]]:
    """For every motion in the clip, of its figure: how much of it the window holds, and how near it is to the middle.

    Both are means over moments evenly apart, of the share of its box (0 to 1) and of how far its middle is from the
    window's, sideways, in widths of the picture.
    """
    left, top, right, bottom = segment.crop or (0.0, 0.0, 1.0, 1.0)
    found: dict[str, tuple[float, float]] = {}
    for figure in entry.clip.figures:
        if figure.is_prop:
            continue
        looks = []
        for moment in np.linspace(segment.start, segment.end, LOOKS):
            box = visible(figure, moment * RATE)
            if box is None:
                looks.append((0.0, 0.0))
                continue
            common = max(0.0, min(box[2], right) - max(box[0], left)) * max(0.0, min(box[3], bottom) - max(box[1], top))
            looks.append((common / ((box[2] - box[0]) * (box[3] - box[1])), abs((box[0] + box[2] - left - right) / 2)))
        share, away = np.mean(looks, axis=0)
        found[figure.motion] = max(found.get(figure.motion, (0.0, 0.0)), (float(share), float(away)))
    return found


def centred(entry: Entry, segment: Segment, motion: str) -> bool:
    """Whether the person whom a segment's window is cut round does ``motion``: who fills most of it."""
    figures = held(entry, segment)
    return max(figures, key=lambda name: figures[name][0] - figures[name][1]) == motion


def shows(entry: Entry, segment: Segment, motion: str) -> bool:
    """Whether somebody does ``motion`` of whom the window holds most, most of the time."""
    return held(entry, segment).get(motion, (0.0, 0.0))[0] >= MOST


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    truth = {f"{entry.name}.mp4": entry for entry in entries()}
    catalog, parts = open_catalog("miniature"), load_parts("miniature")
    rows = {}
    for motion in HELD_OUT_MOTIONS:
        query = f"person is {WORDS[motion][0]}"
        found = retrieve(query, catalog, people=parts.people, image_similarity=parts.image_similarity,
                         video_similarity=parts.video_similarity)  # fmt: skip
        first = catalog.search(query, len(found.segments))
        told = [any(figure.motion == motion for figure in truth[clip.file.name].clip.figures) for clip in first]
        right = [
            [way(truth[segment.file.name], segment, motion) for way in (shows, centred)] for segment in found.segments
        ]
        retrieved, middle = np.mean(right, axis=0).tolist()
        rows[motion] = {
            "captions": float(np.mean(told)),
            "retrieved": retrieved,
            "centred": middle,
            "segments": len(right),
        }
        print(
            f"{motion}: " + ", ".join(f"{step.name} {step.into}->{step.out}" for step in found.funnel), file=sys.stderr
        )
    total = sum(row["segments"] for row in rows.values())
    rows["all"] = {
        name: sum(row[name] * row["segments"] for row in rows.values()) / total
        for name in ("captions", "retrieved", "centred")
    } | {"segments": total}
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{'':8} captions  retrieved  centred  segments")
    for name, row in rows.items():
        print(f"{name:8} {row['captions']:8.2f} {row['retrieved']:10.2f} {row['centred']:8.2f} {row['segments']:9d}")


if __name__ == "__main__":
    main()
