"""``dreamrunner build`` through the real process: what it says, how fast nothing is, and stopping it."""

import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dreamrunner.cli.quiet import QUIET_ENVIRONMENT
from tests.material import warm
from tests.material.real_build import Folder, kept, wait_for

CHATTER = """
import logging, sys, warnings
import tests.material.small_films
from dreamrunner.cli import main
from dreamrunner.pipeline.tasks.makers.render import RenderScene
rendered = RenderScene.__call__
def chatting(*arguments):
    import diffusers, huggingface_hub, peft, torch, transformers, ultralytics
    for name in ("torch.utils", "diffusers.loaders", "transformers.utils", "peft.tuners",
                 "huggingface_hub.file_download", "ultralytics", "accelerate", "unheard.of"):
        logging.getLogger(name).warning("chatter of %s", name)
    for category in (UserWarning, FutureWarning, DeprecationWarning, RuntimeWarning):
        warnings.warn("chatter", category)
    rendered(*arguments)
RenderScene.__call__ = chatting
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Folder:
    """Filmed once, undisturbed, while all libraries that have something to say say it."""
    folder = Folder(tmp_path_factory.mktemp("filmed"), model)
    command = [sys.executable, "-c", CHATTER, *folder.command[3:]]
    environment = {name: value for name, value in folder.environment.items() if name not in QUIET_ENVIRONMENT}
    first = subprocess.run(command, cwd=folder.root, env=environment, capture_output=True, text=True)
    assert (first.returncode, first.stdout) == (0, "build/two/two.mp4\n"), first.stderr
    folder.said = first.stderr
    return folder


TOLD = """\
read two.story
planned 2 scenes (planner offline)
filming 2 scenes with tiny (32x32)
films are not checked: OWLv2 is not on this machine; --checker owlv2 fetches it (620 MB); --checker none does without
  filming garden (1 of 2)
  filmed garden in T
  filming kitchen (2 of 2)
  filmed kitchen in T
filmed 2 scenes in T
  drawing the storyboard
drew the storyboard in T
  encoding garden (1 of 2)
  encoded garden in T
  encoding kitchen (2 of 2)
  encoded kitchen in T
encoded 2 scenes in T
  cutting garden (1 of 2)
  cut garden in T
  cutting kitchen (2 of 2)
  cut kitchen in T
cut 2 scenes in T
  joining the film
joined the film in T
"""


def told(said: str) -> str:
    """What a build says, without the warning about the model's ignorance, how far tasks are, and how long they took."""
    before, warning, after = said.partition("warning[left-alone]: `tiny` is on its own with `walking`, `sitting`")
    assert warning
    lines = (before + after.partition("\n\n")[2]).splitlines(keepends=True)
    ends = [line for line in lines if not re.search(r", (step \d+|\d+%)", line)]
    return "".join(re.sub(r" in (\d+(\.\d)? s|\d+:\d\d)$", " in T", line) for line in ends)


def same_lines(said: str) -> bool:
    """Whether a build has said all of :data:`TOLD`: of each kind of task in this order, whatever else runs."""
    got, expected = told(said).splitlines(), TOLD.splitlines()
    words = ("film", "draw", "drew", "encod", "cut", "join")
    kinds = [[[line for line in lines if line.strip().startswith(word)] for word in words] for lines in (got, expected)]
    return kinds[0] == kinds[1] and sorted(got) == sorted(expected) and got[:4] == expected[:4]


def test_a_build_says_when_a_task_begins_and_ends_and_keeps_the_warnings_of_libraries_to_itself(filmed: Folder) -> None:
    assert same_lines(filmed.said), told(filmed.said)


def test_an_unchanged_build_is_quick_and_imports_no_torch(filmed: Folder) -> None:
    before = filmed.outputs()
    watch = "import sys, tests.material.small_films; from dreamrunner.cli import main; code = main(sys.argv[1:]); "
    watch += "sys.exit(code or 40 * bool({'torch', 'diffusers', 'transformers', 'openai', 'PIL'} & set(sys.modules)))"
    before_it = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", watch, *filmed.command[3:]]
    done = subprocess.run(command, cwd=filmed.root, env=filmed.environment, capture_output=True, text=True)
    after_it = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    # Time on the processor, which other work on the machine doesn't stretch; nothing here waits for anything.
    assert after_it.ru_utime + after_it.ru_stime - before_it.ru_utime - before_it.ru_stime < 3.0
    assert done.stderr.count("kept from before") == 5
    assert filmed.outputs() == before


FULL_DISK = f"""
import sys
from pathlib import Path
opened = Path.open
def full(path, mode="r", *arguments, **more):
    if "w" in mode and "results" in path.parts:
        raise OSError({errno.ENOSPC}, "No space left on device", str(path))
    return opened(path, mode, *arguments, **more)
Path.open = full
from dreamrunner.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_full_disk_says_so_and_leaves_the_film_as_it_was(filmed: Folder, tmp_path: Path) -> None:
    shutil.copytree(filmed.root, tmp_path, dirs_exist_ok=True)
    command = [sys.executable, "-c", FULL_DISK, *filmed.command[3:], "--smooth"]
    environment = {**filmed.environment, "DREAMRUNNER_CACHE": str(tmp_path / "cache")}
    done = warm.run(command, cwd=tmp_path, env=environment, text=True)
    assert done.returncode == 3
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: ") and "no space is left on the disk" in last
    assert "Traceback" not in done.stderr

    def files(root: Path) -> set[Path]:
        return {path.relative_to(root) for path in root.rglob("*") if path.is_file() and "content" not in path.parts}

    assert files(tmp_path) == files(filmed.root)
    for name, content in filmed.outputs().items():
        assert (tmp_path / "build" / "two" / name).read_bytes() == content


MOMENTS = {
    "while the model is loaded": lambda root: (root / "cache" / "v1" / "making").is_dir(),
    "with a scene rendered": lambda root: kept(root, ".npz") > 0,
    "with a scene encoded": lambda root: kept(root, ".mp4") > 0,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_leaves_nothing_half_written_and_the_next_build_goes_on(
    filmed: Folder, tmp_path: Path, model: Path, moment: str
) -> None:
    folder = Folder(tmp_path, model, subprocess.Popen if moment == "while the model is loaded" else warm.Popen)
    process = folder.start()
    wait_for(lambda: MOMENTS[moment](tmp_path), process)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "Stopped. What is finished is kept: run the same command again to go on."
    assert "Traceback" not in said and "Error" not in said
    assert list((tmp_path / "cache" / "v1").glob("making/*")) == []
    left = folder.outputs()
    assert [name for name in left if filmed.outputs().get(name) != left[name]] == []  # whole, or not there
    rendered = kept(tmp_path, ".npz")
    folder.popen = warm.Popen
    again = folder.build()
    assert again.returncode == 0, again.stderr
    assert folder.outputs() == filmed.outputs()
    if rendered:
        assert f"({rendered} of them kept" in again.stderr or "filmed 2 scenes: kept" in again.stderr
