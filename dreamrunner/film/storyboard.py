"""The storyboard: one picture of the whole plan, each scene's key frames as drawn boxes above the frames that came out.

It works before rendering too, with the boxes alone.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from dreamrunner.files.heard import through
from dreamrunner.files.text import in_words
from dreamrunner.film.marking import mark_picture, scored
from dreamrunner.film.output_file import output_file
from dreamrunner.film.typeface import FONT
from dreamrunner.language.parts import Box
from dreamrunner.language.sides import filmed
from dreamrunner.planning.keyframes import box_at
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene

if TYPE_CHECKING:
    from dreamrunner.checking.marks import SceneMarks
    from dreamrunner.rendering.frames import Frames

EMPTY: Mapping[str, SceneMarks] = MappingProxyType({})
"""No marks."""

KEY_FRAMES = 6
"""Pictures of a scene (paper 3.1: six key frames), at equal steps from its beginning."""

_PICTURE_WIDTH = 288
_DEFAULT_ASPECT = 2 / 3
_MOST_LINES = 40  # of one text
_MOST_SCENES = 200  # of a picture; viewers open none that is much higher
_MARGIN, _GAP, _PAD, _OVERHANG, _NAME_HEIGHT = 48, 12, 28, 20, 27
_ARROW = 18  # how long and nearly how wide it is
PAPER, _CARD, _SKETCH, INK, SOFT, LINE = "#f4f1ea", "#ffffff", "#faf8f3", "#2b2a33", "#6f6c7a", "#ddd8cc"
# Colours that stay apart from one another, also for the colour-blind (after Okabe and Ito, darkened for white text).
_COLOURS = ("#7b3fa0", "#c8590a", "#00776f", "#b0245f", "#2762a8", "#6f7a12", "#8a4b2a", "#4b5563")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Sizes that all of a storyboard's scenes share: a picture's size in pixels, and whether there are frames."""

    width: int
    height: int
    filmed: bool

    @property
    def inner(self) -> int:
        return KEY_FRAMES * self.width + (KEY_FRAMES - 1) * _GAP


def draw_storyboard(
    plan: Plan, frames: Mapping[str, Frames] | None, out: Path, marks: Mapping[str, SceneMarks] = EMPTY
) -> Path:
    """Draw ``plan`` to ``out``, a PNG file.

    ``frames`` gives the rendered frames by scene name; a scene that is not among them, or ``None`` for all, is drawn
    with an empty place below its boxes. ``marks`` says by scene how far they show what was planned. Frames
    smaller than a picture are enlarged by a whole factor, in crisp squares. Raises
    :class:`~dreamrunner.film.FilmError` when the file cannot be written.
    """
    image = draw(plan, frames, marks)
    with output_file(out) as partial:
        image.save(partial, format="PNG")
    return Path(out)


def draw(
    plan: Plan, frames: Mapping[str, Frames] | None = None, marks: Mapping[str, SceneMarks] = EMPTY
) -> Image.Image:
    """Draw ``plan`` as an RGB picture; see :func:`draw_storyboard`."""
    sheet = _sheet(frames)
    entities = dict.fromkeys(beat.entity for scene in plan.scenes for beat in scene.beats)
    colours = colours_of(entities)
    header = _header(plan, colours, sheet)
    cards = [
        _card(number, scene, (frames or {}).get(scene.name), marks.get(scene.name), colours, sheet)
        for number, scene in through([*enumerate(plan.scenes[:_MOST_SCENES], 1)], "drawing the storyboard")
    ]
    if len(plan.scenes) > _MOST_SCENES:
        cards.append(_remark(f"... and {len(plan.scenes) - _MOST_SCENES:,} more scenes", header.width))
    height = _MARGIN + header.height + sum(card.height + _PAD for card in cards) + _MARGIN - _PAD
    board = Image.new("RGB", (header.width + 2 * _MARGIN, height), PAPER)
    y = _MARGIN
    for part in (header, *cards):
        board.paste(part, (_MARGIN, y))
        y += part.height + (_PAD if part is not header else 0)
    return board


