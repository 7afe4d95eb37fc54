"""The spoken narration: fitted to its time, and heard where it should be when the film is decoded (PyAV)."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import opentimelineio as oti
import pytest

from dreamrunner.film import FilmError
from dreamrunner.film.opentimeline import Sound, otio
from dreamrunner.film.rates import SAMPLE_RATE
from dreamrunner.film.sound import convert, fit, frames_long, is_silent, lengths_of, read_samples, write_samples
from dreamrunner.film.soundtrack import overruns, write_soundtrack
from dreamrunner.film.subtitles import cues
from dreamrunner.film.utterances import rooms
from dreamrunner.language.parts import Transition
from tests.material.films import join_scenes, plan, scene, watch
from tests.material.speech_server import spoken

DISSOLVE = Transition("dissolve", 0.5)
STORY = plan(
    scene("red", 1.0, DISSOLVE),
    scene("green", 1.0, narration=""),
    scene("blue", 1.0),
)


def speech(folder: Path, seconds: float, pitch: float = 440.0) -> Path:
    (folder / "sent").write_bytes(spoken(seconds, pitch))
    file = folder / f"{seconds}-{pitch}.wav"
    convert(folder / "sent", file)
    return file


def listen(file: Path) -> np.ndarray:
    """The sound of a film, from -1 to 1."""
    with av.open(str(file)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("aac", SAMPLE_RATE, 1)
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(stream)])


def loud(sound: np.ndarray, start: float, end: float) -> float:
    part = sound[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    return float(np.sqrt((part.astype(float) ** 2).mean()))


def pitch(sound: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(sound)).argmax() * SAMPLE_RATE / len(sound))


def test_a_speech_has_the_time_until_the_next_one() -> None:
    assert rooms(STORY) == {"red": 36, "blue": 24}


def test_speech_that_is_too_long_is_sped_up_and_keeps_its_pitch(tmp_path: Path) -> None:
    for seconds, room, frames in ((0.51, 24, 13), (1.2, 24, 24), (3.0, 24, 58)):
        fit(speech(tmp_path, seconds), room, tmp_path / "fitted.wav")
        assert frames_long(tmp_path / "fitted.wav") == pytest.approx(frames, abs=1 if seconds == 3.0 else 0)
        with av.open(str(tmp_path / "fitted.wav")) as container:
            samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]).astype(float)
        assert len(samples) % 2000 == 0 and pitch(samples) == pytest.approx(440, abs=6)


def test_speech_is_heard_with_its_scene_and_nowhere_else(filmed: dict[str, Path], tmp_path: Path) -> None:
    # The scenes begin at 0, 0.5 and 1.5 seconds; the first speech runs on into the second scene, which has none.
    voices = {"red": tmp_path / "red.wav", "blue": tmp_path / "blue.wav"}
    fit(speech(tmp_path, 0.9, 300), 36, voices["red"])
    fit(speech(tmp_path, 0.4, 700), 24, voices["blue"])
    film = join_scenes(STORY, filmed, tmp_path / "film.mp4", speech=voices)
    assert watch(film).codecs == ["h264", "aac", "mov_text"] and watch(film).duration == 2.5
    sound = listen(film)
    assert len(sound) / SAMPLE_RATE == pytest.approx(2.5, abs=0.03)
    assert loud(sound, 0.0, 0.85) > 0.2 and loud(sound, 1.0, 1.45) < 0.001
    assert loud(sound, 1.52, 1.85) > 0.2 and loud(sound, 2.0, 2.5) < 0.001
    assert pitch(sound[:40_000]) == pytest.approx(300, abs=6)
    assert pitch(sound[73_000:88_000]) == pytest.approx(700, abs=6)
    again = join_scenes(STORY, filmed, tmp_path / "again.mp4", speech=voices)
    assert again.read_bytes() == film.read_bytes()
    burnt = join_scenes(STORY, filmed, tmp_path / "burnt.mp4", speech=voices, burn_subtitles=True)
    assert watch(burnt).codecs == ["h264", "aac"]


def test_what_does_not_fit_fades_out_before_the_next_voice(tmp_path: Path) -> None:
    fit(speech(tmp_path, 3.0, 300), 36, tmp_path / "red.wav")
    fit(speech(tmp_path, 0.4, 700), 24, tmp_path / "blue.wav")
    write_soundtrack(STORY, {"red": tmp_path / "red.wav", "blue": tmp_path / "blue.wav"}, tmp_path / "all.wav")
    with av.open(str(tmp_path / "all.wav")) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]) / 32768
    assert len(sound) == 2.5 * SAMPLE_RATE
    assert loud(sound, 1.3, 1.39) > 0.2 and loud(sound, 1.49, 1.5) < 0.05
    assert pitch(sound[72_000:90_000]) == pytest.approx(700, abs=6)


def test_what_is_longer_than_its_scene_is_told() -> None:
    assert overruns(STORY, {"red": 12, "blue": 24}, {"red": 12, "blue": 24}) == []
    lines = overruns(STORY, {"red": 24, "blue": 60}, {"red": 24, "blue": 48})
    assert lines == [
        "scene red: its narration takes 1.0 s to say, 0.5 s more than there is; it runs on into the next scene, which"
        " is silent",
        "scene blue: its narration takes 2.5 s to say, 1.5 s more than there is; it is spoken 1.25 times faster, and"
        " its last 1.0 s are cut off",
    ]


def test_cues_keep_to_the_speech() -> None:
    (red, blue) = cues(STORY, {"red": 21, "blue": 12})
    assert (red.start, red.end, blue.start, blue.end) == (0.0, 0.875, 1.5, 2.0)


def test_the_timeline_has_a_track_of_speech() -> None:
    files = {name: f"scenes/{name}.mp4" for name in ("red", "green", "blue")}
    sounds = {"red": Sound("scenes/red.wav", 22), "blue": Sound("scenes/blue.wav", 30)}
    text = otio(STORY, files, sounds)
    timeline = oti.adapters.read_from_string(text, "otio_json")
    _, track = timeline.tracks
    assert track.kind == "Audio" and track.duration() == timeline.duration() == oti.opentime.RationalTime(60, 24)
    shown = [(each.name, each.range_in_parent().start_time.value, each.duration().value) for each in track]
    assert shown == [("red", 0, 22), ("", 22, 14), ("blue", 36, 24)]
    assert track[2].media_reference.target_url == "scenes/blue.wav"
    assert track[2].media_reference.available_range.duration.value == 30


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"<html>it works</html>")
    with pytest.raises(FilmError, match="page cannot be read as a sound"):
        convert(tmp_path / "page", tmp_path / "a.wav")
    assert not (tmp_path / "a.wav").exists()


def test_a_silent_speech_has_no_words_to_read(tmp_path: Path) -> None:
    quiet, loud = tmp_path / "quiet.wav", speech(tmp_path, 0.5)
    write_samples((read_samples(loud) // 2000).astype(np.int16), quiet)
    assert is_silent(quiet) and not is_silent(loud)
    assert lengths_of({"red": quiet, "blue": loud}) == {"red": 0, "blue": 12}
    sounds = {"red": Sound("q.wav", 12, silent=True), "blue": Sound("l.wav", 12)}
    timeline = oti.adapters.read_from_string(otio(STORY, {name: name for name in ("red", "green", "blue")}, sounds))
    assert [marker.name for marker in timeline.tracks.markers] == ["In blue."]
