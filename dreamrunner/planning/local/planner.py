"""An instruction model on this machine as planner: asked as a chat model is, its answers held to their form."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from dreamrunner.backbones import BackboneError, cache_folder
from dreamrunner.engine.measurements import Measurements
from dreamrunner.files.digest import digest_text
from dreamrunner.language import Scene, Story
from dreamrunner.planning.chat.answers import SceneAnswer, StoryAnswer, form_faults, read_outline, read_scene
from dreamrunner.planning.chat.forms import asked
from dreamrunner.planning.chat.mending import mended_scene
from dreamrunner.planning.chat.prompts import MOST_RETURNS, scene_messages, sent_back, story_messages
from dreamrunner.planning.local.folder import LocalModel, find_local
from dreamrunner.planning.local.form import outline_form, scene_form
from dreamrunner.planning.local.needs import KIND, effort_of
from dreamrunner.planning.planner import Answer, Failure, Outline

if TYPE_CHECKING:
    from dreamrunner.planning.local.writer import Writer, Written

_Form = TypeVar("_Form", bound=BaseModel)
_T = TypeVar("_T")


@dataclass(slots=True)
class LocalPlanner:
    """Asks the local model that a story names. A ``Planner``; the model is loaded when it is first asked, and unloaded
    when the last scene is answered, or nobody wants the next."""

    replies: int = 0
    tokens_out: int = 0
    remarks: list[str] = field(default_factory=list)

    def __call__(self, story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        """Fill scenes, each given back as soon as it is answered; a story without scenes gets them first."""
        try:
            model = find_local(story.planner, story.path.parent)
            from dreamrunner.planning.local.writer import loaded

            with loaded(model) as writer:
                yield from self._answers(_Asker(self, model, writer, story.seed), story, scenes)
        except BackboneError as error:
            yield Failure("", str(error))

    def _answers(self, asker: _Asker, story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        if not story.scenes:
            outline = asker.outline(story)
            yield outline
            if isinstance(outline, Failure):
                return
            story = replace(story, scenes=outline.scenes)
            scenes = tuple(scene.name for scene in story.scenes)
        for scene in story.scenes:
            if scene.name in scenes:
                yield asker.scene(story, scene)


@dataclass(slots=True)
class _Asker:
    """Asks a model that is loaded, again where an answer can't be used."""

    planner: LocalPlanner
    model: LocalModel
    writer: Writer
    seed: int

    def outline(self, story: Story) -> Outline | Failure:
        """The scenes of a story that has none."""
        found = self._answer("", story_messages(story), StoryAnswer, outline_form(), read_outline)
        return found if isinstance(found, Failure) else Outline(found)

    def scene(self, story: Story, scene: Scene) -> Scene | Failure:
        """One scene without its gaps."""

        def read(answer: SceneAnswer) -> Scene | list[str]:
            return read_scene(answer, story, scene)

        def mended(answer: dict[str, Any], remarks: list[str]) -> dict[str, Any]:
            return mended_scene(answer, story, scene, remarks)

        return self._answer(
            scene.name, scene_messages(story, scene), SceneAnswer, scene_form(story, scene), read, mended
        )

    def _answer(
        self,
        scene: str,
        messages: list[Any],
        form: type[_Form],
        schema: dict[str, Any],
        read: Callable[[_Form], _T | list[str]],
        mended: Callable[[dict[str, Any], list[str]], dict[str, Any]] = lambda answer, remarks: answer,
    ) -> _T | Failure:
        messages = asked(messages, form, "text")["messages"]
        faults: list[str] = []
        for tried in range(MOST_RETURNS + 1):
            said = self._write(messages, schema, int(digest_text(f"{self.seed} {scene} {tried}")[:8], 16))
            if not said.whole:
                return Failure(scene, f"the answer is cut off after {said.tokens_out} tokens; shorten the scene")
            remarks: list[str] = []
            try:
                result = read(form.model_validate(mended(form.model_validate_json(said.text).model_dump(), remarks)))
            except ValidationError as error:
                result = form_faults(error)
            if not isinstance(result, list):
                self.planner.remarks += [f"scene `{scene}`: the answer was mended: {each}" for each in remarks]
                return result
            faults = result
            messages = sent_back(messages, said.text, faults)
        listed = "".join(f"\n  - {fault}" for fault in faults[:5])
        return Failure(scene, f"the answer can't be used, after {MOST_RETURNS + 1} tries:{listed}")

    def _write(self, messages: list[Any], schema: dict[str, Any], seed: int) -> Written:
        began = time.monotonic()
        said = self.writer.write(messages, schema, seed)
        took = time.monotonic() - began
        effort = effort_of(self.model, self.writer.device, said.tokens_out)
        Measurements(cache_folder()).note(KIND, effort, took, 0)
        self.planner.replies += 1
        self.planner.tokens_out += said.tokens_out
        return said
