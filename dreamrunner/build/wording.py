"""What tasks and times are called when they are told to people."""

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


def summary(kind: str, total: int, missing: int, seconds: float) -> str:
    """What a stage did: ``filmed 5 scenes in 1:43 (2 of them kept from before)``."""
    _, verb, noun = WORDS.get(kind, (kind, kind, "task"))
    what = f"{total} {noun}{'' if total == 1 else 's'}" if noun in COUNTED else f"the {noun}"
    if not missing:
        return f"{verb} {what}: kept from before"
    kept = f" ({total - missing} of them kept from before)" if missing < total else ""
    return f"{verb} {what} in {clock(seconds)}{kept}"


def clock(seconds: float) -> str:
    """Seconds for people: ``0.4 s``, ``12 s``, ``1:43``, ``1:02:03``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
