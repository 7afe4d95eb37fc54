"""Searching captions by BM25 (paper, A.1): in memory with rank-bm25, or in a tantivy index on disk.

Both cut text into words with the one :func:`words` and rank by the same formula: Robertson's BM25 with k1 = 1.2,
b = 0.75 and the idf ``ln(1 + (N - n + 0.5) / (n + 0.5))``, which is never negative, so that a word in most captions
("person") still counts a little. What remains different: tantivy keeps a caption's length in one byte, exact up to 40
words and rounded down beyond, and adds up in single precision; captions with equal scores are in order of their
numbers, but where the list is cut, either may keep others of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import tantivy

IN_MEMORY = 20_000
"""Captions up to this number are searched in memory: reading them all at every start still takes a fraction of a
second."""

K1, B = 1.2, 0.75
"""BM25's constants, which are fixed in tantivy."""

LONGEST_WORD = 40
"""Letters beyond which something is not a word and is not searched for."""

MEMORY = 64_000_000
"""Bytes that each of tantivy's threads gathers before it writes a segment."""

THREADS = 2


class DamagedCaptions(OSError):
    """An index on disk that cannot be read; it can be made anew from the catalog's rows."""


class CaptionIndex(Protocol):
    """Captions by number, ready to be searched."""

    def search(self, query: str, count: int) -> list[tuple[int, float]]:
        """The numbers and scores of the ``count`` best captions that share a word with ``query``, best first."""
        ...


def words(text: str) -> list[str]:
    """The words of a text that a search compares: lower case, without accents, as English stems.

    ``A Witch stirs, stirring`` gives ``a``, ``witch``, ``stir``, ``stir``.
    """
    return _analyzer().analyze(text)


class MemoryCaptions:
    """All captions in memory, searched by rank-bm25."""

    def __init__(self, captions: Iterable[tuple[int, str]]) -> None:
        from rank_bm25 import BM25Okapi

        class Bm25(BM25Okapi):
            def _calc_idf(self, found_in: dict[str, int]) -> None:
                size = self.corpus_size
                self.idf = {word: math.log1p((size - n + 0.5) / (n + 0.5)) for word, n in found_in.items()}

        split = [(number, words(caption)) for number, caption in sorted(captions)]
        # rank-bm25 divides by the captions' mean length.
        self._numbers = [number for number, found in split if found]
        self._ranking = Bm25([found for _, found in split if found], k1=K1, b=B) if self._numbers else None

    def search(self, query: str, count: int) -> list[tuple[int, float]]:
        """See :class:`CaptionIndex`."""
        if self._ranking is None or not (wanted := words(query)):
            return []
        import numpy as np

        scores = self._ranking.get_scores(wanted)
        found = scores.nonzero()[0]
        best = found[np.lexsort((found, -scores[found]))[:count]]
        return [(self._numbers[at], float(scores[at])) for at in best]


class DiskCaptions:
    """A tantivy index in ``folder``, made when it is not there. One process may write at a time, any number may read.

    Raises :class:`DamagedCaptions` when the folder holds something else, :class:`OSError` when it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        import tantivy

        fields = tantivy.SchemaBuilder()
        fields.add_integer_field("number", stored=False, indexed=True, fast=True)
        fields.add_text_field("caption", stored=False, tokenizer_name="captions", index_option="freq")
        self._schema = fields.build()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        except (ValueError, RuntimeError) as error:
            raise DamagedCaptions(f"{folder} is not an index of captions; indexing once more makes it anew") from error
        self._index.register_tokenizer("captions", _analyzer())

    def search(self, query: str, count: int) -> list[tuple[int, float]]:
        """See :class:`CaptionIndex`."""
        import tantivy

        wanted = words(query)
        if not wanted or count < 1:
            return []
        each = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "caption", word, index_option="freq"))
            for word in wanted
        ]
        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.boolean_query(each), limit=count, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits])
        found = [(int(number), float(score)) for (score, _), number in zip(hits, numbers, strict=True)]
        return sorted(found, key=_best_first)

    @property
    def last(self) -> int:
        """The highest number that a caption has in here; 0 when there is none."""
        import tantivy

        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.all_query(), limit=1, count=False, order_by_field="number").hits
        return int(hits[0][0]) if hits else 0

    def writer(self) -> CaptionWriter:
        """Adds captions and takes them out again."""
        return CaptionWriter(self._index)


class CaptionWriter:
    """Changes to an index of captions. What is kept outlasts a killed process; what is not is as if it had never
    been."""

    def __init__(self, index: tantivy.Index) -> None:
        import tantivy

        self._index = index
        self._document = tantivy.Document
        self._writer = index.writer(heap_size=MEMORY * THREADS, num_threads=THREADS)

    def add(self, captions: Iterable[tuple[int, str]]) -> None:
        """Add captions by number."""
        add, document = self._writer.add_document, self._document
        for number, caption in captions:
            add(document(number=number, caption=caption))

    def remove(self, numbers: Sequence[int]) -> None:
        """Take captions out; those that are not in are passed over."""
        for number in numbers:
            self._writer.delete_documents_by_term("number", number)

    def keep(self) -> None:
        """Write down the changes so far."""
        self._writer.commit()
        self._index.reload()

    def close(self) -> None:
        """Let running merges of segments end."""
        self._writer.wait_merging_threads()


def _best_first(found: tuple[int, float]) -> tuple[float, int]:
    return -found[1], found[0]


@cache
def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(LONGEST_WORD), Filter.lowercase(), Filter.ascii_fold(), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()
