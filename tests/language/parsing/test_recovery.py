"""Recovery: one planted mistake gives one message, and nothing that a file can hold breaks or stops the checker.

``DREAMRUNNER_FUZZ`` sets how many inputs each fuzzer tries (default 100; 50000 each for the full run).
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from lark import Token

from dreamrunner.files.text import with_line_ends
from dreamrunner.language import check_text, render
from dreamrunner.language.checker import read_story
from dreamrunner.language.formatter import format_text
from dreamrunner.language.parsing import lines as layout

STORIES = sorted((Path(__file__).parents[3] / "stories").rglob("*.story"))
TEXTS = {path: path.read_text() for path in STORIES}
INPUTS = int(os.environ.get("DREAMRUNNER_FUZZ", "100"))


def tokens(text: str) -> list[Token]:
    """The tokens of a text that a mutation may touch: words, values, brackets and quotes, not blanks or comments."""
    found = []

    def collect(lines: list[layout.Line]) -> None:
        for line in lines:
            found.extend(line.tokens)
            collect(line.children)

    collect(layout.lay_out(text, []).lines)
    return found


def mutated(text: str, parts: list[Token], rng: random.Random) -> tuple[str, range]:
    """One token deleted, swapped with the next, or inserted before another; with the lines touched."""
    index = rng.randrange(len(parts) - 1)
    token, after = parts[index], parts[index + 1]
    kind = rng.choice(["delete", "swap", "insert"])
    if kind == "delete":
        return text[: token.start_pos] + text[token.end_pos :], range(token.line, token.end_line + 1)
    if kind == "swap":
        swapped = str(after) + text[token.end_pos : after.start_pos] + str(token)
        return text[: token.start_pos] + swapped + text[after.end_pos :], range(token.line, after.end_line + 1)
    other = rng.choice(parts)
    new = text[: token.start_pos] + str(other) + " " + text[token.start_pos :]
    return new, range(token.line, token.line + str(other).count("\n") + 1)


ADDITIONS = """\
story "Supper"
  voice alloy
  music "soup.ogg" 0.3

location kitchen
  looks "a cosy kitchen with a round window"
location garden "a garden"
location night-garden from garden "the garden at night"

character witch
  looks "a witch in a purple dress"
  voice echo
character old-witch from witch
  looks "the same witch, old and bent"
character cat "a cat"

scene supper
  in kitchen
  background "at night"
  music "soup.ogg" 0.4
  duration auto
  takes 4
  witch stirring 0s..4s
    says "Soup is ready!" at 1s
    says "Come in!"
  cat running 2s..5s
    enters left
    leaves right
  old-witch walking
    at 0s [-0.3 0.35 0.0 0.92]
    at 4s [0.35 0.35 0.65 0.92]

scene outside
  in night-garden
  takes 2
  music "soup.ogg"
  cat sitting
    leaves top
    says "Miaow."
  old-witch
    enters right
    at 2s center
    says "Good night."
"""
BESIDE = Path(__file__).parents[2] / "material" / "additions.story"
"""A story beside the sound that it plays."""


def test_400_single_token_mistakes() -> None:
    mistakes_are_told_once(TEXTS, 20)


def test_400_single_token_mistakes_in_what_came_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of no use")  # whose voices are named
    assert check_text(ADDITIONS, BESIDE).diagnostics == ()
    mistakes_are_told_once({BESIDE: ADDITIONS}, 22)


def mistakes_are_told_once(texts: dict[Path, str], seed: int) -> None:
    """One planted mistake gives one message, nearly always, and that where the mistake is."""
    rng = random.Random(seed)
    counts, near = [], 0
    parts = {path: tokens(text) for path, text in texts.items()}
    while len(counts) < 400:
        path = rng.choice([*texts])
        text, lines = mutated(texts[path], parts[path], rng)
        found = check_text(text, path).diagnostics
        if not found:
            continue  # the story says something else now, without a mistake
        counts.append(len(found))
        places = [found[0].location.line, *(place.line for _, place in found[0].related)]
        near += any(lines.start - 1 <= line <= lines.stop for line in places)
    assert sum(counts) / 400 <= 1.15
    assert counts.count(1) / 400 >= 0.90
    assert near / 400 >= 0.98


def test_a_lost_line_end_or_one_too_many_is_mostly_one_message_too() -> None:
    rng = random.Random(21)
    counts = []
    while len(counts) < 100:
        path = rng.choice(STORIES)
        text = TEXTS[path]
        ends = [at for at, char in enumerate(text) if char == "\n"]
        blanks = [at for at, char in enumerate(text) if char == " "]
        at = rng.choice(rng.choice([ends, blanks]))
        changed = text[:at] + ("" if text[at] == "\n" else "\n") + text[at + 1 :]
        found = check_text(changed, path).diagnostics
        if found:
            counts.append(len(found))
    assert sum(counts) / 100 <= 1.5


WORDS = [
    *"use story character prop motion scene language topic style model seed size planner catalog looks".split(),
    *"images lora query clips background narration duration transition avoid camera from at".split(),
    *"location in takes enters leaves voice music says".split(),
    *"witch cat walking left fade none".split(),
    *'"text" "" """ """text""" " \\" [0.1 0.2 0.3 0.9] [ ] , .. 0s..3s 3s 6s 0.5s'.split(),
    *"1.4 -1 7 720x480 # #x é @@ : {".split(),
]


