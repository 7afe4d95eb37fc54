"""The checked story: values, names, shared casts, paths."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dreamrunner.language import MISSING, PLACES, Box, KeyFrame, Span, Story, Transition, motion_query, read_story
from dreamrunner.language.diagnostics import Diagnostic, grammar_folder
from dreamrunner.language.formatter import format_text
from dreamrunner.language.story import LoraFile


def write(folder: Path, **files: str) -> Path:
    """Write files (``cast`` is cast.story); the path of day.story."""
    for name, text in files.items():
        (folder / f"{name}.story").write_text(text)
    return folder / "day.story"


def story(folder: Path, **files: str) -> Story:
    checked = read_story(write(folder, **files))
    assert [item.message for item in checked.diagnostics if item.severity == "error"] == []
    assert checked.story is not None
    return checked.story


def faults(folder: Path, **files: str) -> tuple[Diagnostic, ...]:
    return read_story(write(folder, **files)).diagnostics


def test_everything_that_a_story_can_say(tmp_path: Path) -> None:
    for name in ("refs/b.png", "refs/a.png", "refs/a.txt", "clips/1.mp4", "loras/fly.safetensors"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    read = story(
        tmp_path,
        day="""\
story "A Day"
  language 1
  topic "a day"
  style "ink"
  model "models/mine"
  seed 7
  size 720x480
  planner gpt-4o
  catalog "clips.parquet"

character witch
  looks "a witch"
  images "refs/*.png"
character cat "a cat"
prop flowers "flowers"
motion waving
  clips "clips/*.mp4"
motion flying
  lora "loras/fly.safetensors" 0.8
motion stirring
  query "person is stirring a pot"

scene garden
  background "a garden"
  narration "She waves."
  duration 4s
  transition dissolve 1s
  avoid "text"
  camera "still"
  seed 3

  witch waving 0s..3s "a witch is waving"
    at 2s [0.5, 0.0, 0.9, 0.8]
    at 0s left
  cat
  flowers

scene sky
  witch flying
  cat stirring
  witch jumping-up_high
