"""The film as an OpenTimelineIO timeline, which editing programs open beside the scenes' own files.

One track of scenes, each a clip of its file; where there is sound, one of narrations, one for each character who
speaks, and one of music. The scenes are cut with transitions as an editor has them: what a dissolve shows of the one
scene and of the other are the handles of their clips, and a fade is a dissolve into a gap, from which the next scene
comes. Every time is a whole number of film frames, so the timeline lasts exactly as long as the film.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from dreamrunner.film.rates import FILM_RATE
from dreamrunner.film.subtitles import cues
from dreamrunner.film.timeline import Shot, film_frames, lay_out
from dreamrunner.film.turns import Lengths
from dreamrunner.film.utterances import cue_text, places, utterances
from dreamrunner.planning.plan import Plan, PlannedScene

if TYPE_CHECKING:
    from opentimelineio.opentime import RationalTime, TimeRange
    from opentimelineio.schema import Clip, Gap, Marker, Timeline, Track, Transition

NAMESPACE = "dreamrunner"
"""Key of what only we know in the metadata of a timeline and its clips."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A speech: its file, how many film frames it lasts, and whether it is silent."""

    file: str
    length: int
    silent: bool = False

    @property
    def lasts(self) -> int:
        """For how many film frames there are words in it."""
        return 0 if self.silent else self.length


def otio(plan: Plan, files: Mapping[str, str], speech: Mapping[str, Sound] = {}, music: Sequence[Stretch] = ()) -> str:
    """Write the film of ``plan`` as OpenTimelineIO JSON.

    ``files`` gives the video of each scene, by its name, ``speech`` what is spoken, by
    :attr:`~dreamrunner.film.utterances.Utterance.of`, and ``music`` what is played. Paths are relative to where the
    timeline is written, with ``/`` in them.
    """
    # Not through its adapters, which would load whatever plug-ins there are.
    return make_timeline(plan, files, speech, music).to_json_string(indent=2) + "\n"


def make_timeline(
    plan: Plan, files: Mapping[str, str], speech: Mapping[str, Sound], music: Sequence[Stretch] = ()
) -> Timeline:
    """The timeline as a value; see :func:`otio`."""
    from opentimelineio.schema import Timeline

    timeline = Timeline(name=plan.title, global_start_time=_time(0))
    timeline.metadata[NAMESPACE] = {"style": plan.style}
    timeline.tracks.append(_scenes(plan, files))
    for track in (*_speech(plan, speech), *_music(plan, music)):
        timeline.tracks.append(track)
    lengths = {of: sound.lasts for of, sound in speech.items()}
    timeline.tracks.markers.extend(_markers(plan, lengths))
    return timeline


