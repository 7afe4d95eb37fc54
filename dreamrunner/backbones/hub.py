"""Fetching a model from the Hugging Face hub, once; later builds find it on disk and stay off the network."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.folder import KEPT, WORDS, check_folder, parts_of
from dreamrunner.backbones.table import FAMILIES
from dreamrunner.files.wording import NO_SPACE, disk_is_full

_HUB_ID = re.compile(r"(?!\.)[\w.-]+/[\w.-]+")


def is_hub_id(name: str) -> bool:
    """Whether a name can be that of a model on the hub: ``owner/name``."""
    return bool(_HUB_ID.fullmatch(name))


def fetch(hub_id: str, *, dry: bool = False) -> Path:
    """The folder of a hub model that films (``owner/name``), downloaded if it is not on this machine yet, unless
    ``dry``.

    Raises:
        BackboneError: no such model, or the hub cannot be reached, or is not to be asked.
    """
    return fetch_files(hub_id, _patterns(), check_folder, dry=dry)


def fetch_files(hub_id: str, patterns: Sequence[str], check: Callable[[Path], object], *, dry: bool = False) -> Path:
    """The folder of a hub model with the files of some ``patterns``, downloaded unless it is on this machine, or
    ``dry``. ``check`` raises :class:`BackboneError` for a folder that is not whole.

    Raises:
        BackboneError: no such model, or the hub cannot be reached, or is not to be asked.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import httpx
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        folder = Path(snapshot_download(hub_id, allow_patterns=[*patterns], local_files_only=True))
        check(folder)
        return folder
    except (LocalEntryNotFoundError, BackboneError):
        if dry:
            raise BackboneError(f"{hub_id} is not on this machine yet, or not all of it; a build fetches it") from None
        # not here, or an earlier download was cut off: go on with it
    try:
        return Path(snapshot_download(hub_id, allow_patterns=[*patterns], etag_timeout=10))
    except GatedRepoError:
        raise BackboneError(f"{hub_id} asks for an agreement on its hub page first; {_elsewhere(hub_id)}") from None
    except RepositoryNotFoundError:
        raise BackboneError(f"the hub has no model {hub_id} (or it is private), and there is no such folder") from None
    except (LocalEntryNotFoundError, HfHubHTTPError, httpx.HTTPError, OSError) as error:
        reason = NO_SPACE if disk_is_full(error) else "the model hub cannot be reached"
        raise BackboneError(
            f"{hub_id} is neither a folder nor on this machine, and {reason}; {_elsewhere(hub_id)}"
        ) from None


def _patterns() -> list[str]:
    """What is fetched of a model whose family is not known yet."""
    parts = sorted({part for family in FAMILIES.values() for part in parts_of(family)})
    return ["model_index.json", WORDS, *(f"{part}/*{end}" for part in parts for end in KEPT)]


def _elsewhere(hub_id: str) -> str:
    name = hub_id.rpartition("/")[2]
    fetched = f"hf download {hub_id} --local-dir {name}"
    return f"download it elsewhere ({fetched}), copy the folder here and name it as the model"
