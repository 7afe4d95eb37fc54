"""Keys hold what a task reads and nothing else; a task is run once for what it reads."""

import errno
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamrunner.engine.graph import Advance, StepFailed, Task, why_failed
from dreamrunner.engine.progress import silent
from dreamrunner.engine.run import run
from dreamrunner.engine.store import Store
from dreamrunner.files.digest import digest_json
from dreamrunner.files.trouble import why

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


class Works:
    """A little film works whose tasks write down what they did: letters are rendered, encoded and joined."""

    def __init__(self, root: Path) -> None:
        self.store = Store(root)
        self.made: list[str] = []

    def tasks(self, letters: Mapping[str, str], joiner: str = "+") -> list[Task]:
        renders = [Task("render", name, {"letter": letter}, self.write(letter)) for name, letter in letters.items()]
        encodes = [Task("encode", name, {}, self.upper(), (f"render {name}",)) for name in letters]
        needs = tuple(f"encode {name}" for name in letters)
        return [*renders, *encodes, Task("join", "", {"joiner": joiner}, self.join(joiner), needs, ".txt")]

    def build(self, letters: Mapping[str, str], joiner: str = "+") -> str:
        self.made.clear()
        *_, last = run(self.tasks(letters, joiner), self.store, silent)
        return last.entry.path.read_text()

    def write(self, letter: str):
        def make(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
            self.made.append(f"render {letter}")
            path.write_text(letter)

        return make

    def upper(self):
        def make(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
            (source,) = needed.values()
            self.made.append(f"encode {source.read_text()}")
            path.write_text(source.read_text().upper())

        return make

    def join(self, joiner: str):
        def make(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
            self.made.append("join")
            path.write_text(joiner.join(file.read_text() for file in needed.values()))

        return make


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


def test_a_first_build_makes_everything_once_in_order(works: Works) -> None:
    assert works.build({"garden": "a", "kitchen": "b"}) == "A+B"
    assert works.made == ["render a", "encode a", "render b", "encode b", "join"]


@pytest.mark.parametrize(
    ("edit", "joiner", "film", "made"),
    [
        ({"garden": "a", "kitchen": "b"}, "+", "A+B", []),
        ({"garden": "a", "kitchen": "c"}, "+", "A+C", ["render c", "encode c", "join"]),
        ({"garden": "a", "kitchen": "b"}, "-", "A-B", ["join"]),
        ({"meadow": "a", "kitchen": "b"}, "+", "A+B", []),  # a scene's name reaches no frame
        ({"kitchen": "b", "garden": "a"}, "+", "B+A", ["join"]),
        ({"garden": "a"}, "+", "A", ["join"]),
        ({"garden": "a", "kitchen": "B"}, "+", "A+B", ["render B", "encode B"]),  # the same result joins the same
    ],
)
def test_only_what_an_edit_reaches_is_made_again(
    works: Works, edit: dict[str, str], joiner: str, film: str, made: list[str]
) -> None:
    works.build({"garden": "a", "kitchen": "b"})
    assert works.build(edit, joiner) == film
    assert works.made == made


def test_a_damaged_result_is_made_again(works: Works) -> None:
    works.build({"garden": "a"})
    (damaged,) = [
        path for path in (works.store.root / "content").rglob("*") if path.is_file() and path.read_text() == "a"
    ]
    damaged.write_text("x")
    assert works.build({"garden": "a"}) == "A"
    assert works.made == ["render a"]


def test_a_failing_task_says_what_and_why_and_keeps_what_was_made(works: Works) -> None:
    def fail(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        path.write_text("half")
        raise RuntimeError("out of paint\nsecond line")

    tasks = [*works.tasks({"garden": "a"}), Task("storyboard", "", {}, fail, ("join",))]
    with pytest.raises(StepFailed, match=r"^drawing the storyboard failed: .* unforeseen went wrong \(out of paint"):
        list(run(tasks, works.store, silent))
    assert not list((works.store.root / "making").iterdir())
    works.build({"garden": "a"})
    assert works.made == []


def test_the_rest_is_finished_when_one_fails_and_nothing_is_joined(works: Works) -> None:
    def fail(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        raise RuntimeError("out of paint")

    tasks = works.tasks({"garden": "a", "kitchen": "b", "roof": "c"})
    tasks[1] = replace(tasks[1], make=fail)
    done = run(tasks, works.store, silent, keep_going=True)
    with pytest.raises(StepFailed, match=r"^filming kitchen failed: something unforeseen went wrong \(out of paint"):
        list(done)
    assert works.made == ["render a", "encode a", "render c", "encode c"]
    assert works.build({"garden": "a", "kitchen": "b", "roof": "c"}) == "A+B+C"
    assert works.made == ["render b", "encode b", "join"]


def test_every_failure_is_told_once(works: Works) -> None:
    def fail(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        raise RuntimeError("out of paint")

    tasks = [Task("render", name, {"of": name}, fail) for name in ("garden", "roof")]
    with pytest.raises(StepFailed) as failed:
        list(run(tasks, works.store, silent, keep_going=True))
    assert str(failed.value).splitlines() == [
        f"filming garden failed: {why(RuntimeError('out of paint'))}",
        f"error: filming roof failed: {why(RuntimeError('out of paint'))}",
    ]


def test_what_is_kept_is_made_again_where_that_is_asked_for(works: Works) -> None:
    tasks = works.tasks({"garden": "a", "kitchen": "b"})
    list(run(tasks, works.store, silent))
    works.made.clear()
    done = list(run(tasks, works.store, silent, again=lambda task: task.name == "render kitchen"))
    assert works.made == ["render b"]  # which gave the same, so that nothing more is new
    assert [each.task.name for each in done if not each.kept] == ["render kitchen"]


def test_an_interruption_passes_through(works: Works) -> None:
    def stop(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run([Task("render", "garden", {}, stop)], works.store, silent))
    assert not list((works.store.root / "making").iterdir())


@given(value=JSON)
def test_the_order_of_a_dictionary_does_not_enter_a_key(value: object) -> None:
    def reversed_everywhere(value: object) -> object:
        if isinstance(value, dict):
            return {name: reversed_everywhere(value[name]) for name in reversed(value)}
        return [reversed_everywhere(item) for item in value] if isinstance(value, list) else value

    assert digest_json(value) == digest_json(reversed_everywhere(value))


def test_a_key_is_fixed_for_all_time() -> None:
    # A change here makes everybody's store worthless: raise store.LAYOUT with it.
    def nothing(needed: Mapping[str, Path], path: Path, advance: Advance) -> None: ...

    task = Task("encode", "garden", {"smooth": False, "name": "Zoë"}, nothing, ("render garden",))
    assert task.key({"render garden": "00", "render kitchen": "11"}) == digest_json(
        {"needs": ["00"], "reads": {"name": "Zoë", "smooth": False}, "task": "encode"}
    )
    assert digest_json({"b": [1, 2.5], "a": "ë"}) == "d4c0e607385266911cf851c499fffd02b77546b67c1f8363794f68270a19a7ef"


FULL = OSError(errno.ENOSPC, "No space left on device", "/films/witch.mp4")


def caused_by(cause: Exception) -> Exception:
    error = RuntimeError("ffmpeg gave up")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error", [FULL, caused_by(FULL), RuntimeError("av_interleaved_write_frame(): No space left on device")]
)
def test_a_full_disk_is_named_wherever_it_shows(works: Works, error: Exception) -> None:
    def fail(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        raise error

    with pytest.raises(StepFailed, match="no space is left on the disk; free some") as failed:
        list(run([Task("encode", "garden", {}, fail)], works.store, silent))
    assert str(works.store.root) in str(failed.value)
    assert "\n" not in str(failed.value)


def test_reasons_are_one_line() -> None:
    assert why_failed(ValueError("first\nsecond")).startswith("something unforeseen went wrong (first); ")
    assert why_failed(ValueError()).startswith("something unforeseen went wrong (no reason is given); ")
    assert (
        why_failed(StepFailed("filming garden failed: the sky is missing"))
        == "filming garden failed: the sky is missing"
    )
    assert why_failed(MemoryError()).startswith("there is not enough memory; end other programs")


def test_a_checkpoint_is_removed_only_once_the_result_is_safe(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = works.store.root / "checkpoint"

    class Halting:
        def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
            checkpoint.write_text("half")
            path.write_text("whole")

        def forget(self, needed: Mapping[str, Path]) -> None:
            assert works.store.find(task.key({})) is not None
            checkpoint.unlink()

    task = Task("render", "garden", {}, Halting())
    with monkeypatch.context() as patch:
        patch.setattr(Store, "keep", lambda *_: (_ for _ in ()).throw(FULL))
        with pytest.raises(StepFailed, match="no space is left"):
            list(run([task], works.store, silent))
    assert checkpoint.exists()
    list(run([task], works.store, silent))
    assert not checkpoint.exists()
