"""Changing a text in place, in real processes: no other program's save, and no other page's, is ever lost."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dreamrunner.files.in_place import replace_bytes, replace_text

ROUNDS = 60
REPOSITORY = Path(__file__).parents[2]

PAGE = """
import json, sys, time
from pathlib import Path
from dreamrunner.files.in_place import replace_bytes

story, said, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
number = 0
while (asked := said.read_text()) != "end":
    before = story.read_bytes() if asked == "go" else b""
    if not before.startswith(b"editor"):
        said.with_name(f"{name}.heard").write_text(asked)
        time.sleep(0.001)
        continue
    number += 1
    line = f"{name} {number}\\n"
    done = replace_bytes(story, before, before + line.encode())
    print(json.dumps([before.decode().split("\\n")[0], line.strip(), done]), flush=True)
"""
"""Adds lines to what an editor has saved, each to the text that it has just read; tells of each whether it stands."""


class Pages:
    """Processes that change one file at once, as the pages of one story do, while ``go`` is said to them."""

    def __init__(self, story: Path, folder: Path, count: int) -> None:
        self.folder = folder
        self.names = [f"page{number}" for number in range(count)]
        self.say("go")
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        self.processes = []
        for name in self.names:
            command = [sys.executable, "-c", PAGE, str(story), str(folder / "said"), name]
            with (folder / f"{name}.told").open("w") as told:
                self.processes.append(subprocess.Popen(command, stdout=told, env=environment))

    def say(self, what: str) -> None:
        new = self.folder / "new"
        new.write_text(what)
        os.replace(new, self.folder / "said")

    def rest(self, number: int) -> None:
        """Wait until every page has finished what it was at."""
        self.say(f"rest {number}")
        heard = [self.folder / f"{name}.heard" for name in self.names]
        until(lambda: all(file.exists() and file.read_text() == f"rest {number}" for file in heard))

    def told(self) -> Iterator[tuple[str, str, bool]]:
        for name in self.names:
            for line in (self.folder / f"{name}.told").read_text().splitlines():
                yield tuple(json.loads(line))

    def end(self) -> None:
        self.say("end")
        for process in self.processes:
            try:
                process.wait(20)
            finally:
                process.kill()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    folder.mkdir()
    (folder / "day.story").write_bytes(b"editor 0\n")
    return folder / "day.story"


def rename_over(story: Path, text: bytes) -> None:
    beside = story.with_suffix(".new")
    beside.write_bytes(text)
    os.replace(beside, story)


def write_into(story: Path, text: bytes) -> None:
    """As some editors do: the file stays the same one, and its text comes in pieces."""
    with story.open("r+b", buffering=0) as file:
        file.truncate(0)
        for start in range(0, len(text), 8192):
            file.write(text[start : start + 8192])
            time.sleep(0.0005)


def test_the_file_is_replaced_only_while_it_is_what_it_was(story: Path) -> None:
    assert not replace_bytes(story, b"something else", b"new")
    assert story.read_bytes() == b"editor 0\n"
    assert replace_bytes(story, b"editor 0\n", b"new") and story.read_bytes() == b"new"
    assert list(story.parent.iterdir()) == [story]


@pytest.mark.parametrize("save", [rename_over, write_into])
def test_no_save_of_an_editor_or_of_two_pages_is_lost(story: Path, tmp_path: Path, save: Callable) -> None:
    """Whatever two pages and an editor do to a file at once: the newest save stands, and on it what was said to be."""
    pages = Pages(story, tmp_path, 2)
    lost = []
    try:
        for number in range(1, ROUNDS + 1):
            mine = f"editor {number}"
            save(story, f"{mine}\n{'x' * 20_000}\n".encode())
            time.sleep(0.005)
            pages.rest(number)
            lines = story.read_text().splitlines()
            stands = {line for base, line, done in pages.told() if base == mine and done}
            if lines[:2] != [mine, "x" * 20_000] or set(lines[2:]) != stands:
                lost.append((mine, lines[0], stands.symmetric_difference(lines[2:])))
            pages.say("go")
    finally:
        pages.end()
    assert lost == []
    assert sum(done for *_, done in pages.told()) > ROUNDS / 4
    assert list(story.parent.iterdir()) == [story]


def test_a_page_waits_for_another_and_then_sees_what_was_saved_meanwhile(story: Path) -> None:
    command = [sys.executable, "-c", "import sys; from pathlib import Path; from dreamrunner.files.in_place import *\n"
               "print(replace_bytes(Path(sys.argv[1]), b'editor 0\\n', b'page'), flush=True)", str(story)]  # fmt: skip
    other = os.open(story.parent, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as page:
        until(lambda: len(list(story.parent.iterdir())) == 2 or page.poll() is not None)
        time.sleep(0.2)
        assert page.poll() is None and story.read_bytes() == b"editor 0\n"
        rename_over(story, b"editor 1\n")
        os.close(other)
        assert page.communicate(timeout=300)[0] == "False\n"
    assert story.read_bytes() == b"editor 1\n" and list(story.parent.iterdir()) == [story]


def test_a_folder_that_stays_locked_is_said_and_loses_nothing(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dreamrunner.files.in_place._LONGEST_WAIT", 0.1)
    other = os.open(story.parent, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(OSError, match="another program holds stories locked"):
        replace_bytes(story, b"editor 0\n", b"page")
    os.close(other)
    assert story.read_bytes() == b"editor 0\n" and list(story.parent.iterdir()) == [story]


def test_a_new_file_is_made_only_where_there_is_none(story: Path) -> None:
    assert not replace_text(story, None, "new") and story.read_bytes() == b"editor 0\n"
    fresh, usual = story.with_name("fresh.story"), story.with_name("usual")
    usual.touch()
    assert replace_text(fresh, None, "naïve\n") and fresh.read_bytes() == "naïve\n".encode()
    assert fresh.stat().st_mode == usual.stat().st_mode
    assert not replace_text(story.with_name("gone.story"), "what it held", "new")
    assert sorted(path.name for path in story.parent.iterdir()) == ["day.story", "fresh.story", "usual"]


def test_a_file_that_says_it_already_is_left_alone_and_marks_in_front_count_for_nothing_and_stay(story: Path) -> None:
    story.write_bytes(b"\xef\xbb\xbfeditor 1\n")
    before = story.stat()
    assert replace_text(story, "editor 1\n", "editor 1\n") and story.stat() == before
    assert replace_text(story, "editor 1\n", "page\n") and story.read_bytes() == b"\xef\xbb\xbfpage\n"


def test_a_link_stays_a_link_and_what_it_leads_to_keeps_its_permissions(story: Path) -> None:
    link = story.with_name("link.story")
    link.symlink_to(story)
    story.chmod(0o640)
    assert replace_text(link, "editor 0\n", "new")
    assert link.is_symlink() and story.read_bytes() == b"new" and story.stat().st_mode & 0o777 == 0o640


def write_protected(story: Path) -> None:
    story.chmod(0o444)


def with_two_names(story: Path) -> None:
    os.link(story, story.with_name("other.story"))


@pytest.mark.parametrize(("made", "why"), [(write_protected, "it is write-protected"), (with_two_names, "other names")])
def test_what_would_not_stay_what_it_is_is_refused(story: Path, made: Callable, why: str) -> None:
    made(story)
    before = story.stat()
    with pytest.raises(OSError, match=why):
        replace_bytes(story, b"editor 0\n", b"new")
    assert story.stat() == before and story.read_bytes() == b"editor 0\n"
    assert not [path for path in story.parent.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_file_stays_its_owners_or_is_not_changed(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(story, 4321, 4322)
    assert replace_bytes(story, b"editor 0\n", b"new")
    assert (story.stat().st_uid, story.stat().st_gid) == (4321, 4322)

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refused)
    with pytest.raises(OSError, match="somebody else"):
        replace_bytes(story, b"new", b"newer")
    assert story.read_bytes() == b"new" and list(story.parent.iterdir()) == [story]
