"""Who is meant by the words of a sentence: "she", "the king's horse", "both animals", "everyone but the cat"."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from dreamrunner.planning.english.beings import is_several
from dreamrunner.planning.english.clause import Clause
from dreamrunner.planning.english.parts import CAUSING, SENDING_OFF, Item
from dreamrunner.planning.english.verb_groups import TAKING
from dreamrunner.planning.english.verbs import BODY, SPEAKING
from dreamrunner.planning.english.word_forms import noun_lemma
from dreamrunner.planning.narration.heard import (
    DOING,
    DONE_TO,
    EXCEPT,
    FARTHEST,
    KINDS_OF_SEVERAL,
    MOST_TOGETHER,
    NAMED,
    NUMBERS,
    SEXES,
    Heard,
)

PRONOUN_OF = {"he": "he", "him": "he", "his": "he", "himself": "he", "she": "she", "her": "she", "hers": "she",
              "herself": "she", "it": "it", "its": "it", "itself": "it"}  # fmt: skip
_SEVERAL = frozenset("they them both everyone everybody all each themselves".split())
_ALL = frozenset("everyone everybody all".split())
_ANY_OF = frozenset("one either any some most half".split())
"""Quantities of which it is not said who of several they are."""
_ALONE = {"guy": "he", "fellow": "he", "gentleman": "he", "lad": "he"}
_KINDS = frozenset("bird fish insect reptile".split())
_GOING_ON = {"person": 0.8, "animal": 0.6, "machine": 0.3, "": 0.1}
"""How much nearer who acted last is to a pronoun that acts."""
_NO_THINGS = frozenset("while moment bit step turn look breath time way lot minute second walk run".split())
_OF_ITS_SEX = 1.4
"""How much better one fits a pronoun that is known to be a he, or a she."""
_SAID_TO_BE = {"person": 0.6, "animal": 0.3, "machine": 1.2, "": 0.8}
"""How much better one fits a pronoun that stood for him or her before, where nothing else says so."""
_NO_PLACES = frozenset("after at with for about of like towards toward".split())
_OF_THINGS = frozenset(
    "roll fall bounce break shatter float sink drop spin swing hit burst explode melt burn slide crack splash"
    " tumble squeak creak snap glow shine flicker tick ring spill topple wobble tip smash rattle sway".split()
)
"""Verbs that what was sent off does, rather than who sent it."""
_FLYING = frozenset("fly flutter flap swoop soar hover".split())
_SAID_OF = {
    **dict.fromkeys("bark wag".split(), ("dog", "puppy", "hound", "poodle", "terrier")),
    **dict.fromkeys("meow purr".split(), ("cat", "kitten")), **dict.fromkeys("neigh whinny".split(), ("horse", "pony")),
    "croak": ("frog", "toad", "raven"), "quack": ("duck",), "moo": ("cow",), "honk": ("goose", "car", "truck"),
    "howl": ("wolf", "dog"), "bleat": ("sheep", "goat", "lamb"), "hiss": ("snake", "cat", "goose"),
}  # fmt: skip
"""Verbs that tell what who does it likely is."""
_OF_BEINGS = SPEAKING | frozenset(
    "smile nod wink laugh grin frown blink yawn sneeze sniff snore sleep eat drink walk run jump leap climb crawl chew"
    " bite lick look stare watch listen stretch sit kneel wag growl bark purr meow hiss squeak chirp beg bow"
    " wave".split()
)
"""Verbs that no thing does."""
_ANY = frozenset("a an his her their".split())
_TOO_CLOSE = 0.4
"""How much worse one must fit a pronoun than another for it to be certain which of them is meant."""
_SURE = 1.0
"""How much better than all others somebody must fit a pronoun for it to say whether it is a he or a she."""


class Referents(Heard):
    """Says who is meant by pronouns and by nouns that name a kind."""

    def _meant(self, items: list[Item], clause: Clause) -> tuple[str, ...]:
        """The names of a clause's subjects; none where they are nobody of the story."""
        found: list[str] = []
        for head in clause.subjects:
            item = items[head]
            if item.entity >= 0:
                found.append(self.names[item.entity])
            elif item.tag == "O" or item.low in NUMBERS:
                found += self._pronoun(item.low, items, head)
            elif item.tag == "N":
                found += self._together_called(items, head) or self._called(items, head)
        if any(items[head].low in _ALL for head in clause.subjects):
            pointed = {self.names[items[at].entity] for at in self.entities_at if clause.tail <= at < clause.end}
            found = [name for name in found if name not in pointed]  # "everybody points at the boy"
        elif len(found) > 1 and items[clause.subjects[0]].low in ("they", "both"):
            found = self._but_whom(items, clause.tail, found)
        if not self._excepts:
            return tuple(dict.fromkeys(found))
        excepted = {
            self.names[items[at].entity]
            for at in range(clause.begin, clause.end)
            if items[at].entity >= 0 and self._under(items, at, clause.begin) in EXCEPT
        }
        return tuple(dict.fromkeys(name for name in found if name not in excepted))

    def _pronoun(self, low: str, items: list[Item], position: int) -> tuple[str, ...]:
        before = items[position - 2].low if position > 1 and items[position - 1].low == "of" else ""
        if before in _ANY_OF or (low == "they" and self._other_things(items, position)):
            return ()
        if low in _ALL | {"others"} and (low == "others" or self._word(items, position + 1) == "else"):
            lately = {name for name, (sentence, _) in self.seen.items() if self.sentence - sentence < 2}
            if low == "others" and len(others := [name for name in self._everybody() if name not in lately]) == 1:
                return tuple(name for name in others if name in self.seen)  # one alone may be somebody yet to come
            return tuple(name for name in self._everybody() if name not in lately) if lately else ()
        if low in NUMBERS and low != "both":
            return self._so_many(self.characters, NUMBERS[low])
        if low in _SEVERAL:
            if before in NUMBERS:
                return self._so_many(self.characters, NUMBERS[before])
            several = self._several(low == "both")
            if low == "them" and position and items[position - 1].tag == "V":
                return tuple(name for name in several if self.cast.several(name) or name not in self.subjects)
            return several or (self._everybody() if low in _ALL else ())
        if low not in PRONOUN_OF:
            return ()
        best = self._best(low, items, position, acts=False if self.causers else None)
        return (best,) if best else ()

    # One.

    def _best(
        self, low: str, items: list[Item], position: int, other_than: Iterable[str] = (), acts: bool | None = None
    ) -> str | None:
        """Whom a pronoun most likely means: who fits it and was spoken of just now."""
        left_out = {*other_than, *self.causers} if items[position].tag == "O" else set(other_than)
        if items[position].tag == "D" and position + 1 < len(items) and items[position + 1].entity >= 0:
            left_out.add(self.names[items[position + 1].entity])  # nobody is his own horse
        if position in self._known and self._known[position] not in left_out:
            return self._known[position]
        pronoun = PRONOUN_OF[low]
        near: dict[str, float] = {}
        if self.speaker is not None:
            near[self.speaker] = 0.1 if not self.seen else -2.0
        if not self.seen and items[position].tag == "D":
            for at in self.entities_at:  # "holding his hat, the king runs"
                if at > position and self.names[items[at].entity] in self.characters:
                    near.setdefault(self.names[items[at].entity], 1.0)
        alike = [name for name in self.characters if self.cast.gender(name) == pronoun]
        if len(alike) == 1:
            near[alike[0]] = 0.1 if not self.seen else -0.8
        for name, (sentence, weight) in itertools.islice(reversed(self.seen.items()), MOST_TOGETHER):
            ago = self.sentence - sentence
            if ago <= FARTHEST:
                near[name] = weight * (3.0 if ago == 0 else 1.2 / ago)
        for item in items[:position]:
            if item.entity >= 0:
                near.setdefault(self.names[item.entity], 0.0)
                near[self.names[item.entity]] = max(near[self.names[item.entity]], 3.0 * NAMED)
        if acts is None:
            done_to = position > 0 and items[position - 1].tag in "VP"
            acts = position + 1 < len(items) and items[position + 1].tag in "UVRX" and not done_to
        goes_on = 2.0 if position and items[position - 1].low in ("that", "because", "so") else 0.2
        for name in self.subjects:
            if name in near:
                near[name] += goes_on  # "the dragon was so glad that he danced"
                if acts and len(self.subjects) == 1 and self.seen.get(name, (-9,))[0] == self.sentence - 1:
                    near[name] += _GOING_ON[self.cast.nature(name)]
        if self.single in near and self.single is not None:
            near[self.single] += 0.1
        last, acted, another = self.bound.get(pronoun, ("", False, False))
        if last in near:
            near[last] += (
                0.4 if pronoun == "it" and self._overtaken(last)
                else 1.2 if acted or not acts
                else 0.7 if another
                else 0.4
            )  # fmt: skip
        if position and items[position - 1].low in ("after", "towards", "toward"):
            for name in self.carried.intersection(near):
                near[name] -= 1.5
            for name in near:  # "lowers his lance and rides towards it"
                handled = self.seen.get(name) == (self.sentence, DONE_TO) and name not in self.characters
                near[name] -= 2.5 if handled else 0.0
        placed = position > 0 and items[position - 1].tag == "P" and items[position - 1].low not in _NO_PLACES
        if pronoun == "it" and placed and self.sentence - self.seen.get(self.anchor, (-9, 0.0))[0] < 2:
            fronted = position + 1 < len(items) and items[position + 1].tag in "UV"  # "and below it hangs"
            near[self.anchor] += 0.3 if fronted else 1.5  # whatever somebody's place was told by is told by again
        for name in near:
            if acts and name in self.owned.get(pronoun, ()) and not self.cast.gender(name):
                near[name] -= 1.5  # "her gosling stopped. She turned"
            held = name in self.carried and self.cast.gender(name) != pronoun
            if acts and (held or name in self.departed):
                near[name] -= 2.5 if name in self.departed and pronoun == "it" else 1.0
        if acts and pronoun != "it":
            for at in self._owned:
                if at + 1 < position and items[at + 1].entity >= 0 and PRONOUN_OF[items[at].low] == pronoun:
                    name = self.names[items[at + 1].entity]
                    if name in near and name in self.subjects:
                        near[name] -= 2.5  # "when her aunt turned, she hid it"
        for other, (name, _, _) in self.bound.items():
            if other != pronoun and name in near:
                near[name] -= 1.0 if pronoun == "it" else 2.0
        verb = items[position + 1].lemma if position + 1 < len(items) and items[position + 1].tag == "V" else ""
        if pronoun == "it" and acts and verb in _OF_THINGS:
            for name, (sentence, weight) in itertools.islice(reversed(self.seen.items()), MOST_TOGETHER):
                if name in near and name not in self.characters and weight == DONE_TO and self.sentence - sentence < 2:
                    near[name] += 2.5  # "the cat bats the ball. It rolls"
        for name in near if acts and verb in _SAID_OF and pronoun == "it" else ():
            near[name] += 1.5 if any(self.cast.is_called(name, noun) for noun in _SAID_OF[verb]) else 0.0
        for name in near if acts and verb in _FLYING else ():
            near[name] += 1.0 if self.cast.moves_by(name) == "fly" else 0.0
        if pronoun == "it" and acts and verb in _OF_BEINGS:
            for name in near:
                near[name] -= 0.0 if name in self.characters else 3.0
        taken = not acts and position > 0 and items[position - 1].tag == "V" and items[position - 1].lemma in TAKING
        for name in near if pronoun == "it" and taken else ():
            sentence, weight = self.seen.get(name, (-9, 0.0))
            if name not in self.characters and weight == DONE_TO and self.sentence - sentence == 1:
                near[name] += 0.8  # "she tosses the ball to him. He catches it"
        if pronoun == "it" and taken is False and position > 0 and items[position - 1].lemma in SENDING_OFF | CAUSING:
            before = (self.names[items[at].entity] for at in self.entities_at if at < position)
            sent = next((name for name in before if name not in self.subjects and name not in left_out), None)
            if sent in near and sent is not None:
                near[sent] += 1.5  # "knocks over a bottle on the counter, sending it rolling"
        if pronoun == "it" and placed:
            for name in near:
                near[name] += 0.0 if name in self.characters or name in self.carried else 1.3
        if pronoun != "it" and not acts:
            for name, (sentence, _) in itertools.islice(reversed(self.seen.items()), MOST_TOGETHER):
                if name in near and self.cast.gender(name) == pronoun and self.sentence - sentence == 1:
                    near[name] += 1.4  # of "he reached for her hand"
        fitting = {
            name: fit + near[name] for name in near if name not in left_out and (fit := self._fit(pronoun, name, acts))
        }
        best = max(fitting, key=lambda name: fitting[name], default=None)
        lately = self.seen.get(best, (self.sentence, 0.0))[0] if best is not None else self.sentence
        afar = lately < self.sentence - 1 and self.strange == self.sentence - 1
        afar |= self.something == self.sentence - 1 and lately < self.sentence
        if acts and verb in _OF_THINGS and best in self.characters and self.handled == self.sentence - 1:
            afar = True  # "the cat pushes the cup. It breaks"
        if pronoun == "it" and best is not None and (afar or self._something_else(items, position, best)):
            best = None  # "she holds out a biscuit; he sniffs it"
        if best is not None and acts and pronoun != "it" and self._unsure(pronoun, best, fitting):
            self._known[position] = best = None
            self.doubted[pronoun] = self.sentence
        self._known[position] = best
        if best is not None:
            self.bound[pronoun] = best, acts, best not in self.subjects
            away = best not in self.subjects and not acts  # "it lands on his finger"
            body = {item.low for item in items[position + 1 : position + 3]}.intersection(BODY)
            own = best in self.subjects and not acts and len(fitting) > 1 and not body  # "she sits at his bedside"
            others = [fit for name, fit in fitting.items() if name != best and not (away and name in self.subjects)]
            sure = fitting[best] >= max(others, default=0.0) + (0.5 if away else _SURE)
            if pronoun != "it" and not self.cast.gender(best) and sure and not own:
                self.sexes.setdefault(best, pronoun)
        return best

    def _unsure(self, pronoun: str, best: str, fitting: Mapping[str, float]) -> bool:
        """Whether a pronoun that acts may as well mean another than ``best``, who was spoken of just now too."""
        last, acted, _ = self.bound.get(pronoun, ("", False, False))
        if last == best and acted and best in self.subjects:
            return False  # whoever was "she" and acted goes on
        known = bool(self.cast.gender(best)) or best in self.sure
        doubted = self.doubted.get(pronoun, -9)
        if self.sentence - doubted <= 1 and self.seen.get(best, (-9, 0.0))[0] <= doubted:
            return True  # who was not certain before is not so now
        since = self.sentence - self.seen[last][0] if last in self.seen else FARTHEST
        if last in fitting and last != best and not known and since <= (2 if acted else 1):
            return True  # "he hid. A swan came by. He followed her"
        one_of_several = self.sentence - self.singled <= 1 and best not in self.subjects
        if not known and best != last and (one_of_several or any(self._surer(pronoun, each, best) for each in fitting)):
            return True  # "one of the twins dances. She falls"
        for name, fit in fitting.items():
            lately = self.sentence - self.seen.get(name, (-9, 0.0))[0] <= 1 and self.seen[name][1] >= NAMED
            if name == best or not lately:
                continue
            natures = {self.cast.nature(name), self.cast.nature(best)}
            alike = bool(self.cast.gender(name)) == known and (len(natures) == 1 or "" in natures)
            if fit > fitting[best] - _TOO_CLOSE or alike:
                return True
        return False

    def _something_else(self, items: list[Item], position: int, name: str) -> bool:
        """Whether "it" rather means a thing that is nobody of the story: one that somebody in the same sentence does
        something to, and that was named later than all of the story's that "it" may stand for."""
        for at in range(position - 1, -1, -1):
            item = items[at]
            if item.entity >= 0 and self.cast.is_it(self.names[item.entity]):
                return False
            if item.tag == "O" and item.low == "it":
                return at in self._known and self._known[at] is None
            if item.tag != "N" or item.low in BODY or noun_lemma(item.low) != item.low or item.low in _NO_THINGS:
                continue
            begin = at
            while begin > 0 and items[begin - 1].tag in "AN":
                begin -= 1
            done_to = begin > 1 and items[begin - 1].low in _ANY and items[begin - 2].tag in "VR"
            after = items[at + 1].low if at + 1 < len(items) else ""
            if done_to and after != "of" and name not in self.subjects:
                return True
        return False

    def _overtaken(self, name: str) -> bool:
        """Whether another one that "it" may stand for did something after somebody was named last."""
        for other, (_, weight) in itertools.islice(reversed(self.seen.items()), MOST_TOGETHER):
            if other == name:
                return False
            if weight >= DOING and self._fit("it", other, False) >= 1.0:
                return True
        return False

    def _fit(self, pronoun: str, name: str, acts: bool) -> float:
        """How well somebody fits a pronoun, one that ``acts`` or not; 0 where not at all."""
        nature, sex = self.cast.nature(name), self.cast.gender(name) or self.sexes.get(name, "")
        if name not in self.characters:
            return (1.4 if acts else 2.0) if pronoun == "it" else 0.0
        if pronoun == "it":
            return (
                0.0
                if not self.cast.is_it(name) or self.cast.several(name)
                else 0.5
                if nature == "person"
                else 1.2
                if sex
                else 2.0
            )
        if (sex and sex != pronoun) or self.cast.several(name):
            return 0.0
        return {"person": 2.5, "animal": 1.0, "machine": 0.5, "": 2.0}[nature] + (
            _OF_ITS_SEX if self.cast.gender(name) else 0.9 if name in self.sure else _SAID_TO_BE[nature] if sex else 0.0
        )

    def _pointed(
        self, items: list[Item], position: int, subjects: tuple[str, ...], low: str, acts: bool | None = None
    ) -> str | None:
        """The entity that "him" or "it" means: not the subject."""
        if low == "them":
            named = (self.names[item.entity] for item in reversed(items[:position]) if item.entity >= 0)
            found = itertools.chain(named, itertools.islice(reversed(self.seen), MOST_TOGETHER))
            fitting = [name for name in found if name not in subjects]
            several = next((name for name in fitting if self.cast.several(name) or name in self.plurals), None)
            placed = position > 0 and items[position - 1].tag == "P"
            going = (
                next((name for name in fitting if self._goes(name)), None)
                if self._low(items, position - 1) == "after"
                else None
            )
            alive = {name for name in fitting if name in self.characters}
            only = next(iter(alive)) if len(alive) == 1 else ""
            one = only if only and self.cast.nature(only) == "person" and not self.cast.gender(only) else None
            self._known[position] = (
                several or going or one or (fitting[0] if placed and len(set(fitting)) > 1 else None)
            )
            return self._known[position]
        return self._best(low, items, position, subjects, acts)

    def _goes(self, name: str) -> bool:
        """Whether somebody went somewhere last."""
        return False

    def _low(self, items: list[Item], position: int) -> str:
        return items[position].low if position >= 0 else ""

    def _owners(self, items: list[Item], clause: Clause) -> None:
        """Note whose something is, as "its eyes" says, and who is she or he, as "herself" says."""
        of = [self.names[items[head].entity] for head in clause.subjects if items[head].entity >= 0]
        selves = of if clause.relative else self.subjects
        for item in items[clause.own : clause.end] if len(selves) == 1 else ():
            if item.low in ("himself", "herself") and not self.cast.gender(selves[0]):
                self.sexes[selves[0]] = PRONOUN_OF[item.low]
                self.sure.add(selves[0])
        head = clause.subjects[0] if clause.subjects else 0
        part = head > 1 and items[head].low in BODY and items[head - 2].entity >= 0
        but = (self.names[items[head - 2].entity],) if part else ()  # "the king's hand closes about his wrist"
        for position in self._owned:
            if clause.own <= position < clause.end and (owner := self._best(items[position].low, items, position, but)):
                self._hear(owner, False)
                thing = items[position + 1].entity if position + 1 < len(items) else -1
                if thing >= 0 and self.names[thing] in self.characters:
                    self.owned.setdefault(PRONOUN_OF[items[position].low], set()).add(self.names[thing])

    def _called(self, items: list[Item], head: int) -> tuple[str, ...]:
        """Whom a general noun means: "the bird" is the only one of those named that is a bird, or of all."""
        noun = noun_lemma(items[head].low)
        sex, nature = SEXES.get(noun) or _ALONE.get(noun, ""), KINDS_OF_SEVERAL.get(noun, "")
        if not (sex or nature or noun in _KINDS) or is_several(items[head].low):
            return ()
        begin = head - 1
        while begin > 0 and items[begin].tag == "A":
            begin -= 1
        if begin < 0 or items[begin].low not in ("the", "that", "this"):
            return ()

        def fits(name: str) -> bool:
            if sex:
                person = self.cast.nature(name) in ("person", "")
                return person and self.cast.gender(name) in (sex, "") and not self.cast.several(name)
            return self.cast.nature(name) == nature if nature else self.cast.is_kind(name, noun)

        latest = itertools.islice(reversed(self.seen), MOST_TOGETHER)
        for known in (latest, self.names):
            found = [name for name in known if name in self.characters and fits(name)]
            if len(found) == 1:
                return tuple(found)
            if found:
                return ()
        return ()

    # Several.
