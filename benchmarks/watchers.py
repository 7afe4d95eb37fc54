"""Does the judge see what is there? ``python benchmarks/watchers.py [--clips 300] [--developed] [--json]``

Fresh clips of the second edition's world, drawn, or drawn and sent through the autoencoder (``--developed``), with
``--strangers`` also of the kinds, looks and motions that the generator never sees. Shares of what is told right, with
95% intervals by drawing clips anew:

- ``background``: of clips, the place and whether it is night.
- ``entity``, ``colour``, ``look``: of characters; colours that were said alone. Looks with ``--strangers``.
- ``motion``: of what characters do for at least six frames, told by likeness to drawings of that character, in the
  middle eight of these frames. Not asked is who carries a thing, since likeness knows no things, who has others near,
  and who can hardly be told from the place: white on snow.
- ``position``: of characters in the middle of the time in which they are seen, nobody else near: something that stands
  apart looks like the character, and its middle is within a tenth of the picture of where it is.
- ``nothing``: of boxes in which nobody ever is.

Asked are frames in which over 60% of a character is in the picture and others cover at most 40% of its box. Boxes are
an author's, as in ``benchmarks/obey.py``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from benchmarks.obey import interval
from benchmarks.obey_scripts import asked_of, span
from dreamrunner.miniature.second.autoencoder import read_autoencoder
from dreamrunner.miniature.second.judge import NOTHING, PLAIN, WEIGHTS, Judge, apart
from dreamrunner.miniature.second.likeness import NAMES, forms_of, unlikeness
from dreamrunner.miniature.second.scripts import sample_clip
from dreamrunner.miniature.second.training.judge import nowhere
from dreamrunner.miniature.second.training.sights import covered, developed, sample_sight, track
from dreamrunner.miniature.second.world import FRAMES, Clip, draw

HANDLING = ("carries", "lifts", "drops")
LEAST = 6
"""Frames in which something must be seen to be asked for."""
NEAR = 0.1


def told(
    clip: Clip, frames: np.ndarray, watcher: Judge, rng: np.random.Generator
) -> dict[str, list[tuple[bool, str, str]]]:
    """Per fact, what is asked of a clip: whether it is told right, what it is, and what is told."""
    found: dict[str, list[tuple[bool, str, str]]] = {}

    def note(fact: str, true: str, said: str) -> None:
        found.setdefault(fact, []).append((true == said, true, said))

    place = watcher.place(frames)
    note("background", str((clip.background, clip.night)), str(place))
    shares, every = apart(frames, place), asked_of(clip)
    for asked in every:
        figure, open_frames = asked.figure, np.flatnonzero(asked.open)
        if figure.is_prop or len(open_frames) < LEAST:
            continue
        sight = watcher.look(frames, asked.boxes, place)
        note("entity", figure.kind, sight.most("kind", open_frames))
        if figure.colour:
            note("colour", figure.colour, sight.most("colour", open_frames))
        note("look", figure.look or PLAIN, sight.most("look", open_frames))
        others = [other.boxes for other in every if other is not asked]
        for act in figure.acts:
            during = [frame for frame in span(act, figure.acts) if asked.free[frame]]
            during = during[max(0, len(during) // 2 - 4) : len(during) // 2 + 4]
            character = (figure.kind, figure.colour, figure.look, figure.rope)
            forms = (
                []
                if act.motion in HANDLING
                else forms_of(frames, shares, asked.boxes, during, others, rope=figure.rope)
            )
            if forms:
                note("motion", act.motion, NAMES[int(unlikeness(character, forms).argmin())])
        middle = int(open_frames[len(open_frames) // 2])
        if max((covered(asked.boxes, [other])[middle] for other in others), default=0.0) > 0:
            continue
        own = [one.box for one in watcher.find(frames[middle][None], place)[0] if one.kind == figure.kind]
        x0, y0, x1, y1 = track(figure, [middle])[middle]
        away = [max(abs(a + c - x0 - x1), abs(b + d - y0 - y1)) / 2 for a, b, c, d in own]
        near = bool(away) and min(away) <= NEAR
        found.setdefault("position", []).append((near, figure.kind, "elsewhere" if own else NOTHING))
    empty = nowhere(rng, [track(figure) for figure in clip.figures])
    if empty is not None:
        note("nothing", NOTHING, watcher.look(frames, empty, place).most("kind", range(FRAMES)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--developed", action="store_true", help="sent through the autoencoder, a second a clip")
    parser.add_argument("--strangers", action="store_true")
    parser.add_argument("--judge", type=Path, default=WEIGHTS, help="its weights")
    options = parser.parse_args()
    torch.set_num_threads(1)
    watcher = Judge.load(options.judge)
    vae = read_autoencoder() if options.developed else None
    rows: dict[str, list[list[bool]]] = {}
    mistakes: dict[str, dict[str, int]] = {}
    for number in range(options.clips):
        rng = np.random.default_rng([823, number])
        clip = (sample_sight if options.strangers else sample_clip)(rng)
        frames = draw(clip)
        if vae is not None:
            frames = developed(frames, vae)
        for fact, answers in told(clip, frames, watcher, rng).items():
            rows.setdefault(fact, []).append([right for right, _, _ in answers])
            for right, true, said in answers:
                if not right:
                    wrong = mistakes.setdefault(fact, {})
                    wrong[f"{true}: {said}"] = wrong.get(f"{true}: {said}", 0) + 1
    table = {fact: interval(row) for fact, row in rows.items()}
    if options.json:
        print(json.dumps({"facts": table, "mistakes": mistakes}))
        return
    for fact, share in table.items():
        low, high = share["interval"]
        print(f"{fact:12}{share['share']:.3f} ({low:.3f} to {high:.3f}) of {share['count']}")
        often = sorted(mistakes.get(fact, {}).items(), key=lambda pair: -pair[1])[:6]
        if often:
            print("            " + ", ".join(f"{name} {count}" for name, count in often))


if __name__ == "__main__":
    main()
