"""Wrong usage and bad input, each through a process: one clear line, the right exit code, no traceback."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamrunner.version import __version__
from tests.material import warm
from tests.material.two_scenes import STORY

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``dreamrunner`` in ``tmp_path``, where ``two.story`` lies, with a store of its own."""
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DREAMRUNNER_DEBUG", raising=False)
    (tmp_path / "two.story").write_text(STORY)

    def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        command, environment = [*warm.PROGRAM, *map(str, arguments)], warm.environment(**more)
        if more:  # which libraries read when they are imported
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        else:
            done = warm.run(command, cwd=tmp_path, env=environment, text=True)
        assert "Traceback" not in done.stderr
        return done

    return run


def test_the_version_is_said(run: Run) -> None:
    assert run("--version").stdout == f"dreamrunner {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("film", "two.story"),
        ("build",),
        ("build", "two.story", "--no-such-option"),
        ("build", "two.story", "--steps", "0"),
        ("build", "two.story", "--steps", "many"),
        ("build", "two.story", "--seed", "-1"),
        ("build", "two.story", "--attention", "soft"),
        ("check",),
    ],
)
def test_wrong_usage_exits_2_with_the_usage(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: dreamrunner")
    assert done.stdout == ""


def test_a_sound_story_checks_without_a_word(run: Run) -> None:
    done = run("check", "two.story")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("command", ["check", "build", "storyboard"])
@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        pytest.param(lambda path: path.unlink(), "bad.story", id="missing"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), "folder", id="a folder"),
        pytest.param(lambda path: path.write_bytes(b"story \xff\xfe"), "UTF-8", id="not UTF-8"),
        pytest.param(lambda path: path.write_text(""), "empty", id="empty"),
        pytest.param(
            lambda path: path.write_text(STORY.replace("  witch stirring", "  wich stirring")),
            "wich",
            id="a misspelling",
        ),
    ],
)
def test_errors_in_a_story_exit_1(
    run: Run, tmp_path: Path, command: str, prepare: Callable[[Path], object], says: str
) -> None:
    bad = tmp_path / "bad.story"
    bad.touch()
    prepare(bad)
    done = run(command, "bad.story")
    assert done.returncode == 1
    assert says.lower() in (done.stderr + done.stdout).lower()
    assert not (tmp_path / "build").exists()
    assert not (tmp_path / "cache").exists()


def test_every_checked_story_is_reported(run: Run, tmp_path: Path) -> None:
    for name in ("one", "three"):
        (tmp_path / f"{name}.story").write_text(STORY.replace("  cat sitting", "  dog sitting"))
    done = run("check", "one.story", "two.story", "three.story")
    assert done.returncode == 1
    assert "one.story" in done.stderr + done.stdout
    assert "two.story" not in done.stderr + done.stdout
    assert "three.story" in done.stderr + done.stdout


def one_line(stderr: str) -> str:
    errors = [line for line in stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert stderr.splitlines()[-1] == errors[0]
    return errors[0]


@pytest.mark.parametrize(
    ("model", "code", "says"),
    [
        ("minature", 2, "miniature"),
        ("./no-such-folder", 2, "no-such-folder"),
        ("cogvideox-2b", 3, "hub"),
        ("nobody/no-such-model", 3, "hub"),
    ],
)
def test_a_model_that_is_not_to_be_had_is_said_before_any_work(
    run: Run, tmp_path: Path, model: str, code: int, says: str
) -> None:
    unreachable = {"HF_HUB_OFFLINE": "1", "HF_HOME": "no/such/place"} if says == "hub" else {}
    done = run("build", "two.story", "--model", model, **unreachable)
    assert done.returncode == code
    assert says in one_line(done.stderr)
    assert not (tmp_path / "build").exists()


def test_an_unknown_model_in_the_header_is_an_error_in_the_story(run: Run, tmp_path: Path) -> None:
    (tmp_path / "two.story").write_text(STORY.replace("  seed 3", "  model minature\n  seed 3"))
    done = run("build", "two.story")
    assert done.returncode == 1
    assert "miniature" in done.stderr


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("  size 100x100\n", "100x100"),
        ('  seed 1\n\nmotion walking\n  lora "broken.safetensors"\n', "broken.safetensors"),
    ],
)
def test_what_the_model_cannot_use_is_an_error_in_the_story(
    run: Run, tmp_path: Path, model: Path, header: str, says: str
) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"not tensors")
    (tmp_path / "two.story").write_text(STORY.replace("  seed 3\n", header))
    done = run("build", "two.story", "--model", model)
    assert done.returncode == 1
    assert says in one_line(done.stderr)
    assert not (tmp_path / "build").exists()


def test_burnt_subtitles_need_a_whole_film(run: Run, tmp_path: Path) -> None:
    done = run("build", "two.story", "--burn-subtitles", "--scene", "garden")
    assert done.returncode == 2 and "--burn-subtitles: it goes with the whole film" in one_line(done.stderr)


def test_a_voice_that_is_not_there_is_said_before_any_work(run: Run, tmp_path: Path, model: Path) -> None:
    done = run("build", "two.story", "--model", model, "--voice", "amy.onnx")
    assert done.returncode == 2 and one_line(done.stderr).startswith("error: --voice: there is no amy.onnx; a Piper")
    assert not (tmp_path / "build" / "two" / "two.mp4").exists()


def test_an_unknown_scene_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    done = run("build", "two.story", "--scene", "kitchn")
    assert done.returncode == 2
    assert "garden, kitchen" in one_line(done.stderr)


@pytest.mark.parametrize("out", ["taken", "taken/witch", "/dev/full/witch"])
def test_an_output_that_is_or_lies_under_a_file_fails_before_any_work(
    run: Run, tmp_path: Path, model: Path, out: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    done = run("build", "two.story", "--model", model, "-o", out)
    assert done.returncode == 3
    assert out in one_line(done.stderr)
    assert (tmp_path / "taken").read_text() == "a file"
    assert not (tmp_path / "cache" / "v1" / "making").exists()


def test_a_cache_folder_that_is_a_file_is_said(
    run: Run, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "taken"))
    done = run("build", "two.story", "--model", model, "--steps", "1")
    assert done.returncode == 3
    assert "DREAMRUNNER_CACHE" in one_line(done.stderr)


def test_a_storyboard_of_boxes_needs_no_model(run: Run, tmp_path: Path) -> None:
    done = run("storyboard", "two.story")
    assert (done.returncode, done.stdout) == (0, "build/two/boxes.png\nbuild/two/boxes.html\n")
    assert (tmp_path / "build" / "two" / "boxes.png").read_bytes().startswith(b"\x89PNG")
    assert run("storyboard", "two.story", "-o", "plan.png").stdout == "plan.png\nplan.html\n"
    assert (tmp_path / "plan.png").read_bytes() == (tmp_path / "build" / "two" / "boxes.png").read_bytes()


def test_a_reader_that_goes_away_is_no_failure(run: Run, tmp_path: Path) -> None:
    script = f"{sys.executable} -m dreamrunner --help | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == ""
