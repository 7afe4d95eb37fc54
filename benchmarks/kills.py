"""What does a killed build cost? ``python benchmarks/kills.py [--kills N] [--in-a-row N] [--seed N] [--json]``

A story of two scenes that takes every kind of task: a catalog that is drawn, a motion that is found in it, one that is
learnt from clips, a character that is learnt from photos, spoken narration (by a server of our own that hums). It is
filmed once undisturbed. Then, from an empty cache folder, a build's whole process group gets SIGKILL at a random moment
within a task, and the same build is run again. That is done N times (30 unless told), in each kind of task in its turn;
with ``--in-a-row`` a film is killed so often, later each time, before it is let run to its end. Checkpoints are kept
ten times a second in place of every half minute, since all of this takes seconds. Per kill:

- ``in hand``: the task that ran when the process died, by what it had told until then; ``moment``: seconds since the
  build began; ``within``: since the task began.
- ``repeated``: tasks that were finished before the kill and were done again. Reading and planning, which every build
  does anew, are not counted.
- ``step``: how many steps of the task in hand were done, of how many; ``again``: how many of those the next build did
  again. Of the catalog it is its videos; a task that counts no steps is done again from its beginning.
- ``same``: whether, in the end, every file of the film's folder has the bytes of the undisturbed build's, the
  manifest's too, which names what was learnt by its sha256.

The last line sums up. The exit code is 1 when a task was repeated or a byte differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from tests.material.speech_server import serving
from tests.material.strangers import clips, photos

STORY = """\
story "Kills"
  language 1
  seed 3

character dragon
  looks "a dragon"
  images "refs/*.png"
character cat "an orange cat"

motion spinning
  clips "clips/*.mp4"
motion bowing

scene garden
  background "a garden"
  narration "The dragon spins."
  dragon spinning 0s..6s "a dragon is spinning"
    at 0s [0.3 0.3 0.7 0.95]

scene beach
  narration "The cat bows, then it dances."
  duration 4s
  transition fade 0.5s
  cat bowing 0s..2s
  cat dancing 2s..4s
"""

KINDS = ("plan", "drawing", "rows", "speak", "fit", "retrieve", "train-motion", "train-subject", "render",
         "storyboard", "encode", "cut", "join")  # fmt: skip
"""Stages in their order."""

ANEW = ("plan", "drawing", "rows", "captions")
"""What every build goes through, with whatever is there."""

# The child's own settings: a small catalog, frequent checkpoints.
CHILD = """
import dataclasses, json, sys, time
import dreamrunner, dreamrunner.miniature.catalog as catalog

story, settings, how = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
catalog.CLIPS, catalog.FAVOURED = 12, 2

def tell(event):
    if isinstance(event, dreamrunner.TaskStarted) and event.stage.startswith(("train", "render")):
        import dreamrunner.files.checkpoint as checkpoint
        checkpoint.SAVE_EVERY = settings["save_every"]
    told = {"event": type(event).__name__, "at": time.monotonic()} | dataclasses.asdict(event)
    print(json.dumps(told), flush=True)

