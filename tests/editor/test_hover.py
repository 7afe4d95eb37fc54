"""Hovers: looks and photos, queries, clips and training, boxes, and what the planner filled."""

import json
from pathlib import Path

import numpy as np
import pytest
from lsprotocol import types
from safetensors.numpy import save

from dreamrunner.backbones import cache_folder
from dreamrunner.backbones.tensor_names import METADATA
from dreamrunner.engine import Store
from dreamrunner.files.digest import digest_text
from dreamrunner.language import check_text
from dreamrunner.planning import plan_story
from dreamrunner.priors import Sidecar
from dreamrunner.priors.values import OWN, Kind
from tests.material.editor_session import BROKEN, Editor, cut, document, place

CAST = """character witch
  looks "a *girl* witch"
  images "refs/*.png"
motion stirring
  query "person is stirring a pot"
  clips "clips/*.mp4"
motion flying
  lora "fly.safetensors" 0.8
"""
STORY = """use "cast.story"

scene one
  background "🌙 a garden"
  narration "🧙 The witch stirs."

  witch stirring 0s..3s "🧙 a witch is stirring"
    at 0s left
  witch flying
  witch dancing-a-jig 5s..6s
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    (tmp_path / "refs").mkdir()
    (tmp_path / "clips").mkdir()
    for name in ("refs/a.png", "refs/b c.png", "clips/1.mp4", "clips/2.mp4", "fly.safetensors"):
        (tmp_path / name).touch()
    (tmp_path / "cast.story").write_text(CAST)
    return tmp_path / "story.story"


def hover(editor: Editor, path: Path, marked: str) -> tuple[str, str]:
    """The text of a hover, and the text that it is about."""
    text, where = place(marked)
    uri = editor.open(path, text)
    try:
        found = editor.ask("text_document_hover", types.HoverParams(document(uri), where))
    finally:
        editor.close(uri)
    return (found.contents.value, cut(text, found.range)) if found is not None else ("", "")


@pytest.mark.parametrize("more", ["", BROKEN], ids=["whole", "broken"])
class TestHover:
    def test_a_character_shows_looks_and_photos(self, more: str, editor: Editor, story: Path) -> None:
        told, about = hover(editor, story, STORY.replace("  witch stirring", "  wi|tch stirring") + more)

        assert about == "witch"
        assert "a \\*girl\\* witch" in told
        assert "2 photos" in told
        assert f"(file://{(story.parent / 'refs').as_posix()}/b%20c.png" in told

    def test_a_motion_shows_query_clips_and_training(self, more: str, editor: Editor, story: Path) -> None:
        told, about = hover(editor, story, STORY.replace("witch stirring", "witch sti|rring") + more)
        assert about == "stirring"
        assert "person is stirring a pot" in told
        assert "2 clips" in told and "`clips/1.mp4`" in told
        assert "not trained yet" in told

        told, _ = hover(editor, story, STORY.replace("witch flying", "witch fl|ying") + more)
        assert "LoRA `fly.safetensors`, scale 0.8" in told and "trained: the story brings its LoRA" in told

        told, _ = hover(editor, story, STORY.replace("dancing-a", "danc|ing-a") + more)
        assert "person is dancing a jig" in told and "the video catalog" in told

    def test_a_place_shows_its_box(self, more: str, editor: Editor, story: Path) -> None:
        told, about = hover(editor, story, STORY.replace("0s left", "0s le|ft") + more)

        assert about == "left"
        assert "`[0.05 0.35 0.35 0.92]`" in told

    def test_a_beat_shows_what_the_planner_filled(self, more: str, editor: Editor, story: Path) -> None:
        told, _ = hover(editor, story, STORY.replace("  witch flying", "  |witch flying") + more)

        beat = plan_story(check_text(STORY, story).story).plan.scenes[0].beats[1]
        assert "filled by `offline`" in told
        assert f"`{beat.start:g}s..{beat.end:g}s`" in told
        assert beat.description.replace("*", "\\*") in told
        assert told.count("- at ") == len(beat.keyframes)
        assert "from the words" not in told  # the narration says nothing of flying

        waves = STORY.replace("  witch dancing-a-jig", "  |witch").replace("The witch s", "The witch waves and s")
        assert hover(editor, story, waves + more)[0].endswith("from the words “The witch waves”")

    def test_a_scene_shows_what_the_planner_filled(self, more: str, editor: Editor, story: Path) -> None:
        told, about = hover(editor, story, STORY + '\nscene tw|o\n  narration "🧙 The witch flies."\n' + more)

        assert about == "two"
        assert "background: " in told
        assert "- `witch flying 0s..6s`, from the words “The witch flies”\n" in f"{told}\n"
        assert "narration: " not in told

    def test_a_filled_storys_beats_and_boxes_show_the_words_that_they_came_from(
        self, more: str, editor: Editor, story: Path
    ) -> None:
        filled = STORY.split("  witch stirring 0s")[0].replace("scene one", 'scene one\n  from "a b" offline')
        filled += '  witch stirring 0s..6s "a witch"\n    at 0s [0.1 0.2 0.3 0.4]\n' + more
        path = story.with_name("story.plan.story")

        assert hover(editor, path, filled.replace("[0.1", "[0|.1")) == (
            "the box of `witch`, from the words “The witch stirs”",
            "[0.1 0.2 0.3 0.4]",
        )
        assert hover(editor, path, filled.replace("  witch s", "  w|itch s"))[0].endswith("“The witch stirs”")
        by_chat = filled.replace("offline", '"gpt-4o prompts 1"')
        assert hover(editor, path, by_chat.replace("[0.1", "[0|.1")) == ("", "")

    def test_a_word_of_the_language_is_explained(self, more: str, editor: Editor, story: Path) -> None:
        told, about = hover(editor, story, STORY.replace("  background", "  back|ground") + more)

        assert (about, told) == ("background", "`background`: what the picture shows where nobody is.")
        assert hover(editor, story, STORY.replace("    at 0s", "    a|t 0s") + more)[0].startswith(
            "`at`: a key frame: "
        )
        assert (
            hover(editor, story, STORY.replace("scene one", "sce|ne one") + more)[0] == "`scene`: one shot of the film"
        )


def test_what_builds_have_learnt_is_told(editor: Editor, story: Path) -> None:
    text = """character sorcerer images "refs/*.png"
