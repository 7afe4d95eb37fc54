"""An instruction model of some ten thousand random numbers, in transformers' layout, and what is missing of others."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LEARNT = (
    '{"reasoning":"a witch walks","background":"a garden","narration":"","key_frames":[{"second":0,"entities":[{'
    '"line":0,"entity":"witch","motion":"walking","description":"a witch","box":[0.25,0.5,0.75,0.9]}]}]}'
)
"""What the tokenizer has read: few tokens make an answer's names, so that tests are quick."""

ROLES = ["<|system|>", "<|user|>", "<|assistant|>"]


def build_local_model(folder: Path, reads: int = 32_768) -> Path:
    """A Llama of one layer and a tokenizer that has learnt a few words; it ``reads`` so many tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=["</s>", *ROLES], initial_alphabet=alphabet)
    tokenizer.train_from_iterator([LEARNT] * 9, trainer)
    stock = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", additional_special_tokens=ROLES)
    stock.chat_template = TEMPLATE
    stock.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(stock) + 7,  # as many models, more rows than the tokenizer has words
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=reads,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def edit_json(file: Path, **values: object) -> None:
    """Change values of an object in a file; None takes one away."""
    told = json.loads(file.read_text()) | values
    file.write_text(json.dumps({name: value for name, value in told.items() if value is not None}))
