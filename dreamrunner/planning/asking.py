"""The model that a story names as its planner, on a server or on this machine; what was mended, and what it used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dreamrunner.files.wording import counted
from dreamrunner.language import Story
from dreamrunner.planning.chat.planner import Chat
from dreamrunner.planning.local.folder import is_local
from dreamrunner.planning.planner import Answer

if TYPE_CHECKING:
    from dreamrunner.planning.local.planner import LocalPlanner


class Asking:
    """Asks the story's model, if it comes to that. ``jobs``, ``timeout`` (seconds for each reply, None for the usual)
    and ``table`` (prices) are a server's."""

    def __init__(
        self, jobs: int = 4, timeout: float | None = None, table: Mapping[str, tuple[float, float]] | None = None
    ) -> None:
        self.chat = Chat(jobs, timeout, table)
        self.local: LocalPlanner | None = None

    def __call__(self, story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        if not is_local(story.planner):
            return self.chat(story, scenes)
        from dreamrunner.planning.local.planner import LocalPlanner

        self.local = LocalPlanner()
        return self.local(story, scenes)

    @property
    def asked(self) -> bool:
        """Whether anybody was asked."""
        return self.chat.planner is not None or self.local is not None

    def remarks(self) -> tuple[str, ...]:
        """What was mended in the model's answers, a line for each of them."""
        return tuple(self.local.remarks) if self.local is not None else self.chat.remarks()

    def account(self) -> str:
        """What was used, in words; a server's is also noted in the cache folder. Empty where nothing was."""
        if self.local is None:
            return self.chat.account()
        if not self.local.replies:
            return ""
        return f"used {counted(self.local.replies, 'reply', 'replies')}, {self.local.tokens_out} tokens out"
