"""The server's log on standard error, which editors show to their users: a line of plain words for each fault.

Libraries' own records, with class names and tracebacks, are only in the log that ``DREAMRUNNER_DEBUG=1`` gives.
"""

from __future__ import annotations

import logging
import os
from contextvars import ContextVar
from typing import TextIO

from dreamrunner.files.text import printable_line
from dreamrunner.files.trouble import why

METHOD: ContextVar[str] = ContextVar("METHOD", default="")
"""The method that is being handled, with what it starts."""

_OWN = "dreamrunner"
_log = logging.getLogger(__name__)


def log_to(stream: TextIO) -> None:
    """Write the log to ``stream`` from now on."""
    handler = logging.StreamHandler(stream)
    if not _debug():
        handler.addFilter(logging.Filter(_OWN))
        handler.setFormatter(logging.Formatter(f"{_OWN} lsp: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.ERROR, force=True)


def passed_over(method: object, reason: str) -> None:
    """Log that a message is not handled. ``method`` is what the client sent in its place."""
    _say(method if isinstance(method, str) else "", reason)


def failed(error: BaseException | None) -> None:
    """Log that the server could not do what :data:`METHOD` asks of it."""
    _say(METHOD.get(), why(error) if error is not None else "something unforeseen went wrong", error)


def _say(method: str, what: str, error: BaseException | None = None) -> None:
    line = f"{method[:80]}: {what}" if method else what
    _log.error("%s", printable_line(line), exc_info=error if _debug() else None)


def _debug() -> bool:
    return os.environ.get("DREAMRUNNER_DEBUG") == "1"
