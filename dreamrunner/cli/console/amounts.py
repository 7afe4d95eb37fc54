"""What stages are called in what people read."""

from __future__ import annotations

from dreamrunner.engine.kinds import Kind, kind_of, register
from dreamrunner.files.wording import clock, counted

_OF_CATALOGS = (
    Kind("drawing", "drawing", "drew", "catalog"),
    Kind("rows", "reading", "read", "source"),
    Kind("captions", "indexing", "indexed", "captions"),
    Kind("clips", "looking at", "looked at", "clips"),
    Kind("people", "following", "followed", "people"),
    Kind("similarity", "comparing", "compared", "clips"),
)
"""Stages of indexing and of searching, which are no tasks of a build. They are known here since a command that has no
build does not import what knows the tasks of one."""

register(*_OF_CATALOGS)


def summary(kind: str, total: int, missing: int, seconds: float) -> str:
    """What a stage did: ``filmed 5 scenes in 1:43 (2 of them kept from before)``."""
    known = kind_of(kind)
    verb, noun = known.did, known.makes
    what = counted(total, noun) if known.several else f"the {noun}"
    if not missing:
        return f"{verb} {what}: kept from before"
    kept = f" ({total - missing} of them kept from before)" if missing < total else ""
    return f"{verb} {what} in {clock(seconds)}{kept}"
