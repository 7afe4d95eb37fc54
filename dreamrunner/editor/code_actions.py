"""Code actions: mend what a diagnostic complains of, declare a name, write the planner's fill into the story."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from dreamrunner.editor.analysis import Analysis, Filled
from dreamrunner.editor.edits import filling_edits, line_edits
from dreamrunner.editor.goto_and_rename import edit_of
from dreamrunner.editor.names import Kind, name_at, names
from dreamrunner.editor.workspace import Library
from dreamrunner.language import Diagnostic, gaps
from dreamrunner.language.diagnostics import Change
from dreamrunner.language.fixing.declaring import declaration
from dreamrunner.language.fixing.fixes import fixes
from dreamrunner.language.parsing.line_parser import locate
from dreamrunner.language.story import Location, Story
from dreamrunner.language.syntax import stretches
from dreamrunner.planning.mending import mended
from dreamrunner.planning.plan import Plan
from dreamrunner.planning.written.edits import fill_edits

MEND, REWRITE = types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite
ALL = types.CodeActionKind.SourceFixAll


@dataclass(frozen=True, slots=True)
class _Place:
    """What actions are asked for: lines from 0 to 0, both inclusive, and the start's column."""

    first: int
    last: int
    column: int


def code_actions(
    library: Library,
    analysis: Analysis,
    found: Sequence[tuple[Diagnostic, types.Diagnostic]],
    asked: types.Range,
    only: Sequence[str] | None,
) -> list[types.CodeAction]:
    """What can be done about a stretch of a text. ``found`` are its diagnostics; ``only`` the kinds that are wanted."""
    row, column = library.column(analysis, asked.start)
    place = _Place(row, max(row, asked.end.line), column)
    makers: list[tuple[str, Callable[[], Iterator[types.CodeAction]]]] = [
        (MEND, lambda: _mends(library, analysis, found, place)),
        (REWRITE, lambda: _declare_motion(library, analysis, place)),
        (REWRITE, lambda: _fills(library, analysis, place)),
    ]
    offered = [action for kind, make in makers if _wanted(kind, only) for action in make()]
    if only and _wanted(ALL, only):  # what changes a text as a whole is done on saving, and only where it is asked for
        offered += _mend_all(library, analysis)
    # What mends a mistake is not offered once more as something that can be done anyhow.
    return list({action.title: action for action in reversed(offered)}.values())[::-1]


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    return not only or any(kind == each or kind.startswith(f"{each}.") for each in only)


# Mending


def _mends(
    library: Library, analysis: Analysis, found: Sequence[tuple[Diagnostic, types.Diagnostic]], place: _Place
) -> Iterator[types.CodeAction]:
    for item, shown in found:
        where, places = item.location, _places(analysis, item)
        if where.file != analysis.path or not any(
            each.end_line - 1 >= place.first and each.line - 1 <= place.last for each in places
        ):
            continue
        for fix in fixes(item, analysis.syntax):
            edits = [_edit(library, analysis, change) for change in fix.changes]
            yield _mend(library, analysis, fix.title, edits, shown, preferred=fix.sure)


def _mend_all(library: Library, analysis: Analysis) -> list[types.CodeAction]:
    """All that is safe, as `check --fix` mends it."""
    done = mended(analysis.text, analysis.path, allow_outside=analysis.allow_outside, unsaved=analysis.unsaved)
    if not done.fixes:
        return []
    edits = line_edits(library, analysis, analysis.text, done.text)
    edit = edit_of(library, {library.uri(analysis.path): edits})
    return [types.CodeAction("Mend all that is safe", kind=ALL, edit=edit)]


def _edit(library: Library, analysis: Analysis, change: Change) -> types.TextEdit:
    return types.TextEdit(library.range(change.location), change.text.replace("\n", analysis.newline))


def _places(analysis: Analysis, item: Diagnostic) -> list[Location]:
    """Where a mistake stands: a name that is not declared is one, however often it is used, and so are tabs."""
    found = []
    if item.code == "unknown-entity":
        text = _text(analysis, item.location)
        found = [name.location for name in names(analysis) if name.kind is Kind.ENTITY and name.text == text]
    elif item.code == "tab-indent":
        found = [locate(analysis.path, token) for token in analysis.layout.tabs]
    return found or [item.location]


def _mend(
    library: Library,
    analysis: Analysis,
    title: str,
    edits: list[types.TextEdit],
    shown: types.Diagnostic,
    *,
    preferred: bool,
) -> types.CodeAction:
    return types.CodeAction(
        title,
        kind=MEND,
        diagnostics=[shown],
        is_preferred=preferred or None,
        edit=edit_of(library, {library.uri(analysis.path): edits}),
    )


# Declaring


def _declare_motion(library: Library, analysis: Analysis, place: _Place) -> Iterator[types.CodeAction]:
    """A motion need not be declared; declared, it can say what to search for."""
    name = name_at(analysis, place.first, place.column)
    if name is not None and name.kind is Kind.MOTION and name.text not in analysis.cast.motions:
        edits = [_edit(library, analysis, declaration(analysis.syntax, "motion", name.text))]
        edit = edit_of(library, {library.uri(analysis.path): edits})
        yield types.CodeAction(f"Declare motion `{name.text}`", kind=REWRITE, edit=edit)


# Filling


def _fills(library: Library, analysis: Analysis, place: _Place) -> Iterator[types.CodeAction]:
    """Write into the story what the planner made of the scenes at a place, or of all scenes."""
    filled = analysis.filled
    if filled is None:
        return
    story = filled.story
    beats = {scene.name: [beat.entity for beat in scene.beats] for scene in story.scenes}
    # A fill that was edited by hand into other beats can't be told together with the author's.
    fitting = tuple(
        scene
        for scene in filled.plan.scenes
        if not beats.get(scene.name) or beats[scene.name] == [beat.entity for beat in scene.beats]
    )
    plan = filled.plan.model_copy(update={"scenes": fitting})
    left = {name for name in _open(story) if name in {scene.name for scene in fitting}}
    chosen = left & _scenes_at(analysis, place)
    if chosen:
        some = plan.model_copy(update={"scenes": tuple(scene for scene in fitting if scene.name in chosen)})
        what = f"fill of scene `{min(chosen)}`" if len(chosen) == 1 else f"fills of {len(chosen)} scenes"
        yield _fill(library, analysis, f"Write the {what} into the story", filled, some)
    if (left - chosen and len(left) > 1) or not story.scenes:
        yield _fill(library, analysis, "Write all fills into the story", filled, plan)


def _open(story: Story) -> list[str]:
    """The scenes with a gap."""
    lines = {gap.location for gap in gaps(story)}
    return [
        scene.name
        for scene in story.scenes
        if scene.location in lines or any(beat.location in lines for beat in scene.beats)
    ]


def _scenes_at(analysis: Analysis, place: _Place) -> set[str]:
    """The scenes that the lines of a place touch."""
    return {
        block.name.raw
        for block, lines in stretches(analysis.syntax)
        if block.kind.text == "scene" and lines.start - 1 <= place.last and place.first < lines.stop - 1
    }


def _fill(library: Library, analysis: Analysis, title: str, filled: Filled, plan: Plan) -> types.CodeAction:
    edits = filling_edits(library, analysis, fill_edits(filled.text, filled.syntax, plan))
    return types.CodeAction(title, kind=REWRITE, edit=edit_of(library, {library.uri(analysis.path): edits}))


def _text(analysis: Analysis, where: Location) -> str:
    return analysis.lines[where.line - 1][where.column - 1 : where.end_column - 1]
