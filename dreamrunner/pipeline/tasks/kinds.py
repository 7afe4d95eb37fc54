"""The kinds of task of a build with the words that reports use for them."""

from __future__ import annotations

from dreamrunner.engine.kinds import Kind, register

KINDS = (
    Kind("plan", "planning", "planned", "story"),
    Kind("retrieve", "finding clips for", "found clips for", "motion", several=True),
    Kind("train-motion", "learning", "learnt", "motion", several=True, steps=True, stage="train"),
    Kind("train-subject", "learning", "learnt", "character", several=True, steps=True, stage="train"),
    Kind("speak", "speaking", "spoke", "text", several=True),
    Kind("fit", "fitting the speech of", "fitted the speech of", "text", several=True),
    Kind("play", "laying music under", "laid music under", "film"),
    Kind("render", "filming", "filmed", "scene", several=True, steps=True),
    Kind("check", "checking", "checked", "scene", several=True),
    Kind("encode", "encoding", "encoded", "scene", several=True),
    Kind("cut", "cutting", "cut", "scene", several=True),
    Kind("join", "joining", "joined", "film"),
    Kind("storyboard", "drawing", "drew", "storyboard"),
)

FILMING = frozenset({"render", "check", "encode", "cut", "join", "storyboard"})
"""The kinds of task that make a film of what is there, as against those that learn something first."""

register(*KINDS)