def _scenes(plan: Plan, files: Mapping[str, str]) -> Track:
    from opentimelineio.schema import Track

    track = Track(name="Scenes", kind="Video")
    shots = lay_out(plan)
    dark = faded = tail = 0
    for scene, shot, after in zip(plan.scenes, shots, [*shots[1:], None], strict=False):
        # The first frame of a fade in and the last of a fade out are black, and stand as a gap.
        first, last = int(shot.fade_in > 0), int(shot.fade_out > 0)
        # A scene and the next share the frames of a dissolve: the cut lies in their middle, or later where a scene of
        # two or three frames would lose its last one.
        head, own = shot.dissolve - tail, shot.length - first - last
        tail = min(after.dissolve - after.dissolve // 2, max(0, own - head - 1)) if after else 0
        length = own - head - tail
        dark += first
        if length > 0:
            if dark:
                track.append(_gap(faded, dark))
                dark = 0
            if shot.dissolve:
                track.append(_transition("Dissolve", head, shot.dissolve - head))
            elif shot.fade_in > 1:
                track.append(_transition("Fade in", 0, shot.fade_in - 1))
            track.append(_clip(scene, shot, files[scene.name], _range(head + first, length)))
            if shot.fade_out > 1:
                track.append(_transition("Fade out", shot.fade_out - 1, 0))
            faded = max(0, shot.fade_out - 1)
        dark += last
    if dark:
        track.append(_gap(faded, dark))
    return track


def _speech(plan: Plan, speech: Mapping[str, Sound]) -> Iterator[Track]:
    """A track of the narrations and one for each character who speaks, in the order of the film."""
    place = places(plan, {of: sound.lasts for of, sound in speech.items()})
    said = [each for each in utterances(plan) if each.of in speech and place[each.of].length]
    for speaker in sorted(dict.fromkeys(each.speaker for each in said), key=bool):
        own = sorted((each for each in said if each.speaker == speaker), key=lambda each: place[each.of].first)
        stretches = []
        for each, after in zip(own, [*own[1:], None], strict=True):
            first, length = place[each.of].first, place[each.of].length
            if after is not None:  # who is made to say two things at once says them one after the other here
                length = min(length, place[after.of].first - first)
            if length > 0:
                sound = speech[each.of]
                named = each.scene if not speaker else each.text
                stretches.append(Stretch(named, sound.file, sound.length, first, length))
        yield _sounds(plan, own[0].called or "Narration", stretches)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound of a film: what it is called, its file, how many film frames that lasts, from which frame of the film on
    and for how many it is heard, and at which frame of the file that begins."""

    name: str
    file: str
    available: int
    first: int
    length: int
    within: int = 0


def _sounds(plan: Plan, name: str, stretches: Sequence[Stretch]) -> Track:
    from opentimelineio.schema import Clip, ExternalReference, Track

    track, end, total = Track(name=name, kind="Audio"), 0, film_frames(lay_out(plan))
    for each in stretches:
        if each.first > end:
            track.append(_gap(0, each.first - end))
        media = ExternalReference(target_url=quote(each.file), available_range=_range(0, each.available))
        track.append(Clip(name=each.name, media_reference=media, source_range=_range(each.within, each.length)))
        end = each.first + each.length
    if total > end:
        track.append(_gap(0, total - end))
    return track


def _music(plan: Plan, music: Sequence[Stretch]) -> Iterator[Track]:
    """One track of music, or two where one fades into another."""
    even, odd = list(music), []
    if any(one.first + one.length > other.first for one, other in itertools.pairwise(music)):
        even, odd = list(music[::2]), list(music[1::2])
    for stretches in (even, odd):
        if stretches:
            yield _sounds(plan, "Music", stretches)


def _gap(faded: int, length: int) -> Gap:
    from opentimelineio.schema import Gap

    # Counted from where the fade into it begins, so that it has a handle for that as a clip would.
    return Gap(source_range=_range(faded, length))


def _clip(scene: PlannedScene, shot: Shot, file: str, used: TimeRange) -> Clip:
    from opentimelineio.schema import Clip, ExternalReference

    media = ExternalReference(target_url=quote(file), available_range=_range(0, shot.length))
    clip = Clip(name=scene.name, media_reference=media, source_range=used)
    clip.metadata[NAMESPACE] = {
        "background": scene.background,
        "narration": scene.narration,
        "camera": scene.camera or "",
        "transition": scene.transition.kind,
    }
    return clip


def _transition(name: str, before: int, after: int) -> Transition:
    from opentimelineio.schema import Transition

    return Transition(name=name, transition_type="SMPTE_Dissolve", in_offset=_time(before), out_offset=_time(after))


def _markers(plan: Plan, lengths: Lengths) -> list[Marker]:
    from opentimelineio.schema import Marker

    markers = []
    for cue in cues(plan, lengths):
        start, end = round(cue.start * FILM_RATE), round(cue.end * FILM_RATE)
        text = cue_text(cue.text)
        markers.append(Marker(name=text, marked_range=_range(start, end - start), color="GREEN", comment=text))
    return markers


def _range(start: int, length: int) -> TimeRange:
    from opentimelineio.opentime import TimeRange

    return TimeRange(_time(start), _time(length))


def _time(frames: int) -> RationalTime:
    from opentimelineio.opentime import RationalTime

    return RationalTime(frames, FILM_RATE)
