"""What nothing is filmed of is told at its words, and only there where a narration is what is filmed."""

from __future__ import annotations

from pathlib import Path

from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.open_scenes import open_scenes
from dreamrunner.planning.unfilmed import unfilmed

HEAD = 'character king "an old king"\ncharacter cat "a cat"\n'


def told(body: str, head: str = HEAD) -> list[tuple[str, int, str]]:
    """Each warning's code, its line, and the words in the file where it stands."""
    source = f"{head}scene a\n{body}\n"
    story = check_text(source, Path("x.story")).story
    assert story is not None
    found = unfilmed(open_scenes(story))
    assert plan_story(story).diagnostics == found
    places = [item.location for item in found]
    words = [source.split("\n")[place.line - 1][place.column - 1 : place.end_column - 1] for place in places]
    return [(item.code, item.location.line, said) for item, said in zip(found, words, strict=True)]


def test_each_clause_that_leads_to_nothing_is_told_at_its_words() -> None:
    assert told('  narration "The king waves. His slippers fly off, and the cat didn\'t run."') == [
        ("not-understood", 4, "His slippers fly off"),
        ("not-understood", 4, "the cat didn't run"),
    ]


def test_what_is_understood_is_not_told() -> None:
    assert told("  narration \"The king waves while the cat sleeps. 'Hello,' says the king.\"") == []


def test_a_scene_with_beats_is_filmed_as_written() -> None:
    assert told('  narration "His slippers fly off."\n  king waving') == []


def test_a_chat_model_reads_for_itself() -> None:
    source = f'story "x"\n  planner "gpt-4o"\n{HEAD}scene a\n  narration "His slippers fly off."\n'
    assert open_scenes(check_text(source, Path("x.story")).story) == ()


def test_another_language_is_told_once() -> None:
    found = told('  narration "El rey camina por el jardín y el gato duerme en la cama."')
    assert [code for code, _, _ in found] == ["not-english"]


def test_a_scene_without_anybody_is_its_place_alone() -> None:
    plan = plan_story(check_text(f'{HEAD}scene a\n  narration "It rains in the garden."\n', Path("x.story")).story).plan
    assert plan is not None
    assert plan.scenes[0].beats == () and plan.scenes[0].background == "a garden"


def test_what_a_scene_has_no_room_for_is_told_and_no_other_motion_stands_in_for_it() -> None:
    names = ["king", "cat", "dog", "frog", "ghost", "witch"]
    head = "".join(f'character {name} "a {name}"\n' for name in names)
    body = "The king waves, the cat sleeps, the dog jumps, the frog sits, the ghost flies and the witch waves."
    assert told(f'  narration "{body}"', head) == [("not-understood", 8, "the ghost flies")]
    plan = plan_story(check_text(f'{head}scene a\n  narration "{body}"\n', Path("x.story")).story).plan
    assert plan is not None
    assert [beat.motion for beat in plan.scenes[0].beats] == [
        "waving", "sleeping", "jumping", "sitting", "standing", "waving",
    ]  # fmt: skip


def test_a_way_that_nobody_takes_and_who_has_no_part_are_told_beside_what_is_filmed() -> None:
    assert told('  narration "The king carries the cat up above the clouds."') == [("not-understood", 4, "up")]
    assert told('  narration "The king waits, cat at his feet."') == [("not-understood", 4, "cat")]
