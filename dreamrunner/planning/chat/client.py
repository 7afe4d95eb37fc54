"""A chat model as planner, over OpenAI's protocol: one request for a story's scenes, one for each scene.

``OPENAI_API_KEY`` holds the key; ``OPENAI_BASE_URL`` the address of a compatible server. Neither ever stands in a
message. The ``openai`` package is imported when the model is asked and not before.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from dreamrunner.files.retrying import GaveUp, RetryPolicy, Transient, ask, retry_after
from dreamrunner.files.text import one_line, shortened
from dreamrunner.language import Scene, Story
from dreamrunner.planning.chat.answers import SceneAnswer, StoryAnswer, read_outline, read_scene
from dreamrunner.planning.chat.prompts import scene_messages, story_messages
from dreamrunner.planning.planner import Answer, Failure, Outline

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI
    from openai.types.shared_params import ResponseFormatJSONSchema

    from dreamrunner.planning.chat.prompts import Message

JOBS = 4
MOST_RETURNS = 2
"""How often a bad answer is sent back with its faults."""

SHORTEST_KEY = 16
"""Letters from which on a key is a secret; shorter ones are what servers of one's own are content with."""

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
    """Asks the chat model that a story names, ``jobs`` requests at a time. A ``Planner``; see ``usage`` afterwards."""

    jobs: int = JOBS
    policy: RetryPolicy = RetryPolicy()
    usage: Usage = field(default_factory=Usage)

    def __call__(self, story: Story, scenes: tuple[str, ...]) -> Iterator[Answer]:
        """Fill scenes, each given back as soon as it is answered; a story without scenes gets them first."""
        try:
            conversation = _Conversation(self, story.planner)
        except _Hopeless as error:
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
    while pending:
        done, pending = runner.run(some(pending))
        hopeless = [task for task in done if isinstance(task.exception(), _Hopeless)]
        yield from (task.result() for task in done if task not in hopeless)
        if hopeless:
            # Nothing that is asked after this can do better. Leaving the runner ends what is under way.
            yield Failure("", str(hopeless[0].exception()))
            return


class _Hopeless(Exception):
    """No request can succeed: a wrong key, no network. ``str()`` says what to do."""


class _Failed(Exception):
    """One answer could not be had. ``str()`` says why."""


