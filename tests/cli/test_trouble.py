"""Builds in trouble, in real processes: full and read-only disks, damage, wrong clocks, and others at the same time.

No wrong film, nothing lost that was made, and one clear line.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamrunner.engine.measurements import Measurements
from tests.material import warm
from tests.material.models import build_miniature
from tests.material.real_build import Folder, kept, wait_for
from tests.material.two_scenes import BRIEF, STORY

MOUNTS = shutil.which("unshare") and subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0
needs_mounts = pytest.mark.skipif(not MOUNTS, reason="this machine lets no user mount a disk of their own")


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Folder:
    """Filmed once, undisturbed. Copy it, leave it alone."""
    folder = Folder(tmp_path_factory.mktemp("filmed"), model)
    first = folder.build()
    assert first.returncode == 0, first.stderr
    return folder


@pytest.fixture
def copy(tmp_path: Path, filmed: Folder, model: Path) -> Folder:
    shutil.copytree(filmed.root, tmp_path / "copy")
    return Folder(tmp_path / "copy", model)


ON_DISK = """
import ctypes, os, subprocess, sys
from dreamrunner.cli import main
mount, then, *arguments = sys.argv[1:]
user, group = os.getuid(), os.getgid()
NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000
assert ctypes.CDLL(None).unshare(NEW_USER | NEW_MOUNTS) == 0
for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
    with open(f"/proc/self/{name}", "w") as file:
        file.write(text)
def shell(command):
    subprocess.run(["bash", "-ec", command], check=True)
def build():
    child = os.fork()
    if child == 0:
        code = main(arguments)
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
shell("mount --make-rprivate /; " + mount)
code = build()
if then:
    print(f"refused with {code}", file=sys.stderr)
    shell(then)
    code = build()
