"""``evaluate`` on a terminal: a table, JSON, CSV, the paper's numbers beside; and never a traceback."""

import csv
import io
import json

from dreamrunner.cli import main
from dreamrunner.cli.commands import evaluate as command
from dreamrunner.evaluation.metrics import GROUPS, METRICS
from dreamrunner.evaluation.tables import FORMS
from tests.evaluation.conftest import Place


def test_the_three_forms_say_the_same(small: Place, capsys) -> None:
    asked = ["evaluate", str(small.film), "--only", "smoothness", "--only", "character", "--no-fetch"]
    assert main(asked) == 0
    text = capsys.readouterr().out
    assert main([*asked, "--format", "json"]) == 0
    (film,) = json.loads(capsys.readouterr().out)["films"]
    assert main([*asked, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(film["scores"]) == [row["metric"] for row in rows] == ["character-clip", "character-dino", "smoothness"]
    smooth = film["scores"]["smoothness"]
    assert float(rows[2]["value"]) == smooth["value"] and smooth["paper"] == 98.1 and not smooth["comparable"]
    lines = text.splitlines()
    assert lines[0] == f"{small.film}: 1 scene"
    value = f"{smooth['value']:.1f}"
    assert lines[4].split() == ["smoothness", value, "98.1*", "optical", "flow,", "1", "scene"]
    assert "can't be compared" in lines[5]
    assert [line.split()[2:] for line in lines[2:4]] == [["-", "70.7", "[1]"], ["-", "55.1", "[1]"]]
    assert lines[6].startswith("[1] ") and lines[6].endswith("(--plan STORY)") and len(lines) == 7
    assert film["scores"]["character-clip"]["value"] is None and rows[0]["value"] == ""


def test_a_film_that_is_none_leaves_the_others(small: Place, capsys) -> None:
    films = [str(small.film), "nowhere.mp4"]
    assert main(["evaluate", *films, "--only", "smoothness", "--format", "json"]) == 1
    said = capsys.readouterr()
    assert said.err == "error: there is no nowhere.mp4\n" and len(json.loads(said.out)["films"]) == 1
    assert main(["evaluate", "nowhere.mp4"]) == 1
    assert capsys.readouterr().out == ""


def test_the_command_offers_what_there_is() -> None:
    assert command.GROUPS == GROUPS and set(command.FORMS) == set(FORMS)
    assert set(GROUPS) == {metric.group for metric in METRICS.values()}
