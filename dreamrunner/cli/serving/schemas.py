"""The JSON schemas of what programs read of DreamRunner, made from the classes that write it."""

from __future__ import annotations

from dataclasses import fields
from inspect import cleandoc
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from dreamrunner.cli.console.log import event_name_of
from dreamrunner.cli.serving.results import Problem
from dreamrunner.engine.progress import BuildStarted, Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def plan() -> Schema:
    """Of a plan: what ``Plan.model_dump_json()`` gives, and each scene's ``plan`` in a manifest."""
    from dreamrunner.planning.plan import Plan

    return _of_model(Plan)


def manifest() -> Schema:
    """Of ``manifest.json``, which lies beside a film, and of the one beside a take."""
    from dreamrunner.pipeline.manifest import Manifest

    return _of_model(Manifest)


def log() -> Schema:
    """Of a line of what ``--log json`` writes."""
    lines = [_of_event(event) for event in get_args(Event)]
    problem = Problem.model_json_schema()
    lines += [
        _line("diagnostic", problem["properties"], "What is wrong with the story."),
        _line("error", {"message": {"type": "string"}}, "Why the command does not do what it was asked."),
        _line("stopped", {"message": {"type": "string"}}, "The user stopped the command."),
        _line("ended", {"exit_code": {"type": "integer"}}, "The last line: the command's exit code."),
    ]
    return {
        "$schema": DIALECT,
        "title": "Log",
        "description": "A line of what --log json writes to standard error. Times are seconds.",
        "oneOf": lines,
        "$defs": problem.get("$defs", {}),
    }


SCHEMAS = {"plan": plan, "manifest": manifest, "log": log}
"""What makes each schema, by its name."""


def _of_model(model: type[BaseModel]) -> Schema:
    return {"$schema": DIALECT, **model.model_json_schema(mode="serialization")}


def _of_event(event: type) -> Schema:
    properties: Schema = TypeAdapter(event).json_schema(mode="serialization").get("properties", {})
    if event is BuildStarted:
        stage = {"stage": {"type": "string"}, "total": {"type": "integer"}}
        properties["stages"] = {"type": "array", "items": _whole(stage)}
    names = {field.name for field in fields(event)}
    if "of" in names:
        properties["task"] = {"type": "string", "description": "the stage, and what it is for"}
    return _line(event_name_of(event), properties, cleandoc(event.__doc__ or ""))


def _line(event: str, properties: Schema, says: str) -> Schema:
    time = {"type": "string", "format": "date-time"}
    return {"description": says, **_whole({"event": {"const": event}, "time": time, **properties})}


def _whole(properties: Schema) -> Schema:
    """An object that has all of these, and nothing else."""
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
