"""What joins words: the words between clauses, and which entity belongs to a phrase and not to a verb.

Entities stand in a sentence as ``@0``, ``@1`` ...
"""

from __future__ import annotations

from dreamrunner.planning.narration.lexicon import DETERMINERS, PREPOSITIONS

THEN = frozenset("then next afterwards afterward later finally suddenly soon eventually lastly".split())
WHILE = frozenset("while as when meanwhile whilst".split())
AFTER, BEFORE = frozenset({"after", "once"}), frozenset({"before", "until", "till"})
CONJUNCTIONS = WHILE | AFTER | BEFORE | frozenset({"but", ";", ":", "who", "which", "that", "so", "because"})
LISTING = frozenset({"and", ",", "&"})


def is_entity(word: str) -> bool:
    """Whether a word stands for an entity: ``@0``, ``@1`` ..."""
    return len(word) > 1 and word[0] == "@" and word[1:].isdigit()


def in_phrase(words: list[str], position: int, begin: int) -> bool:
    """Whether an entity is part of a phrase and no subject: "under the big old tree"."""
    for at in range(position - 1, max(begin, position - 6) - 1, -1):
        word = words[at]
        if word in PREPOSITIONS or word == "of":
            return True
        if word in DETERMINERS:
            # With its article a noun phrase begins: "in the afternoon the witch" has her not in the afternoon.
            return (
                at > begin
                and (words[at - 1] in PREPOSITIONS or words[at - 1] in ("of", "and"))
                and (words[at - 1] != "and" or (is_entity(words[at - 2]) and in_phrase(words, at - 2, begin)))
            )
        if word == "and" and at > begin and is_entity(words[at - 1]):
            return in_phrase(words, at - 1, begin)
        if not word.isalpha() or word in CONJUNCTIONS | THEN | LISTING:
            return False
    return False