dreamrunner.load(story).build("film", progress=tell, **how)
"""


@dataclass(frozen=True)
class Event:
    """What a build told: which event, when (``time.monotonic``), of which task, and at which step of how many."""

    event: str
    at: float
    task: str
    kind: str
    step: int
    steps: int


@dataclass(frozen=True)
class Killed:
    """A kill and what came of it; see the top of this file."""

    in_hand: str
    moment: float
    within: float
    repeated: tuple[str, ...]
    step: int
    steps: int
    again: int
    same: bool


@dataclass(frozen=True)
class Moment:
    """When to kill: so many seconds after a task began, or after it told of a ``step``."""

    task: str
    delay: float = 0.0
    step: int = 0


@dataclass(frozen=True)
class Run:
    """One process: when it ``began`` and ``died``, what it told, and the catalog's videos as it left them (by name,
    what tells one file from another); ``meant`` is the task in which it was to be killed."""

    began: float
    died: float
    told: Sequence[Event]
    drawn: Mapping[str, tuple[int, int]]
    meant: str = ""

    def in_hand(self) -> tuple[str, float]:
        """The task that was running when it died, "" between two, and when that began. Of two that ran, one for each
        lane, it is the one that was meant, or else the one that began last."""
        begun = {"": self.died}
        for event in self.told:
            if event.event == "TaskStarted":
                begun[event.task] = event.at
            elif event.event == "TaskFinished":
                begun.pop(event.task, None)
        return (self.meant, begun[self.meant]) if self.meant in begun else next(reversed(begun.items()))

    def steps(self, task: str) -> list[Event]:
        """What it told of how far a task is."""
        return [event for event in self.told if event.event == "TaskAdvanced" and event.task == task]

    def durations(self) -> dict[str, float]:
        """How many seconds each task took."""
        began = {event.task: event.at for event in self.told if event.event == "TaskStarted"}
        return {event.task: event.at - began[event.task] for event in self.told if event.event == "TaskFinished"}


class Folder:
    """A folder with a story and what it brings; ``how`` is how it is built."""

    def __init__(
        self,
        root: Path,
        story: str,
        how: Mapping[str, object],
        environment: Mapping[str, str],
        save_every: float = 0.1,
        popen: type[subprocess.Popen[str]] = subprocess.Popen,
    ) -> None:
        """``popen`` starts a build's process."""
        self.root, self.how, self.save_every, self.popen = root, how, save_every, popen
        root.mkdir(parents=True, exist_ok=True)
        (root / "kills.story").write_text(story)
        photos(root / "refs")
        clips(root / "clips")
        self.environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(REPOSITORY),
            "DREAMRUNNER_CACHE": str(root / "cache"),
            **environment,
        }

    @contextmanager
    def building(self) -> Iterator[subprocess.Popen[str]]:
        """A build in a process group of its own, of which nothing is left afterwards."""
        settings, how = json.dumps({"save_every": self.save_every}), json.dumps(self.how)
        command = [sys.executable, "-c", CHILD, "kills.story", settings, how]
        with (self.root / "errors").open("w") as errors:
            pipes = {"stdout": subprocess.PIPE, "stderr": errors, "text": True}
            process = self.popen(command, cwd=self.root, env=self.environment, start_new_session=True, **pipes)
            try:
                yield process
            finally:
                _kill(process)
                process.wait()

    def build(self) -> Run:
        """Build to the end."""
        began = time.monotonic()
        with self.building() as process:
            told = list(events(process))
            if process.wait() != 0:
                raise SystemExit(f"the build failed:\n{(self.root / 'errors').read_text()}")
        return Run(began, time.monotonic(), told, self.drawn())

    def kill(self, moment: Moment) -> Run | None:
        """Build, and kill it, when its task is over at the latest; None where the build ended without that task."""
        began, told = time.monotonic(), []
        with self.building() as process:
            timer = threading.Timer(moment.delay, _kill, [process])
            for event in events(process):
                told.append(event)
                if event.task != moment.task:
                    continue
                if event.event == "TaskFinished":
                    _kill(process)
                elif event.event != "TaskKept" and event.step >= moment.step and timer.ident is None:
                    timer.start()
            died = time.monotonic()
            timer.cancel()
            process.wait()
        ended = process.returncode != -signal.SIGKILL
        return None if ended else Run(began, died, told, self.drawn(), moment.task)

    def outputs(self) -> dict[str, bytes]:
        """The film's folder, by name."""
        film = self.root / "film"
        return {path.relative_to(film).as_posix(): path.read_bytes() for path in film.rglob("*") if path.is_file()}

    def drawn(self) -> dict[str, tuple[int, int]]:
        """The catalog's finished videos, as :class:`Run` has them."""
        videos = self.root.glob("cache/catalogs/miniature-*/*.mp4")
        facts = {path.name: path.stat() for path in videos if path.with_suffix(".txt").exists()}
        return {name: (fact.st_ino, fact.st_mtime_ns) for name, fact in facts.items()}

    def empty(self) -> None:
        """Forget all that was built."""
        for name in ("cache", "film"):
            shutil.rmtree(self.root / name, ignore_errors=True)


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def events(process: subprocess.Popen[str]) -> Iterator[Event]:
    """What a build tells, until it ends; a line that the kill cut short is dropped."""
    for line in process.stdout:
        if line.endswith("\n"):
            told = json.loads(line)
            kind = told.get("stage", "")
            task = f"{kind} {told.get('of', '')}".rstrip()
            yield Event(told["event"], told["at"], task, kind, told.get("step", 0), told.get("steps", 0))


