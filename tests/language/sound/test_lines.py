"""Lines that are said: read, checked, written again; and names that are their words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from dreamrunner.language import MISSING, Diagnostic, Story, read_story
from dreamrunner.language.checker import check_text
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parts import Saying
from dreamrunner.language.sound.speaking import PAUSE, Turn, in_turn, speaking_seconds
from dreamrunner.language.story import Music, Scene
from tests.material.generated_stories import stories

CAST = 'character witch "a witch"\ncharacter cat "a cat"\nprop pot "a pot"\n\nscene kitchen\n'


def told(folder: Path, text: str) -> tuple[Story | None, tuple[Diagnostic, ...]]:
    path = folder / "day.story"
    path.write_text(text, encoding="utf-8")
    checked = read_story(path)
    return checked.story, checked.diagnostics


def story_of(folder: Path, text: str) -> Story:
    story, found = told(folder, text)
    assert story is not None, [item.message for item in found]
    return story


def scene_of(folder: Path, text: str) -> Scene:
    return story_of(folder, CAST + text).scenes[0]


def only(folder: Path, text: str) -> Diagnostic:
    found = [item for item in told(folder, text)[1] if item.code != "unused"]
    assert len(found) == 1, [item.message for item in found]
    return found[0]


def test_lines_voices_and_music_are_read(tmp_path: Path) -> None:
    for name in ("waltz.ogg", "rain.ogg"):
        (tmp_path / name).write_bytes(b"")
    story = story_of(
        tmp_path,
        'story "Supper"\n  voice alloy\n  music "waltz.ogg"\n\ncharacter witch voice "en-us+f3"\ncharacter cat "a"\n'
        '\nscene kitchen\n  music "rain.ogg" 0.25\n  witch stirring 0s..4s\n    says "Soup is ready!" at 1s\n'
        '    at 0s left\n    says """\n      Come,\n      all of you.\n      """\n  cat sitting\n    says "At last."\n'
        "\nscene garden\n  cat sleeping\n",
    )
    witch, cat = story.characters
    kitchen, garden = story.scenes
    assert (story.voice, witch.voice, cat.voice) == ("alloy", "en-us+f3", "")
    assert (story.music, kitchen.music, garden.music) == (
        Music(tmp_path / "waltz.ogg", 0.4),
        Music(tmp_path / "rain.ogg", 0.25),
        None,
    )
    said = [beat.says for beat in kitchen.beats]
    assert said == [(Saying("Soup is ready!", 1.0), Saying("Come,\nall of you.")), (Saying("At last."),)]
    assert kitchen.beats[0].keyframes[0].at == 0
    assert (kitchen.narration, garden.narration) == ("", MISSING)  # who speaks needs nobody to tell it


def test_a_line_stays_where_it_stands_among_key_frames(tmp_path: Path) -> None:
    body = '  witch stirring\n    at 0s left\n    says "One." at 1s  # loud\n    at 2s right\n    says "Two."\n'
    loose = body.replace("    says", "      says  ").replace("    at", "      at")
    assert format_text(CAST + loose, tmp_path / "a.story").text == CAST + body


@pytest.mark.parametrize(
    ("body", "code", "severity", "words"),
    [
        ('  pot\n    says "Hot!"\n', "prop-speech", "error", "a prop doesn't speak"),
        ('  witch stirring 0s..4s\n    says "Soup!" at 5s\n', "speech-outside-beat", "warning", "outside its beat"),
        ('  witch stirring\n    says "Soup!" at 7s\n', "outside-scene", "error", "7s"),
        ('  pot\n    says "Hot!" at 9s\n', "prop-speech", "error", "a prop doesn't speak"),
        ('  duration 1s\n  pot\n    says "Much too long for a second."\n', "prop-speech", "error", "a prop"),
        ('  duration 4s\n  witch stirring 0s..4s\n    says "Soup!" at 5s\n', "outside-scene", "error", "5s"),
        ("  in\n  witch\n", "syntax", "error", "expected a name"),
        ("  in witch\n", "unknown-location", "error", "no location `witch`"),
        ('  witch stirring 0s..4s\n    says " "\n', "bad-value", "error", "nothing is said"),
        ('  witch stirring 0s..1s\n    says "Soup is ready, come."\n', "long-speech", "warning", "until 1.5s"),
        ("  duration auto\n  witch stirring\n", "nothing-to-read", "warning", "6s are taken"),
        ('  music "gone.ogg"\n  witch stirring\n', "no-match", "error", "gone.ogg"),
        ('  music "../../etc/x.ogg"\n  witch stirring\n', "outside-folder", "error", "leaves"),
        ('  music "waltz.ogg" 9\n  witch stirring\n', "bad-value", "error", "not at 9"),
        ("  witch stirring\n    says Soup\n", "syntax", "error", "a text in quotes"),
        ('  witch stirring\n    says "Soup!" 1s\n', "syntax", "error", "`at`"),
    ],
)
def test_what_is_wrong_with_a_line_is_told(body: str, code: str, severity: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "waltz.ogg").write_bytes(b"")
    found = only(tmp_path, CAST + body)
    assert (found.code, found.severity) == (code, severity)
    assert words in found.message, found.message


def test_a_line_outside_its_beat_shows_both_places(tmp_path: Path) -> None:
    found = only(tmp_path, CAST + '  witch stirring 0s..4s\n    says "Soup!" at 5s\n')
    [(what, place)] = found.related
    assert (found.location.line, found.location.column) == (7, 21)
    assert (what, place.line, place.column) == ("the beat's span", 6, 18)


def test_lines_are_said_in_turn() -> None:
    assert in_turn([]) == ()
    assert in_turn([Turn(2), Turn(1), Turn(1)]) == (0, 2 + PAUSE, 3 + 2 * PAUSE)
    assert in_turn([Turn(1, since=3), Turn(1, since=0)]) == (3, 4 + PAUSE)  # as the text has them
    assert in_turn([Turn(1, at=2), Turn(1)]) == (2, 3 + PAUSE)
    assert in_turn([Turn(3), Turn(1, at=1)]) == (2 + PAUSE, 1)  # nobody speaks over what is due
    assert in_turn([Turn(0.5), Turn(1, at=1)]) == (0, 1)
    assert in_turn([Turn(5, at=0), Turn(5, at=2)]) == (0, 2)  # that is as its author has it
    assert in_turn([Turn(0), Turn(1)]) == (0, 0)


def test_a_scene_lasts_as_long_as_its_words(tmp_path: Path) -> None:
    words = "Soup is ready, and there is enough of it for everybody here in the house!"
    long = speaking_seconds(words)
    assert long == 4.6
    auto = f'  duration auto\n  witch stirring\n    says "{words}"\n  cat sitting\n    says "At last."\n'
    assert scene_of(tmp_path, auto).seconds == pytest.approx(long + PAUSE + speaking_seconds("At last."), abs=0.1)
    with_story = f'  narration "In the evening."\n{auto}'
    assert scene_of(tmp_path, with_story).seconds == pytest.approx(1 + PAUSE + long + PAUSE + 0.8, abs=0.1)
    due = '  duration auto\n  witch stirring\n    says "Soup!" at 8s\n'
    assert scene_of(tmp_path, due).seconds == 8.6


def test_a_thing_may_be_called_as_a_word_that_came_later(tmp_path: Path) -> None:
    (tmp_path / "cast.story").write_text('prop music "notes in the air"\ncharacter says "a bird"\n', encoding="utf-8")
    for lines in ('use "cast.story"\n', 'prop music "notes"\ncharacter says "a bird"\n'):
        text = (
            lines
            + '\nscene hall\n  music 0s..3s "golden notes"\n    at 0s left\n  music 3s..4s\n  says music 0s..2s "x"\n'
        )
        scene = story_of(tmp_path, text).scenes[0]
        assert [(beat.entity, beat.motion) for beat in scene.beats] == [
            ("music", None),
            ("music", None),
            ("says", "music"),
        ]
        assert [beat.description for beat in scene.beats] == ["golden notes", MISSING, "x"]
        assert scene.music is None


def test_music_is_played_even_where_something_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "waltz.ogg").write_bytes(b"")
    text = 'prop music "notes"\n\nscene hall\n  music "waltz.ogg" 0.3\n  music "notes"\n'
    scene = story_of(tmp_path, text).scenes[0]
    assert scene.music == Music(tmp_path / "waltz.ogg", 0.3)
    assert [beat.entity for beat in scene.beats] == ["music"]


@pytest.mark.parametrize("duration", ["", "  duration 2s\n"])
def test_a_scene_gets_the_room_that_its_words_need(duration: str, tmp_path: Path) -> None:
    words = '    says """\n      Soup is ready, and there is enough of it for everybody here in the house,\n'
    words += '      and for the cat as well!\n      """\n'
    text = f"{CAST}{duration}  witch stirring\n{words}"
    found = only(tmp_path, text)
    [change] = found.fix
    lines = text.split("\n")
    row, place = change.location.line - 1, change.location
    lines[row] = lines[row][: place.column - 1] + change.text + lines[row][place.end_column - 1 :]
    mended = "\n".join(lines)
    assert mended == f"{CAST}  duration auto\n  witch stirring\n{words}"
    story, after = told(tmp_path, mended)
    assert story is not None and {item.code for item in after} <= {"unused", "long-scene"}


@settings(max_examples=12, deadline=None)
@given(stories(music=False))
def test_what_was_a_name_before_a_word_came_is_read_as_any_other(text: str) -> None:
    def read(text: str) -> list[object]:
        story = check_text(text, Path("a.story")).story
        assert story is not None
        beats = [beat for scene in story.scenes for beat in scene.beats]
        told = [(beat.entity, beat.motion, beat.span, beat.description) for beat in beats]
        assert not any(scene.music for scene in story.scenes)
        return [repr(told), [thing.name for thing in story.entities]]

    assert repr(read(text)).replace("music", "flute") == repr(read(text.replace("music", "flute")))
