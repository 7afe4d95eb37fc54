"""Files that are not quite text, and paths in them that name nothing: each is told once, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import check_text, read_story
from tests.material.mending import FILE, errors, fixed, told_once

ENCODINGS = {
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252, in which it says `Gr\u00fcn`",
    "gb18030": "save the file as UTF-8",
    "shift-jis": "save the file as UTF-8",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_another_encoding_is_told_by_its_name(encoding: str, tmp_path: Path) -> None:
    looks = "a witch in a garden, \u30aa\u30ba\u30de" if encoding[0] in "gs" else "a witch in Gr\u00fcn"
    (tmp_path / "x.story").write_bytes(f'character witch "{looks}"\nscene one\n  witch\n'.encode(encoding))
    (found,) = read_story(tmp_path / "x.story").diagnostics
    assert found.code == "not-utf8" and ENCODINGS[encoding] in found.help


@pytest.mark.parametrize("other", ["Garden", "GARDEN"])
def test_scenes_whose_names_differ_in_case_are_one_file(other: str) -> None:
    (found,) = errors(f'scene garden\n  narration "a"\nscene {other}\n  narration "b"\n')
    assert found.code == "declared-twice" and "many disks" in found.help and found.related[0][1].line == 1


PATHS = {
    "one.PNG": "did you mean `refs/one.png`?",
    "*.PNG": "did you mean `refs/*.png`?",
    "oen.png": "did you mean `refs/one.png`?",
    "": "name what is in it: `refs/*`",
    "*.{png,jpg}": "each pattern in quotes",
    "two.txt": "looked in ",
}


@pytest.mark.parametrize("name", PATHS)
def test_a_path_that_names_nothing_says_what_was_meant(name: str, tmp_path: Path) -> None:
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs" / "one.png").touch()
    text = f'character witch "a witch"\n  images "refs/{name}"\nscene one\n  witch\n'
    (found,) = check_text(text, tmp_path / "x.story").diagnostics
    assert found.code == "no-match" and PATHS[name] in found.help
    if found.fix:
        assert check_text(fixed(text, found), tmp_path / "x.story").diagnostics == ()


@pytest.mark.parametrize("path", ["~/one.png", "https://example.invalid/one.png", "file:///one.png"])
def test_a_path_in_a_form_of_other_programs(path: str) -> None:
    (found,) = check_text(f'character witch "a witch"\n  images "{path}"\nscene one\n  witch\n', FILE).diagnostics
    assert "its path from there" in found.help


def test_a_path_with_backslashes_to_nothing_is_told_once() -> None:
    text = 'character witch "a witch"\n  images "refs\\none.png"\nscene one\n  witch\n'
    assert told_once(text).code == "bad-escape"
