"""The live page of a story: it shows the storyboard, and shows it anew on every save."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dreamrunner.planning.written.comparing import Comparison
from dreamrunner.preview.board import Films, LiveBoard, live_board
from dreamrunner.preview.choices import Take, take_fill
from dreamrunner.preview.http import PreviewServer
from dreamrunner.preview.moves import Move, Refused, Written, move_box
from dreamrunner.preview.watching import Watch


class LiveStory:
    """A story file as the page shows it. Any thread may ask; who waits hears of each new board."""

    def __init__(
        self, path: Path, films: Films, *, allow_outside: bool = False, comparison: Comparison | None = None
    ) -> None:
        self.path, self.films, self.allow_outside, self.comparison = path, films, allow_outside, comparison
        self.shown = self._board(None)
        self.version = 1
        self._news = threading.Condition()
        self._looking, self._writing = threading.Lock(), threading.Lock()

    def look(self) -> None:
        """Read the story again, and tell those who wait if it is shown otherwise now."""
        with self._looking:
            seen = self._board(self.shown)
            with self._news:
                if seen.board != self.shown.board:
                    self.version += 1
                    self._news.notify_all()
                self.shown = seen

    def wait(self, version: int, seconds: float) -> tuple[int, dict[str, Any]] | None:
        """The first board that is newer than ``version``, with its own; None when there is none after ``seconds``."""
        with self._news:
            if not self._news.wait_for(lambda: self.version > version, seconds):
                return None
            return self.version, self.shown.board

    def film(self, scene: str) -> Path | None:
        """The film of a scene that is shown."""
        return self.shown.films.get(scene)

    def move(self, asked: Move) -> Written | Refused:
        """Write a box that was moved into the text, and show it. Raises OSError; see :func:`move_box`."""
        with self._writing:
            done = move_box(self.path, asked, allow_outside=self.allow_outside)
        self.look()
        return done

    def take(self, asked: Take) -> Written | Refused:
        """Write a fill that was chosen into the filled story, and show it. Raises OSError; see :func:`take_fill`."""
        with self._writing:
            done = take_fill(self.comparison, asked, allow_outside=self.allow_outside)
        self.look()
        return done

    def _board(self, before: LiveBoard | None) -> LiveBoard:
        return live_board(self.path, self.films, before, allow_outside=self.allow_outside, comparison=self.comparison)


def serve_preview(
    story: Path,
    films: Films,
    outputs: Callable[[Iterable[str]], Iterable[Path]],
    *,
    allow_outside: bool = False,
    port: int = 0,
    open_browser: bool = True,
    ready: Callable[[str], None],
    comparison: Comparison | None = None,
) -> None:
    """Serve the live page of ``story`` on the loopback until the user asks to stop; 0 is any free ``port``.

    ``films`` finds the scenes' films, ``outputs`` names the files on which they hang, given the scenes' names.
    ``ready`` is called with the page's address. The fills of a ``comparison`` can be taken there. The story's paths may
    leave its folder only with ``allow_outside``.

    Raises:
        KeyboardInterrupt: the user asked to stop.
        OSError: the port can't be had.
    """
    live = LiveStory(story, films, allow_outside=allow_outside, comparison=comparison)

    def shown() -> Iterable[Path]:
        return outputs(scene["name"] for scene in live.shown.board["scenes"])

    with PreviewServer(live, port) as server:
        watch = Watch(story, shown, allow_outside=allow_outside)
        live.look()
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        ready(server.url)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
        try:
            while True:
                watch.renew()
                watch.wait()
                live.look()
        finally:
            server.shutdown()


__all__ = ["LiveBoard", "LiveStory", "serve_preview"]
