"""The grammar as Lark parses with it, made ahead: making its tables takes a tenth of a short ``check``.

``make grammar`` writes them to ``grammar/story.tables.json``, after an edit of ``grammar/story.lark`` or with another
Lark. Tables that were made of something else than what is here are not used.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lark

from dreamrunner.files.json import parse
from dreamrunner.language.diagnostics import grammar_folder


def grammar_file() -> Path:
    """The grammar itself."""
    return grammar_folder() / "story.lark"


def tables_file() -> Path:
    """Where its tables are."""
    return grammar_folder() / "story.tables.json"


def grammar_with(rules: Sequence[str], tables: Path) -> lark.Lark:
    """The grammar with these start rules: from the ``tables`` where they are its own, else made of its text."""
    text = grammar_file().read_text(encoding="utf-8")
    try:
        kept = _numbered(parse(tables.read_bytes()))
        if kept["made_of"] == made_of(text, rules):
            parser: lark.Lark = lark.Lark._load_from_dict(kept["data"], kept["memo"])
            return parser
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        pass  # as good as none: the grammar itself is there
    return made(text, rules)


def _numbered(value: Any) -> Any:
    """JSON with numbers as keys again where they were before it made text of them."""
    if isinstance(value, dict):
        return {int(key) if key.isdecimal() else key: _numbered(each) for key, each in value.items()}
    return [_numbered(each) for each in value] if isinstance(value, list) else value


def made(text: str, rules: Sequence[str]) -> lark.Lark:
    """The grammar of a text in Lark's language."""
    return lark.Lark(
        text, parser="lalr", lexer="basic", start=[*rules], propagate_positions=True, maybe_placeholders=False
    )


def made_of(text: str, rules: Sequence[str]) -> list[Any]:
    """What tables depend on."""
    return [lark.__version__, zlib.crc32(text.encode()), [*rules]]


def tables_of(text: str, rules: Sequence[str]) -> dict[str, Any]:
    """The tables of a grammar as JSON has them."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = made(text, rules).memo_serialize([TerminalDef, Rule])
    return {"made_of": made_of(text, rules), "data": data, "memo": memo}


def write(rules: Sequence[str]) -> None:
    """Make the tables anew, of the grammar as it is."""
    from dreamrunner.files.atomic import write_whole

    tables = tables_of(grammar_file().read_text(encoding="utf-8"), rules)
    write_whole(tables_file(), (json.dumps(tables, separators=(",", ":"), sort_keys=True) + "\n").encode())
