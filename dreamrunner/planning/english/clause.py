"""A clause: what is done, by whom, and what joins it to the clauses before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Unfilmed = Literal[
    "", "doer", "act", "not", "perhaps", "asked", "nothing", "before", "place", "thing", "many", "much", "whom", "part"
]
"""Why nothing is filmed of a clause: its doer is nobody of the story, its verb is nothing that is seen, it tells what
does not happen, what may happen, a question, nothing that can be told apart, what happened before, a place of which no
picture is made, a place by a thing that the story does not declare, more than its scene has room for, what is done
by one of several who may be meant, or it names somebody of whom nothing is made. Empty where
something is filmed."""


@dataclass(slots=True)
class Clause:
    """What one group of verbs, or a sentence without any, says. Positions are those of the sentence's items.

    ``begin``: where the words that join it begin. ``own``: where its own words begin. ``verb``: where its group of
    verbs begins, and ``tail`` where that ends. ``end``: where the clause ends.
    ``lemma``: the base form of what is done; "be" for what only is.
    ``subjects``: the heads of the noun phrases that do it. ``agents``: of the passive, those after "by".
    ``markers``: the words that join it.
    ``passive``: whether the subject is who it is done to.
    ``unreal``: why it doesn't happen: ``not``, ``perhaps`` or ``asked``; empty where it does.
    ``ends``: whether it says that the act ends.
    ``form``: the form of its first verb. ``relative``: whether it tells of a noun in another clause.
    ``content``: whether it is only said or thought. ``leads``: whether somebody is made to do what the next one says.
    ``whom``: of a relative clause the noun that it acts on, -1 for none.
    ``anew``: whether it happens after the clause that it depends on.
    """

    begin: int
    own: int
    verb: int
    tail: int
    end: int
    lemma: str
    subjects: tuple[int, ...] = ()
    agents: tuple[int, ...] = ()
    markers: tuple[str, ...] = ()
    passive: bool = False
    unreal: Unfilmed = ""
    ends: bool = False
    form: str = "finite"
    relative: bool = False
    anew: bool = False
    content: bool = False
    leads: bool = False
    whom: int = -1
    shared: bool = False
    verbs: list[int] = field(default_factory=list)
