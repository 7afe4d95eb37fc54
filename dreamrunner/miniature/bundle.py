"""Put the trained parts into the package: ``python -m dreamrunner.miniature.bundle``."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from dreamrunner.miniature.latents import build_autoencoder
from dreamrunner.miniature.model import assemble
from dreamrunner.miniature.train_backbone import Backbone

WEIGHTS = Path(__file__).parent / "weights"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"), help="where the training wrote")
    parser.add_argument("-o", "--output", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    backbone, vae = Backbone(), build_autoencoder()
    backbone.load_state_dict(torch.load(options.folder / "backbone.pt", weights_only=True)["average"])
    vae.load_state_dict(torch.load(options.folder / "autoencoder.pt", weights_only=True)["vae"])
    assemble(options.output, backbone.transformer, backbone.text_encoder, vae)
    size = sum(file.stat().st_size for file in options.output.rglob("*") if file.is_file())
    print(f"{options.output}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
