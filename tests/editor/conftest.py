"""One server for all tests of a process; each test has texts and folders of its own."""

from collections.abc import Iterator

import pytest

pytest.importorskip("pygls", reason="pygls, which the language server needs, is not installed")

from tests.material.editor_session import Editor


@pytest.fixture(scope="session")
def server() -> Iterator[Editor]:
    editor = Editor()
    yield editor
    assert editor.stop() == 0


@pytest.fixture
def editor(server: Editor) -> Iterator[Editor]:
    yield server
    server.close_all()
    server.messages.clear()
