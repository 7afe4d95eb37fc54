"""What the language learnt later: locations, one made from another, coming into the frame and leaving it, takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.language import MISSING, Box, Diagnostic, check_text, read_story
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parsing.lines import ADDED, words
from dreamrunner.language.parts import KeyFrame
from dreamrunner.language.sides import SIDES, beyond, crossing, filmed
from dreamrunner.language.story import Beat, Character, Prop, Scene, Story
from tests.material.generated_stories import stories

CAST = 'character witch "a witch"\ncharacter cat "a cat"\nlocation kitchen "a cosy kitchen"\n\nscene supper\n'
HEADER = 'story "A day"\n  planner offline\n\n'


def told(text: str) -> tuple[Diagnostic, ...]:
    return check_text(text, Path("day.story")).diagnostics


def only(text: str) -> Diagnostic:
    found = told(text)
    assert len(found) == 1, [item.message for item in found]
    return found[0]


def story_of(text: str) -> Story:
    checked = check_text(text, Path("day.story"))
    assert checked.story is not None, [item.message for item in checked.diagnostics]
    return checked.story


EXAMPLE = """\
location kitchen
  looks "a cosy kitchen with a round window"
  images "refs/kitchen/*.jpg"

character witch
  looks "a witch in a purple dress"
character old-witch from witch
  looks "the same witch, old and bent"
character cat "a small black cat"

scene supper
  in kitchen
  takes 4

  witch stirring 0s..4s
  cat running 2s..5s
    enters left
    leaves right
  old-witch walking
    at 0s [-0.3 0.35 0.0 0.92]
    at 4s [0.35 0.35 0.65 0.92]
