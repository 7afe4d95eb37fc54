"""What tests of several stages share: a store that is not the user's, and a small model folder to film with."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dreamrunner.pipeline.tasks.kinds  # noqa: F401  which registers them, as everything that makes tasks does
import tests.material.small_films  # noqa: F401  in this process, as in those of tests.material.warm

# Python may have been told to keep no bytecode. Every process that a test starts would then compile the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# A shell that starts the tests in the background lets them ignore Ctrl-C, and with them every process that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep out of the user's own cache, and of the user's settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DREAMRUNNER_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("DREAMRUNNER_SETTINGS", str(tmp_path_factory.mktemp("settings") / "settings.toml"))
        yield


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder of random weights, 32 x 32 pixels."""
    from tests.material.two_scenes import build_tiny  # brings torch, which most tests do without

    return build_tiny(tmp_path_factory.mktemp("models") / "tiny")
