"""A sampling that is cut short and goes on ends in the same bits as one that was not."""

import numpy as np
import pytest
import torch
from diffusers import CogVideoXDDIMScheduler, CogVideoXDPMScheduler
from safetensors.torch import load_file

from dreamrunner.backbones import Loaded, describe, load
from dreamrunner.regions import lower
from dreamrunner.rendering import render
from tests.rendering.test_render import scene

STEPS = 4


@pytest.fixture(scope="module")
def loaded(model):
    return load(describe(str(model)))


class PowerCut(Exception):
    pass


class Studio:
    """Films one scene, with a checkpoint after every step."""

    def __init__(self, loaded: Loaded, folder, seconds: float = 6.0) -> None:
        self.loaded, self.file = loaded, folder / "scene.safetensors"
        self.program = lower(scene().model_copy(update={"duration": seconds}), loaded.backbone.grid.spanning(seconds))
        self.told: list[tuple[int, int]] = []

    def film(self, cut: int | None = None, key: str | None = "one", **more) -> np.ndarray:
        def hear(done: int, of: int) -> None:
            self.told.append((done, of))
            if done == cut:
                raise PowerCut

        self.told.clear()
        how = {"seed": 1, "steps": STEPS, "save_every": 0.0} | more
        return render(self.program, self.loaded, key=key, checkpoint=self.file, on_step=hear, **how).pixels

    def cut(self, step: int, **more) -> None:
        with pytest.raises(PowerCut):
            self.film(cut=step, **more)


@pytest.fixture(params=[CogVideoXDDIMScheduler, CogVideoXDPMScheduler], ids=["ddim", "dpm"])
def scheduled(request, loaded):
    pipe, before = loaded.pipe, loaded.pipe.scheduler
    pipe.scheduler = request.param.from_config(before.config, timestep_spacing="trailing")
    yield loaded
    assert not {"step", "set_timesteps"} & set(vars(pipe.scheduler))
    pipe.scheduler = before


@pytest.mark.parametrize("how", [{}, {"guidance": 1.0}], ids=str)
def test_cut_after_any_step_it_goes_on_to_the_same_bits(scheduled, tmp_path, how):
    studio = Studio(scheduled, tmp_path)
    whole = studio.film(key=None, **how)
    assert not studio.file.exists()
    for step in (1, STEPS - 1):
        studio.cut(step, **how)
        assert np.array_equal(studio.film(**how), whole)
        assert studio.told == [(done, STEPS) for done in range(step + 1, STEPS + 1)]
        studio.file.unlink()


def test_cut_again_and_again_it_gets_there(scheduled, tmp_path):
    studio = Studio(scheduled, tmp_path)
    whole = studio.film(key=None)
    for step in range(1, STEPS):
        studio.cut(step)
    assert studio.told == [(STEPS - 1, STEPS)]
    assert np.array_equal(studio.film(), whole)


def test_a_scene_in_windows_goes_on_too(loaded, tmp_path):
    studio = Studio(loaded, tmp_path, seconds=8.0)
    whole = studio.film(key=None)
    studio.cut(2)
    assert np.array_equal(studio.film(), whole)
    assert studio.told[0] == (3, STEPS)


@pytest.mark.parametrize("spoil", ["cut", "noise", "another key"])
def test_what_is_no_checkpoint_of_this_scene_is_no_beginning(loaded, tmp_path, spoil):
    studio = Studio(loaded, tmp_path)
    whole = studio.film(key=None)
    studio.cut(3, key="other" if spoil == "another key" else "one")
    if spoil != "another key":
        content = studio.file.read_bytes()
        studio.file.write_bytes(content[:-1] if spoil == "cut" else b"noise" * 100)
    assert np.array_equal(studio.film(), whole)
    assert studio.told[0] == (1, STEPS)


def test_a_cache_knows_more_than_a_checkpoint_so_its_scene_begins_anew(loaded, tmp_path):
    studio = Studio(loaded, tmp_path)
    studio.cut(3, speedups=["taylorseer"])
    assert not studio.file.exists()


def test_checkpoints_come_rarely_and_hold_the_state_alone(loaded, tmp_path):
    studio = Studio(loaded, tmp_path)
    studio.film(save_every=None)
    assert not studio.file.exists()
    studio.cut(2)
    tensors = load_file(studio.file)
    assert {name: tensor.dtype for name, tensor in tensors.items()} == {
        "latents": torch.float32,
        "predicted": torch.float32,
        "generator": torch.uint8,
    }
    assert tensors["latents"].shape == tensors["predicted"].shape == (1, 3, 4, 8, 8)
