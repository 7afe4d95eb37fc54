"""The generated parser is what the grammar generates, and the grammar has the words of story.lark."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dreamrunner.language.parsing.lines import BODIES, HEADS, starts, words

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "grammar" / "tree-sitter-story"
MADE_OF = GRAMMAR / "src" / "made-of.sha256"
RULES: dict[str, Any] = json.loads((GRAMMAR / "src" / "grammar.json").read_text(encoding="utf-8"))["rules"]


def test_the_parser_was_generated_from_the_grammar_as_it_is() -> None:
    noted = dict(reversed(line.split("  ")) for line in MADE_OF.read_text(encoding="utf-8").splitlines())
    assert list(noted) == ["grammar.js", "src/grammar.json", "src/node-types.json", "src/parser.c"]
    now = {name: hashlib.sha256((GRAMMAR / name).read_bytes()).hexdigest() for name in noted}
    assert now == noted, "run `make tree-sitter`, which generates the parser anew"


def test_the_tool_generates_the_same_parser(tmp_path: Path) -> None:
    tool = os.environ.get("TREE_SITTER") or shutil.which("tree-sitter")
    if tool is None:
        pytest.skip("there is no tree-sitter here to generate the parser with; TREE_SITTER=... names one")
    for name in ("grammar.js", "package.json"):
        shutil.copy(GRAMMAR / name, tmp_path / name)
    subprocess.run([tool, "generate", "--no-bindings", "--abi", "14"], cwd=tmp_path, check=True)
    for name in ("grammar.json", "node-types.json", "parser.c"):
        assert (tmp_path / "src" / name).read_bytes() == (GRAMMAR / "src" / name).read_bytes()


def literals(rule: Any) -> set[str]:
    """The words that a rule has, in the rules inside of it only where these are hidden."""
    if isinstance(rule, list):
        return set().union(*map(literals, rule))
    if not isinstance(rule, dict):
        return set()
    if rule["type"] == "STRING":
        return {rule["value"]} if rule["value"].isalpha() else set()
    return set().union(*(literals(part) for key, part in rule.items() if key in ("content", "members")))


@pytest.mark.parametrize("rule", [*BODIES.values(), "beat_part"])
def test_each_block_has_the_words_of_its_lines(rule: str) -> None:
    parted = {"beat_part": ["key_frame", "entrance", "exit", "speech"], "scene_line": ["_scene_line", "_either_line"]}
    parts = parted.get(rule, [f"_{rule}"])
    found = set().union(*(literals(RULES[part]) for part in parts))
    assert found - {"high", "low", "auto"} == {words()[name] for name in starts(rule) if name in words()}


def test_every_block_of_the_language_is_a_rule() -> None:
    for kind, head in HEADS.items():
        assert words()[kind] in literals(RULES[head.removesuffix("_head")])


def test_names_are_those_of_the_language() -> None:
    lark = (ROOT / "grammar" / "story.lark").read_text(encoding="utf-8")
    for terminal, rule in (("NAME", "name"), (r"MODEL_NAME\.1", "model_name")):
        [pattern] = re.findall(rf"^{terminal}: /(.+)\(\?!\\w\)/$", lark, re.MULTILINE)
        assert RULES[rule]["value"] == pattern
