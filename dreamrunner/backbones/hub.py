"""Fetching a model from the Hugging Face hub, once; later builds find it on disk and stay off the network."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dreamrunner.backbones.downloading import announced
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.folder import KEPT, WORDS, check_folder, parts_of
from dreamrunner.backbones.table import FAMILIES
from dreamrunner.files.wording import NO_SPACE, disk_is_full

_HUB_ID = re.compile(r"(?!\.)[\w.-]+/[\w.-]+")


def is_hub_id(name: str) -> bool:
    """Whether a name can be that of a model on the hub: ``owner/name``."""
    return bool(_HUB_ID.fullmatch(name))


def fetch(
    hub_id: str, *, revision: str | None = None, dry: bool = False, tell: Callable[[str], None] = lambda line: None
) -> Path:
    """The folder of a hub model that films (``owner/name``), downloaded if it is not on this machine yet, unless
    ``dry``. What is downloaded is the commit ``revision``, or the newest.

    Raises:
        BackboneError: no such model, or the hub cannot be reached, or is not to be asked; or there is no room for it.
    """
    return fetch_files(hub_id, _patterns(), check_folder, revision=revision, dry=dry, tell=tell)


def fetch_files(
    hub_id: str,
    patterns: Sequence[str],
    check: Callable[[Path], object],
    *,
    revision: str | None = None,
    dry: bool = False,
    tell: Callable[[str], None] = lambda line: None,
    naming: str = "name it as the model",
) -> Path:
    """The folder of a hub model with the files of some ``patterns``, downloaded unless it is on this machine, or
    ``dry``. ``check`` raises :class:`BackboneError` for a folder that is not whole.

    ``tell`` hears, before anything large is fetched, how much it is and how much is free, and where there is no
    terminal for the hub's own bars, every :data:`~dreamrunner.backbones.downloading.EVERY` seconds how far it is. A
    download that was cut off goes on. ``naming`` is what is to be done with a folder that was brought here by hand.

    Raises:
        BackboneError: no such model, or the hub cannot be reached, or is not to be asked; or there is no room for it.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        DryRunError,
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    wanted = [*patterns]
    unreachable: tuple[type[Exception], ...] = LocalEntryNotFoundError, DryRunError, HfHubHTTPError, *_wires(), OSError
    # The newest that is here does as well: keys hold what is in its files.
    for kept in dict.fromkeys((revision, None)):
        try:
            folder = Path(snapshot_download(hub_id, revision=kept, local_files_only=True, allow_patterns=wanted))
            check(folder)
            return folder
        except (LocalEntryNotFoundError, BackboneError):
            continue  # not here, or an earlier download was cut off: go on with it
    if dry:
        raise BackboneError(f"{hub_id} is not on this machine yet, or not all of it; a build fetches it")
    try:
        files = snapshot_download(hub_id, revision=revision, etag_timeout=10, dry_run=True, allow_patterns=wanted)
        with announced(hub_id, [(each.file_size or 0, each.will_download) for each in files], tell):
            return Path(snapshot_download(hub_id, revision=revision, etag_timeout=10, allow_patterns=wanted))
    except GatedRepoError:
        raise BackboneError(
            f"{hub_id} asks for an agreement on its hub page first; {_elsewhere(hub_id, naming)}"
        ) from None
    except RevisionNotFoundError:
        raise BackboneError(
            f"the hub has {hub_id} no longer at the commit {revision}; {_elsewhere(hub_id, naming)}"
        ) from None
    except RepositoryNotFoundError:
        raise BackboneError(f"the hub has no model {hub_id} (or it is private), and there is no such folder") from None
    except unreachable as error:
        reason = NO_SPACE if disk_is_full(error) else "the model hub cannot be reached"
        raise BackboneError(
            f"{hub_id} is neither a folder nor on this machine, and {reason}; {_elsewhere(hub_id, naming)}"
        ) from None


def _wires() -> tuple[type[Exception], ...]:
    """What the clients raise that the hub's library may talk by, of those that are in use."""
    return tuple(sys.modules[name].HTTPError for name in ("httpx", "httpx2") if name in sys.modules)


def _patterns() -> list[str]:
    """What is fetched of a model whose family is not known yet."""
    parts = sorted({part for family in FAMILIES.values() for part in parts_of(family)})
    return ["model_index.json", WORDS, *(f"{part}/*{end}" for part in parts for end in KEPT)]


def _elsewhere(hub_id: str, naming: str) -> str:
    name = hub_id.rpartition("/")[2]
    fetched = f"hf download {hub_id} --local-dir {name}"
    return f"download it elsewhere ({fetched}), copy the folder here and {naming}"
