"""Why something failed, told in one line to people: what is foreseen with what to do, all else with where to report it.

No class name of an exception stands in any of it.
"""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dreamrunner.files.extras import extra_of, lack
from dreamrunner.files.wording import NO_MEMORY, NO_SPACE, disk_is_full, reason

_CLASS = re.compile(
    r"^(?:[\w.]*\b[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit)|[a-z_][\w.]*\.[A-Z]\w+)\b(?:\([\w.]*\))?(?::\s*|$)"
)
_LIBRARY = re.compile(r"(\S+?): cannot open shared object file|Library not loaded: (\S+)|DLL load failed[^:]*: *(.*)")
_MODULE = re.compile(r"(?:No module named|import of) '?([\w.]+)")
_MEMORY = re.compile(
    r"out of memory|not enough memory|(?:can't|cannot|could not|failed to|unable to) (?:allocate|map|mmap)|bad_alloc|"
    r"defaultcpuallocator|paging file is too small|insufficient memory"
)
_ISSUES = ("issues", "issue tracker", "bug tracker", "bug reports", "tracker", "bugs")


def why(error: BaseException, where: Path | None = None) -> str:
    """Why something failed; ``where`` is a path that the line it goes into names already."""
    return foreseen(error, where) or unforeseen(error)


def foreseen(error: BaseException, where: Path | None = None) -> str:
    """What is to be said of an error that can be expected, and what to do; "" for others."""
    own = type(error).__module__.startswith("dreamrunner.")
    if own and not getattr(error, "strerror", None) and str(error).strip():
        return str(error).strip().splitlines()[0]
    if disk_is_full(error):
        return f"{NO_SPACE}; free some, then run the same command again"
    said = words(error)
    if isinstance(error, MemoryError) or _MEMORY.search(said.lower()) or errno.ENOMEM in _numbers(error):
        gpu = " on the GPU" if "cuda" in said.lower() else ""
        return f"{NO_MEMORY}{gpu}; end other programs or ask for less, then run the same command again"
    if found := _LIBRARY.search(said):
        name = next(filter(None, found.groups()), "") or "a library"
        return f"the shared library {Path(name).name} can't be loaded; install it, or the package that needs it anew"
    if isinstance(error, ImportError):
        if found := _MODULE.search(said):
            if extra := extra_of(found[1]):
                return lack(extra, found[1])
            package = found[1].partition(".")[0]
            return f"the Python package {package} is missing; install DreamRunner anew, with what it needs"
        return f"a Python package can't be loaded ({first_line(error)}); install DreamRunner anew, with what it needs"
    if _numbers(error) & {errno.EMFILE, errno.ENFILE}:
        return "too many files are open; `ulimit -n 4096` lets more of them be"
    if isinstance(error, OSError) and error.strerror:
        return reason(error) if where or not error.filename else f"{reason(error)}: {error.filename}"
    return ""


def unforeseen(error: BaseException) -> str:
    """What is to be said of an error that nobody expected: what it says itself, and where to report it."""
    return f"something unforeseen went wrong ({first_line(error)}); {report()}"


def cause(error: BaseException) -> str:
    """Why something failed, for a line that says already what was being done and what to do."""
    return foreseen(error) or first_line(error)


def report() -> str:
    """Where a report of an unforeseen error goes: the page that the package names, if it names one."""
    page = _issue_page()
    log = "the log that DREAMRUNNER_DEBUG=1 gives"
    return f"please report it at {page} with {log}" if page else f"a report of it needs {log}"


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without a class name."""
    return plain(str(error)) or "no reason is given"


def plain(said: str) -> str:
    """The first line of a text that a library gives as its reason, without the classes' names that it begins with."""
    line = next((line.strip() for line in said.splitlines() if line.strip()), "")
    while (shorter := _CLASS.sub("", line, count=1)) != line:
        line = shorter.strip()
    return line


def words(error: BaseException) -> str:
    """What an error says, and those behind it, a line for each at least."""
    return "\n".join(map(str, _chain(error)))


def fills_temporary_folder(error: BaseException, other: Path) -> bool:
    """Whether it is the folder for temporary files that is full, and not ``other``, where results go."""
    folder = Path(tempfile.gettempdir())
    for each in _chain(error):
        if isinstance(each, OSError) and isinstance(each.filename, str):
            named = Path(each.filename).parents
            return folder in named and other not in named
    return free_at(folder) < min(free_at(other), 2**24)


def free_at(folder: Path) -> int:
    """Bytes that are free where a folder is, or would be."""
    import shutil

    there = next((each for each in (folder, *folder.absolute().parents) if each.exists()), folder)
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return 0


def _numbers(error: BaseException) -> set[int]:
    """The system's numbers of an error and of those behind it."""
    return {each.errno for each in _chain(error) if isinstance(each, OSError) and each.errno is not None}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those behind it, twenty at most."""
    each: BaseException | None = error
    for _ in range(20):
        if each is None:
            return
        yield each
        each = each.__cause__ or each.__context__


def _issue_page() -> str:
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        found = metadata("dreamrunner").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    pages = dict(each.partition(",")[::2] for each in found)
    return next((page.strip() for name, page in pages.items() if name.strip().lower() in _ISSUES), "")
