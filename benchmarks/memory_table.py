"""The table of the docs: what is planned for each model of the hub on cards of many sizes. No torch."""

from __future__ import annotations

from dreamrunner.backbones.device import Card
from dreamrunner.backbones.footprint import GB
from dreamrunner.backbones.memory_plan import FILMING, TRAINING, MemoryPlan, Stage, Work, planned
from dreamrunner.backbones.table import TABLE

CARDS = (8, 12, 16, 24, 48, 80)
"""GB of the table's cards."""

CLIPS = 20
"""Of a motion's training, as a search finds them at most."""


def plan(name: str, gb: int, stages: tuple[Stage, ...], clips: int = 0) -> MemoryPlan:
    """The plan for a model of the table on a card of so many GB of which nothing else uses any."""
    row = TABLE[name]
    card = Card(f"a card of {gb} GB", gb * GB, gb * GB)
    work = Work(stages, row.memory.size, row.memory.frames, row.memory.frames, clips=clips)
    return planned(name, row.memory, card, work)


def table() -> list[str]:
    """What is planned, as lines of Markdown: GB in brackets, with the margin."""
    lines = ["| | card | prompts | sampling | decoding | training |", "| --- | --- | --- | --- | --- | --- |"]
    for name in (row.name for row in TABLE.values() if row.memory is not None):
        for gb in CARDS:
            filming = plan(name, gb, FILMING)
            learning = plan(name, gb, TRAINING, CLIPS)
            cells = [_cell(filming, stage) for stage in FILMING]
            if filming.refused:
                cells = ["", "refused", ""]
            taught = "no" if learning.refused or not TABLE[name].memory.training else _cell(learning, "training")
            lines.append(f"| {name} | {gb} GB | {' | '.join(cells)} | {taught} |")
    return lines


def _cell(memory: MemoryPlan, stage: Stage) -> str:
    """What is done at a stage, in two words, and its GB."""
    how = {
        "texts": "layer by layer" if memory.texts_in_layers else "whole encoder",
        "sampling": {"resident": "on the card", "group-offload": "layer by layer"}.get(memory.way, memory.way),
        "training": "on the card",
    }.get(stage, "by tiles" if stage in memory.tiled else "whole")
    parked = ", transformer away" if stage in memory.parked else ""
    return f"{how}{parked} ({memory.needs[stage] / GB:.1f})"
