"""JSON of strangers comes to a value, or to one kind of error."""

import json

import pytest

from dreamrunner.files.json import DEEPEST, encodable, parse


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


def test_halves_of_letters_are_left_out_wherever_they_stand() -> None:
    assert encodable({"a\ud83d": ["b\udc00c", {"d": "\ud83d"}, 1, None]}) == {"a": ["bc", {"d": ""}, 1, None]}
