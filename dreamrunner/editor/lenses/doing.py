"""What a click on a link above a scene does in an editor that has no command of its own for it.

Each runs ``dreamrunner`` as a process of its own, on the file as it is saved, and shows what it made: in the editor or
by the system where the client can show documents, else as a message that names it.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

from dreamrunner.editor.workspace import Library
from dreamrunner.files.text import NAME, with_line_ends
from dreamrunner.language.files import read_text
from dreamrunner.language.story import Location

# -P: a folder of a story is never looked into for what is run.
PROGRAM = (sys.executable, "-P", "-m", "dreamrunner")
DOING = {"film": "Filming {scene}", "storyboard": "Drawing the storyboard", "takes": "Drawing the takes of {scene}"}

_ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+/[\w-]+/")
_LONGEST_WAIT = 30.0  # seconds until a preview has its address


def arguments_of(link: str, story: Path, scene: str) -> list[str]:
    """The words after ``dreamrunner`` for a link above a scene."""
    return {
        "preview": ["preview", "--no-open", "--", str(story)],
        "film": ["build", "--scene", scene, "--", str(story)],
        "storyboard": ["storyboard", "--", str(story)],
        "takes": ["takes", "--", str(story)],
    }[link]


class Deeds:
    """The processes of one server; they end with it. ``told`` gives what the client says that it can do."""

    def __init__(self, server: LanguageServer, library: Library, told: Callable[..., Any]) -> None:
        self.server, self.library, self.told = server, library, told
        self._running: dict[tuple[str, ...], asyncio.subprocess.Process] = {}
        self._previews: dict[Path, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, link: str, uri: str, scene: str) -> None:
        """Begin what a link asks for. What becomes of it is told to the editor as it goes."""
        path = self.library.path(uri)
        if not uri.startswith("file:") or not NAME.fullmatch(scene) or not path.is_file():
            self._say(types.MessageType.Warning, "save the story first")
        elif not self._is_saved(path):
            self._say(types.MessageType.Warning, f"save {path.name} first: what is done is done with the file")
        else:
            work = self._preview(path, scene) if link == "preview" else self._run(link, path, scene)
            task = asyncio.get_running_loop().create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Interrupt all that still runs."""
        for process in list(self._running.values()):
            interrupt(process)

    # One kind of work each

    async def _preview(self, path: Path, scene: str) -> None:
        """Serve the story's page, once, and show it at a scene."""
        words = arguments_of("preview", path, scene)
        if (address := self._previews.get(path)) is not None:
            await self._show(f"{address}#{scene}")
            return
        process = await self._begin(words, path)
        if process is None:
            return
        assert process.stdout is not None and process.stderr is not None
        told = asyncio.ensure_future(process.stderr.read())
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _LONGEST_WAIT)
            found = _ADDRESS.search(line)
            if found is None:
                process.kill()
                self._say(types.MessageType.Error, reason((await told).decode("utf-8", "replace")))
                return
            self._previews[path] = found[0].decode()
            await self._show(f"{self._previews[path]}#{scene}")
            await process.wait()
        except TimeoutError:
            process.kill()
            self._say(types.MessageType.Error, "the preview does not start")
        finally:
            self._previews.pop(path, None)
            self._running.pop(tuple(words), None)
            told.cancel()

    async def _run(self, link: str, path: Path, scene: str) -> None:
        """Run a command to its end, and show what it made."""
        words = arguments_of(link, path, scene)
        process = await self._begin(words, path)
        if process is None:
            return
        assert process.stdout is not None and process.stderr is not None
        told: list[str] = []
        title = DOING[link].format(scene=scene)
        token = await self._progress(title)
        out = asyncio.ensure_future(process.stdout.read())
        wanted = self.server.work_done_progress.tokens.get(token) if token is not None else None
        if wanted is not None:
            wanted.add_done_callback(lambda _: interrupt(process))
        try:
            async for line in process.stderr:
                told.append(line.decode("utf-8", "replace").strip())
                if token is not None:
                    report = types.WorkDoneProgressReport(message=told[-1], cancellable=True)
                    self.server.work_done_progress.report(token, report)
            code = await process.wait()
        finally:
            self._running.pop(tuple(words), None)
            if token is not None:
                self.server.work_done_progress.end(token, types.WorkDoneProgressEnd())
        if wanted is not None and wanted.cancelled():
            return
        if code != 0:
            self._say(types.MessageType.Error, reason("\n".join(told)))
            return
        made = [folder_of(path, self.library.folders) / line for line in (await out).decode().splitlines()]
        await self._show_made(link, made, scene)

    async def _show_made(self, link: str, made: list[Path], scene: str) -> None:
        files = [path for path in made if path.is_file()]
        wanted = {
            "film": files[:1],
            "storyboard": [path for path in files if path.suffix == ".html"],
            "takes": [path for path in files if path.stem == scene],
        }[link]
        if wanted:
            await self._show(from_fs_path(str(wanted[0])) or "")
        else:
            self._say(types.MessageType.Info, f"{scene} has no takes; `dreamrunner build --takes N` films some")

    # What they share

    async def _begin(self, words: list[str], path: Path) -> asyncio.subprocess.Process | None:
        if tuple(words) in self._running:
            self._say(types.MessageType.Info, "this is being done already")
            return None
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *words,
            cwd=folder_of(path, self.library.folders),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._running[tuple(words)] = process
        return process

    async def _progress(self, title: str) -> str | None:
        """The token of progress that the editor shows; None where it shows none, and is told once instead."""
        if not self.told("window", "work_done_progress"):
            self._say(types.MessageType.Info, f"{title} ...")
            return None
        token = str(uuid.uuid4())
        await self.server.work_done_progress.create_async(token)
        self.server.work_done_progress.begin(token, types.WorkDoneProgressBegin(title=title, cancellable=True))
        return token

    async def _show(self, uri: str) -> None:
        """Show a page or file by the system; where the client can't, say where it is."""
        shown = False
        if self.told("window", "show_document", "support"):
            asked = types.ShowDocumentParams(uri, external=True, take_focus=True)
            shown = (await self.server.window_show_document_async(asked)).success
        if not shown:
            self._say(types.MessageType.Info, uri)

    def _say(self, kind: types.MessageType, message: str) -> None:
        self.server.window_show_message(types.ShowMessageParams(kind, f"DreamRunner: {message}"))

    def _is_saved(self, path: Path) -> bool:
        opened = self.library.open_text(path)
        if opened is None:
            return True
        saved = read_text(path, Location(path, 1, 1, 1, 1), empty=True)
        return isinstance(saved, str) and with_line_ends(saved) == with_line_ends(opened.text)


def interrupt(process: asyncio.subprocess.Process) -> None:
    """Stop a process, as Ctrl-C does where there is that: what is done is kept. Nothing where it has ended."""
    with suppress(ProcessLookupError, OSError):
        if os.name == "posix":
            process.send_signal(signal.SIGINT)
        else:
            process.terminate()


def folder_of(story: Path, folders: list[Path]) -> Path:
    """Where a command on a story is run: the workspace's folder around it, or else its own."""
    around = [folder for folder in folders if story.is_relative_to(folder)]
    return max(around, key=lambda folder: len(folder.parts), default=story.parent)


def reason(told: str) -> str:
    """The last error that a command told, or that it failed."""
    errors = [line for line in told.splitlines() if "error: " in line]
    return errors[-1].partition("error: ")[2].strip() if errors else "it failed; `dreamrunner check` says why"
