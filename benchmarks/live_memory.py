"""What tensors take at full size, without a GPU and without their numbers: fake tensors, counted as they live.

A model's networks are made as fake tensors at their own configs and run as rendering and training run them; what counts
is the most bytes that live at once. What a card takes beside them, such as cuDNN's working space and the gaps of
PyTorch's allocator, is not in it.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from peft import LoraConfig
from peft.tuners.lora.layer import LoraLayer
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn import Module, Parameter
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from dreamrunner.backbones.family import Family
from dreamrunner.rendering.cross_attention import Call
from dreamrunner.rendering.region_lora import RegionLora, Rows


class Live(TorchDispatchMode):
    """Counts the bytes of tensors that are made while it is entered: those that are ``live`` and the ``peak``; only
    those on a kind of device where one is named."""

    def __init__(self, device: str | None = None) -> None:
        super().__init__()
        self.live = self.peak = 0
        self.device = device
        self._known: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for each in tree_leaves(result):
            if isinstance(each, Tensor) and self.device in (None, each.device.type):
                self._note(each.untyped_storage())
        return result

    def _note(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in self._known:
            return
        self._known.add(key)
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._gone, key, size)

    def _gone(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.live -= size

    def begin(self) -> int:
        """Forget the peak so far; gives what lives now."""
        self.peak = self.live
        return self.live


class _Attention(torch.autograd.Function):
    """Attention as the kernels of a GPU keep it: queries, keys, values and result stay for the way back."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        result = torch.empty_like(query)
        ctx.save_for_backward(query, key, value, result)
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        return tuple(torch.empty_like(each) for each in ctx.saved_tensors[:3])


def _attend(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> Tensor:
    return _Attention.apply(query, key, value)


def _apply(module: Module, change: Callable[[Tensor], Tensor], recurse: bool = True) -> Module:
    """What ``module.to`` and its like do, with new parameters in the place of the old: fake ones can't be exchanged."""
    for child in module.children() if recurse else ():
        child._apply(change)
    with torch.no_grad():
        for name, weight in module._parameters.items():
            if weight is not None:
                module._parameters[name] = Parameter(change(weight), weight.requires_grad)
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = change(buffer)
    return module


def adapt(network: Module, family: Family, video: int, text: int) -> None:
    """Put a LoRA by region, as large as those that are trained, on all layers of a network that have one; its regions
    are all of so many tokens."""
    held = {name for name, _ in network.named_modules()}
    layers = [each for block in range(len(family.blocks(network))) for each in family.layers(block, output=True)]
    network.add_adapter(LoraConfig(r=32, target_modules=[each for each in layers if each in held]), "one")
    counts = {"video": video, "text": text}
    for path, layer in network.named_modules():
        if isinstance(layer, LoraLayer):
            layer.lora_A.to(network.dtype)
            layer.lora_B.to(network.dtype)
            place = "one", family.tokens_of(path) or ()
            length = sum(counts[kind] for kind in place[1])
            rows = Rows(torch.empty(length, dtype=torch.int64, device=network.device), length)
            layer.lora_variant["one"] = RegionLora({place: rows}, place, Call())


@contextlib.contextmanager
def counted(device: str | None = None) -> Iterator[Live]:
    """Let all tensors that are made be fake ones, and count them, or those on a kind of device."""
    with (
        FakeTensorMode(allow_non_fake_inputs=True),
        Live(device) as live,
        patch.object(F, "scaled_dot_product_attention", _attend),
        patch.object(Module, "_apply", _apply),
    ):
        yield live
