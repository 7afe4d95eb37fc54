"""A project's file in builds: where films go, and that tasks hang on what holds, not on who says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.api import load
from dreamrunner.pipeline.forecast import forecast
from dreamrunner.pipeline.options import Options

SCENE = 'character witch "a witch in a purple dress"\n\nscene a\n  background "a garden"\n  witch walking\n'


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loras").mkdir()
    (tmp_path / "x.story").write_text(SCENE, encoding="utf-8")
    return tmp_path


def reads(options: Options = Options()) -> list[tuple[str, object]]:
    """What each task of a build would read."""
    return [(each.task.name, each.task.key({})) for each in forecast(Path("x.story"), options=options).tasks[:1]]


def test_tasks_hang_on_what_holds_and_not_on_who_says_so(place: Path) -> None:
    plain = reads()
    (place / "dreamrunner.toml").write_text(
        'model = "miniature"\nplanner = "offline"\nout = "films"\nadapters = "loras"\nfolders = ["loras"]\n',
        encoding="utf-8",
    )
    assert reads() == plain
    assert reads(Options(model="miniature")) == plain
    (place / "x.story").write_text(f'story "x"\n  model miniature\n\n{SCENE}', encoding="utf-8")
    assert reads() == plain


def test_python_films_where_the_project_says(place: Path) -> None:
    (place / "dreamrunner.toml").write_text('out = "films"\nadapters = "loras"\n', encoding="utf-8")
    assert load("x.story").dry_run().production.folder == Path("films/x")
    assert load("x.story").dry_run("else").production.folder == Path("else")
    drawn = load("x.story").storyboard()
    assert drawn.picture == Path("films/x/boxes.png") and drawn.picture.is_file()


def test_a_model_of_the_project_that_is_none_is_said_as_the_storys(place: Path) -> None:
    from dreamrunner.pipeline import StoryError

    (place / "dreamrunner.toml").write_text('model = "minature"\n', encoding="utf-8")
    with pytest.raises(StoryError, match="did you mean miniature"):
        forecast(Path("x.story"))
