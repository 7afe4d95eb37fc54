"""The watcher of the small world's second edition: its judge says who is in a box, drawings say what somebody does.

The judge has only seen drawings. Whatever stands apart from the place's backdrop is somebody or something, so this
watcher needs no detector.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from dreamrunner.backbones.folder import WORDS
from dreamrunner.checking.drawn import Facts, facts_among, understood
from dreamrunner.checking.script import Act, Script, Subject
from dreamrunner.checking.seen import Seen, Sighting, WatcherError, apart, frame_at, frames_between, overlap
from dreamrunner.files.digest import digest_files, digest_json
from dreamrunner.files.paths import SECOND_WEIGHTS
from dreamrunner.language.parts import Box

if TYPE_CHECKING:
    import numpy as np

    from dreamrunner.miniature.second.judge import Judge

WINDOW = 0.3
"""Seconds before and after a moment that the judge looks at with it."""


class SecondWatcher:
    """Watches films of the second edition's model."""

    name = "the second miniature's judge"

    @cached_property
    def key(self) -> str:
        files = [SECOND_WEIGHTS / name for name in ("judge.safetensors", WORDS, "tokenizer/tokenizer.json")]
        read = digest_files(files, SECOND_WEIGHTS, remember=False)
        return f"drawn-2-{digest_json([read, WINDOW])[:32]}"

    def watch(self, pixels: np.ndarray, script: Script) -> Seen:
        frames = _as_drawn(pixels)
        place = self._judge.place(frames)
        facts = [facts_of(subject) for subject in script.subjects]
        return Seen(
            known=tuple(bool(each.kinds) for each in facts),
            sightings=tuple(
                self._at(frames, place, script, number, moment, facts) for number, moment in enumerate(script.moments)
            ),
            done=tuple(_done(frames, place, script, act, facts[act.subject]) for act in script.acts),
        )

    def _at(
        self,
        frames: np.ndarray,
        place: tuple[str, bool],
        script: Script,
        number: int,
        moment: float,
        facts: Sequence[Facts],
    ) -> tuple[Sighting, ...]:
        import numpy as np

        at = frame_at(len(frames), script.duration, moment)
        boxes = [each for places in script.places if isinstance(each := places[number], Box)]
        own = len(boxes)
        for found in self._judge.find(frames[at : at + 1], place)[0]:
            box = Box(*found.box)
            # what fills a promised box, or stands in it, is seen there, whole
            if all(overlap(box, one) < 0.3 and apart(box, one) > 0.1 for one in boxes[:own]):
                boxes.append(box)
        window = frames_between(
            len(frames), script.duration, max(0.0, moment - WINDOW), min(script.duration, moment + WINDOW)
        )
        some = frames[window.start : window.stop]
        sightings = []
        for box in boxes:
            track = np.tile([box.x0, box.y0, box.x1, box.y1], (len(some), 1))
            seen = {fact: each.mean(0) for fact, each in self._judge.look(some, track, place).chances.items()}
            sightings.append(
                Sighting(
                    box,
                    tuple(chance("kind", each.kinds, seen) for each in facts),
                    tuple(_like(each, seen) for each in facts),
                )
            )
        return tuple(sightings)

    @cached_property
    def _judge(self) -> Judge:
        from dreamrunner.miniature.second.judge import Judge

        try:
            return Judge.load()
        except (OSError, RuntimeError, ValueError) as error:
            raise WatcherError("the second miniature's judge can't be read; install the package again") from error


def chance(fact: str, names: frozenset[str], seen: dict[str, np.ndarray]) -> float:
    """The chance of any of some answers to a fact."""
    from dreamrunner.miniature.second.judge import FACTS

    return float(sum(seen[fact][FACTS[fact].index(name)] for name in names))


def _like(facts: Facts, seen: dict[str, np.ndarray]) -> float | None:
    """The chance of the colours and looks that are said; None where none is."""
    chances = [chance("colour", facts.colours, seen)] if facts.colours else []
    chances += [chance("look", frozenset({look}), seen) for look in sorted(facts.looks)]
    return min(chances) if chances else None


def _done(frames: np.ndarray, place: tuple[str, bool], script: Script, act: Act, facts: Facts) -> float | None:
    """By how much the motion that is said is likelier than any other, by likeness to drawings; None where it is not
    known, or too little of the character is seen free of others."""
    import numpy as np

    from dreamrunner.miniature.second.characters import KINDS
    from dreamrunner.miniature.second.judge import apart as standing_apart
    from dreamrunner.miniature.second.likeness import NAMES, forms_of, unlikeness

    wanted = motions_of(act.phrase)
    kinds = facts.kinds & set(KINDS)
    if not wanted or not kinds:
        return None
    during = frames_between(len(frames), script.duration, act.start, act.end)
    tracks = []
    for other in script.acts:
        track = np.full((len(frames), 4), np.nan)
        if other is act or other.subject != act.subject:
            for frame in frames_between(len(frames), script.duration, other.start, other.end):
                box = other.box_at((frame + 0.5) / len(frames) * script.duration)
                track[frame] = (box.x0, box.y0, box.x1, box.y1)
            tracks.append((other is act, track))
    (own,) = (track for is_own, track in tracks if is_own)
    others = [track for is_own, track in tracks if not is_own]
    shares = np.zeros(frames.shape[:3], np.uint8)
    shares[during.start : during.stop] = standing_apart(frames[during.start : during.stop], place)
    forms = forms_of(frames, shares, own, list(during), others)
    if not forms:
        return None
    look = min(facts.looks, default="")
    unlike = unlikeness((min(kinds), min(facts.colours, default=""), look, False), forms)
    best = min(unlike[NAMES.index(name)] for name in wanted)
    rest = min(value for name, value in zip(NAMES, unlike, strict=True) if name not in wanted)
    return float(rest / max(best + rest, 1e-9))


def facts_of(subject: Subject) -> Facts:
    """What the judge can recognize a subject by."""
    from dreamrunner.miniature.second.judge import COLOUR_NAMES, KIND_NAMES, LOOK_NAMES, NOTHING, OWN, PLAIN

    known = Facts(frozenset(KIND_NAMES) - {NOTHING}, frozenset(COLOUR_NAMES) - {OWN}, frozenset(LOOK_NAMES) - {PLAIN})
    return facts_among(known, subject, SECOND_WEIGHTS)


def motions_of(phrase: str) -> tuple[str, ...]:
    """The drawn motions that a phrase may mean."""
    from dreamrunner.miniature.second.likeness import NAMES

    words = understood(phrase, SECOND_WEIGHTS)
    return tuple(name for name in NAMES if name in words)


def _as_drawn(pixels: np.ndarray) -> np.ndarray:
    """Frames at the size that the judge knows, uint8 (frames, 128, 192, 3)."""
    import cv2
    import numpy as np

    from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH

    if pixels.shape[1:3] == (HEIGHT, WIDTH):
        return pixels
    return np.stack([cv2.resize(frame, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for frame in pixels])
