"""An autoencoder for small worlds (``block_parts.py``) in the place of Wan's."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKLWan
from diffusers import ModelMixin as ModelMixin  # where an index names this module, diffusers looks for it here
from diffusers.configuration_utils import register_to_config
from diffusers.models.autoencoders.vae import DecoderOutput
from torch import nn

from dreamrunner.backbones.families.block_parts import CHANNELS, DEEP, SIDE, WIDTHS, Decoder, Encoder


class WanBlockAutoencoder(AutoencoderKLWan):
    """Wan's autoencoder with an encoder and a decoder of its own: 4x in space, 4x in time, 16 channels as they are.

    A clip is encoded and decoded whole: slices and tiles are not needed at this size and change nothing.
    """

    @register_to_config
    def __init__(
        self,
        width: int = WIDTHS[0],
        depth: int = WIDTHS[1],
        middle: int = WIDTHS[2],
        z_dim: int = CHANNELS,
        latents_mean: tuple[float, ...] = (0.0,) * CHANNELS,
        latents_std: tuple[float, ...] = (1.0,) * CHANNELS,
        scale_factor_temporal: int = DEEP,
        scale_factor_spatial: int = SIDE,
    ) -> None:
        super().__init__(
            base_dim=4,
            z_dim=z_dim,
            dim_mult=[1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[True, True],
            latents_mean=list(latents_mean),
            latents_std=list(latents_std),
            scale_factor_temporal=scale_factor_temporal,
            scale_factor_spatial=scale_factor_spatial,
        )
        self.encoder, self.decoder = Encoder(), Decoder(width, depth, middle)
        self.quant_conv, self.post_quant_conv = nn.Identity(), nn.Identity()

    def _encode(self, x: torch.Tensor) -> torch.Tensor:
        found = self.encoder(x)
        return torch.cat([found, torch.full_like(found, -30.0)], 1)  # log variance: a sample is the mode

    def _decode(self, z: torch.Tensor, return_dict: bool = True) -> DecoderOutput | tuple[torch.Tensor]:
        video = self.decoder(z)
        return DecoderOutput(sample=video) if return_dict else (video,)
