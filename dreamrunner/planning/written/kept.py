"""The filled story of before, as it stands on disk, and with the seeds that its author has written since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.language import Diagnostic
from dreamrunner.language.edits import Edits
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.syntax import Block, Number, Property, Syntax, Text, every
from dreamrunner.planning.written.edits import Source, scene_blocks, seed_of, source_of, write_seed, write_source
from dreamrunner.planning.written.signing import hash_of, hashes_of


@dataclass(frozen=True, slots=True)
class Kept:
    """The filled story of before.

    ``text``: its text.
    ``syntax``: its tree.
    ``errors``: what can't be read in it.
    ``stands``: the text that stands on disk.
    """

    text: str
    syntax: Syntax
    errors: tuple[Diagnostic, ...] = ()
    stands: str = ""

    @classmethod
    def of(cls, text: str, target: Path, stands: str | None = None) -> Kept:
        """Parse the filled story that stands in the file ``target``."""
        parsed = parse(text, target)
        errors = tuple(item for item in parsed.diagnostics if item.severity == "error")
        return cls(text, parsed.syntax, errors, text if stands is None else stands)

    def errors_of(self, name: str) -> tuple[Diagnostic, ...]:
        """What can't be read in a scene."""
        heads = sorted(block.kind.location.line for block in self.syntax.blocks)
        starts = [block.kind.location.line for block in scene_blocks(self.syntax) if block.name.text == name]
        stops = [next((line for line in heads if line > start), 10**9) for start in starts]
        areas = list(zip(starts, stops, strict=True))
        return tuple(item for item in self.errors if any(a <= item.location.line < b for a, b in areas))


def with_seeds(kept: Kept, own: Mapping[str, Block], hashes: Mapping[str, str]) -> Kept:
    """The filled story with the seeds that the authored scenes have by now, in the fills that still fit these.

    A seed that somebody wrote into a fill by hand stays where the author has none.
    """
    edits, signed = Edits.of(kept.text), []
    for block in scene_blocks(kept.syntax):
        name, (authored, made) = block.name.text, hashes_of(block)
        if name not in own or authored != hashes[name]:
            continue
        old, new = seed_of(block), seed_of(own[name])
        by_hand = made != hash_of(block)
        if _said(old) == _said(new) or (by_hand and new is None):
            continue
        write_seed(edits, block, new)
        signed += [] if by_hand else [name]
    if not edits.within and not edits.after:
        return kept
    changed = Kept.of(edits.result(), kept.syntax.file)
    edits = Edits.of(changed.text)
    for block in scene_blocks(changed.syntax):
        if (source := source_of(block)) is not None and block.name.text in signed:
            by = [each.value for each in every(source.values, Text)[1:]]
            write_source(edits, block, Source(f"{hashes_of(block)[0]} {hash_of(block)}", by[0] if by else ""))
    return Kept.of(edits.result(), kept.syntax.file, kept.stands)


def _said(seed: Property | None) -> float | None:
    return None if seed is None else seed.one(Number).value
