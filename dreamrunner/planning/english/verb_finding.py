"""Whether a word is a verb in its sentence: "walks" in "the cat walks", not in "her long walks"."""

from __future__ import annotations

from dreamrunner.planning.english.lexicon import DETERMINERS, VERBS
from dreamrunner.planning.english.parts import (
    BE,
    CAUSING,
    DO,
    HAVE,
    JOINING,
    MODAL,
    PERCEIVING,
    SUBORDINATE,
    TAG_PREPOSITIONS,
    Item,
)
from dreamrunner.planning.english.verb_groups import AIMING, GIVING, MOVING, PUSHING, PUTTING, TAKING
from dreamrunner.planning.english.verbs import BEGINNING, BODY, CEASING, COMMON, TRYING
from dreamrunner.planning.english.word_forms import kinds_of, noun_lemma, verb_forms, verb_lemma
from dreamrunner.planning.english.words import MARKS, POSSESSIVE

_KNOWN = VERBS | COMMON | MOVING | TAKING | PUTTING | GIVING | PUSHING | AIMING | CEASING | BEGINNING | TRYING
WAYS = frozenset("up down off out away in on over around along back forward forwards apart together by".split())
PARTICLES = frozenset("up down off out away back around along forward forwards apart".split())
_SOUND_PLURAL = frozenset("people children men women mice geese sheep fish".split())


_PLAIN = frozenset(
    "go come sit stand lie walk run fly swim eat sleep look wait play sing dance wave fight watch".split()
)
"""Verbs that are hardly the last noun of a phrase before them."""


