"""A director's changes of a text: the lines that change, one example a kind."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from dreamrunner.language import check_text
from dreamrunner.language.formatter import format_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.directing import Change, NotMade, direct

FILE = Path("day.story")
STORY = """\
story "A Day"

character witch "a witch"
character cat "a cat"

# Where it begins.
scene garden   # by the house
  background "a garden"
  narration \"\"\"
    The witch walks,
    the cat sits.
    \"\"\"
  seed 5  # a lucky one
  witch walking 0s..4s "a witch walks"   # slowly
    at 0s [0.1 0.2 0.4 0.9]   # the start
    at 2s left
  cat sitting
    says "Miaow!" at 1s   # softly

scene kitchen
  narration "The cat dances."

# The end.
scene roof
  duration 4s
  narration "The witch flies."
"""
CHANGE = TypeAdapter(Change)
KNOWN = ("witch", "cat")


def directed(text: str, /, **change: object) -> str:
    asked = CHANGE.validate_python(change)
    checked = check_text(text, FILE)
    plan = plan_story(checked.story).plan if checked.story is not None else None
    scenes = {scene.name: scene for scene in plan.scenes} if plan is not None else {}
    return direct(text, asked, scenes.get(getattr(asked, "scene", "")), known=KNOWN)


def changed(before: str, after: str) -> list[str]:
    """The lines that went and came."""
    lines = difflib.ndiff(before.split("\n"), after.split("\n"))
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            {"do": "fact", "scene": "kitchen", "fact": "narration", "value": 'She says "no".'},
            ['-   narration "The cat dances."', '+   narration "She says \\"no\\"."'],
        ),
        (
            {"do": "fact", "scene": "garden", "fact": "narration", "value": "The witch walks,\nthe cat sleeps.  "},
            ["-     the cat sits.", "+     the cat sleeps."],
        ),
        (
            {"do": "fact", "scene": "kitchen", "fact": "background", "value": "a kitchen"},
            ['+   background "a kitchen"'],
        ),
        ({"do": "fact", "scene": "garden", "fact": "background", "value": ""}, ['-   background "a garden"']),
        (
            {"do": "fact", "scene": "garden", "fact": "seed", "value": 9},
            ["-   seed 5  # a lucky one", "+   seed 9  # a lucky one"],
        ),
        (
            {"do": "fact", "scene": "garden", "fact": "seed", "value": None},
            ["-   seed 5  # a lucky one", "+   # a lucky one"],
        ),
        ({"do": "fact", "scene": "kitchen", "fact": "duration", "value": 4.5}, ["+   duration 4.5s"]),
        ({"do": "fact", "scene": "kitchen", "fact": "in", "value": "hut"}, ["+   in hut"]),
        ({"do": "fact", "scene": "kitchen", "fact": "takes", "value": "4"}, ["+   takes 4"]),
        ({"do": "fact", "scene": "kitchen", "fact": "transition", "value": "fade .5 s"}, ["+   transition fade 0.5s"]),
        ({"do": "fact", "scene": "kitchen", "fact": "transition", "value": "cut"}, ["+   transition cut"]),
        ({"do": "fact", "scene": "kitchen", "fact": "music", "value": " a b.ogg .4 "}, ['+   music "a b.ogg" 0.4']),
        ({"do": "fact", "scene": "kitchen", "fact": "music", "value": '"take 2" 1'}, ['+   music "take 2" 1']),
        ({"do": "header", "fact": "voice", "value": "alloy"}, ["+   voice alloy"]),
        ({"do": "header", "fact": "music", "value": "waltz.ogg"}, ['+   music "waltz.ogg"']),
        ({"do": "voice", "entity": "witch", "voice": "en-us+f3"}, ['+   voice "en-us+f3"']),
        ({"do": "voice", "entity": "cat", "voice": '"alloy"'}, ["+   voice alloy"]),
        ({"do": "fact", "scene": "kitchen", "fact": "duration", "value": "auto"}, ["+   duration auto"]),
        (
            {"do": "describe", "scene": "garden", "beat": 0, "text": "a tired witch"},
            [
                '-   witch walking 0s..4s "a witch walks"   # slowly',
                '+   witch walking 0s..4s "a tired witch"   # slowly',
            ],
        ),
        (
            {"do": "describe", "scene": "garden", "beat": 0, "text": " "},
            ['-   witch walking 0s..4s "a witch walks"   # slowly', "+   witch walking 0s..4s   # slowly"],
        ),
        (
            {"do": "describe", "scene": "garden", "beat": 1, "text": "a cat"},
            ["-   cat sitting", '+   cat sitting "a cat"'],
        ),
        (
            {"do": "act", "scene": "garden", "beat": 1, "motion": "lying-down"},
            ["-   cat sitting", "+   cat lying-down"],
        ),
        ({"do": "act", "scene": "garden", "beat": 1, "motion": ""}, ["-   cat sitting", "+   cat"]),
        (
            {"do": "span", "scene": "garden", "beat": 0, "start": 1, "end": 5},
            [
                '-   witch walking 0s..4s "a witch walks"   # slowly',
                '+   witch walking 1s..5s "a witch walks"   # slowly',
                "-     at 0s [0.1 0.2 0.4 0.9]   # the start",
                "+     at 1s [0.1 0.2 0.4 0.9]   # the start",
                "-     at 2s left",
                "+     at 3s left",
            ],
        ),
        (
            {"do": "span", "scene": "garden", "beat": 0, "start": 0, "end": 2},
            [
                '-   witch walking 0s..4s "a witch walks"   # slowly',
                '+   witch walking 0s..2s "a witch walks"   # slowly',
                "-     at 2s left",
                "+     at 1s left",
            ],
        ),
        (
            {"do": "retime", "scene": "garden", "beat": 0, "at": 2, "to": 3.5},
            ["-     at 2s left", "+     at 3.5s left"],
        ),
        (
            {"do": "retime", "scene": "garden", "beat": 0, "at": 0, "to": 3},
            [
                "-     at 0s [0.1 0.2 0.4 0.9]   # the start",
                "+     at 3s [0.1 0.2 0.4 0.9]   # the start",
            ],
        ),
        (
            {"do": "drop", "scene": "garden", "beat": 0, "at": 0},
            ["-     at 0s [0.1 0.2 0.4 0.9]   # the start", "+     # the start"],
        ),
        ({"do": "add", "scene": "garden", "entity": "cat"}, ["+   cat"]),
        ({"do": "add", "scene": "garden", "entity": "bird"}, ["+ character bird", "+   bird"]),
        (
            {"do": "remove", "scene": "garden", "entity": "cat"},
            ["-   cat sitting", '-     says "Miaow!" at 1s   # softly', "+   # softly"],
        ),
        (
            {"do": "say", "scene": "garden", "beat": 1, "number": 0, "text": "Purr."},
            ['-     says "Miaow!" at 1s   # softly', '+     says "Purr." at 1s   # softly'],
        ),
        (
            {"do": "say", "scene": "garden", "beat": 1, "number": 1, "text": "And\nmore."},
            ['+     says "And more."'],
        ),
        (
            {"do": "say", "scene": "garden", "beat": 1, "number": 0, "text": ""},
            ['-     says "Miaow!" at 1s   # softly', "+     # softly"],
        ),
        (
            {"do": "span", "scene": "garden", "beat": 1, "start": 2, "end": 5},
            ["-   cat sitting", "+   cat sitting 2s..5s",
             '-     says "Miaow!" at 1s   # softly', '+     says "Miaow!" at 2.5s   # softly'],
        ),
        ({"do": "rename", "scene": "garden", "entity": "cat", "to": "dog"},
         ["+ character dog", "-   cat sitting", "+   dog sitting"]),
        (
            {"do": "add-scene", "name": "cellar", "after": "kitchen", "narration": "It is dark."},
            ["+ scene cellar", '+   narration "It is dark."', "+ "],
        ),
        (
            {"do": "add-scene", "name": "cellar", "after": "", "narration": ""},
            ["+ scene cellar", "+ "],
        ),
        (
            {"do": "delete-scene", "scene": "kitchen"},
            ["- scene kitchen", '-   narration "The cat dances."', "- "],
        ),
        (
            {"do": "delete-scene", "scene": "roof"},
            ["- # The end.", "- scene roof", "-   duration 4s", '-   narration "The witch flies."', "- "],
        ),
        (
            {"do": "move-scene", "scene": "kitchen", "before": ""},
            ["- scene kitchen", '-   narration "The cat dances."', "- ", "+ ", "+ scene kitchen",
             '+   narration "The cat dances."'],
        ),
    ],
)  # fmt: skip
def test_no_more_lines_change_than_it_takes(change: dict, lines: list[str]) -> None:
    after = directed(STORY, **change)
    assert sorted(changed(STORY, after)) == sorted(lines)
    # With the line ends of Windows and a mark in front it is the same.
    other = "\ufeff" + STORY.replace("\n", "\r\n")
    assert directed(other, **change) == "\ufeff" + after.replace("\n", "\r\n")


def test_a_key_frame_that_passes_another_takes_its_place_among_them() -> None:
    after = directed(STORY, do="retime", scene="garden", beat=0, at=0, to=3)
    assert "    at 2s left\n    at 3s [0.1 0.2 0.4 0.9]   # the start\n" in after


def test_a_scene_goes_with_its_comments_before_another() -> None:
    after = directed(STORY, do="move-scene", scene="roof", before="garden")
    start, end = STORY.index("# Where"), STORY.index("\n# The end.")
    assert after == STORY[:start] + STORY[end + 1 :] + "\n" + STORY[start:end]
    assert directed(after, do="move-scene", scene="roof", before="") == STORY
    assert directed(STORY, do="move-scene", scene="garden", before="kitchen") == STORY


def test_what_the_planner_laid_out_is_written_down_where_a_change_needs_it() -> None:
    after = directed(STORY, do="span", scene="kitchen", beat=0, start=1, end=3)
    assert sorted(changed(STORY, after)) == ["+ ", "+   cat dancing 1s..3s"]
    after = directed(STORY, do="retime", scene="roof", beat=0, at=0, to=1)
    before = plan_story(check_text(STORY, FILE).story).plan.scenes[2].beats[0].keyframes[0]
    assert [line for line in changed(STORY, after) if line.strip("+ ")][:2] == [
        "+   witch flying 0s..4s",
        f"+     at 1s [{before.box.x0:g} {before.box.y0:g} {before.box.x1:g} {before.box.y1:g}]",
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"do": "fact", "scene": "hall", "fact": "seed", "value": 1}, "`dreamrunner plan --write`"),
        ({"do": "fact", "scene": "roof", "fact": "seed", "value": 1.5}, "a whole number"),
        ({"do": "fact", "scene": "roof", "fact": "camera", "value": 1}, "in words"),
        ({"do": "fact", "scene": "roof", "fact": "seed", "value": "one"}, "a whole number"),
        ({"do": "fact", "scene": "roof", "fact": "duration", "value": "one"}, "a number of seconds"),
        ({"do": "fact", "scene": "roof", "fact": "in", "value": "a hut"}, "no name of a location"),
        ({"do": "fact", "scene": "roof", "fact": "takes", "value": "many"}, "a whole number"),
        ({"do": "fact", "scene": "roof", "fact": "transition", "value": "fade a while"}, "no transition"),
        ({"do": "fact", "scene": "roof", "fact": "music", "value": '""'}, "music is a file"),
        ({"do": "header", "fact": "voice", "value": '" "'}, "a voice has a name"),
        ({"do": "voice", "entity": "cat", "voice": ""}, "not said in this file"),
        ({"do": "voice", "entity": "dog", "voice": "alloy"}, "no character dog"),
        ({"do": "describe", "scene": "roof", "beat": 9, "text": "x"}, "no such beat"),
        ({"do": "act", "scene": "garden", "beat": 0, "motion": "to be"}, "no motion"),
        ({"do": "span", "scene": "garden", "beat": 0, "start": 4, "end": 4}, "begins before it ends"),
        ({"do": "retime", "scene": "garden", "beat": 0, "at": 1, "to": 3}, "no key frame at 1 s"),
        ({"do": "retime", "scene": "garden", "beat": 0, "at": 0, "to": 2}, "at 2 s already"),
        ({"do": "retime", "scene": "garden", "beat": 0, "at": 0, "to": 5}, "witch is not there at 5 s"),
        ({"do": "remove", "scene": "kitchen", "entity": "cat"}, "nobody but cat"),
        ({"do": "remove", "scene": "garden", "entity": "dog"}, "no dog"),
        ({"do": "rename", "scene": "garden", "entity": "cat", "to": "a b"}, "no name"),
        ({"do": "add-scene", "name": "roof", "after": "", "narration": ""}, "already"),
        ({"do": "add-scene", "name": "1", "after": "", "narration": ""}, "no name"),
        ({"do": "move-scene", "scene": "roof", "before": "hall"}, "`hall` is not written"),
    ],
)
def test_what_can_t_be_is_said(change: dict, says: str) -> None:
    with pytest.raises(NotMade) as raised:
        directed(STORY, **change)
    assert says in str(raised.value) and "\n" not in str(raised.value)


SOUNDING = """\
use "cast.story"

