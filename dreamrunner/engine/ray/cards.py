"""The GPUs of a cluster: which kind they are of, asked of its nodes, and remembered for when nothing has to run.

A film's keys name the kind of card, and a plan for memory its size, so all nodes that film must have the same. A
cluster of several kinds is refused in words: what one kind computes differs from another's in the last bits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dreamrunner.backbones.device import Card
from dreamrunner.backbones.device import card as card_here
from dreamrunner.engine.graph import StepFailed
from dreamrunner.files.atomic import write_whole
from dreamrunner.files.json import parse
from dreamrunner.files.paths import cache_folder
from dreamrunner.files.regular import read_regular
from dreamrunner.files.trouble import plain

ANSWER = 90.0
"""Seconds that the nodes may take to tell, all together: a process has to start on each."""

SHARE = 0.01
"""Of a GPU, what asking takes: with none, Ray would hide it."""


def common_card() -> Card:
    """The GPU that all nodes of the cluster have which have one; ``free`` is that of the node with the least.

    Raises:
        StepFailed: they are of several kinds, or a node doesn't tell.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ask = ray.remote(max_retries=0, num_cpus=0, num_gpus=SHARE)(card_here)
    asked = {}
    for node in ray.nodes():
        if node["Alive"] and node["Resources"].get("GPU", 0):
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            asked[ask.options(scheduling_strategy=there).remote()] = node["NodeManagerHostname"]
    ready, late = ray.wait(list(asked), num_returns=len(asked), timeout=ANSWER)
    if late:
        for each in late:
            ray.cancel(each)
        raise StepFailed(
            f"the cluster's node {asked[late[0]]} has not told for {ANSWER:g} s which GPU it has; are all in use?"
        )
    found: dict[str, Card | None] = {}
    for each in ready:
        try:
            found[asked[each]] = ray.get(each)
        except ray.exceptions.RayError as error:
            said = [line.strip() for line in str(error).splitlines() if line.strip()]
            why = plain(said[-1]) if said else "it said nothing"
            raise StepFailed(f"the cluster's node {asked[each]} can't tell which GPU it has: {why}") from None
    return one_kind(found)


def one_kind(cards: Mapping[str, Card | None]) -> Card:
    """The card that hosts have in common.

    Raises:
        StepFailed: there is no such card.
    """
    for host, card in cards.items():
        if card is None:
            raise StepFailed(
                f"the cluster's node {host} has a GPU, and PyTorch can't use it there: update its driver, or leave it"
                " out (ray start --num-gpus 0)"
            )
    kinds = {(card.name, card.total): host for host, card in cards.items() if card is not None}
    if len(kinds) > 1:
        told = " and ".join(f"{name} on {host}" for (name, _), host in kinds.items())
        raise StepFailed(
            f"the cluster has GPUs of several kinds ({told}), which compute films with other last bits: film on one"
            " kind, and start the other nodes without (ray start --num-gpus 0)"
        )
    if not kinds:
        raise StepFailed("the cluster has a GPU, and none of its nodes has told which")
    [(name, total)] = kinds
    return Card(name, total, min(card.free for card in cards.values() if card is not None))


def other_card(host: str, card: Card | None, common: Card | None) -> str:
    """Why a worker can't film what was planned for a card in common; empty where it can."""
    if common is None or (card is not None and (card.name, card.total) == (common.name, common.total)):
        return ""
    has = f"another GPU than the cluster's other nodes: {card.name}" if card is not None else "a GPU that can't be used"
    return f"the cluster's node {host} has {has}, where films are planned for {common.name}"


def remembered(address: str) -> Card | None:
    """The card that the cluster at an address had when it was last asked; None where it had none, or never was."""
    match _known().get(address):
        case [str(name), int(total)] if total > 0:
            return Card(name, total, total)
    return None


def remember(address: str, card: Card) -> None:
    """Keep what a cluster has."""
    known = {**_known(), address: [card.name, card.total]}
    with suppress(OSError):
        write_whole(_file(), json.dumps(known).encode())


def _known() -> dict[str, object]:
    with suppress(OSError, ValueError):
        found = parse(read_regular(_file()))
        if isinstance(found, dict):
            return found
    return {}


def _file() -> Path:
    return cache_folder() / "clusters.json"
