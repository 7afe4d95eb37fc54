"""The links above each scene, and what they do in an editor that has no commands of its own."""

from __future__ import annotations

import asyncio
import urllib.request
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from dreamrunner.cli.parsing import parse
from dreamrunner.editor.lenses.doing import PROGRAM, arguments_of, folder_of, reason
from dreamrunner.editor.lenses.shown import COMMANDS, commands_of
from tests.material.editor_session import BROKEN, Editor

STORY = """\
character cat "a cat"

scene garden
  cat sitting 0s..6s "a cat is sitting"
    at 0s left

scene beach
"""


def lenses(editor: Editor, uri: str) -> list[types.CodeLens]:
    return editor.ask("text_document_code_lens", types.CodeLensParams(types.TextDocumentIdentifier(uri)))


def click(editor: Editor, link: str, uri: str, scene: str) -> str:
    """What the editor is told after a click, which this waits for."""
    before = len(editor.messages)
    assert editor.ask("workspace_execute_command", types.ExecuteCommandParams(COMMANDS[link], [uri, scene])) is None

    async def told() -> None:
        while len(editor.messages) == before or editor.messages[-1].endswith("..."):
            await asyncio.sleep(0.02)

    editor.run(told())
    return editor.messages[-1].removeprefix("DreamRunner: ")


def test_four_links_stand_above_every_scene_also_where_others_can_not_be_read(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text(STORY + BROKEN + "scene 5\n")
    uri = editor.open(path)
    found = [(lens.range.start.line, lens.command.title, [*lens.command.arguments]) for lens in lenses(editor, uri)]
    rows = ((2, "garden"), (6, "beach"), (8, "broken"))
    assert found == [(row, link, [uri, scene]) for row, scene in rows for link in COMMANDS]
    assert [lens.command.command for lens in lenses(editor, uri)[:4]] == list(COMMANDS.values())


def test_a_client_names_commands_of_its_own() -> None:
    assert commands_of(None) == commands_of({"lenses": 7}) == commands_of({"lenses": {"film": 7}}) == COMMANDS
    own = commands_of({"lenses": {"film": "mine.film", "other": "x"}})
    assert own == COMMANDS | {"film": "mine.film"}
    assert list(own) == list(COMMANDS)


@pytest.mark.parametrize("link", COMMANDS)
def test_the_command_line_takes_what_a_link_runs(link: str) -> None:
    words = arguments_of(link, Path("/x/-a b.story"), "garden")
    parsed = parse(words)
    assert parsed.story == Path("/x/-a b.story")
    assert parsed.command.__module__.rpartition(".")[2] == {"film": "build"}.get(link, link)
    assert link != "film" or parsed.scene == "garden"
    assert "-P" in PROGRAM  # what lies in the story's folder is never run


def test_the_storyboard_is_drawn_and_shown(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text(STORY)
    page = Path(to_fs_path(click(editor, "storyboard", editor.open(path), "garden")) or "")
    assert page.name == "boxes.html" and page.is_file()
    assert "a cat is sitting" in page.read_text(encoding="utf-8")


def test_the_preview_is_served_once(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text(STORY)
    uri = editor.open(path)
    address, _, scene = click(editor, "preview", uri, "garden").partition("#")
    assert address.startswith("http://127.0.0.1:") and scene == "garden"
    with urllib.request.urlopen(address, timeout=10) as page:
        assert b"<title>" in page.read()
    assert click(editor, "preview", uri, "beach") == f"{address}#beach"


def test_what_is_not_saved_is_not_filmed(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text(STORY)
    uri = editor.open(path)
    editor.change(uri, STORY.replace("left", "right"))
    assert click(editor, "film", uri, "garden") == "save day.story first: what is done is done with the file"
    assert click(editor, "film", "untitled:Untitled-1", "garden") == "save the story first"
    assert click(editor, "film", uri, "--out=/tmp") == "save the story first"


def test_what_goes_wrong_is_told_in_the_commands_words(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text(STORY)
    told = click(editor, "takes", from_fs_path(str(path)) or "", "garden")
    assert "has no takes" in told
    assert reason("filming\nerror: the disk is full\n") == "the disk is full"
    assert reason("") == "it failed; `dreamrunner check` says why"


def test_a_command_runs_in_the_folder_that_is_open(tmp_path: Path) -> None:
    story = tmp_path / "a" / "b" / "x.story"
    assert folder_of(story, [tmp_path, tmp_path / "a", tmp_path / "c"]) == tmp_path / "a"
    assert folder_of(story, [tmp_path / "c"]) == tmp_path / "a" / "b"
