"""The server as a process: what it imports, how it starts and ends, and clients that can do less or count otherwise."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path

import pytest
from lsprotocol import types

from tests.material.editor_session import COMMAND, LONGEST_WAIT, Editor, document, place

STORY = 'character cat "🐈"\n\nscene one\n  narration "🌙 The cat sleeps."\n\n  cat "🐈" wrong\n'
EVERYWHERE = types.Range(types.Position(0, 0), types.Position(10**6, 0))
WATCHED = """
import json, sys
from dreamrunner.cli import main
code = main(["lsp"])
json.dump(sorted(sys.modules), open(sys.argv[1], "w"))
sys.exit(code)
"""


def test_no_learning_library_is_ever_imported(tmp_path: Path) -> None:
    editor = Editor(command=(sys.executable, "-c", WATCHED, str(tmp_path / "modules.json")))
    text, where = place(STORY.replace(" wrong", "").replace("  cat", "  ca|t"))
    uri = editor.open(tmp_path / "story.story", text)
    at = {"text_document": document(uri), "position": where}
    assert editor.ask("text_document_hover", types.HoverParams(**at)) is not None
    assert editor.ask("text_document_completion", types.CompletionParams(**at)).items
    assert editor.ask("text_document_inlay_hint", types.InlayHintParams(document(uri), EVERYWHERE))
    context = types.CodeActionContext([])
    assert editor.ask("text_document_code_action", types.CodeActionParams(document(uri), EVERYWHERE, context))
    assert editor.stop() == 0

    modules = set(json.loads((tmp_path / "modules.json").read_text()))
    assert "pygls" in modules
    assert not modules & {"torch", "openai", "diffusers", "transformers", "PIL", "av", "ray"}


def test_without_pygls_one_line_says_what_is_missing() -> None:
    without = "import sys; sys.modules['pygls'] = None; "
    run = f"{without} from dreamrunner.cli import main; sys.exit(main(['lsp']))"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, stdin=subprocess.DEVNULL)

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == ("error: the Python package pygls is missing; install DreamRunner anew, with what it needs\n")


@pytest.mark.parametrize("unit", ["utf-8", "utf-16", "utf-32"])
def test_places_count_in_what_the_client_counts_in(unit: str, tmp_path: Path) -> None:
    general = types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind(unit)])
    editor = Editor(types.ClientCapabilities(general=general))
    assert editor.started.capabilities.position_encoding == unit
    uri = editor.open(tmp_path / "story.story", STORY)

    (found,) = editor.wait(uri)
    start = {"utf-8": 13, "utf-16": 11, "utf-32": 10}[unit]
    assert (found.range.start.character, found.range.end.character) == (start, start + 5)
    lens = types.SemanticTokensParams(document(uri))
    data = editor.ask("text_document_semantic_tokens_full", lens).data
    assert data[10:15] == (0, 4, {"utf-8": 6, "utf-16": 4, "utf-32": 3}[unit], 8, 0)
    assert editor.stop() == 0


def test_a_client_that_can_do_nothing_is_served(tmp_path: Path) -> None:
    editor = Editor(types.ClientCapabilities())
    text, where = place(STORY.replace(" wrong", "").replace("  cat", "  ca|t"))
    uri = editor.open(tmp_path / "story.story", text)
    edit = editor.ask("text_document_rename", types.RenameParams(document(uri), where, "dog"))
    assert edit.document_changes is None
    assert [(each.new_text, each.range.start.line) for each in edit.changes[uri]] == [("dog", 0), ("dog", 5)]

    row = types.Position(4, 0)
    items = editor.ask("text_document_completion", types.CompletionParams(document(uri), row)).items
    assert {item.insert_text_format for item in items} <= {None, types.InsertTextFormat.PlainText}
    assert not any("$" in item.text_edit.new_text for item in items)
    assert editor.stop() == 0


def test_a_text_that_has_no_file_is_served(editor: Editor, tmp_path: Path) -> None:
    uri = "untitled:Untitled-1"
    item = types.TextDocumentItem(uri, "dreamrunner", 1, STORY)
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    assert [found.code for found in editor.wait(uri, 1)] == ["syntax"]
    symbols = editor.ask("text_document_document_symbol", types.DocumentSymbolParams(document(uri)))
    assert [symbol.name for symbol in symbols] == ["cat", "one"]
    _text, where = place(STORY.replace("  cat", "  c|at"))
    (found,) = editor.ask("text_document_definition", types.DefinitionParams(document(uri), where))
    assert (found.uri, found.range.start.line) == (uri, 0)
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(document(uri)))


@pytest.mark.parametrize("name", ["a story", "Größe", "100% [draft]", "a#b"])
def test_a_file_whose_name_is_quoted_in_its_address_is_edited_and_closed(
    name: str, editor: Editor, tmp_path: Path
) -> None:
    uri = editor.open(tmp_path / f"{name}.story", "scene [\n")
    before = [found.code for found in editor.diagnostics[uri].diagnostics]
    editor.change(uri, "character cat\n")
    assert [found.code for found in editor.diagnostics[uri].diagnostics] != before
    editor.close(uri)
    assert editor.ask("workspace_symbol", types.WorkspaceSymbolParams("cat")) in (None, [])


def test_what_was_never_opened_and_is_not_there_has_no_answer(editor: Editor, tmp_path: Path) -> None:
    gone = document((tmp_path / "gone.story").as_uri())
    at = {"text_document": gone, "position": types.Position(7, 7)}

    assert editor.ask("text_document_hover", types.HoverParams(**at)) is None
    assert editor.ask("text_document_completion", types.CompletionParams(**at)) is None
    assert not editor.ask("text_document_definition", types.DefinitionParams(**at))
    assert editor.ask("text_document_rename", types.RenameParams(**at, new_name="x")) is None
    assert not editor.ask("text_document_document_symbol", types.DocumentSymbolParams(gone))
    assert not editor.ask("text_document_semantic_tokens_full", types.SemanticTokensParams(gone)).data
    assert editor.messages == []


def test_places_outside_the_text_are_inside_it(editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "story.story", STORY)
    for where in (types.Position(10**6, 10**6), types.Position(3, 10**6), types.Position(10**6, 0)):
        at = {"text_document": document(uri), "position": where}
        editor.ask("text_document_hover", types.HoverParams(**at))
        editor.ask("text_document_completion", types.CompletionParams(**at))
        editor.ask("text_document_rename", types.RenameParams(**at, new_name="x"))
        span, formatting = types.Range(where, where), types.FormattingOptions(2, True)
        context = types.CodeActionContext([])
        editor.ask("text_document_code_action", types.CodeActionParams(document(uri), span, context))
        editor.ask(
            "text_document_range_formatting", types.DocumentRangeFormattingParams(document(uri), span, formatting)
        )
    assert editor.messages == []


def test_it_ends_when_its_editor_is_gone() -> None:
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.close()

    assert process.wait(LONGEST_WAIT) == 0
    assert process.stderr.read() == b""


def test_what_is_asked_while_a_long_story_is_planned_is_answered_first(editor: Editor, tmp_path: Path) -> None:
    scene = 'scene s{}\n  narration "🌙 The cat sleeps, then it jumps over the moon and dances."\n'
    text = 'character cat "🐈"\n' + "".join(scene.format(number) for number in range(150))
    uri = editor.open(tmp_path / "long.story", text)
    finished = []

    async def both() -> None:
        async def asked(name: str, answer: Awaitable[object]) -> None:
            await answer
            finished.append(name)

        client = editor.client
        hints = client.text_document_inlay_hint_async(types.InlayHintParams(document(uri), EVERYWHERE))
        symbols = client.text_document_document_symbol_async(types.DocumentSymbolParams(document(uri)))
        await asyncio.gather(asked("hints", hints), asked("symbols", symbols))

    editor.run(both())
    assert finished == ["symbols", "hints"]
