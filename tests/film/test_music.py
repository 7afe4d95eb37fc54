"""Lines and music as they are heard: levels and times of the mixed sound, with real speech."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from dreamrunner.film import FilmError
from dreamrunner.film.music import BELOW, DUCKED, Played, heard_in, runs, write_music
from dreamrunner.film.rates import FILM_RATE, SAMPLE_RATE
from dreamrunner.film.sound import FRAME, convert, fit, frames_long, lengths_of, read_samples, write_samples
from dreamrunner.film.soundtrack import speech_track
from dreamrunner.film.turns import Lengths, begins, tempo_of
from dreamrunner.film.utterances import places, said_in
from dreamrunner.language.parts import Box, KeyFrame, Saying, Transition
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene
from tests.material.films import join_scenes, plan, scene, watch

SOUP = Path(__file__).parents[1] / "material" / "soup.ogg"
DISSOLVE = Transition("dissolve", 1.0)


def speaking(name: str, duration: float, *lines: tuple[str, str, float | None], **more: object) -> PlannedScene:
    """A scene in which characters say something: who, what and when."""
    box = (KeyFrame(0.0, Box(0, 0, 1, 1)),)
    beats = tuple(
        PlannedBeat(entity=who, motion="talking", start=0, end=duration, description="", keyframes=box, says=(said,))
        for who, said in ((who, Saying(text, at)) for who, text, at in lines)
    )
    return scene(name, duration, beats=beats, narration="", **more)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody says something for 3.7 seconds."""
    file = tmp_path_factory.mktemp("speech") / "soup.wav"
    convert(SOUP, file)
    return file


def tone(file: Path, seconds: float, *, level: float = 0.5, silence: float = 0.0, hertz: float = 200.0) -> Path:
    """Music of one loudness, with silence at its ends."""
    at = np.arange(round(seconds * SAMPLE_RATE))
    sound = np.sin(2 * np.pi * hertz * at / SAMPLE_RATE) * level * np.sqrt(2) * 32767
    still = np.zeros(round(silence * SAMPLE_RATE))
    write_samples(np.concatenate([still, sound, still]).astype(np.int16), file)
    return file


def music_of(
    story: Plan, played: dict[str, Played], files: dict[str, Path], speech: np.ndarray, folder: Path
) -> np.ndarray:
    """The film's music, from -1 to 1: (samples, 2)."""
    write_music(story, played, files, speech, folder / "music.wav")
    with wave.open(str(folder / "music.wav")) as file:
        assert (file.getframerate(), file.getnchannels()) == (SAMPLE_RATE, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) / 32768


