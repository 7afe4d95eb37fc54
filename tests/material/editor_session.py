"""An editor for tests: pygls' client with the server's real process behind it, driven step by step."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.uris import from_fs_path, to_fs_path

Value = TypeVar("Value")

COMMAND = (sys.executable, "-m", "dreamrunner", "lsp")
LONGEST_WAIT = 30.0
DEBOUNCE = 30

BROKEN = '\nscene broken\n  narration "🧙 oh\n  nobody [ 0s\n'
"""A scene that can't be read, to put behind a text that can: what is asked about the rest is answered all the same."""

EVERYTHING = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        workspace_folders=True,
    ),
    text_document=types.TextDocumentClientCapabilities(
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(snippet_support=True)
        ),
        rename=types.RenameClientCapabilities(prepare_support=True),
    ),
)


class Editor:
    """One editor with one server. Texts are opened, changed and closed as an editor does it."""

    def __init__(
        self, capabilities: types.ClientCapabilities = EVERYTHING, command: Sequence[str] = COMMAND, **started: Any
    ) -> None:
        self.loop = asyncio.new_event_loop()
        self.client = LanguageClient("test-editor", "1")
        self.diagnostics: dict[str, types.PublishDiagnosticsParams] = {}
        self.messages: list[str] = []
        self._versions: dict[str, int] = {}
        self._folders: set[Path] = set()
        self._news = asyncio.Event()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def told(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = params
            self._news.set()

        @self.client.feature(types.WINDOW_SHOW_MESSAGE)
        def shown(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)

        self.run(self.client.start_io(*command))
        options = {"debounce": DEBOUNCE}
        wishes = types.InitializeParams(capabilities, initialization_options=options, **started)
        self.started = self.run(self.client.initialize_async(wishes))
        self.client.initialized(types.InitializedParams())

    def run(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self.loop.run_until_complete(asyncio.wait_for(work, LONGEST_WAIT))

    def ask(self, name: str, params: Any) -> Any:
        """Send a request, by the name of the client's method, and wait for its answer."""
        return self.run(getattr(self.client, f"{name}_async")(params))

    # Texts

    def open(self, path: Path, text: str | None = None, *, wait: bool = True) -> str:
        """Open a file with the text that it has on disk, or with one that was never saved; returns its URI."""
        uri = from_fs_path(str(path))
        text = path.read_text(encoding="utf-8") if text is None else text
        self._versions[uri] = 1
        self.diagnostics.pop(uri, None)
        item = types.TextDocumentItem(uri, "dreamrunner", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        if wait:
            self.wait(uri)
        return uri

    def change(self, uri: str, text: str, *, wait: bool = True) -> None:
        self._versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self._versions[uri], uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )
        if wait:
            self.wait(uri)

    def close(self, uri: str) -> None:
        self._versions.pop(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def close_all(self) -> None:
        for uri in list(self._versions):
            self.close(uri)
        for path in list(self._folders):
            self.folder(path, added=False)

    def folder(self, path: Path, *, added: bool = True) -> None:
        """Add a folder to the workspace, or take it out."""
        (self._folders.add if added else self._folders.discard)(path)
        folder = [types.WorkspaceFolder(from_fs_path(str(path)), path.name)]
        event = types.WorkspaceFoldersChangeEvent(folder if added else [], [] if added else folder)
        self.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))

    def wait(self, uri: str, version: int | None = None) -> list[types.Diagnostic]:
        """The diagnostics of a text as it is now."""
        wanted = self._versions.get(uri) if version is None else version

        async def arrived() -> None:
            while uri not in self.diagnostics or self.diagnostics[uri].version != wanted:
                self._news.clear()
                await self._news.wait()

        self.run(arrived())
        return list(self.diagnostics[uri].diagnostics)

    def expect(self, uri: str, codes: list[str]) -> None:
        """Wait until a text's diagnostics are those of ``codes``."""

        async def arrived() -> None:
            while uri not in self.diagnostics or [item.code for item in self.diagnostics[uri].diagnostics] != codes:
                self._news.clear()
                await self._news.wait()

        self.run(arrived())

    def pause(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    def stop(self) -> int:
        """Say goodbye; returns the server's exit code."""

        async def goodbye() -> int:
            await self.client.shutdown_async(None)
            self.client.exit(None)
            return await self.client._server.wait()

        code = self.run(goodbye())
        self.run(self.client.stop())
        self.loop.close()
        return code


def place(text: str) -> tuple[str, types.Position]:
    """A text without its mark ``|``, and the mark's position in UTF-16 units."""
    before, after = text.split("|")
    line = before.rpartition("\n")[2]
    return before + after, types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)


def document(uri: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(uri)


def cut(text: str, span: types.Range) -> str:
    """What a range of UTF-16 positions holds."""
    lines = [line.encode("utf-16-le") for line in text.split("\n")]
    if span.start.line == span.end.line:
        return lines[span.start.line][2 * span.start.character : 2 * span.end.character].decode("utf-16-le")
    parts = [lines[span.start.line][2 * span.start.character :]]
    parts += lines[span.start.line + 1 : span.end.line]
    parts.append(lines[span.end.line][: 2 * span.end.character] if span.end.line < len(lines) else b"")
    return "\n".join(part.decode("utf-16-le") for part in parts)


def edited(text: str, edits: list[types.TextEdit] | None) -> str:
    """A text with edits made as an editor makes them: all by the places that it had before."""
    units = text.encode("utf-16-le")
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line.encode("utf-16-le")) + 2)

    def offset(where: types.Position) -> int:
        return min(starts[min(where.line, len(starts) - 1)] + 2 * where.character, len(units))

    for edit in sorted(edits or [], key=lambda item: offset(item.range.start), reverse=True):
        new = edit.new_text.encode("utf-16-le")
        units = units[: offset(edit.range.start)] + new + units[offset(edit.range.end) :]
    return units.decode("utf-16-le")


def changes(edit: types.WorkspaceEdit) -> dict[str, list[types.TextEdit]]:
    """The edits of each file, by the file's name."""
    return {Path(to_fs_path(item.text_document.uri)).name: list(item.edits) for item in edit.document_changes}
