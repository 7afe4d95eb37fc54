"""What a backbone's own encoders make of texts and clips, computed once and kept by content.

A file is named by all that its bits depend on: the model, its precision, the kind of device, the libraries, and what is
encoded. Inside, it says its name, so that one that lies in another's place is not taken for it. One that can't be read
is computed again; a folder that can't be written only costs time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from dreamrunner.backbones.loading import Loaded, put_away, quiet, with_text_encoder
from dreamrunner.backbones.memory_plan import MemoryPlan
from dreamrunner.files.atomic import write_whole
from dreamrunner.files.digest import digest_json
from dreamrunner.files.paths import KEY, cache_folder
from dreamrunner.files.regular import require_regular

LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers")


class Encodings:
    """A folder of encodings, by default ``encodings`` in the cache folder, for one backbone in memory."""

    def __init__(self, loaded: Loaded, folder: Path | None = None) -> None:
        self.loaded = loaded
        self.folder = folder or cache_folder() / "encodings"
        device = torch.cuda.get_device_name() if loaded.device.type == "cuda" else loaded.device.type
        self._about = [loaded.backbone.digest, str(loaded.pipe.transformer.dtype), device, *map(version, LIBRARIES)]

    def find(self, content: list[Any]) -> Tensor | None:
        """What is kept of ``content`` (JSON), on the CPU; None where nothing is."""
        file = self._file(content)
        with contextlib.suppress(OSError, SafetensorError):
            require_regular(file)
            with safe_open(file, "pt") as opened:
                if (opened.metadata() or {}).get(KEY) == file.stem:
                    return opened.get_tensor("value")
        return None

    def kept(self, content: list[Any], compute: Callable[[], Tensor]) -> Tensor:
        """The same, computed and kept where there is nothing."""
        if (found := self.find(content)) is not None:
            return found
        value = compute().cpu().contiguous()
        with contextlib.suppress(OSError):
            file = self._file(content)
            write_whole(file, save({"value": value}, {KEY: file.stem}))
        return value

    def texts(self, texts: Sequence[str], memory: MemoryPlan | None = None) -> dict[str, Tensor]:
        """Every text at its padded length, on the CPU: (text tokens, channels).

        The text encoder is loaded if one is new, and alone on the card while it works.

        Raises:
            BackboneError: it can't be loaded.
        """
        found = {text: self.find(self._text(text)) for text in texts}
        new = [text for text, value in found.items() if value is None]
        if new:
            if memory is not None:
                put_away(self.loaded, *self.loaded.denoisers)
            in_layers = memory is not None and memory.texts_in_layers
            with torch.no_grad(), quiet(), with_text_encoder(self.loaded, in_layers=in_layers):
                for text in new:
                    found[text] = self.kept(self._text(text), partial(self._encoded, text))
        return {text: value for text, value in found.items() if value is not None}

    def _encoded(self, text: str) -> Tensor:
        loaded = self.loaded
        return loaded.family.encode_text(loaded.pipe, text, loaded.backbone.text_tokens, loaded.device)[0]

    def _text(self, text: str) -> list[Any]:
        return ["text", self.loaded.backbone.text_tokens, text]

    def _file(self, content: list[Any]) -> Path:
        return self.folder / f"{digest_json([*self._about, content])}.safetensors"
