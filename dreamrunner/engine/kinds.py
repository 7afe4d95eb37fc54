"""Kinds of task, and what they are called."""

from __future__ import annotations

WORDS = {
    "plan": ("planning", "planned", "story"),
    "retrieve": ("finding clips for", "found clips for", "motion"),
    "train-motion": ("learning", "learnt", "motion"),
    "train-subject": ("learning", "learnt", "character"),
    "speak": ("speaking", "spoke", "scene"),
    "fit": ("fitting the speech of", "fitted the speech of", "scene"),
    "render": ("filming", "filmed", "scene"),
    "encode": ("encoding", "encoded", "scene"),
    "cut": ("cutting", "cut", "scene"),
    "join": ("joining", "joined", "film"),
    "storyboard": ("drawing", "drew", "storyboard"),
    "drawing": ("drawing", "drew", "catalog"),
    "rows": ("reading", "read", "source"),
    "captions": ("indexing", "indexed", "captions"),
    "clips": ("looking at", "looked at", "clips"),
    "people": ("following", "followed", "people"),
    "similarity": ("comparing", "compared", "clips"),
}
"""For each kind of task: while it runs, when it is done, what it makes."""


COUNTED = ("scene", "motion", "character")
"""What there may be several of."""


STEPPED = ("render", "train-motion", "train-subject")
"""What goes in steps; all else counts things."""


def stage_name(kind: str) -> str:
    """What a stage is called where all of them are counted."""
    return "train" if kind.startswith("train-") else kind


def doing(kind: str, of: str) -> str:
    """What a task does: ``filming garden``, ``joining the film``."""
    verb, _, noun = WORDS.get(kind, (kind, kind, "task"))
    return f"{verb} {of or 'the ' + noun}"


def did(kind: str, of: str) -> str:
    """What a task did: ``filmed garden``, ``joined the film``."""
    _, verb, noun = WORDS.get(kind, (kind, kind, "task"))
    return f"{verb} {of or 'the ' + noun}"
