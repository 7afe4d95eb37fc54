"""CogVideoX-2B and 5B with random weights, at their full configs or at toy sizes, made on the device they run on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from diffusers import AutoencoderKLCogVideoX, CogVideoXDPMScheduler, CogVideoXPipeline, CogVideoXTransformer3DModel
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from benchmarks.attention_ways import grid_of, scene
from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.families.cogvideox import FAMILY
from dreamrunner.backbones.grid import Grid
from dreamrunner.backbones.loading import Loaded
from dreamrunner.regions import RegionProgram, lower


@dataclass(frozen=True, slots=True)
class Model:
    """One of the two at one size.

    ``heads`` and ``layers`` are the transformer's, ``rotary`` its kind of positions, ``dtype`` its precision on a GPU,
    ``snr_shift`` its sampler's scale. ``size`` is (width, height) in pixels, ``frames`` those of a clip, ``words`` the
    padded length of a prompt, ``wide`` the channels of a prompt's embedding.
    """

    name: str
    heads: int
    layers: int
    rotary: bool
    dtype: torch.dtype
    snr_shift: float
    size: tuple[int, int] = (720, 480)
    frames: int = 49
    words: int = 226
    wide: int = 4096

    @property
    def grid(self) -> Grid:
        """Its grid of video tokens."""
        return grid_of(self.frames, *self.size)

    def program(self, conditions: int) -> RegionProgram:
        """A scene with so many conditions on its grid."""
        return lower(scene(conditions)[0], self.grid)


FULL = {
    "2b": Model("2b", heads=30, layers=30, rotary=False, dtype=torch.float16, snr_shift=3.0),
    "5b": Model("5b", heads=48, layers=42, rotary=True, dtype=torch.bfloat16, snr_shift=1.0),
}
"""Those that are filmed with."""


def small(which: str, *, width: int, layers: int, dtype: torch.dtype) -> Model:
    """One of them with ``width`` heads, at a size that takes no time."""
    full = FULL[which]
    sizes = {"size": (96, 64), "frames": 9, "words": 24, "wide": 64}
    return Model(which, width, layers, full.rotary, dtype, full.snr_shift, **sizes)


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


def transformer(model: Model, device: str) -> CogVideoXTransformer3DModel:
    """Its transformer."""
    width, height = model.size
    with made_in(model.dtype, device):
        made = CogVideoXTransformer3DModel(
            num_attention_heads=model.heads,
            num_layers=model.layers,
            sample_width=width // 8,
            sample_height=height // 8,
            sample_frames=model.frames,
            max_text_seq_length=model.words,
            text_embed_dim=model.wide,
            use_rotary_positional_embeddings=model.rotary,
        )
    return made.eval().requires_grad_(False)


def autoencoder(model: Model, device: str) -> AutoencoderKLCogVideoX:
    """Its autoencoder; a toy for a small size."""
    toy = model.size[0] < 240
    with made_in(model.dtype, device):
        made = AutoencoderKLCogVideoX(
            block_out_channels=(8, 8, 8, 8) if toy else (128, 256, 256, 512),
            layers_per_block=1 if toy else 3,
            norm_num_groups=4 if toy else 32,
            latent_channels=16,
            down_block_types=("CogVideoXDownBlock3D",) * 4,
            up_block_types=("CogVideoXUpBlock3D",) * 4,
        )
    return made.eval().requires_grad_(False)


def _text_config(model: Model, layers: int) -> T5Config:
    """T5-XXL's, with so many layers; that of a toy as wide for none, and for a small size."""
    if model.wide < 4096 or not layers:
        return T5Config(d_model=model.wide, d_kv=32, d_ff=64, num_layers=2, num_heads=2, vocab_size=64)
    sizes = {"d_model": model.wide, "d_kv": 64, "d_ff": 10240, "num_heads": 64, "vocab_size": 32128}
    return T5Config(**sizes, num_layers=layers, feed_forward_proj="gated-gelu")


