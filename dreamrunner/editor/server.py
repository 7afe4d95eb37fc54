"""The language server: which feature answers which request of the protocol."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from dreamrunner.editor import (
    code_actions,
    document_symbols,
    folding,
    formatting,
    goto_and_rename,
    inlay_hints,
    log,
    semantic_tokens,
)
from dreamrunner.editor.analysis import Analysis
from dreamrunner.editor.completion import TRIGGERS, Completer
from dreamrunner.editor.frames import messages
from dreamrunner.editor.hover import hover
from dreamrunner.editor.lenses.doing import Deeds
from dreamrunner.editor.lenses.shown import COMMANDS, code_lenses, commands_of
from dreamrunner.editor.protocol import StoryProtocol
from dreamrunner.editor.publishing import Publisher
from dreamrunner.editor.sidecars import Files, Learnt
from dreamrunner.editor.workspace import Library
from dreamrunner.version import __version__

SCENE_COMMAND = "dreamrunner.sceneAt"
"""The command that says which scene is around a place: arguments URI and line (from 0), answer its name or null."""

_PATIENCE = 0.6  # seconds that the server has to end by itself
_ONE_AT_A_TIME = threading.Lock()
_LONGEST_DEBOUNCE = 5000
_WATCHED = "**/*.{story,toml,png,jpg,jpeg,webp,mp4,webm,mkv,mov,safetensors}"


@dataclass(frozen=True, slots=True)
class _Goodbye:
    """The client has gone, or is about to: the server ends with ``code``."""

    code: int


class StoryServer(LanguageServer):
    """A server for one editor.

    Documents are sent whole: pygls counts more characters as line ends than editors and the language do, so that
    changes by line would go astray in a text that holds one of them.
    """

    def __init__(self, learnt: Files = tuple) -> None:
        super().__init__(
            "dreamrunner",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            protocol_cls=StoryProtocol,
        )
        self.library = Library()
        self.learnt = Learnt(learnt)
        self.deeds = Deeds(self, self.library, self.told)
        self.lenses = COMMANDS
        self.publisher = Publisher(self.library, self.text_document_publish_diagnostics)

    def told(self, *path: str) -> Any:
        """What the client says it can do, or None."""
        value: Any = self.client_capabilities
        for part in path:
            value = getattr(value, part, None)
        return value

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What went wrong in the server is for its log, not for the author."""
        if isinstance(error, JsonRpcInvalidParams):
            log.passed_over(log.METHOD.get(), "its parameters are not those of the protocol")
        else:
            log.failed(sys.exc_info()[1] or error)  # pygls hands on what it made of the one in hand

    def analysis(self, uri: str) -> Analysis | None:
        return self.library.analysis(self.library.path(uri))


def serve(learnt: Files) -> int:
    """Serve one editor over standard input and output. ``learnt`` gives the LoRAs that are kept.

    Returns the exit code: 1 where the editor says goodbye without having asked to shut down, else 0.
    """
    # Standard output is the protocol's; whatever else is printed goes to standard error.
    channel, sys.stdout = sys.stdout, sys.stderr
    log.log_to(sys.stderr)
    server = make_server(learnt)
    protocol = server.protocol
    assert isinstance(protocol, StoryProtocol), "the server is made with it"
    protocol.set_writer(StdoutWriter(channel.buffer))
    ended, code = threading.Event(), 0
    # A reader of its own: the thread that waits in it holds it when the process ends.
    stream = io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False))
    with suppress(BrokenPipeError, KeyboardInterrupt):
        code = asyncio.run(_converse(protocol, stream, ended, server.deeds))
    ended.set()
    return code