def grammatical(rng: random.Random) -> str:
    """Text that is near the language: its words and values in lines of any indentation."""
    lines = []
    for _ in range(rng.randrange(1, 25)):
        indent = rng.choice(["", "", "  ", "  ", "    ", "    ", " ", "\t", "   "])
        lines.append(indent + " ".join(rng.choices(WORDS, k=rng.randrange(0, 7))))
    text = rng.choice(["\n", "\n", "\n", "\r\n"]).join(lines)
    if rng.random() < 0.5 and STORIES:
        story = TEXTS[rng.choice(STORIES)]
        cut = rng.randrange(len(story))
        text = story[:cut] + rng.choice(["", " ", "\n"]) + text + story[cut + rng.randrange(40) :]
    return text


def bytes_of(rng: random.Random) -> bytes:
    """Anything: noise, or a story with bytes changed, lost and repeated."""
    if rng.random() < 0.3:
        return rng.randbytes(rng.randrange(0, 300))
    raw = bytearray(rng.choice(list(TEXTS.values())).encode())
    for _ in range(rng.randrange(1, 12)):
        at, width = rng.randrange(len(raw)), rng.randrange(1, 30)
        kind = rng.randrange(3)
        if kind == 0:
            raw[at : at + width] = b""
        elif kind == 1:
            raw[at:at] = rng.choice([rng.randbytes(3), b'"', b'"""', b"\n", b"[", b"\0", b"\x0c", b" " * width])
        else:
            raw[at:at] = raw[at : at + width] * rng.randrange(1, 4)
        if not raw:
            break
    return bytes(raw)


def survives(text: str) -> None:
    """Checking, showing and formatting neither fail nor take long."""
    start = time.process_time()
    checked = check_text(text, Path("fuzz.story"))
    render(checked.diagnostics, False, {Path("fuzz.story"): text})
    lines = with_line_ends(text).split("\n")
    for item in checked.diagnostics:
        place = item.location
        assert 1 <= place.line <= len(lines) and place.column >= 1
        assert (place.line, place.column) <= (place.end_line, place.end_column)
    assert checked.story is not None or checked.diagnostics
    formatted = format_text(text, Path("fuzz.story")).text
    assert formatted is None or format_text(formatted, Path("fuzz.story"), safe=False).text == formatted
    assert time.process_time() - start < 1


def test_text_that_is_nearly_the_language() -> None:
    for seed in range(INPUTS):
        text = grammatical(random.Random(seed))
        try:
            survives(text)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {text!r}") from error


def test_any_bytes(tmp_path: Path) -> None:
    path = tmp_path / "fuzz.story"
    for seed in range(INPUTS):
        raw = bytes_of(random.Random(seed))
        path.write_bytes(raw)
        try:
            checked = read_story(path)
            assert checked.story is not None or checked.diagnostics
            survives(raw.decode("utf-8", "replace"))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {raw!r}") from error


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"""' * 20_000, id="quotes"),
        pytest.param("[" * 20_000, id="brackets"),
        pytest.param("scene a\n" * 5_000, id="one scene over and over"),
        pytest.param("\n".join(" " * depth + "x" for depth in range(1_500)), id="deep"),
        pytest.param("\n".join(" " * (depth % 7) + "cat" for depth in range(8_000)), id="ragged"),
        pytest.param("scene a\n" + "  cat sitting 0s..1s\n" * 3_000, id="one beat over and over"),
        pytest.param("character " + "a" * 100_000, id="a long name"),
        pytest.param('scene a\n  narration "' + "\\" * 100_000, id="backslashes"),
        pytest.param("\t\n" * 50_000 + "\tscene", id="tabs"),
        pytest.param("".join(f"character a{n}\n" for n in range(3_000)) + "scene b\n  c0\n", id="many characters"),
        pytest.param("scene a\n" + "".join(f"  nobody{n} b{n}\n" for n in range(2_000)), id="many unknown"),
        pytest.param("#" * 200_000, id="a comment"),
        pytest.param("scene a\n  seed " + "9" * 50_000, id="a number"),
        pytest.param('use "' + "../" * 5_000 + '"', id="a path"),
        pytest.param("scene a\n  cat\n" + "    at 0s left\n" * 4_000, id="one key frame over and over"),
    ],
)
def test_much_of_one_thing_is_read_in_time(text: str) -> None:
    start = time.process_time()
    checked = check_text(text, Path("much.story"))
    render(checked.diagnostics[:50], False, {Path("much.story"): text})
    assert time.process_time() - start < 3


def test_quotes_in_disorder_are_mistakes_like_others() -> None:
    # What is left of such a line, once its quotes are paired otherwise, has an empty line in it.
    text = 'cene n\n "o".""" """""."""\n'
    assert [item.code for item in check_text(text, Path("x.story")).diagnostics] == ["unknown-block", "syntax"]
