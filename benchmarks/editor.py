"""How fast does the editor answer? ``python benchmarks/editor.py [--json]``

A story of 80 scenes is typed on, key by key, in scenes all over it, through the language server's real process; most
keys leave it broken. Medians in milliseconds, as an editor sees them:

- ``diagnostics_ms``: from the end of the debounce until the diagnostics are there (at most 100).
- ``completion_ms``: from the request, which goes out right behind the key, until the list is there (at most 30).
- The others have no limit: from the request until its answer, on a text that was just changed. What needs the plan
  (``hover_ms``, ``hints_ms``) waits for the debounce, which is taken off.

``load`` is the machine's load average over the last minute: what else it does counts here, unlike in ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lsprotocol import types

from benchmarks.language import many_scenes
from tests.material.editor_session import DEBOUNCE, Editor, document, place

SCENES = 80
LIMITS = {"diagnostics_ms": 100.0, "completion_ms": 30.0}
EVERYWHERE = types.Range(types.Position(0, 0), types.Position(10**6, 0))
# Each stands in a new line of a scene, most of them mistakes as they stand.
TYPED = ("  witch |", "  wi|", "  cat sitting 5s..6s |", "  camera |", "  witch w|", "  cat |", "    at |", "  from |")


class Typing:
    """A story in the editor on which somebody types."""

    def __init__(self, editor: Editor, folder: Path) -> None:
        self.editor = editor
        self.text = many_scenes(SCENES)
        self.scenes = self.text.split("\nscene ")
        self.uri = editor.open(folder / "long.story", self.text)
        self.keys = self._keys()

    def _keys(self) -> Iterator[tuple[str, types.Position]]:
        """The text with another line in another scene each time, and where the cursor then stands."""
        number = 0
        while True:
            scene = 1 + (number * 37) % SCENES
            typed = f"{self.scenes[scene]}{TYPED[number % len(TYPED)]}\n"
            yield place("\nscene ".join([*self.scenes[:scene], typed, *self.scenes[scene + 1 :]]))
            number += 1

    def key(self) -> types.Position:
        """Type; nothing is waited for."""
        text, where = next(self.keys)
        self.editor.change(self.uri, text, wait=False)
        return where

    def diagnostics(self) -> float:
        self.key()
        start = time.perf_counter()
        self.editor.wait(self.uri)
        return time.perf_counter() - start - DEBOUNCE / 1000

    def answer(self, name: str, params: Callable[[types.TextDocumentIdentifier, types.Position], Any]) -> float:
        where = self.key()
        start = time.perf_counter()
        self.editor.ask(name, params(document(self.uri), where))
        taken = time.perf_counter() - start
        # The next key comes when everything has calmed down.
        self.editor.wait(self.uri)
        return taken


def measure(runs: int) -> dict[str, float]:
    """All medians in milliseconds, and the machine's load."""
    editor = Editor()
    asked = {
        "completion_ms": ("text_document_completion", types.CompletionParams),
        "definition_ms": ("text_document_definition", types.DefinitionParams),
        "symbols_ms": ("text_document_document_symbol", lambda text, _: types.DocumentSymbolParams(text)),
        "tokens_ms": ("text_document_semantic_tokens_full", lambda text, _: types.SemanticTokensParams(text)),
        "hover_ms": ("text_document_hover", types.HoverParams),
        "hints_ms": ("text_document_inlay_hint", lambda text, _: types.InlayHintParams(text, EVERYWHERE)),
    }
    with tempfile.TemporaryDirectory() as folder:
        typing = Typing(editor, Path(folder))
        times = {"diagnostics_ms": [typing.diagnostics() for _ in range(runs)]}
        for figure, (name, params) in asked.items():
            waited = DEBOUNCE / 1000 if figure in ("hover_ms", "hints_ms") else 0.0
            times[figure] = [typing.answer(name, params) - waited for _ in range(runs)]
    editor.stop()
    return {name: 1000 * statistics.median(found) for name, found in times.items()} | {"load": os.getloadavg()[0]}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments.add_argument("--runs", type=int, default=40, help="keys typed for each figure")
    parsed = arguments.parse_args()
    figures = measure(parsed.runs)
    if parsed.json:
        print(json.dumps({name: round(value, 2) for name, value in figures.items()}))
    else:
        for name, value in figures.items():
            print(f"{name:15} {value:7.1f}" + (f"  (at most {LIMITS[name]:g})" if name in LIMITS else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
