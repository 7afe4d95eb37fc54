"""Marks in words."""

import pytest

from dreamrunner.checking.marks import ActMark, EntityMarks, SceneMarks
from dreamrunner.checking.said import said, share

MOMENTS = (0.5, 1.5, 2.5, 3.5)


def marks(*rows: tuple[str, str], acts: tuple[ActMark, ...] = (), score: float | None = 0.5) -> SceneMarks:
    names = {"r": "right", "m": "missing", "e": "elsewhere", "t": "twice", "u": "unlike", "l": "lingers", "-": "unsaid"}
    entities = tuple(EntityMarks(entity=who, marks=tuple(names[each] for each in row)) for who, row in rows)
    return SceneMarks(scene="leaving", watcher="w", moments=MOMENTS, entities=entities, acts=acts, score=score)


WAVES = ActMark(entity="cat", motion="waving-a-flag", start=1.0, end=3.5, done=False)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (marks(("king", "rrrr"), score=1.0), ""),
        (marks(("king", "r--r"), score=1.0), ""),
        (marks(score=None), ""),
        (marks(("king", "rrmm")), "king not seen from 2 s to 4 s in leaving (right: 50%)"),
        (
            marks(("king", "mrrm")),
            "king not seen from 0 s to 1 s, king not seen from 3 s to 4 s in leaving (right: 50%)",
        ),
        (
            marks(("cat", "uuue"), ("king", "ltmm")),
            "king not seen from 2 s to 4 s, cat not in its box from 3 s to 4 s in leaving, and 3 more (right: 50%)",
        ),
        (
            marks(("cat", "rrrr"), acts=(WAVES,), score=0.25),
            "cat not seen waving a flag from 1 s to 3.5 s in leaving (right: 25%)",
        ),
    ],
)
def test_the_worst_and_longest_stands_first(found: SceneMarks, line: str) -> None:
    assert said(found) == line


@pytest.mark.parametrize(("score", "text"), [(1.0, "100%"), (0.999, "99%"), (0.0, "0%"), (0.456, "46%")])
def test_what_is_not_all_is_never_all(score: float, text: str) -> None:
    assert share(score) == text


def test_marks_are_read_back_from_their_text() -> None:
    found = marks(("king", "rmlt"), acts=(WAVES,))
    assert SceneMarks.model_validate_json(found.text()) == found
