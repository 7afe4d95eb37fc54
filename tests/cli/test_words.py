"""``words``: what a model can draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.miniature.words import words_by_kind


def test_the_bundled_models_words_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["words"]) == 0
    told = capsys.readouterr().out
    for kind in ("characters", "props", "colours", "sizes", "places"):
        assert f"{kind}\n  {', '.join(words_by_kind()[kind])}\n" in told
    assert "motions\n  standing, strolling, jumping, waving," in told
    assert "learnable from the drawn catalog\n  spinning, bowing, rolling, growing\n" in told
    assert main(["words", "miniature"]) == 0
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("model", ["cogvideox-2b", "owner/name", "."])
def test_of_a_model_that_lists_none_that_is_said(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["words", model]) == 0
    assert capsys.readouterr().out.startswith(f"{model} lists no words")


def test_a_misspelt_model_and_a_broken_list_are_wrong_usage(tmp_path: Path, capsys) -> None:
    assert main(["words", "minature"]) == 2
    assert capsys.readouterr().err == "error: there is no model 'minature'; did you mean miniature?\n"
    (tmp_path / "words.json").write_text("[]")
    assert main(["words", str(tmp_path)]) == 2
    assert "words.json is not a JSON object" in capsys.readouterr().err
