"""Frames on disk: lossless, whole or not at all."""

import os

import numpy as np
import pytest

from dreamrunner.rendering import Frames, RenderError


def frames() -> Frames:
    return Frames(np.random.default_rng(0).integers(0, 256, (5, 8, 12, 3), dtype=np.uint8), 6.0)


def test_what_is_saved_is_what_is_loaded(tmp_path):
    frames().save(tmp_path / "scene.npz")
    again = Frames.load(tmp_path / "scene.npz")
    assert np.array_equal(again.pixels, frames().pixels) and again.duration == 6.0
    assert again.rate == pytest.approx(5 / 6)
    assert [path.name for path in tmp_path.iterdir()] == ["scene.npz"]


def test_the_same_frames_are_the_same_file(tmp_path):
    frames().save(tmp_path / "a.npz")
    frames().save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640)])
def test_files_may_be_read_by_whom_the_umask_lets(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        frames().save(tmp_path / "scene.npz")
    finally:
        os.umask(before)
    assert (tmp_path / "scene.npz").stat().st_mode & 0o777 == mode


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="No space"):
        frames().save(tmp_path / "scene.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x93NUMPY", None], ids=str)
def test_a_broken_file_is_one_clear_error(tmp_path, content):
    path = tmp_path / "scene.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RenderError, match="does not hold frames") as error:
        Frames.load(path)
    assert str(path) in str(error.value)


def test_a_file_cut_short_and_one_of_other_arrays(tmp_path):
    path = tmp_path / "scene.npz"
    frames().save(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(RenderError):
        Frames.load(path)
    np.savez(path, pixels=np.zeros(3), duration=1.0)
    with pytest.raises(RenderError):
        Frames.load(path)
