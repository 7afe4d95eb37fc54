"""An instruction model in memory, which writes replies that are held to a schema while they are decoded.

PyTorch, transformers and llguidance are imported here, when a model is asked and not before.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jinja2 import TemplateError
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

from dreamrunner.backbones.device import Device, compute_device
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.loading import quiet
from dreamrunner.files.trouble import cause
from dreamrunner.planning.local.folder import LocalModel

MOST_TOKENS = 16_384
"""Tokens of a reply at most; usual ones have a thousand."""

TEMPERATURE, TOP_P = 0.7, 0.9


@dataclass(frozen=True, slots=True)
class Written:
    """A reply: its ``text``, whether it came to its end (``whole``), and the ``tokens`` read and written."""

    text: str
    whole: bool
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Writer:
    """A model in memory, on ``device``."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    guide: LLTokenizer
    device: Device

    def write(self, messages: Sequence[Any], schema: dict[str, Any], seed: int) -> Written:
        """Answer messages in the form of a JSON schema. The same ``seed`` gives the same reply on the same machine.

        Raises:
            BackboneError: the messages don't fit into what the model can read, or it runs out of memory.
        """
        prompt = self._prompt(messages).to(self.model.device)
        read = prompt.shape[1]
        reads = getattr(self.model.config.get_text_config(), "max_position_embeddings", None) or 2 * MOST_TOKENS
        room = min(MOST_TOKENS, reads - read)
        if room < 1:
            raise BackboneError(f"the story is too long for the model, which reads {reads} tokens; shorten it")
        held = _Held(LLMatcher(self.guide, _grammar(schema)), read)
        with torch.inference_mode(), torch.random.fork_rng(), quiet():
            torch.manual_seed(seed)
            try:
                made = self.model.generate(
                    prompt,
                    attention_mask=torch.ones_like(prompt),
                    logits_processor=[held],
                    max_new_tokens=room,
                    do_sample=True,
                    temperature=TEMPERATURE,
                    top_p=TOP_P,
                    eos_token_id=self.tokenizer.eos_token_id,
                    pad_token_id=self.tokenizer.eos_token_id,
                )
            except torch.OutOfMemoryError:
                raise BackboneError("the model does not fit into this GPU's memory while it writes") from None
        tokens = made[0, read:].tolist()
        text = self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return Written(text, held.ended(made[0]), read, len(tokens))

    def _prompt(self, messages: Sequence[Any]) -> torch.Tensor:
        def templated(said: Sequence[Any]) -> torch.Tensor:
            # What a model thinks aloud before it answers is no part of the form.
            return self.tokenizer.apply_chat_template(
                list(said), add_generation_prompt=True, return_tensors="pt", return_dict=False, enable_thinking=False
            )

        try:
            return templated(messages)
        except TemplateError:  # some take no instructions of a system
            first, second, *rest = messages
            joined = {"role": "user", "content": f"{first['content']}\n\n{second['content']}"}
            try:
                return templated([joined, *rest])
            except TemplateError as error:
                raise BackboneError(f"the model's chat template can't be used: {cause(error)}") from None


class _Held:
    """A logits processor of transformers: leaves of each next token only those that go on with the form. The first
    ``read`` tokens are the prompt."""

    def __init__(self, matcher: LLMatcher, read: int) -> None:
        self.matcher, self.read, self.taken = matcher, read, read

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        self._take(input_ids[0])
        bits = np.unpackbits(np.frombuffer(self.matcher.compute_bitmask(), np.uint8), bitorder="little")
        allowed = torch.from_numpy(bits[: scores.shape[-1]].astype(bool)).to(scores.device)
        return scores.masked_fill(~allowed, -torch.inf)

    def ended(self, tokens: torch.Tensor) -> bool:
        """Whether the form is whole with all ``tokens``."""
        self._take(tokens)
        return bool(self.matcher.is_accepting() or self.matcher.is_stopped())

    def _take(self, tokens: torch.Tensor) -> None:
        for token in tokens[self.taken :].tolist():
            if not self.matcher.is_stopped():
                self.matcher.consume_token(token)
            self.taken += 1


@contextmanager
def loaded(model: LocalModel) -> Iterator[Writer]:
    """The model in memory: on the GPU where there is one and it fits, else on the processor; gone again afterwards.

    Raises:
        BackboneError: it can't be loaded.
    """
    writer = _load(model)
    try:
        yield writer
    finally:
        # Whoever holds the writer still holds an empty one: the film's model needs the memory.
        writer.model.to("meta")
        del writer
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _load(model: LocalModel) -> Writer:
    device = compute_device()
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(model.folder, local_files_only=True, trust_remote_code=False)
            if not isinstance(tokenizer, PreTrainedTokenizerFast) or tokenizer.eos_token_id is None:
                raise BackboneError(f"{model.folder} has no fast tokenizer with a token that ends a text")
            network = AutoModelForCausalLM.from_pretrained(
                model.folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.bfloat16 if device == "cuda" else torch.float32,
            )
            network.eval().requires_grad_(False)
        if device == "cuda":
            try:
                network.to("cuda")
            except torch.OutOfMemoryError:
                device = "cpu"
                network.to("cpu", torch.float32)
        guide = from_tokenizer(tokenizer, n_vocab=network.get_output_embeddings().weight.shape[0])
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError) as error:
        if "trust_remote_code" in str(error):
            kind = "take a model of a kind that transformers has"
            raise BackboneError(f"{model.folder} needs code of its own, which is not run; {kind}") from None
        raise BackboneError(f"cannot load {model.name} from {model.folder}: {cause(error)}") from error
    return Writer(network, tokenizer, guide, device)


def _grammar(schema: dict[str, Any]) -> str:
    grammar: str = LLMatcher.grammar_from_json_schema(json.dumps(schema), defaults={"whitespace_flexible": False})
    return grammar
