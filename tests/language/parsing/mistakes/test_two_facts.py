"""Two facts on one line, each with its own quotes, and quotes within a text that look like that."""

from __future__ import annotations

import pytest

from tests.language.parsing.mistakes.test_beginners import errors, fixed, told_once

FACTS = {
    "a voice beside looks": ('character owl "an owl" voice "amy"\n', 'character owl "an owl"\n  voice "amy"\n'),
    "looks beside a voice": ('character owl voice "a" looks "b"\n', 'character owl voice "a"\n  looks "b"\n'),
    "a seed beside the title": ('story "A" seed 3\n', 'story "A"\n  seed 3\n'),
    "a property's word in quotes": ('character owl "a "looks" so"\n', 'character owl "a \\"looks\\" so"\n'),
}


@pytest.mark.parametrize("case", FACTS)
def test_two_facts_on_one_line_are_two_lines(case: str) -> None:
    wrong, right = FACTS[case]
    found = told_once(wrong)
    assert fixed(wrong, found) == right
    assert errors(right) == []
