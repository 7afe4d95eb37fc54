"""Which libraries an extra of the package brings, as ``pyproject.toml`` says it and this environment has them."""

import re
import tomllib
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]


@cache
def asked_for() -> dict[str, tuple[Requirement, ...]]:
    """What each extra asks for by itself, other extras of this package included; "" is the plain package."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {"": project["dependencies"], **project["optional-dependencies"]}
    return {name: tuple(map(Requirement, texts)) for name, texts in extras.items()}


def own(extra: str) -> list[str]:
    """The libraries that an extra asks for by itself, by their names."""
    return [normal(each.name) for each in asked_for()[extra] if each.name != "dreamrunner"]


def normal(name: str) -> str:
    """A library's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def brought(*extras: str) -> dict[str, Distribution]:
    """All libraries that the plain package and these extras bring, with what those need in turn, by their names.

    Those that are not installed here are left out.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [each for extra in ("", *extras) for each in asked_for()[extra]]
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            name = normal(wanted.name)
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            if name == "dreamrunner":
                waiting += asked_for()[extra]
                continue
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:
                continue
            needs = map(Requirement, found[name].requires or ())
            waiting += [each for each in needs if each.marker is None or each.marker.evaluate({"extra": extra})]
    return found


def modules_without(*extras: str) -> set[str]:
    """The top modules of this environment that would be missing with the plain package and these extras alone."""
    there = {*brought(*extras), "dreamrunner"}
    return {
        module for module, owners in packages_distributions().items() if not there & {normal(each) for each in owners}
    }
