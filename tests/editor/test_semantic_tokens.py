"""Semantic tokens: what each word is, in UTF-16 units, on broken lines as well."""

from pathlib import Path

import pytest
from lsprotocol import types

from tests.material.editor_session import BROKEN, Editor, document

STORY = """# 🧙 comment
use "cast.story"  # 🐈

story "🌙 A Day"
  model miniature
  size 720x480

character cat looks "🐈"
prop pot "🥣"
motion stirring
  clips "🥣.mp4"
scene one
  narration \"\"\"
    🐈 two

    lines\"\"\"
  transition fade 0.5s

  cat "🐈" # 🐈
    at 0s left
  cat sleeping 1s..3s "🐈🐈"
    at 1s [0.1, 0.2 0.5 0.9]
  pot "🥣"
  witch stirring
"""

EXPECTED = """# 🧙 comment/comment
use/keyword "cast.story"/string # 🐈/comment
story/keyword "🌙 A Day"/string
model/property miniature/enumMember
size/property 720x480/number
character/keyword cat/class.declaration looks/property "🐈"/string
prop/keyword pot/variable.declaration "🥣"/string
motion/keyword stirring/method.declaration
clips/property "🥣.mp4"/string
scene/keyword one/namespace.declaration
narration/property \"\"\"/string
    🐈 two/string
    lines\"\"\"/string
transition/property fade/enumMember 0.5s/number
cat/class "🐈"/string # 🐈/comment
at/property 0s/number left/enumMember.defaultLibrary
cat/class sleeping/method 1s/number ../operator 3s/number "🐈🐈"/string
at/property 1s/number [/operator 0.1/number ,/operator 0.2/number 0.5/number 0.9/number ]/operator
pot/variable "🥣"/string
witch/class stirring/method
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "cast.story").write_text('character witch "🧙"\n', encoding="utf-8")
    return tmp_path / "story.story"


def read(editor: Editor, text: str, data: list[int]) -> list[str]:
    """The tokens as ``TEXT/TYPE.MODIFIER``, those of a line together, decoded as a client does it."""
    legend = editor.started.capabilities.semantic_tokens_provider.legend
    lines = [line.encode("utf-16-le") for line in text.split("\n")]
    told: dict[int, list[str]] = {}
    row = column = 0
    for index in range(0, len(data), 5):
        down, along, width, kind, bits = data[index : index + 5]
        row, column = row + down, along if down else column + along
        word = lines[row][2 * column : 2 * (column + width)].decode("utf-16-le")
        modifiers = [name for place, name in enumerate(legend.token_modifiers) if bits >> place & 1]
        told.setdefault(row, []).append(f"{word}/{'.'.join([legend.token_types[kind], *modifiers])}")
    return [" ".join(words) for _, words in sorted(told.items())]


def tokens(editor: Editor, path: Path, text: str) -> list[str]:
    uri = editor.open(path, text, wait=False)
    data = editor.ask("text_document_semantic_tokens_full", types.SemanticTokensParams(document(uri))).data
    editor.close(uri)
    return read(editor, text, list(data))


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_every_word_is_told(more: str, editor: Editor, path: Path) -> None:
    found = tokens(editor, path, STORY + more)

    count = EXPECTED.count("\n")
    assert found[:count] == EXPECTED.splitlines()
    of_broken = [
        "scene/keyword broken/namespace.declaration",
        'narration/property "🧙 oh/string',
        "nobody/class [/operator 0s/number",
    ]
    assert found[count:] == (of_broken if more else [])


def test_a_word_is_where_a_comment_is_not(editor: Editor, path: Path) -> None:
    found = tokens(editor, path, 'scene scene\n  cat # cat\n  "# 🐈" cat\n')

    assert found[0] == "scene/keyword scene/namespace.declaration"
    assert found[1] == "cat/class # cat/comment"
    assert found[2].startswith('"# 🐈"/string')


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  cat sleeping 0s..", "cat/class sleeping/method 0s/number ../operator"),
        ("  cat [ sleeping", "cat/class [/operator"),
        ('  background 🌙 "x"', "background/property"),
        ("  duration", "duration/property"),
        ("nonsense word", ""),
        ("chara", ""),
        ("character", "character/keyword"),
        ("prop stone ]", "prop/keyword stone/variable.declaration ]/operator"),
        ("  🐈 cat", ""),
    ],
)
def test_what_can_be_told_of_a_broken_line_is(line: str, expected: str, editor: Editor, path: Path) -> None:
    text = STORY + "scene two\n  pot\n"
    found = tokens(editor, path, f"{text}{line}\n")

    assert found[: EXPECTED.count("\n")] == EXPECTED.splitlines()
    assert " ".join(found[EXPECTED.count("\n") + 2 :]).startswith(expected)


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
def test_a_part_of_a_text_has_the_same_tokens(more: str, editor: Editor, path: Path) -> None:
    text = STORY + more
    uri = editor.open(path, text)
    whole = tokens(editor, path.with_name("copy.story"), text)
    found = []
    for first, last in ((0, 11), (12, 14), (15, 10**6)):
        span = types.Range(types.Position(first, 0), types.Position(last, 10**6))
        asked = types.SemanticTokensRangeParams(document(uri), span)
        found += read(editor, text, list(editor.ask("text_document_semantic_tokens_range", asked).data))

    assert found == whole
