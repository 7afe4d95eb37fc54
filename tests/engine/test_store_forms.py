"""What is read from the cache folder is checked against its form: nothing in it leads out of it, waits, or is taken for
another result."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamrunner.engine import software
from dreamrunner.engine.collect import collect, contents, verify
from dreamrunner.engine.lease import held, leased
from dreamrunner.engine.measurements import Effort, Measurements
from dreamrunner.engine.store import LAYOUT, Store
from tests.engine.test_collect import A, B, C, keep
from tests.material.odd_files import ODD, ending_within


def record(root: Path, key: str) -> Path:
    return root / LAYOUT / "results" / key[:2] / f"{key}.json"


FORGED: dict[str, dict[str, object]] = {
    "a digest that leads out": {"digest": "../../../precious"},
    "an absolute digest": {"digest": "/tmp/precious"},
    "a digest with a line behind it": {"digest": "0" * 64 + "\n"},
    "capital letters": {"digest": "A" * 64},
    "a suffix that leads out": {"suffix": "/../../../../precious"},
    "a suffix of another kind": {"suffix": "precious"},
    "a key that leads out": {"key": "../../precious"},
    "a task of strange letters": {"task": "\x1b[2Jrender"},
    "a task that leads out": {"task": "../render"},
    "a size below nothing": {"size": -1},
    "a number for a digest": {"digest": 7},
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_record_is_a_miss_is_named_and_takes_nothing_along(forgery: str, tmp_path: Path) -> None:
    root, outside = tmp_path / "cache", tmp_path / "precious"
    outside.mkdir()
    (outside / "file").write_text("dear")
    keep(root, A)
    told = json.loads(record(root, A).read_text())
    record(root, A).write_text(json.dumps(told | FORGED[forgery]))
    assert Store(root).find(A) is None
    *_, checked = verify(root)
    assert checked.damaged == {f"v1/results/aa/{A}.json": "not a record"}
    collect(root, keep=0)
    assert (outside / "file").read_text() == "dear" and not record(root, A).exists()


def test_two_records_that_changed_places_are_noticed(tmp_path: Path) -> None:
    keep(tmp_path, A, b"one scene")
    keep(tmp_path, B, b"another scene")
    one, other = record(tmp_path, A), record(tmp_path, B)
    first = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(first)
    assert Store(tmp_path).find(A) is None and Store(tmp_path).find(B) is None
    *_, checked = verify(tmp_path)
    assert checked.damaged == {
        f"v1/results/aa/{A}.json": "its render was kept as another result",
        f"v1/results/bb/{B}.json": "its render was kept as another result",
    }
    collect(tmp_path)
    assert contents(tmp_path).items == () and not one.exists()


def test_a_record_of_before_keys_were_written_down_is_kept_and_found_by_no_build(tmp_path: Path) -> None:
    kept = keep(tmp_path, A)
    told = json.loads(record(tmp_path, A).read_text())
    record(tmp_path, A).write_text(json.dumps({name: value for name, value in told.items() if name != "key"}))
    assert Store(tmp_path).find(A) is None
    *_, checked = verify(tmp_path)
    assert (checked.sound, checked.damaged) == (1, {})
    assert collect(tmp_path).items == () and kept.exists()


@pytest.mark.parametrize("odd", ODD)
def test_what_stands_in_the_place_of_a_record_or_of_its_content_is_a_miss(odd: str, tmp_path: Path) -> None:
    content = keep(tmp_path, A, b"a scene")
    keep(tmp_path, B, b"another scene")
    content.unlink()
    ODD[odd](content)
    record(tmp_path, B).unlink()
    ODD[odd](record(tmp_path, B))
    with ending_within(20):
        assert Store(tmp_path).find(A) is None and Store(tmp_path).find(B) is None
        *_, checked = verify(tmp_path)
        assert set(checked.damaged) == {f"v1/results/aa/{A}.json", f"v1/results/bb/{B}.json"}
        collect(tmp_path)
    assert not os.path.lexists(record(tmp_path, B)) and Path("/dev/zero").exists()


@pytest.mark.parametrize("odd", ODD)
def test_a_lease_whose_list_is_no_list_needs_all_and_ends_as_others_do(odd: str, tmp_path: Path) -> None:
    keep(tmp_path, A)
    with leased(tmp_path / LAYOUT) as lease:
        listed = tmp_path / LAYOUT / "leases" / lease.name
        listed.unlink()
        ODD[odd](listed)
        with ending_within(20):
            assert [one.pinned for one in held(tmp_path / LAYOUT)] == [None]
            assert collect(tmp_path, keep=0).items == ()
    with ending_within(20), leased(tmp_path / LAYOUT):
        assert not os.path.lexists(listed)


@pytest.mark.parametrize("odd", ODD)
def test_what_stands_in_the_place_of_measurements_or_of_the_memory_of_code_only_costs_time(
    odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path))
    measurements = Measurements(tmp_path)
    measurements.file.parent.mkdir()
    ODD[odd](measurements.file)
    ODD[odd](software._memory())
    software._remembered.cache_clear()
    with ending_within(20):
        measurements.note("render", Effort("like", 1), 1.0, 1)
        assert measurements.read() == [] and software._remembered(software._memory()) == {}
    software._remembered.cache_clear()


def test_links_out_of_the_cache_are_not_followed_by_cleaning(tmp_path: Path) -> None:
    root, outside = tmp_path / "cache", tmp_path / "precious"
    outside.mkdir()
    (outside / "file").write_text("dear")
    keep(root, A)
    for link in (LAYOUT + "/results/zz", LAYOUT + "/content/zz", "encodings", "catalogs"):
        (root / link).symlink_to(outside)
    collect(root, keep=0)
    assert (outside / "file").read_text() == "dear"


MODULES = ("dreamrunner...etc.passwd", "dreamrunner./etc/passwd", "dreamrunner.\n", "os", "dreamrunner.a-b")


@pytest.mark.parametrize("module", MODULES)
def test_the_memory_of_code_names_modules_alone(module: str) -> None:
    known = {"read": "", "code": "", "imports": [["dreamrunner.files.text", ""]], "hands_on": {}, "own": []}
    software._Source.model_validate(known)
    with pytest.raises(ValueError, match="imports"):
        software._Source.model_validate(known | {"imports": [[module, ""]]})


@pytest.mark.parametrize("wrong", [lambda path: path.write_bytes(b"\xff\xfe"), lambda path: path.write_text("\0" * 9)])
def test_a_lease_of_strange_letters_needs_all(wrong: Callable[[Path], None], tmp_path: Path) -> None:
    keep(tmp_path, C)
    with leased(tmp_path / LAYOUT) as lease:
        lease.pin([C])
        wrong(tmp_path / LAYOUT / "leases" / lease.name)
        assert len(held(tmp_path / LAYOUT)) == 1