def colours_of(entities: Iterable[str]) -> dict[str, str]:
    """A colour for each entity, in their order."""
    return {entity: _COLOURS[number % len(_COLOURS)] for number, entity in enumerate(entities)}


def key_times(duration: float) -> tuple[float, ...]:
    """Give the times of a scene's pictures, in seconds from its start: 0, 1, .. 5 for six seconds."""
    return tuple(duration * number / KEY_FRAMES for number in range(KEY_FRAMES))


def frame_at(frames: Frames, time: float) -> int:
    """Give the index of the frame that is on screen ``time`` seconds into its scene."""
    count = len(frames.pixels)
    return min(count - 1, int(time / frames.duration * count + 1e-9))


def _sheet(frames: Mapping[str, Frames] | None) -> _Sheet:
    first = next(iter((frames or {}).values()), None)
    if first is None:
        return _Sheet(_PICTURE_WIDTH, round(_PICTURE_WIDTH * _DEFAULT_ASPECT), False)
    height, width = first.pixels.shape[1:3]
    if width <= _PICTURE_WIDTH:
        factor = _PICTURE_WIDTH // width
        return _Sheet(width * factor, height * factor, True)
    return _Sheet(_PICTURE_WIDTH, max(1, round(height * _PICTURE_WIDTH / width)), True)


def _header(plan: Plan, colours: Mapping[str, str], sheet: _Sheet) -> Image.Image:
    width = sheet.inner + 2 * _PAD
    title = _wrap(plan.title or "Untitled", sized_font(54), width)
    image = Image.new("RGB", (width, 66 * len(title) + 72), PAPER)
    pen = ImageDraw.Draw(image)
    for row, line in enumerate(title):
        pen.text((0, row * 66), line, INK, sized_font(54))
    x, y = 0, 66 * len(title) + 8
    for entity, colour in colours.items():
        end = x + 44 + round(sized_font(26).getlength(entity))
        if end > width:
            break  # a crowd is still told apart by the names in the boxes
        pen.rounded_rectangle((x, y + 4, x + 24, y + 28), 6, colour)
        pen.text((x + 34, y), entity, SOFT, sized_font(26))
        x = end + 26
    return image


def _remark(text: str, width: int) -> Image.Image:
    """A line of its own."""
    image = Image.new("RGB", (width, 40), PAPER)
    ImageDraw.Draw(image).text((0, 0), text, SOFT, sized_font(26))
    return image


def _card(
    number: int,
    scene: PlannedScene,
    frames: Frames | None,
    marks: SceneMarks | None,
    colours: Mapping[str, str],
    sheet: _Sheet,
) -> Image.Image:
    narration = _wrap(scene.narration, sized_font(28), sheet.inner)
    place = _wrap(scene.background, sized_font(22), sheet.inner)
    text_height = 58 + 38 * len(narration) + 30 * len(place) + 16
    rows = 2 if sheet.filmed else 1
    height = 2 * _PAD + text_height + rows * sheet.height + (rows - 1) * _GAP + 34
    card = Image.new("RGB", (sheet.inner + 2 * _PAD, height), PAPER)
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle((0, 0, card.width - 1, height - 1), 18, _CARD, LINE, 2)

    heading = f"{number}. {scene.name}"
    pen.text((_PAD, _PAD), heading, INK, sized_font(36))
    behind = _PAD + round(sized_font(36).getlength(heading)) + 22
    pen.text((behind, _PAD + 10), _timing(scene) + scored(marks), SOFT, sized_font(24))
    y = _PAD + 58
    for line in narration:
        pen.text((_PAD, y), line, INK, sized_font(28))
        y += 38
    for line in place:
        pen.text((_PAD, y + 2), line, SOFT, sized_font(22))
        y += 30
    y += 16
    for column, time in enumerate(key_times(scene.duration)):
        x = _PAD + column * (sheet.width + _GAP)
        card.paste(_sketch(scene, time, colours, sheet), (x, y))
        if sheet.filmed:
            shown = _filmed(frames, time, sheet)
            if marks is not None and frames is not None:
                mark_picture(shown, marks, time, colours, sized_font)
            card.paste(shown, (x, y + sheet.height + _GAP))
        pen.text((x, height - _PAD - 26), _seconds(time), SOFT, sized_font(22))
    return card


