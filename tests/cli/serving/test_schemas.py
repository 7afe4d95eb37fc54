"""The schemas that ``schema`` prints, against what is really written."""

import io
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from dreamrunner.cli import main
from dreamrunner.cli.console.log import Log
from dreamrunner.cli.serving.schemas import SCHEMAS, log, plan
from dreamrunner.engine.progress import BuildStarted, Event, Said, TaskAdvanced, TaskFailed, TaskStarted
from dreamrunner.language.checker import check_text
from dreamrunner.planning import plan_story
from tests.material.two_scenes import STORY

SAMPLES: tuple[Event, ...] = (
    Said("filming 2 scenes"),
    BuildStarted((("render", 2), ("join", 1)), None, ("render",)),
    TaskStarted("render", "garden", 2.5),
    TaskAdvanced("render", "garden", 0.5, 1, 2, "loss 0.4", 1.0, None, 3.0),
    TaskFailed("join", "", 0.25, "no space"),
)


def strict(schema: dict[str, Any]) -> Draft202012Validator:
    """Accepts what a schema describes and no name more."""

    def close(part: Any) -> Any:
        if isinstance(part, list):
            return [close(each) for each in part]
        if not isinstance(part, dict):
            return part
        closed = {name: close(each) for name, each in part.items()}
        return closed | {"additionalProperties": False} if "properties" in part else closed

    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(close(schema))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_says_what_it_is_of(name: str) -> None:
    schema = SCHEMAS[name]()
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == name.capitalize() and schema["description"]
    assert schema["$schema"].endswith("2020-12/schema")


def test_a_plan_is_as_its_schema_says() -> None:
    story = check_text(STORY, Path("two.story")).story
    assert story is not None
    made = json.loads(plan_story(story).plan.model_dump_json())
    strict(plan()).validate(made)
    assert not strict(plan()).is_valid(made | {"scenes": [{"name": "garden"}]})


def test_every_line_of_a_log_is_as_the_schema_says() -> None:
    stream = io.StringIO()
    written = Log(stream)
    for event in SAMPLES:
        written(event)
    written.show(check_text(STORY.replace("witch stirring", "wich stirring"), Path("two.story")).diagnostics)
    written.write("error", {"message": "no"})
    written.write("stopped", {"message": "Stopped."})
    written.write("ended", {"exit_code": 1})
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    accepts = strict(log())
    assert "diagnostic" in {line["event"] for line in lines}
    for line in lines:
        accepts.validate(line)
        assert not accepts.is_valid(line | {"more": 1})
    assert not accepts.is_valid(lines[0] | {"event": "sung"})


def test_every_event_of_a_build_is_in_the_schema_of_the_log() -> None:
    named = [each["properties"]["event"]["const"] for each in log()["oneOf"]]
    assert len(named) == len({*named}) == len(get_args(Event)) + 4


def test_the_command_prints_a_schema(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["schema", "manifest"]) == 0
    assert json.loads(capsysbinary.readouterr().out) == SCHEMAS["manifest"]()
