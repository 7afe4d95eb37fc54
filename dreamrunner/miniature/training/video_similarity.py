"""Train the miniature's own X-CLIP: ``python -m dreamrunner.miniature.training.video_similarity``.

A stock XCLIPModel, small: person-centred clips of eight frames against sentences about motions. A transformer learns to
see only from far more pictures than can be drawn here, so that it also learns, patch by patch, what the convolutions of
the image similarity model make of a frame; that model is trained first. Interrupted, it goes on from its last
checkpoint; at the end it writes ``weights/video_similarity``, which transformers loads as it is.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import open_clip
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import VideoMAEImageProcessor, XCLIPConfig, XCLIPModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

from dreamrunner.files.paths import MINIATURE_WEIGHTS
from dreamrunner.miniature.training.contrast import (
    FIRST,
    FRAMES,
    MEAN,
    SIZE,
    SPREAD,
    TOKENS,
    VOCABULARY,
    Footage,
    Targets,
    begin,
    build_tokenizer,
    train,
)

WIDTH, PATCH = 96, 8
SIDE = SIZE // PATCH
"""Patches along a side of a frame: as many as the teacher's second stage has places."""


def build() -> XCLIPModel:
    """The model with random weights; positions begin as sines and cosines, and patches as strong as they are."""
    end = VOCABULARY - 1
    config = XCLIPConfig(
        projection_dim=WIDTH,
        prompt_layers=1,
        prompt_num_attention_heads=3,
        text_config={
            "vocab_size": VOCABULARY,
            "hidden_size": WIDTH,
            "intermediate_size": 4 * WIDTH,
            "num_hidden_layers": 2,
            "num_attention_heads": 3,
            "max_position_embeddings": TOKENS,
            "eos_token_id": end,
            "pad_token_id": 0,
            "bos_token_id": end,
        },
        vision_config={
            "hidden_size": WIDTH,
            "intermediate_size": 4 * WIDTH,
            "num_hidden_layers": 3,
            "num_attention_heads": 3,
            "image_size": SIZE,
            "patch_size": PATCH,
            "num_frames": FRAMES,
            "mit_hidden_size": WIDTH,
            "mit_intermediate_size": 4 * WIDTH,
            "mit_num_hidden_layers": 1,
            "mit_num_attention_heads": 3,
            "drop_path_rate": 0.0,
        },
    )
    model = XCLIPModel(config)
    begin = model.vision_model.embeddings
    with torch.no_grad():
        begin.position_embedding.weight[1:] = 0.7 * _waves()
        nn.init.normal_(begin.patch_embedding.weight, std=1.5 * (3 * PATCH * PATCH) ** -0.5)
    return model


