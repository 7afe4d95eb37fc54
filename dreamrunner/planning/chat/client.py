"""A chat model as planner, over OpenAI's protocol: one request for a story's scenes, one for each scene.

``OPENAI_API_KEY`` holds the key; ``OPENAI_BASE_URL`` the address of a compatible server. Neither ever stands in a
message. The ``openai`` package is imported when the model is asked and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from dreamrunner.files.text import one_line, shortened
from dreamrunner.language import Scene, Story
from dreamrunner.planning.chat.answers import SceneAnswer, StoryAnswer, form_faults, read_outline, read_scene
from dreamrunner.planning.chat.forms import WAYS, asked
from dreamrunner.planning.chat.json_in_text import objects_in
from dreamrunner.planning.chat.mending import known_only, mended_scene, unwrapped
from dreamrunner.planning.chat.prompts import MOST_RETURNS, scene_messages, sent_back, story_messages
from dreamrunner.planning.chat.replies import Said, Unreadable, read
from dreamrunner.planning.planner import Answer, Failure, Outline
from dreamrunner.servers.address import NoServer, server
from dreamrunner.servers.refusals import Asked, FormRefused, complaint, refusal
from dreamrunner.servers.request import Connection
from dreamrunner.servers.retrying import GaveUp, RetryPolicy, Transient, ask

if TYPE_CHECKING:
    from dreamrunner.planning.chat.prompts import Message

JOBS = 4

LONGEST_REPLY = 16 * 2**20
"""Bytes of a reply at most; usual ones have some ten thousand."""

_CUT = ("length", "max_tokens")
_LONGEST_SHOWN = 600
_T = TypeVar("_T")
_Form = TypeVar("_Form", bound=BaseModel)


@dataclass(slots=True)
class Usage:
    """What was used: replies with an answer, and tokens as the server counts them."""

    replies: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(slots=True)
class ChatPlanner:
    """Asks the chat model that a story names, ``jobs`` requests at a time. A ``Planner``; see ``usage`` and ``remarks``
    afterwards."""

    jobs: int = JOBS
    policy: RetryPolicy = RetryPolicy()
    usage: Usage = field(default_factory=Usage)
    remarks: list[str] = field(default_factory=list)
    """What was mended in answers, a line for each of them."""

    def __call__(self, story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        """Fill scenes, each given back as soon as it is answered; a story without scenes gets them first."""
        try:
            conversation = _Conversation(self, story.planner)
        except NoServer as error:
            yield Failure("", str(error))
            return
        with asyncio.Runner() as runner:
            try:
                if not story.scenes:
                    outline = runner.run(conversation.outline(story))
                    yield outline
                    if isinstance(outline, Failure):
                        return
                    story = replace(story, scenes=outline.scenes)
                    scenes = tuple(scene.name for scene in story.scenes)
                yield from _as_they_come(runner, conversation, story, scenes)
            finally:
                runner.run(conversation.close())


def _as_they_come(
    runner: asyncio.Runner, conversation: _Conversation, story: Story, names: tuple[str, ...]
) -> Iterator[Answer]:
    async def start() -> set[asyncio.Task[Answer]]:
        return {asyncio.create_task(conversation.scene(story, scene)) for scene in story.scenes if scene.name in names}

    async def some(tasks: set[asyncio.Task[Answer]]) -> tuple[set[asyncio.Task[Answer]], set[asyncio.Task[Answer]]]:
        return await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    pending = runner.run(start())
    first: BaseException | None = None
    while pending:
        # Where one scene shows that asking is of no use, the others that are under way are still waited for: they may
        # have been paid for. No further one is begun.
        done, pending = runner.run(some(pending))
        for task in done:
            error = task.exception()
            if error is None:
                yield task.result()
            else:
                first = first or error
    if isinstance(first, NoServer):
        yield Failure("", str(first))
    elif first is not None:
        raise first


class _Failed(Exception):
    """One answer could not be had. ``str()`` says why."""


class _Conversation:
    """The connection to the server and what is said over it."""

    def __init__(self, planner: ChatPlanner, model: str) -> None:
        self.planner, self.model = planner, model
        self.server = server()
        if not self.server.key and not self.server.named:
            raise NoServer(
                f"`planner {model}` needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL to a server of your own,"
                " or use `planner offline`, which needs none"
            )
        self.free = asyncio.Semaphore(max(1, planner.jobs))
        self.way = 0
        self.asked = Asked(
            server="the server",
            thing=f"the model `{model}`",
            knob="the story's `planner`",
            kept="what is answered is kept",
            long="shorten the story, or use a model that reads more",
        )
        self._lost: NoServer | None = None
        # The package is imported here, half a second's work, so that no request waits for it while its time runs.
        self._connection = Connection(self.server, self.asked.server, planner.policy.request, LONGEST_REPLY)

    async def outline(self, story: Story) -> Outline | Failure:
        """The scenes of a story that has none."""
        try:
            scenes = await self._answer("", story_messages(story), StoryAnswer, read_outline)
        except (_Failed, NoServer) as error:
            return Failure("", str(error))
        return Outline(scenes)

    async def scene(self, story: Story, scene: Scene) -> Answer:
        """One scene without its gaps. Raises NoServer."""

        def mended(answer: dict[str, Any], remarks: list[str]) -> dict[str, Any]:
            return mended_scene(answer, story, scene, remarks)

        async with self.free:
            if self._lost is not None:
                raise self._lost
            try:
                messages = scene_messages(story, scene)
                return await self._answer(
                    scene.name, messages, SceneAnswer, lambda answer: read_scene(answer, story, scene), mended
                )
            except _Failed as error:
                return Failure(scene.name, str(error))
            except NoServer as error:
                if error.this:
                    return Failure(scene.name, str(error))
                self._lost = error
                raise

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def _answer(
        self,
        scene: str,
        messages: list[Message],
        form: type[_Form],
        read: Callable[[_Form], _T | list[str]],
        mended: Callable[[dict[str, Any], list[str]], dict[str, Any]] = lambda answer, remarks: answer,
    ) -> _T:
        """Ask until the answer is sound, sending a bad one back with its faults. Raises _Failed, NoServer."""
        tried, before = 0, [""]
        while True:
            tried += 1
            said = await self._said(messages, form)
            remarks: list[str] = []
            found = self._object_in(said, form)
            if found is None:
                faults = ["Invalid JSON: there is no JSON object in the answer"]
            else:
                try:
                    result = read(form.model_validate(mended(known_only(found, form, remarks), remarks)))
                except ValidationError as error:
                    result = form_faults(error)
                if not isinstance(result, list):
                    self._remark(scene, remarks)
                    return result
                faults = result
            if said.stopped in _CUT:
                raise _Failed(
                    f"the answer is cut off, since the server lets `{self.model}` write only {_tokens(said)}; raise its"
                    " limit, or shorten the scene"
                )
            if faults == before or tried > MOST_RETURNS:
                break
            before = faults
            messages = sent_back(messages, said.text, faults)
        listed = "".join(f"\n  - {fault}" for fault in faults[:5])
        more = f"\n  - and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise _Failed(self.server.safe(f"the answer can't be used, after {tried} tries:{listed}{more}{_shown(said)}"))

    def _object_in(self, said: Said, form: type[BaseModel]) -> dict[str, Any] | None:
        """The object among the model's words that is most like the form. The server knows the key; should an answer
        hold it, it goes no further."""
        found = [unwrapped(each, form) for each in objects_in(said.text)]
        best = max(found, key=lambda each: len(each.keys() & form.model_fields.keys()), default=None)
        return None if best is None else {name: _each_text(value, self.server.safe) for name, value in best.items()}

    def _remark(self, scene: str, remarks: list[str]) -> None:
        if remarks:
            where = f"scene `{scene}`: " if scene else ""
            self.planner.remarks.append(self.server.safe(f"{where}the answer was mended: {'; '.join(remarks)}"))

    async def _said(self, messages: list[Message], form: type[BaseModel]) -> Said:
        """What the model says, faults that pass waited out. Raises _Failed, NoServer."""
        try:
            return await ask(lambda: self._request(messages, form), self.planner.policy)
        except GaveUp as given_up:
            if given_up.fault.unreachable:
                raise NoServer(
                    f"{given_up.fault}; check the network and OPENAI_BASE_URL, or use `planner offline`"
                ) from None
            raise _Failed(str(given_up)) from None

    async def _request(self, messages: list[Message], form: type[BaseModel]) -> Said:
        """One reply, asked for in a form that the server takes. Raises Transient, _Failed, NoServer."""
        while True:
            way = self.way
            body = {"model": self.model, **asked(messages, form, WAYS[way])}
            reply = await self._connection.chat(body)
            complained = complaint(reply)
            if complained is None:
                break
            error = refusal(reply, complained, self.asked, self.server)
            if not isinstance(error, FormRefused):
                raise error
            if way + 1 == len(WAYS):
                raise NoServer(f"{error}; can `{self.model}` answer in JSON?")
            self.way = max(self.way, way + 1)
        try:
            said = read(reply)
        except Unreadable as why:
            if why.page:
                raise NoServer(f"{why}; check OPENAI_BASE_URL, which usually ends in /v1") from None
            raise Transient(str(why), paid=True) from None
        total = self.planner.usage
        total.replies += 1
        total.tokens_in += said.tokens_in
        total.tokens_out += said.tokens_out
        if said.refusal and not said.text.strip():
            raise _Failed(self.server.safe(f"the model refuses{_shown(said, said.refusal)}"))
        if said.stopped == "content_filter":
            raise _Failed("the server's content filter holds the answer back; write the scene in other words")
        return said


def _tokens(said: Said) -> str:
    return f"{said.tokens_out} tokens" if said.tokens_out else "so many tokens"


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _each_text(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_each_text(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


def _shown(said: Said, text: str = "") -> str:
    """An answer as a block of its own under a message, not too long and of printable characters only."""
    flat = shortened(one_line(text or said.text), _LONGEST_SHOWN, " ...")
    return f"\n  it says: {flat or 'nothing'}"
