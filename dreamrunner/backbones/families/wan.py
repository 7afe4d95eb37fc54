"""Wan: text read by cross-attention, guidance in two calls, flow matching, and in 2.2 A14B two experts by noise.

Everything about it stands here and in its rows, and nowhere else is it named. Importing this imports neither torch nor
diffusers. The facts were read in diffusers 0.42 (``WanPipeline`` and the classes it is made of).
"""

from __future__ import annotations

import contextlib
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.families.wan_rows import OTHER_LAYERS, ROWS, TEXT_LAYERS, UNKNOWN, VIDEO_LAYERS
from dreamrunner.backbones.family import Configs, Geometry, Stock, Tokens
from dreamrunner.backbones.tensor_names import LoraNames, Part

if TYPE_CHECKING:
    import numpy as np
    import torch
    from diffusers import WanPipeline, WanTransformer3DModel
    from torch import Tensor
    from torch.nn import Module

FIRST_BLOCK_THRESHOLD = 0.2
"""How much the first block's residual may change between two steps, relatively, for the others to be skipped."""

WORDS = 512
"""Tokens of a prompt; what stands behind its end is zeros, and attended to."""

_LEARNT = tuple(name for name in (*VIDEO_LAYERS, *TEXT_LAYERS) if "to_out" not in name)
"""The layers that priors adapt: projections of both attentions, and the feed-forward layers (paper 3.2)."""

_LAYER = re.compile(r"blocks\.(\d+)\.(.+)")

_LORA_NAMES = LoraNames(
    {f"blocks.{{}}.{own}": (f"blocks.{{}}.{other}",) for own, other in (VIDEO_LAYERS | TEXT_LAYERS).items()}
    | {own: (other,) for own, other in OTHER_LAYERS.items()}
)
"""The first code's names for them are those of most published files."""


