"""Lines in subtitles and timelines: who says them, and when."""

from __future__ import annotations

import opentimelineio as oti
import pytest

from dreamrunner.film.opentimeline import Sound, Stretch, otio
from dreamrunner.film.soundtrack import unheard
from dreamrunner.film.subtitles import Cue, cues, srt, vtt
from dreamrunner.film.utterances import places, rooms, utterances
from dreamrunner.language.parts import Box, KeyFrame, Saying
from dreamrunner.planning.plan import PlannedBeat
from tests.material.films import plan, scene

HERE = (KeyFrame(0.0, Box(0, 0, 1, 1)),)


def says(who: str, *lines: Saying, start: float = 0.0) -> PlannedBeat:
    return PlannedBeat(entity=who, motion="x", start=start, end=6, description="", keyframes=HERE, says=lines)


TALK = plan(
    scene(
        "kitchen",
        6.0,
        narration="Supper.",
        beats=(says("old-witch", Saying("Soup --> here!"), Saying("Eat.", 4.0)), says("cat", Saying("At\nlast."))),
    ),
    scene("garden", 6.0, narration="Night."),
)


def test_what_is_said_has_a_name_of_its_own() -> None:
    assert [(each.of, each.called, each.text) for each in utterances(TALK)] == [
        ("kitchen", "", "Supper."),
        ("kitchen/1-old-witch", "Old witch", "Soup \N{RIGHTWARDS ARROW} here!"),
        ("kitchen/2-old-witch", "Old witch", "Eat."),
        ("kitchen/3-cat", "Cat", "At last."),
        ("garden", "", "Night."),
    ]
    assert rooms(TALK) == {"kitchen": 144, "garden": 144}


def test_subtitles_name_who_speaks() -> None:
    shown = cues(TALK)
    assert [(cue.text, cue.speaker) for cue in shown] == [
        ("Supper.", ""),
        ("Old witch: Soup \N{RIGHTWARDS ARROW} here!", "Old witch"),
        ("Old witch: Eat.", "Old witch"),
        ("Cat: At last.", "Cat"),
        ("Night.", ""),
    ]
    # Nobody is heard: everything takes the time that it needs, one after the other.
    assert [round(cue.start, 2) for cue in shown] == [0.0, 1.25, 4.0, 4.83, 6.0]
    assert shown[-1].end == 12.0
    assert "00:00:04,000 --> 00:00:04,583\nOld witch: Eat.\n" in srt(shown)
    assert "00:00:04.000 --> 00:00:04.583\n<v Old witch>Old witch: Eat.\n" in vtt(shown)


def test_subtitles_keep_to_what_is_heard() -> None:
    lengths = {"kitchen/1-old-witch": 24, "kitchen/2-old-witch": 24, "kitchen/3-cat": 0, "garden": 48}
    shown = {cue.text: (cue.start, cue.end) for cue in cues(TALK, lengths)}
    assert shown["Old witch: Eat."] == (4.0, 5.0)
    assert shown["Night."] == (6.0, 8.0)
    assert "Cat: At last." not in shown
    assert places(TALK, lengths)["kitchen"].end == 1.0  # nobody reads the narration aloud, and it has its turn


def test_cues_of_two_who_speak_at_once_never_overlap() -> None:
    witch, cat = says("witch", Saying("Ah!", 1.0)), says("cat", Saying("Oh!", 1.0))
    at_once = plan(scene("a", 6.0, narration="", beats=(witch, cat)))
    assert cues(at_once, {"a/1-witch": 24, "a/2-cat": 48}) == (Cue(1.0, 3.0, "Witch: Ah!\nCat: Oh!"),)
    late = plan(scene("a", 6.0, narration="", beats=(witch, says("cat", Saying("Oh!", 1.5)))))
    assert [(cue.start, cue.end) for cue in cues(late, {"a/1-witch": 48, "a/2-cat": 24})] == [(1.0, 1.5), (1.5, 2.5)]


def test_the_timeline_has_a_track_for_each_voice_and_for_music() -> None:
    sounds = {each.of: Sound(f"scenes/{each.of}.wav", 24) for each in utterances(TALK)}
    music = [Stretch("Music 1", "music.wav", 288, 0, 144), Stretch("Music 2", "music.wav", 288, 120, 168, 120)]
    text = otio(TALK, {"kitchen": "k.mp4", "garden": "g.mp4"}, sounds, music)
    timeline = oti.adapters.read_from_string(text, "otio_json")
    assert [track.name for track in timeline.tracks] == ["Scenes", "Narration", "Old witch", "Cat", "Music", "Music"]
    found = {
        track.name: [
            (clip.name, clip.range_in_parent().start_time.value, clip.duration().value) for clip in track.find_clips()
        ]
        for track in timeline.tracks[1:4]
    }
    assert found == {
        "Narration": [("kitchen", 0, 24), ("garden", 144, 24)],
        "Old witch": [("Soup \N{RIGHTWARDS ARROW} here!", 30, 24), ("Eat.", 96, 24)],
        "Cat": [("At last.", 126, 18)],  # the next scene's words begin on time
    }
    assert {track.duration().value for track in timeline.tracks} == {288}
    assert timeline.tracks[5][1].source_range.start_time.value == 120


@pytest.mark.parametrize("narration", ["", "Supper."])
def test_a_scene_without_lines_is_as_it_was(narration: str) -> None:
    story = plan(scene("a", 6.0, narration=narration))
    assert [(cue.start, cue.end) for cue in cues(story)] == ([(0.0, 6.0)] if narration else [])


def test_words_at_which_a_voice_is_silent_are_told() -> None:
    assert unheard(TALK, ()) == []
    told = unheard(TALK, {"kitchen", "kitchen/3-cat"})
    assert told == [
        "scene kitchen: nothing is heard of its narration, and it is left out of the subtitles: the voice is silent at"
        ' "Supper."; name one that speaks its language',
        "scene kitchen: nothing is heard of what cat says, and it is left out of the subtitles: the voice is silent at"
        ' "At last."; name one that speaks its language',
    ]
    long = plan(scene("red", narration="女巫" * 40), scene("green", narration="..."))
    (line,) = unheard(long, {"red", "green"})
    assert '"' + "女巫" * 18 + '女...";' in line
