"""A family of models: all in which one kind of backbone differs from another, behind one Protocol. No torch.

A new model of a known family is a :class:`Row` of it. A new family is a file in ``dreamrunner/backbones/families``
whose ``FAMILY`` has every member of :class:`Family`; nothing else has to name it. Members that describe a model from
its config files import nothing heavy; those of the second half are called with the stock diffusers pipeline in memory
and import torch and diffusers when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from dreamrunner.backbones.footprint import Footprint

if TYPE_CHECKING:
    import numpy as np
    import torch
    from diffusers import DiffusionPipeline
    from torch import Tensor
    from torch.nn import Module

    from dreamrunner.backbones.tensor_names import Part
    from dreamrunner.backbones.training_recipe import Training

CLIP_SECONDS = 6.0
"""Seconds of story that a clip is made for where nothing else is said, and a scene lasts (paper 3.1)."""

Precision = Literal["float32", "float16", "bfloat16"]

Conditioning = Literal["joint", "cross"]
"""How text conditions video: in one attention with it (``joint``), or in an attention of its own that video reads and
that does not read video (``cross``)."""

Branches = Literal["batch", "calls"]
"""How the transformer is given the two branches of guidance: as one ``batch``, [unconditional | conditional], or in two
``calls``, the conditional one first, whose texts may differ in length."""

Tokens = Literal["text", "video"]

Expert = Literal["", "high", "low"]
"""Which network of a model that has two to denoise: that of high noise, which comes first, or of low; "" for all."""

EXPERTS: tuple[Expert, ...] = ("high", "low")
"""The two of them, in the order in which they work."""

Configs = Mapping[str, Mapping[str, Any]]
"""The ``config.json`` of each network of a model folder, by the name of its part (``transformer``, ``vae``)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One model of a family: where its weights are, how it wants to be sampled, and how priors are trained for it."""

    name: str
    """What stories and the command line call it; "" for the row of weights that match no other."""
    hub_id: str | None
    """``owner/name`` on the Hugging Face hub; None for what is bundled with the package."""
    size: tuple[int, int] | None
    """Width and height in pixels unless a story says otherwise; None reads the config."""
    token: int | None
    """Pixels that a video token is wide and high; None where only the config says."""
    frames: int | None
    """Pixel frames of one clip; None reads the config."""
    seconds: float
    """Seconds of story that one clip is made for."""
    steps: int
    """Denoising steps by default."""
    guidance: float
    """Scale of classifier-free guidance by default."""
    dtype: Precision
    """Precision on a GPU; a CPU computes in float32."""
    scheduler: str
    """The sampler, by a name that the family's ``set_scheduler`` knows; ``own`` keeps the one with the weights."""
    training: Training
    """How priors are trained for it."""
    memory: Footprint | None = None
    """What its networks take of a GPU's memory; None where that is too little to plan for."""
    revision: str | None = None
    """The commit on the hub that is downloaded, so that nobody's later change is; None for the newest."""
    known_by: Mapping[str, Any] = field(default_factory=dict)
    """Values of the transformer's config by which a folder is recognized as a copy of this model."""

    optional: tuple[str, ...] = ()
    """Those of the family's optional networks that it has."""
    low_guidance: float | None = None
    """Where two networks denoise, ``guidance`` of the second, which is that of low noise; None for the same."""

    def matches(self, configs: Configs, optional: Collection[str]) -> bool:
        """Whether a folder's configs are this model's; ``optional`` are the family's optional networks."""
        transformer = configs["transformer"]
        alike = all(transformer.get(key) == value for key, value in self.known_by.items())
        return bool(self.known_by) and alike and {*self.optional} == {part for part in configs if part in optional}


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a model's configs say of clips, tokens and texts."""

    size: tuple[int, int]
    """Width and height in pixels that the weights were trained for."""
    frames: int
    """Pixel frames that they were trained for."""
    token: int
    """Pixels that a video token is wide and high."""
    multiple: int
    """Width and height in pixels are multiples of this."""
    largest: tuple[int, int] | None
    """Width and height in pixels that the model can film at most; None for any."""
    temporal_compression: int
    """Pixel frames that a latent frame stands for, but for a clip's first, which stands for one."""
    temporal_patch: int
    """Latent frames that one token reaches over."""
    growth: int
    """A scene that is longer than a clip has a multiple of so many latent frames more."""
    text_tokens: int
    """Tokens that a prompt is padded or cut to."""


@dataclass(frozen=True, slots=True)
class Stock:
    """The family's stock classes in diffusers, for who builds a model of it from a config."""

    pipeline: type
    transformer: type
    autoencoder: type[Any]
    scheduler: type
    autoencoder_blocks: Mapping[str, str]
    """The arguments of the autoencoder that name its blocks, one a level, and what a block is called."""


