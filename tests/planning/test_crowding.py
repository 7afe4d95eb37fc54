"""What can't be seen together in one picture is told at its words; what can be is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.crowding import MOST_ABREAST

HEAD = 'character king "a king"\ncharacter cat "a cat"\ncharacter dog "a dog"\nprop box "a box"\n'


def told(narration: str, head: str = HEAD) -> list[str]:
    """The words at which something has no room."""
    source = f'{head}scene a\n  narration "{narration}"\n'
    story = check_text(source, Path("x.story")).story
    assert story is not None
    found = [item.location for item in plan_story(story).diagnostics if item.code == "no-room"]
    return [source.split("\n")[place.line - 1][place.column - 1 : place.end_column - 1] for place in found]


@pytest.mark.parametrize(
    ("narration", "words"),
    [
        ("The cat is to the left of the dog. The dog is left of the cat.", ["The dog is left of the cat"]),
        (
            "The cat stands to the right of the king, the king to the right of the dog, and the dog is to the right of"
            " the cat.",
            ["the dog is to the right of the cat"],
        ),
        ("The cat sits on the box. The box is on the cat.", ["The box is on the cat"]),
        ("The cat is to the left of the dog. The king is to the left of the cat.", []),
        ("The cat sits on the box. The dog sits under the box.", []),
        ("The cat is to the left of the dog and walks to the king.", []),
    ],
)
def test_places_that_contradict_each_other_are_told(narration: str, words: list[str]) -> None:
    assert told(narration) == words


@pytest.mark.parametrize("more", [0, 2])
def test_a_crowd_is_told_when_nobody_has_room(more: int) -> None:
    names = [f"elf-{number}" for number in range(MOST_ABREAST + more)]
    head = "".join(f'character {name} "an elf"\n' for name in names)
    assert len(told(" ".join(f"The {name.replace('-', ' ')} waves." for name in names), head)) == more