async def _converse(protocol: StoryProtocol, stream: BinaryIO, ended: threading.Event, deeds: Deeds) -> int:
    """Take what the client sends until it says goodbye or goes; returns the exit code.

    Reading has a thread of its own, which ends the process a moment after the goodbye where something that computes
    keeps it from ending by itself.
    """
    loop, inbox = asyncio.get_running_loop(), asyncio.Queue[Any]()
    loop.set_exception_handler(lambda _, context: log.failed(context.get("exception")))

    def read() -> None:
        asked_to_end, code = False, 0
        for message in messages(stream):
            method = message.get("method") if isinstance(message, dict) else None
            if method == types.EXIT and "id" not in message:
                code = 0 if asked_to_end else 1
                break
            asked_to_end = asked_to_end or method == types.SHUTDOWN
            loop.call_soon_threadsafe(inbox.put_nowait, message)
        with suppress(RuntimeError):  # it has ended
            loop.call_soon_threadsafe(inbox.put_nowait, _Goodbye(code))
        if not ended.wait(_PATIENCE):
            os._exit(code)

    threading.Thread(target=read, daemon=True).start()
    while not isinstance(message := await inbox.get(), _Goodbye):
        protocol.take(message)
    deeds.close()
    return message.code


def make_server(learnt: Files) -> StoryServer:
    """A server with every feature, not yet connected."""
    server = StoryServer(learnt)
    _add_lifecycle(server)
    _add_reading(server)
    _add_writing(server)
    return server


