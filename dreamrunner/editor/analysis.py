"""What is known of one text: each part is worked out when it is first asked for, and kept.

A text that is being typed is broken most of the time. What can be read of it is its :attr:`Analysis.sound` part: the
text with every block that holds an error left blank, so that lines and columns stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from dreamrunner.files.text import with_line_ends
from dreamrunner.language import Checked, Story, check_text, gaps
from dreamrunner.language.checker import Valid, check_parsed
from dreamrunner.language.declarations import Cast
from dreamrunner.language.diagnostics import Diagnostic
from dreamrunner.language.files import read_text
from dreamrunner.language.parsing.lines import Layout, all_block_starts, block_starts_in_strings, lay_out
from dreamrunner.language.parsing.parser import Parsed, parse
from dreamrunner.language.project.finding import project_of
from dreamrunner.language.story import Location
from dreamrunner.language.syntax import Syntax, stretches
from dreamrunner.planning import Plan, plan_story
from dreamrunner.planning.noticed import noticed
from dreamrunner.planning.written.file import Draft, draft, filled_path
from dreamrunner.planning.written.kept import Kept
from dreamrunner.planning.written.origins import HAND, SceneOrigins, scene_origins

_OWN = ("text", "newline", "lines", "parsed", "layout")
_ROUNDS = 5  # leaving out a declaration breaks the scenes that use it, and those others; no further


@dataclass(frozen=True, slots=True)
class Filled:
    """A text's sound part with the plan of it, and by scene the planner that filled it.

    ``taken`` names the scenes whose fills are from the filled story beside it, ``edited`` those of them that somebody
    edited there.
    """

    text: str
    syntax: Syntax
    story: Story
    plan: Plan
    fillers: Mapping[str, str]
    taken: frozenset[str] = frozenset()
    edited: frozenset[str] = frozenset()

    @property
    def by(self) -> Mapping[str, str]:
        """By scene who filled it: a planner's name, or ``hand`` where that was edited since."""
        return {**self.fillers, **dict.fromkeys(self.edited, HAND)}


class Analysis:
    """One text of a file as it is now. ``unsaved`` holds the texts that go before those on disk, its own included.

    Its paths may leave its folder only with ``allow_outside``.
    """

    def __init__(self, path: Path, text: str, unsaved: Mapping[Path, str], *, allow_outside: bool = False) -> None:
        self.path = path
        self.text = with_line_ends(text.removeprefix("\ufeff"))
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.unsaved = unsaved
        self.allow_outside = allow_outside

    def renewed(self, unsaved: Mapping[Path, str]) -> Analysis:
        """The same text, now that others have changed: only what hangs on it alone is still known."""
        made = Analysis(self.path, "", unsaved, allow_outside=self.allow_outside)
        made.__dict__ |= {name: self.__dict__[name] for name in _OWN if name in self.__dict__}
        return made

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")

    @cached_property
    def parsed(self) -> Parsed:
        return parse(self.text, self.path)

    @property
    def syntax(self) -> Syntax:
        return self.parsed.syntax

    @cached_property
    def layout(self) -> Layout:
        """The lines' tokens, read as the parser read them where it could read all."""
        cuts = []
        if self.parsed.diagnostics and block_starts_in_strings(self.text):
            cuts = all_block_starts(self.text)
        return lay_out(self.text, cuts)

    @cached_property
    def checked(self) -> Checked:
        return check_parsed(self.text, self.parsed, allow_outside=self.allow_outside, unsaved=self.unsaved)

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is found in the text, what its planner would film nothing of, and what its model can't draw."""
        checked = self.checked
        return (*checked.diagnostics, *noticed(checked.story)) if isinstance(checked, Valid) else checked.diagnostics

    @cached_property
    def cast(self) -> Cast:
        """Everything that the text can name, its own and that of the files it uses."""
        return self.checked.cast

    @cached_property
    def sound(self) -> Valid | None:
        """The text without the blocks that hold errors, in this file and in those it uses; None when none is left.

        Its own text has blank lines for the rest.
        """
        texts = {**self.unsaved, self.path: self.text}
        checked, project = self.checked, project_of(self.path)
        for _ in range(_ROUNDS):
            if isinstance(checked, Valid):
                return checked
            errors = [item.location for item in checked.errors if item not in project.diagnostics]
            for file in {place.file for place in errors}:
                text = texts[file] if file in texts else read_text(file, Location(file, 1, 1, 1, 1), empty=True)
                if not isinstance(text, str):
                    return None
                texts[file] = _blanked(with_line_ends(text), file, [p.line for p in errors if p.file == file])
            checked = check_text(
                texts[self.path],
                self.path,
                allow_outside=self.allow_outside,
                unsaved=texts,
                project=project.without_mistakes(),
            )
        return None

    @cached_property
    def filled(self) -> Filled | None:
        """The plan of what is sound, with the fills of the filled story beside it where they fit.

        Scenes that only a chat model could fill are not in the plan.
        """
        checked = self.sound
        if checked is None:
            return None
        story = checked.story
        taken: frozenset[str] = frozenset()
        edited: frozenset[str] = frozenset()
        target = filled_path(self.path)
        if target != self.path and (before := self._beside(target)) is not None:
            made = draft(checked, Kept.of(before, target))
            if isinstance(made, Draft):
                story, taken, edited = made.story, made.taken, made.edited
        if story.planner != "offline":
            told = tuple(scene for scene in story.scenes if not any(gaps(replace(story, scenes=(scene,)))))
            story = replace(story, scenes=told)
        # No scenes are made up beside one that can't be read yet.
        begun = any(block.kind.text == "scene" for block in self.syntax.blocks)
        if not story.scenes and (begun or story.planner != "offline" or not story.topic):
            return None
        plan = plan_story(story).plan
        if plan is None:
            return None
        by = {scene.name: scene.filled_by or plan.planner for scene in story.scenes}
        return Filled(checked.text, checked.parsed.syntax, checked.story, plan, by, taken, edited)

    @cached_property
    def origins(self) -> Mapping[str, SceneOrigins]:
        """Where everything in the plan of what is sound is from, by scene."""
        filled = self.filled
        if filled is None:
            return {}
        return scene_origins(filled.story, filled.plan, filled.fillers, filled.edited)

    def _beside(self, target: Path) -> str | None:
        if target in self.unsaved:
            return self.unsaved[target]
        if not target.is_file():
            return None
        text = read_text(target, Location(target, 1, 1, 1, 1), empty=True)
        return text if isinstance(text, str) else None


def _blanked(text: str, file: Path, wrong: list[int]) -> str:
    """``text`` with blank lines in place of the blocks that hold one of the lines ``wrong``, or of the line alone."""
    lines = text.split("\n")
    blocks = [stretch for _, stretch in stretches(parse(text, file).syntax)]
    for line in wrong:
        for number in next((stretch for stretch in blocks if line in stretch), range(line, line + 1)):
            if number <= len(lines):
                lines[number - 1] = ""
    return "\n".join(lines)
