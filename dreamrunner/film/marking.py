"""Marks on a storyboard: whom a scene's frames show as its script says, picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw, ImageFont

from dreamrunner.checking.marks import JUDGED, ActMark, Mark, SceneMarks
from dreamrunner.checking.said import WORST, share
from dreamrunner.files.text import in_words

_RIGHT, _WRONG, _PAPER = "#1d7a3a", "#b3261e", "#ffffff"
_HEIGHT, _SIDE, _PITCH = 20, 6, 23

Font = Callable[[int], ImageFont.FreeTypeFont]


def mark_picture(image: Image.Image, marks: SceneMarks, time: float, colours: Mapping[str, str], font: Font) -> None:
    """Write onto the picture of a moment, in seconds, who is right in that second and who is not, below one another.

    Who can't be told, or of whom the script says nothing, is left out; so is who has no room.
    """
    second = min(int(time), len(marks.moments) - 1)
    pen = ImageDraw.Draw(image, "RGBA")
    top = 4
    for each in marks.entities:
        mark = each.marks[second]
        if mark not in JUDGED or top + _HEIGHT > image.height:
            continue
        act = undone(marks, each.entity, second) if mark == "right" else None
        text = worded(each.entity, mark, act)
        width = round(font(14).getlength(text)) + 2 * _SIDE
        if width > image.width - 8:
            text = worded("", mark, act)
            width = round(font(14).getlength(text)) + 2 * _SIDE
        box = (4, top, 4 + width, top + _HEIGHT)
        pen.rounded_rectangle(box, 6, _PAPER + "e6", colours.get(each.entity, _RIGHT), 2)
        pen.text((4 + _SIDE, top + _HEIGHT / 2), text, _RIGHT if text[0] == "✓" else _WRONG, font(14), anchor="lm")
        top += _PITCH


def undone(marks: SceneMarks, entity: str, second: int) -> ActMark | None:
    """What an entity should be doing in a second, and was not seen doing."""
    moment = marks.moments[second]
    acts = [act for act in marks.acts if act.entity == entity and act.start <= moment < act.end and act.done is False]
    return acts[0] if acts else None


def worded(entity: str, mark: Mark, act: ActMark | None = None) -> str:
    """A mark with its sign: "✓ king", "✗ king not seen", and with an act that was not seen "✗ king not walking"."""
    if act is not None:
        sign, told = "✗", f"not {in_words(act.motion)}"
    else:
        sign, told = ("✓", "") if mark == "right" else ("✗", WORST[mark])
    return " ".join(part for part in (sign, entity, told) if part)


def scored(marks: SceneMarks | None) -> str:
    """What stands behind a scene's length: ", right: 62%"; "" where nothing was judged."""
    return "" if marks is None or marks.score is None else f", right: {share(marks.score)}"
