"""Nobody goes a way that no narration tells: who stands, stands, through the whole scene."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from dreamrunner.planning.english.verb_groups import LEAPING, MOVING
from dreamrunner.planning.english.word_forms import motion_verb
from tests.planning.narration.test_narrations import CHARACTERS, LOOKS, PROPS, rows, telling_of

STILL = "waves bows sits sings sleeps yawns reads claps digs eats waits looks kneels".split()
PLACES = ("", " beside the tree", " behind the house", " on the box", " on the left", " under the table")


def head(narration: str) -> str:
    """The declarations of those who are in a narration."""
    present = telling_of(narration).present
    kinds = {**dict.fromkeys(CHARACTERS, "character"), **dict.fromkeys(PROPS, "prop")}
    return "".join(f'{kinds[name]} {name} "{LOOKS[name]}"\n' for name in (*CHARACTERS, *PROPS) if name in present)


def moved(narration: str) -> dict[str, list[tuple[float, float]]]:
    """Of everybody whose boxes change within the scene: the middles of the boxes, from left to right."""
    text = narration.replace('"', '\\"')
    story = check_text(
        f'{head(narration)}scene a\n  background "a place"\n  narration "{text}"\n', Path("x.story")
    ).story
    assert story is not None
    plan = plan_story(story).plan
    assert plan is not None
    found: dict[str, list[tuple[float, float]]] = {}
    for beat in plan.scenes[0].beats:
        middles = [((frame.box.x0 + frame.box.x1) / 2, (frame.box.y0 + frame.box.y1) / 2) for frame in beat.keyframes]
        found.setdefault(beat.entity, []).extend(middles)
    return {name: middles for name, middles in found.items() if len(set(middles)) > 1}


def still(narration: str) -> bool:
    """Whether a narration has nobody go anywhere, and everybody in one place only."""
    events = telling_of(narration).events
    goes = any(event.path or motion_verb(event.motion or event.verb) in MOVING | LEAPING for event in events)
    places = [event for event in events if event.relation or event.side is not None or event.height]
    return not goes and all(event.step == 0 for event in places)


@pytest.mark.parametrize("narration", [text for text, _ in rows() if still(text)][::6])
def test_whoever_goes_nowhere_stays(narration: str) -> None:
    assert moved(narration) == {}


@given(
    st.lists(st.tuples(st.sampled_from(CHARACTERS[:6]), st.sampled_from(STILL)), min_size=1, max_size=5),
    st.sampled_from(PLACES),
)
@settings(max_examples=60, deadline=None)
def test_no_way_is_made_up(acts: list[tuple[str, str]], place: str) -> None:
    first, *others = [f"the {name} {verb}" for name, verb in acts]
    narration = ". Then ".join([first + place, *others]) + "."
    assert moved(narration) == {}, narration
