"""The project's file: what it says, how far it reaches, and what is told of mistakes in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dreamrunner.language import Diagnostic, check_text, read_story
from dreamrunner.language.project.finding import project_of
from dreamrunner.language.project.places import places_in
from dreamrunner.language.project.reading import KEYS, read_settings

WITCH = 'character witch "a witch in a purple dress"\n'
SCENE = "scene a\n  witch walking\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project with a cast and an episode beside it, and what lies outside of it."""
    for name in ("show/cast/refs/1.png", "show/ep1/x.txt", "show/loras/x", "show/mine/model_index.json", "else/1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "show" / "cast" / "cast.story").write_text(WITCH, encoding="utf-8")
    (tmp_path / "else" / "cast.story").write_text(WITCH, encoding="utf-8")
    (tmp_path / "show" / "ep1" / "day.story").write_text(f'use "../cast/cast.story"\n{SCENE}', encoding="utf-8")
    return tmp_path / "show"


def write(place: Path, text: str) -> None:
    (place / "dreamrunner.toml").write_text(text, encoding="utf-8")


def told(place: Path) -> list[tuple[str, int, str]]:
    """What is told of the episode: codes, lines and messages."""
    found = read_story(place / "ep1" / "day.story").diagnostics
    return [(item.code, item.location.line, item.message) for item in found]


def test_a_story_uses_the_folders_that_its_project_names_and_no_other(place: Path) -> None:
    assert [code for code, *_ in told(place)] == ["outside-folder"]
    write(place, 'folders = ["cast"]\n')
    assert told(place) == []
    story = place / "ep1" / "day.story"
    for path in ("../../else/cast.story", "../loras/x.story", str(place.parent / "else" / "cast.story"), "../x.story"):
        found = check_text(f'use "{path}"\n{SCENE}', story).diagnostics
        assert [item.code for item in found] == ["outside-folder"], path
    (place / "cast" / "out.story").symlink_to(place.parent / "else" / "cast.story")
    assert [item.code for item in check_text(f'use "../cast/out.story"\n{SCENE}', story).diagnostics] == [
        "outside-folder"
    ]
    photos = f'character cat\n  images "../cast/**/*.png"\n{SCENE.replace("witch", "cat")}'
    assert check_text(photos, story).diagnostics == ()
    (place / "cast" / "far").symlink_to(place.parent / "else")
    wide = photos.replace("**/*.png", "far/*.png")
    assert [item.code for item in check_text(wide, story).diagnostics] == ["outside-folder"]


def test_what_a_project_says_holds_where_the_header_is_silent(place: Path) -> None:
    write(place, 'folders = ["cast"]\nmodel = "cogvideox-2b"\nplanner = "none"\ncatalog = "none"\nvoice = "amy"\n')
    story = place / "ep1" / "day.story"
    header = 'story "x"\n  model miniature\n  planner offline\n  catalog miniature\n  voice "bob"\n'
    own, projects = ("miniature", "offline", "miniature", "bob"), ("cogvideox-2b", "none", "none", "amy")
    for text, wanted in (("", projects), (header, own)):
        full = f'{text}{WITCH}scene a\n  background "a"\n  narration "b"\n  witch walking 0s..6s "c"\n    at 0s left\n'
        read = check_text(full, story).story
        assert read is not None
        assert (read.model, read.planner, read.catalog, read.voice) == wanted
    read = check_text(f"{WITCH}{SCENE}", story, planner="offline").story
    assert read is not None and read.planner == "offline"


def test_takes_hold_for_scenes_that_say_none(place: Path) -> None:
    write(place, "takes = 3\n")
    read = check_text(f"{WITCH}scene a\n  witch walking\nscene b\n  takes 2\n", place / "ep1" / "day.story").story
    assert read is not None and [scene.takes for scene in read.scenes] == [3, 2]


def test_a_models_folder_counts_from_the_project(place: Path) -> None:
    write(place, 'model = "mine"\nadapters = "loras"\n')
    project = project_of(place / "ep1" / "day.story")
    assert (project.text("model"), project.path("adapters")) == (str(place / "mine"), place / "loras")
    assert project.diagnostics == ()


def test_the_nearest_file_holds_and_the_users_comes_last(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = place.parent / "own.toml"
    own.write_text(f'model = "wan"\nplanner = "gpt-4o"\nadapters = "{place.parent}/else"\n', encoding="utf-8")
    monkeypatch.setenv("DREAMRUNNER_SETTINGS", str(own))
    write(place, 'model = "cogvideox-2b"\n')
    story = place / "ep1" / "day.story"
    assert [project_of(story).text(key) for key in ("model", "planner")] == ["cogvideox-2b", "gpt-4o"]
    assert project_of(story).path("adapters") == place.parent / "else"
    monkeypatch.setenv("DREAMRUNNER_ADAPTERS", str(place / "loras"))
    assert project_of(story).path("adapters") == place / "loras"
    (place / "ep1" / "dreamrunner.toml").write_text('planner = "none"\n', encoding="utf-8")
    assert [project_of(story).text(key) for key in ("model", "planner")] == ["wan", "none"]
    own.write_text('folders = ["/"]\n', encoding="utf-8")
    assert [item.message for item in project_of(story).diagnostics] == [
        "`folders` is a project's, and has no meaning here"
    ]
    assert project_of(story).folders == ()


@pytest.mark.parametrize(
    ("text", "line", "column", "said", "help"),
    [
        ('# a\nfoldres = ["cast"]\n', 2, 1, "there is no setting `foldres`", "did you mean `folders`?"),
        ("[build]\nmodel = 1\n", 1, 1, "there is no setting `build`", "there are folders"),
        ('folders = "cast"\n', 1, 11, "`folders` is a list of folders, not a text", 'folders = ["cast"]'),
        ('folders = ["cast", 4]\n', 1, 12, "not one of something else", ""),
        ('folders = [\n  "cast",\n  "../else",\n]\n', 3, 3, "`../else` leaves the project's folder", ""),
        ('folders = ["/"]\n', 1, 12, "leaves", ""),
        ('folders = ["cst"]\n', 1, 12, "there is no folder `cst`", "did you mean `cast`?"),
        ('out = "../films"\n', 1, 7, "leaves", ""),
        ('adapters = "~/loras"\n', 1, 12, "there is no folder", ""),
        ("model = 7\n", 1, 1, "`model` is a text on one line, not a number", 'model = "..."'),
        ("model = true\n", 1, 1, "not true or false", ""),
        ('model = """\na\nb"""\n', 1, 9, "over several lines", ""),
        ("takes = 0\n", 1, 1, "a number from 1 to 100, not 0", "takes = 4"),
        ("takes = true\n", 1, 1, "not true or false", ""),
        ("takes = 1.5\n", 1, 1, "not a number with a point", ""),
        ('takes = "many"\n', 1, 9, "not many", ""),
        ('planner = "ofline"\n', 1, 11, "there is no planner `ofline`", "did you mean `offline`?"),
        ('catalog = "../else"\n', 1, 11, "leaves", ""),
        ('model = "../else"\n', 1, 9, "leaves", ""),
        ("a = \n", 1, 5, "this is no TOML", "key"),
        ("a = 1\na = 2\n", 2, 6, "this is no TOML", ""),
        (f"a = {'[' * 5000}", 1, 1, "this is no TOML", ""),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(
    text: str, line: int, column: int, said: str, help: str, place: Path
) -> None:
    write(place, text)
    [item] = read_story(place / "ep1" / "day.story").diagnostics
    assert (item.code, item.location.file) == ("bad-project", place / "dreamrunner.toml")
    assert (item.location.line, said in item.message, help in item.help) == (line, True, True), item
    assert column == item.location.column or "TOML" in said


@pytest.mark.parametrize(
    ("content", "code"), [(b"\xff\xfeo\x00", "not-utf8"), (b"a = '\xe4'", "not-utf8"), (b"#" * 300_000, "bad-project")]
)
def test_odd_files_are_told(content: bytes, code: str, place: Path) -> None:
    (place / "dreamrunner.toml").write_bytes(content)
    assert [item for item, *_ in told(place)] == [code]
    (place / "dreamrunner.toml").unlink()
    (place / "dreamrunner.toml").mkdir()
    assert [item for item, *_ in told(place)] == ["bad-project"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_strangers_file_is_not_used(place: Path) -> None:
    write(place, 'folders = ["cast"]\n')
    os.chown(place / "dreamrunner.toml", 77, 77)
    found = read_story(place / "ep1" / "day.story").diagnostics
    assert [(item.code, item.severity) for item in found] == [("outside-folder", "error"), ("bad-project", "warning")]
    os.chown(place / "ep1" / "day.story", 77, 77)
    assert told(place) == []


KEY = st.sampled_from([*KEYS, "x", "model ", "[a]", "[[b]]", '"q"'])
VALUE = st.sampled_from(
    [
        '"cast"',
        "'cast'",
        '["cast"]',
        '["a", "b"]',
        "7",
        "1.5",
        "true",
        "1979-05-27",
        '"""a\nb"""',
        "{a = 1}",
        '"',
        "[",
        '"../x"',
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.one_of(st.tuples(KEY, VALUE), st.text(max_size=6)), max_size=6))
def test_no_text_of_a_file_breaks_the_check_and_places_lie_in_it(lines: list[object], place: Path) -> None:
    text = "\n".join(f"{line[0]} = {line[1]}" if isinstance(line, tuple) else str(line) for line in lines)
    (place / "dreamrunner.toml").write_bytes(text.encode("utf-8", "replace"))
    read = read_settings(place / "dreamrunner.toml", project=True)
    count = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(isinstance(item, Diagnostic) and 1 <= item.location.line <= count for item in read.diagnostics)
    assert set(read.values) <= set(KEYS)


def test_places_are_those_of_the_first_level() -> None:
    text = 'a = """\nb = 1\n"""\n"c" = ["x", # "no"\n  \'y\']\n[d]\na = "z"\n'
    places = places_in(text, Path("x"))
    assert {name: (place.line, place.column) for name, place in places.keys.items()} == {
        "a": (1, 1), "c": (4, 1), "d": (6, 1),
    }  # fmt: skip
    assert [(place.line, place.column) for place in places.texts["c"]] == [(4, 8), (5, 3)]
