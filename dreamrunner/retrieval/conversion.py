"""A detector's pickle, read once by who trusts it and kept as a folder of ours, which needs no trust.

What ultralytics trains and publishes (``.pt``) is a pickle, which can run code when it is read. Kept as
``config.json`` and ``model.safetensors`` it can't, is the same network to the bit, and looks at many pictures at once,
on a GPU where there is one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dreamrunner.backbones import cache_folder
from dreamrunner.files.atomic import write_whole
from dreamrunner.files.digest import digest_path


def converted_folder(weights: Path) -> Path:
    """Where the conversion of a pickle is kept, whether it is there or not: named by the pickle's content."""
    return cache_folder() / "detector" / f"from-{digest_path(weights)[:32]}"


def is_converted(weights: Path) -> bool:
    """Whether the conversion of a pickle is there."""
    folder = converted_folder(weights)
    return all((folder / name).is_file() for name in ("config.json", "model.safetensors"))


def convert(weights: Path, read: Any, network: Any) -> Path:
    """The folder with what a pickle holds, made unless it is there.

    ``read`` gives the pickle's network (ultralytics' ``load_checkpoint``), ``network`` makes one of a configuration.

    Raises:
        OSError: it can't be read, or the folder can't be written.
        TypeError, ValueError, KeyError, RuntimeError: it holds no detector that can be made anew from what it says.
    """
    if is_converted(weights):
        return converted_folder(weights)
    from safetensors.torch import save

    model = read(str(weights))[0]
    names = model.names if isinstance(model.names, dict) else dict(enumerate(model.names))
    config = {**model.yaml, "nc": len(names), "names": [names[number] for number in range(len(names))]}
    tensors = {name: value.detach().float().contiguous().clone() for name, value in model.state_dict().items()}
    network(config).load_state_dict(tensors)  # it is all of it
    folder = converted_folder(weights)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "model.safetensors", save(tensors))
    write_whole(folder / "config.json", json.dumps(config, indent=1).encode() + b"\n")
    return folder
