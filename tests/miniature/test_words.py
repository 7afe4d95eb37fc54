"""The miniature's tokenizer: what becomes of English."""

import numpy as np
import pytest

from dreamrunner.miniature.words import END, MAX_TOKENS, build_tokenizer, vocabulary
from dreamrunner.miniature.world import caption, sample_clip

TOKENIZER = build_tokenizer()


@pytest.mark.parametrize(
    "text, kept",
    [
        ("A girl witch is walking to the left among the luminous flowers", "witch strolls leftwards flowers"),
        ("a witch in a purple dress and a pointed hat is waving", "witch purple waves"),
        ("a witch and a small black cat", "witch and small black cat"),
        ("The dog's big bone", "dog large"),
        ("a violet mermaid floats over the sea", "purple mermaid flies beach"),
        ("[v1] witch flies; and [v2] naps", "[v1] witch flies and [v2] sleeps"),
        ("and", ""),
        ("text, watermark", ""),
        ("", ""),
        ("İ💡 \x00 cat\n\n", "cat"),
    ],
)
def test_english_is_folded_to_known_words(text, kept):
    assert TOKENIZER.encode(text).tokens == [*kept.split(), END]


def test_every_caption_of_training_passes_whole_and_fits():
    rng = np.random.default_rng(1)
    known = set(vocabulary())
    for _ in range(1500):
        text = caption(sample_clip(rng), rng)
        tokens = TOKENIZER.encode(text).tokens
        assert tokens == [word for word in text.split() if word in known] + [END]
        assert len(tokens) <= MAX_TOKENS


def test_word_ids_never_move():
    words = vocabulary()
    assert words[:4] == ["<pad>", "</s>", "<unk>", "and"]
    assert len(words) == len(set(words)) == TOKENIZER.get_vocab_size() == 71
