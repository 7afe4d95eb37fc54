"""What part each word has in its sentence: who, does, which, where. Rules over a dictionary's kinds of words.

:mod:`.parts` says what the tags mean.
"""

from __future__ import annotations

from collections.abc import Sequence

from dreamrunner.planning.english.entities import Cast
from dreamrunner.planning.english.lexicon import COLOURS, DETERMINERS, is_setting
from dreamrunner.planning.english.parts import (
    BE,
    CAUSING,
    DO,
    HAVE,
    JOINING,
    MODAL,
    NEGATION,
    PERCEIVING,
    PRONOUNS,
    SUBORDINATE,
    TAG_PREPOSITIONS,
    THEN,
    Item,
)
from dreamrunner.planning.english.verb_finding import WAYS, VerbFinder
from dreamrunner.planning.english.verb_groups import GIVING
from dreamrunner.planning.english.verbs import BODY
from dreamrunner.planning.english.word_forms import guessed_forms, kinds_of, noun_lemma, verb_forms
from dreamrunner.planning.english.words import MARKS, POSSESSIVE, QUOTE, Sentence, Word

_NAMING = frozenset("give feed buy teach tell bring call make ask read sing wish pay sell cook pour find keep".split())
"""Verbs with two objects: "feeds the dog bones"."""
_GOING_ON = frozenset("go keep carry".split())
_SIDES = frozenset("side half part piece home way today tonight yesterday time".split())
_PLACES = frozenset("under past underneath beneath below above through across".split())
_ADVERBS = frozenset(
    "very too also just still again always often now there here away back forward forwards backward backwards up down"
    " together apart home left right leftwards rightwards leftward rightward upwards downwards upward downward"
    " almost quite slowly quickly fast hard high low far nearby aside ahead else only even ever once twice inside"
    " outside abroad upstairs downstairs not happily so alone indoors outdoors overhead sideways skyward skywards"
    " flat straight backstage uphill downhill onwards onward".split()
)
_PARTS = frozenset("top bottom back front middle center centre rear edge far".split())
_AMOUNTS = frozenset(
    "pile stack heap bunch piece wheel slice lump block bundle sheaf cluster loaf bit handful slab chunk sheet strip"
    " scrap coil spool reel length pair set row herd flock pack swarm kind sort wad hunk crust".split()
)
"""Words for how much of a thing there is, that are not things in which it is."""
_SOME_OF = frozenset("some many most few several half two three four five six".split())
"""Words of how many before "of"."""
_EVERY = frozenset("all everyone everybody nobody everything nothing every none".split())
_WITH_IS = frozenset("he she it who what that there here where everybody everyone nobody".split())
"""Words behind which a short "is" stands and no owner's "'s"."""
_ARTICLES = DETERMINERS | frozenset(
    "these those every each no any two three four five six many several few another both all".split()
)


def tagged(sentence: Sentence, cast: Cast, motions: frozenset[str]) -> list[Item]:
    """The items of a sentence with their tags. ``motions`` are the base forms of the verbs of the story's own motions,
    taken for verbs before others."""
    items: list[Item] = []
    words, position = sentence.words, 0
    for mention in [*cast.mentions(words), None]:
        until = mention.first if mention else len(words)
        until -= _amount(words, position, until)
        items += [
            Item(word.low, word.start, word.end, joined=word.joined, capital=word.capital)
            for word in words[position:until]
        ]
        if mention:
            last = words[mention.last - 1]
            text = " ".join(word.low for word in words[until : mention.last])
            items.append(Item(text, words[until].start, last.end, mention.entity, "E", capital=words[until].capital))
            position = mention.last
    _Tagger(items, motions).run()
    for at in range(1, len(items) - 1):
        if items[at].entity >= 0 and _belongs_to_next(items, at):
            items[at].sort, items[at].entity, items[at].tag = items[at].entity, -1, "N"
    return items


