"""lemminflect, which here reads of its two tables only the rows that are asked for.

Whole, the tables take half a second to read, which is longer than all else that `check` does.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from typing import Any

from dreamrunner.files.regular import read_regular


class _Rows(dict[str, dict[str, tuple[str, ...]]]):
    """A table by word, each word read when it is first asked for.

    ``file``: rows of words, sorted, compressed. ``read``: makes of a row its word, its kind and its forms. ``fixed``:
    words that the table has otherwise.
    """

    def __init__(self, file: str, read: Callable[[str], dict[str, tuple[str, ...]]], fixed: dict[str, Any]) -> None:
        super().__init__(fixed)
        self._text = "\n" + gzip.decompress(read_regular(file)).decode("utf-8")
        self._read = read

    def get(self, word: str, default: Any = None) -> Any:
        """The forms of a word, or ``default``."""
        if word not in self:
            self[word] = self._found(word)
        return super().get(word) or default

    def _found(self, word: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        start = self._text.find(f"\n{word},")
        while start >= 0 and self._text.startswith(f"{word},", start + 1):
            end = self._text.find("\n", start + 1)
            found |= self._read(self._text[start + 1 : end if end >= 0 else len(self._text)])
            start = end
        return found


@cache
def dictionary() -> Any:
    """The library (a module without types), with tables that are read by rows."""
    import lemminflect
    from lemminflect import config
    from lemminflect.codecs.InflectionLUCodec import InflectionLUCodec
    from lemminflect.codecs.LemmaLUCodec import LemmaLUCodec
    from lemminflect.core.LexicalUtils import categoryToUPos

    def lemmas(row: str) -> dict[str, tuple[str, ...]]:
        _, category, forms = LemmaLUCodec.fromString(row)
        return {categoryToUPos(category): forms}

    def inflections(row: str) -> dict[str, tuple[str, ...]]:
        forms: dict[str, tuple[str, ...]] = InflectionLUCodec.fromString(row)[2]
        return forms

    lemminflect.Lemmatizer().lemma_dict = _Rows(config.lemma_lu_fn, lemmas, {})
    lemminflect.Inflections().infl_dict = _Rows(
        config.inflection_lu_fn, inflections, InflectionLUCodec.updateForAuxMod({})
    )
    return lemminflect
