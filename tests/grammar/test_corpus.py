"""The trees that the grammar makes, as tree-sitter's own tool tests them."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("tree_sitter", reason="tree-sitter's library for Python is not installed")

from tests.material.story_parser import GRAMMAR, tree

CASE = re.compile(r"^=+\n([^\n]+)\n=+\n(.*?)\n---\n\n(.*?)(?=\n\n=+\n|\Z)", re.DOTALL | re.MULTILINE)
CASES = [
    pytest.param(source.removeprefix("\n"), expected, id=f"{path.stem}: {title}")
    for path in sorted((GRAMMAR / "test" / "corpus").glob("*.txt"))
    for title, source, expected in CASE.findall(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("source, expected", CASES)
def test_a_text_has_its_tree(source: str, expected: str) -> None:
    assert re.sub(r"\b\w+: ", "", str(tree(source))) == " ".join(expected.split())


def test_the_corpus_is_all_there() -> None:
    assert len(CASES) == 26
