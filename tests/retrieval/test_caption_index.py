"""BM25: what counts as a word, the formula, and that both ways of searching rank alike."""

from __future__ import annotations

import itertools
import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamrunner.retrieval.caption_index import K1, B, DiskCaptions, MemoryCaptions, words

WORDS = ["person", "is", "a", "stirring", "pot", "walking", "dog", "garden", "stirs", "naïve", "cup", "of", "tea"]


def on_disk(folder: Path, captions: list[tuple[int, str]]) -> DiskCaptions:
    found = DiskCaptions(folder)
    writer = found.writer()
    writer.add(captions)
    writer.keep()
    writer.close()
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A witch stirs, STIRRING; she stirred", ["a", "witch", "stir", "stir", "she", "stir"]),
        ("naïve café", ["naiv", "cafe"]),
        ("x" * 41 + " pot\n\x00pot", ["pot", "pot"]),
        ("  ;!  ", []),
    ],
)
def test_words_are_stems_in_lower_case(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_scores_are_those_of_the_formula() -> None:
    captions = [(7, "pot"), (9, "a dog is walking"), (12, "dog dog")]
    found = MemoryCaptions(captions).search("dog walking", 5)
    mean = (1 + 4 + 2) / 3

    def part(times: int, length: int, holding: int) -> float:
        idf = math.log(1 + (3 - holding + 0.5) / (holding + 0.5))
        return idf * times * (K1 + 1) / (times + K1 * (1 - B + B * length / mean))

    assert found == [
        (9, pytest.approx(part(1, 4, 2) + part(1, 4, 1))),
        (12, pytest.approx(part(2, 2, 2))),
    ]


def test_a_word_in_every_caption_still_counts() -> None:
    assert MemoryCaptions([(1, "person walking"), (2, "person")]).search("person", 2)[0][1] > 0


@pytest.mark.parametrize(
    "query", ["person is stirring a pot", "dog", "cup of tea tea", "nothing here", "", "+pot AND (dog"]
)
def test_both_ways_rank_alike(tmp_path: Path, query: str) -> None:
    rng = random.Random(5)
    captions = [(number, " ".join(rng.choices(WORDS, k=rng.randint(1, 30)))) for number in range(1, 2001)]
    expected = MemoryCaptions(captions).search(query, 2000)
    found = on_disk(tmp_path, captions).search(query, 2000)
    assert {number for number, _ in found} == {number for number, _ in expected}
    assert dict(found) == pytest.approx(dict(expected), rel=1e-5)
    # Scores that differ by more than rounding are in the same order.
    scores = dict(expected)
    ranked = [scores[number] for number, _ in found]
    assert all(after <= before * (1 + 1e-5) for before, after in itertools.pairwise(ranked))
    best = on_disk(tmp_path / "again", captions).search(query, 50)
    assert [score for _, score in best] == pytest.approx([score for _, score in expected[:50]], rel=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=12), st.text(max_size=40))
def test_any_text_can_be_indexed_and_asked_for(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: str
) -> None:
    captions = list(enumerate(texts, 1))
    expected = dict(MemoryCaptions(captions).search(query, 20))
    found = dict(on_disk(tmp_path_factory.mktemp("captions"), captions).search(query, 20))
    # Captions without a word count for the mean length on disk only; which are found is the same.
    assert found.keys() == expected.keys()


def test_what_was_not_kept_is_as_if_it_had_never_been(tmp_path: Path) -> None:
    captions = on_disk(tmp_path, [(1, "pot"), (2, "dog")])
    captions.writer().add([(3, "cat")])
    again = DiskCaptions(tmp_path)
    assert again.last == 2 and again.search("cat", 5) == []


def test_captions_can_be_taken_out(tmp_path: Path) -> None:
    captions = on_disk(tmp_path, [(1, "pot"), (2, "pot")])
    writer = captions.writer()
    writer.remove([1, 5])
    writer.keep()
    assert [number for number, _ in captions.search("pot", 5)] == [2]


def test_another_thing_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("{}")
    with pytest.raises(OSError, match="not an index of captions"):
        DiskCaptions(tmp_path)
