"""How strongly a LoRA file works by its trainer's settings, in the file's metadata or in a file beside it. No torch."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dreamrunner.backbones.tensor_names import WEIGHTS, configuration
from dreamrunner.files.json import parse
from dreamrunner.files.regular import read_regular
from dreamrunner.files.wording import reason
from dreamrunner.priors.values import AdapterError, LoraSettings

BESIDE = "adapter_config.json"
"""Where peft keeps an adapter's settings, in the adapter's folder."""

_LONGEST = 4_000_000
"""Bytes of settings; real ones have some hundred layers' names at most."""

_ALPHAS = ("lora_alpha", "network_alpha", "ss_network_alpha", "alpha")

_KINDS = {"LOHA": "a LoHa", "LOKR": "a LoKr", "OFT": "OFT", "BOFT": "BOFT", "IA3": "an IA3", "VERA": "a VeRA"}

_OTHER_INITS = {
    "pissa": "PiSSA, which",
    "olora": "OLoRA, which",
    "corda": "CorDA, which",
    "lora_ga": "LoRA-GA, which",
    "loftq": "LoftQ, which",
}


def settings_in(file: Path, metadata: object) -> LoraSettings | None:
    """What the metadata of a LoRA's file says: diffusers' and finetrainers' JSON, or plain entries such as
    ``lora_alpha``; None where it says nothing of alpha.

    Raises:
        AdapterError: it can't be read, or says that this is more than a plain LoRA.
    """
    if not isinstance(metadata, Mapping):
        return None
    try:
        told: Mapping[str, Any] = configuration(metadata) or metadata
    except ValueError as error:
        raise AdapterError(f"{file} can't be used: {error}") from None
    return _settings(file, told)


def settings_beside(file: Path) -> LoraSettings | None:
    """What peft's ``adapter_config.json`` in a LoRA's folder says; None where there is none, or it is another's.

    Raises:
        AdapterError: it can't be read, or says that this is more than a plain LoRA.
    """
    beside = file.parent / BESIDE
    if not beside.is_file() or (file.name != WEIGHTS and (file.parent / WEIGHTS).is_file()):
        return None
    try:
        told = parse(read_regular(beside, _LONGEST))
        if not isinstance(told, dict):
            raise ValueError
    except OSError as error:
        raise AdapterError(f"cannot read {beside}: {reason(error)}") from None
    except ValueError:
        raise AdapterError(f"{beside} is not the JSON object that peft writes; get the LoRA's folder again") from None
    return _settings(beside, told)


def _settings(source: Path, told: Mapping[str, Any]) -> LoraSettings | None:
    if (more := _more_than_plain(told)) is not None:
        raise AdapterError(f"{source} says that the LoRA is {more}; only plain LoRAs can be used")
    alpha = _number(source, told, _ALPHAS)
    if alpha is None:
        return None
    rooted = told.get("use_rslora") or False
    if isinstance(rooted, str):
        rooted = rooted.lower() == "true"
    patterns = told.get("alpha_pattern") or {}
    if not isinstance(patterns, Mapping) or not isinstance(rooted, bool):
        raise AdapterError(f"{source} has settings of another form than peft's (alpha_pattern, use_rslora)")
    read = ((_pattern(source, key), _number(source, patterns, (key,))) for key in patterns)
    return LoraSettings(
        alpha=alpha, rooted=rooted, patterns=tuple((key, value) for key, value in read if value is not None)
    )


def _more_than_plain(told: Mapping[str, Any]) -> str | None:
    """What an adapter is that its settings say is no plain LoRA."""
    kind = told.get("peft_type")
    if isinstance(kind, str) and kind.upper() != "LORA":
        return _KINDS.get(kind.upper(), f"an adapter of the kind {kind[:20]}")
    if told.get("use_dora") in (True, "true", "True"):
        return "a DoRA"
    if told.get("lora_bias") in (True, "true", "True") or told.get("bias") not in (
        None,
        False,
        "none",
        "None",
        "False",
    ):
        return "one with biases"
    init = told.get("init_lora_weights")
    if isinstance(init, str):
        found = next((name for key, name in _OTHER_INITS.items() if init.lower().startswith(key)), None)
        return found and f"one begun by {found} changes the model's own weights too"
    if told.get("alora_invocation_tokens"):
        return "an aLoRA"
    return None


def _number(source: Path, told: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    name = next((name for name in names if told.get(name) is not None), None)
    if name is None:
        return None
    try:
        number = float(told[name]) if not isinstance(told[name], bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number == 0:
        raise AdapterError(f"{source} has a {name[:40]} that is no number above or below 0")
    return number


def _pattern(source: Path, key: str) -> str:
    """A pattern that is harmless to match: short, with few repetitions, none of them of a group."""
    try:
        if len(key) > 200 or len(re.findall(r"[*+?{]", key)) > 4 or re.search(r"\)[*+?{]", key):
            raise ValueError
        re.compile(key)
    except (ValueError, re.error, RecursionError, OverflowError):
        raise AdapterError(f"{source} has an alpha_pattern that can't be read: {key[:40]!r}") from None
    return key
