"""The completion scripts, in the shells themselves where they are installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dreamrunner.cli.command_table import COMMANDS

ASKED = {
    "": set(COMMANDS),
    "bu": {"build"},
    "build --gu": {"--guidance"},
    "build --attention ": {"sr3ai", "hard", "plain"},
    "plan --planner ": {"offline", "none", "local:"},
    "cache ": {"list", "verify", "gc"},
    "help pl": {"plan"},
    "completion ": {"bash", "zsh", "fish"},
    "storyboard ": {"one.story", "folder"},
}
"""What is typed after ``dreamrunner``, and what is offered."""

BASH = """
eval "$(cat script)"
for line in "$@"; do
  COMP_WORDS=(dreamrunner $line); [[ $line == *" " || -z $line ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
  function=$(complete -p dreamrunner | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
  $function dreamrunner "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
  echo "${COMPREPLY[@]}"
done
"""

FISH = """
source script
for line in $argv
  complete -C "dreamrunner $line" | string split -f 1 \\t | string trim -r -c / | string join " "
end
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completed")
    (folder / "one.story").touch()
    (folder / "other.txt").touch()
    (folder / "folder").mkdir()
    return folder


def script(folder: Path, shell: str) -> str:
    command = [sys.executable, "-m", "dreamrunner", "completion", shell]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder / "script").write_text(done.stdout)
    return done.stdout


@pytest.mark.parametrize(("shell", "ask"), [("bash", BASH), ("fish", FISH)])
def test_a_shell_completes_commands_options_and_stories(folder: Path, shell: str, ask: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    script(folder, shell)
    (folder / "ask").write_text(ask)
    asked = subprocess.run([shell, "ask", *ASKED], cwd=folder, capture_output=True, text=True)
    offered = [set(line.split()) - {"script", "ask"} for line in asked.stdout.splitlines()]
    assert offered == list(ASKED.values()), asked.stderr


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh here")
def test_zsh_takes_its_script(folder: Path) -> None:
    """It offers its completions to a terminal only; here it reads the script and knows whom to ask."""
    assert all(name in script(folder, "zsh") for name in COMMANDS)
    ask = 'autoload -Uz compinit; compinit -u -D; eval "$(<script)"; print $_comps[dreamrunner]'
    asked = subprocess.run(["zsh", "-f", "-c", ask], cwd=folder, capture_output=True, text=True)
    assert (asked.stdout, asked.stderr) == ("_shtab_dreamrunner\n", "")
