"""People tracked by ultralytics: a YOLO finds them, ByteTrack follows them.

This is the only file that imports ultralytics. The library is AGPL-3.0, reports its use, looks for updates, downloads
weights and installs packages by itself; all of that is switched off here before it is imported, and it keeps its
settings in a folder of ours.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dreamrunner.backbones import cache_folder
from dreamrunner.datasets.video import read_attributes, read_frames
from dreamrunner.files.digest import digest_json, digest_path
from dreamrunner.files.extras import lack, missing
from dreamrunner.files.json import parse
from dreamrunner.files.regular import read_regular
from dreamrunner.files.trouble import cause
from dreamrunner.retrieval.conversion import convert, is_converted
from dreamrunner.retrieval.people import Box, Track

if TYPE_CHECKING:
    import numpy as np
    import torch

RATE = 8.0
"""Looks a second: as many as the motion prior's training sees."""

MEMORY = 2.0
"""Seconds for which ByteTrack expects somebody back where he was heading."""

CHUNK = 4.0
"""Seconds of video that are held in memory at a time."""

BYTETRACK = {
    "track_high_thresh": 0.25,
    "track_low_thresh": 0.1,
    "new_track_thresh": 0.25,
    "track_buffer": round(MEMORY * RATE),
    "match_thresh": 0.8,
    "fuse_score": True,
}
"""ByteTrack's usual settings; the buffer is counted in looks."""


class DetectorError(Exception):
    """A detector that cannot be used. Its text is one line: what is wrong, where, and what to do."""


def ultralytics() -> Any:
    """The library, imported on first use with everything off that reaches out of this process."""
    os.environ["YOLO_OFFLINE"] = "true"  # its events, its update check and its downloads all ask this one
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_VERBOSE"] = "false"
    os.environ["ULTRALYTICS_SAFE_LOAD"] = "true"  # of a pickle, only the classes of the library's own networks
    if "YOLO_CONFIG_DIR" not in os.environ:
        settings = cache_folder() / "ultralytics"
        settings.mkdir(parents=True, exist_ok=True)
        os.environ["YOLO_CONFIG_DIR"] = str(settings)
    threads = os.environ.get("OMP_NUM_THREADS")
    import torch  # noqa: F401  which asks for its threads when it is imported first
    import ultralytics

    if threads is None:  # it asks for one thread, of everything that is started from here on too
        os.environ.pop("OMP_NUM_THREADS", None)
    if ultralytics.settings["sync"]:
        ultralytics.settings.update(sync=False)
    return ultralytics


def network(config: dict[str, Any]) -> torch.nn.Module:
    """A YOLO with random weights, from a configuration as ultralytics writes it in YAML.

    In training mode its ``loss`` takes ``{"img", "batch_idx", "cls", "bboxes"}``.
    """
    ultralytics()
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import DetectionModel

    model = DetectionModel(config, verbose=False)
    model.args = get_cfg()
    model.names = dict(enumerate(config["names"]))
    return model