def _belongs_to_next(items: list[Item], at: int) -> bool:
    """Whether the name of somebody only says what sort the noun behind it is: the bottle of "a bottle cork"."""
    noun, before = items[at + 1], items[at - 1]
    if noun.tag != "N" or noun.entity >= 0 or noun.capital or items[at].capital or noun.low in BODY | _SIDES:
        return False
    after = items[at + 2] if at + 2 < len(items) else None
    seen = any(item.tag == "V" and item.lemma in PERCEIVING | CAUSING for item in items[:at])
    verb = (
        (seen and "base" in verb_forms(noun.low))
        or bool(verb_forms(noun.low) & {"s", "past"})
        or noun_lemma(items[at].low) != items[at].low
    )
    if (
        "NOUN" not in kinds_of(noun.low)
        or "ADJ" in kinds_of(noun.low)
        or verb
        or before.tag not in "DA"
        or (after is not None and after.tag in "DNEA")
    ):
        return False
    begin = at - 1
    while begin > 0 and items[begin].tag in "DA":
        begin -= 1
    return not (items[begin].tag == "V" and items[begin].lemma in GIVING | _NAMING)


def _amount(words: Sequence[Word], begin: int, end: int) -> int:
    """How many words right before an entity's, from ``begin`` to ``end``, only say how much of it there is: three of "a
    big heap of old books"."""
    at = end
    while at > begin and end - at < 3 and words[at - 1].low != "of" and "ADJ" in kinds_of(words[at - 1].low):
        at -= 1
    whole = at - 2 >= begin and words[at - 1].low == "of" and noun_lemma(words[at - 2].low) in _AMOUNTS
    return end - at + 2 if whole else 0


