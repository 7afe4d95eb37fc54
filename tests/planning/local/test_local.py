"""A model on this machine as planner: found or refused in words, held to its form, asked again, and gone afterwards."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from dreamrunner.backbones.errors import BackboneError
from dreamrunner.cli import main
from dreamrunner.language import Scene, Story, check_text
from dreamrunner.planning.chat.answers import FEWEST_SCENES, MOST_SCENES, SceneAnswer, StoryAnswer, read_outline
from dreamrunner.planning.local.folder import find_local, is_local
from dreamrunner.planning.local.form import LONGEST, outline_form, scene_form
from dreamrunner.planning.local.planner import LocalPlanner
from dreamrunner.planning.local.writer import Writer, Written, loaded
from dreamrunner.planning.planner import Failure
from tests.material.local_model import build_local_model, edit_json

SHORT = dict.fromkeys(LONGEST, 4)
ASKED = [{"role": "system", "content": "Plan."}, {"role": "user", "content": "{}"}]
TEXT = """\
story "Short"
  planner "local:model"

character witch "a witch"
prop pot "a pot"

scene a
  background "a garden"
  narration "The witch waves."
  duration 2s
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's folder. Copy it, leave it alone."""
    return build_local_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture(scope="module")
def writer(built: Path) -> Iterator[Writer]:
    with loaded(find_local(f"local:{built}", Path())) as writer:
        yield writer


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the model beside a story, whose folder is returned."""
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    shutil.copytree(built, tmp_path / "model")
    (tmp_path / "short.story").write_text(TEXT)
    return tmp_path


def read(text: str = TEXT, folder: Path = Path()) -> tuple[Story, Scene]:
    story = check_text(text, folder / "short.story").story
    assert story is not None
    return story, story.scenes[0]


def test_every_reply_of_a_random_model_is_of_the_form(writer: Writer) -> None:
    story, scene = read(TEXT.replace('prop pot "a pot"', "").replace("2s", "1s"))
    form = scene_form(story, scene, SHORT)
    replies = {writer.write(ASKED, form, seed) for seed in range(20)}
    assert len(replies) == 20 and all(reply.whole for reply in replies)
    for reply in replies:
        answer = SceneAnswer.model_validate_json(reply.text)
        assert [frame.second for frame in answer.key_frames] == [0]
        rows = [row for frame in answer.key_frames for row in frame.entities]
        assert {row.entity for row in rows} <= {"witch"} and {row.line for row in rows} <= {0}
        assert all(len(row.box) == 4 and all(-1 <= edge <= 2 for edge in row.box) for row in rows)
        assert all(len(text) <= 4 for text in (answer.reasoning, answer.background, answer.narration))
    assert writer.write(ASKED, form, 3) in replies, "the same seed gives the same reply"


def test_a_story_without_scenes_gets_as_many_as_are_wanted(writer: Writer) -> None:
    reply = writer.write(ASKED, outline_form(SHORT), 1)
    answer = StoryAnswer.model_validate_json(reply.text)
    assert FEWEST_SCENES <= len(answer.scenes) <= MOST_SCENES
    faults = read_outline(answer)
    assert not isinstance(faults, list) or all("called" in fault or "empty" in fault for fault in faults)


def test_a_reply_that_has_no_room_is_not_whole_and_a_prompt_without_room_is_refused(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, scene = read()
    monkeypatch.setattr("dreamrunner.planning.local.writer.MOST_TOKENS", 9)
    reply = writer.write(ASKED, scene_form(story, scene), 1)
    assert (reply.whole, reply.tokens_out) == (False, 9)
    monkeypatch.setattr(writer.model.config, "max_position_embeddings", reply.tokens_in)
    with pytest.raises(BackboneError, match="the story is too long for the model, which reads"):
        writer.write(ASKED, scene_form(story, scene), 1)


def test_a_template_that_takes_no_system_gets_its_words_with_the_first_message(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}" + str(
        writer.tokenizer.chat_template
    )
    plain = writer._prompt([{"role": "user", "content": "Plan.\n\n{}"}])
    monkeypatch.setattr(writer.tokenizer, "chat_template", refusing)
    assert torch.equal(writer._prompt(ASKED), plain)


REFUSALS = {
    "has no chat template; take an instruction model": lambda f: (f / "chat_template.jinja").unlink(),
    "has no tokenizer.json; get the model's fast tokenizer": lambda f: (f / "tokenizer.json").unlink(),
    "has no weights; get the model's safetensors files": lambda f: (f / "model.safetensors").unlink(),
    "only pickled weights, which are not loaded": lambda f: (f / "model.safetensors").rename(f / "pytorch_model.bin"),
    "is cut short": lambda f: (f / "model.safetensors").write_bytes((f / "model.safetensors").read_bytes()[:-9]),
    "needs code of its own, which is not run": lambda f: edit_json(
        f / "config.json", model_type="mine", auto_map={"AutoConfig": "x.X", "AutoModelForCausalLM": "x.Y"}
    ),
    "tokenizer_config.json is not valid JSON": lambda f: (f / "tokenizer_config.json").write_text("{"),
    "cannot read .*config.json": lambda f: (f / "config.json").unlink(),
    "cannot load local:model": lambda f: edit_json(f / "config.json", model_type="nothing"),
    "there is no folder": lambda f: shutil.rmtree(f),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_a_model_that_cannot_plan_is_refused_in_words(why: str, folder: Path) -> None:
    REFUSALS[why](folder / "model")
    story, _ = read(folder=folder)
    (failure,) = LocalPlanner()(story, ("a",))
    assert isinstance(failure, Failure) and not failure.scene and "\n" not in failure.reason
    with pytest.raises(BackboneError, match=why):
        raise BackboneError(failure.reason)


@pytest.mark.parametrize(
    ("planner", "why"),
    [
        ("local:", "names no model"),
        ("local:./nowhere", "there is no folder"),
        ("local:owner/name", "is not on this machine yet, or not all of it; a build fetches it"),
    ],
)
def test_a_model_that_is_not_here_is_told(planner: str, why: str, folder: Path) -> None:
    assert is_local(planner) and not is_local("gpt-4o")
    with pytest.raises(BackboneError, match=why):
        find_local(planner, folder, dry=True)


def sound(wrong: int = 0) -> str:
    """An answer of the form for the scene; its last box is turned round ``wrong`` times."""
    box = [0.9, 0.2, 0.4, 0.9] if wrong else [0.1, 0.2, 0.4, 0.9]
    row = {"line": 0, "entity": "witch", "motion": "waving", "description": "a witch waves", "box": box}
    frames = [{"second": second, "entities": [row]} for second in (0, 1)]
    return json.dumps({"reasoning": "", "background": "", "narration": "", "key_frames": frames})


def answering(monkeypatch: pytest.MonkeyPatch, *texts: str) -> list[list[dict[str, str]]]:
    """The model says these texts, one after the other; what it was asked is collected."""
    heard: list[list[dict[str, str]]] = []

    def write(self: Writer, messages: list[dict[str, str]], schema: object, seed: int) -> Written:
        heard.append(messages)
        return Written(texts[len(heard) - 1], True, 10, 20)

    monkeypatch.setattr(Writer, "write", write)
    return heard


def test_a_sound_answer_fills_the_scene_and_a_fault_of_meaning_is_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = answering(monkeypatch, sound(wrong=1), sound())
    story, _ = read(folder=folder)
    planner = LocalPlanner()
    (scene,) = planner(story, ("a",))
    assert isinstance(scene, Scene) and [beat.motion for beat in scene.beats] == ["waving"]
    assert (planner.replies, planner.tokens_out) == (2, 40)
    assert "you plan one scene" in heard[0][0]["content"].lower() and '"key_frames"' in heard[0][0]["content"]
    assert heard[1][:2] == heard[0] and heard[1][2]["content"] == sound(wrong=1)
    assert "is not [x0, y0, x1, y1] within -1..2" in heard[1][3]["content"]


def test_faults_that_stay_are_told_after_as_many_tries_as_a_chat_model_has(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = answering(monkeypatch, *[sound(wrong=1)] * 3)
    story, _ = read(folder=folder)
    (failure,) = LocalPlanner()(story, ("a",))
    assert isinstance(failure, Failure) and failure.scene == "a" and len(heard) == 3
    assert failure.reason.startswith("the answer can't be used, after 3 tries:\n  - second 0, `witch`: the box")


def test_nothing_of_the_model_is_left_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {id(each) for each in gc.get_objects() if issubclass(type(each), torch.Tensor)}
    with loaded(find_local("local:model", folder)) as writer:
        shapes = {tuple(weight.shape) for weight in writer.model.parameters()}
        assert len(shapes) > 3
    gc.collect()
    left = [each for each in gc.get_objects() if issubclass(type(each), torch.Tensor) and id(each) not in before]
    assert not [each for each in left if each.device.type != "meta" and tuple(each.shape) in shapes]


def test_plan_fills_a_story_with_it_and_signs_with_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, sound())
    assert main(["plan", str(folder / "short.story"), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "planner local:model: 1 calls" in told and "on this machine's processor" in told
    assert "of memory for its weights, how long has not been measured on this machine yet" in told
    assert main(["plan", str(folder / "short.story")]) == 0
    assert "used 1 reply, 20 tokens out" in capsys.readouterr().err
    filled = (folder / "short.plan.story").read_text()
    assert '"local:model prompts ' in filled and "witch waving" in filled
    (folder / "short.plan.story").unlink()
    assert main(["build", str(folder / "short.story"), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert ("local:model would plan a: 1 call" in told and "about 0:00" in told) or "measured before" in told
