"""What the server's tools give back, as values that their schemas are made from. Paths are relative to the root."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Place(BaseModel):
    """Where something stands; lines and columns count from 1, ends are exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class Related(Place):
    """Another place that a problem has to do with."""

    message: str


class Problem(Place):
    """A mistake in a story, or a warning."""

    code: str = Field(description="its name; `dreamrunner explain CODE` says more")
    severity: str = Field(description="error or warning")
    message: str
    help: str | None = Field(description="what to do")
    related: list[Related]


class Checked(BaseModel):
    """What is wrong with stories."""

    errors: int
    warnings: int
    problems: list[Problem]


class Planned(BaseModel):
    """A story whose gaps are filled."""

    file: str = Field(description="the filled story, beside the author's")
    text: str = Field(description="what stands in it")
    said: list[str] = Field(description="which scenes were filled, by whom, and warnings")


class Drawn(BaseModel):
    """A storyboard of the plan, before anything is filmed."""

    picture: str
    page: str = Field(description="an HTML page that plays it")
    said: list[str] = Field(description="warnings")


class Film(BaseModel):
    """A film, or that of one scene."""

    film: str
    folder: str = Field(description="what was made beside it: storyboard.png, subtitles, manifest.json, scenes/")
    said: list[str] = Field(description="lines about the build: who was learnt, what was checked, warnings")


class Take(BaseModel):
    """A film of a scene that lies beside the whole film."""

    scene: str
    number: int = Field(description="from 1, in the order of the seeds")
    seed: int
    film: str
    score: float | None = Field(description="the share, 0 to 1, of what was checked that is right; null: not checked")
    in_film: bool


class Takes(BaseModel):
    """The takes that are there, and what choosing one came to."""

    takes: list[Take]
    said: str = Field(default="", description="which seed the scene has now, where a take was chosen")


def problem(record: dict[str, Any]) -> Problem:
    """A diagnostic as ``check --format json`` writes it."""
    return Problem.model_validate(record)