class _Tagger(VerbFinder):
    def run(self) -> None:
        self.hyphens = any(item.joined for item in self.items)
        for position, item in enumerate(self.items):
            if not item.tag:
                item.tag = self._tag(position)
            if item.tag == "V":
                self.verb = item
                self.forms |= item.forms & {"s", "past", "base"} if item.forms - {"ing"} else frozenset()

    def _tag(self, position: int) -> str:
        low = self.low(position)
        if self.hyphens and self._describes(position):
            return "A"
        closed = self._closed(position, low)
        return closed or self._open(position, low)

    def _closed(self, position: int, low: str) -> str:
        after = self.low(position + 1)
        tag, before = self.before(position)
        if low == QUOTE:
            return "Q"
        if low in MARKS:
            return "M"
        if low == POSSESSIVE:
            # "the witch's cat", but "the witch's flying"
            if before is not None and before.low in _WITH_IS:
                return "U"
            follows = verb_forms(after) & {"ing"} or (after in DETERMINERS) or after in NEGATION
            return "U" if follows and "NOUN" not in kinds_of(after) else "D"
        if low == "to":
            infinitive = "base" in verb_forms(after) and not is_setting(after) and after not in ("left", "right")
            infinitive = (
                infinitive and after not in COLOURS and not ("ADJ" in kinds_of(after) and not self._known(after))
            )
            again = position > 1 and self.low(position - 1) == after  # "from hand to hand"
            if (
                infinitive
                and not again
                and self.items[position + 1].entity < 0
                and not self._noun_after_to(position + 1)
            ):
                return "T"
            return "P"
        if low == "upside":
            return "R"
        if low in NEGATION or (low == "no" and after in ("longer", "more")) or (low == "longer" and tag == "X"):
            return "X"
        if low == "longer" and position and self.items[position - 1].low == "no":
            return "X"
        if low == "neither" and tag in ("", "M", "C", "S") and verb_forms(after) & {"s", "past"}:
            return "O"
        if low == "neither" and self.items_at(position + 1) < 0 and after not in DETERMINERS:
            return "X"
        if low in ("who", "whom", "whose", "which"):
            return "W"
        if low == "that":
            plural = position > 0 and noun_lemma(self.low(position - 1)) != self.low(position - 1)
            acts = self._finite(position + 1) or (plural and "base" in verb_forms(after) and self._known(after))
            if tag in ("E", "N", "O") and (acts or self.items_are_subject(position + 1)):
                return "W"
            return "S" if tag == "V" else "D"
        if low in BE | HAVE | DO | MODAL:
            return "U"
        if low == "but" and self._leaves_out(position):
            return "P"
        if low in JOINING:
            return "C"
        if low == "as" and (after in ("if", "though") or self._subject_later(position + 1) or not position):
            return "S"
        if low == "once" and (not after or after in MARKS or after in JOINING | {"more", "again"}):
            return "R"
        if low == "before" and after in ("him", "her", "it", "them") and self._begins_noun(position + 2):
            return "P"  # "before her the jester juggles"
        if low == "for" and tag in ("M", "C") and self._begins_noun(position + 1) and self._subject_later(position + 1):
            return "C"  # "he stops, for a cat sits there"
        if low in ("after", "before") and after in ("him", "them", "us", "me"):
            return "P"  # "and after him came the queen"
        if low in ("after", "before", "until", "till", "since", "once"):
            return "S" if self._subject_later(position + 1) or "ing" in verb_forms(after) else "P"
        if low == "as":
            return "P"
        if low == "than" and self._subject_later(position + 1):
            return "S"
        if low == "so":
            return "S" if tag == "M" or after == "that" else "R"
        if low in SUBORDINATE:
            return "S"
        if low in THEN:
            return "D" if low in ("next", "later") and tag == "D" else "P" if low == "next" and after == "to" else "R"
        if low in ("her", "his", "its", "their", "my", "our", "your"):
            proper = position + 1 < len(self.items) and self.items[position + 1].capital
            whom = not after or proper or after == "all" or self._no_noun(position + 1)
            if low == "her" and after not in ("left", "right") and whom:
                return "O"
            return "D"
        if low in _SOME_OF and after == "of":
            return "N"
        if low == "all" and (after in TAG_PREPOSITIONS - {"of"} or after in ("along", "alone", "day", "night")):
            return "R"  # "all around him"
        if low in PRONOUNS:
            alone = low in ("another", "each", "one") and "s" in verb_forms(after) and self._known(after)
            if (
                not alone
                and low in ("both", "all", "each", "another", "one", "either", "neither", "others")
                and ("NOUN" in kinds_of(after) or after in DETERMINERS)
            ):
                if low in ("both", "all") and "base" in verb_forms(after) and noun_lemma(after) == after:
                    return "O"  # "all dance"
                return "D"
            return "O"
        if low in _ARTICLES:
            return "D"
        acted_on = after in DETERMINERS | {"him", "them", "it", "behind"} and self.verb is not None
        goes_on = acted_on and self.low(position - 1) in ("and", ",", "then", "who", "but")
        acting = self.low(position - 1) in ("he", "she", "they", "we", "i") and after not in ("of", "side")
        if low == "left" and (
            acting or (tag in ("E", "O") and self.verb is None and after not in ("of", "side")) or goes_on
        ):
            item = self.items[position]
            item.forms = frozenset({"past"})
            return "V"
        if low in ("left", "right") and (tag in "DPRA" or after in ("of", "side") or (before and tag == "V")):
            return "N" if tag in ("D", "P", "A") else "R"
        if low in TAG_PREPOSITIONS:
            return self._preposition(position, low, after, tag)
        if low == "there":
            return "R"
        return ""

    def _begins_noun(self, position: int) -> bool:
        """Whether a noun phrase begins at a position with its article, with a name, or with a pronoun that acts."""
        low = self.low(position)
        return low in DETERMINERS | {"he", "she", "they", "it"} or self.items_at(position) >= 0

    def _leaves_out(self, position: int) -> bool:
        """Whether "but" says who of all is left out: "all but the king"."""
        if not _EVERY.intersection(item.low for item in self.items[max(0, position - 6) : position]):
            return False
        if self.low(position - 1) in _EVERY:
            return True
        return not any(self._finite(at) for at in range(position + 1, len(self.items)))

    def _preposition(self, position: int, low: str, after: str, tag: str) -> str:
        if low in ("next", "close"):
            return "P" if after == "to" else "A" if tag == "D" else "R"
        if low == "like" and tag in ("E", "O", "N", "T", "U") and "base" in verb_forms(low) and self.verb is None:
            return "V"
        if low in ("round", "past", "opposite", "near", "close") and tag == "D":
            return "A"
        if low == "out" or (low == "off" and self.low(position - 1) == "far"):
            return "R"
        acts = after == "it" and self._finite(position + 2) and self.low(position + 2) not in BE | HAVE | DO | MODAL
        if low in WAYS and (acts or after in ("he", "she", "they", "we", "i")):
            return "R"  # "when it is over she leaves"
        if low in _PLACES and (not after or after in MARKS or (low == "past" and after in TAG_PREPOSITIONS)):
            return "R"  # "passes underneath, humming"
        ends = not after or after in MARKS or after in JOINING or after in SUBORDINATE or after == "again"
        if low in WAYS and (ends or after in TAG_PREPOSITIONS):
            return "R"
        return "P"

    def _noun_after_to(self, position: int) -> bool:
        """Whether what follows "to" is a noun without an article, as in "goes to work"."""
        word, after = self.low(position), self.low(position + 1)
        if self.low(position - 2) == "going" and word in ("land", "work", "water"):
            return False
        if word in ("work", "bed", "school", "town", "market", "camera", "ground", "land", "shore", "water"):
            return after not in DETERMINERS
        return word in ("side", "top")

    def items_at(self, position: int) -> int:
        """The entity at a position, -1 for none."""
        return self.items[position].entity if position < len(self.items) else -1

    def items_are_subject(self, position: int) -> bool:
        """Whether a subject and its verb follow, as in "that the king loves"."""
        return self._subject_later(position)

    def _subject_later(self, position: int) -> bool:
        """Whether a subject and a finite verb follow before the next mark: a clause of its own."""
        seen = False
        for at in range(position, min(position + 9, len(self.items))):
            item = self.items[at]
            low = item.low
            if low in MARKS and seen is False:
                return False
            if low in MARKS:
                return False
            if item.entity >= 0 or low in PRONOUNS or ("NOUN" in kinds_of(low) and not self._finite(at)):
                if seen and self._finite(at) and item.entity < 0:
                    return True
                seen = True
            elif seen and self._finite(at):
                return True
            elif low == "and" and not seen:
                return False
        return False

    def _no_noun(self, position: int) -> bool:
        """Whether no noun follows, so that "her" is who is meant and not whose it is."""
        for at in range(position, min(position + 4, len(self.items))):
            item = self.items[at]
            if item.entity >= 0:
                return False
            kinds = kinds_of(item.low)
            if item.low in BODY:
                return False
            if item.low in _ADVERBS and (not self.low(at + 1) or self.low(at + 1) in TAG_PREPOSITIONS | MARKS):
                return True
            if item.low in TAG_PREPOSITIONS | JOINING | MARKS | SUBORDINATE | DETERMINERS or item.low == QUOTE:
                return True
            if "NOUN" in kinds:
                return False
            if "VERB" in kinds and "ADJ" not in kinds and not (verb_forms(item.low) & {"ing", "part"}):
                return True
        return True

    def _open(self, position: int, low: str) -> str:
        item = self.items[position]
        forms, kinds = verb_forms(low), kinds_of(low)
        if not kinds and not item.capital and len(low) > 4:
            forms = guessed_forms(low)  # "miaows"
        after = self.low(position + 1)
        tag, before = self.before(position)
        direct = self.items[position - 1].tag if position else ""
        if low in _ADVERBS and not (direct == "D" and "ADJ" in kinds):
            return "R"
        if low == "warning" and self.low(position - 1) == "without":
            return "N"
        on = direct in "PR" and self.low(position - 1) == "on"
        if (
            "ing" in forms
            and on
            and self.items[position - 2].tag == "V"
            and self.items[position - 2].lemma in _GOING_ON
        ):
            item.forms = forms
            return "V"  # "goes on winding the clock"
        if low in BODY and direct == "M" and after in ("on", "behind") and "base" not in forms:
            return "N"  # "he watches, hands on hips"
        if forms and self._is_verb(position, low, forms, kinds, tag, before, direct):
            item.forms = forms
            return "V"
        if low.endswith(("wards", "wise")) and len(low) > 7 and direct != "D":
            return "R"
        if (
            low.endswith("ly")
            and "NOUN" not in kinds
            and direct != "D"
            and ("ADV" in kinds or not self._nominal(position + 1))
        ):
            return "R"
        if low in COLOURS and direct == "P" and self.low(position - 1) == "in" and verb_forms(after) & {"s", "past"}:
            return "N"  # "the player in red skates"
        if low in BODY and direct == "M" and (verb_forms(after) & {"part"} or after in TAG_PREPOSITIONS):
            return "N"  # "eyes closed"
        if low.isdigit():
            return "D"
        stands = bool(verb_forms(after) & {"s", "past"}) and self._known(after)
        if low in _PARTS and (after == "of" or stands):
            return "N"
        if "ADJ" in kinds and "NOUN" not in kinds:
            return "A"
        if (
            forms & {"ing", "part"}
            and (direct in "DA" or self.low(position - 1) == "with")
            and self._nominal(position + 1)
        ):
            return "A"
        if "ADV" in kinds and not kinds & {"NOUN", "ADJ"}:
            return "R"
        if "ADJ" in kinds and self._nominal(position + 1) and direct in ("D", "A", "P", "C", "M", ""):
            return "A"
        if "ADJ" in kinds and tag == "U" and after not in ("of",):
            return "A"
        return "N"
