"""Texts longer than the model reads are noticed where they stand; counts are those of the pipeline's own tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.backbones import BackboneError, describe
from dreamrunner.backbones.tokens import token_counts
from dreamrunner.engine import Store
from dreamrunner.pipeline import Options, film, understand
from dreamrunner.pipeline.prompt_length import cut_texts
from tests.material.two_scenes import STORY, Recorder

LONG = "a witch and a cat and a dog " * 6


@pytest.fixture(scope="module")
def miniature():
    return describe("miniature")


def test_counts_are_those_of_the_pipeline(miniature) -> None:
    from transformers import AutoTokenizer

    texts = ["", "a witch is walking to the left", "xyzzy, éclair ﬁn ½ — 猫", LONG]
    pipelines = AutoTokenizer.from_pretrained(miniature.source / "tokenizer", local_files_only=True)
    assert token_counts(miniature, texts) == [len(pipelines(text, truncation=False).input_ids) for text in texts]


@pytest.fixture
def unreadable(tmp_path: Path, miniature):
    """A model whose tokenizer is nothing but a folder with nonsense in it."""
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer" / "tokenizer_config.json").write_text("nonsense")
    return miniature.model_copy(update={"source": tmp_path, "text_tokens": 226})


def test_a_text_too_short_to_be_cut_needs_no_tokenizer_of_its_own(unreadable) -> None:
    assert max(token_counts(unreadable, ["a witch is walking", "㍿" * 56])) == 226
    with pytest.raises(BackboneError, match="cannot read the tokenizer in"):
        token_counts(unreadable, ["a " * 200])


def story(tmp_path: Path, old: str, new: str):
    assert old in STORY
    (tmp_path / "two.story").write_text(STORY.replace(old, new))
    return understand(tmp_path / "two.story")


@pytest.mark.parametrize(
    ("old", "new", "told", "line"),
    [
        ('"A witch is walking in the garden"', f'"{LONG}"', "the description of `witch` is 31 tokens long", 13),
        ('"a kitchen"', f'"{LONG}"', "the background of scene `kitchen` is 31 tokens long", 19),
    ],
    ids=["a description", "a background"],
)
def test_what_is_cut_is_told_where_it_stands(tmp_path, miniature, old, new, told, line) -> None:
    understood = story(tmp_path, old, new)
    (found,) = cut_texts(understood.plan.scenes, understood.story, "", miniature)
    assert (found.code, found.severity) == ("long-text", "warning")
    assert told in found.message and found.message.endswith("and `miniature` reads 24")
    assert found.location.line == line


def test_a_short_story_is_cut_nowhere_but_perhaps_in_one_sentence(tmp_path, miniature) -> None:
    understood = story(tmp_path, "A witch is walking", "A small witch with a cat, a dog, a frog, a king, a robot walks")
    scenes = understood.plan.scenes
    assert cut_texts(scenes, understood.story, "", miniature) == ()
    style = "red blue green yellow purple black white orange red blue green yellow"
    (found,) = cut_texts(scenes, understood.story, style, miniature, plain=True)
    assert "scene `garden` in one sentence" in found.message


def test_a_build_tells_it_before_the_work_begins(tmp_path: Path, model: Path) -> None:
    understood = story(tmp_path, '"a kitchen"', f'"{"a witch and a cat and a dog " * 40}"')
    told, recorder = [], Recorder()

    def notice(diagnostics) -> None:
        assert recorder.made() == []
        told.extend(diagnostics)

    options, store = Options(model=str(model), steps=1, scene="kitchen"), Store(tmp_path / "cache")
    built = film(understood, out=tmp_path / "out", options=options, store=store, progress=recorder, notice=notice)
    assert [item.code for item in told] == ["left-alone", "long-text"] and built.diagnostics[-2:] == tuple(told)
    assert recorder.made() == ["render kitchen", "encode kitchen"]
