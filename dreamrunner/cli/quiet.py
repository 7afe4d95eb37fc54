"""Keeps libraries from chattering and from calling home."""

from __future__ import annotations

import logging
import os
import sys
import warnings

QUIET_ENVIRONMENT = {
    "DIFFUSERS_VERBOSITY": "error",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_VERBOSITY": "error",
    "PYTHONWARNINGS": "ignore",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "TORCH_CPP_LOG_LEVEL": "ERROR",
    "TORCH_LOGS": "-all",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "YOLO_OFFLINE": "true",
    "YOLO_VERBOSE": "false",
}
"""Settings of libraries; what the user has set stays."""


def silence(json: bool) -> None:
    """Keep libraries quiet from now on, in this process and those that it starts; with ``json`` bars stay away too."""
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())  # else Python prints warnings that nothing handles
    for name, value in QUIET_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if json or not sys.stderr.isatty():
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # else a bar is drawn while a model is fetched
