"""The tables that are made ahead parse as the grammar does, and are used only where they are the grammar's own."""

from __future__ import annotations

import json
from pathlib import Path

import lark
import pytest

from dreamrunner.language.parsing import tables
from dreamrunner.language.parsing.lines import STARTS, grammar
from dreamrunner.language.parsing.tables import grammar_file, grammar_with, made, made_of, tables_file, tables_of

ROOT = Path(__file__).parents[3]
TEXT = grammar_file().read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_grammar_as_it_is() -> None:
    """If not: make grammar."""
    assert json.loads(tables_file().read_bytes())["made_of"] == made_of(TEXT, STARTS)


def lexed(parser: lark.Lark, text: str) -> list[tuple[str, str, int]]:
    found = parser.parse_interactive(text, start="unread").lexer_thread.lex(None)
    return [(token.type, str(token), token.start_pos) for token in found]


def test_they_parse_as_the_grammar_does() -> None:
    own = made(TEXT, STARTS)
    for rule in STARTS:
        at_first = [parser.parse_interactive(None, start=rule).choices().keys() for parser in (own, grammar())]
        assert at_first[0] == at_first[1]
    for story in sorted((ROOT / "stories").glob("*.story")):
        text = story.read_text(encoding="utf-8")
        tokens = lexed(own, text)
        assert tokens and tokens == lexed(grammar(), text)
        for line in text.splitlines():
            for rule in STARTS:
                assert tree(own, line, rule) == tree(grammar(), line, rule)


def tree(parser: lark.Lark, line: str, rule: str) -> lark.Tree | None:
    try:
        return parser.parse(line.strip(), start=rule)
    except lark.UnexpectedInput:
        return None


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"made_of": 1}', b"\xff", json.dumps(tables_of(TEXT, STARTS) | {"data": {}}).encode()],
)
def test_what_are_no_tables_of_it_are_not_used(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tables.json").write_bytes(content)
    assert lexed(grammar_with(STARTS, tmp_path / "tables.json"), "witch 1s\n")
    other = json.loads(tables_file().read_bytes())
    (tmp_path / "tables.json").write_text(json.dumps(other | {"made_of": made_of(f"{TEXT}// \n", STARTS)}))
    times: list[str] = []
    monkeypatch.setattr(tables, "made", lambda text, rules: times.append(text) or made(text, rules))
    assert lexed(grammar_with(STARTS, tmp_path / "tables.json"), "witch 1s\n") and times == [TEXT]
