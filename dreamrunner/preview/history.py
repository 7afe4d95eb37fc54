"""What the texts of a story have said one after another, whoever wrote them, and the way back.

A step is any change that was seen: one of the page's, or a save of the editor's. Where somebody else goes back a step,
as an editor does that undoes, that is seen as going back, so that the page can go forward again from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dreamrunner.files.in_place import replace_bytes
from dreamrunner.files.regular import read_regular

State = tuple[bytes | None, ...]
"""What each file holds; None where it is not there."""

_MOST_STEPS = 300
_MOST_BYTES = 32 * 2**20


def read_state(files: Iterable[Path]) -> State:
    """What the files hold now. One that can't be read counts as not there."""
    return tuple(_read(file) for file in files)


def _read(file: Path) -> bytes | None:
    try:
        return read_regular(file)
    except OSError:
        return None


@dataclass(slots=True)
class History:
    """The states of ``files`` that were seen, of which ``states[at]`` is how they are now."""

    files: Sequence[Path]
    states: list[State] = field(default_factory=list)
    at: int = -1

    def see(self, state: State) -> None:
        """Take note of how the files are now."""
        if self.at >= 0 and state == self.states[self.at]:
            return
        if state[0] is None and self.states:
            return  # a file that is being put in another's place, or has gone, is no step
        for step in (-1, 1):
            if 0 <= self.at + step < len(self.states) and self.states[self.at + step] == state:
                self.at += step
                return
        del self.states[self.at + 1 :]
        self.states.append(state)
        while len(self.states) > _MOST_STEPS or (len(self.states) > 2 and self._size() > _MOST_BYTES):
            del self.states[0]
        self.at = len(self.states) - 1

    def can(self, step: int) -> bool:
        """Whether there is a state to go to, -1 back or 1 forward."""
        return 0 <= self.at + step < len(self.states)

    def go(self, step: int) -> Path | None:
        """Write what the files said a step before (-1) or after (1). The first file that was written, None for none:
        where there is no such step, or a file says something else than was seen last.

        Raises:
            OSError: a file can't be written. It then is as it was.
        """
        if not self.can(step) or read_state(self.files) != self.states[self.at]:
            return None
        written = None
        for file, now, then in zip(self.files, self.states[self.at], self.states[self.at + step], strict=True):
            if now == then:
                continue
            if then is None:
                file.unlink(missing_ok=True)
            elif not replace_bytes(file, now, then):
                return None
            written = written or file
        self.at += step
        return written

    def _size(self) -> int:
        return sum(len(text) for state in self.states for text in state if text)
