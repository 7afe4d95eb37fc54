"""The typeface of subtitles and storyboards, which is the same on every machine."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from dreamrunner.planning.plan import Plan

FONT = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
"""DejaVu Sans: Latin with its accents, Greek, Cyrillic, Arabic, Hebrew. Its licence lies beside it."""

_MOST_NAMED = 8
_NO_LETTER = "\uffff"


def letters_lacking(plan: Plan) -> str:
    """The letters that a storyboard of ``plan`` shows as boxes, since its typeface has none for them, as words; empty
    where it has them all."""
    texts = (plan.title or "", *(text for scene in plan.scenes for text in (scene.narration, scene.background)))
    signs = {sign for text in texts for sign in text if ord(sign) > 0x17F}
    found = sorted(sign for sign in signs if unicodedata.category(sign)[0] not in "CZ" and not _has(sign))
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return " ".join(found[:_MOST_NAMED]) + more


@cache
def _has(sign: str) -> bool:
    return _shape(sign) != _shape(_NO_LETTER)


@cache
def _shape(sign: str) -> tuple[tuple[int, int], bytes]:
    from PIL import ImageFont

    mask = ImageFont.truetype(str(FONT), 24, layout_engine=ImageFont.Layout.BASIC).getmask(sign)
    return mask.size, bytes(mask)
