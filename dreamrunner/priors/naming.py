"""The word that names a character who was learnt from photos: ``[v1]``, as in "a [v1] witch is walking" (paper 3.2).

The same word for every character. A LoRA works in its own region and on its own descriptions only, where no other
character's word stands, so that one trained for one story is good in another. It goes into the captions of photos and
into prompts, never into what an author wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dreamrunner.files.text import in_words

PLACEHOLDER = "[v1]"
"""What a subject prior is trained with here. One that was trained with ``[v2]`` is called by that."""

_ANY = re.compile(r"\[v\d+\]")
_DETERMINER = re.compile(r"(?:a|an|the|this|that|his|her|its|their|my|our|your)\s+", re.IGNORECASE)


def placeholder_in(captions: Iterable[str]) -> str:
    """The placeholder that stands in every caption of a training; "" where none does."""
    shared: list[set[str]] = [set(_ANY.findall(caption)) for caption in captions]
    return min(set.intersection(*shared), default="") if shared else ""


def with_placeholder(text: str, name: str, placeholder: str) -> str:
    """The text with the placeholder before the first mention of a character's name: "a small [v1] witch sits".

    Where the name is not mentioned, it goes behind the article that the text begins with, else to the very front. A
    text that has a placeholder already stays, and so does any text for the placeholder "".
    """
    if not placeholder or _ANY.search(text):
        return text
    words = r"[\s_-]+".join(map(re.escape, in_words(name).split()))
    found = re.search(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE) if words else None
    at = found.start() if found else _beginning(text)
    return f"{text[:at]}{placeholder} {text[at:]}".rstrip()


def _beginning(text: str) -> int:
    article = _DETERMINER.match(text)
    return article.end() if article else 0
