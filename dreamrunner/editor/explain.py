"""What things are, in Markdown: the texts of hovers and of completion's documentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from dreamrunner.files.paths import NO_CATALOG
from dreamrunner.files.text import one_line
from dreamrunner.files.wording import counted
from dreamrunner.language import MISSING, Box, Character, Motion, Prop, Setting, motion_query
from dreamrunner.language.diagnostics import grammar_folder
from dreamrunner.language.parsing.lines import words
from dreamrunner.language.story import LoraFile
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.planning.quoting import Words, quoted
from dreamrunner.planning.written.origins import HAND

if TYPE_CHECKING:
    from dreamrunner.priors import Sidecar

_MOST_PHOTOS = 3
_MOST_SHOWN = 8
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~&])")
_BLOCKS = {
    "use": "brings the characters, props, locations and motions of another file",
    "story": "the header: what holds for the whole film",
    "character": "somebody who acts",
    "prop": "a thing without a motion of its own",
    "location": "a place that looks alike in every scene that is `in` it",
    "motion": "a way to move",
    "scene": "one shot of the film",
}
_IN_BLOCK = {
    "high": "only in the network that works at high noise, of models that have two",
    "low": "only in the network that works at low noise, of models that have two",
    "looks": "what the {block} looks like",
    "images": "photos of the {block}, as paths or globs, from which a LoRA is trained",
    "lora": "a LoRA that is trained already, with its scale (1 unless told)",
    "query": "what to search the video catalog for",
    "clips": "videos of your own that show the motion, as paths or globs",
    "at": "a key frame: where it is at a time, as a box or a place in words",
    "enters": "by which side of the picture it comes in when the beat begins: left, right, top or bottom",
    "leaves": "by which side of the picture it goes out as the beat ends: left, right, top or bottom",
    "says": "what the character says here, in its turn, or `at` a time of the scene",
    "voice": "who speaks its lines",
    "music": "what is played, again and again where it is shorter, and how loud: 1 is as loud as the file",
}


def plain(text: str) -> str:
    """``text`` as Markdown that shows it and does nothing else, on one line."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def code(text: str) -> str:
    """``text`` as inline code."""
    flat = one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", flat)), default=0))
    blank = " " if len(fence) > 1 else ""
    return f"{fence}{blank}{flat}{blank}{fence}"


def of_box(box: Box) -> str:
    """A box as the language writes it."""
    return f"[{box.x0:g} {box.y0:g} {box.x1:g} {box.y1:g}]"


def of_word(terminal: str, block: str) -> str:
    """What a word of the language is for, in a block of the kind ``block`` ("" in the first column); "" if unknown."""
    word = words().get(terminal, "")
    if word in _BLOCKS and not block:
        return f"`{word}`: {_BLOCKS[word]}"
    if word in _IN_BLOCK and not (block == "STORY" and word in _listed(block)):
        return f"`{word}`: {_IN_BLOCK[word].format(block=block.lower())}"
    # What a scene and the header share is explained under the header.
    return _listed(block).get(word) or _listed("STORY").get(word, "") if block else ""


