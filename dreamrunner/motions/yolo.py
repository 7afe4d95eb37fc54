"""People tracked by ultralytics: a YOLO finds them, ByteTrack follows them.

This is the only file that imports ultralytics. The library is AGPL-3.0, reports its use, looks for updates, downloads
weights and installs packages by itself; all of that is switched off here before it is imported, and it keeps its
settings in a folder of ours.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dreamrunner.backbones.digest import cache_folder

if TYPE_CHECKING:
    import torch


def ultralytics() -> Any:
    """The library, imported on first use with everything off that reaches out of this process."""
    os.environ["YOLO_OFFLINE"] = "true"  # its events, its update check and its downloads all ask this one
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_VERBOSE"] = "false"
    if "YOLO_CONFIG_DIR" not in os.environ:
        settings = cache_folder() / "ultralytics"
        settings.mkdir(parents=True, exist_ok=True)
        os.environ["YOLO_CONFIG_DIR"] = str(settings)
    import ultralytics

    if ultralytics.settings["sync"]:
        ultralytics.settings.update(sync=False)
    return ultralytics


def network(config: dict) -> torch.nn.Module:
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
