"""``dreamrunner bench``: made-up files of each form, filmed with a tiny model, interrupted and gone on with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dreamrunner import cli
from dreamrunner.benchmarking import storyeval, t2v_compbench
from dreamrunner.benchmarking.filming import film_all
from dreamrunner.datasets.video import read_attributes
from dreamrunner.engine.progress import Event, Said
from dreamrunner.pipeline.options import Options
from tests.material import public_benchmarks
from tests.material.two_scenes import Recorder

ENTRY = public_benchmarks.entry("A frog jumps", "A frog jumps")
NAMES = ["frog", "newt"]


def few(folder: Path) -> Path:
    """A folder of StoryEval's form with two films, which a failing story stands before."""
    entries = {f"{name}.mp4": ENTRY for name in NAMES}
    public_benchmarks.write(folder / "all_prompts.json", json.dumps(entries))
    return folder


def options(model: Path) -> Options:
    return Options(model=str(model), steps=1, checker="none")


def laid(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


class Stopped(BaseException):
    """What Ctrl-C raises."""


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """Two films, of which the first call makes one and is stopped."""
    root = tmp_path_factory.mktemp("bench")
    benchmark = storyeval.read(few(root / "in"), method="tiny", duration=0.5)

    def stop(event: Event) -> None:
        if event == Said("2 of 2: newt"):
            raise Stopped

    with pytest.raises(Stopped):
        film_all(benchmark, root / "out", options(model), progress=stop)
    assert laid(root / "out" / "generated_videos") == ["tiny/frog.mp4"]
    return root


def test_a_call_that_was_stopped_goes_on_with_the_next_film(filmed: Path, model: Path) -> None:
    recorder = Recorder()
    benchmark = storyeval.read(filmed / "in", method="tiny", duration=0.5)
    done = film_all(benchmark, filmed / "out", options(model), progress=recorder)
    assert ([work.name for work in done.done], done.failed, done.notes) == (NAMES, (), ())
    assert laid(filmed / "out" / "generated_videos") == ["tiny/frog.mp4", "tiny/newt.mp4"]
    assert read_attributes(filmed / "out" / "generated_videos" / "tiny" / "newt.mp4").duration == pytest.approx(
        0.5, abs=0.2
    )
    assert [name for name in recorder.made() if name.startswith("render")] == []  # alike, so rendered once
    assert not (filmed / "out" / ".unfinished").exists()


def test_one_that_fails_does_not_keep_the_others(filmed: Path, tmp_path: Path, model: Path) -> None:
    shutil.copytree(filmed / "out", tmp_path / "out")
    (tmp_path / "out" / "stories" / "frog.story").write_text("nonsense\n")
    benchmark = storyeval.read(filmed / "in", method="tiny", duration=0.5)
    recorder = Recorder()
    done = film_all(benchmark, tmp_path / "out", options(model), progress=recorder)
    assert [work.name for work in done.done] == ["newt"]
    [failed] = done.failed
    assert (failed.work.name, failed.step) == ("frog", False) and "nonsense" in failed.why
    edited = f"{tmp_path / 'out' / 'stories' / 'frog.story'} was edited: it is filmed as it stands"
    assert any(line.startswith(edited) for line in recorder.lines)


def test_somebodys_own_file_is_not_taken_the_place_of(filmed: Path, tmp_path: Path, model: Path) -> None:
    mine = tmp_path / "out" / "generated_videos" / "tiny" / "frog.mp4"
    public_benchmarks.write(mine, "mine")
    benchmark = storyeval.read(filmed / "in", method="tiny", duration=0.5).chosen(["frog"], None)
    done = film_all(benchmark, tmp_path / "out", options(model))
    [failed] = done.failed
    assert failed.why.startswith(f"{mine} was not made by this: move it away") and failed.step
    assert mine.read_text() == "mine"


def test_a_shot_is_laid_out_as_a_picture_and_a_video(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = public_benchmarks.vistorybench(tmp_path / "in"), tmp_path / "out"
    how = [
        "--model",
        str(model),
        "--name",
        "../m",
        "--steps",
        "1",
        "--checker",
        "none",
        "--no-learn",
        "--seconds",
        "0.5",
    ]
    assert cli.main(["bench", "vistorybench", str(source), "-o", str(out), *how]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{out}\n"
    assert shown.err.splitlines()[-1] == "1 story of 1 filmed"
    [stamp] = (out / "outputs" / "_m" / "base" / "en").iterdir()
    assert laid(stamp) == ["01/shots/shot_01.png", "01/shots/shot_02.png"]
    assert laid(out / "videos") == ["01/shot_01.mp4", "01/shot_02.mp4"]
    assert laid(out / "stories") == ["01.story", "01/old-frog/00.png", "01/old-frog/01.png"]


def test_a_dry_run_says_how_many_and_what_is_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = public_benchmarks.compbench(tmp_path / "in"), tmp_path / "out"
    assert cli.main(["bench", "t2v-compbench", str(source), "-o", str(out), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("4 films (spatial_relationships 3, generative_numeracy 1), with miniature")
    assert lines[1] == "4 would be filmed, in 4 scenes; 0 are kept"
    assert lines[2] == "3 of 4 are understood whole"
    assert lines[3].startswith('  spatial_relationships/0003: nothing is filmed of "The moss covers the ruin slowly": ')
    assert [line.split()[0] for line in lines[4:]] == ["time", "disk"]
    assert not out.exists()


REFUSED = {
    ("t2v-compbench", "none"): (1, "none is not there: name the folder of T2V-CompBench"),
    ("storyeval", "."): (1, ". has no prompts of StoryEval"),
    ("vistorybench", "."): (1, ". has no story of ViStoryBench"),
    ("storyeval", "in", "--only", "x*"): (1, "there is nothing called x*; names are such as frog, newt"),
    ("storyeval", "in", "--model", "cogvideo"): (2, "--model"),
    ("storyeval", "in", "--seconds", "0"): (2, "0 is not a number from 0.5 to 60"),
    ("storyeval", "in", "--scene", "x"): (2, "unrecognized arguments: --scene"),
    ("vbench", "in"): (2, "there is no vbench; there are t2v-compbench, storyeval, vistorybench"),
    ("storyeva", "in"): (2, "there is no storyeva; did you mean storyeval?"),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_refused_says_why(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few(tmp_path / "in")
    monkeypatch.chdir(tmp_path)
    code, says = REFUSED[words]
    assert cli.main(["bench", *words]) == code
    assert says in capsys.readouterr().err


def test_what_can_not_be_read_is_told_and_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    public_benchmarks.storyeval(tmp_path, **{"bad.mp4": 3})
    assert cli.main(["bench", "storyeval", str(tmp_path), "--dry-run", "--first", "1"]) == 1
    assert "'bad.mp4' is no object with `prompt` and `event_list`" in capsys.readouterr().err


def test_what_keeps_all_from_being_filmed_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    how = ["--dry-run", "--model", "cogvideox-2b"]  # which is on no machine that these tests run on
    assert cli.main(["bench", "storyeval", str(few(tmp_path)), *how]) == 1
    shown = capsys.readouterr()
    [told] = shown.err.splitlines()
    assert told.startswith("error: frog (") and ") and 1 more: " in told and "is not on this machine yet" in told
    assert "2 of 2 are understood whole" in shown.out


def test_both_readers_have_the_six_seconds_of_the_paper(tmp_path: Path) -> None:
    work = t2v_compbench.read(public_benchmarks.compbench(tmp_path), duration=6.0).works[0]
    assert "  duration 6s\n" in work.text
