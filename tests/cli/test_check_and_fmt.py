"""check, fmt, explain and new, called as the command line calls them, and a few through the real process."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dreamrunner import cli
from dreamrunner.cli.parsing import parse
from dreamrunner.language import read_story
from dreamrunner.language.diagnostics import codes
from dreamrunner.language.formatter import format_text

ROOT = Path(__file__).parents[2]
SOUND = 'character cat "a cat"\n\nscene garden\n  cat sitting\n'
OVERLAP = 'character cat "a cat"\n\nscene garden\n  cat sitting 0s..4s\n  cat running 3s..6s\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    return cli.main(arguments)


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dreamrunner", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, **options)


# check


def test_check_takes_files_and_folders_and_looks_into_no_hidden_one(folder: Path, capsys) -> None:
    for name in ("a.story", "deep/er/b.story", ".hidden/c.story", "deep/d.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("scene ?\n")
    assert run("check", "a.story", "deep") == 1
    shown = capsys.readouterr().out
    assert "a.story:1:7" in shown and "deep/er/b.story:1:7" in shown
    assert shown.endswith("\n\n2 errors\n")
    assert run("check", ".") == 1
    assert ".hidden" not in capsys.readouterr().out


def test_a_folder_without_a_story_is_said(folder: Path, capsys) -> None:
    (folder / "empty").mkdir()
    assert run("check", "empty") == 1
    assert "no .story file" in capsys.readouterr().out


def test_warnings_alone_exit_0(folder: Path, capsys) -> None:
    (folder / "a.story").write_text('character dog "a dog"\n' + SOUND)
    assert run("check", "a.story") == 0
    assert capsys.readouterr().out.endswith("1 warning\n")


def test_what_two_stories_share_is_reported_once(folder: Path, capsys) -> None:
    (folder / "cast.story").write_text("character cat looks\n")
    for name in ("a", "b"):
        (folder / f"{name}.story").write_text('use "cast.story"\n\nscene garden\n  cat sitting\n')
    assert run("check", ".") == 1
    assert capsys.readouterr().out.count("error[") == 1


def test_json_is_a_list_of_flat_objects_with_places_from_1(folder: Path, capsys) -> None:
    (folder / "a.story").write_text(OVERLAP)
    assert run("check", "--format", "json", "a.story") == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "code": "overlapping-spans",
            "severity": "error",
            "message": "the spans of `cat` overlap from 3s to 4s",
            "help": "let one end before the other starts",
            "file": "a.story",
            "line": 5,
            "column": 15,
            "end_line": 5,
            "end_column": 21,
            "related": [
                {
                    "message": "the other span",
                    "file": "a.story",
                    "line": 4,
                    "column": 15,
                    "end_line": 4,
                    "end_column": 21,
                }
            ],
        }
    ]
    (folder / "a.story").write_text(SOUND)
    assert run("check", "--format", "json", "a.story") == 0
    assert capsys.readouterr().out == "[]\n"


def test_sarif_names_rule_region_and_related_place(folder: Path, capsys) -> None:
    (folder / "a b.story").write_text(OVERLAP)
    assert run("check", "--format", "sarif", "a b.story") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["version"] == "2.1.0"
    (sarif,) = report["runs"]
    (rule,) = sarif["tool"]["driver"]["rules"]
    (result,) = sarif["results"]
    assert sarif["columnKind"] == "unicodeCodePoints"
    assert rule["id"] == result["ruleId"] == "overlapping-spans"
    assert (result["level"], result["ruleIndex"]) == ("error", 0)
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b.story"
    assert place["region"] == {"startLine": 5, "startColumn": 15, "endLine": 5, "endColumn": 21}
    assert result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 4


@pytest.mark.parametrize(
    "words",
    [
        ("a.story", "--format", "json", "b.story"),
        ("--format", "json", "a.story", "b.story"),
        ("a.story", "--format=json", "b.story", "--allow-outside"),
        ("--allow-outside", "a.story", "--format", "json", "b.story"),
    ],
)
def test_files_stand_before_and_behind_options(folder: Path, capfd, words: tuple[str, ...]) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.story").write_text(f"scene {name}\n  witch\n")
    assert run("check", *words) == 1
    told = json.loads(capfd.readouterr().out)
    assert {Path(item["file"]).name for item in told} == {"a.story", "b.story"}


def test_an_empty_path_behind_an_option_is_told(folder: Path, capfd) -> None:
    (folder / "a.story").write_text(SOUND)
    assert run("check", "a.story", "--allow-outside", "") == 2
    assert "it is empty" in capfd.readouterr().err


def test_github_annotations_are_escaped(folder: Path, capsys) -> None:
    (folder / "a,b.story").write_text('character cat "a cat"\n\nscene garden\n  cat %a\n  cat\n')
    assert run("check", "--format", "github", "a,b.story") == 1
    line = capsys.readouterr().out
    assert re.match("::error file=a%2Cb.story,line=4,endLine=4,col=7,endColumn=9,title=[a-z-]+::", line)
    assert "`%25a`" in line
    assert line.count("\n") == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "environment", "colored"),
    [(True, {}, True), (False, {}, False), (True, {"NO_COLOR": "1"}, False), (True, {"TERM": "dumb"}, False)],
)
def test_colour_on_a_terminal_only_and_never_with_no_color(
    terminal: bool, environment: dict[str, str], colored: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.story").write_text(OVERLAP)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert run("check", "a.story") == 1
    assert ("\033[" in out.getvalue()) == colored


# fmt


def test_fmt_rewrites_in_place_and_keeps_permissions(folder: Path, capsys) -> None:
    (folder / "a.story").write_text("scene  a\n     seed 1\n")
    (folder / "a.story").chmod(0o640)
    (folder / "b.story").write_text("scene b\n")
    assert run("fmt", ".") == 0
    assert (folder / "a.story").read_text() == "scene a\n  seed 1\n"
    assert stat.S_IMODE((folder / "a.story").stat().st_mode) == 0o640
    assert capsys.readouterr().err == "1 file reformatted, 1 file left unchanged\n"
    assert sorted(item.name for item in folder.iterdir()) == ["a.story", "b.story"]


def test_fmt_check_changes_nothing_and_exits_1(folder: Path, capsys) -> None:
    (folder / "a.story").write_text("scene  a\n")
    assert run("fmt", "--check", "a.story") == 1
    assert (folder / "a.story").read_text() == "scene  a\n"
    assert "would reformat a.story" in capsys.readouterr().err
    (folder / "a.story").write_text("scene a\n")
    assert run("fmt", "--check", "a.story") == 0


def test_fmt_diff_shows_what_would_change(folder: Path, capsys) -> None:
    (folder / "a.story").write_text("scene  a")
    assert run("fmt", "--diff", "a.story") == 0
    assert capsys.readouterr().out == (
        "--- a.story\n+++ a.story (formatted)\n@@ -1 +1 @@\n-scene  a\n\\ No newline at end of file\n+scene a\n"
    )
    assert (folder / "a.story").read_text() == "scene  a"
    assert run("fmt", "--diff", "--check", "a.story") == 1


def test_fmt_leaves_a_story_with_mistakes_as_it_is(folder: Path, capsys) -> None:
    (folder / "a.story").write_text("scene  a\n  seed ?\n")
    (folder / "b.story").write_text("scene  b\n")
    assert run("fmt", "a.story", "b.story") == 1
    assert (folder / "a.story").read_text() == "scene  a\n  seed ?\n"
    assert (folder / "b.story").read_text() == "scene b\n"
    assert "error[syntax]" in capsys.readouterr().err


def test_fmt_follows_a_link_instead_of_replacing_it(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "real" / "a.story").write_text("scene  a\n")
    (folder / "a.story").symlink_to(folder / "real" / "a.story")
    assert run("fmt", "a.story") == 0
    assert (folder / "a.story").is_symlink()
    assert (folder / "real" / "a.story").read_text() == "scene a\n"


def test_fmt_leaves_alone_what_a_folder_only_leads_to(folder: Path, capsys) -> None:
    mine, others = folder / "mine", folder / "others"
    mine.mkdir()
    others.mkdir()
    (others / "b.story").write_text("scene  b\n")
    (mine / "a.story").write_text("scene  a\n")
    (mine / "out.story").symlink_to(others / "b.story")
    (mine / "in.story").symlink_to("a.story")
    assert run("fmt", "mine") == 0
    assert (others / "b.story").read_text() == "scene  b\n" and (mine / "a.story").read_text() == "scene a\n"
    assert "mine/out.story leads out of mine" in capsys.readouterr().err
    assert run("fmt", "mine/out.story") == 0 and (others / "b.story").read_text() == "scene b\n"


@pytest.mark.parametrize("made", ["write-protected", "other names"])
def test_fmt_says_which_file_it_leaves_as_it_is(folder: Path, capsys, made: str) -> None:
    (folder / "a.story").write_text("scene  a\n")
    if made == "other names":
        os.link(folder / "a.story", folder / "same")
    else:
        (folder / "a.story").chmod(0o444)
    assert run("fmt", "a.story") == 3
    shown = capsys.readouterr().err
    assert f"error: a.story can't be written: it {'has' if made == 'other names' else 'is'} {made}" in shown
    assert (folder / "a.story").read_text() == "scene  a\n"


def test_fmt_formats_what_an_editor_saved_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = folder / "a.story"
    story.write_text("scene  a\n")
    saves = iter(["scene  b\n"])

    def formatted(text: str, path: Path):
        story.write_text(next(saves, text))  # an editor saves while it is formatted
        return format_text(text, path)

    monkeypatch.setattr("dreamrunner.cli.commands.fmt.format_text", formatted)
    assert run("fmt", "a.story") == 0 and story.read_text() == "scene b\n"


def test_fmt_takes_a_file_of_comments_alone(folder: Path) -> None:
    (folder / "a.story").write_text("#todo\n\n\n\n# more")
    assert run("fmt", "a.story") == 0
    assert (folder / "a.story").read_text() == "# todo\n\n# more\n"


def test_fmt_formats_standard_input() -> None:
    done = process("fmt", "-", input="scene  a\n   seed 1\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "scene a\n  seed 1\n", "")


def test_fmt_says_what_it_cannot_read(folder: Path, capsys) -> None:
    (folder / "a.story").write_bytes(b"scene \xff\n")
    assert run("fmt", "a.story", "b.story") == 1
    shown = capsys.readouterr().err
    assert "not-utf8" in shown and "missing-file" in shown


# explain


@pytest.mark.parametrize("code", codes())
def test_every_code_is_explained(code: str, capsys) -> None:
    assert run("explain", code) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[0] in (f"error[{code}]", f"warning[{code}]")
    assert "\nWrong:\n" in shown and "\nMended:\n" in shown and "^" in shown


def test_explain_lists_every_code_and_suggests(capsys) -> None:
    assert run("explain") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(codes())
    assert run("explain", "unknown-entiti") == 2
    assert "did you mean unknown-entity?" in capsys.readouterr().err


# new


def test_a_new_story_checks_clean_and_is_formatted(folder: Path, capsys) -> None:
    assert run("new", "deep/my-story") == 0
    made = folder / "deep/my-story"
    files = {item.relative_to(made).as_posix() for item in made.rglob("*") if item.is_file()}
    assert files == {
        "my-story.story",
        "cast.story",
        "refs/witch/README.md",
        ".gitignore",
        ".gitattributes",
        ".github/workflows/story.yml",
    }
    checked = read_story(made / "my-story.story")
    assert checked.diagnostics == ()
    assert checked.story.title == "My Story"
    assert run("check", "deep/my-story") == 0
    assert run("fmt", "--check", "deep/my-story") == 0
    assert "build/" in (made / ".gitignore").read_text().splitlines()
    [rule] = [line.split() for line in (made / ".gitattributes").read_text().splitlines() if line.startswith("*.story")]
    assert "linguist-language=Text" in rule  # or GitHub shows and counts stories as Gherkin
    workflow = (made / ".github/workflows/story.yml").read_text()
    assert "dreamrunner check" in workflow and "dreamrunner fmt --check" in workflow
    assert [item.name for item in (folder / "deep").iterdir()] == ["my-story"]


@pytest.mark.parametrize("name", ["My Film", "it's $HOME", "-film", "$(x)", "🧙", "#1", "NAME", "MY-TITLE", "n" * 200])
def test_new_prints_a_command_that_a_shell_takes(folder: Path, capsys, name: str) -> None:
    assert run("new", "--", name) == 0
    told = capsys.readouterr().out.splitlines()[-1].removeprefix("film it with: dreamrunner ")
    words = shlex.split(told)
    assert parse(words).story == Path(name) / f"{name}.story"
    assert run("check", *words[1:]) == 0
    comment = (folder / name / f"{name}.story").read_text().splitlines()[0]
    assert parse(shlex.split(comment.split("`")[3])[1:]).story == Path(f"{name}.story")


@pytest.mark.parametrize("name", ["", " ", "tale ", "n" * 201, "女" * 67, 'a"b', "a\nb"])
def test_a_name_that_no_story_can_have_makes_nothing(folder: Path, name: str, capsys) -> None:
    before = sorted(folder.iterdir())
    assert run("new", "--", name) == 2
    assert len(capsys.readouterr().err) < 200 and sorted(folder.iterdir()) == before


def test_the_workflow_of_a_new_story_installs_only_what_it_is_given(folder: Path) -> None:
    run("new", "tale")
    lines = (folder / "tale/.github/workflows/story.yml").read_text().splitlines()
    assert [line.strip() for line in lines if "pip install" in line] == ['- run: pip install "$DREAMRUNNER"']
    assert "    if: vars.DREAMRUNNER != ''" in lines


def test_new_fills_an_empty_folder_and_spares_a_full_one(folder: Path, capsys) -> None:
    (folder / "tale").mkdir()
    assert run("new", "tale") == 0
    assert run("new", "tale") == 2
    assert "not empty" in capsys.readouterr().err
    assert run("new", 'a"b') == 2


def test_the_commit_hooks_call_the_commands() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert "entry: dreamrunner check\n" in hooks and "entry: dreamrunner fmt\n" in hooks


# lightness


def test_no_learning_library_is_imported(folder: Path) -> None:
    (folder / "a.story").write_text(SOUND)
    for arguments in (["check", "a.story"], ["fmt", "a.story"], ["explain", "syntax"], ["new", "tale"]):
        code = (
            f"import sys; from dreamrunner import cli; cli.main({arguments!r}); "
            "heavy = {'torch', 'openai', 'diffusers', 'pygls', 'numpy', 'pydantic', 'inflect', 'lemminflect'}; "
            "found = heavy & set(sys.modules); sys.exit(f'imported {found}' if found else 0)"
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_formatting_is_verified_on_every_run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    from dreamrunner.language import formatter

    (folder / "a.story").write_text("scene  a\n  seed 1\n")
    monkeypatch.setattr(formatter, "_number", lambda raw: "7")
    assert run("fmt", "a.story") == 3
    assert (folder / "a.story").read_text() == "scene  a\n  seed 1\n"
    assert "error: " in capsys.readouterr().err
    assert format_text("scene a\n", Path("a.story")).text == "scene a\n"