def levels(sound: np.ndarray, window: float = 0.05) -> np.ndarray:
    """How loud a sound is in each of its windows."""
    size = round(window * SAMPLE_RATE)
    whole = sound[: len(sound) // size * size].astype(float)
    return np.sqrt((whole.reshape(len(whole) // size, -1) ** 2).mean(axis=1))


def onset(sound: np.ndarray, start: float) -> float:
    """When something begins to be heard, from a time on."""
    first = round(start * SAMPLE_RATE)
    return start + float(np.argmax(np.abs(sound[first:].astype(int)) > 300)) / SAMPLE_RATE


def silence() -> np.ndarray:
    return np.zeros(0, np.int16)


def test_each_line_is_heard_at_its_time(spoken: Path) -> None:
    lines = (("witch", "Soup is ready.", 1.0), ("cat", "At last.", None), ("witch", "Eat.", 10.0))
    story = plan(speaking("a", 14.0, *lines), speaking("b", 6.0, ("cat", "More?", None)))
    speech = {each.of: spoken for each in (*said_in(story.scenes[0]), *said_in(story.scenes[1]))}
    assert list(speech) == ["a/1-witch", "a/2-cat", "a/3-witch", "b/1-cat"]
    track = speech_track(story, speech)
    assert len(track) == 20 * SAMPLE_RATE
    own, long = onset(read_samples(spoken), 0), frames_long(spoken) / FILM_RATE
    found = {of: place.start for of, place in places(story, lengths_of(speech)).items()}
    expected = {"a/1-witch": 1.0, "a/2-cat": 1.0 + long + 0.25, "a/3-witch": 10.0, "b/1-cat": 14.0}
    assert found == {of: pytest.approx(start, abs=1 / FILM_RATE) for of, start in expected.items()}
    for start in expected.values():
        assert onset(track, start - 0.1) == pytest.approx(start + own, abs=1 / FILM_RATE)


def test_what_is_said_too_long_is_said_faster_and_then_cut(spoken: Path, tmp_path: Path) -> None:
    long = frames_long(spoken)
    lines = [("witch", "Soup is ready.", None), ("cat", "At last.", None)]
    (first, second) = said_in(speaking("a", 6.0, *lines))
    lengths: Lengths = {first.of: long, second.of: long}
    assert tempo_of((first, second), lengths, 2 * long + 12) == 1.0
    tempo = tempo_of((first, second), lengths, round(1.9 * long))
    assert 1.05 < tempo < 1.15 and begins((first, second), lengths, tempo)[1] == round(long / tempo + 6)
    assert tempo_of((first, second), lengths, long) == 1.25
    fit(spoken, round(long / 1.25), tmp_path / "fitted.wav")
    story = plan(speaking("a", 4.0, *lines), speaking("b", 4.0, ("cat", "More?", None)))
    speech = dict.fromkeys(lengths, tmp_path / "fitted.wav")
    track = speech_track(story, speech)
    assert np.abs(track[4 * SAMPLE_RATE :]).max() == 0  # the second scene has its own words


def test_two_who_speak_at_once_are_heard_together(spoken: Path) -> None:
    story = plan(speaking("a", 6.0, ("witch", "Soup!", 1.0), ("cat", "Soup!", 1.0)))
    speech = {each.of: spoken for each in said_in(story.scenes[0])}
    alone = read_samples(spoken).astype(int)
    both = speech_track(story, speech)[SAMPLE_RATE:][: len(alone)]
    assert np.array_equal(both, np.clip(2 * alone, -32768, 32767))


def test_music_goes_on_without_a_gap(tmp_path: Path) -> None:
    story, played = plan(scene("a", 6.0, narration="")), {"a": Played("waltz", 1.0)}
    # Where its end meets its beginning in another phase, a pure tone is less loud for ten milliseconds.
    for seconds, quiet in ((0.7, 0.0), (0.7, 0.2), (2.503, 0.05)):
        file = tone(tmp_path / "waltz.wav", seconds, silence=quiet)
        heard = levels(music_of(story, played, {"waltz": file}, silence(), tmp_path)[:, 0], 0.01)
        inside = heard[60:-60]  # between the fades
        assert np.median(inside) == pytest.approx(0.5, rel=0.02)
        assert inside.min() > 0.6 * np.median(inside), (seconds, quiet)


def test_music_begins_and_ends_softly_and_goes_on_over_cuts(tmp_path: Path) -> None:
    story = plan(*(scene(name, 3.0, narration="") for name in "abcd"))
    waltz, rain = tone(tmp_path / "waltz.wav", 5.0), tone(tmp_path / "rain.wav", 5.0, level=0.3, hertz=900)
    played = {"a": Played("waltz", 1.0), "b": Played("waltz", 0.5), "d": Played("rain", 1.0)}
    assert [(run.start, run.end) for run in runs(story, played)] == [
        (0, 6 * SAMPLE_RATE),
        (9 * SAMPLE_RATE, 12 * SAMPLE_RATE),
    ]
    sound = music_of(story, played, {"waltz": waltz, "rain": rain}, silence(), tmp_path)[:, 0]
    heard = levels(sound)
    at = {
        second: float(heard[round(second / 0.05)]) for second in (0.0, 1.0, 2.5, 3.0, 3.5, 5.95, 7.5, 9.0, 10.5, 11.95)
    }
    assert at[0.0] < 0.1 and at[5.95] < 0.1 and at[9.0] < 0.06 and at[11.95] < 0.06
    assert at[1.0] == at[2.5] == pytest.approx(0.5, rel=0.02)
    assert at[3.0] == pytest.approx(0.36, abs=0.05)  # on its way from 0.5 to 0.25
    assert at[3.5] == pytest.approx(0.25, rel=0.02) and at[10.5] == pytest.approx(0.3, rel=0.02)
    assert at[7.5] == 0.0


def test_music_of_two_scenes_fades_over_their_dissolve(tmp_path: Path) -> None:
    story = plan(scene("a", 4.0, DISSOLVE, narration=""), scene("b", 4.0, narration=""))
    files = {"one": tone(tmp_path / "1.wav", 4.0), "two": tone(tmp_path / "2.wav", 4.0, hertz=1234.5)}
    played = {"a": Played("one", 1.0), "b": Played("two", 1.0)}
    heard = levels(music_of(story, played, files, silence(), tmp_path)[:, 0])
    assert heard[round(2.9 / 0.05) : round(4.1 / 0.05)] == pytest.approx(0.5, rel=0.12)


@pytest.mark.parametrize("volume", [0.4, 2.0])
def test_speech_is_louder_than_the_music_under_it(volume: float, spoken: Path, tmp_path: Path) -> None:
    story = plan(speaking("a", 8.0, ("witch", "Soup is ready.", 2.0)))
    speech = speech_track(story, {"a/1-witch": spoken})
    file = tone(tmp_path / "waltz.wav", 3.0, level=0.3)
    sound = music_of(story, {"a": Played("waltz", volume)}, {"waltz": file}, speech, tmp_path)[:, 0]
    (start, end) = heard_in(speech)[0]
    voice = levels(speech[start:end] / 32768, (end - start) / SAMPLE_RATE)[0]
    under = levels(sound[start:end])
    assert under.max() <= max(voice * BELOW, 0) * 1.02 and under.max() <= volume * 0.3 * DUCKED * 1.02
    before, after = levels(sound[: 2 * SAMPLE_RATE]), levels(sound[-2 * SAMPLE_RATE : -SAMPLE_RATE])
    assert before[20] == pytest.approx(volume * 0.3, rel=0.02)  # a second before
    assert after[-1] == pytest.approx(volume * 0.3, rel=0.02)


def test_what_is_played_is_heard_in_the_film(filmed: dict[str, Path], spoken: Path, tmp_path: Path) -> None:
    story = plan(speaking("red", 3.0, ("witch", "Soup is ready.", 0.5)), scene("green", 3.0, narration=""))
    short = tmp_path / "short.wav"
    write_samples(read_samples(spoken)[: 2 * SAMPLE_RATE], short)
    file = tone(tmp_path / "waltz.wav", 2.0, level=0.4)
    speech = {"red/1-witch": short}
    music = music_of(story, {"green": Played("w", 0.5)}, {"w": file}, speech_track(story, speech), tmp_path)
    film = join_scenes(story, filmed, tmp_path / "f.mp4", speech=speech, music=tmp_path / "music.wav")
    assert watch(film).codecs == ["h264", "aac", "mov_text"]
    with av.open(str(film)) as container:
        assert container.streams.audio[0].channels == 2
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    whole = speech_track(story, speech)
    expected = np.pad(whole / 32768, (0, max(0, len(music) - len(whole))))[:, None] + music
    for left, right in zip(levels(sound.T[: len(expected)], 0.25), levels(expected, 0.25), strict=False):
        assert left == pytest.approx(right, abs=0.02)


def test_music_that_is_none_is_refused(tmp_path: Path) -> None:
    story, played = plan(scene("a", 1.0, narration="")), {"a": Played("x", 1.0)}
    (tmp_path / "x.ogg").write_bytes(b"<html>")
    with pytest.raises(FilmError, match=r"^x\.ogg cannot be read as a sound"):
        music_of(story, played, {"x": tmp_path / "x.ogg"}, silence(), tmp_path)
    write_samples(np.zeros(FRAME, np.int16), tmp_path / "x.ogg")
    with pytest.raises(FilmError, match=r"nothing is to be heard in x\.ogg"):
        music_of(story, played, {"x": tmp_path / "x.ogg"}, silence(), tmp_path)
