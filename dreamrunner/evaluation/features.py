"""What is measured by beside similarity models: DINOv2's picture of a frame, marks of its looks and of its quality."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stdout
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dreamrunner.files.regular import require_regular
from dreamrunner.files.trouble import cause
from dreamrunner.retrieval.similarity import BATCH, SimilarityError, as_squares, models_device, unit_rows

if TYPE_CHECKING:
    import torch

LARGEST = 512
"""Pixels of a frame's longer side beyond which MUSIQ sees it smaller."""


class Features(Protocol):
    """Makes of pictures what can be compared."""

    def pictures(self, frames: Sequence[np.ndarray]) -> np.ndarray:
        """Unit vectors, float32 (n, d), of frames uint8 (H, W, 3) of any sizes.

        Raises:
            SimilarityError: its network can't be loaded.
        """
        ...


class Dino:
    """DINOv2 (Oquab et al., 2023) from transformers: a picture is its class token, behind the last norm.

    ``folder`` has the network. As retrieval's models it sees the whole frame, scaled to its square.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def pictures(self, frames: Sequence[np.ndarray]) -> np.ndarray:
        import torch

        network, (mean, spread), side = self._loaded
        vectors = []
        with torch.inference_mode():
            for start in range(0, len(frames), BATCH):
                part = [as_squares(frame[None], side, mean, spread) for frame in frames[start : start + BATCH]]
                vectors.append(unit_rows(network(torch.cat(part)).last_hidden_state[:, 0]))
        return np.concatenate(vectors)

    @cached_property
    def _loaded(self) -> tuple[torch.nn.Module, tuple[Sequence[float], Sequence[float]], int]:
        from transformers import AutoImageProcessor, Dinov2Model
        from transformers.utils import logging

        bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            network = Dinov2Model.from_pretrained(self.folder, use_safetensors=True)
            processor = AutoImageProcessor.from_pretrained(self.folder)
        except (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, ImportError) as error:
            raise SimilarityError(f"the DINOv2 in {self.folder} can't be used: {cause(error)}") from error
        finally:
            if bars:
                logging.enable_progress_bar()
        size = processor.crop_size if getattr(processor, "do_center_crop", False) else processor.size
        side = int(size["height"] if "height" in size else size["shortest_edge"])
        network = network.float().to(models_device()).eval()
        return network, (processor.image_mean, processor.image_std), side


def read_head(file: Path) -> tuple[np.ndarray, float]:
    """The weight, float32 (d,), and the bias of a linear head: a state dict with both, as ``.pth`` or ``.safetensors``.

    Nothing of a pickle but tensors is read.

    Raises:
        SimilarityError: it can't be read, or is no linear head with one mark.
    """
    try:
        require_regular(file)
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            state: Any = load_file(file)
        else:
            import torch

            state = torch.load(file, map_location="cpu", weights_only=True)
        weight, bias = state["weight"].float().reshape(-1).numpy(), state["bias"].float().reshape(-1).numpy()
        if bias.shape != (1,) or state["weight"].shape != (1, len(weight)):
            raise ValueError("it has more than one mark")
        return weight, float(bias[0])
    except OSError as error:
        raise SimilarityError(f"the aesthetic head {file} can't be read: {cause(error)}") from error
    except Exception as error:  # what a stranger's file makes of a pickle's reader is not foreseen
        raise SimilarityError(f"{file} is no linear head, with a weight and a bias for one mark") from error


class Musiq:
    """MUSIQ (Ke et al., 2021), trained on SPAQ, through pyiqa; ``weights`` is its checkpoint."""

    def __init__(self, weights: Path) -> None:
        self.weights = weights

    def quality(self, frames: Sequence[np.ndarray]) -> list[float]:
        """A mark from about 0 to 100 of each frame, uint8 (H, W, 3).

        Raises:
            SimilarityError: its network can't be loaded.
        """
        import torch
        import torch.nn.functional as F

        marks = []
        with torch.inference_mode():
            for frame in frames:
                pixels = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)[None].float() / 255
                if (longer := max(frame.shape[:2])) > LARGEST:
                    size = [max(1, round(side * LARGEST / longer)) for side in frame.shape[:2]]
                    pixels = F.interpolate(pixels, size, mode="bilinear", antialias=True, align_corners=False)
                marks.append(float(self._loaded(pixels.to(models_device())).reshape(-1)[0]))
        return marks

    @cached_property
    def _loaded(self) -> Any:
        try:
            # It tells on standard output what it loads, where a program may be reading.
            with redirect_stdout(StringIO()):
                from pyiqa import create_metric

                return create_metric("musiq-spaq", device=models_device(), pretrained_model_path=str(self.weights))
        except Exception as error:  # what others' libraries raise is not foreseen
            raise SimilarityError(f"MUSIQ can't be used: {cause(error)}") from error
