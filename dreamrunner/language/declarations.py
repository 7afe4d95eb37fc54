"""Who and what a story declares: characters, props, locations and motions, its own and those of the files it uses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from dreamrunner.backbones.family import EXPERTS, Expert
from dreamrunner.backbones.tensor_names import WEIGHTS
from dreamrunner.files.spelling import closest, did_you_mean
from dreamrunner.language.diagnostics import Diagnostic, diagnostic
from dreamrunner.language.files import Folder, read_text
from dreamrunner.language.parsing.lines import ADDED, BODIES, starts, words
from dreamrunner.language.parsing.parser import Parsed, parse
from dreamrunner.language.sound.voices import voice_of
from dreamrunner.language.story import (
    LARGEST_SCALE,
    MISSING,
    Character,
    Location,
    LoraFile,
    Motion,
    Prop,
    Setting,
)
from dreamrunner.language.syntax import Block, Number, Property, Syntax, Text, Word, every

_DEEPEST = 50  # files that use one another; no cast is shared through more hands
_MOST_PATHS = 500


Thing = TypeVar("Thing", bound=Character | Prop | Setting | Motion)

_KINDS: dict[type, str] = {Setting: "location"}


@dataclass(frozen=True, slots=True)
class Declared(Generic[Thing]):
    """A declared character, prop, location or motion; its name stands at ``place`` in ``file``, whose block it is."""

    value: Thing
    file: Path
    place: Location

    @property
    def kind(self) -> str:
        """What it is declared as: ``character``, ``prop``, ``location`` or ``motion``."""
        return _KINDS.get(type(self.value), type(self.value).__name__.lower())


@dataclass(slots=True)
class Cast:
    """Everything that one file can name.

    ``lost`` and ``lost_any`` tell which names may be missing only because a line could not be read.
    """

    entities: dict[str, Declared[Character | Prop]] = field(default_factory=dict)
    motions: dict[str, Declared[Motion]] = field(default_factory=dict)
    settings: dict[str, Declared[Setting]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    lost_any: bool = False

    def names(self, file: Path) -> list[tuple[str, Location]]:
        """The names that one file declares, each with its place."""
        kinds: tuple[Mapping[str, Declared[Any]], ...] = (self.entities, self.settings, self.motions)
        return [(name, item.place) for known in kinds for name, item in known.items() if item.file == file]

    def of(self, kind: str) -> dict[str, Declared[Any]]:
        """Those among which a name of a kind, such as ``prop``, stands for one thing only."""
        known: dict[str, Any] = {"motion": self.motions, "location": self.settings}
        return known.get(kind, self.entities)  # type: ignore[no-any-return]

    def beside(self, kind: str, name: str) -> Declared[Any] | None:
        """What is called ``name`` and is of another kind, in a story where a ``kind`` can't be called so then.

        A location's name is no character's, prop's or motion's; a motion may be called as a character is.
        """
        others = (self.entities, self.motions) if kind == "location" else (self.settings,)
        return next((known[name] for known in others if name in known), None)


def reserved() -> frozenset[str]:
    """Words that no character or prop can be called, since a line in a scene can start with them."""
    heads = [words()[name] for name in starts(BODIES["SCENE"]) if name in words() and name not in ADDED]
    return frozenset([*heads, "at", "use", "story", "character", "prop", "motion", "scene"])


class CastReader:
    """Reads casts file by file; every file is read once. Diagnostics and trees collect in here.

    ``unsaved`` holds texts that go before those of their files.
    """

    def __init__(self, folder: Folder, unsaved: Mapping[Path, str] | None = None) -> None:
        self.folder = folder
        self._unsaved = {os.path.realpath(path): text for path, text in (unsaved or {}).items()}
        self.found: list[Diagnostic] = []
        self.trees: dict[Path, Syntax] = {}
        self._casts: dict[str, Cast] = {}

    def cast(self, parsed: Parsed, chain: tuple[Path, ...]) -> Cast:
        """The cast of a parsed file, which is the last of ``chain``, the files that use one another."""
        cast = Cast(lost=set(parsed.syntax.lost), lost_any=parsed.syntax.lost_any)
        for block in parsed.syntax.blocks:
            if block.kind.text == "use" and not block.broken:
                self._use(block, cast, chain)
        own: dict[tuple[int, str], Location] = {}
        bases: dict[str, Block] = {}
        for block in parsed.syntax.blocks:
            if block.kind.text in ("character", "prop", "location", "motion") and block.name.raw:
                declares = self._declare(block, cast, own, parsed.syntax.file)
                if declares and block.base is not None:
                    bases[block.name.text] = block
        self.found += inherit(cast, bases)
        return cast

    def _use(self, block: Block, cast: Cast, chain: tuple[Path, ...]) -> None:
        written = block.name
        used = self._used(written, chain)
        if isinstance(used, Diagnostic):
            self.found.append(used)
        if not isinstance(used, Cast):
            cast.lost_any = True
            return
        cast.lost |= used.lost
        cast.lost_any |= used.lost_any
        self._join(cast, used.entities, written.location)
        self._join(cast, used.settings, written.location)
        self._join(cast, used.motions, written.location)

    def _join(self, cast: Cast, theirs: Mapping[str, Declared[Any]], place: Location) -> None:
        """Add what a file at ``place`` declares; what two such files declare is reported."""
        for name, declared in theirs.items():
            beside = cast.beside(declared.kind, name)
            before = cast.of(declared.kind).setdefault(name, declared) if beside is None else beside
            # What one file declares twice is told there.
            if before is not declared and before.file != declared.file:
                related = [("first declared here", before.place), ("and here", declared.place)]
                self.found.append(diagnostic("declared-twice", place, kind=declared.kind, name=name, related=related))

    def _used(self, written: Text | Word, chain: tuple[Path, ...]) -> Cast | Diagnostic:
        path = self.folder.locate(written, chain[-1])
        if isinstance(path, Diagnostic):
            return path
        key = os.path.realpath(path)
        keys = [os.path.realpath(item) for item in chain]
        if key in keys:
            ring = [*chain[keys.index(key) :], path]
            shown = " -> ".join(item.name for item in ring)
            return diagnostic("use-cycle", written.location, path=shown)
        if len(chain) > _DEEPEST:
            return diagnostic("use-cycle", written.location, path=f"more than {_DEEPEST} files deep")
        if key not in self._casts:
            text = self._unsaved[key] if key in self._unsaved else read_text(path, written.location)
            if isinstance(text, Diagnostic):
                return text
            parsed = parse(text, path)
            self.trees[path] = parsed.syntax
            self.found += parsed.diagnostics
            self._casts[key] = self.cast(parsed, (*chain, path))
        return self._casts[key]

    def _declare(self, block: Block, cast: Cast, own: dict[tuple[int, str], Location], file: Path) -> bool:
        """Add what a block declares; False where that is declared already, which is reported."""
        kind, name, place = block.kind.text, block.name.text, block.name.location
        known = cast.of(kind)
        inherited, beside = known.get(name), cast.beside(kind, name)
        first = own.get((id(known), name))
        if first is None and inherited is not None and inherited.kind != kind:
            first = inherited.place
        if first is None and beside is not None:
            first = beside.place
        if first is not None:
            related = [("first declared here", first)]
            self.found.append(diagnostic("declared-twice", place, kind=kind, name=name, related=related))
            return False
        if kind in ("character", "prop") and name in reserved() and not block.broken:
            self.found.append(diagnostic("reserved-name", place, kind=kind, name=name))
        own[id(known), name] = place
        before = inherited.value if inherited is not None else None
        make = self._motion if kind == "motion" else self._prop if kind == "prop" else self._pictured
        known[name] = Declared(make(block, before, file), file, place)
        return True

    # What a block declares: its own properties over those of the used one that it overrides.

    def _prop(self, block: Block, inherited: Prop | None, file: Path) -> Prop:
        facts = properties(block, self.found)
        looks = facts["looks"].text if "looks" in facts else inherited.looks if inherited else MISSING
        return Prop(block.name.text, looks, block.name.location)

    def _pictured(self, block: Block, inherited: Character | Setting | None, file: Path) -> Character | Setting:
        """A character or a location: both have photos, from which a LoRA is trained."""
        facts = properties(block, self.found)
        name, place = block.name.text, block.name.location
        before = inherited or (Setting(name) if block.kind.text == "location" else Character(name))
        looks = facts["looks"].text if "looks" in facts else before.looks
        loras = self.loras(block, file) if "lora" in facts else before.loras
        images = self._files(facts["images"], file) if "images" in facts else before.images
        likeness = "" if "lora" in facts or "images" in facts else before.likeness
        if isinstance(before, Setting):
            return Setting(name, looks, images, loras, place, likeness)
        voice = voice_of(facts["voice"], file, self.folder, self.found) if "voice" in facts else before.voice
        return Character(name, looks, images, loras, place, voice, likeness)

    def loras(self, block: Block, file: Path) -> tuple[LoraFile, ...]:
        """The LoRAs that a block names, in their order: a header for the whole picture, a declaration for its thing."""
        facts = (fact for fact in block.properties() if fact.word.text == "lora")
        return tuple(lora for fact in facts if (lora := self._lora(fact, file)) is not None)

    def _motion(self, block: Block, inherited: Motion | None, file: Path) -> Motion:
        facts = properties(block, self.found)
        name, place = block.name.text, block.name.location
        before = inherited or Motion(name)
        loras = self.loras(block, file) if "lora" in facts else before.loras
        if "lora" in facts and "clips" in facts:
            related = [("the LoRA is here", facts["lora"].location)]
            self.found.append(diagnostic("lora-and-clips", facts["clips"].location, name=name, related=related))
        query = facts["query"].text if "query" in facts else before.query
        clips = self._files(facts["clips"], file) if "clips" in facts else before.clips
        # Clips or a LoRA given here take the place of whichever of them a used file gives.
        if "lora" in facts and "clips" not in facts:
            clips = ()
        if "clips" in facts and "lora" not in facts:
            loras = ()
        return Motion(name, query, clips, loras, place)

    def _files(self, fact: Property, file: Path) -> tuple[Path, ...]:
        matched: dict[Path, None] = {}
        named = every(fact.values, Text)
        if len(named) > _MOST_PATHS:
            problem = f"{len(named):,} paths stand in one line, of which {_MOST_PATHS} can be read"
            place = named[_MOST_PATHS].location
            self.found.append(diagnostic("bad-value", place, problem=problem, help="name many files by a pattern"))
        for written in named[:_MOST_PATHS]:
            found = self.folder.match(written, file)
            if isinstance(found, Diagnostic):
                self.found.append(found)
            else:
                matched.update(dict.fromkeys(found))
        return tuple(matched)

    def _lora(self, fact: Property, file: Path) -> LoraFile | None:
        path = self.folder.one(fact.one(Text), file, inside=WEIGHTS)
        scale = fact.maybe(Number)
        factor = 1.0 if scale is None else scale.value
        if scale is not None and not 0 < factor <= LARGEST_SCALE:
            problem = f"the scale of a LoRA must be above 0 and at most {LARGEST_SCALE:g}, not {scale.raw[:20]}"
            self.found.append(diagnostic("bad-value", scale.location, problem=problem, help="1 is its own"))
        if isinstance(path, Diagnostic):
            self.found.append(path)
            return None
        return LoraFile(path, factor, expert_of(fact))


def inherit(cast: Cast, bases: Mapping[str, Block]) -> Iterator[Diagnostic]:
    """Give the declared things of ``bases`` what they don't say themselves and the one behind ``from`` does.

    That one may itself be made from another; what leads back to where it began, to nothing, or to a thing of another
    kind is reported, and inherits nothing.
    """
    done: set[str] = set()
    for name in bases:
        way = [name]
        while way[-1] in bases and (base := bases[way[-1]].base) is not None and way[-1] not in done:
            way.append(base.text)
            if base.text in way[:-1]:
                break
        if way[-1] in way[:-1]:
            ring = way[way.index(way[-1]) :]
            word = bases[ring[0]].base
            if word is not None:
                yield diagnostic("from-cycle", word.location, path=" -> ".join(ring))
            done.update(way)
            continue
        for child in reversed(way[:-1]):
            word = bases[child].base
            if child not in done and word is not None:
                found = _from(cast, bases[child].kind.text, child, word)
                if found is not None:
                    yield found
            done.add(child)


def _from(cast: Cast, kind: str, name: str, base: Word) -> Diagnostic | None:
    """Let one declared thing inherit from another, whose name stands at ``base``; or say why it can't."""
    known = cast.of(kind)
    parent = known.get(base.text)
    if parent is None or parent.kind != kind:
        if cast.lost_any or base.text in cast.lost:
            return None
        alike = [other for other, item in known.items() if item.kind == kind and other != name]
        near = did_you_mean(closest(base.text, alike), mark="`")
        help = near or (f"it is a {parent.kind}" if parent is not None else None)
        return diagnostic("unknown-base", base.location, kind=kind, name=base.text, help=help)
    own, theirs = known[name].value, parent.value
    facts = {"looks": theirs.looks} if own.looks is MISSING else {}
    if kind == "character" and not own.voice:
        facts["voice"] = theirs.voice
    if kind != "prop" and not (own.images or own.loras):
        facts |= {"images": theirs.images, "loras": theirs.loras, "likeness": theirs.likeness or theirs.name}
    known[name] = replace(known[name], value=replace(own, **facts))
    return None


def expert_of(fact: Property) -> Expert:
    """Which network of two the property ``lora`` is about."""
    word = fact.maybe(Word)
    return next((name for name in EXPERTS if word is not None and word.text == name), "")


def properties(block: Block, found: list[Diagnostic]) -> dict[str, Property]:
    """The properties of a block by their word, of each the first; one that stands twice is reported. A header may name
    any number of LoRAs, and a declaration one for each network of a model that has two."""
    facts: dict[tuple[str, str], Property] = {}
    for item in block.properties():
        word = item.word.text
        key = word, expert_of(item) if word == "lora" else ""
        if key not in facts:
            facts[key] = item
        elif word != "lora" or block.kind.text != "story":
            related = [("first said here", facts[key].word.location)]
            found.append(diagnostic("property-twice", item.word.location, name=word, related=related))
    return {word: item for (word, _), item in reversed(facts.items())}
