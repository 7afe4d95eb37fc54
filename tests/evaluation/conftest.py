"""Small networks of random weights, and a film of two scenes of which every frame is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.material.videos import write

STORY = """\
story "Two Halves"
  language 1
  seed 3

character witch "a girl witch"
  images "witch/*.png"
character cat "a black cat"

scene garden
  background "a garden"
  narration "The witch walks. Then she waves."
  duration 2s
  witch walking 0s..1s "A witch is walking"
    at 0s left
  witch waving 1s..2s "A witch is waving"
    at 1s left

scene kitchen
  background "a kitchen"
  narration "The cat sits all day."
  duration 1s
  cat sitting "A cat is sitting"
    at 0s right
"""


@dataclass(frozen=True)
class Place:
    """A folder with a film, its story with two photos, and networks.

    ``clip`` is one of open_clip's folders, ``xclip`` and ``dino`` ones of transformers, ``head`` a linear head.
    """

    film: Path
    story: Path
    frames: np.ndarray
    photos: tuple[np.ndarray, ...]
    clip: Path
    xclip: Path
    dino: Path
    head: Path

    def networks(self) -> dict[str, object]:
        """The arguments of an evaluation by these networks alone."""
        named = {"image_model": str(self.clip), "video_model": str(self.xclip), "dino": self.dino, "head": self.head}
        return {**named, "head_model": str(self.clip), "fetch": False}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Place:
    root = tmp_path_factory.mktemp("evaluated")
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (24, 6, 9, 3), dtype=np.uint8)
    frames = coarse.repeat(8, 1).repeat(8, 2)
    photos = tuple(rng.integers(0, 256, (50, 40, 3), dtype=np.uint8) for _ in range(2))
    (root / "witch").mkdir()
    for number, photo in enumerate(photos):
        Image.fromarray(photo).save(root / "witch" / f"{number}.png")
    (root / "two.story").write_text(STORY)
    head = {"weight": torch.randn(1, 96, generator=torch.Generator().manual_seed(1)), "bias": torch.tensor([5.0])}
    torch.save(head, root / "head.pth")
    return Place(
        film=write(root / "film.mp4", frames),
        story=root / "two.story",
        frames=frames,
        photos=photos,
        clip=_clip(root / "clip"),
        xclip=_xclip(root / "xclip"),
        dino=_dino(root / "dino"),
        head=root / "head.pth",
    )


def _clip(folder: Path) -> Path:
    import open_clip

    from dreamrunner.miniature.training.bundle import keep
    from dreamrunner.miniature.training.contrast import build_tokenizer
    from dreamrunner.miniature.training.image_similarity import CONFIG

    torch.manual_seed(0)
    shape = CONFIG["model_cfg"]
    model = open_clip.CLIP(embed_dim=shape["embed_dim"], vision_cfg=shape["vision_cfg"], text_cfg=shape["text_cfg"])
    names = {"weights_name": "open_clip_model.safetensors", "config_name": "open_clip_config.json"}
    keep(folder, model.state_dict(), CONFIG, **names)
    build_tokenizer().save_pretrained(folder)
    return folder


def _xclip(folder: Path) -> Path:
    from transformers import VideoMAEImageProcessor

    from dreamrunner.miniature.training.contrast import build_tokenizer
    from dreamrunner.miniature.training.video_similarity import build

    torch.manual_seed(0)
    build().save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)
    VideoMAEImageProcessor(
        size={"height": 64, "width": 64}, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.25] * 3
    ).save_pretrained(folder)
    return folder


def _dino(folder: Path) -> Path:
    from transformers import BitImageProcessor, Dinov2Config, Dinov2Model

    torch.manual_seed(0)
    config = Dinov2Config(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, mlp_ratio=2, image_size=28, patch_size=14
    )
    Dinov2Model(config).save_pretrained(folder)
    BitImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 28, "width": 28}, image_mean=[0.4] * 3, image_std=[0.3] * 3
    ).save_pretrained(folder)
    return folder
