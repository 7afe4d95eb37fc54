"""Names of tensors in LoRA files, in each layout that a family's layers are written in."""

from __future__ import annotations

import pytest

from dreamrunner.backbones.tensor_names import LoraNames, Part

NAMES = LoraNames(
    {
        "blocks.{}.attn1.to_out.0": ("blocks.{}.self_attn.o",),
        "blocks.{}.ffn.net.0.proj": ("blocks.{}.ffn.0",),
        "time.linear_1": ("time_embedding.0",),
        "proj_out": ("head.head",),
    }
)
OUT, FEED = "blocks.12.attn1.to_out.0", "blocks.7.ffn.net.0.proj"

WRITTEN = {
    "transformer.blocks.12.attn1.to_out.0.lora_A.weight": Part(OUT, "A"),
    "blocks.12.attn1.to_out.lora.up.weight": Part(OUT, "B"),
    "blocks.12.attn1.processor.to_out_lora.down.weight": Part(OUT, "A"),
    "base_model.model.blocks.12.attn1.to_out.0.lora_B.my-witch.weight": Part(OUT, "B"),
    "diffusion_model.blocks.12.self_attn.o.lora_B.weight": Part(OUT, "B"),
    "diffusion_model.blocks.12.self_attn.o.lora_down.weight": Part(OUT, "A"),
    "diffusion_model.blocks.12.self_attn.o.diff_b": Part(OUT, "bias"),
    "lora_unet_blocks_12_self_attn_o.lora_down.weight": Part(OUT, "A"),
    "lora_unet_blocks.12.self_attn.o.lora_up.weight": Part(OUT, "B"),
    "lora_unet__blocks_12_attn1_to_out_0.alpha": Part(OUT, "alpha"),
    "lora_unet_blocks_7_ffn_0.alpha": Part(FEED, "alpha"),
    "lycoris_blocks_7_ffn_net_0_proj.lora_up.weight": Part(FEED, "B"),
    "blocks.7.ffn.0.lora_A.scale_weight": Part(FEED, "scale A"),
    "blocks.7.ffn.0.lora_up.weight_scale": Part(FEED, "scale B"),
    "blocks.7.ffn.0.lora_A.scale_input": Part(FEED, "nothing"),
    "blocks.7.ffn.0.lora_B.bias": Part(FEED, "bias"),
    "blocks.7.ffn.0.lora_B.default.bias": Part(FEED, "bias"),
    "diffusion_model.time_embedding.0.lora_down.weight": Part("time.linear_1", "A"),
    "diffusion_model.head.head.diff": Part("proj_out", "difference"),
    "scaled_fp8": Part("", "nothing"),
    # what is known of no layer is called as it is written
    "diffusion_model.blocks.7.norm3.diff": Part("blocks.7.norm3", "difference"),
    "lora_unet_blocks_7_cross_attn_k_img.lora_down.weight": Part("blocks.7.cross_attn_k_img", "A"),
    # and what is no part of a LoRA is none
    "blocks.7.ffn.0.lora_A.bias": None,
    "blocks.7.ffn.0.weight": None,
    "blocks.7.ffn.0.lora_A.weight_scale_inv": None,
}


@pytest.mark.parametrize(("tensor", "part"), WRITTEN.items(), ids=WRITTEN.keys())
def test_a_tensor_is_the_part_of_a_layer_that_its_layout_makes_it(tensor: str, part: Part | None) -> None:
    assert NAMES.part(tensor) == part
