"""The queries of the grammar and of the editors: each can be read, and captures what it should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter", reason="tree-sitter's library for Python is not installed")

from tree_sitter import Query, QueryCursor

from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.folding import folding_ranges
from tests.material.story_parser import GRAMMAR, language, tree
from tests.material.story_texts import files

EDITORS = GRAMMAR.parent
OWN = GRAMMAR / "queries"
HELIX = EDITORS / "helix" / "queries" / "story"
ZED = EDITORS / "zed" / "languages" / "story"
ALL = sorted(path for folder in (OWN, HELIX, ZED) for path in folder.glob("*.scm"))

IN_HELIX = {
    "number": "constant.numeric",
    "string.escape": "constant.character.escape",
    "module": "namespace",
    "property": "variable.other.member",
}
"""What the themes of Helix call a capture of the grammar's own queries."""

STORY = '''\
# before it
use "cast.story"
story "A Day"   # ignore: plain-day
  size 64x48
  planner none
  lora high "a.safetensors" 0.8
character witch
  looks "a \\"witch\\""
character old-witch from witch
location kitchen
motion flying
scene garden
  in kitchen
  narration """
    Over
    lines.
    """
  witch flying 0s..2s "up"
    at 1s [0, 0 1 1]
    enters left
    says "Hi!" at 1s
'''


def captured(path: Path, text: str = STORY) -> list[tuple[str, str]]:
    """What a query captures, in the order of the text: the name and what stands there."""
    raw = text.encode("utf-8")
    found = QueryCursor(Query(language(), path.read_text(encoding="utf-8"))).captures(tree(text))
    nodes = [(node.start_byte, -node.end_byte, name, node) for name, each in found.items() for node in each]
    return [(name, raw[start:-end].decode("utf-8")) for start, end, name, _ in sorted(nodes, key=lambda it: it[:3])]


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_a_query_can_be_read_and_captures_something(path: Path) -> None:
    assert captured(path)


def test_colours_of_a_story() -> None:
    assert captured(OWN / "highlights.scm") == [
        ("comment", "# before it"),
        ("keyword", "use"),
        ("string.special.path", '"cast.story"'),
        ("keyword", "story"),
        ("string", '"A Day"'),
        ("keyword.directive", "# ignore: plain-day"),
        ("property", "size"),
        ("number", "64x48"),
        ("property", "planner"),
        ("constant", "none"),
        ("property", "lora"),
        ("constant.builtin", "high"),
        ("string.special.path", '"a.safetensors"'),
        ("number", "0.8"),
        ("keyword", "character"),
        ("type", "witch"),
        ("property", "looks"),
        ("string", '"a \\"witch\\""'),
        ("string.escape", '\\"'),
        ("string.escape", '\\"'),
        ("keyword", "character"),
        ("type", "old-witch"),
        ("keyword", "from"),
        ("type", "witch"),
        ("keyword", "location"),
        ("type", "kitchen"),
        ("keyword", "motion"),
        ("function", "flying"),
        ("keyword", "scene"),
        ("module", "garden"),
        ("property", "in"),
        ("type", "kitchen"),
        ("property", "narration"),
        ("string", '"""\n    Over\n    lines.\n    """'),
        ("type", "witch"),
        ("function", "flying"),
        ("number", "0s"),
        ("operator", ".."),
        ("number", "2s"),
        ("string", '"up"'),
        ("property", "at"),
        ("number", "1s"),
        ("punctuation.bracket", "["),
        ("number", "0"),
        ("punctuation.delimiter", ","),
        ("number", "0"),
        ("number", "1"),
        ("number", "1"),
        ("punctuation.bracket", "]"),
        ("property", "enters"),
        ("constant.builtin", "left"),
        ("property", "says"),
        ("string", '"Hi!"'),
        ("property", "at"),
        ("number", "1s"),
    ]


def test_every_word_of_every_story_has_a_colour_and_one_alone() -> None:
    for text in files().values():
        if tree(text).has_error:
            continue
        spans: dict[tuple[int, int], str] = {}
        found = QueryCursor(Query(language(), (OWN / "highlights.scm").read_text(encoding="utf-8"))).captures(
            tree(text)
        )
        for name, nodes in found.items():
            for node in nodes:
                assert spans.setdefault((node.start_byte, node.end_byte), name) == name
        raw = bytearray(text.encode("utf-8"))
        for start, end in spans:
            raw[start:end] = b" " * (end - start)
        assert raw.decode("utf-8").removeprefix("\ufeff").split() == []


def test_helix_colours_the_same_places_by_its_own_names() -> None:
    own = [(IN_HELIX.get(name, name), text) for name, text in captured(OWN / "highlights.scm")]
    assert sorted(captured(HELIX / "highlights.scm")) == sorted(own)


def test_what_folds_is_what_folds_by_the_language_server() -> None:
    for name, text in files().items():
        if tree(text).has_error or "\r" in text or "\t" in text:
            continue
        query = Query(language(), (OWN / "folds.scm").read_text(encoding="utf-8"))
        nodes = QueryCursor(query).captures(tree(text)).get("fold", [])
        ends = [(node.start_point.row, node.end_point.row) for node in nodes]
        server = {
            (fold.start_line, fold.end_line)
            for fold in folding_ranges(Analysis(Path("x.story"), text, {}))
            if fold.kind is None
        }
        assert {(first, last) for first, last in ends if first < last} >= server, name


def test_the_outline_has_the_blocks_and_the_beats() -> None:
    names = [text for name, text in captured(ZED / "outline.scm") if name == "name"]
    assert names == ['"A Day"', "witch", "old-witch", "kitchen", "flying", "garden", "witch"]


def test_what_is_declared_and_where_it_is_named() -> None:
    found = captured(OWN / "locals.scm")
    assert [text for name, text in found if name == "local.definition"] == [
        "witch",
        "old-witch",
        "kitchen",
        "flying",
        "garden",
    ]
    assert [text for name, text in found if name == "local.reference"] == ["witch", "kitchen", "witch", "flying"]
    tags = [text for name, text in captured(OWN / "tags.scm") if name == "name"]
    assert tags == ["witch", "old-witch", "kitchen", "flying", "garden", "kitchen", "witch", "flying"]


def test_comments_are_injected_and_nothing_else() -> None:
    for folder in (OWN, HELIX):
        assert [text for _, text in captured(folder / "injections.scm")] == ["# before it", "# ignore: plain-day"]


def test_the_queries_name_no_node_that_there_is_none_of() -> None:
    for path in ALL:
        for name in re.findall(r"\(([a-z_]+)", re.sub(r";.*|\"[^\"]*\"", "", path.read_text(encoding="utf-8"))):
            assert language().id_for_node_kind(name, True) is not None, (path, name)
