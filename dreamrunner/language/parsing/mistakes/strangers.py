"""Names in scenes that nothing declares: what they were likely meant to be."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from dreamrunner.files.spelling import MEANT, closest, did_you_mean
from dreamrunner.language.diagnostics import Change, Diagnostic, diagnostic
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.parsing.lines import BODIES, starts, words
from dreamrunner.language.syntax import BeatLine

MOST_RELATED = 3
"""Other places of one mistake that are shown."""

_MOST_ADVICE = 20  # names for which a better one is looked for; where there are more, spelling isn't the trouble


def strangers(
    groups: list[list[BeatLine]], known: Collection[str], places: Collection[str] = ()
) -> Iterator[Diagnostic]:
    """What is told of names that are not among the ``known``, by name; each is one mistake, however often it is used.
    ``places`` are the locations, which can't be in a beat.

    Lines in a row that are properties of another kind of block are one mistake too.
    """
    told = 0
    for index, lines in enumerate(groups):
        if index < told:
            continue
        homes, told = _homes(lines[0].entity.text), index + 1
        while homes and told < len(groups) and _homes(groups[told][0].entity.text) == homes:
            told += 1
        if told - index > 1:
            many = f"these {told - index} lines belong"
            kind = " or ".join(homes)
            help = f"they stand in a scene; move them under the {kind} that they are about"
            yield diagnostic("lost-header", lines[0].entity.location, many=many, kind=kind, help=help)
        else:
            yield _stranger(lines[0], lines[1:], known if index < _MOST_ADVICE else (), places)


def _stranger(line: BeatLine, others: list[BeatLine], known: Collection[str], places: Collection[str]) -> Diagnostic:
    word, motion = line.entity, line.motion
    related = [("and here", other.entity.location) for other in others[:MOST_RELATED]]
    if word.text in places:
        help: str | None = f"it is a location, which a scene is in: `in {shown(word.text)}`"
    else:
        help = _advice(word.text, known)
    near = MEANT.fullmatch(help or "")
    fix = [Change(each.entity.location, near[1]) for each in (line, *others)] if near is not None else []
    if motion is not None and motion.text in known:
        place = replace(word.location, end_line=motion.location.end_line, end_column=motion.location.end_column)
        is_article = word.text.lower() in ("the", "a", "an")
        right = motion.text if is_article else f"{motion.text} {word.text}"
        rule = "a line in a scene begins with a name" if is_article else "the name comes first, then the motion"
        help, fix = f"{rule}: `{shown(right)}`", [] if others else [Change(place, right)]
    return diagnostic("unknown-entity", word.location, name=shown(word.text), help=help, related=related, fix=fix)


def _advice(name: str, known: Collection[str]) -> str | None:
    own = [words()[item] for item in starts(BODIES["SCENE"]) if item in words()]
    near = closest(name, known)
    if near is not None:
        return did_you_mean(near, mark="`")
    near = closest(name, own)
    if near is not None:
        return did_you_mean(near, "the property", "`")
    homes = _homes(name)
    if homes:
        return f"`{name}` belongs in a {' or '.join(homes)}; a scene takes {', '.join(own)} and beats"
    return None


def _homes(name: str) -> list[str]:
    """The kinds of blocks of which a word is a property, where it is none of a scene."""
    kinds = [kind.lower() for kind, rule in BODIES.items() if name.upper() in starts(rule)]
    return [] if "scene" in kinds else kinds
