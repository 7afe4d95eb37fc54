"""Marks on a storyboard: whom a scene's frames show as its script says, picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw, ImageFont

from dreamrunner.checking.marks import JUDGED, Mark, SceneMarks
from dreamrunner.checking.said import WORST, share

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
        text = worded(each.entity, mark)
        width = round(font(14).getlength(text)) + 2 * _SIDE
        if width > image.width - 8:
            text = worded("", mark)
            width = round(font(14).getlength(text)) + 2 * _SIDE
        box = (4, top, 4 + width, top + _HEIGHT)
        pen.rounded_rectangle(box, 6, _PAPER + "e6", colours.get(each.entity, _RIGHT), 2)
        pen.text((4 + _SIDE, top + _HEIGHT / 2), text, _RIGHT if mark == "right" else _WRONG, font(14), anchor="lm")
        top += _PITCH


def worded(entity: str, mark: Mark) -> str:
    """A mark with its sign: "✓ king", "✗ king not seen"."""
    sign, told = ("✓", "") if mark == "right" else ("✗", WORST[mark])
    return " ".join(part for part in (sign, entity, told) if part)


def scored(marks: SceneMarks | None) -> str:
    """What stands behind a scene's length: ", right: 62%"; "" where nothing was judged."""
    return "" if marks is None or marks.score is None else f", right: {share(marks.score)}"
