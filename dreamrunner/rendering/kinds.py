"""The kinds of attention that a scene can be filmed with. Importing this costs nothing."""

from __future__ import annotations

from typing import Literal, get_args

AttentionKind = Literal["sr3ai", "hard", "plain"]
"""``sr3ai``: by region, as in the paper (3.3). Its ablations: ``hard`` also keeps regions' video tokens from reading
each other, ``plain`` has one prompt and no regions."""

ATTENTION_KINDS: tuple[AttentionKind, ...] = get_args(AttentionKind)

DEFAULT_ATTENTION: AttentionKind = "sr3ai"
