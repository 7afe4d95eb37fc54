"""``check --fix``: what it mends, shows and says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dreamrunner import cli

BROKEN = 'story "x"\n  sede 7\n\ncharacter cat "a cat"\n\nscene a\n\tcat sleeping 0-3s\n'
SAFE = 'story "x"\n  sede 7\n\ncharacter cat "a cat"\n\nscene a\n  cat sleeping 0s..3s\n'
ALL = SAFE.replace("sede", "seed")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_safe_is_mended_and_the_rest_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.story").write_bytes(BROKEN.replace("\n", "\r\n").encode("utf-8-sig"))
    assert cli.main(["check", "--fix", "a.story"]) == 1
    assert (folder / "a.story").read_bytes() == SAFE.replace("\n", "\r\n").encode("utf-8-sig")
    shown = capsys.readouterr()
    assert "there is no property `sede` here" in shown.out and shown.out.endswith("\n1 error\n")
    assert shown.err.startswith("2 problems mended in 1 file\n")
    assert "check --fix --unsafe --diff` shows" in shown.err
    assert cli.main(["check", "--fix", "--unsafe", "a.story"]) == 0
    assert (folder / "a.story").read_bytes() == ALL.replace("\n", "\r\n").encode("utf-8-sig")
    assert cli.main(["check", "--fix", "--unsafe", "a.story"]) == 0
    assert capsys.readouterr().err.endswith("0 problems mended in 0 files\n")


def test_a_diff_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.story").write_text(BROKEN, encoding="utf-8")
    assert cli.main(["check", "--fix", "--diff", "a.story"]) == 0
    shown = capsys.readouterr()
    assert (folder / "a.story").read_text(encoding="utf-8") == BROKEN
    assert shown.out == (
        "--- a.story\n+++ a.story (mended)\n@@ -4,4 +4,4 @@\n"
        ' character cat "a cat"\n \n scene a\n-\tcat sleeping 0-3s\n+  cat sleeping 0s..3s\n'
    )
    assert shown.err == "2 problems would be mended in 1 file\n"


def test_a_folder_is_mended_but_nothing_that_a_link_leads_to(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "in" / "deep").mkdir(parents=True)
    (folder / "in" / "deep" / "a.story").write_text(BROKEN, encoding="utf-8")
    (folder / "out.story").write_text(BROKEN, encoding="utf-8")
    (folder / "in" / "b.story").symlink_to(folder / "out.story")
    assert cli.main(["check", "--fix", "in"]) == 1
    assert (folder / "in" / "deep" / "a.story").read_text(encoding="utf-8") == SAFE
    assert (folder / "out.story").read_text(encoding="utf-8") == BROKEN
    assert "leads out of in" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_cannot_be_written_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.story").write_text(BROKEN, encoding="utf-8")
    (folder / "a.story").chmod(0o444)
    assert cli.main(["check", "--fix", "a.story"]) == 4
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--diff", "a.story"], "go with --fix"),
        (["--unsafe", "a.story"], "go with --fix"),
        (["--fix", "-"], "standard input"),
        (["--fix", "--diff", "--format", "json", "a.story"], "no --format"),
    ],
)
def test_what_does_not_go_together_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_missing_file_is_reported_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--fix", "none.story"]) == 1
    assert "missing-file" in capsys.readouterr().out
