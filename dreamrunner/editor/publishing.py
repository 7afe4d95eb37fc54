"""Diagnostics: pushed to the editor a moment after the last key, for every open text and the files that it uses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from lsprotocol import types

from dreamrunner.editor.workspace import Library, key
from dreamrunner.language import Diagnostic

DEBOUNCE = 150
"""Milliseconds that nothing may change before diagnostics come, unless the client says otherwise."""

_SEVERITIES = {"error": types.DiagnosticSeverity.Error, "warning": types.DiagnosticSeverity.Warning}
_UNNECESSARY = ("unused", "unused-ignore")


class Publisher:
    """Checks open texts and sends what it finds. ``send`` gets the protocol's parameters."""

    def __init__(self, library: Library, send: Callable[[types.PublishDiagnosticsParams], None]) -> None:
        self.library, self.send = library, send
        self.debounce = DEBOUNCE
        self._timer: asyncio.TimerHandle | None = None
        self._settled = asyncio.Event()
        self._settled.set()
        self._shown: dict[str, list[types.Diagnostic]] = {}

    def soon(self) -> None:
        """Something changed: check once nothing has for a while."""
        self._settled.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self.debounce / 1000, self.now)

    def now(self) -> None:
        """Check every open text and send what changed since the last time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            self._publish()
        finally:
            self._settled.set()

    async def settled(self) -> None:
        """Wait until what changed has been checked."""
        await self._settled.wait()

    def found(self, path: Path) -> list[tuple[Diagnostic, types.Diagnostic]]:
        """What is wrong in a text as it is now, as found and as sent."""
        analysis = self.library.analysis(path)
        items = analysis.diagnostics if analysis is not None else ()
        return [(item, self._shape(item)) for item in items if key(item.location.file) == key(path)]

    def _publish(self) -> None:
        found: dict[str, dict[Diagnostic, None]] = {}
        files: dict[str, Path] = {}
        for item in self.library.opened():
            analysis = self.library.analysis(item.path)
            files[key(item.path)] = item.path
            own = found.setdefault(key(item.path), {})
            # What stands in a used file that is open is that file's own to say.
            for each in analysis.diagnostics if analysis is not None and item.text.strip() else ():
                name = key(each.location.file)
                if name == key(item.path):
                    own[each] = None
                elif self.library.open_text(each.location.file) is None:
                    files.setdefault(name, each.location.file)
                    found.setdefault(name, {})[each] = None
        shown = {self.library.uri(files[name]): list(map(self._shape, items)) for name, items in found.items()}
        versions = {item.uri: item.version for item in self.library.opened()}
        for uri, items in shown.items():
            # The list of an open text is sent every time, so that the client knows for which version the list holds.
            if uri in versions or self._shown.get(uri) != items:
                self.send(types.PublishDiagnosticsParams(uri, items, versions.get(uri)))
        for uri in self._shown.keys() - shown.keys():
            self.send(types.PublishDiagnosticsParams(uri, []))
        self._shown = shown

    def _shape(self, item: Diagnostic) -> types.Diagnostic:
        return types.Diagnostic(
            self.library.range(item.location),
            f"{item.message}\nhelp: {item.help}" if item.help else item.message,
            severity=_SEVERITIES[item.severity],
            code=item.code,
            source="dreamrunner",
            tags=[types.DiagnosticTag.Unnecessary] if item.code in _UNNECESSARY else None,
            related_information=list(self._related(item)) or None,
        )

    def _related(self, item: Diagnostic) -> Iterable[types.DiagnosticRelatedInformation]:
        for note, place in item.related:
            yield types.DiagnosticRelatedInformation(self.library.location(place), note)
