"""CogVideoX: text and video in one sequence under one attention, one guidance batch, DDIM or its own DPM sampler.

Everything about it stands here, and nowhere else is it named. Importing this imports neither torch nor diffusers. The
facts were read in diffusers 0.42 (``CogVideoXPipeline`` and the classes it is made of).
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dreamrunner.backbones.families.cogvideox_rows import ROWS, UNKNOWN
from dreamrunner.backbones.family import Configs, Geometry, Stock, Tokens
from dreamrunner.backbones.tensor_names import LoraNames, Part

if TYPE_CHECKING:
    import numpy as np
    import torch
    from diffusers import CogVideoXPipeline, CogVideoXTransformer3DModel
    from torch import Tensor
    from torch.nn import Module

FIRST_BLOCK_THRESHOLD = 0.2
"""How much the first block's residual may change between two steps, relatively, for the others to be skipped."""

_OUTPUT = "attn1.to_out.0"
_PROJECTIONS = ("attn1.to_q", "attn1.to_k", "attn1.to_v", "ff.net.0.proj", "ff.net.2")
"""The layers of a block that are adapted (paper 3.2); the released code takes the attention's output as well."""

_ADAPTABLE = re.compile(rf"transformer_blocks\.\d+\.({'|'.join(map(re.escape, (*_PROJECTIONS, _OUTPUT)))})")
"""The layers that work token by token on ``[text | video]``."""

_LORA_NAMES = LoraNames({f"transformer_blocks.{{}}.{kind}": () for kind in (*_PROJECTIONS, _OUTPUT)})


