"""The processes that tests fork from a warm parent are as those that Python starts."""

import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.material import warm


@pytest.mark.parametrize(
    "code",
    [
        "import os; print(os.getcwd(), os.environ['DREAMRUNNER_HERE'], os.environ.get('DREAMRUNNER_CACHE'))",
        "import sys; print(sys.argv, sys.path[0], sys.stdin.read()); sys.exit(7)",
        "import sys; print(__name__, sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors, sys.stdout.isatty())",
        "import sys; print('a, \u5973', file=sys.stderr); sys.exit('wrong')",
        "import threading, time; threading.Timer(0.1, print, ['late']).start()",
        "import atexit; atexit.register(print, 'at the end'); print('before')",
        "import os; print(os.getsid(0) == os.getpid(), os.listdir('/proc/self/fd'))",
        "import signal; print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))",
        "import logging, warnings; print(logging.getLogger().handlers, [one[0] for one in warnings.filters])",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_what_it_has_and_how_it_ends(tmp_path: Path, code: str) -> None:
    command = [sys.executable, "-c", code, "one", "two"]
    options = {"cwd": tmp_path, "env": warm.environment(DREAMRUNNER_HERE="é"), "text": True, "input": "given\n"}
    cold = subprocess.run(command, capture_output=True, start_new_session=True, **options)
    forked = warm.run(command, start_new_session=True, **options)
    assert (forked.returncode, forked.stdout, forked.stderr) == (cold.returncode, cold.stdout, cold.stderr)


def test_it_is_a_child_that_can_be_stopped_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code = "import signal; print('begun', flush=True); signal.pause()"
    command = [sys.executable, "-c", code]
    with warm.Popen(command, env=warm.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"begun\n" and process.poll() is None
        process.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in process.communicate()[1]
    assert process.returncode != 0


def test_nothing_that_it_has_imported_moved_away() -> None:
    assert [name for name in warm.NEEDED if name.startswith("dreamrunner.") and find_spec(name) is None] == []


def test_two_of_one_parent_share_no_chance(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import random, tempfile; print(random.random(), tempfile.mktemp())"]
    assert warm.run(command, env=warm.environment()).stdout != warm.run(command, env=warm.environment()).stdout


def test_what_libraries_set_in_the_tests_process_makes_no_other_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    before = warm.environment()
    for name in ("TORCHINDUCTOR_CACHE_DIR", "QT_QPA_FONTDIR", "YOLO_VERBOSE", "PYTHONWARNINGS"):
        if name not in before:
            monkeypatch.setenv(name, "set")
    assert warm.environment() == before
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert warm.environment()["HF_ENDPOINT"] == "http://127.0.0.1:9"
