"""Models with random weights, at their full configs or at toy sizes, made on the device they run on: what all have.

``gpu_models_cogvideox.py`` and ``gpu_models_wan.py`` have those of each family.
"""

from __future__ import annotations

import contextlib
import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import torch
from diffusers import DiffusionPipeline
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch.nn import Module
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from benchmarks.attention_ways import scene
from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.family import Family
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.loading import Loaded
from dreamrunner.regions import RegionProgram, lower


@dataclass(frozen=True)
class Model(ABC):
    """One model at one size.

    ``heads`` and ``layers`` are the transformer's, ``dtype`` its precision on a GPU. ``size`` is (width, height) in
    pixels, ``frames`` those of a clip, ``words`` the padded length of a prompt, ``wide`` the channels of a prompt's
    embedding, ``experts`` how many networks denoise.
    """

    name: str
    heads: int
    layers: int
    dtype: torch.dtype
    size: tuple[int, int]
    frames: int
    words: int
    wide: int
    experts: int = 1

    family: ClassVar[Family]
    reader: ClassVar[type] = T5EncoderModel
    """The class of its text encoder."""
    vocabulary: ClassVar[int] = 32128
    """How many words that knows."""
    sampled: ClassVar[dict[str, Any]] = {}
    """Of its :class:`Backbone`: ``steps``, ``guidance`` and ``scheduler``."""

    @property
    @abstractmethod
    def row(self) -> str:
        """The name of its row in the table."""

    @property
    @abstractmethod
    def grid(self) -> Grid:
        """Its grid of video tokens."""

    @property
    @abstractmethod
    def latents(self) -> tuple[int, int, int, int]:
        """The latents of a clip: frames, channels, height, width."""

    @property
    def toy(self) -> bool:
        """Whether it is at a size that takes no time."""
        return self.size[0] < 240

    def program(self, conditions: int) -> RegionProgram:
        """A scene with so many conditions on its grid."""
        return lower(scene(conditions)[0], self.grid)

    @abstractmethod
    def transformer(self, device: str) -> Module:
        """Its transformer."""

    @abstractmethod
    def autoencoder(self, device: str) -> Module:
        """Its autoencoder; a toy for a small size."""

    @abstractmethod
    def given(self, network: Module, conditions: int, device: str) -> dict[str, Any]:
        """What a step gives a transformer, random, with the texts of so many conditions: both of guidance's branches
        where they are a batch, and else one of them."""

    @abstractmethod
    def densely(self, network: Module, program: RegionProgram) -> contextlib.AbstractContextManager[None]:
        """Let a transformer attend by region under a mask of booleans for a while."""

    @abstractmethod
    def pipe(self, device: str) -> DiffusionPipeline:
        """All of it; a toy stands for its text encoder."""

    def text_config(self, layers: int) -> T5Config:
        """That of its text encoder, with so many layers; that of a toy as wide for none, and for a small size."""
        kind = self.reader.config_class
        if self.wide < 4096 or not layers:
            return kind(d_model=self.wide, d_kv=32, d_ff=64, num_layers=2, num_heads=2, vocab_size=64)
        sizes = {"d_model": self.wide, "d_kv": 64, "d_ff": 10240, "num_heads": 64, "vocab_size": self.vocabulary}
        return kind(**sizes, num_layers=layers, feed_forward_proj="gated-gelu")

    def text_encoder(self, device: str, *, layers: int = 24) -> Module:
        """Its text encoder, or the same with fewer layers; with ``layers`` of 0, and for a small size, a toy as wide.

        In float16 the second half of each feed-forward stays float32, as transformers loads T5.
        """
        config = self.text_config(layers)
        with made_in(self.dtype, device):
            made = self.reader(config)
        if self.dtype == torch.float16:
            for name, module in made.named_modules():
                if name.endswith(".wo"):
                    module.float()
        return made.eval().requires_grad_(False)