story "A Day"
  voice   "alloy"   # softly
  music "waltz.ogg" 1   # old

character cat voice echo
character owl "an owl"
  voice \"\"\"en-gb\"\"\"

scene roof
  transition   fade 1s   # slowly
  music \"\"\"rain.ogg\"\"\"   # wet
"""


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            {"do": "header", "fact": "voice", "value": "nova"},
            ['-   voice   "alloy"   # softly', '+   voice   "nova"   # softly'],
        ),
        (
            {"do": "header", "fact": "music", "value": "waltz.ogg 0.5"},
            ['-   music "waltz.ogg" 1   # old', '+   music "waltz.ogg" 0.5   # old'],
        ),
        ({"do": "header", "fact": "music", "value": ""}, ['-   music "waltz.ogg" 1   # old', "+   # old"]),
        (
            {"do": "voice", "entity": "cat", "voice": "fable"},
            ["- character cat voice echo", "+ character cat voice fable"],
        ),
        ({"do": "voice", "entity": "cat", "voice": ""}, ["- character cat voice echo", "+ character cat"]),
        ({"do": "voice", "entity": "owl", "voice": ""}, ['-   voice """en-gb"""']),
        # Whom another file declares is given a voice here.
        ({"do": "voice", "entity": "witch", "voice": "nova"}, ["+ character witch", "+   voice nova", "+ "]),
        (
            {"do": "fact", "scene": "roof", "fact": "transition", "value": "dissolve 2s"},
            ["-   transition   fade 1s   # slowly", "+   transition   dissolve 2s   # slowly"],
        ),
        (
            {"do": "fact", "scene": "roof", "fact": "music", "value": "rain.ogg 0.2"},
            ['-   music """rain.ogg"""   # wet', '+   music """rain.ogg""" 0.2   # wet'],
        ),
        (
            {"do": "fact", "scene": "roof", "fact": "music", "value": None},
            ['-   music """rain.ogg"""   # wet', "+   # wet"],
        ),
    ],
)
def test_what_sounds_changes_in_its_place(change: dict, lines: list[str]) -> None:
    assert changed(SOUNDING, direct(SOUNDING, CHANGE.validate_python(change), known=KNOWN)) == lines


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("music", "line 10 says what it does only as long as nobody is called `music`"),
        ("in", "line 11 says what it does only as long as nobody is called `in`"),
        ("seed", "`seed` is a word of the language"),
        ("takes", None),  # a number can be nobody's doing
        ("says", None),
    ],
)
def test_nobody_is_called_as_a_line_begins(name: str, says: str | None) -> None:
    text = (
        'story "A Day"\n\nlocation kitchen "a kitchen"\ncharacter witch "a witch"\n\nscene supper\n'
        '  narration "The witch waves."\n  takes 2\n\n  music "waltz.ogg"\n  in kitchen\n  witch waving\n'
    )
    for change in (
        {"do": "add", "scene": "supper", "entity": name},
        {"do": "rename", "scene": "supper", "entity": "witch", "to": name},
    ):
        asked = CHANGE.validate_python(change)
        if says is None:
            new = direct(text, asked, known=KNOWN)
            assert "  takes 2\n" in new and f"character {name}\n" in new
        else:
            with pytest.raises(NotMade) as raised:
                direct(text, asked, known=KNOWN)
            assert says in str(raised.value)


def test_a_key_frame_that_a_side_says_is_moved_with_its_beat_alone() -> None:
    text = STORY.replace("  cat sitting\n", "  cat walking 0s..6s\n    enters left\n    at 3s right\n")
    with pytest.raises(NotMade, match="`enters left` says where cat is at 0 s"):
        directed(text, do="retime", scene="garden", beat=1, at=0, to=1)
    after = directed(text, do="span", scene="garden", beat=1, start=2, end=5)
    assert "  cat walking 2s..5s\n    enters left\n    at 3.5s right\n" in after
    assert directed(text, do="remove", scene="garden", entity="cat").count("enters") == 0


def test_a_text_that_is_formatted_stays_formatted() -> None:
    text = format_text(STORY, FILE).text
    for change in (
        {"do": "fact", "scene": "garden", "fact": "seed", "value": None},
        {"do": "fact", "scene": "kitchen", "fact": "narration", "value": "One.\n\nTwo."},
        {"do": "drop", "scene": "garden", "beat": 0, "at": 0},
        {"do": "remove", "scene": "garden", "entity": "witch"},
        {"do": "add", "scene": "roof", "entity": "bird"},
        {"do": "span", "scene": "kitchen", "beat": 0, "start": 1, "end": 3},
        {"do": "retime", "scene": "roof", "beat": 0, "at": 0, "to": 1},
        {"do": "delete-scene", "scene": "garden"},
        {"do": "add-scene", "name": "cellar", "after": "roof", "narration": "x"},
        {"do": "move-scene", "scene": "garden", "before": ""},
        {"do": "fact", "scene": "garden", "fact": "transition", "value": "fade"},
        {"do": "fact", "scene": "garden", "fact": "music", "value": "waltz.ogg .5"},
        {"do": "header", "fact": "voice", "value": "alloy"},
        {"do": "voice", "entity": "cat", "voice": "alloy"},
    ):
        after = directed(text, **change)
        assert after != text and format_text(after, FILE).text == after
