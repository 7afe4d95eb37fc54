"""The bundled small world's watcher: its own detector says where somebody is, its own judge who that is.

Both have only seen drawings. Props are looked for in their boxes alone, since the detector finds characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.backbones.folder import WORDS
from dreamrunner.backbones.vocabulary import vocabulary_in
from dreamrunner.checking.script import Act, Script, Subject
from dreamrunner.checking.seen import Seen, Sighting, WatcherError, apart, frame_at, frames_between, overlap
from dreamrunner.files.digest import digest_files, digest_json
from dreamrunner.files.paths import MINIATURE_WEIGHTS
from dreamrunner.language.parts import Box

if TYPE_CHECKING:
    import numpy as np

    from dreamrunner.miniature.judge import Judge, Verdict
    from dreamrunner.retrieval.yolo import YoloTracker

WINDOW = 0.35
"""Seconds before and after a moment that the judge looks at with it."""

FOUND = 0.3
"""How sure the detector must be of somebody."""


@dataclass(frozen=True)
class Facts:
    """What the judge has words for of a subject: its ``kinds`` and, where they are said, ``colours`` and ``looks``."""

    kinds: frozenset[str]
    colours: frozenset[str]
    looks: frozenset[str]


class DrawnWatcher:
    """Watches films of the bundled model."""

    name = "the miniature's judge"

    @cached_property
    def key(self) -> str:
        files = [MINIATURE_WEIGHTS / name for name in ("judge.safetensors", WORDS, "tokenizer/tokenizer.json")]
        files += sorted((MINIATURE_WEIGHTS / "detector").iterdir())
        read = digest_files(files, MINIATURE_WEIGHTS, remember=False)
        return f"drawn-{digest_json([read, WINDOW, FOUND])[:32]}"

    def watch(self, pixels: np.ndarray, script: Script) -> Seen:
        facts = [facts_of(subject) for subject in script.subjects]
        return Seen(
            known=tuple(bool(each.kinds) for each in facts),
            sightings=tuple(
                self._at(pixels, script, number, moment, facts) for number, moment in enumerate(script.moments)
            ),
            done=tuple(self._done(pixels, script, act) for act in script.acts),
        )

    def _at(
        self, pixels: np.ndarray, script: Script, number: int, moment: float, facts: Sequence[Facts]
    ) -> tuple[Sighting, ...]:
        count, duration = len(pixels), script.duration
        shown = pixels[frame_at(count, duration, moment)]
        promised = [places[number] for places in script.places]
        boxes = [place for place in promised if isinstance(place, Box)]
        for found, sure in self._detector.find(shown[None])[0]:
            box = Box(*found)
            # one that is in a promised box is seen there, whole
            if sure >= FOUND and all(overlap(box, own) < 0.3 and apart(box, own) > 0.1 for own in boxes):
                boxes.append(box)
        window = frames_between(count, duration, max(0.0, moment - WINDOW), min(duration, moment + WINDOW))
        some = pixels[window.start : window.stop]
        return tuple(
            Sighting(
                box,
                tuple(sum((verdict.kind[kind] for kind in each.kinds), 0.0) for each in facts),
                tuple(like(verdict, each) for each in facts),
            )
            for box, verdict in zip(boxes, self._look(some, boxes), strict=True)
        )

    def _look(self, some: np.ndarray, boxes: Sequence[Box]) -> list[Verdict]:
        import numpy as np

        if not boxes:
            return []
        tracks = np.array([[(box.x0, box.y0, box.x1, box.y1)] * len(some) for box in boxes], np.float32)
        return self._judge.look_all(np.repeat(some[None], len(boxes), 0), tracks)

    def _done(self, pixels: np.ndarray, script: Script, act: Act) -> float | None:
        """What travels is seen best in a box that stands still and holds the whole way."""
        wanted = motions_of(act.phrase)
        if not wanted:
            return None
        during = frames_between(len(pixels), script.duration, act.start, act.end)
        rate = len(pixels) / script.duration
        way = [act.box_at((frame + 0.5) / rate) for frame in during]
        hull = Box(
            min(box.x0 for box in way),
            min(box.y0 for box in way),
            max(box.x1 for box in way),
            max(box.y1 for box in way),
        )
        (verdict,) = self._look(pixels[during.start : during.stop], [hull])
        return sum(verdict.motion[name] for name in wanted)

    @cached_property
    def _judge(self) -> Judge:
        from dreamrunner.miniature.judge import Judge

        try:
            return Judge.load()
        except (OSError, RuntimeError, ValueError) as error:
            raise WatcherError("the miniature's judge can't be read; install the package again") from error

    @cached_property
    def _detector(self) -> YoloTracker:
        from dreamrunner.retrieval.yolo import YoloTracker

        return YoloTracker(MINIATURE_WEIGHTS / "detector")


def facts_of(subject: Subject) -> Facts:
    """What the judge can recognize a subject by."""
    from dreamrunner.miniature.judge import COLOUR_NAMES, KIND_NAMES, LOOK_NAMES, NOTHING, OWN, PLAIN

    known = Facts(frozenset(KIND_NAMES) - {NOTHING}, frozenset(COLOUR_NAMES) - {OWN}, frozenset(LOOK_NAMES) - {PLAIN})
    return facts_among(known, subject, MINIATURE_WEIGHTS)


def facts_among(known: Facts, subject: Subject, folder: Path) -> Facts:
    """Of the facts that a judge knows those of a subject: the first kind that its looks name, or else its name, as the
    model in ``folder`` understands words."""
    words = understood(subject.looks, folder)
    kinds = words & known.kinds or understood(subject.name.replace("-", " "), folder) & known.kinds
    if len(kinds) > 1:
        # "a lady with a black cat": who is meant stands first, whatever word names her
        said = subject.looks.split()
        begun = (understood(" ".join(said[:count]), folder) & kinds for count in range(1, len(said) + 1))
        kinds = frozenset({min(next(filter(None, begun), kinds))})
    return Facts(kinds, words & known.colours, words & known.looks)


def like(verdict: Verdict, facts: Facts) -> float | None:
    """The chance of the colours and looks that are said; None where none is."""
    chances = [sum(verdict.colour[colour] for colour in facts.colours)] if facts.colours else []
    chances += [verdict.look[look] for look in sorted(facts.looks)]
    return min(chances) if chances else None


def motions_of(phrase: str) -> tuple[str, ...]:
    """The judge's motions that a phrase may mean: "walking" is strolling to either side."""
    from dreamrunner.miniature.judge import MOTION_NAMES

    words = understood(phrase, MINIATURE_WEIGHTS)
    exact = tuple(name for name in MOTION_NAMES if words.issuperset(name.split()))
    return exact or tuple(name for name in MOTION_NAMES if name.split()[0] in words)


def understood(text: str, folder: Path) -> frozenset[str]:
    """The words that the model in a folder makes of a text; none where its words aren't known."""
    vocabulary = vocabulary_in(folder)
    return vocabulary.understood(text) if vocabulary is not None else frozenset()
