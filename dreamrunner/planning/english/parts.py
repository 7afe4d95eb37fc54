"""The parts that words have in sentences, and the words of English that have one part alone.

A tag is one letter: ``E`` an entity of the story, ``O`` a pronoun, ``N`` a noun, ``D`` an article or what stands like
one, ``A`` an adjective, ``R`` an adverb, ``P`` a preposition, ``C`` what joins, ``S`` what makes a clause depend on
another, ``W`` what begins a relative clause, ``U`` an auxiliary, ``X`` a negation, ``T`` the "to" of a verb, ``V`` a
verb, ``M`` a mark, ``Q`` spoken words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dreamrunner.planning.english.word_forms import verb_lemma

SUBJECT_PRONOUNS = frozenset("i you he she it we they".split())
PRONOUNS = SUBJECT_PRONOUNS | frozenset(
    "him them us me himself herself itself themselves everyone everybody someone somebody nobody no-one none nothing"
    " everything something both all others another one each neither either anyone anybody".split()
)
THEN = frozenset("then next afterwards afterward later finally suddenly soon eventually lastly meanwhile".split())
SUBORDINATE = frozenset(
    "while as when whilst whenever after once before until till because if unless since although though whether"
    " where wherever so".split()
)
JOINING = frozenset({"and", "or", "but", "nor", "yet", "&"})
BE = frozenset("is are was were be been being am".split())
HAVE, DO = frozenset("has have had having".split()), frozenset("do does did".split())
MODAL = frozenset("will would can could may might must shall should cannot".split())
NEGATION = frozenset("not never no-longer hardly barely scarcely".split())
TAG_PREPOSITIONS = frozenset(
    "in at on into onto through across under underneath beneath below above over near by inside outside within along"
    " alongside around round behind beside besides between beyond to toward towards from among amid amidst up down past"
    " of off with without about against atop upon opposite for like than during except via out next close".split()
)
PERCEIVING = frozenset("see watch hear notice spot find catch spy feel observe glimpse discover".split())
CAUSING = frozenset("make let help have cause".split())
SENDING_OFF = frozenset("send leave set keep".split())
"""Verbs after which what is said of their object with -ing happens: "sends it rolling"."""


@dataclass(slots=True)
class Item:
    """One word, or all words of one mention of an entity.

    ``low``: in lower case.
    ``start``, ``end``: where it is in the text.
    ``entity``: the entity's number, -1 for other words.
    ``tag``: see this module.
    ``joined``: whether a hyphen joins it to the word before. ``capital``: whether it begins with a capital letter.
    ``sort``: the number of the entity that it names only as the sort of the next noun, as the lift of "lift doors".
    ``forms``: which forms of a verb it may be, where it is one.
    """

    low: str
    start: int
    end: int
    entity: int = -1
    tag: str = ""
    forms: frozenset[str] = field(default_factory=frozenset)
    sort: int = -1
    joined: bool = False
    capital: bool = False

    @property
    def lemma(self) -> str:
        """The base form of a verb."""
        return verb_lemma(self.low)
