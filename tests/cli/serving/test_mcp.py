"""The server for programs, through the SDK's own client and a real process."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest
from mcp import Client, StdioServerParameters

from tests.material import warm
from tests.material.two_scenes import STORY


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a story, in another that has settings and a story of its own."""
    (tmp_path / "dreamrunner.toml").write_text('seed = 5\nstyle = "oil"\n')
    (tmp_path / "other.story").write_text(STORY)
    root = tmp_path / "root"
    root.mkdir()
    (root / "two.story").write_text(STORY)
    return root


@asynccontextmanager
async def client(root: Path) -> AsyncIterator[Client]:
    environment = warm.environment(DREAMRUNNER_CACHE=str(root / "cache"))
    words = ["-m", "dreamrunner", "mcp", "--root", str(root)]
    server = StdioServerParameters(command=sys.executable, args=words, env=environment)
    async with Client(server) as connected:
        yield connected


def talk(root: Path, work: Callable[[Client], Awaitable[None]]) -> None:
    async def main() -> None:
        with anyio.fail_after(120):
            async with client(root) as connected:
                await work(connected)

    anyio.run(main)


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    return str(answer.content[0].text)


async def value(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    assert answer.structured_content is not None
    return answer.structured_content


def test_a_program_checks_plans_and_draws_a_story_and_nothing_outside(root: Path) -> None:
    async def work(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert [each.name for each in tools] == ["check", "plan", "storyboard", "build", "takes"]
        assert all(each.description and each.output_schema for each in tools)

        assert await value(client, "check") == {"errors": 0, "warnings": 0, "problems": []}
        (root / "bad.story").write_text(STORY.replace("  witch stirring", "  wich stirring"))
        found = await value(client, "check", path="bad.story")
        assert found["errors"] == 1
        assert found["problems"][0]["file"] == "bad.story"
        assert "witch" in found["problems"][0]["message"] + found["problems"][0]["help"]

        planned = await value(client, "plan", story="two.story")
        assert planned["file"] == "two.plan.story"
        assert planned["text"] == (root / "two.plan.story").read_text()
        drawn = await value(client, "storyboard", story="two.story")
        assert drawn == {"picture": "build/two/boxes.png", "page": "build/two/boxes.html", "said": []}
        assert (root / drawn["picture"]).is_file() and (root / drawn["page"]).is_file()
        assert await value(client, "takes", story="two.story") == {"takes": [], "said": ""}

        held = f"is not in {root}, the folder that this server is held to"
        for tool in ("plan", "storyboard", "build", "takes"):
            assert held in await refused(client, tool, story="../other.story")
        assert held in await refused(client, "check", path="..")
        assert "no such file" in await refused(client, "plan", story="none.story")
        assert "bad.story:" in await refused(client, "build", story="bad.story")

    before = {path: path.stat().st_mtime_ns for path in root.parent.iterdir() if path != root}
    talk(root, work)
    assert {path: path.stat().st_mtime_ns for path in root.parent.iterdir() if path != root} == before


def test_a_build_tells_how_far_it_is_and_stops_when_it_is_cancelled(root: Path) -> None:
    async def work(client: Client) -> None:
        told: list[str] = []
        begun = anyio.Event()

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            told.append(message or "")
            begun.set()

        async def build() -> None:
            await client.call_tool("build", {"story": "two.story", "steps": 1}, progress_callback=hear)

        async with anyio.create_task_group() as group:
            group.start_soon(build)
            await begun.wait()
            assert builds(root)
            group.cancel_scope.cancel()
        assert told[0] == "read two.story"
        while builds(root):
            await anyio.sleep(0.02)
        assert not (root / "build" / "two" / "two.mp4").exists()
        assert (await value(client, "check"))["errors"] == 0

    talk(root, work)


def builds(root: Path) -> list[psutil.Process]:
    """The builds that run in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if "build" in process.cmdline()[:4] and process.cwd() == str(root):
                found.append(process)
        except psutil.Error:
            continue
    return found
