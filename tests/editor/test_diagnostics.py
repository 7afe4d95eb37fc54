"""Diagnostics: what `check` says of the text as it stands in the editor, after each pause."""

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.uris import from_fs_path

from dreamrunner.cli.commands.check import check_paths
from dreamrunner.language import check_text
from dreamrunner.language.diagnostics import codes, entry
from dreamrunner.language.examples import MAIN, example
from dreamrunner.planning.noticed import noticed
from tests.material.editor_session import DEBOUNCE, Editor, cut

# What no text in an editor can be: a folder, a file that is not there, bytes that are no text; and a file without a
# word, of which there is nothing to say while it is being begun.
NEVER_TYPED = {"not-utf8", "not-a-file", "missing-file", "empty-file"}


@pytest.mark.parametrize("code", sorted(set(codes()) - NEVER_TYPED))
def test_each_code_comes_as_check_gives_it(code: str, editor: Editor, tmp_path: Path) -> None:
    for file in example(entry(code), "Wrong").files:
        (tmp_path / file.name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.name).write_bytes(file.content)
    story = tmp_path / MAIN
    uri = editor.open(story)

    shown = {(item.code, item.range.start.line, item.severity.value) for item in editor.wait(uri)}

    expected, _ = check_paths([story])
    assert shown == {
        (item.code, item.location.line - 1, 1 if item.severity == "error" else 2)
        for item in expected
        if item.location.file == story
    }
    assert all(item.message.startswith(expected[0].message) for item in editor.wait(uri)[:1])


def test_a_text_is_right_at_every_key(editor: Editor, tmp_path: Path) -> None:
    written = 'character witch "a witch 🧙"\n\nscene one\n  witch flying 0s..3s\n    at 0s left\n'
    path = tmp_path / "typed.story"
    uri = editor.open(path, "")
    for end in range(1, len(written) + 1, 3):
        editor.change(uri, written[:end])
        checked = check_text(written[:end], path)
        found = (*checked.diagnostics, *(noticed(checked.story) if checked.story else ()))
        expected = [item.code for item in found] if written[:end].strip() else []
        assert [item.code for item in editor.wait(uri)] == expected, written[:end]


def test_places_count_in_utf16(editor: Editor, tmp_path: Path) -> None:
    text = 'character witch "🧙 a witch"\nscene one\n  witch "🧙🧙" wrong\n'
    uri = editor.open(tmp_path / "emoji.story", text)

    (found,) = editor.wait(uri)

    assert cut(text, found.range) == "wrong"
    assert found.range.start == types.Position(2, len('  witch "xxxx" '))


def test_only_the_last_of_quick_changes_is_checked(editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "quick.story", "scene a\n")
    versions = []
    before = editor.client.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]

    def told(params: types.PublishDiagnosticsParams) -> None:
        versions.append(params.version)
        before(params)

    editor.client.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = told
    try:
        for number in range(8):
            editor.change(uri, f"scene a\n  wich {'x' * number}\n", wait=False)
        editor.wait(uri)
        editor.pause(3 * DEBOUNCE / 1000)
    finally:
        editor.client.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = before

    # On a machine that is very busy a debounce may pass between two of them.
    assert versions[-1] == 9 and len(versions) < 8


def test_an_unsaved_cast_counts(editor: Editor, tmp_path: Path) -> None:
    cast = tmp_path / "cast.story"
    cast.write_text('character witch "a witch"\n')
    text = 'use "cast.story"\n\nscene one\n  cat\n'
    uri = editor.open(tmp_path / "story.story", text)
    assert [item.code for item in editor.wait(uri)] == ["unknown-entity"]

    other = editor.open(cast)
    editor.change(other, 'character cat "a cat"\n')
    editor.expect(uri, [])
    editor.close(other)
    editor.expect(uri, ["unknown-entity"])


def test_what_is_wrong_in_a_used_file_is_shown_there_and_goes_away(editor: Editor, tmp_path: Path) -> None:
    cast = tmp_path / "cast.story"
    cast.write_text('character witch "a witch\n')
    uri = editor.open(tmp_path / "story.story", 'use "cast.story"\n\nscene one\n  witch\n')
    there = from_fs_path(str(cast))
    editor.expect(there, ["unclosed-string"])

    cast.write_text('character witch "a witch"\n')
    editor.client.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams([types.FileEvent(there, types.FileChangeType.Changed)])
    )
    editor.expect(there, [])
    editor.expect(uri, [])


def test_other_places_that_matter_are_linked(editor: Editor, tmp_path: Path) -> None:
    text = 'character witch "a witch"\nscene one\n  witch walking 0s..4s\n  witch waving 3s..6s\n'
    uri = editor.open(tmp_path / "two.story", text)

    (found,) = editor.wait(uri)

    assert [cut(text, item.location.range) for item in found.related_information] == ["0s..4s"]
    assert cut(text, found.range) == "3s..6s"


def test_what_is_unused_is_faded(editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "f.story", 'character a "a cat"\ncharacter b "b"\nscene one\n  a walking\n')

    (found,) = editor.wait(uri)

    assert (found.code, list(found.tags)) == ("unused", [types.DiagnosticTag.Unnecessary])


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# nothing yet\n", "\ufeff", "\x00", "\u2028\u0085scene", '"""', "a" * 5000]
)
def test_nothing_that_is_typed_ends_the_server(text: str, editor: Editor, tmp_path: Path) -> None:
    uri = editor.open(tmp_path / "odd.story", text)
    editor.change(uri, "scene fine\n")

    assert editor.wait(uri) == []
    assert editor.messages == []
