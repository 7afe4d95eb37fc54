"""The filled story, and the story, edited by others while a planner is asked: nothing that anybody wrote is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.language import Story
from dreamrunner.planning import as_story, plan_story
from dreamrunner.planning.planner import Answer, Outline
from tests.planning.written.test_plan_file import CAST

PLACES = ("garden", "kitchen", "beach")
STORY = CAST.replace('story "A day"', 'story "A day"\n  planner someone') + "".join(
    f'\nscene {place}\n  narration "The cat walks in the {place}."\n' for place in PLACES
)
HAND = 'background "a place by hand"'


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY)
    return path


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], object]]:
    """What happens once a scene is answered and saved, by its name; "" is before the first answer."""
    happening: dict[str, Callable[[], object]] = {}

    def ask(_: object, told: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        happening.get("", int)()
        made = as_story(plan_story(replace(told, planner="offline")).plan, told)
        if not told.scenes:
            yield Outline(tuple(replace(scene, beats=()) for scene in made.scenes))
        for scene in made.scenes:
            if scene.name in scenes or not told.scenes:
                yield scene
                happening.get(scene.name, int)()

    monkeypatch.setattr("dreamrunner.planning.chat.planner.Chat.__call__", ask)
    return happening


def target(story: Path) -> Path:
    return story.with_name("day.plan.story")


def test_a_fill_that_is_edited_while_others_are_asked_for_stays(story: Path, meanwhile: dict, capsys) -> None:
    def edit() -> None:
        text = target(story).read_text()
        target(story).write_text(text.replace('background "a garden"', HAND))

    meanwhile["kitchen"] = edit
    assert main(["plan", str(story)]) == 0
    text = target(story).read_text()
    assert HAND in text and text.count('by "someone') + text.count('"someone prompts') >= 3
    assert text.count("background") == 3 and "was edited while it was planned" in capsys.readouterr().err
    assert main(["plan", str(story)]) == 0 and target(story).read_text() == text


def test_a_gap_that_is_filled_by_hand_while_it_is_asked_for_stays(story: Path, meanwhile: dict) -> None:
    def edit() -> None:
        text = target(story).read_text()
        target(story).write_text(text.replace("scene kitchen\n", f"scene kitchen\n  {HAND}\n"))

    meanwhile["garden"] = edit
    assert main(["plan", str(story)]) == 0
    kept = target(story).with_name("day.plan.story.bak").read_text()
    assert HAND in target(story).read_text() or HAND in kept


@pytest.mark.parametrize("after", ["", "garden"])
@pytest.mark.parametrize("text", [None, "", "scene ?\n", "# mine\n", "\xff\n"])
def test_whatever_stands_there_meanwhile_the_answers_are_kept_and_it_too(
    story: Path, meanwhile: dict, after: str, text: str | None, capsys
) -> None:
    def edit() -> None:
        if text is not None:
            target(story).write_bytes(text.encode("latin-1"))
        elif target(story).exists():
            target(story).unlink()

    meanwhile[after] = edit
    code = main(["plan", str(story)])
    kept = [path.read_bytes() for path in story.parent.glob("*.bak*")]
    assert text is None or text.encode("latin-1") in [*kept, target(story).read_bytes()]
    if code == 0:
        assert target(story).read_text().count("background") == 3
    else:
        assert text == "\xff\n" and "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize("option", [[], ["--write"]])
@pytest.mark.parametrize(
    "text", [None, "scene ?\n", STORY.replace("The cat walks", "The dog runs"), STORY.partition("\nscene kitchen")[0]]
)
def test_the_story_may_be_edited_broken_or_gone_meanwhile(
    story: Path, meanwhile: dict, option: list[str], text: str | None, capsys
) -> None:
    def edit() -> None:
        story.unlink() if text is None else story.write_text(text)

    meanwhile["garden"] = edit
    code = main(["plan", str(story), *option])
    assert (story.read_text() if story.exists() else None) == text
    assert target(story).read_text().count("background") == 3
    shown = capsys.readouterr().err
    assert code == (3 if option else 0) and ("was saved by somebody else" in shown) == bool(option), shown


def test_scenes_that_are_asked_for_again_are_filled_and_edits_of_theirs_kept_aside(
    story: Path, meanwhile: dict, capsys
) -> None:
    assert main(["plan", str(story)]) == 0
    edited = target(story).read_text().replace('background "a beach"', HAND)
    meanwhile[""] = lambda: target(story).write_text(edited)
    assert main(["plan", str(story), "--again"]) == 0
    assert HAND not in target(story).read_text()
    assert target(story).with_name("day.plan.story.bak").read_text() == edited
    meanwhile[""] = lambda: target(story).write_text(edited + "# more\n")
    assert main(["plan", str(story), "--again"]) == 0
    assert target(story).with_name("day.plan.story.bak").read_text() == edited
    assert target(story).with_name("day.plan.story.bak2").read_text() == edited + "# more\n"
    assert "day.plan.story.bak2" in capsys.readouterr().err


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_what_is_written_outside_of_scenes_is_kept_aside_and_told(
    story: Path, meanwhile: dict, capsys: pytest.CaptureFixture[str], when: str
) -> None:
    def edit() -> None:
        target(story).write_text("# my notes\n" + target(story).read_text())

    if when == "meanwhile":
        meanwhile["kitchen"] = edit
    assert main(["plan", str(story)]) == 0
    if when == "before":
        edit()
        assert main(["plan", str(story)]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "1 line outside of scenes, such as `# my notes`, not in day.story" in told and "day.plan.story.bak" in told
    assert "# my notes" not in target(story).read_text()
    assert target(story).with_name("day.plan.story.bak").read_text().startswith("# my notes\n")


def test_a_header_that_its_author_changes_is_no_edit_of_the_filled_story(
    story: Path, meanwhile: dict, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(story)]) == 0
    story.write_text(story.read_text().replace('"A day"', '"Another day"'))
    assert main(["plan", str(story)]) == 0
    assert "outside of scenes" not in capsys.readouterr().err and '"Another day"' in target(story).read_text()
    assert [path.name for path in sorted(story.parent.glob("day.*"))] == ["day.plan.story", "day.story"]


def test_a_filled_story_of_another_machine_is_not_said_to_be_edited_by_hand(
    story: Path, meanwhile: dict, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["plan", str(story)]) == 0
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(story.parent / "another"))
    story.write_text(story.read_text().replace('"A day"', '"Another day"'))
    assert main(["plan", str(story)]) == 0  # here nothing shows whose the old title was
    told = " ".join(capsys.readouterr().err.split())
    assert 'such as `story "A day"`, not in day.story: edited by hand, or of an older day.story' in told
    assert 'story "A day"' in target(story).with_name("day.plan.story.bak").read_text()