""",
    )
    assert (read.title, read.topic, read.style, read.model) == ("A Day", "a day", "ink", "models/mine")
    assert (read.seed, read.size, read.planner, read.catalog) == (7, (720, 480), "gpt-4o", "clips.parquet")
    witch, cat = read.characters
    assert witch.images == (tmp_path / "refs/a.png", tmp_path / "refs/b.png")
    assert (cat.looks, cat.images) == ("a cat", ())
    assert read.props[0].looks == "flowers"
    motions = {motion.name: motion for motion in read.motions}
    assert list(motions) == ["waving", "flying", "stirring", "jumping-up_high"]
    assert motions["waving"].clips == (tmp_path / "clips/1.mp4",)
    assert motions["flying"].loras == (LoraFile(tmp_path / "loras/fly.safetensors", 0.8),)
    assert motion_query(motions["stirring"]) == "person is stirring a pot"
    assert motion_query(motions["jumping-up_high"]) == "person is jumping up high"
    garden, sky = read.scenes
    assert (garden.background, garden.narration, garden.duration) == ("a garden", "She waves.", 4.0)
    assert (garden.transition, garden.avoid, garden.camera) == (Transition("dissolve", 1.0), "text", "still")
    assert (garden.seed, sky.seed) == (3, MISSING)
    waving, sitting, flowers = garden.beats
    assert (waving.motion, waving.span, waving.description) == ("waving", Span(0.0, 3.0), "a witch is waving")
    assert waving.keyframes == (KeyFrame(0.0, PLACES["left"]), KeyFrame(2.0, Box(0.5, 0.0, 0.9, 0.8)))
    assert (sitting.motion, sitting.span, sitting.description, sitting.keyframes) == (MISSING, MISSING, MISSING, ())
    assert flowers.motion is None
    assert (sky.background, sky.narration, sky.duration, sky.transition) == (MISSING, MISSING, MISSING, Transition())


def test_what_is_left_out_of_the_header_has_its_usual_value(tmp_path: Path) -> None:
    read = story(tmp_path, day="scene garden\n")
    assert (read.title, read.topic, read.style, read.model) == ("day", MISSING, "", "miniature")
    assert (read.seed, read.size, read.planner, read.language) == (0, MISSING, "offline", 1)


def test_a_fade_without_a_time_takes_half_a_second(tmp_path: Path) -> None:
    read = story(tmp_path, day="scene a\n  transition fade\nscene b\n  transition cut\n")
    assert [scene.transition for scene in read.scenes] == [Transition("fade", 0.5), Transition("cut", 0.0)]


@pytest.mark.parametrize(
    "line",
    [
        "duration 0s",
        "duration 99999s",
        "transition wipe",
        "transition cut 1s",
        "transition fade 7s",
        "seed -1",
        "seed 1.5",
        "seed 99999999999999999999",
    ],
)
def test_values_that_mean_nothing(line: str, tmp_path: Path) -> None:
    (found,) = faults(tmp_path, day=f"scene garden\n  {line}\n")
    assert (found.code, found.location.line) == ("bad-value", 2)


@pytest.mark.parametrize("size", ["0x480", "720x99999", "7x7", "720x" + "9" * 5000])
def test_sizes_that_no_frame_has(size: str, tmp_path: Path) -> None:
    (found,) = faults(tmp_path, day=f'story "A"\n  size {size}\n\nscene garden\n')
    assert (found.code, found.location.line) == ("bad-value", 2)


@pytest.mark.parametrize("name", ["at", "camera", "seed", "scene"])
def test_words_that_start_lines_of_a_scene_name_no_character(name: str, tmp_path: Path) -> None:
    (found,) = faults(tmp_path, day=f'character {name} "x"\n')
    assert (found.code, found.location.column) == ("reserved-name", 11)


def test_the_places_are_the_documented_ones() -> None:
    table = (grammar_folder() / "reference.md").read_text()
    documented = {
        place: Box(*map(float, numbers.split()))
        for place, numbers in re.findall(r"^\| `([a-z-]+)` \| `\[(.*)\]` \|$", table, re.MULTILINE)
    }
    assert documented == dict(PLACES)
    words = {"left", "center", "right"}
    assert set(PLACES) == words | {f"{down}-{word}" for word in words for down in ("top", "bottom")} | {
        "top",
        "bottom",
        "whole",
    }


def test_beats_that_share_the_scene_leave_each_other_time(tmp_path: Path) -> None:
    text = 'character cat "a cat"\nprop hat "a hat"\nscene garden\n'
    assert faults(tmp_path, day=text + "  hat\n  cat running\n  cat sitting\n") == ()
    assert [item.code for item in faults(tmp_path, day=text + "  hat\n  cat running 0s..6s\n  cat sitting\n")] == [
        "no-time-left"
    ]
    assert [item.code for item in faults(tmp_path, day=text + "  cat running\n  hat\n  hat\n")] == ["no-time-left"]


# Shared casts


CAST = 'character witch\n  looks "a witch"\n  images "refs/*.png"\nmotion flying\n  query "person flies"\n'


def test_a_used_file_brings_its_cast_with_paths_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "shared/refs").mkdir(parents=True)
    (tmp_path / "shared/refs/a.png").touch()
    (tmp_path / "shared/cast.story").write_text(CAST)
    read = story(tmp_path, day='use "shared/cast.story"\n\nscene sky\n  witch flying\n')
    assert read.characters[0].images == (tmp_path / "shared/refs/a.png",)
    assert read.motions[0].query == "person flies"


def test_a_used_file_may_itself_use_one_and_two_may_share_a_third(tmp_path: Path) -> None:
    files = {
        "base": 'character cat "a cat"\n',
        "left": 'use "base.story"\ncharacter witch "a witch"\n',
        "right": 'use "base.story"\ncharacter king "a king"\n',
        "day": 'use "left.story"\nuse "right.story"\n\nscene hall\n  cat\n  witch\n  king\n',
    }
    assert [item.name for item in story(tmp_path, **files).characters] == ["cat", "witch", "king"]


def test_a_story_overrides_one_property_of_a_used_character_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs/a.png").touch()
    override = 'character witch looks "a witch in a red coat"\n'
    read = story(tmp_path, cast=CAST, day='use "cast.story"\n' + override + "\nscene sky\n  witch flying\n")
    assert read.characters[0].looks == "a witch in a red coat"
    assert read.characters[0].images == (tmp_path / "refs/a.png",)
    assert len(read.characters) == 1


def test_the_folder_that_peft_writes_is_a_lora_too(tmp_path: Path) -> None:
    (tmp_path / "fly").mkdir()
    motion = 'motion flying\n  lora "fly" 0.5\n'
    assert [found.code for found in faults(tmp_path, day=motion)] == ["no-match"]
    (tmp_path / "fly" / "adapter_model.safetensors").touch()
    [lora] = story(tmp_path, day=motion).motions[0].loras
    assert lora == LoraFile(tmp_path / "fly" / "adapter_model.safetensors", 0.5)
    outside = tmp_path.parent / f"{tmp_path.name}.safetensors"
    outside.touch()
    (tmp_path / "fly" / "adapter_model.safetensors").unlink()
    (tmp_path / "fly" / "adapter_model.safetensors").symlink_to(outside)
    assert faults(tmp_path, day=motion)


def test_clips_of_the_story_take_the_place_of_a_used_lora_and_the_other_way_round(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "a.safetensors").touch()
    clips, lora = 'motion flying clips "a.mp4"\n', 'motion flying lora "a.safetensors"\n'
    scene = "\nscene sky\n  witch flying\n"
    witch = 'character witch "a witch"\n'
    for mine, theirs in ((clips, lora), (lora, clips)):
        read = story(tmp_path, cast=theirs, day='use "cast.story"\n' + witch + mine + scene)
        assert bool(read.motions[0].clips) == (mine == clips)
        assert bool(read.motions[0].loras) == (mine == lora)


def test_a_fault_in_a_used_file_is_reported_there_and_makes_no_other_here(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, cast="character witch looks\n", day='use "cast.story"\n\nscene sky\n  witch flying\n')
    assert (found.location.file, found.location.line) == (tmp_path / "cast.story", 1)


def test_a_missing_cast_makes_one_message(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, day='use "cast.story"\n\nscene sky\n  witch flying\n')
    assert (found.code, found.location.line, found.location.column) == ("missing-file", 1, 5)


def test_two_casts_that_declare_the_same_name(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, a='character cat "x"\n', b='character cat "y"\n', day='use "a.story"\nuse "b.story"\n')
    assert (found.code, found.location.line) == ("declared-twice", 2)
    assert {place.file.name for _, place in found.related} == {"a.story", "b.story"}


def test_a_circle_of_files_is_shown_as_a_path(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, a='use "b.story"\n', b='use "day.story"\n', day='use "a.story"\n')
    assert found.code == "use-cycle"
    assert found.message.endswith("day.story -> a.story -> b.story -> day.story")
    (found,) = faults(tmp_path, day='use "day.story"\n')
    assert found.code == "use-cycle"


def test_a_cast_may_not_lie_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "cast.story").write_text('character cat "a cat"\n')
    path = write(tmp_path / "in", day='use "../cast.story"\nscene a\n  cat\n')
    assert [item.code for item in read_story(path).diagnostics] == ["outside-folder"]
    assert read_story(path, allow_outside=True).diagnostics == ()


def test_a_long_chain_of_files_ends_in_a_message(tmp_path: Path) -> None:
    for index in range(200):
        (tmp_path / f"c{index}.story").write_text(f'use "c{index + 1}.story"\n')
    assert [item.code for item in faults(tmp_path, day='use "c0.story"\n')] == ["use-cycle"]


@pytest.mark.parametrize(
    "pattern", ["**/**/**/*.png", "***.png", "[", "a[", "*/../*/../*.png", "", ".", "\\u0000", "x" * 5000]
)
def test_no_pattern_breaks_the_search(pattern: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.png").touch()
    found = faults(tmp_path, day=f'character cat\n  images "{pattern}"\n')
    assert {item.code for item in found} <= {"no-match", "outside-folder"}


def test_a_declaration_is_unused_only_when_no_planner_may_use_it(tmp_path: Path) -> None:
    cast = 'character cat "a cat"\ncharacter dog "a dog"\nmotion flying\n\nscene a\n'
    unused = [item.message.split("`")[1] for item in faults(tmp_path, day=cast + "  cat sitting\n")]
    assert unused == ["dog", "flying"]
    assert [item.message.split("`")[1] for item in faults(tmp_path, day=cast + "  cat\n")] == ["dog"]
    assert faults(tmp_path, day=cast + "  cat sitting\nscene b\n") == ()
    assert faults(tmp_path, cast=cast.split("\n\n")[0] + "\n", day='use "cast.story"\nscene a\n  cat sitting\n') == ()


def test_everything_read_is_listed(tmp_path: Path) -> None:
    checked = read_story(write(tmp_path, cast='character cat "a cat"\n', day='use "cast.story"\nscene a\n  cat\n'))
    assert checked.files == (tmp_path / "day.story", tmp_path / "cast.story")


HEADER = """story "A"
  lora "style.safetensors" 0.8
  lora high "fast.safetensors"
  lora low "fast.safetensors" .5
  lora "peft"
