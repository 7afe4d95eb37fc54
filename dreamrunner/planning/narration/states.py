"""What clauses of being say: that somebody is there or gone, or larger than another."""

from __future__ import annotations

from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.parts import BE, HAVE, PERCEIVING, Item
from dreamrunner.planning.english.verbs import HAVING
from dreamrunner.planning.english.words import POSSESSIVE
from dreamrunner.planning.narration.senses import COMPARED
from dreamrunner.planning.narration.wording import Wording

_ABSENT = frozenset("gone away absent missing nowhere".split())


class States(Wording):
    """Reads clauses of being. ``larger``: who was said to be larger than whom."""

    def __init__(self, cast: Cast, speaker: str | None) -> None:
        super().__init__(cast, speaker)
        self.larger: list[tuple[str, str]] = []

    def _leaves(self, items: list[Item], clause: Clause) -> bool:
        """Whether somebody is said not to be there: "the king is gone", "the cat is away"."""
        words = [item.low for item in items[clause.verb : clause.end]]
        if clause.verbs and clause.lemma != "go":
            return False
        return bool((BE | HAVE | {POSSESSIVE}).intersection(words[:2])) and bool(_ABSENT.intersection(words[1:4]))

    def _shown(self, items: list[Item], clause: Clause, subjects: tuple[str, ...]) -> bool:
        """Whether a clause of being or seeing brings somebody into the picture."""
        if clause.lemma in PERCEIVING | HAVING:
            return any(item.entity >= 0 for item in items[clause.tail : clause.end])
        if clause.lemma == "be":
            there = any(item.low == "there" for item in items[clause.begin : clause.tail])
            after = next((item.tag for item in items[clause.tail : clause.end] if item.tag not in "RX"), "")
            return there or after in ("P", "", "M")
        return True

    def _compares(self, items: list[Item], clause: Clause, subjects: tuple[str, ...]) -> bool:
        """Whether a clause says who is larger; it is noted."""
        if clause.lemma not in ("be", "stand", "look"):
            return False
        words = items[clause.tail : clause.end]
        lows = [item.low for item in words]
        if "than" in lows:
            than, factor = lows.index("than"), 1 if clause.unreal != "not" else 0
        elif lows.count("as") > 1 and (clause.unreal == "not" or {"twice", "times", "double"}.intersection(lows)):
            than, factor = len(lows) - 1 - lows[::-1].index("as"), -1 if clause.unreal == "not" else 1
        else:
            return False
        others = [self.names[item.entity] for item in words[than:] if item.entity >= 0]
        sign = factor * next((COMPARED[low] for low in lows[:than] if low in COMPARED), 0)
        for name in subjects if others and sign else ():
            self.larger.append((name, others[0]) if sign > 0 else (others[0], name))
        return bool(others and sign)
