"""Every feature on texts that were broken at random: an answer always comes, and it lies within the text."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from dreamrunner.language.formatter import meaning
from dreamrunner.language.parsing.parser import parse
from tests.material.editor_session import Editor, changes, cut, document, edited

WITCH = (Path(__file__).parents[2] / "stories" / "witch.story").read_text(encoding="utf-8")
STORY = 'use "cast.story"\n\n' + WITCH.replace("A Witch's Day", "🌙 A Witch's Day").replace("an orange cat", "a 🐈")
SLIPS = ("", "\n", "\t", '"', '"""', "[", "]", "..", "s", "#", "🧙", "\r\n", "\u2028", "\x00", "at ", "scene ", "  ")
EVERYWHERE = types.Range(types.Position(0, 0), types.Position(10**6, 0))
OPTIONS = types.FormattingOptions(2, True)


def slipped(rng: random.Random) -> str:
    """The story with a few stretches of it replaced by something else."""
    text = STORY
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(text))
        text = text[:start] + rng.choice(SLIPS) + text[start + rng.choice((0, 1, 1, 3, 10, 40)) :]
    return text


@dataclass(frozen=True)
class Broken:
    """A broken text in the editor, and a place in it."""

    editor: Editor
    uri: str
    text: str
    path: Path
    at: dict[str, Any]

    def ask(self, name: str, params: Any) -> Any:
        return self.editor.ask(f"text_document_{name}", params)


@pytest.fixture(params=range(12))
def broken(request: pytest.FixtureRequest, editor: Editor, tmp_path: Path) -> Broken:
    rng = random.Random(request.param)
    (tmp_path / "cast.story").write_text('character wizard "🧙"\n', encoding="utf-8")
    text, path = slipped(rng), tmp_path / "broken.story"
    uri = editor.open(path, text)
    lines = text.split("\n")
    row = rng.randrange(len(lines))
    where = types.Position(row, rng.randint(0, len(lines[row])))
    return Broken(editor, uri, text, path, {"text_document": document(uri), "position": where})


def test_what_is_told_of_a_broken_text_lies_within_it(broken: Broken) -> None:
    text, doc = broken.text, document(broken.uri)
    lines = text.split("\n")
    hovered = broken.ask("hover", types.HoverParams(**broken.at))
    assert hovered is None or cut(text, hovered.range).strip()
    found = broken.ask("references", types.ReferenceParams(types.ReferenceContext(True), **broken.at))
    assert len({cut(text, item.range) for item in found if item.uri == broken.uri}) <= 1
    for item in broken.ask("definition", types.DefinitionParams(**broken.at)):
        assert item.uri != broken.uri or cut(text, item.range)
    for item in broken.ask("document_symbol", types.DocumentSymbolParams(doc)):
        assert cut(text, item.selection_range).strip('"').split("\n")[0] in item.name
    for item in broken.ask("folding_range", types.FoldingRangeParams(doc)):
        assert 0 <= item.start_line < item.end_line < len(lines)
    for item in broken.ask("inlay_hint", types.InlayHintParams(doc, EVERYWHERE)):
        assert item.position.character <= len(lines[item.position.line].encode("utf-16-le")) // 2
    ends = list(token_ends(lines, broken.ask("semantic_tokens_full", types.SemanticTokensParams(doc)).data))
    assert ends == sorted(ends)
    assert broken.editor.messages == []


def test_what_changes_a_broken_text_does_not_break_it_further(broken: Broken) -> None:
    text, doc, name = broken.text, document(broken.uri), broken.path.name
    for item in broken.ask("completion", types.CompletionParams(**broken.at)).items:
        place = item.text_edit.range
        assert place.start.line == place.end.line == broken.at["position"].line
    offered = broken.ask("prepare_rename", types.PrepareRenameParams(**broken.at))
    renamed = broken.ask("rename", types.RenameParams(**broken.at, new_name="quite-new"))
    assert (offered is None) == (renamed is None)
    assert renamed is None or "quite-new" in edited(text, changes(renamed)[name])
    asked = types.CodeActionParams(doc, EVERYWHERE, types.CodeActionContext([]))
    for action in broken.ask("code_action", asked):
        assert edited(text, changes(action.edit)[name]) != text
    before = parse(text, broken.path)
    for edits in (
        broken.ask("formatting", types.DocumentFormattingParams(doc, OPTIONS)),
        broken.ask("range_formatting", types.DocumentRangeFormattingParams(doc, EVERYWHERE, OPTIONS)),
    ):
        after = parse(edited(text, edits), broken.path)
        assert len(after.diagnostics) <= len(before.diagnostics)
        assert before.diagnostics or meaning(after.syntax) == meaning(before.syntax)
    assert broken.editor.messages == []


def token_ends(lines: list[str], data: list[int]) -> Iterator[tuple[int, int]]:
    """Where each token starts and where it ends, each of which must lie in its line."""
    row = column = 0
    for index in range(0, len(data), 5):
        down, along, width = data[index : index + 3]
        row, column = row + down, along if down else column + along
        assert 0 < width <= len(lines[row].encode("utf-16-le")) // 2 - column
        yield row, column
        yield row, column + width
