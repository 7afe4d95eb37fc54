"""The folder of an instruction model: where it is, and whether it can plan. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.folder import read_json
from dreamrunner.backbones.header import read_header
from dreamrunner.backbones.hub import fetch_files, is_hub_id

LOCAL = "local:"
"""How the name of a planner begins that is a model on this machine."""

FILES = ("*.json", "*.safetensors", "*.jinja", "tokenizer.model", "*.txt")
"""What is fetched of a model of the hub."""


@dataclass(frozen=True, slots=True)
class LocalModel:
    """An instruction model on this machine: the planner's ``name``, its ``folder``, how many ``numbers`` it has."""

    name: str
    folder: Path
    numbers: int


def is_local(planner: str) -> bool:
    """Whether a planner's name stands for a model on this machine."""
    return planner.startswith(LOCAL)


def find_local(planner: str, story_folder: Path, *, dry: bool = False) -> LocalModel:
    """The model that ``local:FOLDER`` or ``local:OWNER/NAME`` names. A relative folder counts from the story's; a model
    of the hub is downloaded first if it is not on this machine, unless ``dry``.

    Raises:
        BackboneError: there is none, or it can't plan. One line says why.
    """
    named = planner.removeprefix(LOCAL)
    folder = story_folder / Path(named).expanduser() if named else None
    if folder is None:
        raise BackboneError('`planner "local:"` names no model: say "local:OWNER/NAME", or "local:" and a folder')
    if not folder.is_dir():
        if not is_hub_id(named):
            raise BackboneError(f"there is no folder {folder}, which `planner` names")
        folder = fetch_files(named, FILES, check_local, dry=dry)
    return LocalModel(planner, folder, check_local(folder))


def check_local(folder: Path) -> int:
    """See that all is there before anything large is read. Returns how many numbers the weights have.

    Raises:
        BackboneError: something is missing, pickled or cut short.
    """
    read_json(folder / "config.json")
    if not (folder / "tokenizer.json").is_file():
        raise BackboneError(f"{folder} has no tokenizer.json; get the model's fast tokenizer")
    told = _tokenizer_config(folder)
    if not (folder / "chat_template.jinja").is_file() and not told.get("chat_template"):
        raise BackboneError(f"{folder} has no chat template; take an instruction model (often called -Instruct or -it)")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt*"))
        why = "only pickled weights, which are not loaded" if pickled else "no weights"
        raise BackboneError(f"{folder} has {why}; get the model's safetensors files")
    for shards in folder.glob("*.safetensors.index.json"):
        weights = read_json(shards).get("weight_map")
        missing = {*weights.values()} - {file.name for file in files} if isinstance(weights, dict) else set()
        if missing:
            raise BackboneError(f"{folder} lacks {min(missing)}; download the whole model again")
    headers = map(read_header, files)
    return sum(prod(one["shape"]) for header in headers for name, one in header.items() if name != "__metadata__")


def _tokenizer_config(folder: Path) -> dict[str, object]:
    file = folder / "tokenizer_config.json"
    return read_json(file) if file.is_file() else {}
