"""What the model of the header can't draw is told at its words, once, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.noticed import noticed, undrawn_by

HEAD = 'character witch "a witch in a purple dress"\n'


def told(text: str, folder: Path = Path()) -> list[tuple[str, str]]:
    """What can't be drawn, and the words in the file where that is told."""
    story = check_text(text, folder / "x.story").story
    assert story is not None
    lines = text.split("\n")
    found = [item for item in noticed(story) if item.code == "not-drawn"]
    places = [item.location for item in found]
    words = [lines[place.line - 1][place.column - 1 : place.end_column - 1] for place in places]
    said = [item.message.removeprefix("`miniature` can't draw the ") for item in found]
    return list(zip(said, words, strict=True))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('character elf "an elf"\nscene a\n  elf waving', [("character `elf`", "elf")]),
        ("character elf\nscene a\n  elf waving", [("character `elf`", "elf")]),
        # what somebody is stands before what somebody has
        ('character elf "an elf with a cat"\nscene a\n  elf waving', [("character `elf`", "elf")]),
        ('character tom "a kitten"\nscene a\n  tom waving', []),
        ('character tom "a pink kitten"\nscene a\n  tom waving', [("colour `pink` of `tom`", "tom")]),
        ('character tom "a violet kitten"\nscene a\n  tom waving', []),
        ('character elf "an elf"\ncharacter cat\nscene a\n  cat waving', []),  # who is not on stage is not drawn
        ("prop lamp\nprop roses\nscene a\n  lamp\n  roses", [("prop `lamp`", "lamp")]),
        (f'{HEAD}scene a\n  background "a subway"\n  witch waving', [('place "a subway"', '"a subway"')]),
        (f'{HEAD}scene a\n  background "a meadow by the subway"\n  witch waving', []),
        (f'{HEAD}location tube "a subway"\nscene a\n  in tube\n  witch waving', [('place "a subway"', "tube")]),
        (f"{HEAD}scene a\n  witch juggling\nscene b\n  witch juggling", [("motion `juggling`", "juggling")]),
        (f"{HEAD}motion juggling\nscene a\n  witch juggling", [("motion `juggling`", "juggling")]),
        (f"{HEAD}scene a\n  witch strolled-home", []),
        (f"{HEAD}scene a\n  witch ran", []),
        (f"{HEAD}scene a\n  witch rolling", []),  # which its own catalog of clips shows
        (f'story "x"\n  catalog none\n{HEAD}scene a\n  witch rolling', [("motion `rolling`", "rolling")]),
        (
            f'{HEAD}scene a\n  narration "The witch waves. Then she juggles in the attic."',
            [('place "an attic"', "attic"), ("motion `juggling`", "she juggles in the attic")],
        ),
        (f'story "x"\n  model cogvideox-2b\n{HEAD}character elf\nscene a\n  elf juggling\n  witch', []),
        (f'story "x"\n  model "owner/name"\n{HEAD}character elf\nscene a\n  elf juggling\n  witch', []),
    ],
)
def test_what_has_no_word_is_told_at_its_words(text: str, wanted: list[tuple[str, str]]) -> None:
    assert told(text) == wanted


def test_what_is_learnt_from_files_of_the_story_is_drawn(tmp_path: Path) -> None:
    for file in ("elf.png", "juggling.mp4", "spin.safetensors"):
        (tmp_path / file).write_bytes(b"x")
    text = (
        'character elf "a pink elf"\n  images "elf.png"\nmotion juggling\n  clips "juggling.mp4"\n'
        'motion hatching\n  lora "spin.safetensors"\nscene a\n  elf juggling 0s..3s\n  elf hatching 3s..6s'
    )
    assert told(text, tmp_path) == []


def backgrounds(text: str) -> list[str]:
    plan = plan_story(check_text(text, Path("x.story")).story).plan
    assert plan is not None
    return [scene.background for scene in plan.scenes]


def test_the_planner_prefers_places_that_the_model_can_draw() -> None:
    told_of_two = 'scene a\n  narration "The witch waves in the village by the castle."'
    assert backgrounds(f"{HEAD}{told_of_two}") == ["a castle"]
    assert backgrounds(f'story "x"\n  model cogvideox-2b\n{HEAD}{told_of_two}') == ["a village"]
    # Whoever looks at a castle is elsewhere, whatever can be drawn.
    assert backgrounds(f'{HEAD}scene a\n  narration "In the attic the witch looks at a castle."') == ["an attic"]


def test_a_story_that_is_made_up_plays_where_the_model_can_draw() -> None:
    topic = f'story "x"\n  topic "a day"\n{HEAD}'
    assert backgrounds(topic) == [
        "a meadow",
        "a forest",
        "a snowy field",
        "a beach",
        "a cosy room",
        "a garden at night",
    ]
    other = topic.replace('  topic "a day"', '  topic "a day"\n  model cogvideox-2b')
    assert "a village" in backgrounds(other)


def test_another_model_than_the_story_names_is_asked_what_it_draws() -> None:
    story = check_text(
        'story "a"\n  model cogvideox-2b\ncharacter elf "an elf"\nscene a\n  elf waving', Path("x.story")
    ).story
    assert story is not None
    assert [item.code for item in noticed(story)] == []
    assert [item.message for item in undrawn_by(story, "miniature")] == ["`miniature` can't draw the character `elf`"]


def test_a_location_that_photos_show_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "1.png").touch()
    text = f'{HEAD}location tube "a subway"\n  images "1.png"\nscene a\n  in tube\n  witch waving\n'
    assert told(text, tmp_path) == []
