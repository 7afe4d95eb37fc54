"""The chat model that a story names as its planner, asked only where there is a gap, and an account of what it used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dreamrunner.files.wording import counted
from dreamrunner.language import Story
from dreamrunner.planning.chat.costs import dollars, prices, record
from dreamrunner.planning.planner import Answer

if TYPE_CHECKING:
    from dreamrunner.planning.chat.client import ChatPlanner


class Chat:
    """Asks the story's chat model, if it comes to that; ``timeout``: seconds for each reply, None for the usual."""

    def __init__(
        self, jobs: int = 4, timeout: float | None = None, table: Mapping[str, tuple[float, float]] | None = None
    ) -> None:
        self.jobs, self.timeout, self.table = jobs, timeout, table
        self.model = ""
        self.planner: ChatPlanner | None = None

    def __call__(self, story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        from dreamrunner.planning.chat.client import ChatPlanner
        from dreamrunner.servers.retrying import RetryPolicy

        policy = RetryPolicy(request=self.timeout, total=3 * self.timeout) if self.timeout else RetryPolicy()
        self.model, self.planner = story.planner, ChatPlanner(self.jobs, policy)
        return self.planner(story, scenes)

    def remarks(self) -> tuple[str, ...]:
        """What was mended in the model's answers, a line for each of them."""
        return tuple(self.planner.remarks) if self.planner is not None else ()

    def account(self) -> str:
        """Note in the cache folder what was used, and say it; empty where nothing was."""
        if self.planner is None or not self.planner.usage.replies:
            return ""
        used = self.planner.usage
        counts = used.tokens_in + used.tokens_out > 0
        table = prices() if self.table is None else self.table
        spent = dollars(table, self.model, used.tokens_in, used.tokens_out)
        cost = spent if counts else "the server does not count them"
        record(self.model, used.replies, used.tokens_in, used.tokens_out, cost)
        replies = counted(used.replies, "reply", "replies")
        return f"used {replies}, {used.tokens_in} tokens in, {used.tokens_out} out: {cost}"
