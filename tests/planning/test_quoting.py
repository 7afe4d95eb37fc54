"""Each beat of a plan knows the words of the narration that it came from, and nothing of that is in the plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamrunner.planning import origins, plan_file
from dreamrunner.planning.quoting import pieces, quoted

HEAD = """character witch "a witch"
character cat "a cat"
prop flowers "flowers"
prop mat "a mat"
scene a
  narration "The cat runs."
scene b
"""


def told(folder: Path, body: str, head: str = HEAD) -> list[str]:
    """By beat of the last scene: who, what, and the words in quotes that it came from."""
    path = folder / "day.story"
    path.write_text(head + body, encoding="utf-8")
    planned = plan_file(path)
    scene = planned.plan.scenes[-1]
    words = origins(planned)[scene.name].words
    beats = zip(scene.beats, words, strict=True)
    return [f"{beat.entity} {beat.motion or '-'}: {quoted(scene.narration, each)}" for beat, each in beats]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '  narration "The witch walks among her flowers, then waves."\n',
            ["witch walking: The witch walks among her flowers", "witch waving: waves", "flowers -: flowers"],
        ),
        # Whom the author puts there has the words that name it, as when a box of a fill was moved.
        (
            '  narration "The witch walks to the mat."\n  witch walking 0s..6s\n  mat\n    at 0s [0.1 0.2 0.4 0.9]\n',
            ["witch walking: The witch walks to the mat", "mat -: mat"],
        ),
        # Who waits is only named; "she" and "it" are read as who is meant.
        (
            '  narration "The witch jumps. Then the cat on the mat sleeps while she waves."\n',
            [
                "witch jumping: The witch jumps",
                "witch waving: she waves",
                "cat standing: cat",
                "cat sleeping: the cat on the mat sleeps",
                "mat -: mat",
            ],
        ),
        # A way ends where it leads to: who stands there came from the words of the way.
        (
            '  narration "The cat walks to the mat. Then the witch waves."\n',
            [
                "cat walking: The cat walks to the mat",
                "cat standing: The cat walks to the mat",
                "mat -: mat",
                "witch standing: witch",
                "witch waving: the witch waves",
            ],
        ),
        # What is left open in written beats is read from the narration, too.
        (
            '  narration "The witch stirs. The cat sits left of the witch."\n  witch\n  cat dancing\n',
            ["witch stirring: The witch stirs", "cat dancing: The cat sits left of the witch"],
        ),
        # Letters that two units of JavaScript make up, and lines.
        (
            '  narration """\n    \U0001f319\U0001f319 The witch\n    sleeps.\n    """\n',
            ["witch sleeping: The witch sleeps"],
        ),
    ],
)
def test_a_beat_came_from_the_words_that_tell_of_it(tmp_path: Path, body: str, expected: list[str]) -> None:
    assert told(tmp_path, body) == expected


def test_where_nothing_was_read_there_are_no_words(tmp_path: Path) -> None:
    written = '  narration "The witch waves."\n  witch waving 0s..6s "a witch"\n    at 0s left\n'
    assert told(tmp_path, written) == ["witch waving: "]
    assert told(tmp_path, '  background "a room"\n  witch waving\n') == ["witch waving: "]
    assert told(tmp_path, '  narration "The cat sees the witch."\n  witch waving\n') == ["witch waving: "]


def test_a_fill_of_a_chat_model_has_none_and_one_edited_by_hand_those_that_still_tell_of_it(tmp_path: Path) -> None:
    body = '  narration "The witch waves."\n'
    path = tmp_path / "day.story"
    before = told(tmp_path, body)
    assert before == ["witch waving: The witch waves"]
    filled = tmp_path / "day.plan.story"
    filled.write_text(plan_file(path).text, encoding="utf-8")
    assert told(tmp_path, body) == before
    text = filled.read_text(encoding="utf-8")
    filled.write_text(text.replace("offline", '"gpt-4o prompts 1"'), encoding="utf-8")
    assert told(tmp_path, body) == ["witch waving: "]
    filled.write_text(text.replace("offline\n", "offline\n  seed 3\n"), encoding="utf-8")
    assert told(tmp_path, body) == before
    filled.write_text(text.replace("witch waving", "witch dancing"), encoding="utf-8")
    assert told(tmp_path, body) == ["witch dancing: "]


LENGTH = 12
STRETCHES = st.tuples(st.integers(0, LENGTH - 1), st.integers(1, LENGTH)).filter(lambda pair: pair[0] < pair[1])


@given(st.text(min_size=LENGTH, max_size=LENGTH), st.lists(st.lists(STRETCHES, max_size=3).map(tuple), max_size=4))
def test_pieces_are_the_text_and_each_letter_knows_whose_it_is(text: str, words: list) -> None:
    found = pieces(text, words)
    assert "".join(piece for piece, _ in found) == text
    letters = [of for piece, of in found for _ in piece]
    assert letters == [
        tuple(number for number, each in enumerate(words) if any(a <= at < b for a, b in each)) for at in range(LENGTH)
    ]
