"""A film that is spoken: what is spoken anew after an edit, and what it is delivered as."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import av
import opentimelineio as oti
import pytest

from dreamrunner.engine import StepFailed, Store
from dreamrunner.pipeline import Manifest, Options, build
from tests.material import speech_server
from tests.material.speech_server import KEY, Server, says, status
from tests.material.two_scenes import STORY, Recorder

SPOKEN = ["speak garden", "speak kitchen", "fit garden"]
"""What speech takes: the server says the same of both scenes, so that what fits one is kept for the other."""


@pytest.fixture
def speaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with speech_server.serving() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.address)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield running


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """A store with the silent film's scenes in it."""
    root = tmp_path_factory.mktemp("kept")
    (root / "two.story").write_text(STORY)
    build(root / "two.story", out=root / "out", options=Options(model=str(model), steps=1), store=Store(root / "cache"))
    return root / "cache"


def test_each_scenes_speech_is_made_of_its_text_and_voice_alone(
    speaker: Server, kept: Path, model: Path, tmp_path: Path
) -> None:
    story, out, told = tmp_path / "two.story", tmp_path / "out", Recorder()
    story.write_text(STORY)

    def made(voice: str | None, **options: object) -> list[str]:
        chosen = Options(model=str(model), steps=1, voice=voice, **options)
        build(story, out=out, options=chosen, store=Store(kept), progress=told)
        return told.made()

    assert made("tts-1:alloy") == [*SPOKEN, "join"]
    assert [request["input"] for request in speaker.requests] == [
        "The witch walks, the cat sits.",
        "She stirs her soup.",
    ]
    assert made("tts-1:alloy") == []
    with av.open(out / "two.mp4") as container:
        types = [stream.type for stream in container.streams if stream.type != "data"]
        assert types == ["video", "audio", "subtitle"]
        assert container.streams.audio[0].codec_context.name == "aac"
    with wave.open(str(out / "scenes" / "garden.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (48_000, 24_000)
    timeline = oti.adapters.read_from_file(str(out / "two.otio"))
    assert [track.kind for track in timeline.tracks] == ["Video", "Audio"]
    for clip in timeline.find_clips():
        assert (out / clip.media_reference.target_url).is_file()
    manifest = (out / "manifest.json").read_text()
    assert Manifest.model_validate_json(manifest).voice == "tts-1:alloy"
    assert speaker.address not in manifest and KEY not in manifest and KEY not in "".join(told.lines)
    # The subtitles keep to the speech of half a second.
    assert "00:00:00,000 --> 00:00:00,500" in (out / "two.srt").read_text()

    story.write_text(STORY.replace("She stirs her soup.", "Soup!"))
    # The server's tone is the same for all, so what is made of equal speech is kept.
    assert made("tts-1:alloy") == ["speak kitchen", "storyboard", "join"]
    assert made("tts-1:nova") == ["speak garden", "speak kitchen"]
    story.write_text(STORY.replace("duration 2s\n  transition", "duration 3s\n  transition"))
    again = made("tts-1:alloy")
    assert [task for task in again if task.startswith(("speak", "fit"))] == ["fit garden"]
    # Without a voice the film is silent again, and no speech lies beside it.
    story.write_text(STORY)
    assert made(None) == []
    assert not list((out / "scenes").glob("*.wav"))


def test_speech_that_is_longer_than_its_scene_is_told(speaker: Server, kept: Path, model: Path, tmp_path: Path) -> None:
    story, told = tmp_path / "two.story", Recorder()
    story.write_text(STORY)
    speaker.script = [says(2.25), says(4.0)]
    options = Options(model=str(model), steps=1, voice="long:alloy")
    build(story, out=tmp_path / "out", options=options, store=Store(kept), progress=told)
    assert [line for line in told.lines if line.startswith("warning")] == [
        "warning: scene garden: its narration takes 2.2 s to say, 0.2 s more than there is; it is spoken 1.12 times"
        " faster",
        "warning: scene kitchen: its narration takes 4.0 s to say, 2.0 s more than there is; it is spoken 1.25 times"
        " faster, and its last 1.2 s are cut off",
    ]


def test_a_voice_that_fails_stops_the_first_scene(speaker: Server, model: Path, tmp_path: Path) -> None:
    story, told = tmp_path / "two.story", Recorder()
    story.write_text(STORY)
    speaker.usual = status(401)
    with pytest.raises(StepFailed, match="speaking garden failed: the speech server refuses the key") as raised:
        options = Options(model=str(model), steps=1, voice="alloy")
        build(story, out=tmp_path / "out", options=options, store=Store(tmp_path / "cache"), progress=told)
    assert KEY not in str(raised.value)
    # Speech is asked for while the first scene's model is loaded; how far filming comes meanwhile is the machine's
    # pace.
    made = told.made()
    assert "speak garden" in made and not {"speak kitchen", "join"} & set(made)


LINES = """\
story "Two Scenes"
  language 1
  seed 3

character witch "a girl witch"
  voice "alloy"
character cat "a small black cat"
  voice "echo"

scene garden
  background "a garden"
  narration ""
  duration 2s
  witch walking "A witch is walking"
    at 0s left
    says "Good night!" at 0.25s
  cat sitting "A cat is sitting"
    at 0s right
    says "Good night."

scene kitchen
  background "a kitchen"
  narration "She stirs her soup."
  duration 2s
  music "waltz.wav" 0.5
  witch stirring "A witch is stirring"
    at 0s left
"""


def test_what_is_made_again_of_lines_voices_and_music(speaker: Server, kept: Path, model: Path, tmp_path: Path) -> None:
    story, out, told = tmp_path / "two.story", tmp_path / "out", Recorder()
    (tmp_path / "waltz.wav").write_bytes(speech_server.spoken(1.0, 300))

    def made(text: str) -> list[str]:
        story.write_text(text)
        build(story, out=out, options=Options(model=str(model), steps=1), store=Store(kept), progress=told)
        return [task for task in told.made() if task.split()[0] in ("speak", "fit", "play", "join", "render")]

    first, second = "speak garden/1-witch", "speak garden/2-cat"
    found = made(LINES)
    assert [task for task in found if not task.startswith("render")] == [
        first, second, "fit garden/1-witch", "fit garden/2-cat", "play", "join",
    ]  # fmt: skip
    assert [(asked["voice"], asked["input"]) for asked in speaker.requests] == [
        ("alloy", "Good night!"),
        ("echo", "Good night."),
    ]
    assert "Cat: Good night." in (out / "two.srt").read_text()
    assert (out / "scenes" / "garden" / "2-cat.wav").is_file() and (out / "music.wav").is_file()
    timeline = oti.adapters.read_from_file(str(out / "two.otio"))
    assert [track.name for track in timeline.tracks] == ["Scenes", "Witch", "Cat", "Music"]
    assert all((out / clip.media_reference.target_url).is_file() for clip in timeline.find_clips())
    assert made(LINES) == []
    # The server's tone is the same for all: what is made of equal speech, and is where it was, is kept.
    assert made(LINES.replace('voice "echo"', 'voice "nova"')) == [second]
    assert made(LINES.replace("Good night.", "Night.")) == [second, "join"]
    assert made(LINES.replace("at 0.25s", "at 1s"))[0] == "fit garden/1-witch"
    assert made(LINES.replace('waltz.wav" 0.5', 'waltz.wav" 0.4')) == ["play", "join"]
    (tmp_path / "waltz.wav").write_bytes(speech_server.spoken(1.0, 200))
    assert made(LINES) == ["play", "join"]
    # Without music and lines nothing of them stays.
    assert made(STORY) == []
    assert not (out / "music.wav").exists() and not (out / "scenes" / "garden").exists()


def test_lines_that_were_spoken_before_a_voice_failed_are_kept(
    speaker: Server, kept: Path, model: Path, tmp_path: Path
) -> None:
    story, told = tmp_path / "two.story", Recorder()
    (tmp_path / "waltz.wav").write_bytes(speech_server.spoken(1.0, 300))
    story.write_text(LINES.replace("Good", "A good"))
    options = Options(model=str(model), steps=1)

    def run() -> None:
        build(story, out=tmp_path / "out", options=options, store=Store(kept), progress=told)

    speaker.script = [says(0.5), status(401)]
    with pytest.raises(StepFailed, match="speaking garden/2-cat failed: the speech server refuses the key"):
        run()
    run()
    assert [asked["input"] for asked in speaker.requests] == ["A good night!", "A good night.", "A good night."]


def test_lines_are_shown_where_no_voice_is_there(
    kept: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for module in ("language.sound.voices", "files.voice_files"):
        monkeypatch.setattr(f"dreamrunner.{module}.package_folder", lambda name: None)
    story, told = tmp_path / "two.story", Recorder()
    text = LINES.replace('  music "waltz.wav" 0.5\n', "").replace('  voice "alloy"\n', "")
    story.write_text(text)
    options = Options(model=str(model), steps=1)
    built = build(story, out=tmp_path / "out", options=options, store=Store(kept), progress=told)
    assert [item.code for item in built.diagnostics if item.code == "unknown-voice"] == ["unknown-voice"]
    assert [line for line in told.lines if "nobody is heard" in line] == [
        "warning: nobody is heard for witch, cat, whose lines are only shown: no voice is here;"
        " `pip install 'dreamrunner[voice]'` brings some"
    ]
    assert "Witch: Good night!" in (tmp_path / "out" / "two.srt").read_text()
    with av.open(tmp_path / "out" / "two.mp4") as container:
        assert not container.streams.audio


@pytest.mark.parametrize("content", [b"<html>", b""])
def test_music_that_is_none_is_told_before_anything_is_filmed(content: bytes, model: Path, tmp_path: Path) -> None:
    story, told = tmp_path / "two.story", Recorder()
    (tmp_path / "waltz.wav").write_bytes(content)
    story.write_text(LINES)
    with pytest.raises(StepFailed, match=r"^waltz\.wav cannot be read as a sound"):
        build(story, out=tmp_path / "out", options=Options(model=str(model)), store=Store(tmp_path), progress=told)
    assert told.made() == []
