"""JSON of strangers comes to a value, or to one kind of error."""

import json
from pathlib import Path

import pytest

import dreamrunner
from dreamrunner.files.digest import digest_files
from dreamrunner.files.json import DEEPEST, encodable, parse
from dreamrunner.planning.chat.costs import PriceError, prices
from dreamrunner.planning.exchange.rows import PublishedError, read_row


@pytest.mark.parametrize("text", ["[1, 2.5, null, true]", '{"a": [{}]}', b'"\xc3\xa9"', '"\\ud83d"', "1e308", "-0.0"])
def test_what_is_sound_is_what_json_says(text: str | bytes) -> None:
    assert parse(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        (b"\xff\xfe\xfd", "codec can't decode"),
        ("NaN", "NaN is not a number"),
        ("[-Infinity]", "-Infinity is not a number"),
        ("1e999", "1e999 is too large"),
        ("1" * 5000, "4300"),
        ("1" * 5000 + ".0", "too large"),
        ("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2), "nested too deep"),
        ('{"a":' * 90_000 + "1" + "}" * 90_000, "nested too deep"),
        ("[" * 90_000, "nested too deep"),
    ],
)
def test_what_is_not_is_a_value_error(text: str | bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        parse(text)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 200


def test_a_name_that_stands_for_nothing_is_none() -> None:
    assert parse('{"score": [NaN, 1]}', blank="NaN") == {"score": [None, 1]}
    with pytest.raises(ValueError, match="Infinity is not a number"):
        parse("[NaN, Infinity]", blank="NaN")


def test_halves_of_letters_are_left_out_wherever_they_stand() -> None:
    assert encodable({"a\ud83d": ["b\udc00c", {"d": "\ud83d"}, 1, None]}) == {"a": ["bc", {"d": ""}, 1, None]}


def test_whatever_else_reads_json_reads_it_so() -> None:
    package = Path(dreamrunner.__file__).parent
    own = {"files/json.py", *(file.relative_to(package).as_posix() for file in package.glob("miniature/**/*.py"))}
    others = [file for file in package.rglob("*.py") if file.relative_to(package).as_posix() not in own]
    assert [file for file in others if "json.load" in file.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    "text", ["[" * 90_000, '{"a":' * 90_000, "[]", '{"a": NaN}', '{"a": 1' + "0" * 5000 + "}", "\0"]
)
def test_what_other_files_hold_is_told_in_their_own_way_or_passed_over(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path))
    file = tmp_path / "digests.json"
    file.write_text(text)
    (tmp_path / "x").write_text("x")
    assert len(digest_files([tmp_path / "x"], tmp_path, remember=False)) == 64
    with pytest.raises(PriceError):
        prices(file)
    with pytest.raises(PublishedError):
        read_row(text)
