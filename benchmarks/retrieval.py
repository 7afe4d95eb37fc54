"""How fast is a catalog? ``python benchmarks/retrieval.py [--json] [--clips N]``, ``--curve`` for 10,000 to ten
million.

A table of generated captions with InternVid's columns is indexed by ``dreamrunner catalog index`` as a process of its
own and searched in others:

- ``index_seconds``: the whole command, for a million captions (at most 60).
- ``query_speedup``: the time that rank-bm25 takes for the best 400, over the catalog's, for the same queries and the
  same words (at least 40). rank-bm25's own reading of the captions is not counted.
- ``resident_mb``: the most memory that a process holds which opens the catalog and searches it (at most 300).

The curve prints the same without rank-bm25, which a million captions already fill gigabytes with. Captions draw on
20,000 words by Zipf's law, 4 to 20 a caption, most of them about a person who is doing something.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dreamrunner.retrieval.caption_index import MemoryCaptions
from dreamrunner.retrieval.catalog import Catalog

MILLION = 1_000_000
CURVE = (10_000, 100_000, MILLION, 3_000_000, 10_000_000)
BEST = 400
QUERIES = tuple(
    f"person is {motion}"
    for motion in ("stirring a pot", "walking", "dancing", "riding a horse", "reading a book", "jumping over a fence")
)
MOTIONS = (
    "walking", "running", "dancing", "stirring a pot", "reading a book", "jumping", "cooking", "swimming",
    "riding a bike", "riding a horse", "talking", "singing", "playing a guitar", "holding a cup",
    "climbing over a fence", "sleeping",
)  # fmt: skip
LIMITS = {"index_seconds": ("at most", 60.0), "query_speedup": ("at least", 40.0), "resident_mb": ("at most", 300.0)}

SEARCHING = """
import json, resource, sys, time
from pathlib import Path
from dreamrunner.retrieval.catalog import Catalog
catalog = Catalog(Path(sys.argv[1]))
times = []
for query in json.loads(sys.argv[2]) * 5:
    start = time.perf_counter()
    found = catalog.search(query, int(sys.argv[3]))
    times.append(time.perf_counter() - start)
with open("/proc/self/status") as status:
    most = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({"first": times[0], "query": sorted(times)[len(times) // 2], "resident_mb": most / 1e3}))
"""


def write_table(file: Path, clips: int) -> None:
    """A JSONL table of captions by id, the same for the same number."""
    rng = np.random.default_rng(3)
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    vocabulary = sorted({"".join(rng.choice(letters, rng.integers(3, 10))) for _ in range(20_000)})
    chances = 1 / np.arange(1, len(vocabulary) + 1)
    chances /= chances.sum()
    with open(file, "w", encoding="utf-8") as table:
        for first in range(0, clips, 100_000):
            size = min(100_000, clips - first)
            lengths = rng.integers(1, 17, size)
            drawn = iter(rng.choice(len(vocabulary), int(lengths.sum()), p=chances).tolist())
            about = rng.integers(0, 2 * len(MOTIONS), size).tolist()
            starts = rng.uniform(0, 500, size).round(3).tolist()
            for number, length in enumerate(lengths.tolist()):
                rest = " ".join(vocabulary[next(drawn)] for _ in range(length))
                motion = about[number]
                start = starts[number]
                row = {
                    "YoutubeID": f"v{first + number:010}",
                    "Start_timestamp": start,
                    "End_timestamp": start + 5,
                    "Caption": f"a person is {MOTIONS[motion]} {rest}" if motion < len(MOTIONS) else f"a {rest}",
                    "width": 1280,
                    "height": 720,
                    "fps": 30,
                }
                table.write(json.dumps(row) + "\n")


def measure(clips: int, against: bool) -> dict[str, float]:
    """Index and search so many clips in a folder that is thrown away afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_table(folder / "clips.jsonl", clips)
        start = time.perf_counter()
        command = [sys.executable, "-m", "dreamrunner", "catalog", "index", "clips.jsonl", "-o", "catalog"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
        seconds = time.perf_counter() - start
        # The table's pages in the system's cache are of no use any more.
        (folder / "clips.jsonl").unlink()
        searching = [sys.executable, "-c", SEARCHING, str(folder / "catalog"), json.dumps(QUERIES), str(BEST)]
        ran = subprocess.run(searching, check=True, capture_output=True, env=environment)
        found = json.loads(ran.stdout)
        size = sum(file.stat().st_size for file in (folder / "catalog").rglob("*") if file.is_file())
        result = {
            "clips": clips,
            "index_seconds": round(seconds, 1),
            "query_ms": round(found["query"] * 1e3, 2),
            "first_query_ms": round(found["first"] * 1e3, 2),
            "resident_mb": round(found["resident_mb"], 1),
            "disk_mb": round(size / 1e6, 1),
        }
        if against:
            result.update(speedup(folder / "catalog"))
        shutil.rmtree(folder / "catalog")
    return result


def speedup(folder: Path) -> dict[str, float]:
    """Both ways in this process, the same queries taking turns; the median of each."""
    catalog = Catalog(folder)
    rows = sqlite3.connect(folder / "catalog.sqlite").execute("select number, caption from clips order by number")
    in_memory = MemoryCaptions(rows)
    gc.freeze()  # else Python's collector walks through rank-bm25's millions of objects during the other's turns
    slow, fast = [], []
    for query in QUERIES:
        start = time.perf_counter()
        expected = in_memory.search(query, BEST)
        slow.append(time.perf_counter() - start)
        for _ in range(3):
            start = time.perf_counter()
            found = catalog.search(query, BEST)
            fast.append(time.perf_counter() - start)
        off = max(abs(clip.score - score) for clip, (_, score) in zip(found, expected, strict=True))
        if len(found) != len(expected) or off > 1e-3:
            raise SystemExit(f"the two rankings of {query!r} differ by {off}")
    middle = sorted(slow)[len(slow) // 2], sorted(fast)[len(fast) // 2]
    return {"rank_bm25_ms": round(middle[0] * 1e3, 1), "query_speedup": round(middle[0] / middle[1], 1)}


def main() -> int:
    """Measure, print, and fail when a limit is missed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", action="store_true", help="print one JSON object")
    arguments.add_argument("--clips", type=int, default=MILLION, help="captions (default: a million)")
    arguments.add_argument("--curve", action="store_true", help="10,000 to ten million captions (4 GB of disk)")
    parsed = arguments.parse_args()
    if parsed.curve:
        for clips in CURVE:
            print(json.dumps(measure(clips, against=False)), flush=True)
        return 0
    found = measure(parsed.clips, against=True)
    if parsed.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            limit = " ({} {:g})".format(*LIMITS[name]) if name in LIMITS else ""
            print(f"{name:<16}{value:>12,}{limit}")
    missed = [
        name
        for name, (way, limit) in LIMITS.items()
        if (found[name] > limit if way == "at most" else found[name] < limit)
    ]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
