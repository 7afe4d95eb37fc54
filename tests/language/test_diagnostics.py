"""Every diagnostic's own file proves itself: its wrong example gives that code where marked, its mended one nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from dreamrunner.language import Diagnostic, diagnostics, read_story
from dreamrunner.planning import plan_story


@dataclass(frozen=True)
class Example:
    """The files of one example, by name, and the marked place: file, line, column, end column."""

    files: dict[str, bytes]
    mark: tuple[str, int, int, int] | None


def example(markdown: str, heading: str) -> Example:
    """The example under a heading; a line of ``^`` marks a stretch of the line above it."""
    section = markdown.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found: dict[str, bytes] = {}
    mark = None
    for kind, name, body in re.findall(r"^```(story|bytes) ?(\S*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        name = name or "example.story"
        kept: list[str] = []
        for line in body.split("\n"):
            carets = re.fullmatch(r"\s*(\^+)", line)
            if carets:
                assert mark is None, "an example has one mark"
                mark = (name, len(kept), carets.start(1) + 1, carets.end(1) + 1)
            else:
                kept.append(line)
        text = "\n".join(kept)
        found[name] = text.encode().decode("unicode_escape").encode("latin-1") if kind == "bytes" else text.encode()
    return Example(found, mark)


def written(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / "example.story"


PLANNING = ("no-characters", "nothing-to-film", "planner-not-available")
"""What is only noticed when a story is planned."""


def noticed(path: Path, code: str) -> tuple[Diagnostic, ...]:
    checked = read_story(path)
    if code in PLANNING and not checked.diagnostics:
        return plan_story(checked.story).diagnostics
    assert (checked.story is None) == any(item.severity == "error" for item in checked.diagnostics)
    return checked.diagnostics


@pytest.mark.parametrize("code", diagnostics.codes())
def test_the_wrong_example_gives_its_code_where_marked_and_nothing_else(code: str, tmp_path: Path) -> None:
    wrong = example(diagnostics.entry(code).markdown, "Wrong")
    found = noticed(written(wrong.files, tmp_path), code)
    assert [item.code for item in found] == [code]
    place = found[0].location
    assert wrong.mark is not None
    assert (place.file.relative_to(tmp_path).as_posix(), place.line, place.column, place.end_column) == wrong.mark
    assert place.end_line == place.line


@pytest.mark.parametrize("code", diagnostics.codes())
def test_the_mended_example_is_clean(code: str, tmp_path: Path) -> None:
    mended = example(diagnostics.entry(code).markdown, "Mended")
    assert noticed(written(mended.files, tmp_path), code) == ()


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
        used |= set(re.findall(r'diagnostic\(\s*"([a-z0-9-]+)"', source.read_text()))
    assert used == set(diagnostics.codes())


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        diagnostics.entry("no-such-code")