def _waves() -> Tensor:
    """Where each patch lies, (64, 96): sines and cosines of its column and row, from slow to fast."""
    middle = torch.arange(SIDE) + 0.5
    pace = torch.exp(torch.linspace(0, math.log(2 * SIDE), WIDTH // 4)) * math.pi / (2 * SIDE)
    row, column = torch.meshgrid(middle, middle, indexing="ij")
    return torch.cat([wave(at.flatten()[:, None] * pace) for at in (column, row) for wave in (torch.sin, torch.cos)], 1)


class Teacher:
    """The image similarity model: what its second and third stage hold of every frame, and its vector."""

    def __init__(self, folder: Path) -> None:
        self.model = open_clip.create_model(f"local-dir:{folder.absolute()}", require_pretrained=True).float().eval()
        self.stages: list[Tensor] = []
        for stage in (self.model.visual.layer2, self.model.visual.layer3):
            stage.register_forward_hook(lambda _module, _input, output: self.stages.append(output))
        self.widths = (160, 320)

    @torch.no_grad()
    def study(self, frames: Tensor) -> Targets:
        """Of frames (8, 3, 64, 64): (8, 160, 8, 8), (8, 320, 4, 4) and unit vectors (8, 96), in half precision."""
        self.stages.clear()
        vectors = self.model.encode_image(frames, normalize=True)
        return tuple(each.half() for each in (*self.stages, vectors))


class Pupil(nn.Module):
    """The X-CLIP with the heads that it is taught by, which are thrown away."""

    def __init__(self, widths: tuple[int, int]) -> None:
        super().__init__()
        self.xclip = build()
        # The prompts that X-CLIP adds to a sentence for the sake of one clip are left out, here as in retrieval.
        for part in (self.xclip.prompts_generator, self.xclip.prompts_visual_layernorm):
            part.requires_grad_(False)
        self.xclip.prompts_visual_projection.requires_grad_(False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width, affine=False) for width in widths)
        self.heads = nn.ModuleList(nn.Linear(WIDTH, width) for width in widths)
        self.patches: Tensor | None = None
        self.frames: Tensor | None = None
        self.xclip.vision_model.register_forward_hook(self._see_patches)
        self.xclip.visual_projection.register_forward_hook(self._see_frames)

    def _see_patches(self, _module: nn.Module, _input: tuple[Tensor, ...], output: BaseModelOutputWithPooling) -> None:
        self.patches = output.last_hidden_state[:, 1:].unflatten(1, (SIDE, SIDE))

    def _see_frames(self, _module: nn.Module, _input: tuple[Tensor, ...], output: Tensor) -> None:
        self.frames = output

    def video(self, clips: Tensor) -> Tensor:
        """Unit vectors (n, 96) of clips (n, 8, 3, 64, 64)."""
        return F.normalize(self.xclip.get_video_features(clips).pooler_output, dim=-1)

    def text(self, tokens: Tensor) -> Tensor:
        """Unit vectors (n, 96) of token ids (n, 24)."""
        return F.normalize(self.xclip.get_text_features(tokens).pooler_output, dim=-1)

    def unlike(self, targets: Targets) -> Tensor:
        """How far the clips seen last are from what the teacher makes of them, (n, 8, ...) each."""
        assert self.frames is not None and self.patches is not None, "clips have been seen"
        *stages, vectors = (each.float().flatten(0, 1) for each in targets)
        loss = 4 * (1 - (F.normalize(self.frames, dim=-1) * vectors).sum(-1)).mean()
        for stage, norm, head in zip(stages, self.norms, self.heads, strict=True):
            coarse = SIDE // stage.shape[-1]
            seen = self.patches.unflatten(2, (-1, coarse)).unflatten(1, (-1, coarse)).mean((2, 4))
            loss = loss + F.smooth_l1_loss(head(seen).permute(0, 3, 1, 2), norm(stage).clamp(-4, 4))
        return loss


def main(footage: Footage = FIRST, weights: Path = MINIATURE_WEIGHTS) -> None:
    """Train on an edition's footage, and write into its folder of ``weights`` unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/miniature"))
    parser.add_argument("-o", "--output", type=Path, default=weights / "video_similarity")
    parser.add_argument("--steps", type=int, default=15000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--begin", type=Path, help="begin with the weights in a folder of this kind")
    parser.add_argument("--teacher", type=Path, default=weights / "image_similarity")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    options.folder.mkdir(parents=True, exist_ok=True)
    teacher = Teacher(options.teacher)
    pupil = Pupil(teacher.widths)
    if options.begin:
        begin(pupil.xclip, options.begin / "model.safetensors")
    trained = train(
        pupil,
        pupil.video,
        pupil.text,
        checkpoint=options.folder / "video_similarity.pt",
        steps=options.steps,
        batch=options.batch,
        rate=options.rate,
        frames=FRAMES,
        pool=4000,
        study=teacher.study,
        also=pupil.unlike,
        footage=footage,
    )
    pupil.load_state_dict(trained)
    pupil.xclip.half().save_pretrained(options.output)
    (options.output / "model.safetensors").chmod(0o644)  # as above all files of a package
    build_tokenizer(footage).save_pretrained(options.output)
    VideoMAEImageProcessor(
        size={"height": SIZE, "width": SIZE}, do_center_crop=False, image_mean=MEAN, image_std=SPREAD
    ).save_pretrained(options.output)


if __name__ == "__main__":
    main()
