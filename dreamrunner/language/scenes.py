"""Checking scenes: who acts, when, and where in the frame."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from functools import partial

from dreamrunner.files.spelling import Nearby, closest, did_you_mean, one_replaced
from dreamrunner.files.text import in_words
from dreamrunner.language.checking.key_frames import FrameChecker, outside_scene
from dreamrunner.language.checking.taken_words import meant_as_property
from dreamrunner.language.declarations import Cast, properties
from dreamrunner.language.diagnostics import Change, Diagnostic, diagnostic
from dreamrunner.language.durations import duration_of, takes_its_time, too_long_to_read
from dreamrunner.language.files import Folder
from dreamrunner.language.limits import Limits
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.mistakes.names import SPEAKING, UNDER
from dreamrunner.language.parsing.mistakes.strangers import MOST_RELATED, strangers
from dreamrunner.language.parts import TRANSITIONS, Transition
from dreamrunner.language.sound.lines import said_outside, sayings, too_long_to_say
from dreamrunner.language.sound.music import music_of
from dreamrunner.language.story import (
    DEFAULT_DURATION,
    MISSING,
    MOST_TAKES,
    Beat,
    Location,
    Missing,
    Prop,
    Quoted,
    Scene,
    Setting,
    Span,
)
from dreamrunner.language.syntax import (
    BeatLine,
    Block,
    Number,
    Property,
    Syntax,
    Text,
    Time,
    TimeSpan,
    Word,
)

DEFAULT_TRANSITION = 0.5
"""Seconds of a fade or dissolve that does not say how long it takes."""

_CLOSE = 1e-9  # times this near are the same


def number_of(value: Number) -> int | None:
    """A whole number of at most 18 digits, or None."""
    return int(value.raw) if value.raw.isdigit() and len(value.raw) <= 18 else None


class SceneChecker:
    """Checks the scenes of one file against its cast."""

    def __init__(
        self,
        cast: Cast,
        found: list[Diagnostic],
        limits: Limits | None,
        folder: Folder,
        narrator: str = "",
        takes: int = 1,
    ) -> None:
        self.limits = limits
        self.folder = folder
        self.narrator = narrator
        self.takes = takes
        self.cast = cast
        self.found = found
        self._frames = FrameChecker(found, limits)
        self.undeclared: dict[str, Word] = {}
        self._nowhere: dict[str, list[Word]] = {}
        self._places: dict[str, Location] = {}
        self._motion_words: list[Word] = []
        self._unknown: dict[str, list[BeatLine]] = {}

    def scenes(self, syntax: Syntax) -> tuple[Scene, ...]:
        """Every scene of the file; faults are reported, and what has one is left out."""
        scenes: dict[str, Scene] = {}
        places = self._places
        spelt: dict[str, str] = {}
        for block in syntax.blocks:
            if block.kind.text != "scene":
                continue
            scene = self._scene(block)
            place = block.name.location
            first = spelt.setdefault(scene.name.lower(), scene.name)
            if scene.name and first in scenes:
                help = None if first == scene.name else _CASE
                related = [("first declared here", places[first])]
                self.found.append(
                    diagnostic("declared-twice", place, kind="scene", name=scene.name, help=help, related=related)
                )
            else:
                scenes[scene.name] = scene
                places[scene.name] = place
        self.found += strangers(list(self._unknown.values()), self.cast.entities, self.cast.settings)
        self._no_locations()
        self._misspelt_motions()
        return tuple(scenes.values())

    @property
    def unseen(self) -> list[Diagnostic]:
        """Warnings of beats that nothing is filmed of, for a story without an error."""
        return self._frames.unseen

    def names(self) -> list[tuple[str, Location]]:
        """The names of the scenes and of the motions that nothing declares, each with its place."""
        return [*self._places.items(), *((name, word.location) for name, word in self.undeclared.items())]

    def _scene(self, block: Block) -> Scene:
        facts = properties(block, self.found)
        texts = {word: fact.text for word, fact in facts.items() if word in _TEXTS}
        lines = [line for line in block.body if isinstance(line, BeatLine)]
        duration = duration_of(facts, lines, self.limits, self.found, narrator=self.narrator)
        length = DEFAULT_DURATION if isinstance(duration, Missing) else duration
        seed: int | Missing = MISSING
        if "seed" in facts:
            seed = whole(facts["seed"].one(Number), "seed", self.found)
        beats = [(line, self._beat(line, length)) for line in lines]
        readable = [(line, beat) for line, beat in beats if beat is not None and not line.broken]
        self._twice_at_once(readable, block.name.text, length)
        setting = self._setting(facts.get("in"))
        filled_from, filled_by = _source(facts.get("from"))
        scene = Scene(
            name=block.name.text,
            background=_background(texts.get("background", MISSING), setting),
            # Where lines are said, nobody else has to tell what happens.
            narration=texts.get(
                "narration", "" if takes_its_time(facts) or any(line.says for line in lines) else MISSING
            ),
            duration=duration,
            transition=self._transition(facts.get("transition"), length),
            avoid=texts.get("avoid", ""),
            camera=texts.get("camera", ""),
            seed=seed,
            beats=tuple(beat for _, beat in beats if beat is not None),
            filled_from=filled_from,
            filled_by=filled_by,
            location=block.name.location,
            quoted=_quoted(facts.get("narration")),
            shown=_text_location(facts.get("background") or facts.get("in")),
            music=music_of(facts.get("music"), block.name.location.file, self.folder, self.found),
            setting=setting.name if setting is not None else "",
            takes=self._takes(facts.get("takes")),
        )
        self.found += too_long_to_read(facts, scene)
        speaking = [line for line in lines if not self._is_prop(line)]
        self.found += too_long_to_say(facts, speaking, scene.seconds, self.narrator)
        return scene

    def _setting(self, fact: Property | None) -> Setting | None:
        """The location that a scene is in."""
        if fact is None:
            return None
        word, known = fact.one(Word), self.cast.settings
        if word.text in known:
            return known[word.text].value
        whole = word.location.line == fact.word.location.line  # else the name is missing, and that is told
        if whole and not self.cast.lost_any and word.text not in self.cast.lost:
            self._nowhere.setdefault(word.text, []).append(word)
        return None

    def _no_locations(self) -> None:
        """Tell of locations that nothing declares, each once."""
        for name, words in self._nowhere.items():
            near = closest(name, self.cast.settings)
            other = self.cast.beside("location", name)
            what = f"it is a {other.kind}, and a scene is in a location" if other is not None else None
            self.found.append(
                diagnostic(
                    "unknown-location",
                    words[0].location,
                    name=shown(name),
                    help=did_you_mean(near, mark="`") or what,
                    related=[("and here", other.location) for other in words[1 : 1 + MOST_RELATED]],
                    fix=[Change(each.location, near) for each in words] if near is not None else (),
                )
            )

    def _takes(self, fact: Property | None) -> int:
        """How many films of a scene are to be made."""
        if fact is None:
            return self.takes
        value = fact.one(Number)
        number = number_of(value)
        if number is not None and 1 <= number <= MOST_TAKES:
            return number
        problem = f"a scene has 1 to {MOST_TAKES} takes, not {shown(value.raw)}"
        self.found.append(diagnostic("bad-value", value.location, problem=problem, help="say for example `takes 4`"))
        return 1

    def _transition(self, fact: Property | None, length: float) -> Transition:
        if fact is None:
            return Transition()
        word, time = fact.one(Word), fact.maybe(Time)
        kind = next((kind for kind in TRANSITIONS if kind == word.text), None)
        if kind is None:
            *others, last = (f"`{kind}`" for kind in TRANSITIONS)
            advice = did_you_mean(closest(word.text, TRANSITIONS), mark="`")
            advice = advice or f"a transition is {', '.join(others)} or {last}"
            problem = f"`{shown(word.text)}` is no transition"
            self.found.append(diagnostic("bad-value", word.location, problem=problem, help=advice))
            return Transition()
        default = 0.0 if kind == "cut" else DEFAULT_TRANSITION
        seconds = default if time is None else time.seconds
        if time is not None and kind == "cut" and seconds > 0:
            problem = "a cut takes no time"
            advice = f"write `transition cut`, or `transition fade {shown(time.raw)}`"
        elif seconds > length:
            problem = f"the transition takes {seconds:g}s, the scene only {length:g}s"
            advice = "make the transition shorter than its scene"
        else:
            return Transition(kind, seconds)
        self.found.append(diagnostic("bad-value", (time or word).location, problem=problem, help=advice))
        return Transition()

    # Beats

    def _beat(self, line: BeatLine, length: float) -> Beat | None:
        name = line.entity.text
        declared = self.cast.entities.get(name)
        keyframes = self._frames.read(line, length)
        span = self._span(line.span, length)
        # What a prop says is one mistake, whenever it is and however long it takes.
        says = sayings(line, length, self.found) if not self._is_prop(line) else ()
        if declared is None:
            if not line.broken and not self.cast.lost_any and name not in self.cast.lost:
                self._unknown.setdefault(name, []).append(line)
            return None
        motion: str | Missing | None = MISSING
        if (told := meant_as_property(line, declared.kind, self.cast.settings)) is not None:
            self.found.append(told)
        if isinstance(declared.value, Prop):
            motion = None
            if line.says:
                self.found.append(diagnostic("prop-speech", line.says[0].word.location, name=name))
            if line.motion is not None:
                place = line.motion.location
                self.found.append(diagnostic("prop-motion", place, name=name, motion=shown(line.motion.text)))
        elif line.motion is not None:
            self._speech(line)
            motion = line.motion.text
            self._motion_words.append(line.motion)
            if motion not in self.cast.motions:
                self.undeclared.setdefault(motion, line.motion)
        if isinstance(span, Span):
            self._frames.outside_span(line, span)
            self.found += said_outside(line, span, length)
        description = line.description.value if line.description is not None else MISSING
        enters, leaves = self._frames.sides(line, span, length)
        beat = Beat(name, motion, span, description, keyframes, line.entity.location, says, enters, leaves)
        self._frames.never_seen(line, beat)
        return beat

    def _is_prop(self, line: BeatLine) -> bool:
        declared = self.cast.entities.get(line.entity.text)
        return declared is not None and isinstance(declared.value, Prop)

    def _speech(self, line: BeatLine) -> None:
        """Warn of what is said where the language takes it for a motion and for what is seen."""
        motion, text = line.motion, line.description
        if motion is None or text is None or motion.text not in SPEAKING or motion.text in self.cast.motions:
            return
        head = line.entity.location
        margin = line.keyframes[0].location.column - 1 if line.keyframes else 2 * (head.column - 1)
        span = f" {line.span.raw}" if line.span is not None else ""
        words = f"{span}\n{' ' * margin}says {text.raw}"
        whole = replace(
            head, column=head.end_column, end_line=text.location.end_line, end_column=text.location.end_column
        )
        help = f"{UNDER}: `says {shown(text.raw)}`"
        fix = [Change(whole, words)]
        self.found.append(diagnostic("speech", motion.location, name=motion.text, help=help, fix=fix))

    def _span(self, span: TimeSpan | None, length: float) -> Span | Missing:
        if span is None:
            return MISSING
        start, end = span.start.seconds, span.end.seconds
        if not start < end:
            self.found.append(diagnostic("empty-span", span.location, span=shown(span.raw)))
            return MISSING
        if end > length + _CLOSE:
            late = span.start if start > length else span.end
            self.found.append(outside_scene(late.location, late.raw, length))
            return MISSING
        return Span(start, end)

    def _twice_at_once(self, beats: list[tuple[BeatLine, Beat]], scene: str, length: float) -> None:
        """One entity can't be in two places: its spans may not overlap, and a beat without one needs time."""
        groups: dict[str, list[tuple[BeatLine, Beat]]] = {}
        for line, beat in beats:
            groups.setdefault(beat.entity, []).append((line, beat))
        for name, group in groups.items():
            timed = [
                (beat.span, line.span.location, line.entity)
                for line, beat in group
                if isinstance(beat.span, Span) and line.span is not None
            ]
            timed.sort(key=lambda each: each[0].start)
            self._overlaps(name, [(span, place) for span, place, _ in timed])
            untimed = [line.entity for line, _ in group if line.span is None]
            taken = sum(span.end - span.start for span, _, _ in timed)
            # Beats of a character share what time is left. A prop only is there, so it can be there only once.
            once = group[0][1].motion is None
            full = taken >= length - _CLOSE or (once and len(group) > 1)
            if untimed and full:
                first, late = (timed[0][2], untimed[0]) if timed else untimed[:2]
                related = [("it is already here", first.location)]
                self.found.append(diagnostic("no-time-left", late.location, entity=name, scene=scene, related=related))

    def _overlaps(self, name: str, timed: list[tuple[Span, Location]]) -> None:
        for (one, first), (other, second) in itertools.pairwise(timed):
            start, end = other.start, min(one.end, other.end)
            if start < end - _CLOSE:
                related = [("the other span", first)]
                low, high = f"{start:g}s", f"{end:g}s"
                self.found.append(
                    diagnostic("overlapping-spans", second, related=related, name=name, start=low, end=high)
                )

    def _misspelt_motions(self) -> None:
        """Warn of a motion that is not declared and used once, when a better known one is spelt nearly so."""
        uses = Counter(word.text for word in self._motion_words)
        known = [*self.cast.motions, *(name for name in uses if uses[name] > 1 and name not in self.cast.motions)]
        once = {name: word for name, word in self.undeclared.items() if uses[name] == 1}
        well_known, others = Nearby(known), Nearby(once)
        for name, word in once.items():
            if name in self.cast.lost:
                continue
            near = well_known.closest(name) or others.closest(name, partial(_likelier, once, name))
            if near is not None:
                self.found.append(diagnostic("unknown-motion", word.location, name=shown(name), near=near))


