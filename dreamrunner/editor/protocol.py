"""The protocol's rules on requests: which are allowed when, and how the rest is refused before a feature sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol

from dreamrunner.editor import log
from dreamrunner.editor.frames import Malformed

_CODES = types.ErrorCodes
_NOTEBOOKS = "notebookDocument/"
_OF_OPEN_TEXTS = (types.TEXT_DOCUMENT_DID_CHANGE, types.TEXT_DOCUMENT_DID_CLOSE)


class StoryProtocol(LanguageServerProtocol):
    """Takes messages as values of JSON. A request is always answered; a notification that is wrong is passed over.

    What is refused, and what is passed over though it is a notification that the server knows, is a line of its log.
    """

    begun = False
    """Whether the client has said what it can do."""

    def take(self, message: Any) -> None:
        """Answer a message. Never raises for anything that a client can send."""
        problem = self._problem(message)
        if problem is None:
            self._handle(message)
            return
        code, why = problem
        if code is not None:
            named = code == _CODES.MethodNotFound or not isinstance(message, dict)
            log.passed_over(None if named else message.get("method"), why)
            self._refuse(_id_of(message), code, why)

    def _problem(self, message: Any) -> tuple[types.ErrorCodes | None, str] | None:
        """Why a message isn't handled; the code is None where nobody waits for an answer. None where it is."""
        if isinstance(message, Malformed):
            return _CODES.ParseError, message.why
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            return _CODES.InvalidRequest, "a message is an object with `jsonrpc` 2.0"
        asks, method = "id" in message, message.get("method")
        if method is None and asks and ("result" in message or "error" in message):
            return None
        if not isinstance(method, str) or (asks and _id_of(message) is None):
            return _CODES.InvalidRequest, "a request has a method's name and a number or a string as its id"
        refusal: tuple[types.ErrorCodes, str] | None = None
        if method == types.EXIT:
            return (_CODES.InvalidRequest, "exit is a notification") if asks else None
        if self._shutdown:
            refusal = _CODES.InvalidRequest, "the server has been shut down"
        elif method == types.INITIALIZE:
            refusal = (_CODES.InvalidRequest, "the server is initialized already") if self.begun else None
        elif not self.begun:
            refusal = _CODES.ServerNotInitialized, "the server has not been initialized"
        elif not self._knows(method) and not method.startswith("$/"):
            refusal = _CODES.MethodNotFound, f"there is no method {method[:80]}"
        elif asks and method.startswith("$/"):
            refusal = _CODES.MethodNotFound, f"there is no request {method[:80]}"
        return refusal if asks or refusal is None else (None, refusal[1])

    def _knows(self, method: str) -> bool:
        return method in self.fm.features or (method in self.fm.builtin_features and not method.startswith(_NOTEBOOKS))

    def _handle(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        log.METHOD.set(method or "")
        value: Any = None
        problem = self._odd_address(message)
        try:
            value = self.structure_message(message) if not problem else None
        except Exception:
            problem = (
                "its parameters are not those of the protocol" if method else "an answer is none of the protocol's"
            )
        if problem:
            log.passed_over(method, problem)
            if method is not None and "id" in message:
                self._refuse(_id_of(message), _CODES.InvalidParams, f"{method} can't be asked with such parameters")
            return
        if method == types.SHUTDOWN:
            self._cancel_all()
        try:
            self.handle_message(value)
        except BrokenPipeError:
            raise
        except Exception as error:
            log.failed(error)
            return
        self.begun = self.begun or method == types.INITIALIZE

    def _odd_address(self, message: dict[str, Any]) -> str:
        """What is wrong with the addresses of documents that a message's parameters hold; "" where nothing is."""
        if (method := message.get("method")) is None:
            return ""
        for uri in _addresses(message.get("params")):
            try:
                urlsplit(uri)
            except ValueError:
                return f"{uri[:200]} is no address of a document"
            if "\0" in unquote(uri):
                return "an address holds a character that none has"
            opened = self.workspace.text_documents if self._workspace is not None else None  # by addresses unquoted
            if method in _OF_OPEN_TEXTS and opened is not None and unquote(uri) not in opened:
                return f"{uri[:200]} is not open"
        return ""

    def _cancel_all(self) -> None:
        # pygls goes through what still runs while cancelling takes it out of the same dictionary.
        for future in tuple(self._request_futures.values()):
            future.cancel()

    def _refuse(self, message_id: int | str | None, code: types.ErrorCodes, why: str) -> None:
        # Written out, since pygls leaves an id away that is null.
        self._send_data({"jsonrpc": "2.0", "id": message_id, "error": {"code": code.value, "message": why}})

    def _send_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        """As pygls does it, but what went wrong inside the server is for its log alone."""
        if error is not None and error.code == _CODES.InternalError.value:
            self._refuse(msg_id, _CODES.InternalError, "this could not be answered; the server's log says why")
        else:
            super()._send_response(msg_id, result, error)

    def _execute_handler(self, msg_id: Any, handler: Any, callback: Any, args: Any = None, kwargs: Any = None) -> None:
        """As pygls does it, but what was handled is let go of: with each edit a whole text."""
        super()._execute_handler(msg_id, handler, callback, args, kwargs)
        if (future := self._request_futures.get(msg_id)) is not None:
            future.add_done_callback(lambda _: self._request_futures.pop(msg_id, None))


def _id_of(message: Any) -> int | str | None:
    """The id of a request that can be answered by it."""
    found = message.get("id") if isinstance(message, dict) else None
    return found if isinstance(found, (int, str)) and not isinstance(found, bool) else None


def _addresses(params: Any) -> Iterator[str]:
    """The addresses of documents in a request's parameters, however deep they stand."""
    waiting = [params]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from (uri for name, uri in each.items() if name.lower().endswith("uri") and isinstance(uri, str))
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
