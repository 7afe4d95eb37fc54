"""Lowering: a planned scene becomes a region program for one backbone's grid (paper 3.3, A.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dreamrunner.planning.keyframes import Interpolation, box_at
from dreamrunner.planning.plan import PlannedBeat, PlannedScene
from dreamrunner.priors.naming import with_placeholder
from dreamrunner.priors.values import Prior
from dreamrunner.regions.program import Condition, Grid, LoraMap, Rectangle, RegionProgram
from dreamrunner.regions.rasterizing import rectangle_of, step_times, steps_of_span
from dreamrunner.regions.signatures import uncovered

Regions = tuple[tuple[Rectangle, ...], ...]

_STARTS_WITH_PLACE = re.compile(
    r"(?:in|on|at|under|inside|outside|by|near|before|behind|above|below|beneath|among|amid|against|within)\b", re.I
)


def lower(
    scene: PlannedScene,
    grid: Grid,
    *,
    style: str = "",
    adapters: Sequence[Prior] = (),
    interpolation: Interpolation = "linear",
) -> RegionProgram:
    """The scene's program on a grid of video tokens.

    Every distinct description is a condition, in order of appearance; it guides the boxes of its beats, each during its
    beat's span only, so an entity described twice is two conditions. Of a box that lies outside the frame there are no
    tokens, and of a beat that is outside all the time no condition. The background comes last and guides what is left.
    ``style`` is added to every prompt, the scene's camera words to the background's. An adapter works where its entity
    or motion is by the plan's own fields, whatever the descriptions say, that of the scene's location where nobody is;
    one that the scene does not use is left out, as are those for the whole picture, which need no map.
    The placeholder that a character or location was learnt under (``[v1]``) is put before its name in its own prompts,
    and nowhere else: the plan stays as it is.
    """
    called = placeholders(adapters)
    times = step_times(grid, scene.duration)
    regions = [_regions(beat, grid, times, interpolation) for beat in scene.beats]
    prompts = [beat_prompt(beat, style, called) for beat in scene.beats]
    seen = [index for index, region in enumerate(regions) if any(region)]
    distinct = list(dict.fromkeys(prompts[index] for index in seen))
    conditions = [
        Condition(prompt=prompt, regions=_union(r for r, p in zip(regions, prompts, strict=True) if p == prompt))
        for prompt in distinct
    ]
    conditions.append(Condition(prompt=background_prompt(scene, style, called), regions=((),) * grid.steps))
    lora_maps = []
    for adapter in adapters:
        if scene.setting and adapter.kind == "subject" and adapter.of == scene.setting:
            around = uncovered([condition.regions for condition in conditions], grid)
            lora_maps.append(LoraMap(adapter=adapter.name, regions=around, conditions=(len(distinct),)))
            continue
        its_beats = [index for index in seen if _works_on(adapter, scene.beats[index])]
        if its_beats:
            lora_maps.append(
                LoraMap(
                    adapter=adapter.name,
                    regions=_union(regions[index] for index in its_beats),
                    conditions=tuple(sorted({distinct.index(prompts[index]) for index in its_beats})),
                )
            )
    return RegionProgram(
        scene=scene.name,
        duration=scene.duration,
        grid=grid,
        conditions=tuple(conditions),
        negative_prompt=scene.avoid,
        plain_prompt=plain_prompt(scene, style, called),
        lora_maps=tuple(lora_maps),
    )


def _regions(beat: PlannedBeat, grid: Grid, times: Sequence[float], interpolation: Interpolation) -> Regions:
    steps = steps_of_span(times, beat.start, beat.end)
    boxes = (box_at(beat.keyframes, time, interpolation) if step in steps else None for step, time in enumerate(times))
    found = (rectangle_of(box, grid.rows, grid.columns) if box is not None else None for box in boxes)
    return tuple((rectangle,) if rectangle is not None else () for rectangle in found)


def _union(regions: Iterable[Regions]) -> Regions:
    """Per token frame all rectangles, each once, sorted so that the order of the beats leaves no trace."""
    return tuple(
        tuple(sorted({rectangle for step in steps for rectangle in step}, key=_corners))
        for steps in zip(*regions, strict=True)
    )


def _corners(rectangle: Rectangle) -> tuple[int, int, int, int]:
    return rectangle.row0, rectangle.column0, rectangle.row1, rectangle.column1


def _works_on(adapter: Prior, beat: PlannedBeat) -> bool:
    if adapter.kind == "picture":
        return False
    return adapter.of == (beat.motion if adapter.kind == "motion" else beat.entity)


def _bare(text: str) -> str:
    return text.strip().rstrip(".,; ")


def _prompt(*parts: str) -> str:
    return ", ".join(filter(None, map(_bare, parts)))


def placeholders(adapters: Iterable[Prior]) -> dict[str, str]:
    """The placeholder of each character or location that has one, by its name."""
    return {adapter.of: adapter.placeholder for adapter in adapters if adapter.placeholder}


def beat_prompt(beat: PlannedBeat, style: str, called: Mapping[str, str] = {}) -> str:
    """What guides a beat's boxes; ``called`` has the placeholders."""
    return _prompt(_described(beat, called), style)


def background_prompt(scene: PlannedScene, style: str, called: Mapping[str, str] = {}) -> str:
    """What guides the tokens that no box covers; ``called`` has the placeholders."""
    return _prompt(_place(scene, called), scene.camera, style)


def plain_prompt(scene: PlannedScene, style: str, called: Mapping[str, str] = {}) -> str:
    """The whole scene in one sentence: who does what, one after the other, and where."""
    told = (_bare(_described(beat, called)) for beat in scene.beats if _bare(beat.description))
    figures = " and ".join(dict.fromkeys(told))
    place = _bare(_place(scene, called))
    if figures and place and not _STARTS_WITH_PLACE.match(place):
        place = f"in {place}"
    return _prompt(" ".join(filter(None, (figures, place))), scene.camera, style)


def _place(scene: PlannedScene, called: Mapping[str, str]) -> str:
    return with_placeholder(scene.background, scene.setting, called.get(scene.setting, ""))


def _described(beat: PlannedBeat, called: Mapping[str, str]) -> str:
    return with_placeholder(beat.description, beat.entity, called.get(beat.entity, ""))
