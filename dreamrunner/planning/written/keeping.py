"""The filled story's file while its story is planned: answers are kept as they come, and edits by others stay.

A planner is asked for minutes, and who waits may edit what is filled already. What the file holds is compared with what
it held, each time that it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dreamrunner.files.in_place import ROUNDS, replace_bytes, replace_text
from dreamrunner.files.made import known, remember
from dreamrunner.files.regular import read_regular
from dreamrunner.files.text import with_line_ends
from dreamrunner.language import Diagnostic
from dreamrunner.language.files import read_text
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.story import Location
from dreamrunner.planning.plan import PlannedScene
from dreamrunner.planning.planner import Outline
from dreamrunner.planning.written.file import Draft, draft, filled_path, stretches
from dreamrunner.planning.written.kept import Kept

Save = Callable[[Path, str | None, str], bool]
"""Puts a text into a file that holds another, None where it is not there; False where it holds something else by now.
:func:`~dreamrunner.files.in_place.replace_text` is one."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What one answer puts into a draft: a scene without a gap or the scenes of a story, and who gave it."""

    answer: PlannedScene | Outline
    planner: str

    def into(self, begun: Draft) -> Draft | None:
        """The draft with it; None where that makes no sound story."""
        if isinstance(self.answer, Outline):
            return begun.begun(self.answer, self.planner).with_story()
        return begun.with_fill(self.answer, self.planner).with_story()

    def lacking(self, begun: Draft) -> bool:
        """Whether the draft has a gap where this fills one."""
        if isinstance(self.answer, Outline):
            return not begun.story.scenes
        return self.answer.name in begun.open_scenes


class FilledStory:
    """The file of a filled story that is being made.

    ``draft``: what goes into it.
    ``held``: the text that the file held when it was last read or written; None where there is none.
    ``aside``: copies of what others wrote there meanwhile, which may not all be taken up.
    """

    def __init__(self, begun: Draft, save: Save | None, again: Callable[[str], bool] = lambda scene: False) -> None:
        self.draft, self.aside = begun, list[Path]()
        self._save, self._again = save, again
        self._target = filled_path(begun.path)
        # A filled story that is planned itself stands in its own file.
        own = begun.checked.text if self._target == begun.path else None
        self.held = begun.kept.stands if begun.kept is not None else own
        self._made: list[Filling] = []

    def put(self, made: Draft, filling: Filling) -> None:
        """Go on from a draft into which an answer was just put, and save it.

        Raises:
            OSError: the file can't be written, or is saved by others again and again.
        """
        self.draft = made
        self._made.append(filling)
        self.keep()

    def keep(self) -> None:
        """Save the draft, with what others have edited in the file meanwhile. Raises OSError as :meth:`put`."""
        if self._save is None:
            return
        for _ in range(ROUNDS):
            text = self.draft.text()
            if self._save(self._target, self.held, text):
                remember(self._target, self._target)
                self.held = text
                return
            self._take_up()
        raise OSError(f"{self._target.name} is being saved again and again")

    def _take_up(self) -> None:
        """Begin anew from what the file holds by now, with the answers where it has gaps."""
        if not self._target.exists():
            self.held = None
            return
        text = read_text(self._target, Location(self._target, 1, 1, 1, 1), empty=True)
        if not isinstance(text, Diagnostic) and text == self.held:
            return
        self.aside.append(keep_aside(self.draft.path))
        if isinstance(text, Diagnostic):
            raise OSError(text.message)
        self.held = text
        done = {each.answer.name for each in self._made if isinstance(each.answer, PlannedScene)}
        if self._target == self.draft.path:
            return
        begun = draft(
            self.draft.checked,
            Kept.of(text, self._target),
            again=lambda scene: self._again(scene) and scene not in done,
        )
        for filling in self._made:
            if isinstance(begun, Draft) and filling.lacking(begun):
                begun = filling.into(begun) or begun
        if isinstance(begun, Draft):
            self.draft = begun


def keep_aside(path: Path) -> Path:
    """Keep a copy of the filled story of ``path``, whose text is about to be replaced; returns the copy.

    It is ``NAME.plan.story.bak``, or with a number where another text stands there. Raises OSError.
    """
    target = filled_path(path)
    text = read_regular(target)
    for number in count(1):
        copy = target.with_name(f"{target.name}.bak{number if number > 1 else ''}")
        if replace_bytes(copy, None, text) or (copy.is_file() and read_regular(copy) == text):
            return copy
    raise AssertionError("numbers end nowhere")


def edited_outside(path: Path, held: str | None, aside: Iterable[Path], text: str) -> list[str]:
    """What somebody wrote outside of scenes into the filled story of ``path`` and ``text`` lacks: that is the authored
    story's to say.

    It stands in what that file ``held``, unless that is as a command made it, or in the copies ``aside``. Raises
    OSError.
    """
    target = filled_path(path)
    edited = [read_regular(copy).decode("utf-8-sig", "replace") for copy in aside]
    if held is not None and not known(target):
        edited.append(held)
    new = set(_outside(text, target))
    return list(dict.fromkeys(line for each in edited for line in _outside(each, target) if line not in new))


def _outside(text: str, target: Path) -> list[str]:
    own = stretches(parse(text, target).syntax).values()
    lines = enumerate(with_line_ends(text).split("\n"), 1)
    return [line.strip() for number, line in lines if line.strip() and not any(number in each for each in own)]


def put_whole(path: Path, held: str | None, text: str) -> Path | None:
    """Put a text into the filled story of ``path``, which held another when it was planned from.

    Where somebody else has written there since, a copy of that is kept aside and comes back. Raises OSError.
    """
    target, aside = filled_path(path), None
    for _ in range(ROUNDS):
        if replace_text(target, held, text):
            remember(target, target)
            return aside
        held = _text_in(target)
        if held is not None:
            aside = keep_aside(path)
    raise OSError(f"{target.name} is being saved again and again")


def write_story(path: Path, text: str) -> None:
    """Put a text into a file whatever it held before, in the way of all texts that people edit. Raises OSError."""
    for _ in range(ROUNDS):
        if replace_text(path, _text_in(path), text):
            return
    raise OSError(f"{path.name} is being saved again and again")


def _text_in(path: Path) -> str | None:
    """What a file holds, as :func:`~dreamrunner.files.in_place.replace_text` compares it; None where there is none."""
    try:
        return read_regular(path).decode("utf-8-sig", "replace")
    except FileNotFoundError:
        return None
