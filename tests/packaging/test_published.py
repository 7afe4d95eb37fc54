"""What works from the repository's address: hooks for pre-commit, an action for GitHub, a page for language models."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dreamrunner.cli import main
from dreamrunner.cli.parsing import parse
from dreamrunner.language.checker import check_text
from dreamrunner.language.formatter import format_text
from tests.material.two_scenes import STORY
from tests.packaging.libraries import REPOSITORY

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())}
ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text())
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"] if "name" in step}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three stories: one as it should be, one badly laid out, one with a mistake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.story").write_text(STORY)
    (tmp_path / "long.story").write_text(STORY.replace("  seed 3\n", "  seed   3\n"))
    (tmp_path / "bad.story").write_text(STORY.replace("  witch stirring", "  wich stirring"))
    return tmp_path


@pytest.mark.parametrize(
    "hook, story, code",
    [
        ("dreamrunner-check", "good.story", 0),
        ("dreamrunner-check", "long.story", 0),
        ("dreamrunner-check", "bad.story", 1),
        ("dreamrunner-fmt", "long.story", 0),
    ],
)
def test_a_hook_runs_a_command_on_the_files_that_it_is_given(hook: str, story: str, code: int, folder: Path) -> None:
    assert HOOKS[hook]["language"] == "python"
    program, *words = shlex.split(HOOKS[hook]["entry"])
    assert program == "dreamrunner"
    assert main([*words, *HOOKS[hook].get("args", []), story]) == code
    if hook == "dreamrunner-fmt":
        assert (folder / story).read_text() == STORY


@pytest.mark.parametrize("hook", HOOKS)
def test_hooks_are_for_stories_alone(hook: str) -> None:
    chosen = re.compile(HOOKS[hook]["files"])
    assert chosen.search("a/b.story") and chosen.search("b.plan.story")
    assert not chosen.search("story.py") and not chosen.search("b.story.txt")


def step(name: str, stories: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as GitHub does, its expressions filled in."""
    (folder / "bin").mkdir(exist_ok=True)
    command = folder / "bin" / "dreamrunner"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dreamrunner "$@"\n')
    command.chmod(0o755)
    given = {key: value.replace("${{ inputs.path }}", stories) for key, value in STEPS[name]["env"].items()}
    environment = {**os.environ, **given, "PYTHONPATH": str(REPOSITORY)}
    environment["PATH"] = f"{command.parent}{os.pathsep}{environment['PATH']}"
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
    return subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_action_marks_mistakes_and_stories_of_another_layout(folder: Path) -> None:
    found = step("Check", ".", folder)
    assert found.returncode == 1
    assert found.stdout.startswith("::error file=bad.story,line=")
    assert step("Check", "good.story", folder).returncode == 0
    laid_out = step("Check the layout", "long.story", folder)
    assert laid_out.returncode == 1 and "long.story" in laid_out.stdout + laid_out.stderr
    assert step("Check the layout", "good.story", folder).returncode == 0


def test_the_action_installs_itself_and_uses_every_input() -> None:
    assert STEPS["Install"]["run"].endswith('"$GITHUB_ACTION_PATH"')
    used = set(re.findall(r"inputs\.([\w-]+)", (REPOSITORY / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])
    assert all(step.get("shell") == "bash" for step in STEPS.values())
    assert all("${{" not in step["run"] for step in STEPS.values())  # what somebody names is never run


PAGE = (REPOSITORY / "llms.txt").read_text(encoding="utf-8")


def test_the_page_for_language_models_has_the_form_that_they_expect() -> None:
    first, second, *_ = [line for line in PAGE.splitlines() if line]
    assert re.fullmatch(r"# \w+", first) and second.startswith("> ")
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE) == ["Docs", "Examples", "Optional"]
    assert len(PAGE) < 4000


def test_what_the_page_for_language_models_names_is_there() -> None:
    links = re.findall(r"^- \[[^]]+\]\(([^)]+)\): ", PAGE, re.MULTILINE)
    assert len(links) == len(re.findall(r"^- ", PAGE, re.MULTILINE))
    assert [link for link in links if not (REPOSITORY / link).is_file()] == []
    for command in re.findall(r"`(dreamrunner [^`]+)`", PAGE):
        parse(shlex.split(command.replace("plan|manifest|log", "plan"))[1:])
    (story,) = re.findall(r"^```story\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert check_text(story, Path("soup.story")).diagnostics == ()
    assert format_text(story, Path("soup.story")).text == story
