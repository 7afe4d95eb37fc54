"""In which form an answer is asked for: by a schema, as JSON of any kind, or in words alone. Servers differ."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

WAYS = ("json_schema", "json_object", "text")
"""From the strictest to the one that every server takes."""


def schema_of(form: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a form, nothing in it a reference, which some servers can't follow."""
    schema = form.model_json_schema()
    inlined: dict[str, Any] = _inlined(schema, schema.pop("$defs", {}))
    return inlined


def asked(messages: list[Any], form: type[BaseModel], way: str) -> dict[str, Any]:
    """The part of a request that holds the messages and says in which form they are to be answered."""
    schema = schema_of(form)
    if way == "json_schema":
        wanted = {"name": form.__name__, "strict": True, "schema": schema}
        return {"messages": messages, "response_format": {"type": way, "json_schema": wanted}}
    system, *others = messages
    instructions = (
        f"{system['content']}\nThe answer is one JSON object of this schema, and nothing else:\n{json.dumps(schema)}\n"
    )
    more: dict[str, Any] = {"response_format": {"type": way}} if way == "json_object" else {}
    return {"messages": [{**system, "content": instructions}, *others], **more}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(each, parts) for name, each in schema.items()}
