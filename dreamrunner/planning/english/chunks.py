"""A tagged sentence in chunks: noun phrases, groups of verbs, and single words between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dreamrunner.planning.english.beings import nature_of
from dreamrunner.planning.english.parts import BE, DO, HAVE, Item
from dreamrunner.planning.english.verbs import DRIVING
from dreamrunner.planning.english.word_forms import noun_lemma
from dreamrunner.planning.english.words import POSSESSIVE

_ONLY = frozenset("only just even merely".split())
Form = Literal["finite", "ing", "part", "to", "base"]


@dataclass(slots=True)
class Chunk:
    """Items ``first`` to ``last`` (exclusive).

    ``kind``: ``NP`` a noun phrase, ``VG`` a group of verbs, else its word's tag.
    ``head``: of a noun phrase the position of its last noun or entity, -1 for another chunk.
    ``owner``: the entity whose the noun is, -1 for nobody's.
    ``under``: the preposition that a noun phrase belongs to, "" for none.
    ``verbs``: positions of the verbs of a group, the auxiliaries left out.
    ``form``: of a group: how its first verb stands.
    ``helped``: whether an auxiliary stands in it.
    """

    kind: str
    first: int
    last: int
    head: int = -1
    owner: int = -1
    under: str = ""
    verbs: list[int] = field(default_factory=list)
    form: Form = "finite"
    helped: bool = False


def chunked(items: list[Item]) -> list[Chunk]:
    """Cut a sentence into chunks."""
    found: list[Chunk] = []
    position = 0
    while position < len(items):
        tag = items[position].tag
        chunk = (
            _noun_phrase(items, position)
            if tag in "DANEO"
            else _verb_group(items, position)
            if tag in "UTVX"
            else Chunk(tag, position, position + 1)
        )
        if chunk.kind == "NP":
            _put_under(items, found, chunk)
        found.append(chunk)
        position = chunk.last
    return found


def _noun_phrase(items: list[Item], position: int) -> Chunk:
    start = position
    if items[position].tag == "O":
        return Chunk("NP", start, start + 1, head=start)
    head, owner = -1, -1
    while position < len(items):
        item = items[position]
        if item.low == POSSESSIVE and head >= 0:
            owner, head = items[head].entity, -1
        elif (item.tag == "D" and head >= 0) or (item.tag == "A" and head >= 0):
            break
        elif item.tag in "NE":
            if item.tag == "E" and head >= 0 and items[head].tag == "E" and items[head].entity != item.entity:
                items[head].entity, items[head].tag = -1, "N"  # a title: "King Bruno"
            plain = head >= 0 and items[head].tag == "N" and not items[head].capital
            if item.tag == "E" and item.capital and plain and nature_of(items[head].low) != "person":
                break  # "on the other side Vera unpacks"
            surname = item.tag == "N" and item.capital and head >= 0 and items[head].tag == "E"
            head = head if surname else position  # "Aunt Agatha"
        elif item.tag not in "DA":
            break
        position += 1
    if head < 0:
        only = items[start].tag
        return Chunk(only if position == start + 1 and only == "A" else "A", start, position)
    return Chunk("NP", start, position, head=head, owner=owner)


def _put_under(items: list[Item], found: list[Chunk], chunk: Chunk) -> None:
    if not found:
        return
    before = found[-1]
    if before.kind == "R" and len(found) > 1 and found[-2].kind == "P" and items[before.first].low in _ONLY:
        before = found[-2]  # "with only the king on it"
    if before.kind == "P":
        chunk.under = items[before.first].low
    elif items[chunk.head].low in ("he", "she", "they"):
        return  # "darts between his legs, and he falls"
    elif before.kind == "C" and items[before.first].low == "and" and len(found) > 1 and found[-2].kind == "NP":
        if found[-2].under == "between":
            chunk.under = "between"
        elif found[-2].under and (
            _told_of(items, found, chunk) if _verb_next(items, chunk.last) else _tag(items, chunk.last) != "P"
        ):
            chunk.under = found[-2].under


def _told_of(items: list[Item], found: list[Chunk], chunk: Chunk) -> bool:
    """Whether a noun without an article, and right before a verb in the singular, belongs to what stands before it: the
    tie of "a man in a suit and tie talks"."""
    bare = chunk.first == chunk.head and items[chunk.head].tag == "N"
    one = bare and "s" in items[chunk.last].forms and noun_lemma(items[chunk.head].low) == items[chunk.head].low
    before = next((each for each in reversed(found[:-1]) if each.kind not in ("P", "C") and not each.under), None)
    return one and before is not None and before.kind == "NP"


def _tag(items: list[Item], position: int) -> str:
    return items[position].tag if position < len(items) else ""


def _verb_next(items: list[Item], position: int) -> bool:
    while position < len(items) and items[position].tag in "RX":
        position += 1
    return position < len(items) and items[position].tag in "UV"


def _verb_group(items: list[Item], position: int) -> Chunk:
    chunk = Chunk("VG", position, position)
    to = False
    while position < len(items):
        item = items[position]
        if item.tag in "UX" and (not chunk.verbs or item.tag == "X"):
            chunk.helped |= item.tag == "U"
        elif item.tag == "T":
            to = True
        elif item.tag == "V":
            if not chunk.verbs:
                chunk.form = _form(items, item, to, chunk.helped, chunk.first)
            elif not to and "ing" not in item.forms:
                break
            chunk.verbs.append(position)
            chunk.last = position + 1
            to = False
        elif item.tag == "R" and _goes_on(items, position, bool(chunk.verbs)):
            pass
        else:
            break
        position += 1
    if not chunk.verbs:
        chunk.last = max(chunk.last, position)
        while chunk.last > chunk.first + 1 and items[chunk.last - 1].tag in "RT":
            chunk.last -= 1
        if items[chunk.first].tag in "XT":
            chunk.kind, chunk.last = items[chunk.first].tag, chunk.first + 1
    return chunk


def _form(items: list[Item], item: Item, to: bool, helped: bool, first: int) -> Form:
    if helped:
        return "ing" if items[first].low == "having" else "finite"
    if to:
        return "to"
    if item.forms & {"s", "past"}:
        return "finite"
    if "ing" in item.forms:
        return "ing"
    return "base" if "base" in item.forms else "part"


def _goes_on(items: list[Item], position: int, has_verb: bool) -> bool:
    """Whether a group of verbs goes on behind an adverb: "is slowly walking", "starts slowly to climb"."""
    before = items[position - 1]
    while position < len(items) and items[position].tag == "R":
        position += 1
    if position >= len(items):
        return False
    if has_verb:
        return items[position].tag == "T" or (items[position].tag == "V" and before.lemma == "burst")
    return items[position].tag in "UVX"


def auxiliaries(items: list[Item], chunk: Chunk) -> list[str]:
    """The auxiliaries of a group of verbs, as they stand."""
    end = chunk.verbs[0] if chunk.verbs else chunk.last
    return [item.low for item in items[chunk.first : end] if item.tag == "U"]


def passive(items: list[Item], chunk: Chunk) -> bool:
    """Whether a group says what is done to its subject: "is carried", "gets caught", not "has carried"."""
    if not chunk.verbs:
        return False
    helping = auxiliaries(items, chunk)
    verb = items[chunk.verbs[0]]
    return bool(helping) and helping[-1] in BE and "part" in verb.forms and "ing" not in verb.forms


def done_to(items: list[Item], chunk: Chunk) -> bool:
    """Whether the one verb of a group may be what was done: "a sailor swept overboard in a gale clung to a buoy"."""
    alone = len(chunk.verbs) == 1 and chunk.form == "finite" and not chunk.helped
    verb = items[chunk.verbs[0]] if alone else None
    return verb is not None and {"past", "part"} <= verb.forms and verb.lemma in DRIVING


def bare(items: list[Item], chunk: Chunk) -> str:
    """The base form of a group that has only auxiliaries: "be", "have" or "do"."""
    last = auxiliaries(items, chunk)[-1:]
    return "" if not last else "be" if last[0] in BE else "have" if last[0] in HAVE else "do" if last[0] in DO else "be"
