"""The filled story beside a story: what is taken over, what is planned again, and who is asked to mend what."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamrunner.cli import main
from dreamrunner.language import read_story
from dreamrunner.language.diagnostics import diagnostic
from dreamrunner.language.formatter import format_text
from dreamrunner.language.ignoring import unanswered
from dreamrunner.language.story import Location
from dreamrunner.planning import gaps
from dreamrunner.planning.written.plan_file import FilledFile, plan_file

CAST = 'story "A day"\n\ncharacter cat "a black cat"\ncharacter dog "a brown dog"\n'
PLACES = ("garden", "kitchen", "beach", "forest", "market", "castle", "river", "hall")
STORY = CAST + "".join(
    f'\n# About the {place}.\nscene {place}\n  narration "The cat walks in the {place}."\n' for place in PLACES
)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "day.story"
    path.write_text(STORY)
    return path


def target(story: Path) -> Path:
    return story.with_name("day.plan.story")


def scenes(path: Path) -> dict[str, str]:
    _head, *parts = path.read_text().split("\nscene ")
    return {part.split("\n")[0]: part.split("\n\n# About")[0].rstrip("\n") for part in parts}


def test_the_filled_story_is_whole_formatted_and_signed(story: Path) -> None:
    assert main(["plan", str(story)]) == 0
    text = target(story).read_text()
    filled = read_story(target(story)).story
    assert list(gaps(filled)) == [] and format_text(text, target(story)).text == text
    assert [scene.filled_by for scene in filled.scenes] == ["offline"] * 8
    assert len({scene.filled_from for scene in filled.scenes}) == 8
    assert text.count("# About the") == 8
    target(story).write_text(text.replace('story "A day"\n', 'story "A day"\n  planner none\n'))
    assert read_story(target(story)).story is not None


def test_planning_again_changes_nothing_and_writes_nothing(story: Path) -> None:
    main(["plan", str(story)])
    before, stamp = target(story).read_bytes(), target(story).stat().st_mtime_ns
    assert plan_file(story).filled == () and len(plan_file(story).taken) == 8
    assert main(["plan", str(story)]) == main(["plan", str(target(story))]) == 0
    assert (target(story).read_bytes(), target(story).stat().st_mtime_ns) == (before, stamp)


def test_only_the_edited_scene_is_planned_again(story: Path) -> None:
    main(["plan", str(story)])
    # An odd layout by hand, which no planning may touch.
    text = target(story).read_text()
    target(story).write_text(text.replace("    at ", "      at   ").replace(" 0s..6s ", " 0s .. 6s "))
    before = scenes(target(story))
    story.write_text(STORY.replace("The cat walks in the beach.", "The dog sleeps on the beach."))
    assert plan_file(story).filled == ("beach",)
    main(["plan", str(story)])
    after = scenes(target(story))
    assert [name for name in PLACES if after[name] != before[name]] == ["beach"]
    assert "dog sleeping" in after["beach"]


def test_layout_and_comments_of_the_story_plan_nothing_again(story: Path) -> None:
    main(["plan", str(story)])
    before = scenes(target(story))
    told = 'narration "The cat walks in the beach."'
    text = STORY.replace(f"  {told}", f"     {told.replace(chr(34), chr(34) * 3)} # !")
    story.write_text(text.replace("\nscene river", "\n\n\n# more\nscene river"))
    assert plan_file(story).filled == ()
    main(["plan", str(story)])
    assert {name: text.split("\n\n# ")[0] for name, text in scenes(target(story)).items()} == before


def test_a_scene_moved_added_or_gone_leaves_the_others(story: Path) -> None:
    main(["plan", str(story)])
    before = scenes(target(story))
    head, *parts = STORY.split("\n# About")
    moved = [parts[3], parts[0], ' new.\nscene new\n  narration "The dog runs."\n', *parts[4:]]
    story.write_text("\n# About".join([head, *moved]))
    assert plan_file(story).filled == ("new",)
    main(["plan", str(story)])
    after = scenes(target(story))
    assert list(after) == ["forest", "garden", "new", *PLACES[4:]]
    assert all(after[name] == before[name] for name in after if name != "new")


def test_an_edit_by_hand_stays_and_a_fact_taken_out_is_filled_again(story: Path) -> None:
    main(["plan", str(story)])
    text = target(story).read_text()
    edited = text.replace('background "a garden"', 'background "a garden by hand"')
    target(story).write_text(edited.replace('  background "a kitchen"\n', ""))
    assert plan_file(story).filled == ("kitchen",)
    main(["plan", str(story)])
    again = target(story).read_text()
    assert 'background "a garden by hand"' in again and 'background "a kitchen"' in again
    assert plan_file(story).filled == ()


def test_a_fill_that_names_someone_gone_is_made_anew_unless_edited(story: Path, capsys: pytest.CaptureFixture) -> None:
    story.write_text(STORY.replace("The cat walks in the hall.", "A dog barks in the hall."))
    main(["plan", str(story)])
    renamed = story.read_text().replace("character dog", "character hound")
    story.write_text(renamed)
    assert plan_file(story).filled == ("hall",)
    edited = target(story).read_text().replace("a brown dog", "a big brown dog")
    target(story).write_text(edited)
    kept = target(story).read_bytes()
    capsys.readouterr()
    assert main(["plan", str(story)]) == 1
    assert "dog" in capsys.readouterr().err and target(story).read_bytes() == kept


def test_a_filled_story_with_a_slip_is_not_written_over(story: Path, capsys: pytest.CaptureFixture) -> None:
    main(["plan", str(story)])
    target(story).write_text(target(story).read_text().replace("at 1s [", "at 1s ", 1))
    kept = target(story).read_bytes()
    assert main(["plan", str(story)]) == 1
    assert "day.plan.story:" in capsys.readouterr().err
    assert target(story).read_bytes() == kept


def test_a_topic_becomes_scenes_once(tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text('story "A day"\n  topic "a cat at sea"\n\ncharacter cat "a cat"\n')
    assert len(plan_file(path).filled) == 6
    main(["plan", str(path)])
    assert plan_file(path).filled == () and len(plan_file(path).taken) == 6
    path.write_text(path.read_text().replace("at sea", "in a wood"))
    assert len(plan_file(path).filled) == 6


def test_write_moves_the_fills_into_the_story_itself(story: Path) -> None:
    text = "# mine\n" + STORY.replace("scene beach\n", "scene beach  # here\n\n")
    story.write_text(text)
    main(["plan", str(story)])
    target(story).write_text(target(story).read_text().replace('background "a garden"', 'background "by hand"'))
    assert main(["plan", str(story), "--write"]) == 0
    filled = story.read_text()
    left = iter(filled.split("\n"))
    assert all(line in left for line in text.rstrip("\n").split("\n"))
    assert list(gaps(read_story(story).story)) == [] and 'background "by hand"' in filled and "from" not in filled
    assert main(["plan", str(story), "--write"]) == 0 and story.read_text() == filled


def test_write_asks_before_beats_of_two_minds(story: Path, capsys: pytest.CaptureFixture) -> None:
    text = STORY + "  cat\n"
    story.write_text(text)
    main(["plan", str(story)])
    target(story).write_text(target(story).read_text().rstrip("\n") + "\n  dog\n")
    assert main(["plan", str(story), "--write"]) == 1
    assert "`hall`" in capsys.readouterr().err and story.read_text() == text


def test_an_error_in_the_story_leaves_the_filled_story_alone(story: Path) -> None:
    main(["plan", str(story)])
    kept = target(story).read_bytes()
    story.write_text(STORY + "  wich walking\n")
    assert main(["plan", str(story)]) == 1 and target(story).read_bytes() == kept


def test_a_chat_model_is_not_asked_where_nothing_is_missing(story: Path) -> None:
    main(["plan", str(story)])
    story.write_text(STORY.replace('story "A day"\n', 'story "A day"\n  planner gpt-4o\n'))
    planned = plan_file(story, ask=lambda *_: pytest.fail("asked"))
    assert planned.plan is not None and planned.filled == ()


def test_an_edit_by_hand_is_kept_aside_when_its_scene_changes(story: Path, capsys: pytest.CaptureFixture) -> None:
    main(["plan", str(story)])
    edited = target(story).read_text().replace('background "a beach"', 'background "by hand"')
    target(story).write_text(edited)
    story.write_text(STORY.replace("The cat walks in the beach.", "The dog sleeps on the beach."))
    capsys.readouterr()
    assert main(["plan", str(story)]) == 0
    assert "warning: the fill of `beach` was edited by hand" in capsys.readouterr().err
    assert story.with_name("day.plan.story.bak").read_text() == edited
    assert "dog sleeping" in scenes(target(story))["beach"]
    assert main(["plan", str(story)]) == 0 and "warning" not in capsys.readouterr().err


def test_an_edit_by_hand_stays_when_another_fact_of_its_scene_is_written(
    story: Path, capsys: pytest.CaptureFixture
) -> None:
    main(["plan", str(story)])
    filled = target(story).read_text()
    start = filled.index("scene beach")
    edited = filled[:start] + filled[start:].replace('"a black cat, walking', '"my own black cat, walking', 1)
    assert edited != filled
    target(story).write_text(edited)
    story.write_text(story.read_text().replace("scene beach\n", 'scene beach\n  background "a beach of mine"\n', 1))
    capsys.readouterr()
    for _ in range(2):
        assert main(["plan", str(story)]) == 0
        assert "warning" not in capsys.readouterr().err
        now = read_story(target(story)).story
        beach = next(scene for scene in now.scenes if scene.name == "beach")
        assert beach.background == "a beach of mine" and beach.beats[0].description.startswith(
            "my own black cat, walking"
        )
    story.write_text(story.read_text().replace("a beach of mine", "a beach of ours", 1))
    assert main(["plan", str(story)]) == 0
    assert "my own black cat" in target(story).read_text() and "a beach of ours" in target(story).read_text()


def test_a_seed_in_a_scene_asks_for_no_other_fill_and_is_in_the_filled_story(story: Path) -> None:
    main(["plan", str(story)])
    before = scenes(target(story))
    for seed in ("  seed 9\n", "  seed 10\n", ""):
        story.write_text(STORY.replace("scene beach\n", f"scene beach\n{seed}"))
        planned = plan_file(story)
        assert (planned.filled, planned.edited) == ((), ())
        by_name = {scene.name: scene.seed for scene in planned.plan.scenes}
        assert by_name["beach"] == int(seed[7:] or by_name["beach"]) and by_name["river"] > 10
        assert main(["plan", str(story)]) == 0
        assert ("seed" in scenes(target(story))["beach"]) == bool(seed)
        assert plan_file(story).filled == plan_file(story).edited == ()
    after = scenes(target(story))
    assert {name for name in PLACES if after[name] != before[name]} <= {"beach"}


def test_a_seed_by_hand_in_the_filled_story_stays_until_the_scene_has_one(story: Path) -> None:
    main(["plan", str(story)])
    filled = target(story).read_text()
    target(story).write_text(filled.replace("scene beach\n", "scene beach\n  seed 4\n"))
    assert {scene.name: scene.seed for scene in plan_file(story).plan.scenes}["beach"] == 4
    story.write_text(STORY.replace("scene beach\n", "scene beach\n  seed 5 # this one\n"))
    planned = plan_file(story)
    assert {scene.name: scene.seed for scene in planned.plan.scenes}["beach"] == 5 and planned.filled == ()


def test_what_a_comment_answers_is_answered_in_the_filled_story_too(tmp_path: Path) -> None:
    path = tmp_path / "x.story"
    answered = '  # ignore: long-text it is meant so\n  witch walking 0s..6s "a witch"\n'
    path.write_text(f'character witch "a witch"\nscene a\n{answered}scene b\n  narration "The witch waves."\n')
    planned = plan_file(path)
    assert isinstance(planned, FilledFile)
    for line, beat in enumerate(planned.text.split("\n"), 1):
        place = Location(planned.target, line, 1, line, 9)
        told, _ = unanswered(
            [diagnostic("long-text", place, what="x", tokens=9, most=1, model="m")], planned.story.ignores
        )
        assert (told == ()) == beat.startswith("  witch walking")