"""


def test_a_header_names_loras_for_the_whole_picture(tmp_path: Path) -> None:
    for name in ("style.safetensors", "fast.safetensors", "peft/adapter_model.safetensors"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert story(tmp_path, day=HEADER).loras == (
        LoraFile(tmp_path / "style.safetensors", 0.8),
        LoraFile(tmp_path / "fast.safetensors", 1.0, "high"),
        LoraFile(tmp_path / "fast.safetensors", 0.5, "low"),
        LoraFile(tmp_path / "peft" / "adapter_model.safetensors"),
    )
    assert format_text(HEADER, tmp_path / "day.story").text == HEADER.replace(" .5", " 0.5")
    other = 'use "day.story"\nstory "B"\n'
    assert story(tmp_path, day=other.replace("day", "other"), other=HEADER).loras == ()  # a header stays behind


def test_a_character_and_a_motion_may_have_one_for_each_of_two_networks(tmp_path: Path) -> None:
    for name in ("a.safetensors", "b.safetensors"):
        (tmp_path / name).touch()
    pair = (LoraFile(tmp_path / "a.safetensors", 1.0, "high"), LoraFile(tmp_path / "b.safetensors", 0.5, "low"))
    lines = '  lora high "a.safetensors"\n  lora low "b.safetensors" 0.5\n'
    read = story(tmp_path, day=f"character witch\n{lines}motion flying\n{lines}")
    assert read.characters[0].loras == read.motions[0].loras == pair
    read = story(
        tmp_path, day='use "cast.story"\ncharacter witch lora "b.safetensors"\n', cast=f"character witch\n{lines}"
    )
    assert read.characters[0].loras == (LoraFile(tmp_path / "b.safetensors"),)
    (tmp_path / "day.story").write_text(f'character witch\n{lines}  lora low "a.safetensors"\n')
    [found] = read_story(tmp_path / "day.story").diagnostics
    assert (found.code, found.location.line, found.related[0][1].line) == ("property-twice", 4, 3)


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ('lora "none.safetensors"', "no-match", "no file matches `none.safetensors`"),
        ('lora "../a.safetensors"', "outside-folder", "`../a.safetensors` leaves the story's folder"),
        ('lora "a.safetensors" 11', "bad-value", "the scale of a LoRA must be above 0 and at most 10, not 11"),
        ('lora "a.safetensors" 0', "bad-value", "the scale of a LoRA must be above 0 and at most 10, not 0"),
        ('lora hihg "a.safetensors"', "syntax", "expected `high`, a text in quotes or `low`, found `hihg`"),
        ("lora low", "syntax", "expected a text in quotes, found the end of the line"),
    ],
)
def test_a_lora_of_the_header_that_can_not_be_meant(line: str, code: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").touch()
    (tmp_path / "day.story").write_text(f'story "A"\n  {line}\n')
    [found] = read_story(tmp_path / "day.story").diagnostics
    assert (found.code, found.message.startswith(message)) == (code, True), found.message
    assert ("did you mean `high`" in found.help) == ("hihg" in line)


def test_its_words_stay_names_elsewhere(tmp_path: Path) -> None:
    told = 'story "A"\n\ncharacter high "a"\nmotion low\n\nscene lora\n  high low 0s..2s\n'
    read = story(tmp_path, day=told)
    assert [beat.motion for beat in read.scenes[0].beats] == ["low"] and read.characters[0].name == "high"


@pytest.mark.parametrize(("written", "catalog"), [("miniature", "miniature"), ('"my clips"', "my clips")])
def test_a_catalog_is_a_name_or_a_path(tmp_path: Path, written: str, catalog: str) -> None:
    assert story(tmp_path, day=f'story "A"\n  language 1\n  catalog {written}\n').catalog == catalog
