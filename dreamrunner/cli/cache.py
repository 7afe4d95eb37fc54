"""`cache`: what is kept between builds, whether it is sound, and making room."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.console.output import refuse
from dreamrunner.cli.options import DONE, STEP_FAILED, Commands
from dreamrunner.files.text import counted

if TYPE_CHECKING:
    from dreamrunner.engine.collect import Contents

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def add(commands: Commands) -> None:
    """Add it to the command line."""
    cache = commands.add_parser("cache", help="what is kept between builds: list, check, make room", allow_abbrev=False)
    actions = cache.add_subparsers(title="commands", required=True, metavar="COMMAND")
    listed = actions.add_parser("list", help="say what there is, and what running builds need", allow_abbrev=False)
    listed.set_defaults(command=_list)
    verified = actions.add_parser("verify", help="read everything, and name what is damaged", allow_abbrev=False)
    verified.set_defaults(command=_verify)
    collected = actions.add_parser("gc", help="take away what nobody needs", allow_abbrev=False)
    collected.set_defaults(command=_gc)
    collected.add_argument(
        "--keep",
        type=amount,
        metavar="SIZE",
        help="then also what was not used for longest, until SIZE is left (such as 20GB); nothing that a build needs",
    )


def amount(text: str) -> int:
    """Bytes, as people write them: ``20GB``, ``1.5G``, ``500MB``, ``0``."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write it like 20GB or 500MB")
    return int(float(found[1]) * UNITS[found[2].upper()])


def size(count: int) -> str:
    """Bytes for people: ``12 KB``, ``3.4 GB``."""
    value, unit = float(count), "bytes"
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "bytes" or value >= 10 else f"{value:.1f} {unit}"


def _list(_: argparse.Namespace) -> int:
    from dreamrunner.engine.collect import PARTS, contents

    folder = _folder()
    if not folder.exists():
        print(f"{folder}: nothing is kept yet")
        return DONE
    try:
        found = contents(folder)
    except OSError as error:
        return _failed(folder, "read", error)
    print(f"{folder}: {size(found.size)}")
    kinds = Counter(item.kind for item in found.items if item.part == "results")
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    for part, what in [("results", told), *PARTS.items()]:
        items = [item for item in found.items if item.part == part]
        print(f"  {part:<10} {size(sum(item.size for item in items)):>10} {len(items):>6}  {what}")
    print(f"  {'others':<10} {size(sum(found.others.values())):>10} {len(found.others):>6}  {', '.join(found.others)}")
    if found.litter:
        print(f"{size(sum(found.litter.values()))} more that nobody needs: dreamrunner cache gc takes it away")
    if found.leases:
        print(_in_use(found))
    return DONE


def _in_use(found: Contents) -> str:
    running = len(found.leases)
    needed = sum(item.size for item in found.items if found.is_needed(item))
    return f"{counted(running, 'running build needs', 'running builds need')} {size(needed)} of it"


def _verify(_: argparse.Namespace) -> int:
    from dreamrunner.engine.collect import Checked, verify

    folder, checked = _folder(), Checked(0)
    try:
        for checked in verify(folder):
            pass
    except OSError as error:
        return _failed(folder, "read", error)
    for path, wrong in checked.damaged.items():
        print(f"{path}: {wrong}")
    print(f"{checked.sound} sound, {len(checked.damaged)} damaged")
    if checked.damaged:
        return refuse("what is damaged is never used: builds make it anew", STEP_FAILED)
    return DONE


def _gc(arguments: argparse.Namespace) -> int:
    from dreamrunner.engine.collect import collect

    folder = _folder()
    try:
        freed = collect(folder, arguments.keep)
    except OSError as error:
        return _failed(folder, "cleaned", error)
    parts = Counter(item.kind for item in freed.items)
    what = [f"{count} {kind}" for kind, count in sorted(parts.items())]
    what += [f"{size(freed.litter)} that nobody needed"] if freed.litter else []
    print(f"freed {size(freed.size)}" + (f" ({', '.join(what)})" if what else "") + f"; {size(freed.left)} are left")
    if arguments.keep is not None and freed.left > arguments.keep:
        builds = counted(freed.running, "running build")
        why = f"{builds} need {size(freed.needed)}" if freed.running else "the rest is the user's own"
        print(f"more than {size(arguments.keep)}, since {why}", file=sys.stderr)
    return DONE


def _folder() -> Path:
    from dreamrunner.backbones import cache_folder

    return cache_folder()


def _failed(folder: Path, done: str, error: OSError) -> int:
    from dreamrunner.engine.graph import reason

    return refuse(f"{folder} can't be {done}: {reason(error, folder)}", STEP_FAILED)
