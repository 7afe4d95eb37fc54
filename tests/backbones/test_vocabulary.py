"""What a model says that it can draw."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.folder import WORDS
from dreamrunner.backbones.vocabulary import vocabulary_in, vocabulary_of
from dreamrunner.files.paths import BUNDLED, MINIATURE_WEIGHTS
from dreamrunner.miniature import words as first
from dreamrunner.miniature.second import words as second


@pytest.mark.parametrize(("model", "world"), [("miniature", first), ("miniature-2", second)])
def test_a_bundled_model_lists_what_it_was_made_of(model: str, world: ModuleType) -> None:
    listed = json.loads((BUNDLED[model] / WORDS).read_text())
    assert listed == world.words_by_kind()
    assert {word for words in listed.values() for word in words} < set(world.vocabulary())
    assert "witch" in listed["characters"] and "dragon" not in listed["characters"]


@pytest.mark.parametrize(
    ("motion", "draws"),
    [
        ("standing", True),
        ("strolled home", True),
        ("walking to the left", True),
        ("lying down", True),
        ("lie down", True),
        ("juggling", False),
        ("juggling while standing", False),
        ("growing", False),
        ("", False),
    ],
)
def test_a_motion_is_drawn_where_its_verb_is_one_of_its_own(motion: str, draws: bool) -> None:
    assert vocabulary_of("miniature").draws_motion(motion) == draws


def test_forms_and_synonyms_are_taken_for_its_words_and_others_fall_away() -> None:
    known = vocabulary_of("miniature")
    assert known.understood("A Kitten in a violet coat, by the subway") == {"cat", "purple"}
    assert known.draws_place("a meadow") and not known.draws_place("a subway station")
    assert known.can_learn("rolling") and not known.can_learn("walking")


def test_a_copy_of_a_model_says_the_same_and_a_folder_without_a_list_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "models" / "mine"
    (copy / "tokenizer").mkdir(parents=True)
    for file in (WORDS, "tokenizer/tokenizer.json"):
        shutil.copy(MINIATURE_WEIGHTS / file, copy / file)
    known = vocabulary_of("models/mine", tmp_path)
    assert known is not None and known.words == vocabulary_of("miniature").words
    assert known.understood("strolled") == {"strolls"}
    assert vocabulary_of("models", tmp_path) is None
    assert vocabulary_of("cogvideox-2b") is None and vocabulary_of("owner/name", tmp_path) is None


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"characters": "witch"}', '{"characters": [""]}'])
def test_a_list_that_is_none_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / WORDS).write_text(text)
    with pytest.raises(BackboneError, match=WORDS):
        vocabulary_in(tmp_path)


def test_texts_are_folded_as_the_tokenizer_folds_them() -> None:
    from tokenizers import Tokenizer

    theirs = Tokenizer.from_file(str(MINIATURE_WEIGHTS / "tokenizer" / "tokenizer.json")).normalizer
    words = "A Witch's witch’s cats kitten strolls off to the left, walking home. ＷＩＴＣＨ [v1] Golden fl-ies Σας and"
    draw, model = random.Random(3), vocabulary_in(MINIATURE_WEIGHTS)
    assert model is not None
    for _ in range(300):
        text = " ".join(draw.choices(words.split(), k=draw.randint(0, 8)))
        assert model.understood(text) == frozenset(theirs.normalize_str(text).split()), text


@pytest.mark.parametrize(
    ("normalizer", "understood"),
    [
        (None, {"two", "cats"}),
        ({"type": "Lowercase"}, {"two", "cats"}),
        ({"type": "Prepend", "prepend": "_"}, {"_Two", "Cats"}),  # by the library
        (
            {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"Regex": "Cats$"}, "content": "cat"}]},
            {"Two", "cat"},
        ),
    ],
)
def test_any_tokenizer_folds(normalizer: object, understood: set[str], tmp_path: Path) -> None:
    shutil.copytree(MINIATURE_WEIGHTS / "tokenizer", tmp_path / "tokenizer")
    shutil.copy(MINIATURE_WEIGHTS / WORDS, tmp_path)
    file = tmp_path / "tokenizer" / "tokenizer.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "normalizer": normalizer}))
    model = vocabulary_in(tmp_path)
    assert model is not None and model.understood("Two Cats") == understood
