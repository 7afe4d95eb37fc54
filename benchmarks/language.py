"""How fast is the language? ``python benchmarks/language.py [--json]``

Ratios within one run, so that they mean the same on any machine:

- ``check_over_imports``: ``dreamrunner check`` of a story whose beats are written, as a whole process, over
  ``python -c "import lark, pydantic"`` (at most 2).
- ``read_over_imports``: the same of ``stories/witch.story``, one of whose narrations is read for what nothing would be
  filmed of, which takes tables of English words (at most 2.2).
- ``tenfold``: parsing ten times the story, over parsing it once (at most 12).
- ``scenes_1000_over_80``: ``dreamrunner check`` of a story of 1,000 scenes as a whole process, over one of 80 (at
  most 12). ``scenes_in_process`` is the same without starting Python, for which 12.5 would be proportional; it has no
  limit here, but would show a quadratic step at once.

Every figure is the least CPU time of several runs, alternating between the two that are compared, so that what else
the machine does hardly counts.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dreamrunner.language import check_text
from dreamrunner.language.parsing.parser import parse

STORY = ROOT / "stories" / "witch.story"
LIMITS: dict[str, float] = {
    "check_over_imports": 2.0,
    "read_over_imports": 2.2,
    "tenfold": 12.0,
    "scenes_1000_over_80": 12.0,
}


def best(runs: int, *works: Callable[[], object]) -> list[float]:
    """The least CPU time of each work and its child processes in seconds, the works taking turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, found in zip(works, times, strict=True):
            start = cpu_seconds()
            work()
            found.append(cpu_seconds() - start)
    return [min(found) for found in times]


def cpu_seconds() -> float:
    """User and system time that this process and the children it has waited for have used."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(item.ru_utime + item.ru_stime for item in used)


def process(*arguments: str) -> Callable[[], object]:
    """Runs Python with these arguments as a process of its own."""
    return lambda: subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)


def many_scenes(count: int) -> str:
    """A story of ``count`` scenes, with beats and key frames."""
    cast = 'character witch "a witch"\ncharacter cat "a cat"\nmotion walking\nmotion sitting\n'
    scene = (
        '\nscene scene-{}\n  background "a garden at night"\n  narration "The witch walks, the cat watches."\n'
        '  duration 6s\n\n  witch walking 0s..6s "a witch is walking"\n    at 0s [0.1 0.2 0.4 0.9]\n'
        "    at 3s [0.3 0.2 0.6 0.9]\n    at 5s right\n  cat sitting\n    at 0s left\n"
    )
    return cast + "".join(scene.format(index) for index in range(count))


def measure(runs: int = 7) -> dict[str, float]:
    """All ratios."""
    text = STORY.read_text(encoding="utf-8")
    # Blocks may be declared twice for the parser; the checker alone minds.
    ten, one = best(runs, lambda: parse(text * 10, STORY), lambda: parse(text, STORY))
    with tempfile.TemporaryDirectory() as folder:
        texts = {count: many_scenes(count) for count in (1000, 80)}
        paths = {count: Path(folder) / f"{count}.story" for count in texts}
        for count, path in paths.items():
            path.write_text(texts[count], encoding="utf-8")
        written = Path(folder) / "written.story"
        written.write_text(many_scenes(8), encoding="utf-8")
        check, read, imports = best(
            runs,
            process("-m", "dreamrunner", "check", str(written)),
            process("-m", "dreamrunner", "check", str(STORY)),
            process("-c", "import lark, pydantic"),
        )
        commands = [process("-m", "dreamrunner", "check", str(path)) for path in paths.values()]
        much, little = best(max(2, runs // 2), *commands)
        many, few = best(max(2, runs // 2), *(lambda c=c: check_text(texts[c], paths[c]) for c in texts))
    return {
        "check_over_imports": check / imports,
        "read_over_imports": read / imports,
        "tenfold": ten / one,
        "scenes_1000_over_80": much / little,
        "scenes_in_process": many / few,
    }


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments.add_argument("--runs", type=int, default=7, help="runs of each work, of which the best counts")
    parsed = arguments.parse_args()
    figures = measure(parsed.runs)
    if parsed.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
    else:
        for name, value in figures.items():
            print(f"{name:20} {value:6.2f}" + (f"  (at most {LIMITS[name]:g})" if name in LIMITS else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
