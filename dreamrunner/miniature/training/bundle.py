"""Put the trained parts into the package: ``python -m dreamrunner.miniature.training.bundle``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from dreamrunner.files.paths import MINIATURE_WEIGHTS
from dreamrunner.miniature.latents import build_autoencoder
from dreamrunner.miniature.model import assemble
from dreamrunner.miniature.training.backbone import Backbone


def keep(
    folder: Path,
    weights: dict[str, torch.Tensor],
    config: dict[str, Any],
    *,
    weights_name: str = "model.safetensors",
    config_name: str | None = "config.json",
) -> None:
    """Write a part as a folder of two files: its weights in half precision and its configuration, if it has one."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}
    save_file({name: value.contiguous() for name, value in halves.items()}, folder / weights_name)
    (folder / weights_name).chmod(0o644)  # safetensors writes for its owner alone; a package is for everyone
    if config_name is None:
        return
    (folder / config_name).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"), help="where the training wrote")
    parser.add_argument("-o", "--output", type=Path, default=MINIATURE_WEIGHTS)
    options = parser.parse_args()
    backbone, vae = Backbone(), build_autoencoder()
    backbone.load_state_dict(torch.load(options.folder / "backbone.pt", weights_only=True)["average"])
    vae.load_state_dict(torch.load(options.folder / "autoencoder.pt", weights_only=True)["vae"])
    assemble(options.output, backbone.transformer, backbone.text_encoder, vae)
    size = sum(file.stat().st_size for file in options.output.rglob("*") if file.is_file())
    print(f"{options.output}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