@contextlib.contextmanager
def made_in(dtype: torch.dtype, device: str) -> Iterator[None]:
    """Make what is made in a precision and on a device, so that nothing is moved or cast afterwards."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)


def tokenizer(words: int) -> PreTrainedTokenizerFast:
    """A tokenizer to which all words are unknown: what a prompt says does not matter to random weights."""
    made = Tokenizer(models.WordLevel({"<pad>": 0, "</s>": 1, "<unk>": 2}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=words, **special)


def loaded(model: Model, device: str) -> Loaded:
    """All of it, as the product holds a loaded backbone; a toy stands for its text encoder."""
    pipe = model.pipe(device)
    pipe.set_progress_bar_config(disable=True)
    width, height = model.size
    backbone = Backbone(
        name=f"random-{model.name}",
        source=Path("."),
        width=width,
        height=height,
        frames=model.frames,
        grid=model.grid,
        dtype=str(model.dtype).removeprefix("torch."),
        text_tokens=model.words,
        digest="0" * 64,
        family_name=model.family.name,
        **model.sampled,
    )
    return Loaded(backbone, pipe, torch.device(device))


def twin_of(network: Module) -> Module:
    """Another network with the same weights, in the same memory: a second expert that takes no room of its own."""
    shared = {id(each): torch.nn.Parameter(each.data, requires_grad=False) for each in network.parameters()}
    return copy.deepcopy(network, shared)


class AtHome:
    """A model as it is once it is loaded for a GPU: its networks lie in the computer's memory, and it has no text
    encoder, which is loaded when prompts are encoded.

    The networks are made on the device, which is quick, and carried over once; :meth:`anew` puts them back there
    without a copy. The text encoder's weights are zeros: what they are changes neither time nor memory, and random ones
    would take a minute to draw.
    """

    def __init__(self, model: Model, device: str) -> None:
        self.model, self.loaded = model, loaded(model, device)
        self.loaded.pipe.text_encoder = None
        self._home: list[tuple[torch.Tensor, torch.Tensor]] = []
        kept: dict[int, torch.Tensor] = {}
        for part in self._parts:
            for each in getattr(self.loaded.pipe, part).parameters():
                at = each.data_ptr()  # what two networks share is carried once
                if at not in kept:
                    kept[at] = _carried(each.data)
                self._home.append((each, kept[at]))
        self.anew()
        self._words: dict[int, dict[str, torch.Tensor]] = {}

    @property
    def _parts(self) -> tuple[str, ...]:
        """Its networks but the text encoder."""
        return *self.loaded.denoisers, "vae"

    def anew(self) -> Loaded:
        """The model, all of it in the computer's memory."""
        for weight, home in self._home:
            weight.data = home
        for part in self._parts:
            getattr(self.loaded.pipe, part).to("cpu")
        return self.loaded

    @contextlib.contextmanager
    def with_text(self, layers: int = 24) -> Iterator[None]:
        """Let its text encoder be found for a while when it is to be loaded; with ``layers`` of 0 a toy."""

        def load(*_: Any) -> Module:
            with torch.device("meta"):
                made = self.model.reader(self.model.text_config(layers))
            made.load_state_dict(words, assign=True)
            made.set_input_embeddings(made.shared)  # one table, as in a loaded one
            return made

        words = self._words.setdefault(layers, _zeros(self.model, layers))
        with mock.patch.object(type(self.model.family), "load_text_encoder", load):
            yield


def _carried(weight: torch.Tensor) -> torch.Tensor:
    """A copy in the computer's memory, which all cores lay out first: that takes most of the time."""
    home = torch.empty(weight.shape, dtype=weight.dtype).fill_(0)
    return home.copy_(weight)


def _zeros(model: Model, layers: int) -> dict[str, torch.Tensor]:
    """The weights of a text encoder, all 0, in the precisions in which transformers loads T5."""
    with torch.device("meta"):
        made = model.reader(model.text_config(layers))
    kept = {"shared.weight": torch.zeros(made.shared.weight.shape, dtype=model.dtype)}
    kept["encoder.embed_tokens.weight"] = kept["shared.weight"]
    for name, weight in made.state_dict().items():
        if name not in kept:
            wide = model.dtype == torch.float16 and name.endswith(".wo.weight")
            kept[name] = torch.zeros(weight.shape, dtype=torch.float32 if wide else model.dtype)
    return {name: kept[name] for name in made.state_dict()}
