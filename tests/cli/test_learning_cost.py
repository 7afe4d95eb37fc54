"""``check`` says what a first build learns, where that takes longer than filming."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from dreamrunner.cli import main
from dreamrunner.language.checker import read_story
from dreamrunner.planning.learning import Learning, learning

STORY = """\
story "A"
  {header}

character dragon
  looks "a dragon"
  images "dragon.png"

motion juggling
{motion}

scene garden
  background "a garden"
  narration ""

  dragon waving "a dragon is waving"
  dragon juggling "a dragon is juggling"
  dragon spinning "a dragon is spinning"
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    Image.new("RGB", (64, 64), "green").save(tmp_path / "dragon.png")
    (tmp_path / "a.mp4").touch()
    return write(tmp_path / "a.story")


def write(path: Path, header: str = "model miniature", motion: str = "") -> Path:
    path.write_text(STORY.format(header=header, motion=motion))
    return path


def learnt(path: Path) -> Learning | None:
    story = read_story(path).story
    assert story is not None
    return learning(story)


def test_it_is_said_in_one_line_for_people_alone(story: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(story)]) == 0
    cost = "up to 2100 training steps, and 20 to film"
    how = f"dreamrunner build {story} --dry-run says how long, and what is kept"
    assert f"{story}: a first build learns spinning, dragon: {cost} ({how})\n" in capsys.readouterr().out
    assert main(["check", str(story), "--format", "json"]) == 0
    assert "learns" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("header", "motion", "names"),
    [
        # the miniature's own clips show spinning, and nobody who juggles
        ("model miniature", "", ("spinning", "dragon")),
        ("catalog none", "", ("dragon",)),
        ("catalog none", '  clips "a.mp4"', ("juggling", "dragon")),
        # a model that lists no words may have to learn all motions, where there is a catalog to search
        ("model cogvideox-2b", "", ("dragon",)),
        ('model cogvideox-2b\n  catalog "clips"', "", ("juggling", "waving", "spinning", "dragon")),
        ('model cogvideox-2b\n  catalog "clips"', '  lora "a.safetensors"', ("waving", "spinning", "dragon")),
    ],
)
def test_what_a_story_shows_of_its_learning(story: Path, header: str, motion: str, names: tuple[str, ...]) -> None:
    (story.parent / "clips").mkdir()
    (story.parent / "a.safetensors").touch()
    found = learnt(write(story, header, motion))
    assert found is not None and found.names == names


def test_places_are_learnt_and_who_shares_photos_is_learnt_once(story: Path) -> None:
    (story.parent / "a.png").touch()
    story.write_text(
        'character witch "a witch"\n  images "a.png"\ncharacter crone from witch "an old witch"\n'
        'location hall "a hall"\n  images "a.png"\nlocation attic from hall "an attic"\n'
        'location yard "a yard"\n  images "a.png"\n\n'
        "scene a\n  in attic\n  witch waving\n  crone waving\n"
    )
    found = learnt(story)
    assert found is not None and found.names == ("witch", "hall")


def test_nothing_is_said_where_nothing_is_learnt_or_nothing_is_known_of_the_model(story: Path) -> None:
    story.write_text(
        'character witch "a witch"\n\nscene a\n  background "a garden"\n\n  witch waving "a witch waves"\n'
    )
    assert learnt(story) is None
    (story.parent / "model").mkdir()
    assert learnt(write(story, 'model "model"')) is None
