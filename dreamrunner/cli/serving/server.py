"""The server that programs speak to: the Model Context Protocol over standard input and output.

Each tool does what the command of its name does, in a process of its own, on files of one folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from dreamrunner.cli.serving.hearing import Hearing
from dreamrunner.cli.serving.results import Checked, Drawn, Film, Planned, Take, Takes, problem
from dreamrunner.cli.serving.rooted import Outside, Rooted
from dreamrunner.cli.serving.running import Ended, run
from dreamrunner.files.json import parse
from dreamrunner.files.regular import read_regular
from dreamrunner.version import __version__

INSTRUCTIONS = """\
DreamRunner films stories that are written as text (.story files). Write or edit a story in the root folder, `check` it
until it has no error, look at its `storyboard`, which takes seconds, then `build` it, which films for minutes and does
again only what changed. `plan` shows what the planner fills in where the story leaves something out. Of a scene that
was filmed several times `takes` lists the takes and chooses one. Paths are relative to the root folder.
"""

StoryPath = Annotated[str, Field(description="path of the .story file, relative to the root folder")]

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


def server(root: Path) -> MCPServer:
    """The server for the files of a folder. Raises OSError where that is none."""
    place = Rooted(root)
    made = MCPServer("dreamrunner", version=__version__, instructions=INSTRUCTIONS, log_level="ERROR")

    def story_at(named: str) -> Path:
        try:
            return place.story(named)
        except Outside as error:
            raise ToolError(str(error)) from None

    @made.tool(annotations=READS)
    async def check(
        path: Annotated[str, Field(description="a .story file, or a folder of them, relative to the root")] = ".",
    ) -> Checked:
        """Say what is wrong in a story or in all stories of a folder, where, and what to do."""
        try:
            where = place.path(path)
        except Outside as error:
            raise ToolError(str(error)) from None
        ended = await run(["check", "--format", "json", "--", str(where)], place.root)
        if ended.code not in (0, 1) or not ended.out.strip():
            raise _failed(ended)
        found = [problem(record) for record in parse(ended.out)]
        errors = sum(each.severity == "error" for each in found)
        return Checked(errors=errors, warnings=len(found) - errors, problems=found)

    @made.tool(annotations=WRITES)
    async def plan(
        story: StoryPath,
        again: Annotated[list[str], Field(description="scenes to fill anew that were filled before")] = [],  # noqa: B006
    ) -> Planned:
        """Fill what a story leaves open, into NAME.plan.story beside it; what the author wrote stays as it is."""
        path = await anyio.to_thread.run_sync(story_at, story)
        anew = [f"--again={scene}" for scene in again]
        ended = await run(["plan", *_dashes(path), *anew], place.root)
        if ended.code != 0:
            raise _failed(ended)
        file = ended.out.strip().splitlines()[-1]
        text = read_regular(place.root / place.path(file)).decode("utf-8", "replace")
        return Planned(file=file, text=text, said=list(ended.said))

    @made.tool(annotations=WRITES)
    async def storyboard(story: StoryPath) -> Drawn:
        """Draw the planned boxes of every scene, without filming: a picture, and a page that plays it."""
        path = await anyio.to_thread.run_sync(story_at, story)
        folder = _film_folder(place, path)
        ended = await run(["storyboard", *_dashes(path), "--out", str(folder / "boxes.png")], place.root)
        if ended.code != 0:
            raise _failed(ended)
        picture, page = ended.out.strip().splitlines()[-2:]
        return Drawn(picture=picture, page=page, said=list(ended.said))

    @made.tool(annotations=WRITES)
    async def build(
        story: StoryPath,
        context: Context,
        scene: Annotated[str, Field(description="film this scene alone; empty: the whole story")] = "",
        draft: Annotated[bool, Field(description="a quick look with few steps, that learns nothing")] = False,
        seed: Annotated[int | None, Field(description="of the film, in place of the story's", ge=0)] = None,
        steps: Annotated[int | None, Field(description="denoising steps, in place of the model's", ge=1)] = None,
        takes: Annotated[int | None, Field(description="film each scene so often, and take the best", ge=1)] = None,
    ) -> Film:
        """Film a story. It takes minutes; progress is reported, and a call that is cancelled stops the filming, of
        which what is finished is kept. Done again, it films only what changed."""
        path = await anyio.to_thread.run_sync(story_at, story)
        folder = _film_folder(place, path)
        words = ["build", *_dashes(path), "--log", "json", "--out", str(folder)]
        given = {"--scene": scene or None, "--seed": seed, "--steps": steps, "--takes": takes}
        words += [f"{option}={value}" for option, value in given.items() if value is not None]
        words += ["--draft"] if draft else []
        heard = Hearing()

        async def hear(line: str) -> None:
            before = heard.done
            if (told := heard.hear(line)) is not None or heard.done != before:
                await context.report_progress(heard.done, heard.total or None, told)

        ended = await run(words, place.root, hear)
        if ended.code != 0:
            raise ToolError("; ".join(heard.wrong) or f"the build ended with {ended.code}")
        film = ended.out.strip().splitlines()[-1]
        return Film(film=film, folder=str(folder), said=heard.said)

    @made.tool(annotations=WRITES)
    async def takes(
        story: StoryPath,
        scene: Annotated[str, Field(description="the takes of this scene alone; empty: of all")] = "",
        choose: Annotated[int | None, Field(description="write take N's seed into the scene", ge=1)] = None,
    ) -> Takes:
        """List the takes of a film's scenes, or choose one of a scene: the film has it after the next build."""
        path = await anyio.to_thread.run_sync(story_at, story)
        folder = _film_folder(place, path)
        said = ""
        if choose is not None:
            if not scene:
                raise ToolError("choose goes with scene, which says whose take it is")
            words = ["takes", *_dashes(path), "--out", str(folder), f"--choose={scene}:{choose}"]
            ended = await run(words, place.root)
            if ended.code != 0:
                raise _failed(ended)
            said = ended.out.strip()
        found = await anyio.to_thread.run_sync(_takes, place, path, folder, scene)
        return Takes(takes=found, said=said)

    return made


def serve(root: Path) -> None:
    """Serve one program until it closes standard input. Raises OSError where the root is no folder."""
    server(root).run("stdio")


def _dashes(path: Path) -> list[str]:
    """A path as an argument, which no name makes an option."""
    return [f"./{path}" if str(path).startswith("-") else str(path)]


def _film_folder(place: Rooted, story: Path) -> Path:
    try:
        return place.film_folder(story)
    except Outside as error:
        raise ToolError(str(error)) from None


def _takes(place: Rooted, story: Path, folder: Path, only: str) -> list[Take]:
    from dreamrunner.language.checker import read_story
    from dreamrunner.pipeline.kept_takes import kept_takes

    read = read_story(story).story
    if read is None:
        raise ToolError(f"{story} has errors: check it")
    names = [scene.name for scene in read.scenes]
    if only and only not in names:
        raise ToolError(f"the story has no scene {only}; it has {', '.join(names)}")
    return [
        Take(
            scene=name,
            number=take.number,
            seed=take.seed,
            film=str(place.path(str(take.film))),
            score=take.marks.score if take.marks is not None else None,
            in_film=take.filmed,
        )
        for name in names
        if not only or name == only
        for take in kept_takes(folder, name)
    ]


def _failed(ended: Ended) -> ToolError:
    """Why a command failed, in its own words."""
    lines = [line.removeprefix("error: ") for line in ended.said if line.strip()]
    return ToolError("\n".join(lines) or f"it ended with {ended.code}")
