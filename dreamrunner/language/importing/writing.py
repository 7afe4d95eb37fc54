"""A story's text of what was read of prose. Nothing in it is made up: what prose doesn't say is left to the planner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.files.text import one_line, shortened
from dreamrunner.language.edits import quoted
from dreamrunner.language.formatter import format_text
from dreamrunner.language.importing.people import Found, people_in
from dreamrunner.language.importing.script import Paragraph, Part, Script
from dreamrunner.language.parsing.lines import words
from dreamrunner.language.parsing.parser import parse

_LONGEST_NAME = 40
_LONGEST_COMMENT = 60
_ONE_LINE = 90  # letters of a text that stands on one line


@dataclass(frozen=True, slots=True)
class Written:
    """A story's text; its characters, who speak; whom else it is about, proposed; and how many scenes it has."""

    text: str
    characters: tuple[Found, ...]
    proposed: tuple[Found, ...]
    scenes: int


def write(script: Script, source: str, *, creatures: Sequence[str] = (), declare: bool = False) -> Written:
    """The story of a script, in the formatter's layout. ``source`` is what it was made of, as its first line says.

    Whoever has a cue is a character. Others that are named in what is told are proposed: as comments, or declared with
    ``declare``. ``creatures`` are words for such as have no name.
    """
    taken = _Names(words().values())
    cues: dict[str, tuple[str, list[int]]] = {}
    for speech in (each for part in script.parts for each in part.said):
        key = one_line(speech.who).casefold()
        if key not in cues:
            cues[key] = taken.name(speech.who, "character"), []
        cues[key][1].append(speech.line)
    told = [paragraph for part in script.parts for paragraph in part.told]
    others = [each for each in people_in(told, creatures) if each.name.casefold() not in cues]
    lines = [f"# made of {_comment(source)}", f"story {_quoted(script.title or 'A Story')}", ""]
    speakers = []
    for key, (name, at) in cues.items():
        shown = next(each.who for part in script.parts for each in part.said if one_line(each.who).casefold() == key)
        lines.append(f"character {name} {_quoted(_in_sentence(shown))}")
        speakers.append(Found(_in_sentence(shown), len(at), at[0]))
    for each in others:
        mark = "" if declare else "# "
        lines.append(f"{mark}character {taken.name(each.name, 'character')} {_quoted(each.name)}")
    places = {part.place.casefold(): part.place for part in script.parts if part.place}
    rooms = {key: taken.name(place, "place") for key, place in places.items()}
    lines += [f"location {rooms[key]} {_quoted(_in_sentence(place))}" for key, place in places.items()]
    scenes = _Names(())
    for number, part in enumerate(script.parts, 1):
        lines += ["", *([f"# {one_line(part.heading)}"] if not part.place and _says_more(part.heading) else [])]
        lines.append(f"scene {scenes.name(part.heading, f'scene-{number}')}")
        lines += _scene(part, rooms.get(part.place.casefold(), ""), lambda who: cues[one_line(who).casefold()][0])
    text = "\n".join(lines) + "\n"
    return Written(
        format_text(text, Path("import.story"), safe=False).text or text,
        tuple(speakers),
        tuple(others),
        len(script.parts),
    )


def _scene(part: Part, room: str, called: Callable[[str], str]) -> list[str]:
    """The lines of one scene."""
    lines = [f"  in {room}"] if room else []
    if part.time:
        lines.append(f"  background {_quoted(_in_sentence(part.time))}")
    if part.told:
        lines += _narration(part.told)
    elif part.said:
        lines.append('  narration ""')
    if not part.empty:
        lines.append("  duration auto")
    if part.transition in ("fade", "dissolve"):
        lines.append(f"  transition {part.transition}")
    before = ""
    for speech in part.said:
        name = called(speech.who)
        lines += [f"  {name}"] if name != before else []
        lines.append(f"    says {_quoted(speech.text)}")
        before = name
    return lines


_CURLY = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u300c\u300d\u300e\u300f\uff02", '"'))


def _quoted(text: str) -> str:
    """A text in quotes; with straight ones in it where it would else be read otherwise than it stands there."""
    written = quoted(text)
    if not text.isascii() and parse(f"scene x\n  narration {written}\n", Path("x")).diagnostics:
        return quoted(text.translate(_CURLY))
    return written


def _narration(told: Sequence[Paragraph]) -> list[str]:
    texts = [each.text for each in told]
    if any('"""' in text or text.startswith('"') or text.endswith(('"', "\\")) for text in texts) and len(texts) == 1:
        return [f"  narration {_quoted(texts[0])}"]
    if any('"""' in text for text in texts):
        return [f"  narration {_quoted(chr(10).join(texts))}"]
    if len(texts) == 1 and len(texts[0]) <= _ONE_LINE:
        return [f"  narration {_quoted(texts[0])}"]
    lines = ['  narration """', *(f"    {text}" for text in texts), '    """']
    if parse("\n".join(["scene x", *lines, ""]), Path("x")).diagnostics:
        return [f"  narration {_quoted(chr(10).join(texts))}"]
    return lines


def _in_sentence(words: str) -> str:
    """``THE OLD MILL`` as words within a sentence; what is not in capitals stays."""
    text = one_line(words)
    return text.lower() if text.isupper() else text


def _comment(text: str) -> str:
    return shortened(one_line(text), _LONGEST_COMMENT)


def _says_more(heading: str) -> bool:
    """Whether the name that a scene gets of its heading doesn't hold all letters and digits of that."""
    said = [letter for letter in unicodedata.normalize("NFKD", heading) if letter.isalnum()]
    return bool(said) and (len(heading) > _LONGEST_NAME or said[0].isdigit() or not "".join(said).isascii())


class _Names:
    """Names of a story, each given once."""

    def __init__(self, reserved: Collection[str]) -> None:
        self._taken = set(reserved)

    def name(self, said: str, otherwise: str) -> str:
        """A name for something, from the words that it is called by; ``otherwise`` where these have no letters."""
        plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode()
        name = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()
        name = re.sub(r"\A[\d-]+", "", name)[:_LONGEST_NAME].rstrip("-") or otherwise
        number, found = 2, name
        while found in self._taken:
            found, number = f"{name}-{number}", number + 1
        self._taken.add(found)
        return found
