"""Train the miniature's own X-CLIP: ``python -m dreamrunner.miniature.train_video_similarity``.

A stock XCLIPModel, small: person-centred clips of eight frames against sentences about motions. A transformer is slow to
learn seeing from so little, so that it is also asked, frame by frame, where the person is and how it holds itself, which
the drawing knows. Interrupted, it goes on from its last checkpoint; at the end it writes ``weights/video_similarity``, which
transformers loads as it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import VideoMAEImageProcessor, XCLIPConfig, XCLIPModel

from dreamrunner.miniature.bundle import WEIGHTS
from dreamrunner.miniature.contrast import BEARING, FRAMES, MEAN, SPREAD, TOKENS, VOCABULARY, build_tokenizer, train

WIDTH, VIDEO_SIZE = 96, 48


def build() -> XCLIPModel:
    """The model with random weights."""
    end = VOCABULARY - 1
    config = XCLIPConfig(
        projection_dim=WIDTH,
        prompt_layers=1,
        prompt_num_attention_heads=3,
        text_config={
            "vocab_size": VOCABULARY, "hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_hidden_layers": 2,
            "num_attention_heads": 3, "max_position_embeddings": TOKENS, "eos_token_id": end, "pad_token_id": 0,
            "bos_token_id": end,
        },
        vision_config={
            "hidden_size": WIDTH, "intermediate_size": 4 * WIDTH, "num_hidden_layers": 3, "num_attention_heads": 3,
            "image_size": VIDEO_SIZE, "patch_size": 8, "num_frames": FRAMES, "mit_hidden_size": WIDTH,
            "mit_intermediate_size": 4 * WIDTH, "mit_num_hidden_layers": 1, "mit_num_attention_heads": 3,
            "drop_path_rate": 0.0,
        },
    )
    return XCLIPModel(config)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"))
    parser.add_argument("-o", "--output", type=Path, default=WEIGHTS / "video_similarity")
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    options.folder.mkdir(parents=True, exist_ok=True)
    model = build()
    # The prompts that X-CLIP adds to a sentence for the sake of one clip are left out, here as in retrieval.
    for part in (model.prompts_generator, model.prompts_visual_layernorm):
        part.requires_grad_(False)
    model.prompts_visual_projection.requires_grad_(False)
    # A part of the model while it is trained, so that its weights are trained and kept in the checkpoint.
    model.bearing = torch.nn.Linear(WIDTH, BEARING)
    seen: list[torch.Tensor] = []
    model.visual_projection.register_forward_hook(lambda _module, _input, output: seen.append(output))

    def video(clips: torch.Tensor) -> torch.Tensor:
        small = F.interpolate(clips.flatten(0, 1), (VIDEO_SIZE, VIDEO_SIZE), mode="area").unflatten(0, clips.shape[:2])
        seen.clear()
        return F.normalize(model.get_video_features(small).pooler_output, dim=-1)

    def how_it_is_held(bearings: torch.Tensor) -> torch.Tensor:
        told = ~bearings[..., 0].isnan()
        return 4 * F.smooth_l1_loss(model.bearing(seen[-1].view(*bearings.shape[:2], WIDTH))[told], bearings[told], beta=0.2)

    weights = train(
        model,
        video,
        lambda tokens: F.normalize(model.get_text_features(tokens).pooler_output, dim=-1),
        checkpoint=options.folder / "video_similarity.pt",
        steps=options.steps,
        batch=options.batch,
        rate=options.rate,
        frames=FRAMES,
        also=how_it_is_held,
    )
    model.load_state_dict(weights)
    del model.bearing
    model.half().save_pretrained(options.output)
    (options.output / "model.safetensors").chmod(0o644)  # as above all files of a package
    build_tokenizer().save_pretrained(options.output)
    VideoMAEImageProcessor(
        size={"height": VIDEO_SIZE, "width": VIDEO_SIZE}, do_center_crop=False, image_mean=MEAN, image_std=SPREAD
    ).save_pretrained(options.output)


if __name__ == "__main__":
    main()
