"""One-sentence prompts as people write them for films of one shot, each with a cast of its own.

A line of ``prompts.txt`` is a prompt, what its story declares, and the relations that must hold in the key frames.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from tests.planning.boxes.test_relations import Film, holds

TABLE = Path(__file__).with_name("prompts.txt")


def prompts() -> list[list[str]]:
    return [line.split(" | ") for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("prompt", "declared", "relations"), prompts(), ids=[row[0] for row in prompts()])
def test_a_prompt_is_laid_out_as_it_says(prompt: str, declared: str, relations: str) -> None:
    named = [line.split() for line in declared.split(", ")]
    head = "".join(f'{kind} {name} "a {name}"\n' for kind, name in named)
    checked = check_text(f'{head}scene a\n  background "a place"\n  narration "{prompt}"\n', Path("x.story"))
    assert checked.story is not None, checked.diagnostics
    plan = plan_story(checked.story).plan
    assert plan is not None
    film = Film(plan.scenes[0])
    assert [relation for relation in relations.split("; ") if not holds(film, relation)] == []
