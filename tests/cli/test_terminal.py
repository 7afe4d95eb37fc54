"""What a story, a catalog or a file's name holds never steers the terminal: the real command on a pseudo-terminal."""

from __future__ import annotations

import json
import os
import pty
import re
from pathlib import Path

import pytest

from tests.material import warm
from tests.material.videos import stripes, write

EVIL = "\x1b[31mred\x1b]0;title\x07 \x9b31m\x85 \u202eback\u202c \u2066iso\u2069 \x08\x7f"
"""Colours, a window's title, a bell, codes of one byte, letters that run backwards, and ones that rub others out."""

STORY = f'''\
# comment {EVIL}
story "Title {EVIL}"
  topic "topic {EVIL}"
  style "style {EVIL}"   # tail {EVIL}
  seed 3

character witch
  looks "a witch {EVIL}"
character cat "a cat {EVIL}"

motion stirring
  query "person {EVIL} stirring"

scene garden
  background "garden {EVIL}"
  narration """
    The witch walks {EVIL} then waves.
    """
  avoid "text {EVIL}"
  camera "slow {EVIL}"
  witch walking 0s..6s "A witch {EVIL} walking"
    at 0s [0.1 0.2 0.4 0.9]  # box {EVIL}
  cat sitting

scene kitchen
  narration "She stirs {EVIL}."
'''

WRONG = f"""
scene kitchen
  narration "again {EVIL}"
  wich{EVIL} walkin 0s..9s "words {EVIL}"
    at 2s [0.9 0.1 0.4 0.8]
  {EVIL} 3
  witch "unclosed {EVIL}
character dog
  images "refs/{EVIL}/*.png"
motion flying
  lora "loras/{EVIL}.safetensors" 0.8
  clips "../../{EVIL}"
use "cast{EVIL}.story"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stories")
    for name in ("good.story", f"{EVIL}.story"):
        (folder / name).write_text(STORY, encoding="utf-8")
    (folder / "wrong.story").write_text(STORY + WRONG, encoding="utf-8")
    write(folder / "one.mp4", stripes(72))
    rows = [
        {"path": path, "start": 0, "end": 3, "caption": f"{EVIL} stirring"} for path in ("one.mp4", f"no{EVIL}.mp4")
    ]
    (folder / "clips.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    command = [*warm.PROGRAM, "catalog", "index", "clips.jsonl", "-o", "kept"]
    warm.run(command, cwd=folder, env=warm.environment(), check=True)
    return folder


def on_a_terminal(folder: Path, *arguments: str) -> str:
    """What the command writes to a terminal, without the colours and the moves of the cursor that are its own."""
    terminal, its = pty.openpty()
    streams = {"stdin": its, "stdout": its, "stderr": its}
    process = warm.Popen([*warm.PROGRAM, *arguments], cwd=folder, env=warm.environment(), **streams)
    os.close(its)
    told = b""
    try:
        while piece := os.read(terminal, 65536):
            told += piece
    except OSError:
        pass  # how a terminal ends
    process.wait()
    os.close(terminal)
    return re.sub(r"\x1b\[(?!31m)[0-9;?]*[A-Za-z]|\r", "", told.decode())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "wrong.story"], "unclosed"),
        (["check", "wrong.story", "--format", "json"], "unclosed"),
        (["check", "wrong.story", "--format", "github"], "::error"),
        (["fmt", "--check", "."], "would reformat"),
        (["fmt", "--diff", "good.story"], "tail"),
        (["plan", "good.story", "--dry-run"], "kitchen"),
        (["plan", f"{EVIL}.story"], ".plan.story"),
        (["build", f"{EVIL}.story", "--dry-run"], "garden"),
        (["graph", "good.story"], "garden"),
        (["graph", "good.story", "--format", "json"], "garden"),
        (["storyboard", f"{EVIL}.story"], "boxes.png"),
        (["catalog", "index", "clips.jsonl", "-o", "catalog"], "1 clip "),
        (["catalog", "search", "kept", "stirring"], "one.mp4"),
    ],
    ids=lambda value: " ".join(value).replace(EVIL, "evil") if isinstance(value, list) else "",
)
def test_nothing_steers_the_terminal(folder: Path, arguments: list[str], said: str) -> None:
    told = on_a_terminal(folder, *arguments)
    assert said in told and "Traceback" not in told
    assert {char for char in told if char != "\n" and not char.isprintable()} == set()


def test_a_path_that_a_program_reads_is_exact(folder: Path) -> None:
    ran = warm.run([*warm.PROGRAM, "plan", f"{EVIL}.story"], cwd=folder, env=warm.environment())
    assert ran.stdout.decode() == f"{EVIL}.plan.story\n"
