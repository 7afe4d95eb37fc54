"""Train the miniature's own CLIP: ``python -m dreamrunner.miniature.training.image_similarity``.

An open_clip model with a small convolutional network, which learns from little: person-centred pictures against
sentences about motions. A clip's vector is the mean of its pictures', as retrieval takes it (paper, A.1). Interrupted,
it goes on from its last checkpoint; at the end it writes ``weights/image_similarity`` in the layout of open_clip's own
folders.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import open_clip
import torch
import torch.nn.functional as F

from dreamrunner.files.paths import MINIATURE_WEIGHTS
from dreamrunner.miniature.training.bundle import keep
from dreamrunner.miniature.training.contrast import (
    FIRST,
    MEAN,
    SIZE,
    SPREAD,
    TOKENS,
    VOCABULARY,
    Footage,
    begin,
    build_tokenizer,
    train,
)

CONFIG = {
    "model_cfg": {
        "embed_dim": 96,
        "vision_cfg": {"image_size": SIZE, "layers": [1, 1, 1, 1], "width": 20, "head_width": 32},
        "text_cfg": {
            "context_length": TOKENS,
            "vocab_size": VOCABULARY,
            "width": 96,
            "heads": 3,
            "layers": 2,
            "hf_tokenizer_name": ".",
        },
    },
    "preprocess_cfg": {"size": SIZE, "mean": MEAN, "std": SPREAD, "interpolation": "bicubic", "resize_mode": "squash"},
}


def main(footage: Footage = FIRST, output: Path = MINIATURE_WEIGHTS / "image_similarity") -> None:
    """Train on an edition's footage, and write into ``output`` unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"))
    parser.add_argument("-o", "--output", type=Path, default=output)
    parser.add_argument("--steps", type=int, default=5500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--begin", type=Path, help="begin with the weights in a folder of this kind")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    options.folder.mkdir(parents=True, exist_ok=True)
    model = open_clip.CLIP(
        embed_dim=CONFIG["model_cfg"]["embed_dim"],
        vision_cfg=CONFIG["model_cfg"]["vision_cfg"],
        text_cfg=CONFIG["model_cfg"]["text_cfg"],
    )

    if options.begin:
        begin(model, options.begin / "open_clip_model.safetensors")

    def video(clips: torch.Tensor) -> torch.Tensor:
        each = model.encode_image(clips.flatten(0, 1), normalize=True).unflatten(0, clips.shape[:2])
        return F.normalize(each.mean(1), dim=-1)

    weights = train(
        model,
        video,
        lambda tokens: model.encode_text(tokens, normalize=True),
        checkpoint=options.folder / "image_similarity.pt",
        steps=options.steps,
        batch=options.batch,
        rate=options.rate,
        frames=4,
        footage=footage,
    )
    keep(
        options.output, weights, CONFIG, weights_name="open_clip_model.safetensors", config_name="open_clip_config.json"
    )
    build_tokenizer(footage).save_pretrained(options.output)


if __name__ == "__main__":
    main()
