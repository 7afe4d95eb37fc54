"""The set-ups of editors name what is there: the grammar, its queries, the command and the language's own words."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from dreamrunner.cli.parsing import parser
from dreamrunner.language.parsing.lines import BODIES, words

GRAMMAR = Path(__file__).parents[2] / "grammar"
LANGUAGE_ID = "dreamrunner"


def table(path: str) -> dict:
    return tomllib.loads((GRAMMAR / path).read_text(encoding="utf-8"))


def test_helix_names_the_grammar_and_the_server() -> None:
    set_up = table("helix/languages.toml")
    [language], [grammar] = set_up["language"], set_up["grammar"]
    assert language["grammar"] == grammar["name"] == language["name"] == "story"
    assert set_up["use-grammars"] == {"only": ["story"]}
    assert language["language-id"] == LANGUAGE_ID
    assert (GRAMMAR.parent / grammar["source"]["path"].removeprefix("/path/to/dreamrunner/")).is_dir()
    server = set_up["language-server"][language["language-servers"][0]]
    assert server["command"] == "dreamrunner"
    assert parser().parse_args(server["args"]).command.__module__.endswith(".lsp")


def test_zed_names_the_grammar_and_the_server() -> None:
    extension, language = table("zed/extension.toml"), table("zed/languages/story/config.toml")
    assert language["grammar"] in extension["grammars"]
    assert language["path_suffixes"] == ["story"]
    grammar = extension["grammars"]["story"]
    assert (GRAMMAR.parent / grammar["path"]).is_dir()
    assert (grammar["repository"], grammar["rev"]) == ("REPOSITORY", "REVISION")
    server = extension["language_servers"]["dreamrunner"]
    assert server["languages"] == [language["name"]]
    assert server["language_ids"] == {language["name"]: LANGUAGE_ID}
    heads = re.search(r"\(([a-z|]+)\)", language["increase_indent_pattern"])
    assert heads is not None
    assert set(heads[1].split("|")) == {words()[kind] for kind in BODIES}


def test_neovim_reads_queries_that_are_there() -> None:
    plugin = (GRAMMAR / "neovim/plugin/dreamrunner.lua").read_text(encoding="utf-8")
    named = re.search(r"ipairs\(\{ (\"highlights\"[^}]+) \}\)", plugin)
    assert named is not None
    queries = {path.stem for path in (GRAMMAR / "tree-sitter-story/queries").glob("*.scm")}
    assert set(re.findall(r'"(\w+)"', named[1])) == queries - {"tags"}
    assert f'extension = {{ story = "{LANGUAGE_ID}" }}' in plugin


def test_the_grammar_is_described_alike_for_old_and_new_tools() -> None:
    folder = GRAMMAR / "tree-sitter-story"
    [old] = json.loads((folder / "package.json").read_text(encoding="utf-8"))["tree-sitter"]
    described = json.loads((folder / "tree-sitter.json").read_text(encoding="utf-8"))
    [new] = described["grammars"]
    assert {name: new[name] for name in old} == old
    for name in ("highlights", "injections", "locals", "tags"):
        assert (folder / new[name]).is_file()
    manifest = json.loads((GRAMMAR / "vscode/package.json").read_text(encoding="utf-8"))
    assert described["metadata"]["version"] == manifest["version"]
