"""Every diagnostic's own file proves itself: its wrong example gives that code where marked, its mended one nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dreamrunner.backbones import describe
from dreamrunner.language import Diagnostic, diagnostics, read_story
from dreamrunner.language.examples import MAIN, Example, example
from dreamrunner.pipeline.adapters.unlearnt import no_clip, untrained
from dreamrunner.pipeline.prompt_length import cut_texts
from dreamrunner.planning import plan_story
from dreamrunner.planning.noticed import noticed as said_before


def written(shown: Example, folder: Path) -> Path:
    for file in shown.files:
        (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(file.content)
    return folder / MAIN


PLANNING = (
    "no-characters",
    "no-room",
    "not-english",
    "not-understood",
    "nothing-to-film",
    "plain-day",
    "planner-not-available",
)
"""What is only noticed when a story is planned."""
DRAWING = ("not-drawn", "unused-ignore")
"""What is noticed once a story has no error: of its model, which lists what it can draw, and of its comments."""
FILMING = ("left-alone", "long-text", "no-clip")
"""What is only noticed when it is filmed, by what the model can read and do."""


def noticed(path: Path, code: str) -> tuple[Diagnostic, ...]:
    checked = read_story(path)
    if code in PLANNING and not checked.diagnostics:
        return plan_story(checked.story).diagnostics
    if code in DRAWING and not checked.diagnostics:
        return said_before(checked.story)
    if code in FILMING and not checked.diagnostics:
        scenes, model = plan_story(checked.story).plan.scenes, describe("miniature")
        motions = [beat.motion for scene in scenes for beat in scene.beats if beat.motion == "juggling"]
        if code == "no-clip" and motions:
            search = path.with_name("search.json")
            search.write_text('{"query": "person is juggling", "segments": [], "best": 0.16}')
            return (no_clip("juggling", search, checked.story, model, "miniature"),)
        alone = untrained(motions, checked.story, model)
        return (*alone, *cut_texts(scenes, checked.story, "", model))
    assert (checked.story is None) == any(item.severity == "error" for item in checked.diagnostics)
    return checked.diagnostics


@pytest.mark.parametrize("code", diagnostics.codes())
def test_the_wrong_example_gives_its_code_where_marked_and_nothing_else(code: str, tmp_path: Path) -> None:
    wrong = example(diagnostics.entry(code), "Wrong")
    found = noticed(written(wrong, tmp_path), code)
    assert [item.code for item in found] == [code]
    place = found[0].location
    assert wrong.mark is not None
    assert sum("^" in line and not line.strip(" ^") for file in wrong.files for line in file.shown) == 1
    assert (place.file.relative_to(tmp_path).as_posix(), place.line, place.column, place.end_column) == wrong.mark
    assert place.end_line == place.line


@pytest.mark.parametrize("code", diagnostics.codes())
def test_the_mended_example_is_clean(code: str, tmp_path: Path) -> None:
    mended = example(diagnostics.entry(code), "Mended")
    assert noticed(written(mended, tmp_path), code) == ()


@pytest.mark.parametrize("code", diagnostics.codes())
def test_every_entry_has_its_sections_and_filled_templates(code: str) -> None:
    item = diagnostics.entry(code)
    assert item.markdown.startswith(f"# {code}\n")
    assert item.severity in ("error", "warning")
    headings = re.findall(r"^## (.*)$", item.markdown, re.MULTILINE)
    assert headings == ["Cause", "Remedy", "Wrong", "Mended"]
    assert item.message and item.help


def test_every_code_in_the_package_has_a_file_and_the_other_way_round() -> None:
    used = set()
    for source in Path(diagnostics.__file__).parents[1].rglob("*.py"):
        used |= set(re.findall(r'(?:diagnostic\(\s*|code=)"([a-z0-9-]+)"', source.read_text()))
    assert used == set(diagnostics.codes())


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        diagnostics.entry("no-such-code")
