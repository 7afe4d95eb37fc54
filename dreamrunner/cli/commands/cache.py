"""``cache``: what is kept between builds, whether it is sound, and making room."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter, deque
from pathlib import Path
from typing import TYPE_CHECKING

from dreamrunner.cli.console.output import refuse
from dreamrunner.cli.exits import DONE, STEP_FAILED
from dreamrunner.files.wording import counted, size

if TYPE_CHECKING:
    from dreamrunner.engine.collect import Contents

UNITS = {"B": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_MOST = 2**63  # bytes that a file system can count


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    actions = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="action")
    actions.add_parser("list", help="say what there is, and what running builds need")
    actions.add_parser("verify", help="read everything, and name what is damaged")
    collected = actions.add_parser("gc", help="take away what nobody needs")
    collected.add_argument(
        "--keep",
        type=amount,
        metavar="SIZE",
        help="then also what was not used for longest, until SIZE is left (such as 20GB); nothing that a build needs",
    )
    collected.add_argument("--dry-run", action="store_true", help="take nothing away; say what would be")


def run(arguments: Namespace) -> int:
    """Do what is asked of the cache folder."""
    return {"list": _list, "verify": _verify, "gc": _gc}[arguments.action](arguments)


def amount(text: str) -> int:
    """Bytes, as people write them: ``20GB``, ``1.5G``, ``500MB``, ``0``. Only 0 needs no unit."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:([KMGT])(?:i?B)?|(B|bytes))?", text.strip(), re.IGNORECASE)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is not a size; write it like 20GB or 500MB")
    unit = found[2] or ("B" if found[3] else "")
    if not unit and float(found[1]):
        raise ArgumentTypeError(f"{text!r} has no unit; write it like {text.strip()}GB or {text.strip()}MB")
    number = float(found[1]) * UNITS[(unit or "B").upper()]
    if number > _MOST:
        raise ArgumentTypeError(f"{text[:20]!r} is more than any disk holds; write it like 20GB or 500MB")
    return int(number)


def _list(_: Namespace) -> int:
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


def _verify(_: Namespace) -> int:
    from dreamrunner.engine.collect import verify

    folder = _folder()
    try:
        checked = deque(verify(folder), maxlen=1).pop()
    except OSError as error:
        return _failed(folder, "read", error)
    for path, wrong in checked.damaged.items():
        print(f"{path}: {wrong}")
    print(f"{checked.sound} sound, {len(checked.damaged)} damaged")
    if checked.damaged:
        return refuse("what is damaged is never used: builds make it anew", STEP_FAILED)
    return DONE


def _gc(arguments: Namespace) -> int:
    from dreamrunner.engine.collect import collect

    folder = _folder()
    try:
        freed = collect(folder, arguments.keep, dry=arguments.dry_run)
    except OSError as error:
        return _failed(folder, "cleaned", error)
    parts = Counter(item.kind for item in freed.items)
    what = [f"{count} {kind}" for kind, count in sorted(parts.items())]
    what += [f"{size(freed.litter)} that nobody needed"] if freed.litter else []
    did = "would free" if arguments.dry_run else "freed"
    left = "would be left" if arguments.dry_run else "are left"
    print(f"{did} {size(freed.size)}" + (f" ({', '.join(what)})" if what else "") + f"; {size(freed.left)} {left}")
    if arguments.keep is not None and freed.left > arguments.keep:
        builds = counted(freed.running, "running build")
        why = f"{builds} need {size(freed.needed)}" if freed.running else "the rest is the user's own"
        print(f"more than {size(arguments.keep)}, since {why}", file=sys.stderr)
    return DONE


def _folder() -> Path:
    from dreamrunner.backbones import cache_folder

    return cache_folder()


def _failed(folder: Path, done: str, error: OSError) -> int:
    from dreamrunner.engine.graph import why_failed

    return refuse(f"{folder} can't be {done}: {why_failed(error, folder)}", STEP_FAILED)
