"""The film as an OpenTimelineIO timeline, which editing programs open beside the scenes' own files.

One track of scenes, each a clip of its file, and one of their speech where there is any; the scenes are cut with
transitions as an editor has them: what a dissolve shows of the one scene and of the other are the handles of their
clips, and a fade is a dissolve into a gap, from which the next scene comes. Every time is a whole number of film
frames, so the timeline lasts exactly as long as the film.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from dreamrunner.film.rates import FILM_RATE
from dreamrunner.film.subtitles import Heard, cue_text, cues
from dreamrunner.film.timeline import Shot, film_frames, lay_out
from dreamrunner.planning.plan import Plan, PlannedScene

if TYPE_CHECKING:
    from opentimelineio.opentime import RationalTime, TimeRange
    from opentimelineio.schema import Clip, Gap, Marker, Timeline, Track, Transition

NAMESPACE = "dreamrunner"
"""Key of what only we know in the metadata of a timeline and its clips."""


@dataclass(frozen=True, slots=True)
class Sound:
    """The speech of a scene: its file, how many film frames it lasts and has in the film, and whether it is silent."""

    file: str
    length: int
    heard: int
    silent: bool = False

    @property
    def seconds(self) -> float:
        """How long its words are heard."""
        return 0.0 if self.silent else self.heard / FILM_RATE


def otio(plan: Plan, files: Mapping[str, str], speech: Mapping[str, Sound] = {}) -> str:
    """Write the film of ``plan`` as OpenTimelineIO JSON.

    ``files`` gives the video of each scene and ``speech`` what is spoken, by scene name. Paths are relative to where
    the timeline is written, with ``/`` in them.
    """
    # Not through its adapters, which would load whatever plug-ins there are.
    return make_timeline(plan, files, speech).to_json_string(indent=2) + "\n"


def make_timeline(plan: Plan, files: Mapping[str, str], speech: Mapping[str, Sound]) -> Timeline:
    """The timeline as a value; see :func:`otio`."""
    from opentimelineio.schema import Timeline

    timeline = Timeline(name=plan.title, global_start_time=_time(0))
    timeline.metadata[NAMESPACE] = {"style": plan.style}
    timeline.tracks.append(_scenes(plan, files))
    if speech:
        timeline.tracks.append(_narration(plan, speech))
    heard = {name: sound.seconds for name, sound in speech.items()}
    timeline.tracks.markers.extend(_markers(plan, heard))
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


def _narration(plan: Plan, speech: Mapping[str, Sound]) -> Track:
    from opentimelineio.schema import Clip, ExternalReference, Track

    track, end = Track(name="Narration", kind="Audio"), 0
    shots = lay_out(plan)
    for shot in shots:
        if (sound := speech.get(shot.scene)) is None:
            continue
        if shot.first > end:
            track.append(_gap(0, shot.first - end))
        media = ExternalReference(target_url=quote(sound.file), available_range=_range(0, sound.length))
        track.append(Clip(name=shot.scene, media_reference=media, source_range=_range(0, sound.heard)))
        end = shot.first + sound.heard
    if film_frames(shots) > end:
        track.append(_gap(0, film_frames(shots) - end))
    return track


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


def _markers(plan: Plan, heard: Heard) -> list[Marker]:
    from opentimelineio.schema import Marker

    markers = []
    for cue in cues(plan, heard):
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