def _sketch(scene: PlannedScene, time: float, colours: Mapping[str, str], sheet: _Sheet) -> Image.Image:
    """The boxes of one moment, with their names and what they do; for who is outside an arrow at the picture's edge."""
    image = Image.new("RGB", (sheet.width, sheet.height), _SKETCH)
    pen = ImageDraw.Draw(image, "RGBA")
    present = [beat for beat in scene.beats if beat.start <= time < beat.end]
    boxes = [(beat, box_at(beat.keyframes, time)) for beat in present]
    placed = [(beat, _corners(box, sheet)) for beat, box in boxes if filmed(box) is not None]
    # Large boxes first, so that none hides a smaller one's name.
    placed.sort(key=lambda item: -(item[1][2] - item[1][0]) * (item[1][3] - item[1][1]))
    for beat, corners in placed:
        pen.rounded_rectangle(corners, 8, colours[beat.entity] + "30", colours[beat.entity], 3)
    for beat, corners in placed:
        _label(pen, beat, corners, colours[beat.entity], sheet)
    for beat, box in boxes:
        if filmed(box) is None:
            _away(pen, beat, box, colours[beat.entity], sheet)
    ImageDraw.Draw(image).rectangle((0, 0, sheet.width - 1, sheet.height - 1), outline=LINE, width=2)
    return image


def _label(pen: ImageDraw.ImageDraw, beat: PlannedBeat, corners: Sequence[int], colour: str, sheet: _Sheet) -> None:
    """Write a name over the top of its box, and in the box what is done where there is room for all of it."""
    left, top = max(corners[0], 0), max(corners[1], 0)
    right, bottom = min(corners[2], sheet.width - 1), min(corners[3], sheet.height - 1)
    # A name may stand out of a narrow box a little on both sides, or where it is long as far as the picture goes.
    font, name = _fitting(beat.entity, (20, 17, 14), right - left - 14 + 2 * _OVERHANG)
    if name != beat.entity:
        font, name = _fitting(beat.entity, (14, 12, 10), sheet.width - 14)
    if name:
        width = round(font.getlength(name)) + 14
        at = left if width <= right - left else (left + right - width) // 2
        at = min(max(at, 0), sheet.width - width)
        down = min(top, sheet.height - _NAME_HEIGHT - 1)
        pen.rounded_rectangle((at, down, at + width - 1, down + _NAME_HEIGHT), 8, colour)
        pen.text((at + 7, down + 13), name, "white", font, anchor="lm")
    if beat.motion and right - left > 50:
        words, room = in_words(beat.motion).split(), right - left - 12
        for size in (18, 16, 14, 12):
            lines = _wrap(" ".join(words), sized_font(size), room)
            if max(map(sized_font(size).getlength, words)) <= room and top + 34 + 20 * len(lines) <= bottom:
                for row, line in enumerate(lines):
                    pen.text((left + 8, top + 32 + 20 * row), line, colour, sized_font(size))
                break


def _fitting(text: str, sizes: Sequence[int], width: int) -> tuple[ImageFont.FreeTypeFont, str]:
    """The largest font in which a text fits, else the smallest and the text cut short."""
    for size in sizes:
        if len(text) <= _most_letters(width) and sized_font(size).getlength(text) <= width:
            return sized_font(size), text
    return sized_font(sizes[-1]), _shorten(text, sized_font(sizes[-1]), width)


