"""Who speaks with which voice: everybody with another one than those beside, as long as there are some."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import read_story
from dreamrunner.language.sound import voices
from dreamrunner.pipeline.voices import Voices, voices_of
from dreamrunner.planning import plan_story


@pytest.fixture
def espeak(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with an English voice of espeak-ng, three variants of it, and nothing else."""
    data = tmp_path / "espeak-ng-data"
    for name, text in {
        "lang/en-US": "language en-us\n",
        **{f"voices/!v/{each}": "" for each in ("f2", "m3", "f4")},
    }.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(voices, "find_spec", lambda name: None)
    monkeypatch.setattr(voices, "espeak_data", lambda: data)


def speaking(folder: Path, **named: str) -> Voices:
    """Who speaks in a story of a witch, a cat and a king, who say something, and have voices or none."""
    path, who = folder / "a.story", ("witch", "cat", "king")
    declared = [f"character {name}\n" + (f'  voice "{named[name]}"\n' if name in named else "") for name in who]
    said = [f'  {name}\n    says "Hello."\n' for name in who]
    path.write_text("".join([*declared, 'scene a\n  background "a garden"\n', *said]), encoding="utf-8")
    story = read_story(path).story
    assert story is not None
    plan = plan_story(story).plan
    assert plan is not None
    return voices_of(story, plan, None)


@pytest.mark.usefixtures("espeak")
@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ({}, "witch +f2, cat +m3, king +f4"),
        ({"king": "en-us+f2"}, "witch +m3, cat +f4, king +f2"),
        ({"witch": "amy", "cat": "joe"}, "witch +f2, cat +m3, king +f4"),
        ({"witch": "amy", "king": "en-us+f2"}, "witch +m3, cat +f4, king +f2"),
    ],
)
def test_nobody_gets_a_voice_that_somebody_else_has(tmp_path: Path, named: dict[str, str], shown: str) -> None:
    found = speaking(tmp_path, **named).shown
    assert found is not None and found.replace(": espeak-ng en-US", " ") == shown