class Family(Protocol):
    """Everything in which this family's models differ from others'."""

    # What it is, and what a folder of it holds

    name: str
    """What it is called in a :class:`~dreamrunner.backbones.backbone.Backbone`, and so in keys."""
    pipeline: str
    """The class that ``model_index.json`` names."""
    networks: Mapping[str, str]
    """The parts of a model folder that hold weights, and the class of each. Beside them there are always
    ``scheduler`` and ``tokenizer``; what denoises is called ``transformer``, what makes pictures ``vae``."""
    optional_networks: Mapping[str, str]
    """The same of parts that only some of its models have."""
    own_classes: Mapping[tuple[str, str], str]
    """Classes of this package that ``model_index.json`` may name instead, by module and name, and the part of each."""
    denoisers: tuple[str, ...]
    """The parts that denoise, ``transformer`` first. Where there are several, each does so at a range of noise of its
    own, in this order, and all are alike but for their weights."""
    rows: Sequence[Row]
    """The models of the table. Their order is that in which they are told."""
    unknown: Row
    """How weights are used that no row matches."""
    conditioning: Conditioning
    """How text conditions video; rendering chooses its region attention by it."""
    branches: Branches
    """How the transformer is given guidance's two branches. In ``calls`` the unconditional one has a single text, and
    so no regions in text."""
    token_order: tuple[Tokens, ...]
    """What the transformer's own sequence consists of. Each of ``text`` and ``video`` stands in it at most once; with
    cross conditioning text stands outside. Video tokens are in raster order (step, row, column)."""
    time_axis: int
    """Where the latent frames lie in a batch of latents as the transformer takes it (5 axes)."""
    tile: tuple[int, int]
    """Height and width in pixels of a tile that the autoencoder decodes at once under ``vae-tiling``."""

    def geometry(self, configs: Configs) -> Geometry:
        """What the configs say.

        Raises:
            KeyError, TypeError, ZeroDivisionError: they are incomplete.
        """
        ...

    def most_tokens(self, text: str) -> int:
        """A bound on how many tokens a text is, with the special ones, that holds for every tokenizer of the family."""
        ...

    # LoRAs: which layers can have one, what they work on, how files name them

    lora_prefix: str
    """What stands before a layer's name in the files that are written, for the pipeline's ``load_lora_weights``."""

    def block_count(self, configs: Configs) -> int:
        """How many blocks the transformer has. Priors share them out between motions and characters."""
        ...

    def block_of(self, layer: str) -> int | None:
        """The index, from 0, of the block that a layer of the transformer belongs to; None outside the blocks."""
        ...

    def layers(self, block: int, *, output: bool = False) -> Sequence[str]:
        """The names of the layers of a block that priors adapt; with ``output`` also the attention's output
        projection."""
        ...

    def tokens_of(self, layer: str) -> tuple[Tokens, ...] | None:
        """The tokens that a layer takes as rows, in their order; None for a layer that does not work token by token,
        on which a LoRA has no region and is refused."""
        ...

    def channels(self, layer: str, configs: Configs) -> tuple[int, int]:
        """How many channels a layer takes and gives. Only asked for layers with :meth:`tokens_of`."""
        ...

    def lora_part(self, tensor: str) -> Part | None:
        """Which part of a LoRA a tensor is by its name, in any layout that LoRAs of this family are published in."""
        ...

    # The stock pipeline

    def stock(self) -> Stock:
        """The stock classes."""
        ...

    def load(self, folder: Path, dtype: torch.dtype, *, text: bool = True) -> DiffusionPipeline:
        """Load a model folder, safetensors only and never from the network; without ``text`` the pipeline has no
        ``text_encoder``. It lies on the CPU.

        Raises:
            OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError: files that the
                libraries can't use.
        """
        ...

    def load_text_encoder(self, folder: Path, dtype: torch.dtype) -> Module:
        """The text encoder that a pipeline lacks, as :meth:`load` would load it."""
        ...

    def set_scheduler(self, pipe: DiffusionPipeline, scheduler: str) -> None:
        """Give a pipeline the sampler that a row names."""
        ...

    def blocks(self, transformer: Module) -> Sequence[Module]:
        """The transformer's blocks, in order."""
        ...

    def text_attentions(self, transformer: Module) -> Sequence[Module]:
        """The attention modules in which video reads text: what region attention is put on."""
        ...

    def video_attentions(self, transformer: Module) -> Sequence[Module]:
        """The attention modules in which video reads video alone; none where it does so in :meth:`text_attentions`."""
        ...

    def projected(
        self, attention: Any, video: Tensor, text: Tensor | None, positions: Any
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of an attention module as its stock processor makes them: (batch, tokens, heads,
        head size). ``video`` and ``text`` are (batch, tokens, channels), ``positions`` what the transformer gives to
        say where tokens are. With joint conditioning all three are of ``[text | video]``; else queries are the video's,
        keys and values the text's, or the video's where there is no text.
        """
        ...

    # Text and video, in and out

    def encode_text(self, pipe: DiffusionPipeline, prompt: str, text_tokens: int, device: torch.device) -> Tensor:
        """One prompt, padded as the model wants it: (1, ``text_tokens``, channels), in the transformer's precision.
        ``device`` is what the text encoder computes on."""
        ...

    def join_texts(self, texts: Sequence[Tensor]) -> Tensor:
        """Several encoded prompts as the one text of a region program, in their order."""
        ...

    def text_length(self, transformer: Module, tokens: int) -> AbstractContextManager[None]:
        """Let a transformer take a text of so many tokens for a while; afterwards it is as it was."""
        ...

    def reordered(
        self, transformer: Module, order: Tensor, places: Tensor, named: Mapping[str, Any]
    ) -> AbstractContextManager[dict[str, Any]]:
        """Let a transformer's blocks see the video tokens in another order for a call of its forward, which takes what
        it takes and gives what it gives in raster order. ``order[i]`` is the token in place i, ``places`` where each
        stands; ``named`` are the keyword arguments of the call, and what is given are those to call it with."""
        ...

    def encode_video(self, pipe: DiffusionPipeline, frames: Tensor) -> Tensor:
        """The latents that are trained on, of frames as uint8 (frames, height, width, 3): (latent frames, channels,
        h, w), the mean of the autoencoder's distribution, scaled as the transformer wants it."""
        ...

    def sample(
        self,
        pipe: DiffusionPipeline,
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
        """Denoise one clip, to latents that :meth:`decode` takes.

        ``positive`` and ``negative`` are texts of :meth:`join_texts`, of the same length where guidance's branches are
        a batch; ``size`` is (width, height) in pixels;
        ``guidance`` of 1 or less leaves the unconditional branch out, ``low_guidance`` is that of a second network that
        denoises, None for the same. ``latents`` are begun with in place of noise of
        ``generator``. ``attention`` has keyword arguments for the attention processors; ``on_step`` is told each step
        that is done, from 0.
        """
        ...

    def decode(self, pipe: DiffusionPipeline, latents: Tensor, frames: int) -> np.ndarray:
        """The pictures of what was sampled: float (``frames``, height, width, 3) in 0..1."""
        ...

    def window_arguments(self, named: Mapping[str, Any], length: int, total: int) -> dict[str, Any]:
        """The keyword arguments of the transformer's forward for a window of ``length`` latent frames, given those for
        all ``total``; without ``attention_kwargs`` and ``return_dict``."""
        ...

    def sampler_state(self, scheduler: Any, stepped: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """What the scheduler's next ``step`` reads of those before, beside the latents; ``stepped`` is what the last
        one gave."""
        ...

    def resumed(
        self, scheduler: Any, arguments: tuple[Any, ...], state: Mapping[str, Tensor], timesteps: Tensor, done: int
    ) -> tuple[Any, ...]:
        """The arguments of the scheduler's first ``step`` after a checkpoint, without the network's output.

        ``arguments`` are what the pipeline gives at the beginning of a sampling, ``state`` is :meth:`sampler_state`
        after ``done`` steps, ``timesteps`` those of all steps. The scheduler itself may be set to what it was.
        """
        ...

    def cache(self, name: str, pipe: DiffusionPipeline) -> Any | None:
        """diffusers' configuration of one of its caches, by the name of the speed-up; None where it does nothing for
        this transformer.

        Raises:
            KeyError: that cache can't be used with this family.
        """
        ...

    # Training

    def learner(self, pipe: DiffusionPipeline, kind: Literal["motion", "subject"]) -> str:
        """The part that learns a motion or a character, one of those that denoise."""
        ...

    def draw_timestep(self, pipe: DiffusionPipeline, part: str, generator: torch.Generator) -> Tensor:
        """A random timestep to train a part at: (1,)."""
        ...

    def add_noise(self, scheduler: Any, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """Latents as they are at a timestep."""
        ...

    def target(self, scheduler: Any, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """What the transformer should say for ``latents`` noised by ``noise`` at ``timestep`` (shape (1,)).

        Raises:
            ValueError: the scheduler predicts something that is not known here.
        """
        ...

    def predict(
        self, pipe: DiffusionPipeline, part: str, noisy: Tensor, text: Tensor, timestep: Tensor, size: tuple[int, int]
    ) -> Tensor:
        """What a part that denoises says: (latent frames, channels, h, w) for latents of that shape.

        ``text`` is (text tokens, channels), ``timestep`` (1,), ``size`` (width, height) in pixels.
        """
        ...
