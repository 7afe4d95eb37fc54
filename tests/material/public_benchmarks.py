"""Folders in the forms of the public benchmarks, small and in words of our own."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

PLAN = """\
"Background:the background of the event: A witch waves beside a lantern
Frame_1: [["witch", "waving", "a witch, waving"], [0.1, 0.3, 0.4, 0.9]], [["lantern", "none", "a lantern"], [0.6, 0.4, 0.8, 0.9]]
Frame_2: [["witch", "waving", "a witch, waving"], [0.2, 0.3, 0.5, 0.9]], [["lantern", "none", "a lantern"], [0.6, 0.4, 0.8, 0.9]]"
"""  # noqa: E501


def compbench(folder: Path) -> Path:
    """Three prompts of one category and one of another, a plan for the second of the three, and the metadata."""
    prompts = [
        "A cat sits on the left of a teapot",
        "A witch waves beside a lantern",
        "The moss covers the ruin slowly",
    ]
    write(folder / "prompts" / "3_spatial_relationship.txt", "\n".join(prompts[:2]) + f"\n\n{prompts[2]}\n")
    write(folder / "prompts" / "7_numeracy.txt", "two frogs and three hens dance in a garden\n")
    write(folder / "plan" / "3_spatial_relationships.jsonl", json.dumps(["0002.mp4", PLAN]) + "\n")
    rows = [{"prompt": prompt, "spatial": "left", "object_1": "cat", "object_2": "teapot"} for prompt in prompts]
    write(folder / "meta_data" / "spatial_relationships.json", json.dumps(rows))
    return folder


def storyeval(folder: Path, **more: Any) -> Path:
    """Two entries, of three events and of two; ``more`` are others."""
    entries = {
        "A_frog_jumps_and_then_sleeps.mp4": entry(
            "A frog jumps, and then sleeps.", "A frog jumps", "And then the frog sleeps"
        ),
        "A_cook_opens_a_basket.mp4": entry(
            "A cook opens a basket, a frog jumps out, and then the cook waves.",
            "A cook opens a basket",
            "A frog jumps out",
            "And finally the cook waves",
        ),
    }
    write(folder / "prompts" / "all_prompts.json", json.dumps(entries | more))
    return folder


def entry(prompt: str, *events: str) -> dict[str, Any]:
    return {"prompt": prompt, "event_list": list(events), "class": ["animal", "easy", f"{len(events)}_events"]}


def vistorybench(folder: Path) -> Path:
    """One story of two shots with two characters, of whom one has pictures."""
    for number in range(2):
        target = folder / "01" / "image" / "Old Frog" / f"{number:02}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 40), (30, 160 + number, 60)).save(target)
    told = {
        "Story_type": both("Fable"),
        "Characters": {
            "Old Frog": person("Old Frog", "A large green frog with a grey beard."),
            "Tin Robot": person("Tin Robot", "A small robot of tin. It squeaks."),
        },
        "Shots": [
            shot(
                1, ["Old Frog", "Tin Robot"], "The Old Frog waves to the Tin Robot. The Tin Robot stands.", "A garden"
            ),
            shot(2, ["Tin Robot"], "The Tin Robot dances alone", "A kitchen at night"),
        ],
    }
    write(folder / "01" / "story.json", json.dumps(told))
    return folder


def person(name: str, looks: str) -> dict[str, Any]:
    return {"tag": "non_human", "name_en": name, "name_ch": "x", "prompt_en": looks, "prompt_ch": "x"}


def shot(index: int, who: list[str], seen: str, setting: str) -> dict[str, Any]:
    return {
        "index": index,
        "Plot Correspondence": both("Nothing much happens."),
        "Setting Description": both(setting),
        "Shot Perspective Design": both("Medium shot"),
        "Characters Appearing": {"en": who, "ch": ["x"] * len(who)},
        "Static Shot Description": both(seen),
    }


def both(english: str) -> dict[str, str]:
    return {"en": english, "ch": "x"}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
