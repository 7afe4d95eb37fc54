"""Put what was trained into one folder that stock pipelines load:
``python -m dreamrunner.miniature.second.training.bundle --backbone FOLDER --autoencoder FOLDER -o FOLDER``.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch

from dreamrunner.miniature.second.training.preview import load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", type=Path, required=True, help="what ``backbone`` wrote")
    parser.add_argument("--autoencoder", type=Path, required=True, help="what ``autoencoder`` wrote")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    model, vae = load(options.backbone, options.autoencoder, torch.device("cpu"))
    model.assemble(options.output, vae)
    # How far it was trained, so that training goes on from this folder too.
    shutil.copyfile(options.backbone / "state.json", options.output / "state.json")
    size = sum(file.stat().st_size for file in options.output.rglob("*") if file.is_file())
    print(f"{options.output}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