"""


def test_the_example_of_the_language_page(tmp_path: Path) -> None:
    photo = tmp_path / "refs/kitchen/1.jpg"
    photo.parent.mkdir(parents=True)
    photo.touch()
    path = tmp_path / "supper.story"
    path.write_text(EXAMPLE)
    checked = read_story(path)
    assert checked.diagnostics == ()
    assert checked.story is not None
    (kitchen,), (scene,) = checked.story.settings, checked.story.scenes
    assert (kitchen.name, kitchen.looks, kitchen.images) == ("kitchen", "a cosy kitchen with a round window", (photo,))
    assert (scene.setting, scene.takes, scene.background) == ("kitchen", 4, "a cosy kitchen with a round window")
    _, cat, old = scene.beats
    assert (cat.enters, cat.leaves, cat.keyframes) == ("left", "right", ())
    assert old.keyframes[0] == KeyFrame(0.0, Box(-0.3, 0.35, 0.0, 0.92))
    assert format_text(EXAMPLE, path).text == EXAMPLE


# The table of mistakes


@pytest.mark.parametrize("number", ["2.4", "-1.01", "60"])
def test_a_box_far_outside_the_frame(number: str) -> None:
    found = only(CAST + f"  in kitchen\n  witch walking\n    at 0s [0.3 0.35 {number} 0.92]\n  cat sleeping\n")
    assert (found.code, found.message) == ("box-outside", f"{number} is outside -1..2")


def test_a_location_that_is_misspelt() -> None:
    found = only(CAST + "  in kichen\n\nscene other\n  in kitchen\n")
    assert (found.message, found.help) == ("no location `kichen`", "did you mean `kitchen`?")
    assert (found.location.line, found.location.column, found.location.end_column) == (6, 6, 12)


@pytest.mark.parametrize(
    ("blocks", "way"),
    [
        ("character witch from witch\n", "witch -> witch"),
        ("character witch from cat\ncharacter cat from witch\n", "witch -> cat -> witch"),
        ("prop a from b\nprop b from c\nprop c from b\n", "b -> c -> b"),
        ("location a from b\nlocation b from c\nlocation c from a\n", "a -> b -> c -> a"),
    ],
)
def test_one_that_is_made_from_itself_shows_the_way_round(blocks: str, way: str) -> None:
    found = only(blocks)
    assert found.message == f"what is made `from` another leads back to itself: {way}"


@pytest.mark.parametrize(
    ("line", "code", "message", "help"),
    [
        ("    enters letf", "unknown-side", "there is no side `letf`", "did you mean `left`?"),
        ("    leaves up", "unknown-side", "there is no side `up`", "a beat `leaves` by left, right, top or bottom"),
        ("    enters left\n    enters right", "property-twice", "`enters` is said twice", None),
        ("    enters left\n    at 0s left", "key-frame-twice", "`witch` has two key frames at 0s", None),
        ("    leaves left\n    at 6s left", "key-frame-twice", "`witch` has two key frames at 6s", None),
        ("    at 0s [-0.3 0 0 1]\n    at 2s [-0.9 0 -0.6 1]", "never-seen", None, None),
        ("    enters", "syntax", "expected a name, found the end of the line", None),
        ("    comes left", "unknown-property", "there is no property `comes` here", None),
    ],
)
def test_mistakes_under_a_beat(line: str, code: str, message: str | None, help: str | None) -> None:
    found = only(CAST + f"  in kitchen\n  cat sleeping\n  witch walking\n{line}\n")
    assert found.code == code
    assert message is None or found.message == message
    assert help is None or found.help == help


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("  takes four\n", "syntax", "a number"),
        ("  takes 0\n", "bad-value", "1 to 100 takes"),
        ("  takes 2.5\n", "bad-value", "1 to 100 takes"),
        ("  in\n", "syntax", "a name"),
        ('  in "kitchen"\n', "syntax", "a name"),
        ("  in witch\n", "unknown-location", "no location `witch`"),
    ],
)
def test_mistakes_of_a_scene(line: str, code: str, words: str) -> None:
    found = only(f"{CAST}{line}\nscene other\n  in kitchen\n")
    assert found.code == code
    assert words in f"{found.message} {found.help}"


@pytest.mark.parametrize(
    ("blocks", "line"),
    [
        ("character kitchen\nlocation kitchen\n", 2),
        ("location kitchen\nprop kitchen\n", 2),
        ("motion kitchen\nlocation kitchen\n", 2),
        ("location kitchen\nmotion kitchen\n", 2),
        ("location kitchen\nlocation kitchen\n", 2),
    ],
)
def test_a_location_is_called_as_nothing_else_is(blocks: str, line: int) -> None:
    found = only(blocks)
    assert (found.code, found.location.line) == ("declared-twice", line)
    assert [where.line for _, where in found.related] == [1]


def test_two_files_that_use_one_name_for_a_location_and_a_motion(tmp_path: Path) -> None:
    (tmp_path / "a.story").write_text("location walking\n")
    (tmp_path / "b.story").write_text("motion walking\n")
    (tmp_path / "day.story").write_text('use "a.story"\nuse "b.story"\n')
    (found,) = read_story(tmp_path / "day.story").diagnostics
    assert (found.code, found.location.line, len(found.related)) == ("declared-twice", 2, 2)


def test_a_location_that_no_scene_is_in() -> None:
    found = only(CAST + "  witch walking\n  cat sleeping\n")
    assert (found.code, found.message) == ("unused", "location `kitchen` is declared and never used")


# What they mean


@pytest.mark.parametrize(
    ("lines", "background"),
    [
        ("  in kitchen\n", "a cosy kitchen"),
        ('  in kitchen\n  background "at night"\n', "a cosy kitchen, at night"),
        ('  background "at night"\n  in kitchen\n', "a cosy kitchen, at night"),
    ],
)
def test_a_background_adds_to_the_looks_of_the_location(lines: str, background: str) -> None:
    assert story_of(CAST + lines).scenes[0].background == background


def test_a_location_without_looks_looks_as_it_is_called() -> None:
    assert (
        story_of("location round-kitchen\n\nscene a\n  in round-kitchen\n").scenes[0].background == "the round kitchen"
    )


def test_what_is_made_from_another_takes_what_it_does_not_say(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).touch()
    text = (
        'character old from young "old"\n'
        "character dead from old\n"
        'character young "young" \n  images "a.png"\n'
        'character photographed from young\n  images "b.png"\n'
    )
    story = check_text(text, tmp_path / "day.story").story
    assert story is not None
    facts = {one.name: (one.looks, [path.name for path in one.images], one.likeness) for one in story.characters}
    assert facts == {
        "old": ("old", ["a.png"], "young"),
        "dead": ("old", ["a.png"], "young"),
        "young": ("young", ["a.png"], ""),
        "photographed": ("young", ["b.png"], ""),
    }


def test_one_of_a_used_file_is_what_another_is_made_from(tmp_path: Path) -> None:
    (tmp_path / "cast.story").write_text('character witch "a witch"\n')
    (tmp_path / "day.story").write_text('use "cast.story"\ncharacter crone from witch\n')
    story = read_story(tmp_path / "day.story").story
    assert story is not None
    assert {one.name: one.looks for one in story.characters} == {"witch": "a witch", "crone": "a witch"}


@pytest.mark.parametrize(
    ("base", "message"),
    [("wich", "there is no character `wich` to be made from"), ("pot", "there is no character `pot` to be made from")],
)
def test_made_from_nobody(base: str, message: str) -> None:
    found = only(f'prop pot "a pot"\ncharacter witch "a witch"\ncharacter crone from {base}\n')
    assert (found.code, found.message) == ("unknown-base", message)


def test_the_part_of_a_box_that_is_filmed() -> None:
    assert filmed(Box(-0.5, 0.2, 0.5, 1.2)) == Box(0.0, 0.2, 0.5, 1.0)
    assert filmed(Box(-0.5, 0.2, 0.0, 1.0)) is None
    box = Box(0.25, 0.5, 0.5, 1.0)
    assert [filmed(beyond(box, side)) for side in SIDES] == [None] * 4
    assert beyond(box, "left") == Box(-0.25, 0.5, 0.0, 1.0)
    assert beyond(box, "bottom") == Box(0.25, 1.0, 0.5, 1.5)


def test_entering_and_leaving_are_key_frames_at_the_ends_of_a_beat() -> None:
    middle = KeyFrame(2.0, Box(0.25, 0.5, 0.5, 1.0))
    frames = crossing([middle], 1.0, 3.0, "left", "top")
    assert frames == (KeyFrame(1.0, Box(-0.25, 0.5, 0.0, 1.0)), middle, KeyFrame(3.0, Box(0.25, -0.5, 0.5, 0.0)))
    assert crossing(frames, 1.0, 3.0, "left", "top") == frames
    assert crossing([], 1.0, 3.0, "left", "top") == ()
    assert crossing([middle], 1.0, 3.0, None, None) == (middle,)


# Old stories keep their meaning

NAMES = sorted(words()[kind] for kind in ADDED)


@pytest.mark.parametrize("where", ["own", "used"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("rest", "beat"),
    [
        ("", Beat("NAME")),
        (" kitchen", Beat("NAME", "kitchen")),
        (' "somebody"', Beat("NAME", description="somebody")),
        (" kitchen 0s..2s\n    at 1s left", None),
        (" left\n    at 1s [0 0 1 1]", None),
    ],
)
def test_a_character_that_is_called_as_a_new_word_acts_as_before(
    rest: str, beat: Beat | None, name: str, where: str, tmp_path: Path
) -> None:
    def scene(called: str) -> Scene:
        folder = tmp_path / called
        folder.mkdir()
        declared = f'character {called} "somebody"\n'
        (folder / "cast.story").write_text(declared)
        begin = declared if where == "own" else 'use "cast.story"\n'
        text = f"{begin}location room\n\nscene one\n  in room\n\nscene two\n  {called}{rest}\n"
        if called == "in" and where == "own":
            text = text.replace("  in room\n", "")
        checked = check_text(text, folder / "day.story")
        assert checked.errors == () and checked.story is not None, [item.message for item in checked.diagnostics]
        return checked.story.scenes[1]

    new, old = scene(name), scene("somebody")
    assert len(new.beats) == 1
    assert [(one.entity, one.motion, one.span, one.description, one.keyframes) for one in new.beats] == [
        (name, one.motion, one.span, one.description, one.keyframes) for one in old.beats
    ]
    if beat is not None:
        assert new.beats[0].motion == beat.motion and new.beats[0].description == beat.description


RENAMED = {
    "in": (r"\bwitch\b", "in"),
    "takes": (r"\btakes\b(?! +\d+ *(?:#|$))", "somebody"),
    "location": (r"(?<!^)\blocation\b", "somebody"),
    "music": (r"\bmusic\b", "somebody"),
}


@settings(max_examples=12, deadline=None)
@given(text=stories(music=False), name=st.sampled_from(sorted(RENAMED)))
def test_any_story_means_the_same_with_somebody_who_is_called_as_a_new_word(text: str, name: str) -> None:
    if name == "in":  # who has the name has the line
        text = re.sub(r"^ +in .*$", "", re.sub(r"\blocation( +)in\b", r"location\1inn", text), flags=re.MULTILINE)
    pattern, other = RENAMED[name]
    renamed = re.sub(pattern, other, text, flags=re.MULTILINE)
    before, after = (check_text(each, Path("day.story")) for each in (text, renamed))
    assert [item.code for item in after.diagnostics] == [item.code for item in before.diagnostics]
    was = "witch" if name == "in" else name
    assert repr(after.story) == repr(before.story).replace(f"'{was}'", f"'{other}'")


def test_new_words_are_names_of_everything() -> None:
    text = "".join(
        f'prop {word} "x"\nmotion {word}\n' for word in ("in", "takes", "location", "enters", "leaves", "from-1")
    )
    text += "\nscene location\n  takes\n  in\n  location\n  enters\n  leaves\n  from-1\n\nscene in\n\nscene takes\n"
    assert told(text) == ()
    story = story_of(text)
    assert [one.entity for one in story.scenes[0].beats] == ["takes", "in", "location", "enters", "leaves", "from-1"]


@pytest.mark.parametrize("thing", [Character("a"), Prop("a")])
def test_nothing_new_is_said_of_what_says_nothing_new(thing: Character | Prop) -> None:
    scene = story_of(f'{type(thing).__name__.lower()} a "x"\n\nscene one\n  a\n').scenes[0]
    assert (scene.setting, scene.takes, scene.background) == ("", 1, MISSING)
    assert (scene.beats[0].enters, scene.beats[0].leaves) == (None, None)
