"""Which files a path or pattern means: names may hold any sign, and the folder is never a pattern."""

from pathlib import Path

import pytest

from dreamrunner.files.patterns import MOST_PARTS, LeadsOutside, TooManyFiles, files_matching

NAMES = [
    "plain.mp4",
    "My holiday [AbCd-12].mp4",
    "what? really*.mp4",
    "{x}~.mp4",
    "UPPER.MP4",
    ".hidden.mp4",
    "c;d&e.mp4",
]


@pytest.fixture(params=["films", "films [2024]", "100% (final)", "a*b", "été 女巫"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    home = tmp_path / request.param
    for inner in ("", "deep/[er]", ".secret"):
        (home / inner).mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (home / inner / name).touch()
    (tmp_path / "films 2").mkdir()
    (tmp_path / "films 2" / "other.mp4").touch()
    return home


def names(found: list[Path]) -> list[str]:
    return [path.name for path in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_path_that_exists_is_that_file(name: str, folder: Path) -> None:
    for inner in ("", "deep/[er]/"):
        assert files_matching(inner + name, folder) == [folder / inner / name]


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("*.mp4", 5), ("*.MP4", 1), ("**/*.mp4", 10), ("**/**/*.mp4", 10), ("deep/[er]/*.mp4", 5), ("*/*/plain.mp4", 1),
     (".*.mp4", 1), ("deep/**", 6), ("p?ain.mp4", 1), ("[pq]lain.mp4", 1), ("missing.mp4", 0), ("deep", 0), ("", 0)],
)  # fmt: skip
def test_a_pattern_matches_names_in_its_folder_alone(pattern: str, count: int, folder: Path) -> None:
    found = files_matching(pattern, folder)
    assert len(found) == count and found == sorted(set(found))
    assert all(path.is_file() and folder in path.parents for path in found)


def test_links_lead_into_no_circle(folder: Path) -> None:
    (folder / "deep" / "again").symlink_to(folder)
    assert len(files_matching("**/*.mp4", folder)) == 10


def test_a_pattern_without_end_matches_nothing(folder: Path) -> None:
    assert files_matching("/".join(["*"] * (MOST_PARTS + 2000)), folder) == []


def test_folders_that_links_lead_round_in_are_looked_through_once(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "1.png").touch()
    for number in range(4):
        (tmp_path / f"round-{number}").symlink_to(tmp_path)
        (deep / f"up-{number}").symlink_to(tmp_path / "a")
    assert len(files_matching("/".join(["*"] * (MOST_PARTS - 1)) + "/1.png", tmp_path)) <= 1
    assert files_matching("a/*/1.png", tmp_path) == [deep / "1.png"]
    assert len(files_matching("/".join(["**", "*"] * 15) + "/1.png", tmp_path)) <= 1


def test_what_is_too_much_to_look_through_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        (tmp_path / f"{number}.png").touch()
    monkeypatch.setattr("dreamrunner.files.patterns.MOST_ENTRIES", 10)
    with pytest.raises(TooManyFiles, match="more than 10 files"):
        files_matching("**/*.png", tmp_path)


@pytest.mark.parametrize("pattern", ["*/*.png", "out*/**/*.png", "*/out/*.png", "*/*/1.png"])
def test_a_link_that_leads_outside_is_not_followed(pattern: str, tmp_path: Path) -> None:
    inside, outside = tmp_path / "story", tmp_path / "else"
    (inside / "sub").mkdir(parents=True)
    outside.mkdir()
    (outside / "1.png").touch()
    (inside / "out").symlink_to(outside)
    (inside / "sub" / "out").symlink_to(outside)
    with pytest.raises(LeadsOutside):
        files_matching(pattern, inside, [inside])
