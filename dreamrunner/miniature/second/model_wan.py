"""The second miniature's twin in Wan's layout: text read by cross-attention, and flow matching.

It has the same latents, vocabulary and size as :mod:`dreamrunner.miniature.second.model`, and what the recipe asks of a
backbone; all in which the two differ is in these two modules. It is not trained.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
from diffusers.models.transformers.transformer_wan import WanAttnProcessor
from transformers import UMT5Config, UMT5EncoderModel

from dreamrunner.backbones.families.block_parts import CHANNELS
from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.backbones.families.wan_blocks import WanBlockAutoencoder
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.model import FULL, PATCH, Prediction, Size, stock_tokenizer
from dreamrunner.miniature.second.words import MAX_TOKENS, vocabulary
from dreamrunner.miniature.second.world import FRAMES

AUTOENCODER = WanBlockAutoencoder.__module__, WanBlockAutoencoder.__name__
"""What an index calls the autoencoder, which is not a class of diffusers."""

SHIFT = 3.0
"""How much noisier than even the schedule is, as Wan's is at small sizes."""

LEAST = 1e-3
"""The share of noise below which a mistake counts no more than at it."""

PADDING = 0


def build_text_encoder(size: Size = FULL) -> UMT5EncoderModel:
    """A UMT5 encoder of two layers over the small world's vocabulary, random weights."""
    config = UMT5Config(
        vocab_size=len(vocabulary()),
        d_model=size.text,
        d_kv=32,
        d_ff=2 * size.text,
        num_layers=2,
        num_heads=4,
        dropout_rate=0.0,
        relative_attention_num_buckets=16,
        relative_attention_max_distance=32,
        pad_token_id=PADDING,
        eos_token_id=1,
    )
    return UMT5EncoderModel(config)


def build_transformer(size: Size = FULL) -> WanTransformer3DModel:
    """A Wan transformer, its output starting at zero. It has one block less than CogVideoX's: its blocks are larger,
    since they read text in an attention of its own."""
    transformer = WanTransformer3DModel(
        patch_size=(1, PATCH, PATCH),
        num_attention_heads=size.heads,
        attention_head_dim=size.dim // size.heads,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        text_dim=size.text,
        freq_dim=size.time,
        ffn_dim=4 * size.dim,
        num_layers=size.layers - 1,
        rope_max_seq_len=64,
    )
    torch.nn.init.zeros_(transformer.proj_out.weight)
    torch.nn.init.zeros_(transformer.proj_out.bias)
    return transformer


def build_scheduler() -> UniPCMultistepScheduler:
    """Wan's sampler."""
    return UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=SHIFT)


def text_mask(cover: torch.Tensor, length: int) -> torch.Tensor:
    """Which texts of ``length`` tokens each video token reads: bool (batch, 1, video tokens, regions * length), where
    ``cover`` is bool (batch, regions, video tokens)."""
    return cover.mT.repeat_interleave(length, 2)[:, None]


class MaskedText(WanAttnProcessor):
    """The stock processor under a mask of its own, for training by region; without one it is the stock one."""

    mask: torch.Tensor | None = None

    def __call__(self, attn: Any, video: torch.Tensor, text: Any = None, _: Any = None, positions: Any = None) -> Any:
        return super().__call__(attn, video, text, self.mask, positions)