sys.exit(code)
"""


def on_disk(folder: Folder, mount: str, *arguments: str, then: str = "") -> subprocess.CompletedProcess[str]:
    """Build while the cache folder is what ``mount`` makes of it, in a mount namespace of its own; and, where there is
    something to do ``then``, once more after it."""
    command = [sys.executable, "-c", ON_DISK, mount, then, *folder.command[3:], *arguments]
    return warm.run(command, cwd=folder.root, env=folder.environment, text=True)


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


@needs_mounts
@pytest.mark.parametrize("room", ["40k", "160k"])
def test_a_disk_that_is_full_at_any_moment_loses_nothing(filmed: Folder, copy: Folder, room: str) -> None:
    before = copy.outputs()
    # The store is on a small disk; once the build has said no, room is made and the same command goes on.
    small = f"mount -t tmpfs -o size={room} tmpfs cache/v1"
    again = "cp -a build between; mount -o remount,size=64m cache/v1"
    (copy.root / "two.story").write_text(STORY.replace('"a kitchen"', '"a cellar"'))
    done = on_disk(copy, small, then=again)
    said, _, later = done.stderr.partition("refused with 3\n")
    assert done.returncode == 0 and later, done.stderr
    assert "no space is left on the disk" in said.splitlines()[-1] and "DREAMRUNNER_CACHE" in said.splitlines()[-1]
    for name in ("two.mp4", "storyboard.png", "manifest.json"):
        assert (copy.root / "between" / "two" / name).read_bytes() == before[name]
    if room == "160k":
        assert "kept from before" in later
    (copy.root / "two.story").write_text(STORY)
    assert copy.build().returncode == 0
    assert copy.outputs() == filmed.outputs()


READ_ONLY = "mount --bind cache cache; mount -o remount,bind,ro cache"


@needs_mounts
def test_a_read_only_store_serves_what_it_has_and_says_what_it_cannot_do(filmed: Folder, copy: Folder) -> None:
    shutil.rmtree(copy.root / "build")
    done = on_disk(copy, READ_ONLY)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("kept from before") == 5 and copy.outputs() == filmed.outputs()
    (copy.root / "two.story").write_text(STORY.replace('"a kitchen"', '"a cellar"'))
    done = on_disk(copy, READ_ONLY)
    assert done.returncode == 3
    assert "can't be written: read-only file system (DREAMRUNNER_CACHE names another folder)" in last_line(done)
    assert (copy.root / "build" / "two" / "two.mp4").read_bytes() == filmed.outputs()["two.mp4"]
    done = on_disk(copy, READ_ONLY, "--dry-run")
    assert done.returncode == 0 and "render kitchen  background changed" in done.stdout


@pytest.mark.parametrize(
    ("places", "turn", "said"),
    [
        ("*", Path.touch, "can't be read: not a directory"),  # a file where records' folders should be
        ("*/*.json", Path.mkdir, "can't be written: is a directory"),  # and the other way round
    ],
)
def test_a_store_that_cannot_be_used_is_said(
    copy: Folder, places: str, turn: Callable[[Path], None], said: str
) -> None:
    for place in list((copy.root / "cache" / "v1" / "results").glob(places)):
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        turn(place)
    done = copy.build()
    assert done.returncode == 3
    assert said in last_line(done)


@pytest.mark.parametrize("damage", ["a flipped bit", "cut short", "a record of nonsense"])
def test_damage_anywhere_in_the_store_gives_the_same_film(filmed: Folder, copy: Folder, damage: str) -> None:
    store = copy.root / "cache" / "v1"
    for path in (store / ("results" if damage == "a record of nonsense" else "content")).glob("*/*"):
        content = path.read_bytes()
        flipped = content[:-9] + bytes([content[-9] ^ 4]) + content[-8:]
        path.write_bytes({"a flipped bit": flipped, "cut short": content[:-1], "a record of nonsense": b"{}"}[damage])
    shutil.rmtree(copy.root / "build")
    done = copy.build()
    assert done.returncode == 0, done.stderr
    assert "kept from before" not in done.stderr
    assert copy.outputs() == filmed.outputs()


@pytest.mark.parametrize("time", [0, 4_000_000_000])
def test_a_clock_that_was_set_back_or_forth_changes_nothing(filmed: Folder, copy: Folder, time: int) -> None:
    for path in copy.root.rglob("*"):
        os.utime(path, (time, time))
    done = copy.build()
    assert done.returncode == 0 and done.stderr.count("kept from before") == 5
    assert copy.outputs() == filmed.outputs()


def made(root: Path) -> Counter[str]:
    """How many tasks of each kind were done, whoever did them."""
    return Counter(one.kind for one in Measurements(root / "cache").read())


def test_two_builds_of_one_story_at_once_do_every_task_once(filmed: Folder, tmp_path: Path, model: Path) -> None:
    folder = Folder(tmp_path, model)
    builds = [folder.start() for _ in range(2)]
    said = [build.communicate()[1] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], said
    assert folder.outputs() == filmed.outputs()
    assert made(tmp_path) == {"render": 2, "encode": 2, "cut": 2, "join": 1, "storyboard": 1}
    assert "another build is filming garden the same way; waiting for it" in "".join(said)
    assert list((tmp_path / "cache" / "v1" / "making").iterdir()) == []
    assert list((tmp_path / "cache" / "v1" / "leases").iterdir()) == []


def test_a_build_goes_on_when_the_one_it_waits_for_is_killed(filmed: Folder, tmp_path: Path, model: Path) -> None:
    folder = Folder(tmp_path, model)
    first = folder.start()
    wait_for(lambda: list(tmp_path.glob("cache/v1/making/*.lock")), first)
    second = folder.start()
    wait_for(lambda: len(list(tmp_path.glob("cache/v1/leases/*.lock"))) == 2, second)
    first.kill()
    first.communicate()
    said = second.communicate()[1]
    assert second.returncode == 0, said
    assert folder.outputs() == filmed.outputs()


def test_cleaning_while_a_build_runs_takes_nothing_from_it(filmed: Folder, tmp_path: Path, model: Path) -> None:
    folder = Folder(tmp_path, model)
    build = folder.start()
    wait_for(lambda: kept(tmp_path, ".npz"), build)
    clean = [*warm.PROGRAM, "cache", "gc", "--keep", "0"]
    turns = 0
    while build.poll() is None and turns < 50:
        done = warm.run(clean, cwd=tmp_path, env=folder.environment, text=True)
        assert done.returncode == 0, done.stderr
        turns += 1
    said = build.communicate()[1]
    assert build.returncode == 0, said
    assert turns and folder.outputs() == filmed.outputs()
    assert made(tmp_path) == {"render": 2, "encode": 2, "cut": 2, "join": 1, "storyboard": 1}
    warm.run(clean, cwd=tmp_path, env=folder.environment, check=True)
    assert kept(tmp_path, ".npz") == kept(tmp_path, ".mp4") == 0


PHOTOGRAPHED = BRIEF.replace("  seed 3", "  catalog none\n  seed 3").replace(
    'character witch "', 'character witch\n  images "photos/*.png"\n  looks "'
)


def test_two_stories_at_once_learn_a_character_once(tmp_path: Path) -> None:
    model = build_miniature(tmp_path / "model")
    folders = []
    for name in ("one", "other"):
        (tmp_path / name / "photos").mkdir(parents=True)
        folder = Folder(tmp_path / name, model)
        folder.environment = {**folder.environment, "DREAMRUNNER_CACHE": str(tmp_path / "cache")}
        story = PHOTOGRAPHED.replace("Two Scenes", name).replace("seed 3", "seed 3" if name == "one" else "seed 4")
        (folder.root / "two.story").write_text(story)
        pixels = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
        Image.fromarray(pixels).save(folder.root / "photos" / "witch.png")
        folders.append(folder)
    builds = [folder.start("--train-steps", "2") for folder in folders]
    said = [build.communicate()[1] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], said
    assert made(tmp_path) == {"train-subject": 1, "render": 4, "encode": 4, "cut": 4, "join": 2, "storyboard": 2}
    assert list((tmp_path / "cache" / "training").glob("*")) == []
