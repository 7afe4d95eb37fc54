"""A cluster's GPUs: one kind or words why not, remembered for films of which nothing has to be made anew."""

from __future__ import annotations

import pytest

from dreamrunner.backbones.device import Card
from dreamrunner.engine.graph import StepFailed
from dreamrunner.engine.ray import connect as connecting
from dreamrunner.engine.ray import executor as cluster
from dreamrunner.engine.ray.cards import one_kind, other_card, remember, remembered
from dreamrunner.engine.ray.executor import OnCluster, settings_of

LARGE, FULL, SMALL = Card("Large", 80, 79), Card("Large", 80, 5), Card("Small", 24, 24)


def test_nodes_of_one_kind_have_it_in_common_with_the_least_that_is_free() -> None:
    assert one_kind({"a": LARGE, "b": FULL}) == FULL


@pytest.mark.parametrize(
    ("cards", "why"),
    [
        ({"a": LARGE, "b": SMALL}, r"several kinds \(Large on a and Small on b\).*film on one kind"),
        ({"a": LARGE, "b": None}, "node b has a GPU, and PyTorch can't use it there: update its driver"),
        ({}, "none of its nodes has told which"),
    ],
)
def test_what_has_no_kind_in_common_is_refused_in_words(cards: dict[str, Card | None], why: str) -> None:
    with pytest.raises(StepFailed, match=why):
        one_kind(cards)


def test_a_worker_on_another_card_than_planned_for_is_refused() -> None:
    assert other_card("a", FULL, LARGE) == "" == other_card("a", None, None)
    assert "node b has another GPU than the cluster's other nodes: Small" in other_card("b", SMALL, LARGE)
    assert "node b has a GPU that can't be used" in other_card("b", None, LARGE)


def test_what_a_cluster_had_is_known_before_it_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path))
    executor = OnCluster("there:1")
    assert executor.card() is None and executor.device(lambda device: device == "cuda") == "cuda"
    remember("elsewhere:1", SMALL)
    remember("there:1", FULL)
    assert executor.card() == Card("Large", 80, 80) and remembered("elsewhere:1") == SMALL
    (tmp_path / "clusters.json").write_text("{")
    assert executor.card() is None
    remember("there:1", LARGE)
    assert executor.card() == Card("Large", 80, 80)


@pytest.mark.parametrize(
    "has", ["3", "[1]", '["Large"]', '["Large", 1e999]', '["Large", -1]', '{"name": 1}', '"Large"']
)
def test_a_damaged_memory_of_clusters_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path, has: str) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path))
    for text in (has, f'{{"there:1": {has}}}'):
        (tmp_path / "clusters.json").write_text(text)
        assert remembered("there:1") is None
        remember("there:1", LARGE)
        assert remembered("there:1") == Card("Large", 80, 80)


def test_a_cluster_that_is_connected_to_is_asked_once_and_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path))
    executor, asked = OnCluster("there:1"), []
    executor.connected = True
    monkeypatch.setattr(executor, "_device", lambda: "cuda")
    monkeypatch.setattr(cluster, "common_card", lambda: asked.append(1) or FULL)
    assert executor.card() == executor.card() == FULL and asked == [1] and remembered("there:1").name == "Large"


def test_no_cluster_is_started_where_its_files_have_no_room(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    pytest.importorskip("ray")
    monkeypatch.setattr(connecting, "ROOM", 2**62)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(StepFailed, match=f"no space is left in the temporary folder {tmp_path};.*RAY_TMPDIR"):
        connecting.connect("auto")


def test_the_hubs_settings_reach_workers() -> None:
    told = {"HF_HOME": "/h", "HF_TOKEN": "t", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2"}
    assert settings_of({**told, "HOME": "/x", "PATH": "/y"}) == told