def text_encoder(model: Model, device: str, *, layers: int = 24) -> T5EncoderModel:
    """T5-XXL's encoder, or the same with fewer layers; with ``layers`` of 0, and for a small size, a toy as wide.

    In float16 the second half of each feed-forward stays float32, as transformers loads T5.
    """
    config = _text_config(model, layers)
    with made_in(model.dtype, device):
        made = T5EncoderModel(config)
    if model.dtype == torch.float16:
        for name, module in made.named_modules():
            if name.endswith(".wo"):
                module.float()
    return made.eval().requires_grad_(False)


def tokenizer(words: int) -> PreTrainedTokenizerFast:
    """A tokenizer to which all words are unknown: what a prompt says does not matter to random weights."""
    made = Tokenizer(models.WordLevel({"<pad>": 0, "</s>": 1, "<unk>": 2}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=words, **special)


def sampler(model: Model) -> CogVideoXDPMScheduler:
    """Its sampler, as the loaded model has it."""
    return CogVideoXDPMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        snr_shift_scale=model.snr_shift,
    )


def loaded(model: Model, device: str) -> Loaded:
    """All of it, as the product holds a loaded backbone; a toy stands for T5-XXL."""
    pipe = CogVideoXPipeline(
        tokenizer(model.words),
        text_encoder(model, device, layers=0),
        autoencoder(model, device),
        transformer(model, device),
        sampler(model),
    )
    pipe.set_progress_bar_config(disable=True)
    width, height = model.size
    backbone = Backbone(
        name=f"random-{model.name}",
        source=Path("."),
        width=width,
        height=height,
        frames=model.frames,
        grid=model.grid,
        steps=50,
        guidance=9.0,
        dtype=str(model.dtype).removeprefix("torch."),
        scheduler="dpm",
        text_tokens=model.words,
        digest="0" * 64,
        family_name=FAMILY.name,
    )
    return Loaded(backbone, pipe, torch.device(device))


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
        for part in ("transformer", "vae"):
            network = getattr(self.loaded.pipe, part)
            self._home += [(each, _carried(each.data)) for each in network.parameters()]
        self.anew()
        self._words: dict[int, dict[str, torch.Tensor]] = {}

    def anew(self) -> Loaded:
        """The model, all of it in the computer's memory."""
        for weight, home in self._home:
            weight.data = home
        for part in ("transformer", "vae"):
            getattr(self.loaded.pipe, part).to("cpu")
        return self.loaded

    @contextlib.contextmanager
    def with_text(self, layers: int = 24) -> Iterator[None]:
        """Let its text encoder be found for a while when it is to be loaded: T5-XXL, or a toy with ``layers`` of 0."""

        def load(*_: Any) -> T5EncoderModel:
            with torch.device("meta"):
                made = T5EncoderModel(_text_config(self.model, layers))
            made.load_state_dict(words, assign=True)
            made.set_input_embeddings(made.shared)  # one table, as in a loaded one
            return made

        words = self._words.setdefault(layers, _zeros(self.model, layers))
        with mock.patch.object(type(FAMILY), "load_text_encoder", load):
            yield


def _carried(weight: torch.Tensor) -> torch.Tensor:
    """A copy in the computer's memory, which all cores lay out first: that takes most of the time."""
    home = torch.empty(weight.shape, dtype=weight.dtype).fill_(0)
    return home.copy_(weight)


def _zeros(model: Model, layers: int) -> dict[str, torch.Tensor]:
    """The weights of a text encoder, all 0, in the precisions in which transformers loads T5."""
    with torch.device("meta"):
        made = T5EncoderModel(_text_config(model, layers))
    kept = {"shared.weight": torch.zeros(made.shared.weight.shape, dtype=model.dtype)}
    kept["encoder.embed_tokens.weight"] = kept["shared.weight"]
    for name, weight in made.state_dict().items():
        if name not in kept:
            wide = model.dtype == torch.float16 and name.endswith(".wo.weight")
            kept[name] = torch.zeros(weight.shape, dtype=torch.float32 if wide else model.dtype)
    return {name: kept[name] for name in made.state_dict()}
