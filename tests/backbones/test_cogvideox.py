"""What the family says of its transformer without one, against a stock transformer."""

from __future__ import annotations

import torch

from dreamrunner.backbones.families.cogvideox import FAMILY
from tests.material.tiny_training import BLOCKS, build_four_blocks


def transformer_of_four_blocks(folder) -> torch.nn.Module:
    return FAMILY.stock().transformer.from_pretrained(build_four_blocks(folder) / "transformer")


def test_layers_of_a_block() -> None:
    names = FAMILY.layers(3)
    assert names == tuple(
        f"transformer_blocks.3.{kind}"
        for kind in ("attn1.to_q", "attn1.to_k", "attn1.to_v", "ff.net.0.proj", "ff.net.2")
    )
    assert set(FAMILY.layers(3, output=True)) - set(names) == {"transformer_blocks.3.attn1.to_out.0"}
    assert FAMILY.block_of(names[0]) == 3 and FAMILY.block_of("proj_out") is None
    assert all(FAMILY.tokens_of(name) == ("text", "video") for name in FAMILY.layers(3, output=True))
    assert FAMILY.tokens_of("transformer_blocks.3.norm1.linear") is None


def test_layers_and_their_channels_are_the_transformers(tmp_path) -> None:
    transformer = transformer_of_four_blocks(tmp_path)
    configs = {"transformer": dict(transformer.config)}
    linear = {name: layer for name, layer in transformer.named_modules() if isinstance(layer, torch.nn.Linear)}
    told = [layer for block in range(FAMILY.block_count(configs)) for layer in FAMILY.layers(block, output=True)]
    assert set(told) == {name for name in linear if FAMILY.tokens_of(name)} and len(told) == 6 * BLOCKS
    for name in told:
        assert FAMILY.channels(name, configs) == (linear[name].in_features, linear[name].out_features)


def test_what_is_called_stock_is() -> None:
    stock = FAMILY.stock()
    assert stock.pipeline.__name__ == FAMILY.pipeline
    assert stock.transformer.__name__ == FAMILY.networks["transformer"]
    assert stock.autoencoder.__name__ == FAMILY.networks["vae"]
