"""A story's text with what mends it: what is wrong in it, and what its planner or its model would make nothing of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dreamrunner.language.checker import Valid, check_text
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.fixing.applying import Mended, mend
from dreamrunner.language.syntax import Syntax
from dreamrunner.planning.noticed import noticed


def mended(
    text: str,
    path: Path,
    *,
    allow_outside: bool = False,
    unsafe: bool = False,
    unsaved: Mapping[Path, str] | None = None,
) -> Mended:
    """A story's text with what mends it, and what that is; what is not safe only where ``unsafe``.

    Texts of ``unsaved`` go before those of files that the story uses. Paths may leave its folder only with
    ``allow_outside``.
    """

    def find(text: str) -> tuple[tuple[Diagnostic, ...], Syntax | None]:
        checked = check_text(text, path, allow_outside=allow_outside, unsaved=unsaved)
        found = checked.diagnostics
        if isinstance(checked, Valid):
            found = (*found, *noticed(checked.story))
        return found, checked.parsed.syntax if checked.parsed is not None else None

    return mend(text, find, unsafe=unsafe)