class CogVideoX:
    """The family's :class:`~dreamrunner.backbones.family.Family`."""

    name = "cogvideox"
    pipeline = "CogVideoXPipeline"
    networks: Mapping[str, str] = {
        "text_encoder": "T5EncoderModel",
        "transformer": "CogVideoXTransformer3DModel",
        "vae": "AutoencoderKLCogVideoX",
    }
    optional_networks: Mapping[str, str] = {}
    own_classes: Mapping[tuple[str, str], str] = {
        ("dreamrunner.backbones.families.cogvideox_blocks", "BlockAutoencoder"): "vae"
    }
    denoisers = ("transformer",)
    rows = ROWS
    unknown = UNKNOWN
    conditioning = "joint"
    branches = "batch"
    token_order: tuple[Tokens, ...] = ("text", "video")
    time_axis = 1
    tile = 240, 360
    lora_prefix = "transformer."

    def geometry(self, configs: Configs) -> Geometry:
        transformer, vae = configs["transformer"], configs["vae"]
        scale = 2 ** (len(vae["block_out_channels"]) - 1)
        token, patch_time = scale * transformer["patch_size"], transformer.get("patch_size_t") or 1
        size = transformer["sample_width"] * scale, transformer["sample_height"] * scale
        return Geometry(
            size=size,
            frames=transformer["sample_frames"],
            token=token,
            # the stock pipeline wants multiples of 8 whatever the model's own token is
            multiple=token if token % 8 == 0 else token * 8,
            # 1.5 has rotary positions for no more than it was trained for
            largest=size if patch_time > 1 else None,
            temporal_compression=int(vae["temporal_compression_ratio"]),
            temporal_patch=patch_time,
            # The autoencoder decodes pairs after the clip's odd first frame and gives three frames too many where the
            # number of latent frames is of the other parity.
            growth=2,
            text_tokens=transformer["max_text_seq_length"],
        )

    def most_tokens(self, text: str) -> int:
        # A piece of T5's vocabulary holds a character or more, a leading space and the end being two more tokens.
        return len(unicodedata.normalize("NFKC", text)) + 2

    def block_count(self, configs: Configs) -> int:
        return configs["transformer"]["num_layers"]

    def block_of(self, layer: str) -> int | None:
        found = re.match(r"transformer_blocks\.(\d+)\.", layer)
        return int(found[1]) if found else None

    def layers(self, block: int, *, output: bool = False) -> tuple[str, ...]:
        kinds = (*_PROJECTIONS, _OUTPUT) if output else _PROJECTIONS
        return tuple(f"transformer_blocks.{block}.{kind}" for kind in kinds)

    def tokens_of(self, layer: str) -> tuple[Tokens, ...] | None:
        return self.token_order if _ADAPTABLE.fullmatch(layer) else None

    def channels(self, layer: str, configs: Configs) -> tuple[int, int]:
        width = configs["transformer"]["num_attention_heads"] * configs["transformer"]["attention_head_dim"]
        wide = 4 * width  # inside the feed-forward layers
        return (wide if layer.endswith("ff.net.2") else width), (wide if layer.endswith("ff.net.0.proj") else width)

    def lora_part(self, tensor: str) -> Part | None:
        return _LORA_NAMES.part(tensor)

    def stock(self) -> Stock:
        import diffusers

        return Stock(
            pipeline=diffusers.CogVideoXPipeline,
            transformer=diffusers.CogVideoXTransformer3DModel,
            autoencoder=diffusers.AutoencoderKLCogVideoX,
            scheduler=diffusers.CogVideoXDDIMScheduler,
            autoencoder_blocks={
                "down_block_types": "CogVideoXDownBlock3D",
                "up_block_types": "CogVideoXUpBlock3D",
            },
        )

    def load(self, folder: Path, dtype: torch.dtype, *, text: bool = True) -> CogVideoXPipeline:
        from diffusers import CogVideoXPipeline

        from dreamrunner.backbones.families import cogvideox_blocks  # noqa: F401, else diffusers loads nothing of it

        without = {} if text else {"text_encoder": None}
        return CogVideoXPipeline.from_pretrained(
            str(folder), torch_dtype=dtype, use_safetensors=True, local_files_only=True, **without
        )

    def load_text_encoder(self, folder: Path, dtype: torch.dtype) -> Module:
        from transformers import T5EncoderModel

        return T5EncoderModel.from_pretrained(
            str(folder / "text_encoder"), dtype=dtype, use_safetensors=True, local_files_only=True
        )

    def set_scheduler(self, pipe: CogVideoXPipeline, scheduler: str) -> None:
        """``dpm`` is its own DPM sampler."""
        if scheduler == "dpm":
            from diffusers import CogVideoXDPMScheduler

            pipe.scheduler = CogVideoXDPMScheduler.from_config(pipe.scheduler.config, timestep_spacing="trailing")

    def blocks(self, transformer: CogVideoXTransformer3DModel) -> list[Module]:
        return list(transformer.transformer_blocks)

    def text_attentions(self, transformer: CogVideoXTransformer3DModel) -> list[Module]:
        return [block.attn1 for block in transformer.transformer_blocks]

    def video_attentions(self, transformer: CogVideoXTransformer3DModel) -> list[Module]:
        return []

    def projected(
        self, attention: Any, video: Tensor, text: Tensor | None, positions: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Positions are rotary and the video's alone; None where they were added before."""
        import torch
        from diffusers.models.embeddings import apply_rotary_emb

        assert text is not None
        words, states = text.shape[1], torch.cat([text, video], 1)
        query, key, value = (
            project(states).unflatten(-1, (attention.heads, -1)).transpose(1, 2)
            for project in (attention.to_q, attention.to_k, attention.to_v)
        )
        if attention.norm_q is not None:
            query = attention.norm_q(query)
        if attention.norm_k is not None:
            key = attention.norm_k(key)
        if positions is not None:
            query[:, :, words:] = apply_rotary_emb(query[:, :, words:], positions)
            key[:, :, words:] = apply_rotary_emb(key[:, :, words:], positions)
        return query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)

    def encode_text(self, pipe: CogVideoXPipeline, prompt: str, text_tokens: int, device: torch.device) -> Tensor:
        """Padding is text like any other here: there is no mask."""
        embeds, _ = pipe.encode_prompt(
            prompt,
            do_classifier_free_guidance=False,
            max_sequence_length=text_tokens,
            device=device,
            dtype=pipe.transformer.dtype,
        )
        return embeds

    def join_texts(self, texts: Sequence[Tensor]) -> Tensor:
        import torch

        return torch.cat(list(texts), 1)

    @contextlib.contextmanager
    def text_length(self, transformer: CogVideoXTransformer3DModel, tokens: int) -> Iterator[None]:
        """Where positions are sines, the patch embedding adds one table to ``[text | video]``, zero on the text, and
        insists on the trained text length."""
        embed = transformer.patch_embed
        if not embed.use_positional_embeddings or tokens == embed.max_text_seq_length:
            yield
            return
        import torch

        before, table = embed.max_text_seq_length, embed.pos_embedding
        video = embed.pos_embedding[:, embed.max_text_seq_length :]
        embed.max_text_seq_length = tokens
        embed.pos_embedding = torch.cat([video.new_zeros(1, tokens, video.shape[-1]), video], 1)
        try:
            yield
        finally:
            # the transformer may have come to another device meanwhile
            embed.max_text_seq_length, embed.pos_embedding = before, table.to(embed.pos_embedding.device)

    @contextlib.contextmanager
    def reordered(
        self, transformer: CogVideoXTransformer3DModel, order: Tensor, places: Tensor, named: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """All between the patch embedding and the projection out works token by token, but for attention, which turns
        queries and keys by their positions."""
        import torch

        def enter(_module: Module, _given: Any, embedded: Tensor) -> Tensor:
            text = embedded.shape[1] - len(order)
            return embedded.index_select(1, torch.cat([torch.arange(text, device=order.device), order + text]))

        def leave(_module: Module, _given: Any, projected: Tensor) -> Tensor:
            return projected.index_select(1, places)

        rotary = named.get("image_rotary_emb")
        if rotary is not None:
            rotary = tuple(each.index_select(0, order.to(each.device)) for each in rotary)
        hooks = [
            transformer.patch_embed.register_forward_hook(enter),
            transformer.proj_out.register_forward_hook(leave),
        ]
        try:
            yield {**named, "image_rotary_emb": rotary}
        finally:
            for hook in hooks:
                hook.remove()

    def encode_video(self, pipe: CogVideoXPipeline, frames: Tensor) -> Tensor:
        vae = pipe.vae
        video = frames.to(vae.device).permute(3, 0, 1, 2)[None]
        latents = vae.encode(video.to(vae.dtype) / 127.5 - 1).latent_dist.mode() * vae.config.scaling_factor
        return latents[0].transpose(0, 1)

    def sample(
        self,
        pipe: CogVideoXPipeline,
        *,
        positive: Tensor,
        negative: Tensor,
        size: tuple[int, int],
        frames: int,
        steps: int,
        guidance: float,
        generator: torch.Generator,
        low_guidance: float | None = None,
        latents: Tensor | None = None,
        attention: Mapping[str, Any] | None = None,
        on_step: Callable[[int], None] | None = None,
    ) -> Tensor:
        def step_done(_pipe: object, step: int, _timestep: object, _tensors: object) -> dict[str, Tensor]:
            if on_step is not None:
                on_step(step)
            return {}

        return pipe(
            prompt_embeds=positive,
            negative_prompt_embeds=negative,
            width=size[0],
            height=size[1],
            num_frames=frames,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=generator,
            latents=latents.to(positive.dtype) if latents is not None else None,
            attention_kwargs=dict(attention) if attention is not None else None,
            callback_on_step_end=step_done,
            output_type="latent",
        ).frames

    def decode(self, pipe: CogVideoXPipeline, latents: Tensor, frames: int) -> np.ndarray:
        """As the stock pipeline does it; what 1.5 samples more, to fill its patches, stands in front."""
        kept = (frames - 1) // pipe.vae_scale_factor_temporal + 1
        video = pipe.decode_latents(latents[:, latents.shape[1] - kept :])
        return pipe.video_processor.postprocess_video(video=video, output_type="np")[0]

    def window_arguments(self, named: Mapping[str, Any], length: int, total: int) -> dict[str, Any]:
        rotary = named.get("image_rotary_emb")
        if rotary is not None:
            # Every window is a clip of its own to the backbone, so all have the positions of the first.
            tokens = rotary[0].shape[0] * length // total
            rotary = tuple(each[:tokens] for each in rotary)
        return {**named, "image_rotary_emb": rotary}

    def sampler_state(self, scheduler: Any, stepped: tuple[Tensor, ...]) -> dict[str, Tensor]:
        return {"predicted": stepped[1]}

    def resumed(
        self, scheduler: Any, arguments: tuple[Any, ...], state: Mapping[str, Tensor], timesteps: Tensor, done: int
    ) -> tuple[Any, ...]:
        """The DPM sampler reads its last prediction and that one's timestep; DDIM reads nothing of what went before."""
        from diffusers import CogVideoXDPMScheduler

        if isinstance(scheduler, CogVideoXDPMScheduler):
            return state["predicted"], arguments[1], timesteps[done - 1], *arguments[3:]
        return arguments

    def cache(self, name: str, pipe: CogVideoXPipeline) -> Any | None:
        """With two blocks there are none between the first and the last to skip, which diffusers' first-block cache
        doesn't expect."""
        import diffusers

        match name:
            case "first-block-cache" if len(pipe.transformer.transformer_blocks) <= 2:
                return None
            case "first-block-cache":
                return diffusers.FirstBlockCacheConfig(threshold=FIRST_BLOCK_THRESHOLD)
            case "pab":
                return diffusers.PyramidAttentionBroadcastConfig(
                    spatial_attention_block_skip_range=2,
                    spatial_attention_timestep_skip_range=(100, 800),
                    current_timestep_callback=lambda: pipe.current_timestep,
                )
            case "faster-cache":
                return diffusers.FasterCacheConfig(
                    spatial_attention_block_skip_range=2,
                    spatial_attention_timestep_skip_range=(-1, 681),
                    unconditional_batch_skip_range=5,
                    unconditional_batch_timestep_skip_range=(-1, 781),
                    attention_weight_callback=lambda _: 0.3,
                    current_timestep_callback=lambda: pipe.current_timestep,
                    tensor_format="BFCHW",
                )
            case "taylorseer":
                return diffusers.TaylorSeerCacheConfig(
                    cache_interval=3,
                    disable_cache_before_step=3,
                    max_order=1,
                    cache_identifiers=[r"transformer_blocks\.\d+\.attn1"],  # it knows none of these blocks by itself
                )
        raise KeyError(name)

    def learner(self, pipe: CogVideoXPipeline, kind: Literal["motion", "subject"]) -> str:
        return "transformer"

    def draw_timestep(self, pipe: CogVideoXPipeline, part: str, generator: torch.Generator) -> Tensor:
        import torch

        return torch.randint(pipe.scheduler.config.num_train_timesteps, (1,), generator=generator)

    def add_noise(self, scheduler: Any, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        return scheduler.add_noise(latents, noise, timestep)

    def target(self, scheduler: Any, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """The scheduler's own kind of prediction: noise, velocity or clean sample."""
        match scheduler.config.prediction_type:
            case "epsilon":
                return noise
            case "v_prediction":
                return scheduler.get_velocity(latents, noise, timestep)
            case "sample":
                return latents
            case other:
                raise ValueError(f"no prior can be trained for a scheduler that predicts {other!r}")

    def predict(
        self, pipe: CogVideoXPipeline, part: str, noisy: Tensor, text: Tensor, timestep: Tensor, size: tuple[int, int]
    ) -> Tensor:
        transformer, rotary = getattr(pipe, part), None
        if transformer.config.use_rotary_positional_embeddings:
            rotary = pipe._prepare_rotary_positional_embeddings(size[1], size[0], len(noisy), transformer.device)
        return transformer(
            hidden_states=noisy[None].to(transformer.dtype),
            encoder_hidden_states=text[None].to(transformer.dtype),
            timestep=timestep,
            image_rotary_emb=rotary,
            return_dict=False,
        )[0][0]


FAMILY = CogVideoX()
