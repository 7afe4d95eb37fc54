"""Subtitles as text, and as a player shows them: burnt into the picture, read back with PyAV."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import av
import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from dreamrunner.files.letters import columns
from dreamrunner.film import FilmError, encode_scene
from dreamrunner.film.breaking import cues_of
from dreamrunner.film.burning import check_letters
from dreamrunner.film.subtitles import Cue, cues, cues_during, heard_over, srt, vtt, write_subtitles
from dreamrunner.film.utterances import cue_text
from dreamrunner.language.parts import Transition
from tests.material.films import join_scenes, plain, plan, scene, watch

DISSOLVE = Transition("dissolve", 0.5)
LONG = "The witch walks among her flowers, then she waves them goodnight, and the cat watches her from the wall."
MARKUP = "Is 1 < 2 & {\\an8} C:\\new <b>bold</b>?"


def test_a_scenes_part_shows_what_is_heard_during_it() -> None:
    story = plan(
        scene("a", 2.0, DISSOLVE, narration="Tea."), scene("b", 2.0, narration=" "), scene("c", narration="Bed.")
    )
    assert [heard_over(story, name) for name in "abc"] == ["a", "a", "c"]
    silent = plan(scene("a", narration=" "))
    assert heard_over(silent, "a") is None and cues_during(silent, "a") == ()
    # The dissolve, half a second from 1.5 s on, belongs to the part of b. Unspoken, the text of a ends with its own
    # time.
    assert [cues_during(story, name) for name in "abc"] == [(Cue(0.0, 1.5, "Tea."),), (), (Cue(0.0, 1.0, "Bed."),)]
    # Spoken, it is shown as long as it is heard: for another second over b.
    heard = {"a": 60, "c": 12}
    assert cues_during(story, "a", heard) == (Cue(0.0, 2.5, "Tea."),)
    assert cues_during(story, "b", heard) == (Cue(0.0, 1.0, "Tea."),)
    assert cues_during(story, "c", heard) == (Cue(0.0, 0.5, "Bed."),)


def test_subtitles_as_text() -> None:
    tea = "Tea --> bed.\n\n\x07Good night!"
    story = plan(scene("a", 6.0, DISSOLVE, narration=LONG), scene("b", 3600.0, narration=tea))
    # The two cues have 65 and 38 of 103 characters, and 5.5 seconds between them until the dissolve.
    assert srt(cues(story)) == (
        "1\n00:00:00,000 --> 00:00:03,471\nThe witch walks among her flowers,\nthen she waves them goodnight,\n\n"
        "2\n00:00:03,471 --> 00:00:05,500\nand the cat watches her from the wall.\n\n"
        "3\n00:00:05,500 --> 01:00:05,500\nTea \N{RIGHTWARDS ARROW} bed. Good night!\n"
    )
    assert vtt(cues(story)) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:03.471\nThe witch walks among her flowers,\nthen she waves them goodnight,\n\n"
        "00:00:03.471 --> 00:00:05.500\nand the cat watches her from the wall.\n\n"
        "00:00:05.500 --> 01:00:05.500\nTea \N{RIGHTWARDS ARROW} bed. Good night!\n"
    )


@pytest.mark.parametrize(
    ("narration", "broken"),
    [
        ("The witch walks. Her cat watches.", ["The witch walks. Her cat watches."]),
        # Even lines, and no cue of one word, as taking what fits would leave.
        (
            "She stirs a potion all day long until the moon stands over the roofs of the old village and sings.",
            ["She stirs a potion all\nday long until the moon", "stands over the roofs of\nthe old village and sings."],
        ),
        (
            "Back home she stirs a potion while the cat naps on the stove. Then the king comes in and asks for tea.",
            [
                "Back home she stirs a potion\nwhile the cat naps on the stove.",
                "Then the king comes in and asks for tea.",
            ],
        ),
        ("x" * 90, ["x" * 42, "x" * 42 + "\n" + "x" * 6]),
        # Letters of East Asia count twice, and lines are broken beside any of them, but before no closing mark.
        ("女巫提着篮子走进花园。", ["女巫提着篮子走进花园。"]),
        ("女" * 20 + "。" + "猫" * 30 + "。", ["女" * 20 + "。", "猫" * 16 + "\n" + "猫" * 14 + "。"]),
        ("「" + "女" * 20 + "」。", ["「" + "女" * 11 + "\n" + "女" * 9 + "」。"]),
        ("女" * 20 + "Hello「猫」", ["女" * 13 + "\n" + "女" * 7 + "Hello「猫」"]),
        # Korean has blanks.
        ("아침에 " * 8 + "끝.", [" ".join(["아침에"] * 4) + "\n" + " ".join(["아침에"] * 4) + " 끝."]),
        # French signs stay with what they belong to, whichever blank is before them.
        (
            "« Bonjour ! », dit la sorcière ; puis elle va au jardin !",
            ["« Bonjour ! », dit la sorcière ;\npuis elle va au jardin !"],
        ),
        (
            "« Bonjour, ma petite sorcière du jardin bleu ! » dit le chat",
            ["« Bonjour, ma petite sorcière\ndu jardin bleu ! » dit le chat"],
        ),
        # What readers see as one letter is one.
        ("👩🏽‍🍳" * 21, ["👩🏽‍🍳" * 21]),
        ("é" * 50, ["é" * 42 + "\n" + "é" * 8]),
        ("🇫🇷" * 30, ["🇫🇷" * 21 + "\n" + "🇫🇷" * 9]),
    ],
)
def test_a_long_narration_is_broken_where_a_reader_pauses(narration: str, broken: list[str]) -> None:
    assert [cue.text for cue in cues(plan(scene("a", 6.0, narration=narration)))] == broken


durations = st.integers(1, 9000).map(lambda n: n / 1000)
kinds = st.sampled_from(("cut", "fade", "dissolve"))


@given(st.lists(st.tuples(durations, kinds, st.text(max_size=200)), min_size=1, max_size=5))
def test_cues_are_short_and_never_overlap(facts: list[tuple[float, str, str]]) -> None:
    scenes = [scene(f"s{n}", d, Transition(kind, 0.4), narration=text) for n, (d, kind, text) in enumerate(facts)]
    found = cues(plan(*scenes))
    assert all(cue.start < cue.end and cue.text.count("\n") <= 1 for cue in found)
    assert all(columns(line) <= 42 + 2 for cue in found for line in cue.text.split("\n"))
    assert all(one.end <= other.start + 1e-9 for one, other in itertools.pairwise(found))
    said = "".join(cue_text(text) for _, _, text in facts)
    assert re.sub(r"\s", "", said) == re.sub(r"\s", "", "".join(cue.text for cue in found))


WRITTEN = {
    "Persian": "می‌خواهد به باغ",
    "Hindi": "क्‍षमा करो",
    "a family": "👨‍👩‍👧",
    "a cook": "👩🏽‍🍳",
    "a flag of tags": "🏴󠁧󠁢󠁿",
    "a red heart": "❤️",
    "no-break spaces": "« Bonjour ! »",
    "a soft hyphen": "Donau­dampf",
    "marks of direction": "‏שלום Hi!‏",
    "directions": "a ⁧שלום⁩ b",
    "a sign of somebody's own": "",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_every_letter_is_shown_as_it_was_written(text: str) -> None:
    (cue,) = cues(plan(scene("a", narration=text)))
    assert cue.text == text and text in srt([cue]) and text in vtt([cue])


def test_markup_in_a_narration_stays_text(tmp_path: Path) -> None:
    story = plan(scene("a", narration=MARKUP))
    assert srt(cues(story)).splitlines()[-1] == "Is 1 < 2 & (\\an8} C:\\new \u2039b>bold\u2039/b>?"
    with av.open(str(write_subtitles(story, tmp_path / "a.vtt"))) as container:
        (packet,) = [packet for packet in container.demux() if packet.size]
    assert bytes(packet).decode() == "Is 1 &lt; 2 &amp; {\\an8} C:\\new &lt;b&gt;bold&lt;/b&gt;?"


def test_a_silent_story_has_no_subtitles(tmp_path: Path) -> None:
    file = write_subtitles(plan(scene("a", narration=" ")), tmp_path / "new" / "quiet.srt")
    assert file.read_bytes() == b""
    assert vtt(cues(plan(scene("a", narration=" ")))) == "WEBVTT\n"
    written = write_subtitles(plan(scene("a", narration="caf\u00e9")), tmp_path / "a.srt")
    assert written.read_bytes() == "1\n00:00:00,000 --> 00:00:01,000\ncaf\u00e9\n".encode()


@pytest.mark.usefixtures("as_watched")
@pytest.mark.parametrize("size", [(64, 96), (96, 64)], ids=["wide", "tall"])
def test_burnt_subtitles_stand_at_the_bottom_while_they_are_said(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "it's: [a], b"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    files = {"red": encode_scene(plain("red", size=size), tmp_path / "red.mp4")}
    files["blue"] = encode_scene(plain("blue", size=size), tmp_path / "blue.mp4")
    story = plan(scene("red", narration=LONG), scene("blue", narration=""))
    burnt = watch(join_scenes(story, files, tmp_path / "burnt.mp4", burn_subtitles=True))
    track = watch(join_scenes(story, files, tmp_path / "track.mp4"))
    assert burnt.codecs == ["h264"] and track.codecs == ["h264", "mov_text"]
    assert len(burnt.pixels) == len(track.pixels) == 48 and burnt.duration == 2.0
    changed = np.abs(burnt.pixels.astype(int) - track.pixels).max(axis=-1) > 60
    height, width = changed.shape[1:]
    assert not changed[24:].any() and not changed[:, : height * 3 // 4].any()
    assert not changed[:, :, : width // 50].any() and not changed[:, :, -width // 50 :].any()
    # Two lines, then one: cues change with their time, of 1 second 0.63 and 0.37.
    written = changed[:24].any(axis=2).sum(axis=1)
    assert written[:15].min() > 1.5 * written[16:].max() and written[16:].min() > height // 60
    # Letters are there in plenty, white in a dark rim.
    assert 0.02 < changed[0, height * 3 // 4 :].mean() < 0.5
    text = burnt.pixels[0][changed[0]]
    assert (text.min(axis=-1) > 200).mean() > 0.1 and (text.max(axis=-1) < 60).mean() > 0.1


@pytest.mark.usefixtures("as_watched")
def test_burnt_lines_run_in_the_direction_of_their_script(tmp_path: Path) -> None:
    """The full stop of a Hebrew sentence is its leftmost sign, that of an English one its rightmost."""
    files = {"red": encode_scene(plain("red", size=(64, 160)), tmp_path / "red.mp4")}
    for number, (text, left) in enumerate(
        [("\u05e9\u05dc\u05d5\u05dd Hi \u05e9\u05dc\u05d5\u05dd.", True), ("Hello hello.", False)]
    ):
        film = watch(
            join_scenes(plan(scene("red", narration=text)), files, tmp_path / f"{number}.mp4", burn_subtitles=True)
        )
        # The picture has a white field of its own at the left.
        right = film.pixels[6][:, film.pixels.shape[2] * 2 // 5 :]
        ink = np.argwhere(right.min(axis=-1) > 150)
        top, height = ink[:, 0].min(), np.ptp(ink[:, 0])
        ends = [ink[ink[:, 1] <= ink[:, 1].min() + 1], ink[ink[:, 1] >= ink[:, 1].max() - 1]]
        low = [end[:, 0].min() > top + height / 2 for end in ends]
        assert low == [left, not left]


def test_what_no_font_can_draw_is_said_and_what_the_bundled_one_can_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    # As on a machine without fonts.
    monkeypatch.setenv("FONTCONFIG_FILE", "/nowhere")
    check_letters(plan(scene("a", narration=MARKUP + " caf\u00e9 \u0416\u03a9\u0627")))
    check_letters(plan(scene("a", narration="")))
    with pytest.raises(FilmError, match="no font here has \u65e5 \u672c; install one"):
        check_letters(plan(scene("a", narration="Nihon is \u65e5\u672c.")))


@pytest.mark.parametrize(
    "text", [LONG, "He gives the cat a hat, an apple and the rest of the very long fish that the sea had. " * 4]
)
def test_nothing_breaks_behind_an_article(text: str) -> None:
    lines = [line for cue in cues(plan(scene("a", 60.0, narration=text))) for line in cue.text.split("\n")]
    assert " ".join(lines) == " ".join(text.split())
    assert not [line for line in lines if line.split()[-1].lower() in ("a", "an", "the")]


def test_what_is_not_told_or_not_heard_has_no_cue() -> None:
    story = plan(scene("a", narration=""), scene("b", narration="Tea."), scene("c", narration=" "))
    assert [cue.text for cue in cues(story)] == ["Tea."]
    assert cues(story, {"b": 0}) == ()


@pytest.mark.parametrize(
    "text",
    ["การเดินทางของแม่มดน้อยและแมวสีส้มตัวหนึ่งที่อาศัยอยู่ในป่าลึกแห่งนี้ตลอดทั้งปี", "ແມ່ມົດນ້ອຍແລະແມວສີສົ້ມໂຕໜຶ່ງທີ່ອາໄສຢູ່ໃນປ່າເລິກ",
     "ស្ត្រីម្នាក់កំពុងដើរនៅក្នុងសួនច្បារជាមួយឆ្មារបស់នាង", "စုန်းမလေးနှင့်ကြောင်လေးသည်ဥယျာဉ်ထဲတွင်", "क्षत्रियविद्यार्थी", "👩‍👩‍👧‍👦🇩🇪🇫🇷👍🏽é"],
    ids=["thai", "lao", "khmer", "burmese", "hindi", "emoji"],
)  # fmt: skip
def test_text_without_blanks_breaks_between_letters_and_never_within_one(text: str) -> None:
    text *= 3
    whole = set(itertools.accumulate(map(len, regex.findall(r"\X", text))))
    for width in range(8, 43):
        lines = "\n".join(cues_of(text, width, 2)).split("\n")
        assert "".join(lines) == text and set(itertools.accumulate(map(len, lines))) <= whole
        assert not any(line[0] in "ะาำๆฯະາຳໆ" or line[-1] in "เแโใไເແໂໃໄ" for line in lines)
