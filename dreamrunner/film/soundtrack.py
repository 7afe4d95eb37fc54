"""The spoken narration of a film: each scene's speech fitted to its time, and all of them as one track.

A scene's speech starts with the scene, and may run on into scenes after it that have none: its *room* lasts until the
next one that is spoken, or the film's end. Speech that is longer is sped up, its pitch kept, by
:data:`~dreamrunner.film.sound.FASTEST` at most; what then still does not fit is faded out, so that no two voices ever
speak at once and every one starts on time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dreamrunner.film.rates import FILM_RATE, SAMPLE_RATE
from dreamrunner.film.sound import FRAME, frames_long, is_silent, read_samples, write_samples
from dreamrunner.film.subtitles import rooms
from dreamrunner.film.timeline import film_frames, lay_out
from dreamrunner.planning.plan import Plan

_FADE = SAMPLE_RATE // 10


def seconds_heard(plan: Plan, speech: Mapping[str, Path]) -> dict[str, float]:
    """How many seconds of each scene's fitted speech are heard in the film, by scene name; 0 of a silent one."""
    room = rooms(plan)
    return {
        name: 0.0 if is_silent(file) else min(frames_long(file), room[name]) / FILM_RATE
        for name, file in speech.items()
    }


def write_soundtrack(plan: Plan, speech: Mapping[str, Path], out: Path) -> None:
    """Write the film's whole track to ``out``: fitted speech by scene name, each from its scene's first frame on."""
    shots, room = lay_out(plan), rooms(plan)
    track = np.zeros(film_frames(shots) * FRAME, np.int16)
    for shot in shots:
        if shot.scene in speech:
            samples = read_samples(speech[shot.scene])
            most = room[shot.scene] * FRAME
            if len(samples) > most:
                samples = samples[:most].copy()
                fade = min(_FADE, most)
                samples[-fade:] = samples[-fade:] * np.linspace(1, 0, fade)
            start = shot.first * FRAME
            track[start : start + len(samples)] = samples
    write_samples(track, out)


def overruns(plan: Plan, spoken: Mapping[str, int], fitted: Mapping[str, int]) -> list[str]:
    """A line for each scene whose speech is longer than the scene: by how much, and what is done about it.

    ``spoken`` and ``fitted`` give the film frames of each scene's speech before and after they were fitted.
    """
    room, lines = rooms(plan), []
    shots = lay_out(plan)
    for shot, after in zip(shots, [*shots[1:], None], strict=False):
        own = (after.first if after else film_frames(shots)) - shot.first
        if spoken.get(shot.scene, 0) <= own:
            continue
        said, more = spoken[shot.scene] / FILM_RATE, (spoken[shot.scene] - own) / FILM_RATE
        done = "it runs on into the next scene, which is silent"
        if fitted[shot.scene] < spoken[shot.scene]:
            done = f"it is spoken {spoken[shot.scene] / fitted[shot.scene]:.2f} times faster"
        if (lost := fitted[shot.scene] - room[shot.scene]) > 0:
            done += f", and its last {lost / FILM_RATE:.1f} s are cut off"
        lines.append(
            f"scene {shot.scene}: its narration takes {said:.1f} s to say, {more:.1f} s more than there is; {done}"
        )
    return lines
