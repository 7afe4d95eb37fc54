"""Scenes that are filmed from the page: one at a time, in the order in which they were asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Film(BaseModel):
    """A scene to film; with ``seed``, as another take of it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    scene: str
    seed: int | None = Field(None, ge=0, lt=2**63)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the filming of a scene is.

    ``words`` say what is being done; ``share`` is how much of that is, 0 to 1, None where nobody knows; ``left`` the
    seconds that are, likewise.
    """

    words: str
    share: float | None = None
    left: float | None = None


Report = Callable[[Progress], None]
Filmer = Callable[[Film, Report, threading.Event], str]
"""Films a scene, tells how far it is, and stops when the event is set; "" when it is filmed, else why it isn't."""


class Filming:
    """What is being filmed, and what waits for that. ``told`` is called at every change."""

    def __init__(self, filmer: Filmer, told: Callable[[], None]) -> None:
        self.filmer, self.told = filmer, told
        self.now: Film | None = None
        self.progress = Progress("")
        self.waiting: list[Film] = []
        self.failed: dict[str, str] = {}
        self._changing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, film: Film) -> None:
        """Film a scene, now or after those that were asked for before."""
        with self._changing:
            if film == self.now or film in self.waiting:
                return
            self.failed.pop(film.scene, None)
            self.waiting.append(film)
            if self.now is None:
                self.now, self.progress = self.waiting.pop(0), Progress("starting")
                self._stop.clear()
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
        self.told()

    def stop(self) -> None:
        """Film no more, of this scene and of those that wait."""
        with self._changing:
            self.waiting.clear()
            self._stop.set()
        self.told()

    def close(self) -> None:
        """Stop, and wait for what is at work."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def state(self) -> dict[str, Any]:
        """What the page shows of it."""
        with self._changing:
            now = {**self.now.model_dump(), **asdict(self.progress)} if self.now is not None else None
            waiting = [film.scene for film in self.waiting]
            return {"now": now, "waiting": waiting, "failed": dict(self.failed)}

    def _report(self, progress: Progress) -> None:
        with self._changing:
            self.progress = progress
        self.told()

    def _work(self) -> None:
        while (film := self.now) is not None:
            why = self.filmer(film, self._report, self._stop)
            with self._changing:
                if why and not self._stop.is_set():
                    self.failed[film.scene] = why
                self.now = self.waiting.pop(0) if self.waiting else None
                self.progress = Progress("starting")
            self.told()