def kill(folder: Folder, moments: Sequence[Moment], whole: Mapping[str, bytes]) -> list[Killed]:
    """Kill builds of one film, each at its moment, let one run to its end, and compare with the ``whole`` film's
    files."""
    folder.empty()
    killed = [run for moment in moments if (run := folder.kill(moment)) is not None]
    runs = [*killed, folder.build()]
    same, finished, found = folder.outputs() == whole, set(), []
    for run, after, later in ((runs[at], runs[at + 1], runs[at + 1 :]) for at in range(len(killed))):
        in_hand, since = run.in_hand()
        finished |= {event.task for event in run.told if event.event == "TaskFinished" and event.kind not in ANEW}
        repeated = [event.task for event in after.told if event.event == "TaskStarted" and event.task in finished]
        steps = run.steps(in_hand)
        done, of = (steps[-1].step, steps[-1].steps) if steps else (0, 0)
        went_on = next((event.step for each in later for event in each.steps(in_hand)), done + 1)
        again = done - went_on + 1 if went_on else 0
        if in_hand == "drawing":
            again = sum(after.drawn[name] != facts for name, facts in run.drawn.items())
        moment, within = run.died - run.began, run.died - since
        found.append(
            Killed(in_hand or "between", round(moment, 2), round(within, 2), tuple(repeated), done, of, again, same)
        )
    return found


def within(whole: Run, task: str, took: float, rng: random.Random) -> Moment:
    """A random moment within a task, by its steps where it counts them: how fast they are may change meanwhile."""
    if not (steps := whole.steps(task)) or not steps[-1].steps:
        return Moment(task, rng.uniform(0, took))
    return Moment(task, rng.uniform(0, took / steps[-1].steps), rng.randrange(steps[-1].steps))


def shown(row: Killed) -> str:
    """A line of the table."""
    step = f"{row.step}/{row.steps}" if row.steps else "-"
    repeated, same = ", ".join(row.repeated) or "none", "yes" if row.same else "NO"
    return f"{row.moment:6.2f} {row.within:7.2f}  {row.in_hand:<24} {step:<8} {row.again:6d}  {repeated:<8}  {same}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--in-a-row", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    how = {"steps": 8, "train_steps": 8, "voice": "tts-1:hum"}
    rng, rows = random.Random(options.seed), []
    with tempfile.TemporaryDirectory(prefix="kills-") as place, serving() as server:
        environment = {"OPENAI_BASE_URL": server.address, "OPENAI_API_KEY": "none"}
        folder = Folder(Path(place), STORY, how, environment)
        whole_run = folder.build()
        took = whole_run.durations()
        whole = folder.outputs()
        if not options.json:
            print(f"undisturbed: {', '.join(f'{task} {seconds:.2f} s' for task, seconds in took.items())}", flush=True)
            print("moment  within  in hand                  step      again  repeated  same")
        turn = 0
        while len(rows) < options.kills:
            count = min(options.in_a_row, options.kills - len(rows))
            kinds = [KINDS[(turn + place) % len(KINDS)] for place in range(count)]
            turn += count
            tasks = {rng.choice([each for each in took if each.partition(" ")[0] == kind]) for kind in kinds}
            moments = [within(whole_run, task, took[task], rng) for task in took if task in tasks]
            for row in kill(folder, moments, whole):
                rows.append(row)
                if not options.json:
                    print(shown(row), flush=True)
    if options.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        kinds = Counter(row.in_hand.partition(" ")[0] for row in rows)
        print(
            f"{len(rows)} kills, in {', '.join(f'{kind} {count}' for kind, count in kinds.items())}:"
            f" {sum(row.same for row in rows)} ended in the same bytes; {sum(len(row.repeated) for row in rows)}"
            f" finished tasks were done again, and {sum(row.again for row in rows)} of"
            f" {sum(row.step for row in rows)} steps"
        )
    return 0 if all(row.same and not row.repeated for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