class _Conversation:
    """The connection to the server and what is said over it."""

    def __init__(self, planner: ChatPlanner, model: str) -> None:
        self.planner, self.model = planner, model
        self.key = os.environ.get("OPENAI_API_KEY", "").strip()
        self.address = os.environ.get("OPENAI_BASE_URL", "").strip()
        if not self.key:
            raise _Hopeless(
                f"`planner {model}` needs a key: set OPENAI_API_KEY, or use `planner offline`, which needs none"
            )
        self.free = asyncio.Semaphore(max(1, planner.jobs))
        self._lost: _Hopeless | None = None
        self._client = self._connected()
        # Imported here, a second's work, so that no request waits for it while its time runs.
        self._ask = self._client.chat.completions.create

    async def outline(self, story: Story) -> Outline | Failure:
        """The scenes of a story that has none."""
        try:
            scenes = await self._answer(story_messages(story), StoryAnswer, read_outline)
        except (_Failed, _Hopeless) as error:
            return Failure("", str(error))
        return Outline(scenes)

    async def scene(self, story: Story, scene: Scene) -> Answer:
        """One scene without its gaps. Raises _Hopeless."""
        async with self.free:
            if self._lost is not None:
                raise self._lost
            try:
                return await self._answer(
                    scene_messages(story, scene), SceneAnswer, lambda answer: read_scene(answer, story, scene)
                )
            except _Failed as error:
                return Failure(scene.name, str(error))
            except _Hopeless as error:
                self._lost = error
                raise

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _answer(self, messages: list[Message], form: type[_Form], read: Callable[[_Form], _T | list[str]]) -> _T:
        """Ask until the answer is sound, sending a bad one back with its faults."""
        for returned in range(MOST_RETURNS + 1):
            said = await self._said(messages, form)
            faults: list[str] = []
            try:
                result = read(form.model_validate_json(said))
                if not isinstance(result, list):
                    return result
                faults = result
            except ValidationError as error:
                faults = _form_faults(error)
            if returned < MOST_RETURNS:
                listed = "\n".join(f"- {fault}" for fault in faults)
                messages = [
                    *messages[:2],
                    {"role": "assistant", "content": said},
                    {"role": "user", "content": f"This answer can't be used:\n{listed}\nGive the whole answer again."},
                ]
        listed = "".join(f"\n  - {fault}" for fault in faults[:5])
        more = f"\n  - and {len(faults) - 5} more" if len(faults) > 5 else ""
        tries = f"after {MOST_RETURNS + 1} tries"
        raise _Failed(self._safe(f"the answer can't be used, {tries}:{listed}{more}{_shown(said)}"))

    async def _said(self, messages: list[Message], form: type[BaseModel]) -> str:
        """What the model says, faults that pass waited out. Raises _Failed, _Hopeless."""
        try:
            return await ask(lambda: self._request(messages, form), self.planner.policy)
        except GaveUp as given_up:
            if given_up.fault.unreachable:
                raise _Hopeless(
                    f"{given_up.fault}; check the network and OPENAI_BASE_URL, or use `planner offline`"
                ) from None
            raise _Failed(str(given_up)) from None

    async def _request(self, messages: list[Message], form: type[BaseModel]) -> str:
        """One request, one reply. Raises Transient, _Failed, _Hopeless."""
        import openai

        wanted: ResponseFormatJSONSchema = {
            "type": "json_schema",
            "json_schema": {"name": form.__name__, "strict": True, "schema": form.model_json_schema()},
        }
        try:
            reply = await self._ask(
                model=self.model,
                messages=messages,
                response_format=wanted,
            )
        except openai.APIConnectionError as error:
            raise _broken(error, self.planner.policy) from None
        except openai.APIStatusError as error:
            raise self._refused(error) from None
        except (openai.OpenAIError, ValueError, TypeError):
            raise Transient("the server's reply can't be read") from None
        return self._content(reply)

    def _content(self, reply: object) -> str:
        choices = getattr(reply, "choices", None)
        choice: Any = choices[0] if isinstance(choices, list) and choices else None
        message = getattr(choice, "message", None)
        if message is None:
            raise Transient("the server's reply can't be read")
        usage = getattr(reply, "usage", None)
        total = self.planner.usage
        total.replies += 1
        total.tokens_in += getattr(usage, "prompt_tokens", None) or 0
        total.tokens_out += getattr(usage, "completion_tokens", None) or 0
        if getattr(message, "refusal", None):
            raise _Failed(self._safe(f"the model refuses{_shown(str(message.refusal))}"))
        if choice.finish_reason == "content_filter":
            raise _Failed("the server's content filter holds the answer back; write the scene in other words")
        # The server knows the key. Should an answer hold it, it goes no further.
        return self._safe(str(message.content or ""))

    def _connected(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI, Timeout

        policy = self.planner.policy
        limits = Timeout(policy.request, connect=min(10.0, policy.request))
        try:
            # Retries are ours, so that they end in time and honour what the server asks for.
            return AsyncOpenAI(api_key=self.key, base_url=self.address or None, timeout=limits, max_retries=0)
        except Exception:
            raise _Hopeless("OPENAI_BASE_URL is not an address that can be asked; mend or unset it") from None

    def _refused(self, error: APIStatusError) -> Exception:
        """What a status other than success means. What the server says with it is not shown: it may quote the key."""
        status, model = error.status_code, self.model
        if status in (401, 403):
            return _Hopeless(f"the server refuses the key (status {status}); check OPENAI_API_KEY")
        if status == 404:
            return _Hopeless(f"the server does not know the model `{model}` (status 404); check the story's `planner`")
        if status == 429 and getattr(error, "code", None) == "insufficient_quota":
            return _Hopeless("the account's quota is used up (status 429); what is answered is kept")
        if status in (408, 409, 429) or status >= 500:
            what = "the server has too many requests" if status == 429 else "the server has a fault"
            return Transient(f"{what} (status {status})", retry_after(error.response.headers.get("retry-after")))
        return _Hopeless(f"the server does not accept the request (status {status}); can `{model}` answer by schema?")

    def _safe(self, text: str) -> str:
        """``text`` without the key and the server's address, should a model's answer hold them.

        What local servers take for a key (``x``, ``local``), and a host of one word, are words like any other.
        """
        host = self.address.partition("://")[2].partition("/")[0]
        secrets = [self.address, host if set(host) & {".", ":"} else ""]
        for secret in (*secrets, self.key if len(self.key) >= SHORTEST_KEY else ""):
            if secret:
                text = text.replace(secret, "...")
        return text


def _broken(error: Exception, policy: RetryPolicy) -> Transient:
    # By name, since which HTTP library lies under `openai` depends on its version.
    if type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout", "UnsupportedProtocol"):
        return Transient("the server can't be reached", unreachable=True)
    if type(error).__name__ == "APITimeoutError":
        return Transient(_late(policy))
    return Transient("the connection broke off")


def _late(policy: RetryPolicy) -> str:
    return f"no reply within {policy.request:g} seconds"


def _form_faults(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, item['loc'])) or 'the answer'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)[:20]
    ]


def _shown(said: str) -> str:
    """An answer as a block of its own under a message, not too long and of printable characters only."""
    flat = shortened(one_line(said), _LONGEST_SHOWN, " ...")
    return f"\n  it says: {flat or 'nothing'}"
