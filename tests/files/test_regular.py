"""Files that somebody named: regular ones are opened, whatever else stands there is told and never waited for."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamrunner.files import regular
from dreamrunner.files.regular import NotAFile, open_regular, read_regular, require_regular


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(path))


ODD: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (os.mkfifo, "it is a pipe, not a file"),
    "link to a pipe": (lambda path: (os.mkfifo(f"{path}.pipe"), path.symlink_to(f"{path}.pipe"))[1], "it is a pipe"),
    "link to a device": (lambda path: path.symlink_to("/dev/zero"), "it is a device, not a file"),
    "socket": (_socket, "it is a socket, not a file"),
    "folder": (Path.mkdir, "Is a directory"),
    "link to itself": (lambda path: path.symlink_to(path), "it is a link that leads back to itself"),
    "nothing": (lambda path: None, "No such file or directory"),
}


@pytest.mark.parametrize("make, said", ODD.values(), ids=ODD)
def test_what_is_no_regular_file_is_told_and_not_opened(
    make: Callable[[Path], None], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "here"
    make(path)
    opened: list[str] = []
    monkeypatch.setattr(regular.os, "open", lambda *given: opened.append(given[0]))
    for read in (require_regular, open_regular, read_regular):
        with pytest.raises(OSError) as caught:
            read(path)
        assert said in (caught.value.strerror or "")
        assert caught.value.filename == str(path) or caught.value.filename == path
    assert not opened


def test_a_pipe_that_takes_the_files_place_meanwhile_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "here"
    path.touch()
    found = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(regular, "require_regular", lambda path: found)
    with pytest.raises(NotAFile, match="it is a pipe, not a file"):
        open_regular(path)


def test_a_regular_file_is_read_through_a_link_and_up_to_a_bound(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"12345")
    link.symlink_to(file)
    assert read_regular(link) == b"12345" == read_regular(str(file), 5)
    assert require_regular(link).st_size == 5
    with pytest.raises(OSError, match="it is longer than 4 bytes"):
        read_regular(file, 4)
    with pytest.raises(ValueError, match="null byte"):
        read_regular("a\0b")