class YoloTracker:
    """A :class:`~dreamrunner.retrieval.people.PeopleTracker` with any YOLO weights that know the class ``person``.

    ``weights`` is a folder of ours (``config.json`` and ``model.safetensors``), an ONNX file, or one of ultralytics'
    own ``.pt`` files. Those are pickles: they are read only if ``trust_weights``, even then nothing but networks is let
    out of them, and once, since they are kept as a folder of ours (:mod:`~dreamrunner.retrieval.conversion`). Folders
    look at many pictures at once, on a GPU where there is one; ONNX runs in onnxruntime where that is installed, else
    in OpenCV, picture by picture. ``size`` is the longer side of what the network sees, in pixels: what the folder
    says, else 640 as YOLOs are trained.

    Raises :class:`DetectorError` when ultralytics or the weights are missing, not trusted or not a YOLO's.
    """

    def __init__(self, weights: Path, *, trust_weights: bool = False, size: int | None = None) -> None:
        self.weights = Path(weights)
        if lacking := missing("motions"):
            raise DetectorError(lack("motions", lacking))
        if not self.weights.exists():
            raise DetectorError(f"there are no detector weights at {self.weights}")
        if not self.weights.is_dir() and self.weights.suffix not in (".onnx", ".pt"):
            raise DetectorError(f"{self.weights} is neither a folder of weights nor an .onnx or .pt file")
        if self.weights.suffix == ".pt" and not trust_weights and not is_converted(self.weights):
            raise DetectorError(
                f"{self.weights} is a pickle, which can run code when it is read: use an .onnx file, or say that you "
                "trust it (--trust-weights)"
            )
        self.size = size or (self._config.get("size") if self.weights.is_dir() else None) or 640

    @cached_property
    def key(self) -> str:
        """Weights, settings and version, as a hash."""
        read = [digest_path(self.weights), self.size, RATE, BYTETRACK, version("ultralytics")]
        return f"yolo-{digest_json(read)[:32]}"

    def track(self, file: Path, *, start: float = 0.0, end: float | None = None) -> tuple[Track, ...]:
        """Everybody between ``start`` and ``end`` seconds, in order of appearance, boxes :data:`RATE` times a second.

        Raises:
            VideoError: the file cannot be read.
            DetectorError: the weights cannot be used.
        """
        ultralytics()
        from ultralytics.trackers.byte_tracker import BYTETracker

        tracker = BYTETracker(SimpleNamespace(**BYTETRACK))
        people: dict[int, list[tuple[float, Box]]] = {}
        for moments, frames in self._looks(Path(file), start, end):
            height, width = frames.shape[1:3]
            # The library wants pictures as OpenCV reads them: blue first.
            for moment, result in zip(moments, self._detect([frame[..., ::-1] for frame in frames]), strict=True):
                for left, top, right, bottom, person, *_ in tracker.update(result.boxes.cpu().numpy()):
                    edges = left / width, top / height, right / width, bottom / height
                    x0, y0, x1, y1 = (min(1.0, max(0.0, float(edge))) for edge in edges)
                    if x0 < x1 and y0 < y1:
                        people.setdefault(int(person), []).append((moment, (x0, y0, x1, y1)))
        return tuple(Track(person=number, boxes=tuple(boxes)) for number, boxes in enumerate(people.values()))

    def find(self, pictures: np.ndarray) -> list[list[tuple[Box, float]]]:
        """Everybody in pictures, uint8 (n, height, width, 3): normalized boxes, each with how sure it is, 0..1.

        Raises:
            DetectorError: the weights cannot be used.
        """
        height, width = pictures.shape[1:3]
        found = []
        for result in self._detect([picture[..., ::-1] for picture in pictures]):
            rows = result.boxes.data.cpu().numpy()[:, :5].tolist()
            found.append([((x0 / width, y0 / height, x1 / width, y1 / height), sure) for x0, y0, x1, y1, sure in rows])
        return found

    def _looks(self, file: Path, start: float, end: float | None) -> Iterator[tuple[list[float], np.ndarray]]:
        """Moments and frames, a few seconds at a time, no larger than the network needs."""
        known = read_attributes(file)
        end = known.duration if end is None else min(end, known.duration)
        shrunk = min(1.0, self.size / max(known.width, known.height))
        size = (max(2, round(known.width * shrunk)), max(2, round(known.height * shrunk)))
        while start < end - 1e-6:
            until = min(start + CHUNK, end)
            frames = read_frames(file, start=start, end=until, rate=RATE, size=size)
            yield [start + index / RATE for index in range(len(frames))], frames
            start += CHUNK

    def _detect(self, pictures: list[np.ndarray]) -> list[Any]:
        one_by_one = self._is_onnx  # most are exported for one picture at a time
        try:
            if one_by_one:
                return [self._predictor(source=[picture])[0] for picture in pictures]
            return self._predictor(source=pictures)
        except (ImportError, OSError, RuntimeError, TypeError, ValueError, KeyError, AttributeError) as error:
            reason = cause(error)
            raise DetectorError(f"cannot use {self.weights} as a detector: {reason}") from error

    @cached_property
    def _config(self) -> dict[str, Any]:
        try:
            return parse(read_regular(self._folder / "config.json"))
        except (OSError, ValueError) as error:
            raise DetectorError(f"{self._folder} is not a detector's folder: its config.json cannot be read") from error

    @cached_property
    def _predictor(self) -> Any:
        ultralytics()
        from ultralytics.models.yolo.detect import DetectionPredictor

        settings = {
            "imgsz": self.size,
            "conf": BYTETRACK["track_low_thresh"],
            "verbose": False,
            "save": False,
            "dnn": self._is_onnx and importlib.util.find_spec("onnxruntime") is None,
        }
        predictor = DetectionPredictor(overrides=settings)
        predictor.setup_model(str(self.weights) if self._is_onnx else self._network(), verbose=False)
        people = [number for number, name in predictor.model.names.items() if name == "person"]
        if not people:
            raise DetectorError(f"{self.weights} knows no class `person`")
        predictor.args.classes = people
        return predictor

    def _network(self) -> torch.nn.Module:
        from safetensors.torch import load_file

        model = network(self._config)
        model.load_state_dict(load_file(self._folder / "model.safetensors"))
        return model.float().eval()

    @property
    def _is_onnx(self) -> bool:
        return self.weights.suffix == ".onnx" and not self.weights.is_dir()

    @cached_property
    def _folder(self) -> Path:
        """The folder of ours that holds the weights."""
        if self.weights.is_dir():
            return self.weights
        ultralytics()
        from ultralytics.nn.tasks import load_checkpoint

        return convert(self.weights, load_checkpoint, network)