def _add_lifecycle(server: StoryServer) -> None:
    """Texts as they come and go, and the diagnostics that follow."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.library.codec = server.workspace.position_codec
        server.library.versioned = bool(server.told("workspace", "workspace_edit", "document_changes"))
        _take_folders(server)
        options = params.initialization_options
        server.lenses = commands_of(options)
        debounce = options.get("debounce") if isinstance(options, dict) else getattr(options, "debounce", None)
        if isinstance(debounce, int) and 0 <= debounce <= _LONGEST_DEBOUNCE:
            server.publisher.debounce = debounce

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        if server.told("workspace", "did_change_watched_files", "dynamic_registration"):
            watched = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(_WATCHED)])
            wish = types.Registration("stories", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watched)
            await server.client_register_capability_async(types.RegistrationParams([wish]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        server.library.put(item.uri, item.version, item.text)
        server.publisher.now()

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        item = params.text_document
        server.library.put(item.uri, item.version, server.workspace.get_text_document(item.uri).source)
        server.publisher.soon()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.library.refresh()
        server.publisher.soon()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.library.close(params.text_document.uri)
        server.publisher.now()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        server.library.refresh()
        server.publisher.soon()
        if server.told("workspace", "inlay_hint", "refresh_support"):
            server.workspace_inlay_hint_refresh(None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        _take_folders(server)


def _take_folders(server: StoryServer) -> None:
    uris = [folder.uri for folder in server.workspace.folders.values()] or [server.workspace.root_uri]
    paths = [to_fs_path(uri) for uri in uris if uri]
    server.library.folders = [Path(path) for path in paths if path]
    server.library.refresh()


def _add_reading(server: StoryServer) -> None:
    """What only looks at a text."""
    library = server.library

    def at(answer: Callable[[Analysis, int, int], Any], params: Any) -> Any:
        analysis = server.analysis(params.text_document.uri)
        return answer(analysis, *library.column(analysis, params.position)) if analysis is not None else None

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        await server.publisher.settled()
        return await _aside(at, lambda *place: hover(library, server.learnt, *place), params)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> list[types.Location] | None:
        return at(lambda *place: goto_and_rename.definition(library, *place), params)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location] | None:
        declared = params.context.include_declaration
        return at(lambda *place: goto_and_rename.references(library, *place, declarations=declared), params)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlights(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
        return at(lambda *place: goto_and_rename.highlights(library, *place), params)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    async def links(params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
        analysis = server.analysis(params.text_document.uri)
        return goto_and_rename.links(library, analysis) if analysis is not None else None

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols_of_document(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        analysis = server.analysis(params.text_document.uri)
        return document_symbols.document_symbols(library, analysis) if analysis is not None else None

    @server.feature(types.WORKSPACE_SYMBOL)
    async def workspace_symbols(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        return document_symbols.workspace_symbols(library, params.query)

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, semantic_tokens.LEGEND)
    async def all_tokens(params: types.SemanticTokensParams) -> types.SemanticTokens:
        analysis = server.analysis(params.text_document.uri)
        return types.SemanticTokens(semantic_tokens.semantic_tokens(library, analysis) if analysis is not None else [])

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, semantic_tokens.LEGEND)
    async def some_tokens(params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
        analysis = server.analysis(params.text_document.uri)
        lines = params.range.start.line, params.range.end.line
        return types.SemanticTokens(
            semantic_tokens.semantic_tokens(library, analysis, *lines) if analysis is not None else []
        )

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folds(params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        analysis = server.analysis(params.text_document.uri)
        return folding.folding_ranges(analysis) if analysis is not None else None

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def lenses(params: types.CodeLensParams) -> list[types.CodeLens] | None:
        analysis = server.analysis(params.text_document.uri)
        return code_lenses(library, analysis, server.lenses) if analysis is not None else None

    for link, name in COMMANDS.items():
        _add_deed(server, link, name)

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def hints_of_range(params: types.InlayHintParams) -> list[types.InlayHint] | None:
        # Planning takes longer than checking, and what is being typed is about to change.
        await server.publisher.settled()
        analysis = server.analysis(params.text_document.uri)
        if analysis is None:
            return None
        return await _aside(inlay_hints.inlay_hints, library, analysis, params.range.start.line, params.range.end.line)

    @server.command(SCENE_COMMAND)
    async def scene_at(uri: str, line: int) -> str | None:
        analysis = server.analysis(uri)
        return document_symbols.scene_at(library, analysis, line) if analysis is not None else None


def _add_deed(server: StoryServer, link: str, name: str) -> None:
    """What a link above a scene does in an editor that has no command of its own for it."""

    @server.command(name)
    async def do(uri: str, scene: str) -> None:
        server.deeds.start(link, uri, scene)


def _add_writing(server: StoryServer) -> None:
    """What changes a text, or offers to."""
    library = server.library

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=list(TRIGGERS)))
    async def complete(params: types.CompletionParams) -> types.CompletionList | None:
        analysis = server.analysis(params.text_document.uri)
        if analysis is None:
            return None
        snippets = bool(server.told("text_document", "completion", "completion_item", "snippet_support"))
        completer = Completer(library, analysis, snippets=snippets)
        return types.CompletionList(False, completer.items(*library.column(analysis, params.position)))

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare_rename(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        analysis = server.analysis(params.text_document.uri)
        if analysis is None:
            return None
        return goto_and_rename.prepare_rename(library, analysis, *library.column(analysis, params.position))

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    async def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        analysis = server.analysis(params.text_document.uri)
        if analysis is None:
            return None
        return goto_and_rename.rename(library, analysis, *library.column(analysis, params.position), params.new_name)

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def format_whole(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        analysis = server.analysis(params.text_document.uri)
        return formatting.format_whole(library, analysis) if analysis is not None else None

    @server.feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)
    async def format_range(params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
        analysis = server.analysis(params.text_document.uri)
        if analysis is None:
            return None
        last = params.range.end.line - (not params.range.end.character and params.range.end != params.range.start)
        return formatting.format_range(library, analysis, params.range.start.line, last)

    kinds = types.CodeActionOptions(code_action_kinds=[code_actions.MEND, code_actions.REWRITE, code_actions.ALL])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    async def actions_of_range(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        await server.publisher.settled()
        path = library.path(params.text_document.uri)
        analysis = library.analysis(path)
        if analysis is None:
            return None
        found = server.publisher.found(path)
        return await _aside(code_actions.code_actions, library, analysis, found, params.range, params.context.only)


async def _aside(work: Callable[..., Any], *given: Any) -> Any:
    """Do what may plan a whole story in a thread, so that keys are answered meanwhile. Nobody waits for its end."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def tell(value: Any, error: BaseException | None) -> None:
        if not answer.done():
            answer.set_result(value) if error is None else answer.set_exception(error)

    def run() -> None:
        value, error = None, None
        with _ONE_AT_A_TIME:
            if not answer.cancelled():
                try:
                    value = work(*given)
                except BaseException as found:
                    error = found
        with suppress(RuntimeError):  # the server has ended meanwhile
            loop.call_soon_threadsafe(tell, value, error)

    threading.Thread(target=run, daemon=True).start()
    return await answer
