"""An autoencoder for small worlds (``block_parts.py``) in the place of CogVideoX's."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKLCogVideoX
from diffusers import ModelMixin as ModelMixin  # where an index names this module, diffusers looks for it here
from diffusers.configuration_utils import register_to_config
from diffusers.models.autoencoders.vae import DecoderOutput

from dreamrunner.backbones.families.block_parts import CHANNELS, DEEP, WIDTHS, Decoder, Encoder

_SMALL = (8, 8, 8)
"""Channels of the stock parts that are replaced at once; there are three since each level but one halves the size."""


class BlockAutoencoder(AutoencoderKLCogVideoX):
    """CogVideoX's autoencoder with an encoder and a decoder of its own: 4x in space, 4x in time, 16 channels.

    A clip is encoded and decoded whole: slices and tiles are not needed at this size and change nothing.
    """

    @register_to_config
    def __init__(
        self,
        width: int = WIDTHS[0],
        depth: int = WIDTHS[1],
        middle: int = WIDTHS[2],
        block_out_channels: tuple[int, ...] = _SMALL,
        latent_channels: int = CHANNELS,
        temporal_compression_ratio: float = DEEP,
        sample_height: int = 128,
        sample_width: int = 192,
        scaling_factor: float = 1.0,
    ) -> None:
        levels = len(block_out_channels)
        super().__init__(
            down_block_types=("CogVideoXDownBlock3D",) * levels,
            up_block_types=("CogVideoXUpBlock3D",) * levels,
            block_out_channels=tuple(block_out_channels),
            latent_channels=latent_channels,
            layers_per_block=1,
            norm_num_groups=4,
            temporal_compression_ratio=temporal_compression_ratio,
            sample_height=sample_height,
            sample_width=sample_width,
            scaling_factor=scaling_factor,
        )
        self.encoder = Encoder()
        self.decoder = Decoder(width, depth, middle)

    def _encode(self, x: torch.Tensor) -> torch.Tensor:
        found = self.encoder(x)
        return torch.cat([found, torch.full_like(found, -30.0)], 1)  # log variance: a sample is the mode

    def _decode(self, z: torch.Tensor, return_dict: bool = True) -> DecoderOutput | tuple[torch.Tensor]:
        video = self.decoder(z)
        return DecoderOutput(sample=video) if return_dict else (video,)
