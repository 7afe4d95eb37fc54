"""Standard streams that are closed, full, or in a poor encoding: the work is done, and its exit code is its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.material import warm
from tests.material.two_scenes import STORY

PROGRAM = f"{sys.executable} -m dreamrunner"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "two.story").write_text(STORY)
    (tmp_path / "bad.story").write_text(STORY.replace("  witch stirring", "  wïch stirring"))
    return tmp_path


def run(folder: Path, command: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DREAMRUNNER_CACHE": str(folder / "cache"),
        **more,
    }
    done = subprocess.run(
        ["bash", "-c", command.replace("dreamrunner", PROGRAM, 1)], cwd=folder, env=environment, capture_output=True
    )
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr
    return done


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("check two.story", 0),
        ("check bad.story", 1),
        ("storyboard two.story", 0),
        ("checc", 2),
        ("fmt --check two.story bad.story", 1),
    ],
)
def test_streams_that_are_closed_change_no_exit_code(folder: Path, streams: str, command: str, code: int) -> None:
    assert run(folder, f"dreamrunner {command} {streams}").returncode == code
    assert (folder / "build" / "two" / "boxes.png").exists() == command.startswith("storyboard")


@pytest.mark.parametrize("streams", ["<&- >&- 2>&-", "2>/dev/full"])
def test_a_film_is_made_without_streams(folder: Path, model: Path, streams: str) -> None:
    command = f"build two.story --model {model} --steps 1 -o film"
    if streams == "2>/dev/full":
        environment = warm.environment(DREAMRUNNER_CACHE=str(folder / "cache"))
        with open("/dev/full", "w") as full:
            done = warm.run([*warm.PROGRAM, *command.split()], cwd=folder, env=environment, stderr=full)
    else:
        done = run(folder, f"dreamrunner {command} {streams}")  # Python finds out what is closed when it starts
    assert done.returncode == 0
    assert (folder / "film" / "two.mp4").stat().st_size > 1000


@pytest.mark.parametrize(
    "command", ["storyboard two.story", "--help", "check bad.story --format json", "completion bash"]
)
def test_a_result_that_cannot_be_written_is_said(folder: Path, command: str) -> None:
    done = run(folder, f"dreamrunner {command} >/dev/full")
    assert done.returncode == 3
    assert done.stderr.decode().endswith("error: standard output can't be written: no space is left on the disk\n")


def test_nothing_to_say_needs_no_room(folder: Path) -> None:
    (folder / "empty.story").write_text('character witch "a witch"\n')
    assert run(folder, "dreamrunner check empty.story >/dev/full").returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_letters_that_an_encoding_lacks_are_escaped(folder: Path, encoding: str) -> None:
    (folder / "bad.story").write_text(STORY.replace("  witch stirring", "  w\u5973ch stirring"))
    done = run(folder, "dreamrunner check bad.story", PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    assert ("w\u5973ch" if encoding == "utf-8" else "w\\u5973ch") in done.stdout.decode(encoding)
    done = run(folder, "dreamrunner check bad.story --format json", PYTHONIOENCODING=encoding)
    assert any("w\u5973ch" in problem["message"] for problem in json.loads(done.stdout.decode()))
    done = run(folder, "dreamrunner fmt - < two.story", PYTHONIOENCODING=encoding)
    assert done.stdout.decode() == STORY
    done = run(folder, "dreamrunner w\u5973ch", PYTHONIOENCODING=encoding)
    assert done.returncode == 2


def test_a_file_name_that_is_not_utf8_is_shown(folder: Path) -> None:
    named = os.path.join(os.fsencode(folder), b"n\xff.story")
    try:
        with open(named, "w") as file:
            file.write(STORY)
    except OSError:
        pytest.skip("this disk takes no such names")
    done = run(folder, "dreamrunner storyboard $'n\\xff.story'")
    assert (done.returncode, done.stdout) == (0, b"build/n\\udcff/boxes.png\nbuild/n\\udcff/boxes.html\n")
    assert run(folder, "dreamrunner check $'m\\xff.story'").returncode == 1
    done = run(folder, "dreamrunner check $'m\\xff.story' --format json")
    assert json.loads(done.stdout)[0]["file"] == "m\udcff.story"


def test_check_reads_standard_input_as_fmt_does(folder: Path) -> None:
    assert run(folder, "dreamrunner check - < two.story").returncode == 0
    done = run(folder, "dreamrunner check - < bad.story")
    assert done.returncode == 1
    assert " --> -:23:3\n" in done.stdout.decode() and "23 |   wïch stirring " in done.stdout.decode()
    done = run(folder, "dreamrunner check - < /dev/null")
    assert done.returncode == 1 and "standard input" in done.stdout.decode()
