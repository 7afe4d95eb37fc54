"""The second miniature's parts, in stock classes: text encoder, transformer, scheduler, and the folder of all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLCogVideoX, CogVideoXDDIMScheduler, CogVideoXPipeline, CogVideoXTransformer3DModel
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from dreamrunner.backbones.families.block_parts import CHANNELS
from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.backbones.folder import WORDS
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.words import END, MAX_TOKENS, PAD, UNKNOWN, build_tokenizer, vocabulary, words_by_kind
from dreamrunner.miniature.second.world import FRAMES

AUTOENCODER = BlockAutoencoder.__module__, BlockAutoencoder.__name__
"""What an index calls the autoencoder, which is not a class of diffusers."""

PATCH = 4
ROWS, COLUMNS = HEIGHT // (4 * PATCH), WIDTH // (4 * PATCH)
"""Video tokens of one latent frame: 8 rows of 12."""

STEPS = (FRAMES - 1) // 4 + 1
"""Latent frames of a clip."""


@dataclass(frozen=True)
class Size:
    """How large the networks are.

    ``dim`` is the transformer's width, ``heads`` and ``layers`` its attention heads and blocks, ``time`` the width of
    its time embedding, ``text`` the width of the text encoder.
    """

    dim: int = 256
    heads: int = 4
    layers: int = 8
    time: int = 48
    text: int = 128


FULL = Size()
TINY = Size(dim=64, heads=2, layers=2, time=32, text=32)
"""For tests: learns nothing worth seeing, but runs in a moment."""


def build_text_encoder(size: Size = FULL) -> T5EncoderModel:
    """A T5 encoder of two layers over the small world's vocabulary, random weights."""
    config = T5Config(
        vocab_size=len(vocabulary()),
        d_model=size.text,
        d_kv=32,
        d_ff=2 * size.text,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        dropout_rate=0.0,
        relative_attention_num_buckets=16,
        relative_attention_max_distance=32,
        pad_token_id=0,
        eos_token_id=1,
    )
    return T5EncoderModel(config)


def build_transformer(size: Size = FULL) -> CogVideoXTransformer3DModel:
    """A CogVideoX transformer in the 2B layout (sincos positions), adaLN and output starting at zero."""
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=size.heads,
        attention_head_dim=size.dim // size.heads,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        time_embed_dim=size.time,
        text_embed_dim=size.text,
        num_layers=size.layers,
        sample_width=WIDTH // 4,
        sample_height=HEIGHT // 4,
        sample_frames=FRAMES,
        patch_size=PATCH,
        temporal_compression_ratio=4,
        max_text_seq_length=MAX_TOKENS,
        spatial_interpolation_scale=1.0,
        temporal_interpolation_scale=1.0,
        use_rotary_positional_embeddings=False,
    )
    zeroed = [transformer.proj_out, transformer.norm_out.linear]
    for block in transformer.transformer_blocks:
        zeroed += [block.norm1.linear, block.norm2.linear]
    for layer in zeroed:
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    return transformer


VELOCITY_CAP = 4.0
"""The loss on the clean sample is weighted like the velocity's, 1 / (1 - alpha), at most this much where the network
predicts the sample, and without limit where it predicts the velocity."""

Prediction = Literal["sample", "velocity"]
"""What the transformer's output is: the clean sample, or the velocity, from which the clean sample follows."""


def build_scheduler(prediction: Prediction = "sample") -> CogVideoXDDIMScheduler:
    """CogVideoX-2B's schedule, for what the network predicts."""
    return CogVideoXDDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=True,
        prediction_type="sample" if prediction == "sample" else "v_prediction",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
        snr_shift_scale=3.0,
    )


def region_mask(cover: torch.Tensor, length: int) -> torch.Tensor:
    """Who attends to whom: bool (batch, 1, tokens, tokens) over the regions' texts of ``length`` tokens, then video.

    ``cover`` is bool (batch, regions, video tokens). A region's text and its video tokens read each other, each text
    reads itself, and all video tokens read each other.
    """
    batch, regions, video = cover.shape
    text = regions * length
    mask = torch.ones(batch, text + video, text + video, dtype=torch.bool, device=cover.device)
    own = torch.eye(regions, dtype=torch.bool, device=cover.device)
    mask[:, :text, :text] = own.repeat_interleave(length, 0).repeat_interleave(length, 1)
    reads = cover.repeat_interleave(length, 1)
    mask[:, :text, text:], mask[:, text:, :text] = reads, reads.mT
    return mask[:, None]


