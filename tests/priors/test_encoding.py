"""Clips and captions as a backbone reads them: by tiles where the plan says so, and with progress."""

from __future__ import annotations

from dreamrunner.backbones.device import Card
from dreamrunner.backbones.memory_plan import MemoryPlan
from dreamrunner.priors import Encoder
from tests.material.tiny_training import clips

NONE = frozenset()
TILED = MemoryPlan(Card("a", 1, 1), "resident", False, frozenset({"encoding"}), NONE, {})


def test_clips_encoded_by_tiles_are_kept_apart_and_progress_is_told(four_blocks, tmp_path, monkeypatch):
    told, used = [], []
    monkeypatch.setattr(four_blocks.pipe.vae, "enable_tiling", lambda *size: used.append(size))
    for plan in (None, TILED):
        Encoder(four_blocks, tmp_path, memory=plan, on_clip=lambda *at: told.append(at)).samples(clips(2))
    assert used == [four_blocks.family.tile] and told == [(1, 2), (2, 2)] * 2
    assert len(list(tmp_path.iterdir())) == 2 + 4
