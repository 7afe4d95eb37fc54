"""The table of known models: the rows of all families. No torch, nor anything else that takes time to import."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from dreamrunner.backbones import families
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.family import Configs, Family, Row

FAMILIES: dict[str, Family] = {}
"""All families, by name."""

TABLE: dict[str, Row] = {}
"""All models that are known by name."""

"""The weights of the model that needs no hub."""


def register(family: Family) -> None:
    """Make a family and its models known.

    Raises:
        ValueError: there is one already that has its name, its classes or one of its models.
    """

    def names(one: Family) -> set[str]:
        return {one.name, one.pipeline, one.networks["transformer"], *(row.name for row in one.rows)}

    for other in FAMILIES.values():
        if twice := names(other) & names(family):
            raise ValueError(f"there is a {min(twice)} already")
    FAMILIES[family.name] = family
    TABLE.update({row.name: row for row in family.rows})


def unregister(family: Family) -> None:
    """Forget a family again."""
    del FAMILIES[family.name]
    for row in family.rows:
        del TABLE[row.name]


def family_named(name: str) -> Family:
    """The family of a name.

    Raises:
        BackboneError: there is none; what names it was made by another version.
    """
    if name not in FAMILIES:
        raise BackboneError(f"there is no family of models {name!r}; there are {', '.join(FAMILIES)}")
    return FAMILIES[name]


def family_of(network: object) -> Family:
    """The family of a transformer or an autoencoder in memory, by its class; the first that has such an autoencoder.

    Raises:
        BackboneError: it belongs to none.
    """
    kind = type(network).__name__
    for family in FAMILIES.values():
        if kind in (family.networks["transformer"], family.networks["vae"]):
            return family
    raise BackboneError(f"a {kind} belongs to no family of models; there are {', '.join(FAMILIES)}")


def denoisers_of(pipe: Any) -> dict[str, Any]:
    """The networks of a stock pipeline that denoise, by their part, in the order in which they work.

    Raises:
        BackboneError: it belongs to no family.
    """
    parts = ((part, getattr(pipe, part, None)) for part in family_of(pipe.transformer).denoisers)
    return {part: network for part, network in parts if network is not None}


def family_filming(model: str) -> Family:
    """The family of a model of the table.

    Raises:
        KeyError: no row has that name.
    """
    row = TABLE[model]
    return next(family for family in FAMILIES.values() if row in family.rows)


def row_for(family: Family, configs: Configs) -> Row:
    """The row that a model folder's configs belong to, else the family's for unknown weights."""
    return next((row for row in family.rows if row.matches(configs, family.optional_networks)), family.unknown)


for _found in pkgutil.iter_modules(families.__path__):
    if "_" not in _found.name:  # what else a family has, such as its rows, is in files named after it, as NAME_rows
        register(import_module(f"{families.__name__}.{_found.name}").FAMILY)

DEFAULT_MODEL = next(row.name for row in TABLE.values() if row.hub_id is None)
"""What films a story that names no model: the bundled one."""
