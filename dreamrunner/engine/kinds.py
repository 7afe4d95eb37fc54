"""Kinds of task, and what they are called. The engine knows none: who makes tasks registers their kinds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of task, which is a stage of a build."""

    name: str
    """What tasks and events call it: ``render``."""
    doing: str
    """The verb for a task that runs, before what it is for: ``filming``."""
    did: str
    """The verb for a task that is over: ``filmed``."""
    makes: str
    """The noun for what one task makes: ``scene``."""
    several: bool = False
    """Whether a build may have several such tasks."""
    steps: bool = False
    """Whether its progress counts steps; that of others counts things."""
    stage: str = ""
    """What it is counted under with other kinds; its own name where this is empty."""


_REGISTERED: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds known by their names."""
    _REGISTERED.update({kind.name: kind for kind in kinds})


def kind_of(name: str) -> Kind:
    """The kind of this name; one that nobody registered is called by its name."""
    return _REGISTERED.get(name) or Kind(name, name, name, "task")


def stage_name(kind: str) -> str:
    """What a stage is called where all of them are counted."""
    return kind_of(kind).stage or kind


def doing(kind: str, of: str) -> str:
    """What a task does: ``filming garden``, ``joining the film``."""
    known = kind_of(kind)
    return f"{known.doing} {of or 'the ' + known.makes}"


def did(kind: str, of: str) -> str:
    """What a task did: ``filmed garden``, ``joined the film``."""
    known = kind_of(kind)
    return f"{known.did} {of or 'the ' + known.makes}"
