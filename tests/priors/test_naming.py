"""Where the placeholder goes."""

import pytest

from dreamrunner.priors import with_placeholder
from dreamrunner.priors.naming import placeholder_in


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("A girl witch is walking", "witch", "A girl [v1] witch is walking"),
        ("the Witch waves to a witch", "witch", "the [v1] Witch waves to a witch"),
        ("a small snow queen sits", "snow-queen", "a small [v1] snow queen sits"),
        ("a snow-queen sits", "snow_queen", "a [v1] snow-queen sits"),
        ("a bewitched cat sits", "witch", "a [v1] bewitched cat sits"),
        ("A girl in a violet dress waves", "alice", "A [v1] girl in a violet dress waves"),
        ("Girls wave", "alice", "[v1] Girls wave"),
        ("a [v2] dragon flies", "dragon", "a [v2] dragon flies"),
        ("a (odd) cat. sits", "(odd", "a [v1] (odd) cat. sits"),
        ("", "witch", "[v1]"),
    ],
)
def test_the_placeholder_stands_before_the_name(text, name, told):
    assert with_placeholder(text, name, "[v1]") == told
    assert with_placeholder(told, name, "[v1]") == told, "never twice"
    assert with_placeholder(text, name, "") == text


@pytest.mark.parametrize(
    ("captions", "found"),
    [
        (["a [v1] witch", "the [v1] witch sits"], "[v1]"),
        (["a [v2] dragon"], "[v2]"),
        (["a [v1] witch", "a witch"], ""),
        (["a witch"], ""),
        ([], ""),
    ],
)
def test_a_placeholder_is_what_all_captions_share(captions, found):
    assert placeholder_in(captions) == found