@cache
def _listed(block: str) -> dict[str, str]:
    """What the reference says of the words of a block: its list under the block's heading."""
    heading = {"STORY": "The header", "SCENE": "Scenes"}.get(block)
    if heading is None:
        return {}
    page = (grammar_folder() / "reference.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    told: dict[str, str] = {}
    for item in re.findall(r"^- ((?:.*\n)(?:  .*\n)*)", section, re.MULTILINE):
        flat = " ".join(item.split())
        for sentence in re.split(r"(?<=\.) (?=`\w+`:)", flat):
            if found := re.match(r"`(\w+)`.*", sentence):
                told[found[1]] = found[0]
    return told


def of_entity(value: Character | Prop | Setting, story: Path) -> str:
    """A character, prop or location: its looks, its photos, its LoRA."""
    kind = "location" if isinstance(value, Setting) else type(value).__name__.lower()
    parts = [f"**{kind}** {code(value.name)}"]
    parts.append(plain(value.looks) if value.looks is not MISSING else "*no looks told*")
    if not isinstance(value, Prop):
        if value.images:
            whose = f" of {code(value.likeness)}" if value.likeness else ""
            parts.append(counted(len(value.images), "photo") + f"{whose}: a LoRA is trained from them")
            parts.append(" ".join(_photo(path) for path in value.images[:_MOST_PHOTOS]))
        parts += _of_loras(value.loras, story)
    return "\n\n".join(parts)


def of_motion(value: Motion, story: Path) -> str:
    """A motion: its query, its clips, its LoRA."""
    parts = [f"**motion** {code(value.name)}", f"query: {plain(motion_query(value))}"]
    if value.clips:
        shown = [f"- {code(_near(path, story))}" for path in value.clips[:_MOST_SHOWN]]
        more = len(value.clips) - len(shown)
        parts.append("\n".join([f"{counted(len(value.clips), 'clip')} of its own:", *shown]))
        parts += [f"and {more} more"] if more else []
    parts += _of_loras(value.loras, story)
    return "\n\n".join(parts)


def _of_loras(loras: Sequence[LoraFile], story: Path) -> list[str]:
    told = ((each, f", at {each.expert} noise" if each.expert else "") for each in loras)
    return [f"LoRA {code(_near(each.path, story))}, scale {each.scale:g}{where}" for each, where in told]


def of_motions_training(value: Motion, learnt: Sequence[Sidecar], catalog: str) -> str:
    """Whether there is a LoRA of a motion: the story's own, or those ``learnt`` before."""
    if value.loras:
        return "trained: the story brings its LoRA"
    if learnt:
        return _learnt(learnt, "clip")
    if catalog == NO_CATALOG and not value.clips:
        return "not trained: the story searches no catalog for clips of it"
    where = f"the catalog {code(catalog)}" if catalog else "the video catalog"
    source = "its clips" if value.clips else f"clips that are to be found in {where}"
    return f"not trained yet: no LoRA has been learnt from {source}"


def of_pictureds_training(value: Character | Setting, learnt: Sequence[Sidecar]) -> str:
    """Whether there is a LoRA of a character or location; nothing is said where there are no photos to learn from."""
    if value.loras:
        return "trained: the story brings its LoRA"
    if learnt:
        return _learnt(learnt, "photo")
    return "not trained yet: no LoRA has been learnt from its photos" if value.images else ""


def _learnt(learnt: Sequence[Sidecar], what: str) -> str:
    return "\n\n".join(
        f"trained: a LoRA for {code(one.backbone)} was learnt from {counted(len(one.content), what)}"
        f" in {counted(one.steps, 'step')}"
        for one in learnt
    )


def of_fill(scene: PlannedScene, missing: Sequence[str], by: str, words: Sequence[Words]) -> str:
    """What the planner filled into a scene: its facts ``missing`` from the text, beats with the ``words`` that they
    came from."""
    parts = [_filled_by(by)]
    for fact in ("background", "narration"):
        if fact in missing:
            parts.append(f"- {fact}: {plain(getattr(scene, fact))}")
    if "beats" in missing:
        for beat, said in zip(scene.beats, words, strict=True):
            told = of_words(scene.narration, said)
            parts.append(f"- {code(of_planned(beat))}{f', {told}' if told else ''}")
    return "\n".join([parts[0], "", *parts[1:]])


def of_filled_beat(beat: PlannedBeat, missing: Sequence[str], by: str) -> str:
    """What the planner filled into a beat."""
    parts = []
    if "motion" in missing and beat.motion:
        parts.append(f"- motion: {code(beat.motion)}")
    if "span" in missing:
        parts.append(f"- span: {code(f'{beat.start:g}s..{beat.end:g}s')}")
    if "description" in missing:
        parts.append(f"- description: {plain(beat.description)}")
    if "key frames" in missing:
        parts += [f"- at {frame.at:g}s {code(of_box(frame.box))}" for frame in beat.keyframes]
    return "\n".join([_filled_by(by), "", *parts]) if parts else ""


def of_words(narration: str, words: Words) -> str:
    """The words of a narration that something came from; empty where there are none."""
    return f"from the words “{plain(quoted(narration, words))}”" if words else ""


def _filled_by(by: str) -> str:
    return f"filled by {code(by)}" if by != HAND else "filled, and edited by hand"


def of_planned(beat: PlannedBeat) -> str:
    """A planned beat without its description and boxes, as the language writes it."""
    return " ".join(part for part in (beat.entity, beat.motion or "", f"{beat.start:g}s..{beat.end:g}s") if part)


def _photo(path: Path) -> str:
    return f"![{plain(path.name)}](file://{quote(path.absolute().as_posix())}|height=120)"


def _near(path: Path, story: Path) -> str:
    try:
        return path.relative_to(story.parent).as_posix()
    except ValueError:
        return path.name
