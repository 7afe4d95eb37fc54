"""A film's report as a page: one HTML file with its pictures in it, without a script, that asks for nothing.

Whatever a story holds stays text. The page's policy allows its own style, by its hash, and pictures that it holds.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from string import Template

from dreamrunner.checking.marks import JUDGED, EntityMarks, Mark, SceneMarks
from dreamrunner.checking.said import WORST, faults, share
from dreamrunner.engine.kinds import Kind, did, kind_of
from dreamrunner.files.digest import digest_text
from dreamrunner.files.text import in_words
from dreamrunner.files.wording import clock, counted, size
from dreamrunner.film.marking import undone
from dreamrunner.pipeline.manifest import AdapterRecord, SceneRecord
from dreamrunner.planning.plan import PlannedBeat
from dreamrunner.reporting.gathering import Cost, Report, without_places

_PAGE = Path(__file__).parent / "page"

GOOD = 0.9
"""From which score on a scene is shown as right."""

_HOW = {
    "lora": "a LoRA that the story names",
    "clips": "learnt from the story's clips",
    "photos": "learnt from the story's photos",
    "trained": "a LoRA of your folder",
    "catalog": "learnt from clips that were found",
    "known": "known to the model",
    "alone": "nothing taught it",
}
_SIGNS: dict[Mark, str] = {"right": "✓", "unsaid": "·", "unknown": "?"}
_TOLD: dict[Mark, str] = {"right": "right", "unsaid": "the script says nothing", "unknown": "can't be told"}


def page(report: Report) -> str:
    """The whole page."""
    style = (_PAGE / "report.css").read_text(encoding="utf-8")
    source = f"'sha256-{base64.b64encode(bytes.fromhex(digest_text(style))).decode()}'"
    policy = f"default-src 'none'; style-src {source}; img-src data:; base-uri 'none'; form-action 'none'"
    return Template((_PAGE / "report.html").read_text(encoding="utf-8")).substitute(
        policy=policy,
        title=_text(report.manifest.title or "Untitled"),
        style=style,
        body="\n".join(_body(report)),
    )


def _body(report: Report) -> Iterator[str]:
    manifest = report.manifest
    lasts = sum(record.plan.duration for record in manifest.scenes)
    draft = ", a draft" if manifest.draft else ""
    yield f"<header><h1>{_text(manifest.title or 'Untitled')}</h1>"
    yield f'<p class="soft">{counted(len(manifest.scenes), "scene")}, {_seconds(lasts)}{draft}</p></header>'
    yield "<main>"
    yield from _overview(report)
    if report.storyboard:
        yield "<h2>Storyboard</h2>"
        told = "The storyboard: boxes as they are planned, above the frames that came out"
        yield f'<div class="board">{_picture(report.storyboard, told)}</div>'
    yield "<h2>Scenes</h2>"
    for record in manifest.scenes:
        yield from _scene(report, record)
    yield from _learnt(report)
    yield from _costs(report.costs)
    yield "</main>"


def _overview(report: Report) -> Iterator[str]:
    manifest, model = report.manifest, report.manifest.model
    facts = [
        ("model", f"{without_places(model.name)}, {model.width} x {model.height}, {model.frames} frames a clip"),
        ("its digest", model.digest[:16]),
        ("planner", without_places(manifest.planner)),
        ("style", manifest.style),
        ("seed", str(manifest.seed)),
        ("voice", without_places(manifest.voice or "")),
        ("versions", ", ".join(f"{name} {number}" for name, number in manifest.versions.items())),
    ]
    yield '<section class="card">'
    yield _facts(facts)
    checked = [record for record in manifest.scenes if record.marks is not None and record.marks.score is not None]
    if checked:
        rows = [
            [
                _link(record.plan.name),
                _score(record.marks, ""),
                _text("; ".join(_faults(record.marks)) or "nothing wrong"),
            ]
            for record in checked
        ]
        watchers = dict.fromkeys(record.marks.watcher for record in checked if record.marks is not None)
        yield f"<h4>What came out as its script says, by {_text(', '.join(watchers))}</h4>"
        yield _table(("scene", "right", "what is wrong"), rows)
    else:
        yield '<p class="soft">The film was not checked against its script.</p>'
    yield "</section>"


def _faults(marks: SceneMarks | None) -> list[str]:
    return list(faults(marks)) if marks is not None else []


def _scene(report: Report, record: SceneRecord) -> Iterator[str]:
    plan = record.plan
    yield f'<section class="card" id="{_text(plan.name)}">'
    yield f"{_score(record.marks)}<h3>{_text(plan.name)}</h3>"
    yield f'<p class="soft">{_seconds(plan.duration)}. {_text(plan.background)}</p>'
    if plan.narration.strip():
        yield f"<p>{_text(plan.narration)}</p>"
    if pictures := report.pictures.get(plan.name, ()):
        yield '<div class="strip">'
        for number, picture in enumerate(pictures):
            at = f"{(number + 0.5) * plan.duration / len(pictures):.1f} s"
            yield f"<figure>{_picture(picture, f'{plan.name} at {at}')}<figcaption>{at}</figcaption></figure>"
        yield "</div>"
    if plan.beats:
        yield "<h4>Plan</h4>"
        heads = ("who", "does", "when", "as")
        yield _table(heads, [_beat(beat) for beat in plan.beats], "beats")
    if record.marks is not None:
        yield from _marks(record.marks)
    if len(record.takes) > 1:
        scores = [
            f"seed {take.seed}: {share(take.score) + ' right' if take.score is not None else 'not marked'}"
            + (" (in the film)" if take.seed == plan.seed else "")
            for take in record.takes
        ]
        yield "<h4>Takes</h4>" + _list(scores)
    yield "<h4>How it was filmed</h4>"
    yield _facts(
        [
            ("seed", str(plan.seed)),
            ("steps", str(record.steps)),
            ("guidance", f"{record.guidance:g}"),
            ("attention", record.attention),
            ("speed-ups", ", ".join(record.speedups)),
            ("camera", plan.camera),
            ("avoid", plan.avoid),
            ("LoRAs", "; ".join(_lora(each) for each in record.adapters)),
        ]
    )
    yield "</section>"


def _beat(beat: PlannedBeat) -> list[str]:
    said = "".join(f"<br>“{_text(saying.text)}”" for saying in beat.says)
    return [
        _text(in_words(beat.entity)),
        _text(in_words(beat.motion)) if beat.motion else "",
        f"{beat.start:g} to {beat.end:g} s",
        _text(beat.description) + said,
    ]


def _lora(adapter: AdapterRecord) -> str:
    expert = f", {adapter.expert} alone" if adapter.expert else ""
    return f"{adapter.name} at {adapter.scale:g}{expert} ({adapter.digest[:12]})"


def _marks(marks: SceneMarks) -> Iterator[str]:
    yield "<h4>Second by second</h4>"
    heads = "".join(f'<th scope="col">{int(moment)}</th>' for moment in marks.moments)
    yield f'<div class="wide"><table class="marks"><thead><tr><th scope="col">s</th>{heads}</tr></thead><tbody>'
    for each in marks.entities:
        yield f'<tr><th scope="row">{_text(in_words(each.entity))}</th>{"".join(_cells(each, marks))}</tr>'
    yield "</tbody></table></div>"
    if marks.acts:
        done = {True: "seen", False: "not seen", None: "can't be told"}
        yield _list(
            f"{in_words(act.entity)} {in_words(act.motion)}, {act.start:g} to {act.end:g} s: {done[act.done]}"
            for act in marks.acts
        )


def _cells(entity: EntityMarks, marks: SceneMarks) -> Iterator[str]:
    """A second is wrong, too, in which somebody is there and does not what the beat says."""
    for second, mark in enumerate(entity.marks):
        act = undone(marks, entity.entity, second) if mark == "right" else None
        look = "" if mark not in JUDGED else ' class="right"' if mark == "right" and act is None else ' class="wrong"'
        told = f"not {in_words(act.motion)}" if act is not None else _TOLD.get(mark) or WORST[mark]
        sign = "✗" if act is not None else _SIGNS.get(mark, "✗")
        yield f'<td{look} title="{_text(told)}">{sign}<span hidden> {_text(told)}</span></td>'


def _learnt(report: Report) -> Iterator[str]:
    manifest = report.manifest
    if manifest.priors:
        yield "<h2>What the model knew, and what it was taught</h2>"
        rows = []
        for prior in manifest.priors:
            file = f" ({prior.adapter[:12]})" if prior.adapter else ""
            why = f": {without_places(prior.why)}" if prior.why else ""
            rows.append([_text(in_words(prior.of)), _text(f"{_HOW.get(prior.how, prior.how)}{file}{why}")])
        yield _table(("what", "how"), rows)
    if report.clips:
        yield "<h2>Clips that were found</h2>"
        for motion, clips in report.clips.items():
            if clips is None:
                yield f'<p>{_text(in_words(motion))}: <span class="soft">no longer kept on this machine</span></p>'
                continue
            yield f"<details><summary>{_text(in_words(motion))}: {counted(len(clips), 'clip')}</summary>"
            rows = [
                [
                    _text(without_places(clip.caption)),
                    f"{clip.start:.1f} to {clip.end:.1f} s",
                    "" if clip.score is None else f"{clip.score:.2f}",
                ]
                for clip in clips
            ]
            yield _table(("caption", "part", "score"), rows) + "</details>"


def _costs(costs: Sequence[Cost]) -> Iterator[str]:
    if not costs:
        return
    yield "<h2>What it took</h2>"
    known = [cost for cost in costs if cost.seconds is not None]
    unknown = len(costs) - len(known)
    whole = f"{clock(sum(cost.seconds or 0.0 for cost in known))} in all" if known else ""
    left = f"{counted(unknown, 'task')} of {len(costs)} not noted on this machine" if unknown else ""
    yield f"<p>{'; '.join(filter(None, (whole, left)))}.</p>"
    if not known:
        return
    whole_rows = [
        [
            _text(f"{kind_of(kind).did} {_several(kind_of(kind), len(group))}"),
            clock(sum(cost.seconds or 0.0 for cost in group)),
        ]
        for kind in dict.fromkeys(cost.kind for cost in known)
        if (group := [cost for cost in known if cost.kind == kind])
    ]
    yield _table(("stage", "time"), whole_rows)
    rows = [
        [
            _text(did(cost.kind, cost.of)),
            clock(cost.seconds) if cost.seconds is not None else "not noted",
            size(cost.memory) if cost.memory else "",
            size(cost.gpu) if cost.gpu else "",
        ]
        for cost in costs
    ]
    heads = ("task", "time", "memory", "card")
    yield "<details><summary>Task by task</summary>" + _table(heads, rows) + "</details>"


def _several(kind: Kind, count: int) -> str:
    return counted(count, kind.makes) if kind.several else f"the {kind.makes}"


def _score(marks: SceneMarks | None, what: str = " right") -> str:
    if marks is None or marks.score is None:
        return '<span class="score soft">not checked</span>' if marks is None else '<span class="score soft">?</span>'
    look = "right" if marks.score >= GOOD else "wrong"
    return f'<span class="score {look}">{share(marks.score)}{what}</span>'


def _link(scene: str) -> str:
    return f'<a href="#{_text(scene)}">{_text(scene)}</a>'


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    """Names and values, those without a value left out."""
    rows = (f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in facts if value.strip())
    return f"<dl>{''.join(rows)}</dl>"


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(line)}</li>" for line in lines) + "</ul>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of cells that are HTML already, the first of each row its heading."""
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>" for row in rows
    )
    look = f' class="{kind}"' if kind else ""
    return f'<div class="wide"><table{look}><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _picture(jpeg: bytes, told: str) -> str:
    data = base64.b64encode(jpeg).decode()
    return f'<img alt="{_text(told)}" src="data:image/jpeg;base64,{data}">'


def _seconds(time: float) -> str:
    return f"{time:g} s"


def _text(text: str) -> str:
    return html.escape(text)