def _away(pen: ImageDraw.ImageDraw, beat: PlannedBeat, box: Box, colour: str, sheet: _Sheet) -> None:
    """An arrow at the edge behind which somebody is, with the name beside it."""
    x = min(max((box.x0 + box.x1) / 2, 0.0), 1.0) * (sheet.width - 1)
    y = min(max((box.y0 + box.y1) / 2, 0.0), 1.0) * (sheet.height - 1)
    right, down = (box.x0 >= 1) - (box.x1 <= 0), (box.y0 >= 1) - (box.y1 <= 0)
    if right:
        down = 0
    y = y if down else min(max(y, _ARROW), sheet.height - 1 - _ARROW)
    x = x if right else min(max(x, _ARROW), sheet.width - 1 - _ARROW)
    base_x, base_y = x - right * _ARROW, y - down * _ARROW
    across_x, across_y = down * _ARROW * 0.7, right * _ARROW * 0.7
    pen.polygon([(x, y), (base_x - across_x, base_y - across_y), (base_x + across_x, base_y + across_y)], fill=colour)
    font, name = _fitting(beat.entity, (17, 14, 12), sheet.width - 3 * _ARROW)
    width = round(font.getlength(name))
    at = base_x - right * (6 + width) if right > 0 else base_x + 6 if right else base_x - width / 2
    at = min(max(at, 4), sheet.width - 4 - width)
    pen.text((at, base_y - down * 14), name, colour, font, anchor="lm")


def _corners(box: Box, sheet: _Sheet) -> tuple[int, int, int, int]:
    left, top = round(box.x0 * (sheet.width - 1)), round(box.y0 * (sheet.height - 1))
    right, bottom = round(box.x1 * (sheet.width - 1)), round(box.y1 * (sheet.height - 1))
    return left, top, max(right, left + 2), max(bottom, top + 2)


def _filmed(frames: Frames | None, time: float, sheet: _Sheet) -> Image.Image:
    size = (sheet.width, sheet.height)
    if frames is None:
        image = Image.new("RGB", size, _SKETCH)
        text = "not filmed yet"
        x = (sheet.width - sized_font(20).getlength(text)) / 2
        ImageDraw.Draw(image).text((x, sheet.height / 2 - 14), text, SOFT, sized_font(20))
        return image
    image = Image.fromarray(frames.pixels[frame_at(frames, time)])
    enlarge = image.width <= sheet.width
    return image.resize(size, Image.Resampling.NEAREST if enlarge else Image.Resampling.LANCZOS)


def _timing(scene: PlannedScene) -> str:
    text = _seconds(scene.duration)
    if scene.transition.kind != "cut":
        text += f", then {scene.transition.kind} {_seconds(scene.transition.seconds)}"
    return text


def _seconds(time: float) -> str:
    return f"{time:.2f}".rstrip("0").rstrip(".") + " s"


@cache
def sized_font(size: int) -> ImageFont.FreeTypeFont:
    """The storyboard's typeface in a size."""
    return ImageFont.truetype(str(FONT), round(0.9 * size))  # its letters are wide


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break a text into lines of at most ``width`` pixels; a word that is longer is broken anywhere.

    There are as many lines as a picture has room for; dots say that there would be more.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        while word:
            if len(lines) == _MOST_LINES:
                return [*lines, "..."]
            tried = f"{line} {word}" if line else word
            if len(tried) <= _most_letters(width) and font.getlength(tried) <= width:
                line, word = tried, ""
            elif line:
                lines.append(line)
                line = ""
            else:
                fits = max(1, _fits(word, font, width))
                lines.append(word[:fits])
                word = word[fits:]
    return [*lines, line] if line else lines


def _fits(text: str, font: ImageFont.FreeTypeFont, width: int) -> int:
    """How many letters of a text's beginning are at most ``width`` pixels wide."""
    most = min(len(text), _most_letters(width))
    return bisect.bisect_right(range(1, most + 1), width, key=lambda letters: math.ceil(font.getlength(text[:letters])))


def _most_letters(width: int) -> int:
    """More letters than ``width`` pixels hold, so that no longer text is measured."""
    return max(1, 2 * width)


def _shorten(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Cut a text to ``width`` pixels, with dots where it was cut; empty where not even one letter fits."""
    if len(text) <= _most_letters(width) and font.getlength(text) <= width:
        return text
    fits = min(_fits(text, font, width - round(font.getlength(".."))), len(text) - 1)
    return text[:fits] + ".." if fits else ""
