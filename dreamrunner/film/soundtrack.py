"""The speech of a film: narrations and lines fitted to their time, and all of them as one track.

When each is heard is told by :mod:`dreamrunner.film.utterances`. What a scene's words are longer than their room, they
are sped up, their pitch kept, by :data:`~dreamrunner.film.sound.FASTEST` at most; what then still does not fit is faded
out, so that every scene's words begin on time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from dreamrunner.files.text import shortened
from dreamrunner.film.rates import FILM_RATE, SAMPLE_RATE
from dreamrunner.film.sound import FRAME, lengths_of, read_samples, write_samples
from dreamrunner.film.timeline import film_frames, lay_out
from dreamrunner.film.turns import Lengths, ends
from dreamrunner.film.utterances import has_lines, places, rooms, said_in, utterances
from dreamrunner.planning.plan import Plan

_FADE = SAMPLE_RATE // 10
_LONGEST_TOLD = 40  # letters of a silent text


def write_soundtrack(plan: Plan, speech: Mapping[str, Path], out: Path) -> None:
    """Write the film's speech to ``out``: fitted speech by :attr:`~dreamrunner.film.utterances.Utterance.of`."""
    write_samples(speech_track(plan, speech), out)


def speech_track(plan: Plan, speech: Mapping[str, Path]) -> np.ndarray:
    """The film's speech as samples: int16 (samples,)."""
    track = np.zeros(film_frames(lay_out(plan)) * FRAME, np.int16)
    for of, place in places(plan, lengths_of(speech)).items():
        if of not in speech or not place.length:
            continue
        samples = read_samples(speech[of])
        most = place.length * FRAME
        if len(samples) > most:
            samples = samples[:most].copy()
            fade = min(_FADE, most)
            samples[-fade:] = samples[-fade:] * np.linspace(1, 0, fade)
        heard = track[place.first * FRAME :][: len(samples)]
        # Two who speak at once are added up.
        heard[:] = np.clip(heard.astype(np.int32) + samples[: len(heard)], -32768, 32767)
    return track


def overruns(plan: Plan, spoken: Lengths, fitted: Lengths) -> list[str]:
    """A line for each scene whose words are longer than the scene: by how much, and what is done about it.

    ``spoken`` and ``fitted`` give the film frames of each speech before and after they were fitted.
    """
    room, lines = rooms(plan), []
    shots = lay_out(plan)
    for scene, shot, after in zip(plan.scenes, shots, [*shots[1:], None], strict=False):
        said = said_in(scene)
        own = (after.first if after else film_frames(shots)) - shot.first
        if (over := ends(said, spoken)) <= own:
            continue
        done = "it runs on into the next scene, which is silent"
        before, now = (sum(lengths.get(each.of, 0) for each in said) for lengths in (spoken, fitted))
        if now < before:
            done = f"it is spoken {before / now:.2f} times faster"
        if (lost := ends(said, fitted) - room[scene.name]) > 0:
            done += f", and its last {lost / FILM_RATE:.1f} s are cut off"
        what = "what is said takes" if has_lines(scene) else "its narration takes"
        lines.append(
            f"scene {scene.name}: {what} {over / FILM_RATE:.1f} s to say, {(over - own) / FILM_RATE:.1f} s more than"
            f" there is; {done}"
        )
    return lines


def unheard(plan: Plan, silent: Collection[str]) -> list[str]:
    """A line for each narration or line with words whose speech is ``silent``, as where a voice has no sound for the
    letters of another language. Signs alone, such as "...", are silent as they should be."""
    return [
        f"scene {each.scene}: nothing is heard of {f'what {each.speaker} says' if each.speaker else 'its narration'},"
        f' and it is left out of the subtitles: the voice is silent at "{shortened(each.text, _LONGEST_TOLD)}";'
        " name one that speaks its language"
        for each in utterances(plan)
        if each.of in silent and any(map(str.isalnum, each.text))
    ]