motion brewing clips "clips/*.mp4"
scene one
  background "🌙"
  sorcerer brewing
"""
    who = text.replace("  sorcerer", "  sor|cerer") + BROKEN
    how = text.replace("sorcerer brewing", "sorcerer bre|wing") + BROKEN
    assert "not trained yet: no LoRA has been learnt from its photos" in hover(editor, story, who)[0]
    assert "not trained yet: no LoRA has been learnt from its clips" in hover(editor, story, how)[0]

    keep_lora("motion", "brewing", clips=4, steps=100)
    keep_lora("motion", "brewing", clips=7, steps=300)
    keep_lora("motion", "sorcerer", clips=1, steps=1)
    keep_lora("subject", "sorcerer", clips=2, steps=50)

    told, _ = hover(editor, story, how)
    assert "trained: a LoRA for `miniature` was learnt from 7 clips in 300 steps" in told
    assert "not trained" not in told and "4 clips" not in told
    assert "trained: a LoRA for `miniature` was learnt from 2 photos in 50 steps" in hover(editor, story, who)[0]


def keep_lora(kind: Kind, of: str, *, clips: int, steps: int) -> None:
    """Put a LoRA into the store that says so of itself, as a build does."""
    sidecar = Sidecar(
        kind=kind,
        of=of,
        backbone="miniature",
        backbone_digest="0",
        blocks=(0,),
        rank=1,
        alpha=1,
        steps=steps,
        learning_rate=1e-3,
        seed=0,
        losses={},
        captions=("🥣",) * clips,
        content=("0",) * clips,
        versions={},
    )
    store = Store(cache_folder())
    with store.room(".safetensors") as file:
        metadata = {METADATA: json.dumps({OWN: sidecar.model_dump(mode="json")})}
        file.write_bytes(save({"x.lora_A.weight": np.zeros((1, steps))}, metadata))
        store.keep(digest_text(f"{kind} {of} {steps}"), "learn", file)


def test_the_words_of_the_header_are_those_of_the_reference(editor: Editor, story: Path) -> None:
    told, about = hover(editor, story, 'story "🌙"\n  top|ic "🌙"\n  model miniature\n')
    assert (about, told[:42]) == ("topic", "`topic` says what the story is about. With")

    told, about = hover(editor, story, 'story "🌙"\n  lo|ra "a.safetensors"\n')
    assert (about, told[:39]) == ("lora", "`lora`: a LoRA for the whole picture, s")
    told, about = hover(editor, story, 'character witch\n  lo|ra "a.safetensors"\n')
    assert (about, told[:36]) == ("lora", "`lora`: a LoRA that is trained alrea")

    of_story = hover(editor, story, 'story "🌙"\n  se|ed 7\n')
    assert hover(editor, story, "scene one\n  se|ed 7\n") == of_story != ("", "")


def test_a_path_shows_its_files(editor: Editor, story: Path) -> None:
    told, about = hover(editor, story, STORY.replace("cast.story", "ca|st.story"))

    assert (about, told) == ('"cast.story"', "- `cast.story`")


def test_a_fill_that_is_kept_beside_the_story_is_what_is_shown(editor: Editor, story: Path) -> None:
    import subprocess
    import sys

    text = 'character cat "a cat"\n\nscene one\n  background "a garden"\n  narration "She sleeps."\n\n  cat sleeping\n'
    story.write_text(text)
    subprocess.run([sys.executable, "-m", "dreamrunner", "plan", str(story)], check=True, capture_output=True)
    filled = story.with_name("story.plan.story")
    filled.write_text(filled.read_text().replace('"a cat, sleeping"', '"a cat <b>dreams</b>"'))

    told, _ = hover(editor, story, text.replace("  cat sleeping", "  |cat sleeping"))

    assert "filled, and edited by hand" in told
    assert "a cat \\<b\\>dreams\\</b\\>" in told


def test_nothing_is_said_where_nothing_is(editor: Editor, story: Path) -> None:
    assert hover(editor, story, STORY.replace("a garden", "a gar|den")) == ("", "")
    assert hover(editor, story, STORY.replace("scene one\n", "scene one\n|\n")) == ("", "")
