"""What films got, written down: as a table for people, as JSON, as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from dreamrunner.evaluation.metrics import Evaluation, Score
from dreamrunner.files.wording import counted

_OTHER = "*"
_COLUMNS = "film", "metric", "value", "paper", "measured by", "paper's network", "of", "missing"


def text(evaluations: Sequence[Evaluation]) -> str:
    """A table for each film, the paper's numbers beside its own."""
    return "\n\n".join(_table(each) for each in evaluations)


def _table(evaluation: Evaluation) -> str:
    scores = evaluation.scores
    why = list(dict.fromkeys(score.why for score in scores if score.value is None))
    wide = max(len(score.metric.label) for score in scores)
    lines = [f"{evaluation.film}: {counted(evaluation.scenes, 'scene')}", *evaluation.remarks]
    lines.append(f"{'':<{wide}}{'film':>8}{'paper':>8}")
    for score in scores:
        other = _OTHER if score.value is not None and not score.comparable else " "
        value = f"{score.value:.1f}" if score.value is not None else "-"
        looked = ", ".join(filter(None, (score.by, score.of)))
        told = looked if score.value is not None else f"[{1 + why.index(score.why)}]"
        lines.append(f"{score.metric.label:<{wide}}{value:>8}{score.metric.paper:>8.1f}{other} {told}")
    if any(score.value is not None and not score.comparable for score in scores):
        lines.append(f"{_OTHER} the paper's number is by another network, and can't be compared with this one")
    lines += [f"[{number}] {each}" for number, each in enumerate(why, 1)]
    return "\n".join(lines)


def as_json(evaluations: Sequence[Evaluation]) -> str:
    """An object a film, with ``scores`` by the measures' names."""
    told = [
        {
            "film": each.film,
            "scenes": each.scenes,
            "remarks": list(each.remarks),
            "scores": {score.metric.name: _facts(score) for score in each.scores},
        }
        for each in evaluations
    ]
    return json.dumps({"films": told}, indent=2, ensure_ascii=False)


def _facts(score: Score) -> dict[str, object]:
    return {
        "value": None if score.value is None else round(score.value, 4),
        "paper": score.metric.paper,
        "by": score.by,
        "paper_by": score.metric.network,
        "comparable": score.comparable,
        "of": score.of,
        "missing": score.why,
    }


def as_csv(evaluations: Sequence[Evaluation]) -> str:
    """A row for each film and measure, below a row of headings."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for each in evaluations:
        for score in each.scores:
            value = "" if score.value is None else f"{score.value:.4f}"
            metric = score.metric
            rows.writerow([each.film, metric.name, value, metric.paper, score.by, metric.network, score.of, score.why])
    return out.getvalue().removesuffix("\n")


FORMS = {"text": text, "json": as_json, "csv": as_csv}
"""The forms that scores are printed in."""
