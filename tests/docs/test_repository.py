"""What stands beside the code for those who find the repository: it agrees with the code."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

import dreamrunner

REPOSITORY = Path(__file__).parents[2]


def text_of(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere() -> None:
    assert yaml.safe_load(text_of("CITATION.cff"))["version"] == dreamrunner.__version__
    assert re.findall(r"^## ([\d.]+)", text_of("CHANGELOG.md"), re.MULTILINE)[0] == dreamrunner.__version__


def test_continuous_integration_runs_what_there_is() -> None:
    workflow = yaml.safe_load(text_of(".github/workflows/ci.yml"))
    assert {"ubuntu-latest", "macos-latest", "windows-latest"} == set(
        workflow["jobs"]["test"]["strategy"]["matrix"]["system"]
    )
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if made := re.fullmatch(r"make (.+)", step.get("run", "")):
                assert set(made[1].split()) <= targets
    extras = re.search(r'"\.\[(\w+)\]"', text_of(".github/workflows/ci.yml"))
    assert extras is not None and f"\n{extras[1]} = [" in text_of("pyproject.toml")


def test_the_page_of_the_api_has_every_public_name() -> None:
    shown = set(re.findall(r"^::: ([\w.]+)$", text_of("docs/python.md"), re.MULTILINE))
    for name in dreamrunner.__all__:
        home = f"dreamrunner.{dreamrunner._HOMES[name]}"
        own = getattr(getattr(dreamrunner, name), "__module__", home)
        assert {home, own, f"{home}.{name}", f"{own}.{name}"} & shown, name


def test_every_program_that_measures_is_on_the_page_of_figures() -> None:
    page = text_of("docs/figures.md")
    programs = [path.name for path in (REPOSITORY / "benchmarks").glob("*.py") if "__main__" in path.read_text()]
    assert len(programs) > 20
    assert [name for name in programs if f"`{name}`" not in page] == []
