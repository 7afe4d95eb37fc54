"""The live page of a story: it shows the storyboard, and shows it anew on every save."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dreamrunner.planning import filled_path
from dreamrunner.planning.written.comparing import Comparison
from dreamrunner.preview.board import Films, LiveBoard, live_board, sound_of
from dreamrunner.preview.choices import Take, take_fill
from dreamrunner.preview.directing import Asked, make_change
from dreamrunner.preview.filming import Film, Filmer, Filming
from dreamrunner.preview.history import History, read_state
from dreamrunner.preview.http import News, PreviewServer
from dreamrunner.preview.moves import Move, Refused, Written, first_difference, move_box
from dreamrunner.preview.watching import Watch


class LiveStory:
    """A story file as the page shows it. Any thread may ask; who waits hears of each new board, and of what is filmed.

    ``filmer`` films scenes; None where there is nobody to do it.
    """

    def __init__(
        self,
        path: Path,
        films: Films,
        *,
        allow_outside: bool = False,
        comparison: Comparison | None = None,
        filmer: Filmer | None = None,
    ) -> None:
        self.path, self.films, self.allow_outside, self.comparison = path, films, allow_outside, comparison
        self._news = threading.Condition()
        self._looking, self._writing, self._remembering = threading.Lock(), threading.Lock(), threading.RLock()
        self.history = History((path, filled_path(path)))
        self.filming = Filming(filmer, self._tell) if filmer is not None else None
        self.shown = self._board(None)
        self.version = 1

    def look(self) -> None:
        """Read the story again, and tell those who wait if it is shown otherwise now."""
        with self._looking:
            seen = self._board(self.shown)
            with self._news:
                if seen.board != self.shown.board:
                    self.version += 1
                    self._news.notify_all()
                self.shown = seen

    def wait(self, news: News, seconds: float) -> News | None:
        """What is newer than the ``news`` that somebody has; None when there is nothing after ``seconds``."""
        with self._news:
            if not self._news.wait_for(lambda: self.version > news.version or self._films() != news.films, seconds):
                return None
            board = self.shown.board if self.version > news.version else None
            return News(self.version, self._films(), board)

    def film(self, scene: str, digest: str) -> Path | None:
        """A film of a scene that is shown, by its sha256."""
        return self.shown.films.get((scene, digest))

    def sound(self, scene: str, digest: str) -> Path | None:
        """What is said in such a film."""
        return sound_of(self.film(scene, digest))

    def move(self, asked: Move) -> Written | Refused:
        """Write a box that was moved into the text, and show it. Raises OSError; see :func:`move_box`."""
        return self._write(lambda: move_box(self.path, asked, allow_outside=self.allow_outside))

    def take(self, asked: Take) -> Written | Refused:
        """Write a fill that was chosen into the filled story, and show it. Raises OSError; see :func:`take_fill`."""
        return self._write(lambda: take_fill(self.comparison, asked, allow_outside=self.allow_outside))

    def change(self, asked: Asked) -> Written | Refused:
        """Make a director's change, and show it. Raises OSError; see :func:`make_change`."""
        return self._write(lambda: make_change(self.path, asked, allow_outside=self.allow_outside))

    def go(self, step: int) -> Written | Refused:
        """Undo (-1) or redo (1) what was changed last, here or in the editor, and show it. Raises OSError."""
        return self._write(lambda: self._go(step))

    def start(self, film: Film) -> Written | Refused:
        """Begin to film a scene."""
        if self.filming is None:
            return Refused("nothing can be filmed from here")
        if film.scene not in {scene["name"] for scene in self.shown.board["scenes"]}:
            return Refused(f"scene `{film.scene}` can't be read just now, or is not there any more", changed=True)
        self.filming.start(film)
        return Written(self.path, 1)

    def stop(self) -> Written | Refused:
        """Film no more."""
        if self.filming is not None:
            self.filming.stop()
        return Written(self.path, 1)

    def _write(self, write: Callable[[], Written | Refused]) -> Written | Refused:
        with self._writing:
            # What the editor has written since is a step of its own.
            self._remember()
            done = write()
            self._remember()
        self.look()
        return done

    def _go(self, step: int) -> Written | Refused:
        what = "undo" if step < 0 else "redo"
        if not self.history.can(step):
            return Refused(f"there is nothing to {what}")
        before = read_state(self.history.files)
        with self._remembering:
            written = self.history.go(step)
        if written is None:
            return Refused("the text has changed meanwhile; look again", changed=True)
        after = read_state(self.history.files)
        old, new = (b"" if state is None else state for state in (before[0], after[0]))
        return Written(written, first_difference(old.decode("utf-8", "replace"), new.decode("utf-8", "replace")))

    def _board(self, before: LiveBoard | None) -> LiveBoard:
        self._remember()
        board = live_board(self.path, self.films, before, allow_outside=self.allow_outside, comparison=self.comparison)
        back, forward = self.history.can(-1), self.history.can(1)
        return replace(board, board={**board.board, "undo": back, "redo": forward, "films": self.filming is not None})

    def _remember(self) -> None:
        with self._remembering:
            self.history.see(read_state(self.history.files))

    def _films(self) -> dict[str, Any] | None:
        return self.filming.state() if self.filming is not None else None

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()


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
    filmer: Filmer | None = None,
) -> None:
    """Serve the live page of ``story`` on the loopback until the user asks to stop; 0 is any free ``port``.

    ``films`` finds the scenes' films, ``outputs`` names the files on which they hang, given the scenes' names.
    ``ready`` is called with the page's address. The fills of a ``comparison`` can be taken there, and scenes filmed by
    ``filmer``. The story's paths may leave its folder only with ``allow_outside``.

    Raises:
        KeyboardInterrupt: the user asked to stop.
        OSError: the port can't be had.
    """
    live = LiveStory(story, films, allow_outside=allow_outside, comparison=comparison, filmer=filmer)

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
            if live.filming is not None:
                live.filming.close()


__all__ = ["LiveBoard", "LiveStory", "serve_preview"]
