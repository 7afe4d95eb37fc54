"""What prose has in quotes and says who says it: it becomes their speech. What isn't certain stays told.

Taken are a quote with nothing but who said it, ``"Run!" said the fox.``, ``The fox said, "Run!"``, and a quote that
goes on right behind such a one. What only "she" says stays in the narration, and so does a quote in a sentence that
tells more.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from dreamrunner.files.text import one_line
from dreamrunner.language.importing.script import Left, Paragraph, Script, Speech

_VERBS = (
    "said says asked asks cried cries shouted shouts whispered whispers replied replies answered answers called calls"
    " exclaimed exclaims yelled yells murmured murmurs muttered mutters added adds begged begs growled growls roared"
    " roars squeaked squeaks screamed screams continued continues repeated repeats announced announces declared"
    " declares demanded demands gasped gasps grumbled grumbles hissed hisses insisted insists ordered orders promised"
    " promises snapped snaps warned warns wondered wonders"
)
_SAYS = f"(?:{'|'.join(_VERBS.split())})"
_PAIRS = (
    ('"', '"'), ("\u201c", "\u201d"), ("\u201e", "\u201c"), ("\u201e", "\u201d"), ("\u00ab", "\u00bb"),
    ("\u00bb", "\u00ab"),
)  # fmt: skip
_SINGLE = (("\u2018", "\u2018", "\u2019"), (r"(?<!\w)'(?=\w)", '"', "'"))
_ENDS = ",.!?\u2026\u2014-"
_QUOTES = [rf"{first}([^{first}{last}]{{1,2000}}){last}(?!\w)" for first, last in _PAIRS]
# An apostrophe ends nothing that doesn't end as speech does.
_QUOTES += [rf"{first}([^{stop}]{{1,2000}}?)(?<=[{_ENDS}]){last}(?!\w)" for first, stop, last in _SINGLE]
_QUOTE = re.compile("|".join(_QUOTES))
_WHO = (
    r"(?P<who>(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Mm]y|[Oo]ur|[Tt]heir) (?:[a-z]+(?:['\u2019-][a-z]+)*(?: (?!"
    + _SAYS
    + r"\b)|(?=[,.;:]|\Z| ))){1,3}?"
    r"|(?!(?:He|She|It|They|We|You|I|The|A|An|This|That|Then|And|But|So)\b)[A-Z][\w'\u2019-]*"
    r"(?: [A-Z][\w'\u2019-]*){0,2})"
)
_HOW = r"(?: [a-z]+ly)?"
# A comma behind who says it is followed by more of what is said, else the sentence tells more.
_END = r"(?P<end>[.!?]|\Z|[,;:](?=\s*[\"'\u201c\u201e\u00ab\u00bb\u2018]))"
_BEHIND = re.compile(rf",?\s*(?:{_SAYS} {_WHO}|{_WHO.replace('who>', 'other>')} {_SAYS}){_HOW}{_END}")
_THE_SAME = re.compile(rf",?\s*(?:{_SAYS} (?:he|she|it|they)|(?:he|she|it|they) {_SAYS}){_HOW}{_END}")
_BEFORE = re.compile(rf"(?:(?<=[.!?\u2026\"\u201d\u00bb] )|\A\s*){_WHO} {_SAYS}{_HOW}[,:]?\s*\Z")
_SAID = re.compile(rf"\b{_SAYS}[,:]?\s*\Z")
_ARTICLE = re.compile(r"(?:the|an?|his|her|my|our|their) ", re.IGNORECASE)
_NO_NOUNS = frozenset("of in with and to at from for on by as then that this out up back again".split())


def take_speech(script: Script, creatures: Collection[str] = ()) -> None:
    """Move what is said in the parts of a script from what is told to what is said, and note it, and what stays.

    ``creatures`` are words for whom a longer name means the same: "the old cat" is the cat.
    """
    for part in script.parts:
        told: list[Paragraph] = []
        for paragraph in part.told:
            rest, said, notes = _parted(paragraph, creatures)
            script.notes += notes
            part.said += said
            if rest:
                told.append(replace(paragraph, text=rest))
        part.told = told


def _parted(paragraph: Paragraph, creatures: Collection[str]) -> tuple[str, list[Speech], list[Left]]:
    """What is still told of a paragraph, what is said in it, and what is noted of that."""
    text, line = paragraph.text, paragraph.line
    said: list[Speech] = []
    notes: list[Left] = []
    kept, at, goes_on = "", 0, False
    for quote in _QUOTE.finditer(text):
        if quote.start() < at:
            continue
        between = text[at : quote.start()]
        words = next(each for each in quote.groups() if each is not None).strip()
        behind = _BEHIND.match(text, quote.end())
        before = _BEFORE.search(between)
        if not words or (words[-1] not in _ENDS and behind is None and not _SAID.search(between)):
            continue  # a title, or a word that is meant otherwise
        if behind is not None and (who := _named(behind["who"] or behind["other"], creatures)):
            kept += between
            at = behind.end()
            goes_on = True
            end = _ended(words, behind["end"])
            piece = text[quote.start() : at]
        elif goes_on and not between.strip() and (same := _THE_SAME.match(text, quote.end())) is not None:
            who, at = said[-1].who, same.end()
            end, piece = _ended(words, same["end"]), text[quote.start() : at]
        elif goes_on and not between.strip() and not words.endswith(","):
            who, end, piece = said[-1].who, words, quote[0]
            at = quote.end()
        elif before is not None and (who := _named(before["who"], creatures)) and not _runs_on(text, quote.end()):
            kept += between[: before.start()]
            stop = re.compile(r"[.!?]").match(text, quote.end()) if words[-1] not in _ENDS else None
            at = stop.end() if stop is not None else quote.end()
            goes_on, end, piece = (
                True,
                words + (stop[0] if stop is not None else ""),
                before[0] + text[quote.start() : at],
            )
        else:
            goes_on = False
            notes.append(
                Left(line, "stays in the narration: its sentence tells more, or who says it isn't certain", quote[0])
            )
            kept += between + quote[0]
            at = quote.end()
            continue
        if said and goes_on and said[-1].who == who and said[-1].text.endswith(",") and not between.strip():
            said[-1] = replace(said[-1], text=f"{said[-1].text} {end}")
        else:
            said.append(Speech(who, end, line))
        notes.append(Left(line, f"said by {who}", piece))
    rest = one_line(kept + text[at:])
    said = [replace(each, text=f"{each.text[:-1]}.") if each.text.endswith(",") else each for each in said]
    return ("" if not re.search(r"\w", rest) else rest), said, notes


def _ended(words: str, end: str) -> str:
    """A quote as it is said: one that ends with a comma since who says it follows ends as that does."""
    return words if not words.endswith(",") or end == "," else f"{words[:-1]}{end if end in ('!', '?') else '.'}"


def _runs_on(text: str, at: int) -> bool:
    """Whether a sentence goes on behind a quote at its end."""
    return re.match(r"\s*[a-z,;]", text[at:]) is not None


def _named(who: str, creatures: Collection[str]) -> str:
    """Whom words name: a name, or a noun without its article; "" where that is nobody."""
    plain = _ARTICLE.sub("", who.strip(), count=1)
    parts = plain.split()
    if not parts or _NO_NOUNS.intersection(parts):
        return ""
    return parts[-1] if parts[-1].lower() in creatures else plain
