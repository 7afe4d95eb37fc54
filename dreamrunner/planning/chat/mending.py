"""Small slips of a model's answer, mended before it is checked; each is a remark for the author.

Only what can mean one thing alone is mended: a key too many, a key frame too many, a name in another case, seconds
counted from 1, a box in percent or a hair outside the frame. Everything else goes back to the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from dreamrunner.language import Scene, Story
from dreamrunner.planning.chat.prompts import seconds_of

_HAIR = 0.05
"""How far a box may reach beyond the frame, in parts of it, to be moved back inside."""

_SCALES = (100.0, 1000.0)
"""What else than 1 models take for the frame's size."""

_EDGES = (("x0", "y0", "x1", "y1"), ("x1", "y1", "x2", "y2"), ("left", "top", "right", "bottom"))


def unwrapped(answer: Mapping[str, Any], form: type[BaseModel]) -> Mapping[str, Any]:
    """The answer itself where it stands under one name, as ``{"SceneAnswer": {...}}``."""
    if len(answer) == 1 and not answer.keys() & form.model_fields.keys():
        [inner] = answer.values()
        if isinstance(inner, dict):
            return inner
    return answer


def known_only(answer: Any, form: Any, remarks: list[str], where: str = "the answer") -> Any:
    """The answer without keys that ``form`` does not have; they are told once each."""
    if isinstance(answer, list):
        return [known_only(each, form, remarks, where) for each in answer]
    if not isinstance(answer, dict) or not (isinstance(form, type) and issubclass(form, BaseModel)):
        return answer
    kept = {}
    for name, value in answer.items():
        field = form.model_fields.get(name)
        if field is None:
            _note(remarks, f"{where} has `{name[:40]}`, which nobody asked for; it is left out")
        else:
            inner = getattr(field.annotation, "__args__", (None,))[0]
            kept[name] = known_only(value, inner, remarks, f"an entry of `{name}`")
    return kept


def mended_scene(answer: dict[str, Any], story: Story, scene: Scene, remarks: list[str]) -> dict[str, Any]:
    """A scene's answer, not checked yet, with its slips mended."""
    frames = answer.get("key_frames")
    if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames):
        return answer
    frames = _counted_from_0([dict(frame) for frame in frames], seconds_of(scene), remarks)
    rows = [row for frame in frames if isinstance(rows := frame.get("entities"), list) for row in rows]
    cast = [each.name for each in story.characters] + [each.name for each in story.props]
    names = {name.lower(): name for name in cast}
    shown = [row for row in rows if isinstance(row, dict)]
    scale = _scale(shown)
    if scale != 1:
        _note(remarks, f"its boxes are given in parts of {scale:g}, not of 1")
    for frame in frames:
        if isinstance(frame.get("entities"), list):
            frame["entities"] = [
                _row(row, names, scene, scale, remarks) if isinstance(row, dict) else row for row in frame["entities"]
            ]
    return {**answer, "key_frames": frames}


def _counted_from_0(frames: list[dict[str, Any]], wanted: int, remarks: list[str]) -> list[dict[str, Any]]:
    """Key frames of the seconds 0 up to ``wanted``, where that is what they mean."""
    seconds = sorted(_second(frame) for frame in frames)
    if seconds == list(range(1, wanted + 1)):
        _note(remarks, "its seconds are counted from 1")
        return [{**frame, "second": _second(frame) - 1} for frame in frames]
    if seconds == list(range(wanted + 1)):
        _note(remarks, f"it has a key frame of second {wanted}, when the scene is over; it is left out")
        return [frame for frame in frames if _second(frame) < wanted]
    return frames


def _second(frame: Mapping[str, Any]) -> int:
    """The second that a key frame says it is of, perhaps as text; -1 for what is none."""
    value = frame.get("second")
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 6:
        return int(value)
    return value if type(value) is int else -1


def _row(
    row: dict[str, Any], names: Mapping[str, str], scene: Scene, scale: float, remarks: list[str]
) -> dict[str, Any]:
    """One entity of a key frame."""
    row = dict(row)
    name = row.get("entity")
    if isinstance(name, str) and name not in names.values() and (meant := names.get(name.strip().lower())):
        _note(remarks, f"it calls `{meant}` {name[:40]!r}")
        row["entity"] = meant
    if row.get("line") is None:
        lines = [number for number, beat in enumerate(scene.beats, 1) if beat.entity == row.get("entity")]
        row["line"] = lines[0] if len(lines) == 1 else 0
    if row.get("motion") is None:
        row["motion"] = "none"
    edges = _edges(row.get("box"))
    if edges is not None:
        edges = [edge / scale for edge in edges]
        inside = [min(max(edge, 0.0), 1.0) for edge in edges]
        if max(abs(edge - near) for edge, near in zip(edges, inside, strict=True)) <= _HAIR:
            if inside != edges:
                _note(remarks, "a box reaches a little beyond the frame; it is cut at its edge")
            edges = inside
        row["box"] = edges
    return row


def _edges(box: Any) -> list[float] | None:
    """Four numbers, wherever they stand; None for anything else."""
    if isinstance(box, dict):
        box = next(([box[name] for name in names] for names in _EDGES if box.keys() >= set(names)), None)
    if not isinstance(box, list) or len(box) != 4:
        return None
    try:
        return [float(edge) for edge in box if isinstance(edge, int | float | str) and not isinstance(edge, bool)]
    except (ValueError, OverflowError):
        return None


def _scale(rows: list[dict[str, Any]]) -> float:
    """What the frame's size is taken for: 1, or a larger one if all boxes fit into that alone."""
    edges = [edge for row in rows for edge in _edges(row.get("box")) or ()]
    most = max(edges, default=0.0)
    if min(edges, default=0.0) < -_HAIR or most <= 2:
        return 1.0
    return next((scale for scale in _SCALES if 0.2 * scale <= most <= scale), 1.0)


def _note(remarks: list[str], remark: str) -> None:
    if remark not in remarks:
        remarks.append(remark)