class MaskedProcessor:
    """A diffusers attention processor for CogVideoX that takes a dense mask, for training by region."""

    def __call__(
        self,
        attn: torch.nn.Module,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        image_rotary_emb: tuple[torch.Tensor, torch.Tensor] | None = None,
        mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        text = encoder_hidden_states.shape[1]
        states = torch.cat([encoder_hidden_states, hidden_states], 1)
        query, key, value = (
            project(states).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
            for project in (attn.to_q, attn.to_k, attn.to_v)
        )
        query, key = attn.norm_q(query), attn.norm_k(key)
        found = F.scaled_dot_product_attention(query.to(value.dtype), key.to(value.dtype), value, attn_mask=mask)
        found = attn.to_out[1](attn.to_out[0](found.transpose(1, 2).flatten(2)))
        return found[:, text:], found[:, :text]


_MASKED = MaskedProcessor()
"""One for all, so that what was compiled with it is found again."""


class Backbone(torch.nn.Module):
    """Text encoder and transformer, trained as one: tokens and noisy latents to clean latents.

    By the velocity v of noisy latents x, the clean ones are sqrt(a) x - sqrt(1 - a) v: what the network gets wrong
    counts the less, the less noise there is. What is special to CogVideoX is in here and in the functions above; the
    recipe knows of nothing else, and ``model_wan.py`` has a twin.
    """

    family = "cogvideox"

    def __init__(self, size: Size = FULL, prediction: Prediction = "sample") -> None:
        super().__init__()
        self.prediction = prediction
        self.alphas: dict[torch.device, torch.Tensor] = {}
        self.text_encoder = build_text_encoder(size)
        self.transformer = build_transformer(size)

    def forward(self, tokens: torch.Tensor, latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        """``tokens`` (batch, MAX_TOKENS), ``latents`` (batch, latent frames, 16, 32, 48), ``timesteps`` (batch)."""
        return self.denoise(self.read(tokens), latents, timesteps)

    def by_region(
        self, tokens: torch.Tensor, cover: torch.Tensor, latents: torch.Tensor, timesteps: torch.Tensor
    ) -> torch.Tensor:
        """The same with a caption for each region: ``tokens`` (batch, regions, MAX_TOKENS), ``cover`` bool (batch,
        regions, latent frames, 8, 12), which video tokens each region has. Attention is the paper's, by a dense mask.
        """
        return self.denoise(self.read(tokens), latents, timesteps, cover)

    def read(self, tokens: torch.Tensor) -> torch.Tensor:
        """Text features (batch, all text tokens, width) of captions, or of regions' captions, each read on its own."""
        features = self.text_encoder(input_ids=tokens.flatten(0, -2)).last_hidden_state
        return features.reshape(len(tokens), -1, features.shape[-1])

    def denoise(
        self, text: torch.Tensor, latents: torch.Tensor, timesteps: torch.Tensor, cover: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Clean latents from text features and noisy latents."""
        before, arguments = self.transformer.attn_processors, {}
        if cover is not None:
            arguments["attention_kwargs"] = {"mask": region_mask(cover.flatten(2), text.shape[1] // cover.shape[1])}
            self.transformer.set_attn_processor(_MASKED)
        try:
            with self._positions(text.shape[1], latents.shape[1]):
                found = self.transformer(
                    hidden_states=latents,
                    encoder_hidden_states=text,
                    timestep=timesteps,
                    return_dict=False,
                    **arguments,
                )[0]
        finally:
            if cover is not None:
                self.transformer.set_attn_processor(before)
        if self.prediction == "sample":
            return found
        alpha = self._alphas(latents.device)[timesteps].view(-1, 1, 1, 1, 1)
        return alpha.sqrt() * latents.float() - (1 - alpha).sqrt() * found.float()

    def _alphas(self, device: torch.device) -> torch.Tensor:
        """The noise schedule's cumulative products, in full precision whatever the weights are in."""
        if device not in self.alphas:
            self.alphas[device] = build_scheduler().alphas_cumprod.float().to(device)
        return self.alphas[device]

    @contextmanager
    def _positions(self, words: int, steps: int) -> Iterator[None]:
        """Let the patch embedding take so many text tokens and latent frames, at the first of its own positions."""
        embed = self.transformer.patch_embed
        kept = embed.max_text_seq_length, embed.sample_frames, embed.pos_embedding
        video = embed.pos_embedding[:, embed.max_text_seq_length :][:, : steps * ROWS * COLUMNS]
        embed.max_text_seq_length, embed.sample_frames = words, 4 * steps - 3
        embed.pos_embedding = torch.cat([video.new_zeros(1, words, video.shape[-1]), video], 1)
        try:
            yield
        finally:
            embed.max_text_seq_length, embed.sample_frames, embed.pos_embedding = kept

    def noised(self, latents: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        """Latents as they are at timesteps."""
        alpha = self._alphas(latents.device)[timesteps].view(-1, 1, 1, 1, 1)
        return alpha.sqrt() * latents + (1 - alpha).sqrt() * noise

    def divisor(self, timesteps: torch.Tensor) -> torch.Tensor:
        """What a mistake about the clean sample, squared, is divided by, so that it counts as one about the velocity:
        (batch, 1, 1, 1, 1)."""
        alpha = self._alphas(timesteps.device)[timesteps].view(-1, 1, 1, 1, 1)
        return (1 - alpha).clamp(min=1 / VELOCITY_CAP if self.prediction == "sample" else 1e-5)

    def sampler(self, steps: int) -> tuple[Sequence[int], Callable[..., torch.Tensor]]:
        """The timesteps of a sampling, and what makes latents at one of them those at the next, given the clean ones
        that were said."""
        scheduler = build_scheduler()
        scheduler.set_timesteps(steps)

        def step(clean: torch.Tensor, time: int, latents: torch.Tensor) -> torch.Tensor:
            return scheduler.step(clean, time, latents, return_dict=False)[0]

        return [int(each) for each in scheduler.timesteps], step

    def layers(self) -> Sequence[torch.nn.Module]:
        """The transformer's blocks, which are alike."""
        return list(self.transformer.transformer_blocks)

    def patching(self) -> torch.nn.Module:
        """What takes patches."""
        return self.transformer.patch_embed.proj

    def copied(self, dtype: torch.dtype) -> Backbone:
        """A copy in a precision."""
        return copy.deepcopy(self).to(dtype)

    def assemble(self, folder: Path, vae: AutoencoderKLCogVideoX) -> None:
        """Write the pipeline folder."""
        assemble(folder, self.transformer, self.text_encoder, vae, self.prediction)

    def matrices(self) -> dict[str, torch.nn.Parameter]:
        """The blocks' own weight matrices by name, which Muon trains; all else is AdamW's."""
        return {
            name: weight
            for name, weight in self.named_parameters()
            if name.startswith("transformer.transformer_blocks") and weight.ndim == 2 and "norm" not in name
        }


def stock_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer as transformers loads it."""
    return PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(), pad_token=PAD, eos_token=END, unk_token=UNKNOWN, model_max_length=MAX_TOKENS
    )


def assemble(
    folder: Path,
    transformer: CogVideoXTransformer3DModel,
    text_encoder: T5EncoderModel,
    vae: AutoencoderKLCogVideoX,
    prediction: Prediction = "sample",
) -> None:
    """Write the pipeline folder in the stock layout, half precision, safetensors, and the list of its words."""
    pipe = CogVideoXPipeline(stock_tokenizer(), text_encoder, vae, transformer, build_scheduler(prediction))
    pipe.to(dtype=torch.float16)
    pipe.save_pretrained(folder, safe_serialization=True)
    for file, change in (
        ("model_index.json", {"tokenizer": ["transformers", "PreTrainedTokenizerFast"], "vae": [*AUTOENCODER]}),
        ("tokenizer/tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"}),
    ):
        path = folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | change, indent=2) + "\n")
    (folder / WORDS).write_text(json.dumps(words_by_kind(), indent=2) + "\n")
    for file in folder.rglob("*.safetensors"):
        file.chmod(0o644)  # safetensors writes for its owner alone; a package is for everyone