class Wan:
    """The family's :class:`~dreamrunner.backbones.family.Family`."""

    name = "wan"
    pipeline = "WanPipeline"
    networks: Mapping[str, str] = {
        "text_encoder": "UMT5EncoderModel",
        "transformer": "WanTransformer3DModel",
        "vae": "AutoencoderKLWan",
    }
    optional_networks: Mapping[str, str] = {"transformer_2": "WanTransformer3DModel"}
    own_classes: Mapping[tuple[str, str], str] = {
        ("dreamrunner.backbones.families.wan_blocks", "WanBlockAutoencoder"): "vae"
    }
    denoisers = ("transformer", "transformer_2")
    rows = ROWS
    unknown = UNKNOWN
    conditioning = "cross"
    branches = "calls"
    token_order: tuple[Tokens, ...] = ("video",)
    time_axis = 2
    tile = 256, 256
    lora_prefix = "transformer."

    def geometry(self, configs: Configs) -> Geometry:
        """Neither size nor frames stand in published configs, which are those of 2.1; a folder's own transformer config
        may have ``sample_width``, ``sample_height`` (in latents), ``sample_frames`` and ``sample_words``."""
        transformer, vae = configs["transformer"], configs["vae"]
        scale, (patch_time, *patch) = vae.get("scale_factor_spatial") or 8, transformer["patch_size"]
        if patch_time != 1 or patch[0] != patch[1]:
            raise BackboneError(f"its tokens are of {transformer['patch_size']} latents; only those of [1, n, n] film")
        if transformer.get("image_dim") is not None or transformer["in_channels"] != transformer["out_channels"]:
            raise BackboneError("it makes videos of pictures; only text-to-video models film")
        token = scale * patch[0]
        longest = (transformer.get("rope_max_seq_len") or 1024) * token
        width, height = transformer.get("sample_width", 832 // scale), transformer.get("sample_height", 480 // scale)
        return Geometry(
            size=(width * scale, height * scale),
            frames=transformer.get("sample_frames", 81),
            token=token,
            # the stock pipeline wants multiples of 16 whatever the model's own token is
            multiple=math.lcm(token, 16),
            largest=(longest, longest),
            temporal_compression=int(vae.get("scale_factor_temporal") or 4),
            temporal_patch=1,
            growth=1,
            text_tokens=transformer.get("sample_words", WORDS),
        )

    def most_tokens(self, text: str) -> int:
        # A piece of the vocabulary holds a byte or more, a leading space and the end being two more tokens.
        return len(unicodedata.normalize("NFKC", text).encode("utf-8", "replace")) + 2

    def block_count(self, configs: Configs) -> int:
        return configs["transformer"]["num_layers"]

    def block_of(self, layer: str) -> int | None:
        found = _LAYER.fullmatch(layer)
        return int(found[1]) if found else None

    def layers(self, block: int, *, output: bool = False) -> tuple[str, ...]:
        kinds = (*VIDEO_LAYERS, *TEXT_LAYERS) if output else _LEARNT
        return tuple(f"blocks.{block}.{kind}" for kind in kinds)

    def tokens_of(self, layer: str) -> tuple[Tokens, ...] | None:
        """Time and modulation work on no token, so that there are no regions in them."""
        found = _LAYER.fullmatch(layer)
        if found is None:
            return None
        return ("video",) if found[2] in VIDEO_LAYERS else ("text",) if found[2] in TEXT_LAYERS else None

    def channels(self, layer: str, configs: Configs) -> tuple[int, int]:
        transformer = configs["transformer"]
        width, wide = transformer["num_attention_heads"] * transformer["attention_head_dim"], transformer["ffn_dim"]
        return (wide if layer.endswith("ffn.net.2") else width), (wide if layer.endswith("ffn.net.0.proj") else width)

    def lora_part(self, tensor: str) -> Part | None:
        return _LORA_NAMES.part(tensor)

    def stock(self) -> Stock:
        import diffusers

        return Stock(
            pipeline=diffusers.WanPipeline,
            transformer=diffusers.WanTransformer3DModel,
            autoencoder=diffusers.AutoencoderKLWan,
            scheduler=diffusers.UniPCMultistepScheduler,
            autoencoder_blocks={},
        )

    def load(self, folder: Path, dtype: torch.dtype, *, text: bool = True) -> WanPipeline:
        """The autoencoder is loaded in float32, as the model cards have it."""
        import torch
        from diffusers import WanPipeline

        without = {} if text else {"text_encoder": None}
        pipe = WanPipeline.from_pretrained(
            str(folder),
            torch_dtype={"vae": torch.float32, "default": dtype},
            use_safetensors=True,
            local_files_only=True,
            **without,
        )
        if (pipe.config.boundary_ratio is None) != (pipe.transformer_2 is None):
            raise ValueError("model_index.json has a boundary_ratio without a second transformer, or the reverse")
        return pipe

    def load_text_encoder(self, folder: Path, dtype: torch.dtype) -> Module:
        from transformers import UMT5EncoderModel

        return UMT5EncoderModel.from_pretrained(
            str(folder / "text_encoder"), dtype=dtype, use_safetensors=True, local_files_only=True
        )

    def set_scheduler(self, pipe: WanPipeline, scheduler: str) -> None:
        """All have their own, UniPC; ``euler`` is flow matching's plain one, with the same shift."""
        if scheduler == "euler":
            from diffusers import FlowMatchEulerDiscreteScheduler

            pipe.scheduler = FlowMatchEulerDiscreteScheduler(shift=shift_of(pipe.scheduler))

    def blocks(self, transformer: WanTransformer3DModel) -> list[Module]:
        return list(transformer.blocks)

    def text_attentions(self, transformer: WanTransformer3DModel) -> list[Module]:
        return [block.attn2 for block in transformer.blocks]

    def video_attentions(self, transformer: WanTransformer3DModel) -> list[Module]:
        return [block.attn1 for block in transformer.blocks]

    def projected(
        self, attention: Any, video: Tensor, text: Tensor | None, positions: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries and keys are normed over all heads at once; positions are rotary, in self-attention alone."""
        read = video if text is None else text
        query, key = attention.norm_q(attention.to_q(video)), attention.norm_k(attention.to_k(read))
        query, key, value = (part.unflatten(2, (attention.heads, -1)) for part in (query, key, attention.to_v(read)))
        if positions is not None:
            query, key = rotated(query, *positions), rotated(key, *positions)
        return query, key, value

    def encode_text(self, pipe: WanPipeline, prompt: str, text_tokens: int, device: torch.device) -> Tensor:
        """What the encoder makes of padding is zeroed, and read all the same."""
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

    def text_length(self, transformer: WanTransformer3DModel, tokens: int) -> contextlib.AbstractContextManager[None]:
        """It takes any."""
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def reordered(
        self, transformer: WanTransformer3DModel, order: Tensor, places: Tensor, named: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """All between the patch embedding and the projection out works token by token, but for self-attention, which
        turns queries and keys by their positions. What has a timestep for each token has the same for all."""

        def enter(_module: Module, _given: Any, embedded: Tensor) -> Tensor:
            return embedded.flatten(2).index_select(2, order).unflatten(2, embedded.shape[2:])

        def turn(_rope: Module, _given: Any, angles: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            cosines, sines = (each.index_select(1, order.to(each.device)) for each in angles)
            return cosines, sines

        def leave(_module: Module, _given: Any, projected: Tensor) -> Tensor:
            return projected.index_select(1, places)

        hooks = [
            transformer.patch_embedding.register_forward_hook(enter),
            transformer.rope.register_forward_hook(turn),
            transformer.proj_out.register_forward_hook(leave),
        ]
        try:
            yield dict(named)
        finally:
            for hook in hooks:
                hook.remove()

    def encode_video(self, pipe: WanPipeline, frames: Tensor) -> Tensor:
        vae = pipe.vae
        video = frames.to(vae.device).permute(3, 0, 1, 2)[None]
        latents = vae.encode(video.to(vae.dtype) / 127.5 - 1).latent_dist.mode()
        mean, spread = statistics_of(vae, latents)
        return ((latents - mean) * spread)[0].transpose(0, 1)

    def sample(
        self,
        pipe: WanPipeline,
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
            negative_prompt_embeds=negative if guidance > 1 else None,
            width=size[0],
            height=size[1],
            num_frames=frames,
            num_inference_steps=steps,
            guidance_scale=guidance,
            guidance_scale_2=low_guidance if pipe.transformer_2 is not None else None,
            generator=generator,
            latents=latents,
            attention_kwargs=dict(attention) if attention is not None else None,
            callback_on_step_end=step_done,
            output_type="latent",
        ).frames

    def decode(self, pipe: WanPipeline, latents: Tensor, frames: int) -> np.ndarray:
        """As the stock pipeline does it."""
        vae = pipe.vae
        latents = latents.to(vae.dtype)
        mean, spread = statistics_of(vae, latents)
        video = vae.decode(latents / spread + mean, return_dict=False)[0]
        return pipe.video_processor.postprocess_video(video=video, output_type="np")[0]

    def window_arguments(self, named: Mapping[str, Any], length: int, total: int) -> dict[str, Any]:
        """Positions are the transformer's own, so that a window is a clip. 2.2's 5B has a timestep for each token."""
        timestep = named["timestep"]
        if timestep.ndim == 2:
            timestep = timestep[:, : timestep.shape[1] * length // total]
        return {**named, "timestep": timestep}

    def sampler_state(self, scheduler: Any, stepped: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """UniPC reads the outputs of its last steps, the sample that it corrects, and of which order it was; Euler's
        scheduler reads nothing."""
        import torch

        if not hasattr(scheduler, "model_outputs"):
            return {}
        outputs = {f"output {index}": each for index, each in enumerate(scheduler.model_outputs) if each is not None}
        counts = torch.tensor([scheduler.lower_order_nums, scheduler.this_order])
        return outputs | {"last sample": scheduler.last_sample, "counts": counts}

    def resumed(
        self, scheduler: Any, arguments: tuple[Any, ...], state: Mapping[str, Tensor], timesteps: Tensor, done: int
    ) -> tuple[Any, ...]:
        scheduler.timesteps, scheduler._step_index = timesteps, done
        if hasattr(scheduler, "model_outputs"):
            count = len(scheduler.model_outputs)
            scheduler.model_outputs = [state.get(f"output {index}") for index in range(count)]
            scheduler.last_sample = state["last sample"]
            scheduler.lower_order_nums, scheduler.this_order = state["counts"].tolist()
        return arguments

    def cache(self, name: str, pipe: WanPipeline) -> Any | None:
        """Guidance's branches are two calls. ``pab`` doesn't tell them apart, and would give one the other's attention;
        ``faster-cache`` looks for halves of a batch."""
        import diffusers

        match name:
            case "first-block-cache" if len(pipe.transformer.blocks) <= 2:
                return None  # there are no blocks between the first and the last to skip
            case "first-block-cache":
                return diffusers.FirstBlockCacheConfig(threshold=FIRST_BLOCK_THRESHOLD)
            case "taylorseer":
                return diffusers.TaylorSeerCacheConfig(
                    cache_interval=3,
                    disable_cache_before_step=3,
                    max_order=1,
                    cache_identifiers=[r"blocks\.\d+\.attn1"],
                )
        raise KeyError(name)

    def learner(self, pipe: WanPipeline, kind: Literal["motion", "subject"]) -> str:
        """Of two experts that of high noise decides what moves how, that of low noise what it looks like."""
        return "transformer_2" if kind == "subject" and pipe.transformer_2 is not None else "transformer"

    def draw_timestep(self, pipe: WanPipeline, part: str, generator: torch.Generator) -> Tensor:
        """Evenly in the schedule that is sampled by, which its shift makes noisier; of two experts each at the noise
        that it works at."""
        import torch

        shift, boundary = shift_of(pipe.scheduler), pipe.config.boundary_ratio
        least, most = 0.0, 1.0
        if boundary is not None:
            at = boundary / (shift - (shift - 1) * boundary)  # where in the schedule that share of noise comes
            least, most = (at, 1.0) if part == "transformer" else (0.0, at)
        even = least + (most - least) * torch.rand(1, generator=generator)
        return shift * even / (1 + (shift - 1) * even) * pipe.scheduler.config.num_train_timesteps

    def add_noise(self, scheduler: Any, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """A straight way from sample to noise: the timestep is the share of the latter, in thousandths."""
        share = timestep / scheduler.config.num_train_timesteps
        return (1 - share) * latents + share * noise

    def target(self, scheduler: Any, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """The velocity along that way, which is the same everywhere on it."""
        return noise - latents

    def predict(
        self, pipe: WanPipeline, part: str, noisy: Tensor, text: Tensor, timestep: Tensor, size: tuple[int, int]
    ) -> Tensor:
        """One timestep for all tokens, also where the pipeline gives each its own: they are alike, and take memory."""
        transformer = getattr(pipe, part)
        return transformer(
            hidden_states=noisy.transpose(0, 1)[None].to(transformer.dtype),
            encoder_hidden_states=text[None].to(transformer.dtype),
            timestep=timestep,
            return_dict=False,
        )[0][0].transpose(0, 1)


def shift_of(scheduler: Any) -> float:
    """How much noisier than even a schedule is: 1 for not at all. Published ones have 3 to 8."""
    return float(scheduler.config.get("flow_shift") or scheduler.config.get("shift") or 1.0)


def statistics_of(vae: Any, latents: Tensor) -> tuple[Tensor, Tensor]:
    """The mean of each channel of latents and what its spread is multiplied by to be 1, on their device and in their
    precision: (1, channels, 1, 1, 1)."""
    import torch

    mean, std = (torch.tensor(each).view(1, -1, 1, 1, 1) for each in (vae.config.latents_mean, vae.config.latents_std))
    return mean.to(latents), 1.0 / std.to(latents)


def rotated(states: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Queries or keys (batch, tokens, heads, head size) turned by their positions, channels by pairs; ``cosines`` and
    ``sines`` are (1, tokens, 1, head size), each number twice."""
    import torch

    first, second = states.unflatten(-1, (-1, 2)).unbind(-1)
    cosine, sine = cosines[..., 0::2], sines[..., 1::2]
    turned = torch.stack([first * cosine - second * sine, first * sine + second * cosine], -1)
    return turned.flatten(-2).type_as(states)


FAMILY = Wan()