class VerbFinder:
    """Looks at the words of a sentence from the first to the last.

    ``items``: the words, those before the one looked at with their tags. ``motions``: base forms of verbs of the
    story's own motions. ``verb``: the last verb so far. ``forms``: the forms of all verbs so far.
    """

    def __init__(self, items: list[Item], motions: frozenset[str]) -> None:
        self.items, self.motions = items, motions
        self.verb: Item | None = None
        self.forms: frozenset[str] = frozenset()

    def low(self, position: int) -> str:
        return self.items[position].low if 0 <= position < len(self.items) else ""

    def before(self, position: int) -> tuple[str, Item | None]:
        """The tag before a word, and the item, adverbs left out."""
        at = position - 1
        while at >= 0 and self.items[at].tag in "RX" and self.items[at].low != "there":
            at -= 1
        return (self.items[at].tag, self.items[at]) if at >= 0 else ("", None)

    def _finite(self, position: int) -> bool:
        low = self.low(position)
        if low in BE | HAVE | DO | MODAL:
            return True
        forms = verb_forms(low)
        return (
            (bool(forms & {"s", "past"}) and low not in ("left",))
            or ("base" in forms and kinds_of(low) == {"VERB"})
            or ("base" in forms and self._known(low) and self._plural_before(position))
        )

    def _plural_before(self, position: int) -> bool:
        before = self.low(position - 1)
        return noun_lemma(before) != before or before in ("they", "we", "you")

    def _nominal(self, position: int) -> bool:
        if position >= len(self.items):
            return False
        item = self.items[position]
        return item.entity >= 0 or bool(kinds_of(item.low) & {"NOUN", "ADJ"})

    def _known(self, low: str) -> bool:
        lemma = verb_lemma(low)
        return lemma in _KNOWN or lemma in self.motions

    def _is_verb(
        self,
        position: int,
        low: str,
        forms: frozenset[str],
        kinds: frozenset[str],
        tag: str,
        before: Item | None,
        direct: str,
    ) -> bool:
        sure = kinds == {"VERB"}
        after = self.low(position + 1)
        if direct == "D":
            # "the sleeping cat", "a walk"; of "the three run" the number is who.
            number = self.low(position - 1) in ("both", "two", "three", "all") and (sure or "base" in forms)
            return number and not self._nominal(position + 1)
        if tag == "D":
            return False
        if direct == "A":
            # "the old run" hardly; "is tall waves", "asleep dreams"
            said = position > 1 and self._predicate(position - 1)
            return bool(forms & {"s", "past"}) and (said or "NOUN" not in kinds)
        if tag == "T":
            return "base" in forms
        if tag == "U":
            assert before is not None
            if before.low in MODAL | DO:
                return "base" in forms
            if "ing" in forms and "NOUN" in kinds and after == "of":
                return False
            if before.low in BE | {POSSESSIVE}:
                if "ing" in forms:
                    return True
                return "part" in forms and ("ADJ" not in kinds or after in ("by", "to", "into", "from", "on", "onto"))
            return bool(forms & {"part", "past"}) or ("base" in forms and before.low in DO)
        if self._after_particle(position) and forms & {"s", "past"} and (sure or self._known(low)):
            return True
        if tag == "P" and before is not None and before.low == "with" and self._nominal(position + 1):
            return False  # "with glowing eyes"
        if tag == "P":
            object_of = before is not None and before.low in ("to", "of", "for") and self.low(position - 2) != "instead"
            return "ing" in forms and sure and not object_of
        if tag in ("E", "O", "N", "W"):
            return self._after_noun(position, forms, kinds, tag, before, sure)
        if tag == "S":
            return bool(forms & {"ing", "part"}) and ("base" not in forms or after == "by")
        if tag == "R":
            return bool(forms & {"s", "past"})  # "there lived a king"
        if tag == "V" and forms & {"s", "past"} and any(item.tag == "W" for item in self.items[:position]):
            return sure or self._known(low)  # "the cat that the dog chased climbs"
        row = tag == "V" and "ing" in forms and before is not None and before.forms == {"ing"}
        if (
            row
            and before is not None
            and before.lemma not in BEGINNING | CEASING | TRYING
            and noun_lemma(after) != after
        ):
            return False  # "splashing sparkling droplets"
        if tag == "V":
            return ("ing" in forms and "NOUN" not in kinds) or ("ing" in forms and self._known(low))
        if tag == "C" or (tag == "M" and low != ":"):
            return self._after_joint(position, forms, kinds, tag, sure)
        if not tag or tag == "Q":
            if tag == "Q":
                return bool(forms & {"s", "past"})
            if forms & {"ing"}:
                return not self._finite(position + 1) or sure
            return bool(forms & {"part"}) and "base" not in forms and self._before_phrase(position + 1)
        return False

    def _after_particle(self, position: int) -> bool:
        """Whether a word stands behind the particle that a clause begins with: "came" in "out came the cat"."""
        if self.low(position - 1) not in PARTICLES | {"in"}:
            return False
        return position == 1 or self.items[position - 2].tag in ("M", "C")

    def _predicate(self, position: int) -> bool:
        """Whether an adjective is what somebody is, and belongs to no noun: "tall" in "who is tall waves"."""
        while position >= 0 and self.items[position].tag in "AR":
            position -= 1
        return position >= 0 and self.items[position].tag == "U"

    def _before_phrase(self, position: int) -> bool:
        return self.low(position) in TAG_PREPOSITIONS

    def _after_noun(
        self, position: int, forms: frozenset[str], kinds: frozenset[str], tag: str, before: Item | None, sure: bool
    ) -> bool:
        assert before is not None
        low = self.low(position)
        if "past" in forms and (tag == "O" or (tag == "E" and (sure or "ADJ" not in kinds))):
            return True
        if forms & {"past", "s"} and "base" not in forms:
            if "past" in forms and "NOUN" in kinds and tag == "N" and self._ends_compound(position):
                return False  # "upward from a jump shot"
            if "s" in forms and "NOUN" in kinds and tag == "N" and self._names_a_sort(position):
                return False  # "sits on lily pads"
            if tag == "N" and not sure and not self._known(low) and "s" in forms:
                # "the kitchen tables" or "the wind blows": a verb is followed by its phrase, or ends the clause
                return not self._finite_later(position + 1)
            return True
        if "ing" in forms:
            return tag != "N" or sure or self._known(low)
        if "part" in forms and "base" not in forms:
            return True
        # the base form agrees with several only
        several = self._several(position, before, tag)
        if several:
            return sure or self._known(low) or not self._finite_later(position + 1)
        if self._perceived() and "base" in forms and (sure or self._known(low)):
            return True
        return bool(forms & {"past", "part"}) and (sure or self._known(low) or low in ("put", "set", "cut", "hit"))

    def _ends_compound(self, position: int) -> bool:
        """Whether a word ends a clause that has its verb, behind a noun under a preposition."""
        begin = position - 1
        while begin > 0 and self.items[begin].tag in "DAN":
            begin -= 1
        under = self.items[begin].tag == "P" and not any(item.tag in "WS" for item in self.items[:position])
        finite = self.verb is not None and bool(self.verb.forms & {"s", "past"})
        return under and finite and (not self.low(position + 1) or self.low(position + 1) in MARKS)

    def _names_a_sort(self, position: int) -> bool:
        """Whether the noun before a word has no article and stands right behind a preposition, as in "on lily pads"."""
        place, noun = self.items[max(0, position - 2)], self.items[position - 1]
        bare = position > 1 and place.tag == "P" and place.low != "of" and noun.tag == "N"
        plain = noun_lemma(noun.low) == noun.low and self.low(position + 1) not in DETERMINERS | {"him", "them", "it"}
        return bare and plain and self.verb is not None

    def _finite_later(self, position: int) -> bool:
        for at in range(position, len(self.items)):
            if self.low(at) in MARKS | JOINING | SUBORDINATE:
                return False
            if self._finite(at) and self.items[at].entity < 0 and self.low(at - 1) not in DETERMINERS:
                return True
        return False

    def _several(self, position: int, before: Item, tag: str) -> bool:
        if tag == "W":
            return True
        if before.low in ("they", "we", "you", "i", "both", "all", "others", "them", "us", "two", "three", "four"):
            return True
        if tag == "O":
            return False
        if self.low(position) in _PLAIN and self._follows_phrase(position):
            return True  # "two children on a seesaw go up and down"
        last = before.low.split()[-1]
        if last in _SOUND_PLURAL or noun_lemma(last) != last:
            return True
        at = position - 1
        while at >= 0 and self.items[at] is not before:
            at -= 1
        at -= 1
        while at >= 0 and self.items[at].tag in "DAN":
            at -= 1
        if at < 1 or self.items[at].low not in ("and", "&"):
            return False
        earlier = self.items[at - 1]
        if earlier.tag == "M" and at > 1:
            earlier = self.items[at - 2]
        return earlier.tag in ("E", "N", "O")

    def _follows_phrase(self, position: int) -> bool:
        """Whether a phrase of place of several stands before a word, and no noun behind it."""
        begin = position - 1
        while begin > 0 and self.items[begin].tag in "DANE":
            begin -= 1
        several = self.items[begin - 1].low.split()[-1] if begin > 0 and self.items[begin].tag == "P" else ""
        plural = several in _SOUND_PLURAL or noun_lemma(several) != several
        ends = self.low(position + 1) in TAG_PREPOSITIONS or not self._nominal(position + 1)
        return self.verb is None and plural and ends

    def _listed(self, position: int) -> bool:
        """Whether a comma closes what was put beside a subject: "two friends, the cat and the dog, dance"."""
        at = position - 2
        tags = "".join(item.tag for item in self.items[: position - 1])
        if at < 0 or self.items[at].low in JOINING:
            return False
        if (
            "M" in tags
            and self.forms <= {"past", "base"}
            and any("part" in item.forms for item in self.items[:position])
        ):
            return True  # "the cat, chased by the dog, runs"
        return "M" in tags and (self.verb is None or "W" in tags) and tags.rstrip("DANE") != tags

    def _perceived(self) -> bool:
        return self.verb is not None and self.verb.lemma in PERCEIVING | CAUSING

    def _after_joint(self, position: int, forms: frozenset[str], kinds: frozenset[str], tag: str, sure: bool) -> bool:
        low, after = self.low(position), verb_forms(self.low(position + 1))
        begun = verb_lemma(low) in BEGINNING | CEASING | {"go", "come", "keep", "like", "love", "hate"}
        noun = tag == "M" and "s" in forms and "NOUN" in kinds and not begun
        if noun and ("ing" in after or (low in BODY and "part" in after)):
            return False  # ", leaves rustling"
        if "ing" in forms:
            goes_on = tag == "M" and self.verb is not None and "NOUN" not in kinds and self._bare_object(position + 1)
            return sure or self._known(low) or self._before_phrase(position + 1) or goes_on
        if tag == "M" and self._listed(position) and (sure or self._known(low) or self._goes_on(position + 1)):
            return True
        if self.verb is None and position == 1 and forms & {"s", "past"}:
            return sure or self._known(low)  # "And waves."
        if self.verb is None:
            return "part" in forms and "base" not in forms and tag == "M" and (self._before_phrase(position + 1))
        alike = bool(forms & self.forms) or (bool(forms & {"s", "past"}) and self.forms <= {"base"})
        if not alike and not (forms & {"past", "part"} and sure):
            return False
        return sure or self._known(low) or self._goes_on(position + 1)

    def _bare_object(self, position: int) -> bool:
        """Whether what a participle is done to follows without an article: "disturbing petals"."""
        low = self.low(position)
        return low in DETERMINERS or noun_lemma(low) != low

    def _goes_on(self, position: int) -> bool:
        """Whether what follows can only follow a verb: "off", "the", an entity's name, or an adverb in -ly."""
        if position >= len(self.items):
            return False
        low = self.low(position)
        follows = PARTICLES | DETERMINERS | {"him", "them", "us"}
        return self.items[position].entity >= 0 or low in follows or low.endswith("ly")

    def _describes(self, position: int) -> bool:
        """Whether a word is part of a compound such as "snow-covered" or "five-year-old" before what it describes."""
        last = position
        while last + 1 < len(self.items) and self.items[last + 1].joined:
            last += 1
        if last == position and not self.items[position].joined:
            return False
        end = self.low(last)
        first = position
        while first and self.items[first].joined:
            first -= 1
        rolled = end in WAYS and "part" in verb_forms(self.low(first)) and last == first + 1  # "rolled-up"
        likely = (
            rolled
            or bool(verb_forms(end) & {"ing", "part"})
            or ("ADJ" in kinds_of(end) and "NOUN" not in kinds_of(end))
        )
        return likely and self.items[last].entity < 0