class WanBackbone(torch.nn.Module):
    """Text encoder and transformer, trained as one: tokens and noisy latents to clean latents.

    The transformer says the velocity from sample to noise; noisy latents that are noise to a share s are
    ``(1 - s) * clean + s * noise``, and the clean ones of a velocity v are those less ``s * v``.
    """

    family = "wan"

    def __init__(self, size: Size = FULL, prediction: Prediction = "velocity") -> None:
        super().__init__()
        if prediction != "velocity":
            raise ValueError("flow matching predicts the velocity")
        self.prediction = prediction
        self.text_encoder = build_text_encoder(size)
        self.transformer = build_transformer(size)
        self.reading = MaskedText()
        for block in self.transformer.blocks:
            block.attn2.set_processor(self.reading)

    def forward(self, tokens: torch.Tensor, latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        """``tokens`` (batch, MAX_TOKENS), ``latents`` (batch, latent frames, 16, 32, 48), ``timesteps`` (batch)."""
        return self.denoise(self.read(tokens), latents, timesteps)

    def by_region(
        self, tokens: torch.Tensor, cover: torch.Tensor, latents: torch.Tensor, timesteps: torch.Tensor
    ) -> torch.Tensor:
        """The same with a caption for each region: ``tokens`` (batch, regions, MAX_TOKENS), ``cover`` bool (batch,
        regions, latent frames, 8, 12), which video tokens each region has."""
        return self.denoise(self.read(tokens), latents, timesteps, cover)

    def read(self, tokens: torch.Tensor) -> torch.Tensor:
        """Text features (batch, all text tokens, width) of captions, or of regions' captions, each read on its own and
        zeros behind its end, as the stock pipeline has them."""
        each = tokens.flatten(0, -2)
        said = each != PADDING
        features = self.text_encoder(input_ids=each, attention_mask=said.long()).last_hidden_state
        features = features * said[..., None]
        return features.reshape(len(tokens), -1, features.shape[-1])

    def denoise(
        self, text: torch.Tensor, latents: torch.Tensor, timesteps: torch.Tensor, cover: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Clean latents from text features and noisy latents."""
        share = self.share(timesteps)
        self.reading.mask = None if cover is None else text_mask(cover.flatten(2), text.shape[1] // cover.shape[1])
        try:
            found = self.transformer(
                hidden_states=latents.transpose(1, 2),
                encoder_hidden_states=text,
                timestep=1000 * share,
                return_dict=False,
            )[0].transpose(1, 2)
        finally:
            self.reading.mask = None
        return latents.float() - _spread(share) * found.float()

    @staticmethod
    def share(timesteps: torch.Tensor) -> torch.Tensor:
        """The share of noise at timesteps from 0 to 999: (batch)."""
        even = (timesteps.float() + 1) / 1000
        return SHIFT * even / (1 + (SHIFT - 1) * even)

    def noised(self, latents: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        """Latents as they are at timesteps."""
        share = _spread(self.share(timesteps))
        return (1 - share) * latents + share * noise

    def divisor(self, timesteps: torch.Tensor) -> torch.Tensor:
        """What a mistake about the clean sample, squared, is divided by, so that it counts as one about the velocity:
        (batch, 1, 1, 1, 1)."""
        return _spread(self.share(timesteps)).square().clamp(min=LEAST**2)

    def sampler(self, steps: int) -> tuple[Sequence[int], Callable[..., torch.Tensor]]:
        """The timesteps of a sampling, and what makes latents at one of them those at the next, given the clean ones
        that were said: Euler's way."""
        times = [round(1000 * (1 - index / steps)) - 1 for index in range(steps)]

        def step(clean: torch.Tensor, time: int, latents: torch.Tensor) -> torch.Tensor:
            index = times.index(time)
            now = self.share(torch.tensor(time))
            then = self.share(torch.tensor(times[index + 1])) if index + 1 < steps else torch.tensor(0.0)
            return clean + (then / now).to(latents.device) * (latents - clean)

        return times, step

    def layers(self) -> Sequence[torch.nn.Module]:
        """The transformer's blocks, which are alike."""
        return list(self.transformer.blocks)

    def patching(self) -> torch.nn.Module:
        """What takes patches."""
        return self.transformer.patch_embedding

    def copied(self, dtype: torch.dtype) -> WanBackbone:
        """A copy in a precision, its positions in full."""
        made = copy.deepcopy(self).to(dtype)
        made.transformer.rope = copy.deepcopy(self.transformer.rope)
        return made

    def matrices(self) -> dict[str, torch.nn.Parameter]:
        """The blocks' own weight matrices by name, which Muon trains; all else is AdamW's."""
        return {
            name: weight
            for name, weight in self.named_parameters()
            if name.startswith("transformer.blocks") and weight.ndim == 2 and "norm" not in name
        }

    def assemble(self, folder: Path, vae: BlockAutoencoder) -> None:
        """Write the pipeline folder in the stock layout, half precision, safetensors."""
        own = WanBlockAutoencoder(vae.config.width, vae.config.depth, vae.config.middle)
        own.load_state_dict(vae.state_dict())
        text_encoder, transformer = copy.deepcopy((self.text_encoder, self.transformer))
        transformer.set_attn_processor(WanAttnProcessor())
        pipe = WanPipeline(stock_tokenizer(), text_encoder, own, build_scheduler(), transformer)
        pipe.to(dtype=torch.float16)
        pipe.save_pretrained(folder, safe_serialization=True)
        shown = {"sample_width": WIDTH // 4, "sample_height": HEIGHT // 4, "sample_frames": FRAMES}
        for file, change in (
            ("model_index.json", {"tokenizer": ["transformers", "PreTrainedTokenizerFast"], "vae": [*AUTOENCODER]}),
            ("tokenizer/tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"}),
            ("transformer/config.json", shown | {"sample_words": MAX_TOKENS}),
        ):
            path = folder / file
            path.write_text(json.dumps(json.loads(path.read_text()) | change, indent=2) + "\n")
        for file in folder.rglob("*.safetensors"):
            file.chmod(0o644)  # safetensors writes for its owner alone; a package is for everyone


def _spread(each: torch.Tensor) -> torch.Tensor:
    """Numbers of clips, to multiply latents by."""
    return each.view(-1, 1, 1, 1, 1)
