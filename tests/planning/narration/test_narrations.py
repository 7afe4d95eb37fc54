"""Every clause of a narration is understood, or said not to be: a table of narrations, each with what is made of it.

A line of ``narrations.txt`` is a narration, what everybody in the picture does, and after ``!`` the clauses of which
nothing is filmed. ``king walking(to:tree)0 sitting1`` is a king who walks to the tree, then sits; ``tree`` alone is
only there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dreamrunner.planning.english.word_forms import verb_lemma
from dreamrunner.planning.narration.events import Event, Telling
from dreamrunner.planning.narration.reader import read_telling

TABLE = Path(__file__).with_name("narrations.txt")
CHARACTERS = (
    "witch king queen mermaid robot cat dog horse dragon bird zoe mr-fox bruno will rose princess prince boy frog ghost"
    " duck children"
).split()
PROPS = "tree house table chair ball box lantern mailbox heron leaf pot flowers balloon hat light car moon saw".split()
LOOKS = {name: f"a {name}" for name in (*CHARACTERS, *PROPS)} | {
    "zoe": "a girl with red hair",
    "bruno": "a big brown bear",
    "will": "a man",
    "rose": "a woman",
    "mr-fox": "a fox in a suit",
    "children": "three children",
}


def shown(event: Event) -> str:
    """An event as the table has it."""
    said = []
    if path := event.path:
        said.append(f"{path.way}{('', '>', '<')[path.heading]}{':' + path.other if path.other else ''}")
    if relation := event.relation:
        said.append(f"{relation.kind}:{relation.other}")
    if event.side is not None:
        said.append(("middle", "right", "left")[event.side])
    said += [event.height] if event.height else []
    said += [f"becomes {event.change.after}"] if event.change else []
    doing = event.motion or (f"[{event.verb}]" if event.verb and not said else "")
    return f"{doing}{'(' + ', '.join(said) + ')' if said else ''}{event.step}"


def telling_of(text: str) -> Telling:
    """A narration, read with the cast of the table."""
    return read_telling(text, [*CHARACTERS, *PROPS], CHARACTERS, [], None, LOOKS)


def understood(text: str) -> str:
    """What is made of a narration, as the table has it."""
    telling = telling_of(text)
    acts: dict[str, list[str]] = {name: [] for name in telling.present}
    for event in sorted(telling.events, key=lambda event: event.step):
        assert event.entity in acts, f"{event.entity} acts and is not there"
        acts[event.entity].append(shown(event))
    everybody = "; ".join(" ".join([name, *told]) for name, told in acts.items())
    left = "; ".join(f"{text[said.start : said.end]} ({said.unfilmed})" for said in telling.clauses if said.unfilmed)
    return f"{everybody} ! {left}".strip() if left else everybody


def rows() -> list[tuple[str, str]]:
    pairs = (line.split(" => ") for line in TABLE.read_text(encoding="utf-8").splitlines() if " => " in line)
    return [(text.strip(), told.strip()) for text, told in pairs]


@pytest.mark.parametrize(("text", "told"), rows(), ids=[text for text, _ in rows()])
def test_a_narration_is_understood_or_said_not_to_be(text: str, told: str) -> None:
    assert understood(text) == told


STAND_FOR = {
    "walk": "make go come move enter leave return approach cross pass meet swap step follow trade change lead reach"
    " sweep circle waddle",
    "carry": "bring deliver",
    "talk": "say ask tell call answer warn beg plead report inform repeat protest insist boast joke exclaim",
    "run": "shoot chase ride follow hunt flee",
    "stand": "stop get halt pause freeze pick pull rise",
    "lie": "lay",
    "push": "move",
    "descend": "lower",
    "sit": "drop sink collapse flop slump",
    "photograph": "take",
    "fly": "return flap take lift blast go come move leave circle cross",
    "swim": "go come move leave circle cross",
    "sleep": "asleep fall nod doze",
    "fall": "throw hurl fling",
    "jump": "throw hurl fling",
    "smile": "smile",
    "watch": "follow",
    "pull": "draw",
    "cry": "tear",
    "dash": "shoot explode tear rocket",
    "kneel": "knee knees",
}
"""The motions that verbs are filmed as which say less, or more, than a motion does."""


def test_no_motion_is_made_up() -> None:
    for text, told in rows():
        words = re.findall(r"[a-z]+", text.lower())
        said = {*words, *(verb_lemma(word) for word in words)}
        for act in re.findall(r"[a-z]+ing(?=[(0-9])", told.split("!")[0]):
            root = verb_lemma(act)
            assert root in said or said.intersection(STAND_FOR.get(root, "").split()), (text, act)


def test_the_table_is_of_some_size() -> None:
    assert len(rows()) >= 300
    assert sum("!" in told for _, told in rows()) >= 60
