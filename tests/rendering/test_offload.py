"""Networks that come and go, and weights in 8 bits: the same film, LoRAs untouched, and a training afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import CogVideoXDPMScheduler
from safetensors.torch import save

from dreamrunner.backbones import Loaded
from dreamrunner.backbones.encodings import Encodings
from dreamrunner.backbones.loading import bring, put_away, with_text_encoder
from dreamrunner.files.checkpoint import Checkpoint, write_checkpoint
from dreamrunner.rendering.sampling import resumable
from dreamrunner.rendering.speedups import SPEEDUPS, offloaded
from tests.rendering.test_render import film, lora  # noqa: F401

CPU = torch.device("cpu")


@contextmanager
def put(loaded, name):
    """A speed-up that needs a GPU, as far as a processor shows it."""
    off = SPEEDUPS[name].put(loaded.pipe, CPU)
    try:
        yield
    finally:
        off()


def test_layer_by_layer_it_is_the_same_film_also_with_a_lora_and_comes_off(loaded, lora):
    usual = film(loaded, adapters=[lora])
    with put(loaded, "group-offload"):
        assert np.array_equal(film(loaded, adapters=[lora]), usual)
    assert not any(hasattr(each, "_diffusers_hook") and each._diffusers_hook.hooks
                   for each in loaded.pipe.transformer.modules())  # fmt: skip
    assert np.array_equal(film(loaded, adapters=[lora]), usual)
    assert offloaded(["group-offload"]) == {"transformer"} and offloaded(["vae-tiling"]) == frozenset()


def test_eight_bits_leave_loras_and_their_numbers_alone(loaded, lora, monkeypatch):
    seen = {}

    def look(module, *_):
        seen.update({name: weight.dtype for name, weight in module.named_parameters()})

    hook = loaded.pipe.transformer.register_forward_hook(look)
    try:
        film(loaded, adapters=[lora], speedups=["layerwise-casting"], steps=1)
    finally:
        hook.remove()
    kinds = {"lora" in name: set() for name in seen}
    for name, dtype in seen.items():
        kinds["lora" in name].add(dtype)
    assert kinds[True] == {torch.float32} and torch.float8_e4m3fn in kinds[False]


@pytest.mark.parametrize("name", ["layerwise-casting", "group-offload"])
def test_no_weight_is_left_that_nothing_can_be_trained_on(loaded, name):
    if name == "group-offload":
        with put(loaded, name):
            film(loaded, steps=1)
    else:
        film(loaded, steps=1, speedups=[name])
    assert not any(weight.is_inference() for weight in loaded.pipe.transformer.parameters())


def test_what_was_predicted_last_goes_where_the_network_computes_and_not_where_it_lies(tmp_path):
    """A network that comes and goes lies elsewhere when a sampling is gone on with."""
    shape, file = (1, 2, 4, 2, 2), tmp_path / "c.safetensors"
    latents, predicted, output = torch.randn(3, *shape)
    generator = torch.Generator().manual_seed(0)
    state = {"latents": latents, "predicted": predicted, "generator": generator.get_state()}
    write_checkpoint(file, Checkpoint("k", 2, state, {}))
    network = type("CogVideoXTransformer3DModel", (), {"device": torch.device("meta")})()
    pipe = SimpleNamespace(transformer=network, scheduler=CogVideoXDPMScheduler())
    with resumable(pipe, generator, 6, key="k", checkpoint=file) as begun:
        pipe.scheduler.set_timesteps(6)
        first, *_ = pipe.scheduler.timesteps
        gone_on = pipe.scheduler.step(output, None, first, None, begun.latents, generator=generator, return_dict=False)
    whole = CogVideoXDPMScheduler()
    whole.set_timesteps(6)
    generator.set_state(state["generator"])
    times = whole.timesteps
    wanted = whole.step(output, predicted, times[2], times[1], latents, generator=generator, return_dict=False)
    assert torch.equal(gone_on[0], wanted[0])


@pytest.fixture
def bare(loaded, tmp_path, monkeypatch) -> Loaded:
    """The model as it is loaded for a GPU: without its text encoder."""
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    made = Loaded(loaded.backbone, loaded.pipe, CPU)
    own = loaded.pipe.text_encoder
    loaded.pipe.text_encoder = None
    yield made
    loaded.pipe.text_encoder = own


def test_the_text_encoder_is_loaded_once_for_all_prompts_and_gone_afterwards(bare, monkeypatch):
    family, times = bare.family, []
    loading = type(family).load_text_encoder
    monkeypatch.setattr(type(family), "load_text_encoder", lambda *all: times.append(1) or loading(*all))
    first = Encodings(bare).texts(["a witch", "a cat", "a witch"])
    assert len(times) == 1 and bare.pipe.text_encoder is None and set(first) == {"a witch", "a cat"}
    assert {tuple(each.shape) for each in first.values()} == {(24, bare.pipe.transformer.config.text_embed_dim)}
    again = Encodings(bare).texts(["a cat"])
    assert len(times) == 1 and torch.equal(again["a cat"], first["a cat"])
    with with_text_encoder(bare):
        assert bare.pipe.text_encoder is not None
    assert bare.pipe.text_encoder is None and len(times) == 2


def test_a_film_without_it_is_the_same_and_prompts_of_other_scenes_are_encoded_along(bare, monkeypatch):
    alone = film(bare, steps=1, texts=["a dog"])
    assert len(list(Encodings(bare).folder.iterdir())) == 5  # two beats, the background, what to avoid, and the dog
    monkeypatch.setattr(type(bare.family), "load_text_encoder", None)
    assert np.array_equal(film(bare, steps=1), alone)


def test_texts_of_another_kind_of_device_are_other_texts(bare):
    here, there = Encodings(bare), Encodings(bare)
    there._about[2] = "a GPU"
    here.texts(["a cat"])
    assert here.find(["text", 24, "a cat"]) is not None and there.find(["text", 24, "a cat"]) is None


def test_texts_in_each_others_place_and_those_that_say_no_name_are_encoded_anew(bare):
    texts = Encodings(bare)
    first = texts.texts(["a fox", "a bear"])
    fox, bear = (texts._file(texts._text(text)) for text in first)
    aside = fox.read_bytes()
    fox.write_bytes(bear.read_bytes())
    bear.write_bytes(aside)
    again = texts.texts(["a fox", "a bear"])
    assert all(torch.equal(again[text], first[text]) for text in first) and fox.read_bytes() == aside
    fox.write_bytes(save({"value": first["a bear"]}))
    assert torch.equal(texts.texts(["a fox"])["a fox"], first["a fox"])


def test_a_longer_text_leaves_positions_where_the_network_went_meanwhile(loaded):
    network = torch.nn.Module()
    network.patch_embed = torch.nn.Module()
    network.patch_embed.use_positional_embeddings, network.patch_embed.max_text_seq_length = True, 2
    network.patch_embed.register_buffer("pos_embedding", torch.zeros(1, 5, 4), persistent=False)
    with loaded.family.text_length(network, 6):
        assert network.patch_embed.pos_embedding.shape == (1, 9, 4)
        network.to("meta")
    table = network.patch_embed.pos_embedding
    assert table.device.type == "meta" and table.shape == (1, 5, 4) and network.patch_embed.max_text_seq_length == 2


class Moving(torch.nn.Linear):
    """A network that is copied, as one is from a card and to it, when it is moved."""

    device = CPU

    def to(self, device):
        for weight in self.parameters():
            weight.data = weight.data.clone() if device != "cpu" or weight.data_ptr() not in self.home else weight.data
        self.device = CPU if device == "cpu" else device
        return self


def test_a_network_that_is_to_go_again_goes_without_a_copy_unless_it_was_written_to():
    network = Moving(2, 2)
    network.home = home = [weight.data_ptr() for weight in network.parameters()]
    made = Loaded(None, SimpleNamespace(transformer=network), SimpleNamespace(type="card"))
    for returning in (True, False):
        bring(made, "transformer", returning=returning)
        assert not {weight.data_ptr() for weight in network.parameters()} & {*home}
        put_away(made, "transformer")
        assert ([weight.data_ptr() for weight in network.parameters()] == home) == returning
    bring(made, "transformer", returning=True)
    with torch.no_grad():
        changed = network.weight.add_(1).clone()
    put_away(made, "transformer")
    assert torch.equal(network.weight, changed)