def _likelier(words: dict[str, Word], name: str, other: str) -> bool:
    """Whether, of two motions that are each used once, ``other`` is the one that was meant.

    Motions mostly hold a word in -ing. Where that does not decide, the first is taken to be right, unless a letter is
    replaced: those may well be two words.
    """
    forms = [any(part.endswith("ing") for part in in_words(motion).split()) for motion in (other, name)]
    if forms[0] != forms[1]:
        return forms[0]
    return not one_replaced(other, name) and words[other].location < words[name].location


def _background(written: str | Missing, setting: Setting | None) -> str | Missing:
    """What the picture shows where nobody is: the looks of the location, and what the scene adds to them."""
    if setting is None:
        return written
    added = (written or "").strip()
    return f"{setting.shows}, {added}" if added else setting.shows


def _quoted(fact: Property | None) -> Quoted | None:
    told = fact.maybe(Text) if fact is not None else None
    return Quoted(told.raw, told.location) if told is not None and told.raw else None


def _text_location(fact: Property | None) -> Location | None:
    told = (fact.maybe(Text) or fact.maybe(Word)) if fact is not None else None
    return told.location if told is not None else None


def _source(fact: Property | None) -> tuple[str, str]:
    """The hash and the planner of a filled scene, each empty when not said."""
    if fact is None:
        return "", ""
    written, *planner = [value for value in fact.values if isinstance(value, (Text, Word))]
    return written.text, planner[0].text if planner else ""


_TEXTS = ("background", "narration", "avoid", "camera")

_CASE = "its film is a file of that name, and many disks take capitals and small letters for the same: rename one"


def whole(value: Number, what: str, found: list[Diagnostic]) -> int | Missing:
    """A whole number from 0 up; anything else is reported."""
    number = number_of(value)
    if number is None:
        problem = f"a {what} is a whole number from 0 up, not {shown(value.raw)}"
        found.append(diagnostic("bad-value", value.location, problem=problem, help=f"say for example `{what} 7`"))
        return MISSING
    return number
