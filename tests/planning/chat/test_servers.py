"""Servers as they are: what they put round an answer is tolerated, what they refuse is told for what it is.

And hostile ones: nothing they send takes much memory, the story goes nowhere else, and nothing is paid for thrice.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dreamrunner.language import Scene, check_text
from dreamrunner.planning.chat.client import LONGEST_REPLY, ChatPlanner
from dreamrunner.planning.planner import Answer, Failure
from dreamrunner.servers.retrying import RetryPolicy
from tests.material.chat_server import (
    KEY,
    Behave,
    Handler,
    Server,
    altered,
    endless,
    message,
    packed,
    raw,
    refuses_forms,
    reply,
    says,
    serving,
    well,
)

STORY = check_text(
    'story "A day"\n  planner "qwen3:8b"\ncharacter cat "a cat"\ncharacter dog "a dog"\n\n'
    'scene garden\n  narration "The cat\'s garden."\n  duration 3s\n\nscene beach\n  duration 3s\n',
    Path("day.story"),
).story
GOOD = [scene for scene in STORY.scenes if scene.name == "garden"]
QUICK = RetryPolicy(request=2.0, total=6.0, tries=3, pause=0.01, longest_pause=0.02)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", running.address)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    running.requests.clear()
    running.scripts.clear()
    running.usual, running.sent = well, 0
    return running


def ask(server: Server, behave: Behave, *scenes: str) -> tuple[list[Answer], list[str]]:
    """What the planner gives for a scene, or several, of a server that behaves so; and what it remarks."""
    server.usual = behave
    planner = ChatPlanner(2, QUICK)
    answers = list(planner(STORY, scenes or ("garden",)))
    told = " ".join(map(str, [*answers, *planner.remarks]))
    assert KEY not in told and "127.0.0.1" not in told
    return answers, planner.remarks


def rows(change: Callable[[dict], None]) -> Behave:
    """A sound answer with every entity of every key frame changed."""
    return altered(lambda answer: [change(row) for frame in answer["key_frames"] for row in frame["entities"]])


def events(*pieces: str) -> Behave:
    """A stream of events that nobody asked for."""

    def behave(handler: Handler, body: dict) -> None:
        def event(delta: dict) -> str:
            return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n"

        well_said: list[dict] = []
        reply(lambda whole, text: well_said.append({"text": text}))(_Silent(), body)
        text = well_said[0]["text"]
        parts = [": PROCESSING\n\n", event({"content": text[:40]}), event({"content": text[40:]}), "data: [DONE]\n\n"]
        handler.send(200, "".join(parts).encode(), {"Content-Type": "text/event-stream"})

    return behave


class _Silent:
    """Takes a reply and sends it nowhere."""

    def send(self, *_: object) -> None:
        pass


def call(name: str) -> Callable[[str], dict]:
    return lambda text: {"content": None, "tool_calls": [{"function": {"name": name, "arguments": text}}]}


ROUND = {
    "thoughts": message(lambda text: {"content": f"<think>\nA {{plan}}, \"hm.\n</think>\n\n{text}"}),
    "thoughts without a beginning": message(lambda text: {"content": f"Who {{walks}}?\n</think>\n{text}"}),
    "thoughts of another name": message(lambda text: {"content": f"<thought>hm</thought>{text}"}),
    "a fence": message(lambda text: {"content": f"```json\n{text}\n```"}),
    "prose": message(lambda text: {"content": f"Here it is, a 5\" {{plan}}:\n{text}\nTell me if {{it}} fits!"}),
    "an open brace before": message(lambda text: {"content": f"So {{ here:\n{text}"}),
    "a byte order mark": message(lambda text: {"content": f"\ufeff{text}"}),
    "a comma too many": message(lambda text: {"content": f"{text[:-1]},}}"}),
    "its own name round it": message(lambda text: {"content": f'{{"SceneAnswer": {text}}}'}),
    "a list round it": message(lambda text: {"content": f"[{text}]"}),
    "parts": message(lambda text: {"content": [{"type": "text", "text": each} for each in (text[:9], text[9:])]}),
    "parts with thoughts": message(
        lambda text: {"content": [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": text}]}
    ),
    "an object": message(lambda text: {"content": json.loads(text)}),
    "a tool's call": message(call("SceneAnswer")),
    "a function's call": message(lambda text: {"content": "", "function_call": {"arguments": text}}),
    "where thoughts stand": message(lambda text: {"content": None, "reasoning_content": f"Hm. {text}"}),
    "a message as text": reply(lambda whole, text: whole["choices"][0].update(message=text)),
    "a stream of events": events(),
    "no schema": refuses_forms("json_schema"),
    "no schema, told as 422": refuses_forms("json_schema", with_status=422, saying="unknown variant `json_schema`"),
    "no schema, told as 500": refuses_forms("json_schema", with_status=500, saying="failed to parse grammar"),
    "no form at all": refuses_forms("json_schema", "json_object"),
    "blanks before": lambda handler, body: well(_Prefixed(handler, b"\n\n      \n"), body),
    "no usage": reply(lambda whole, _: whole.pop("usage") and None),
    "usage null": reply(lambda whole, _: whole.update(usage=None)),
    "usage a list": reply(lambda whole, _: whole.update(usage=[1])),
    "usage in texts": reply(lambda whole, _: whole.update(usage={"prompt_tokens": "100", "completion_tokens": "x"})),
    "usage beyond all": reply(lambda whole, _: whole.update(usage={"prompt_tokens": 10**30, "completion_tokens": -5})),
    "no reason to stop": reply(lambda whole, _: whole["choices"][0].update(finish_reason=None)),
    "a reason of another form": reply(lambda whole, _: whole["choices"][0].update(finish_reason={"x": 1})),
    "dates out of range": reply(lambda whole, _: whole.update(created=10**300)),
}  # fmt: skip


class _Prefixed:
    """Sends something before every body."""

    def __init__(self, handler: Handler, before: bytes) -> None:
        self.handler, self.before = handler, before

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.handler.send(status, self.before + body, headers)


@pytest.mark.parametrize("behave", ROUND.values(), ids=ROUND.keys())
def test_what_stands_round_an_answer_is_tolerated(server: Server, behave: Behave) -> None:
    answers, remarks = ask(server, behave)
    assert [type(each) for each in answers] == [Scene], answers
    assert answers[0].beats and remarks == []
    paid = [body for _, body in server.requests if body.get("response_format", {}).get("type") == "json_schema"]
    assert len(paid) == 1


@pytest.mark.parametrize("said", ["Sure! Here you are.", "", "{not JSON}", "[1, 2]"])
def test_an_answer_without_json_goes_back_once(server: Server, said: str) -> None:
    server.scripts["garden"] = [says(said)]
    [scene], _ = ask(server, well)
    assert isinstance(scene, Scene) and len(server.requests) == 2
    assert "Invalid JSON" in server.requests[-1][1]["messages"][-1]["content"]
    [failure], _ = ask(server, says(said))
    assert "after 2 tries" in failure.reason and len(server.requests) == 4


def test_a_form_that_is_refused_is_refused_once_for_all_scenes(server: Server) -> None:
    server.usual = refuses_forms("json_schema", "json_object")
    answers = list(ChatPlanner(1, QUICK)(STORY, ("garden", "beach")))
    assert [type(each) for each in answers] == [Scene, Scene]
    asked = [body.get("response_format", {}).get("type") for _, body in server.requests]
    assert asked == ["json_schema", "json_object", None, None]
    last = server.requests[-1][1]["messages"]
    assert '"key_frames"' in last[0]["content"] and [each["role"] for each in last] == ["system", "user"]


def test_the_schema_has_no_reference(server: Server) -> None:
    ask(server, well)
    assert "$ref" not in json.dumps(server.requests[0][1])


EDGES = ("x0", "y0", "x1", "y1")
MENDED = {
    "a key too many": (altered(lambda answer: answer.update(title="x")), "`title`, which nobody asked for"),
    "keys too many in rows": (rows(lambda row: row.update(confidence=1)), "`confidence`, which nobody asked for"),
    "a name in other case": (rows(lambda row: row.update(entity=row["entity"].upper())), "it calls `cat` 'CAT'"),
    "one frame too many": (
        altered(lambda answer: answer["key_frames"].append({**answer["key_frames"][-1], "second": 3})),
        "a key frame of second 3, when the scene is over",
    ),
    "seconds from 1": (
        altered(lambda answer: [frame.update(second=frame["second"] + 1) for frame in answer["key_frames"]]),
        "counted from 1",
    ),
    "a box a hair outside": (rows(lambda row: row.update(box=[-0.02, 0.3, 0.4, 1.0001])), "beyond the frame"),
    "boxes in percent": (rows(lambda row: row.update(box=[round(100 * x) for x in row["box"]])), "parts of 100"),
    "boxes in thousandths": (rows(lambda row: row.update(box=[round(1000 * x) for x in row["box"]])), "parts of 1000"),
    "boxes with names": (rows(lambda row: row.update(box=dict(zip(EDGES, row["box"], strict=True)))), ""),
    "numbers as texts": (rows(lambda row: row.update(box=[str(x) for x in row["box"]], line=str(row["line"]))), ""),
    "no line": (rows(lambda row: row.update(line=None)), ""),
    "half a letter": (altered(lambda answer: answer.update(background="a \ud83d garden")), ""),
    "the author's words again": (altered(lambda answer: answer.update(narration="the cat\u2019s garden")), ""),
}  # fmt: skip


@pytest.mark.parametrize(("behave", "remark"), MENDED.values(), ids=MENDED.keys())
def test_small_slips_are_mended_with_a_warning(server: Server, behave: Behave, remark: str) -> None:
    [scene], remarks = ask(server, behave)
    [expected], _ = ask(server, well)
    assert isinstance(scene, Scene) and len(server.requests) == 2
    assert [beat.entity for beat in scene.beats] == ["cat"] == [beat.entity for beat in expected.beats]
    assert (remark in remarks[0] and remarks[0].startswith("scene `garden`: ")) if remark else remarks == []
    if "beyond" not in remark:
        assert scene.beats == expected.beats


def error(code: int, said: object, **headers: str) -> Behave:
    return raw(json.dumps(said).encode(), code=code, **headers)


def openai(code: int, text: str, kind: str | None = None) -> Behave:
    return error(code, {"error": {"message": text, "type": "invalid_request_error", "param": None, "code": kind}})


PAGE = b"<!doctype html><html>Open WebUI</html>"
TOLD = {
    "a page": (raw(PAGE, "text/html"), 1, "answers with a web page; check OPENAI_BASE_URL"),
    "cut by length": (
        reply(lambda whole, text: whole["choices"][0].update(message={"content": text[:99]}, finish_reason="length")),
        1, "is cut off, since the server lets `qwen3:8b` write only 50 tokens",
    ),
    "thoughts up to the length": (
        reply(lambda whole, _: whole["choices"][0].update(
            message={"content": None, "reasoning": "Let me see"}, finish_reason="length")),
        1, "is cut off",
    ),
    "busy within 200": (error(200, {"error": {"message": "Provider error", "code": 429}}), 3, "too many requests"),
    "unpaid within 200": (error(200, {"error": {"message": "Insufficient credits", "code": 402}}), 1, "used up"),
    "quota within 200": (error(200, {"error": {"message": "quota exceeded"}}), 1, "used up"),
    "an error as text within 200": (error(200, {"error": "no such model: x", "code": 404}), 3, "has a fault"),
    "no path": (raw(b"404 page not found", "text/plain", 404), 1, "has nothing at that address (status 404)"),
    "no path, as a page": (raw(PAGE, "text/html", 404), 1, "has nothing at that address"),
    "no path, silent": (raw(b"", "text/plain", 404), 1, "usually ends in /v1"),
    "no path, of a cloud": (error(404, {"error": {"code": "404", "message": "Resource not found"}}), 1, "nothing at"),
    "no model": (openai(404, "model 'm' not found, try pulling it first"), 1, "does not know the model `qwen3:8b`"),
    "a bad key as 400": (
        error(400, [{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}]),
        1, "refuses the key (status 400)",
    ),
    "a region": (
        openai(403, "Country, region, or territory not supported", "unsupported_country_region_territory"),
        1, "does not serve the country",
    ),
    "a firewall": (raw(b"<html>Attention Required!</html>", "text/html", 403), 1, "something before the server"),
    "unpaid": (openai(402, "Insufficient Balance"), 1, "quota is used up, or not paid (status 402)"),
    "billing": (openai(429, "Your account is not active", "billing_not_active"), 1, "not paid (status 429)"),
    "quota": (openai(429, "You exceeded your current quota", "insufficient_quota"), 1, "quota is used up"),
    "context": (
        openai(400, "This model's maximum context length is 4096 tokens.", "context_length_exceeded"),
        1, "too long for the model `qwen3:8b` (status 400); shorten the story",
    ),
    "too large": (openai(413, "Request too large"), 1, "too long"),
    "too large, as a page": (raw(PAGE, "text/html", 413), 1, "too long"),
    "no form": (openai(400, "response_format is not supported"), 3, "can `qwen3:8b` answer in JSON?"),
    "a proxy's password": (raw(b"", "text/plain", 407), 1, "the proxy wants a name and a password"),
    "nested deep": (raw(b'{"a":' * 50_000 + b"1" + b"}" * 50_000), 2, "can't be read"),
    "numbers without end": (raw(b'{"choices": [], "x": 1e999}'), 2, "can't be read"),
    "not a number": (raw(b'{"choices": [], "x": NaN}'), 2, "can't be read"),
    "a number of 5000 digits": (raw(b'{"choices": [], "x": ' + b"1" * 5000 + b"}"), 2, "can't be read"),
    "not UTF-8": (raw(b"\xff\xfe\x00"), 2, "can't be read"),
    "a list": (raw(b"[1, 2]"), 2, "no message of a model"),
    "null": (raw(b"null"), 2, "no message of a model"),
    "no choices": (raw(b'{"choices": []}'), 2, "no message of a model"),
    "choices as text": (raw(b'{"choices": "x"}'), 2, "no message of a model"),
    "a choice null": (raw(b'{"choices": [null]}'), 2, "no message of a model"),
    "a message as a number": (raw(b'{"choices": [{"message": 5}]}'), 2, "no message of a model"),
    "an answer nested deep": (message(lambda _: {"content": '{"a":' * 3_000}), 2, "after 2 tries"),
    "an answer without end": (rows(lambda row: row.update(box=[0, 0, 1, 10**400])), 2, "a valid number"),
    "events of nonsense": (raw(b"data: {\n\n", "text/event-stream"), 2, "can't be read"),
    "packed otherwise": (raw(b"x", **{"Content-Encoding": "br"}), 1, "packed in a way that was not asked for"),
    "said to be packed": (raw(b"xxxx", **{"Content-Encoding": "gzip"}), 2, "can't be unpacked"),
    "packed and cut off": (raw(packed(1)[:-9], **{"Content-Encoding": "gzip"}), 2, "is cut off"),
    "asked to wait till never": (raw(b"", code=429, **{"Retry-After": "Fri, 31 Dec 99999 23:59:59 GMT"}), 3, "many"),
    "asked to wait without end": (raw(b"", code=429, **{"Retry-After": "1e999"}), 3, "too many requests"),
}  # fmt: skip


@pytest.mark.parametrize(("behave", "asked", "says"), TOLD.values(), ids=TOLD.keys())
def test_what_is_no_answer_is_told_for_what_it_is(server: Server, behave: Behave, asked: int, says: str) -> None:
    [failure], _ = ask(server, behave)
    assert isinstance(failure, Failure) and says in failure.reason, failure
    assert len(server.requests) == asked and "Error" not in failure.reason.partition("it says:")[0]


@pytest.mark.parametrize("behave", [endless, raw(packed(900), **{"Content-Encoding": "gzip"})], ids=["endless", "bomb"])
def test_a_body_without_end_is_given_up(server: Server, behave: Behave) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [failure], _ = ask(server, behave)
    assert "larger than 16 MB" in failure.reason and len(server.requests) == 1
    assert server.sent < 2 * LONGEST_REPLY
    # The server is in this process, too.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_story_goes_to_no_other_address(server: Server, code: int) -> None:
    with serving() as other:
        for place in (f"{other.address}/chat/completions", other.address.replace("http:", ""), "ftp://x/"):
            [failure], _ = ask(server, raw(b"", code=code, Location=place))
            assert f"sends the request on to another address (status {code})" in failure.reason
        assert other.requests == [] and len(server.requests) == 3


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_what_moved_within_its_address_is_found(server: Server, code: int) -> None:
    def moved(handler: Handler, body: dict) -> None:
        if handler.path.endswith("/"):
            well(handler, body)
        else:
            handler.send(code, b"", {"Location": f"{handler.path}/"})

    [scene], _ = ask(server, moved)
    assert isinstance(scene, Scene) and len(server.requests) == 2
    [failure], _ = ask(server, raw(b"", code=code, Location="/v1/chat/completions"))
    assert "from place to place without end" in failure.reason


def test_a_server_that_wants_no_key_gets_none(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert isinstance(ask(server, well)[0][0], Scene)
    [failure], _ = ask(server, openai(401, "no"))
    assert failure.reason == "the server wants a key (status 401); set OPENAI_API_KEY"


@pytest.mark.parametrize("key", ["sk-schlüssel-0123456789", "sk-a b-0123456789abcdef", "“sk-0123456789abcdef”"])
def test_a_key_that_cannot_be_one_is_told(server: Server, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    [failure], _ = ask(server, well)
    assert "OPENAI_API_KEY has a letter that no key has" in failure.reason and key not in failure.reason
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "SOCKS proxy, which needs a package more"),
        ("HTTP_PROXY", "nonsense://127.0.0.1:9", "is not an address"),
        ("HTTP_PROXY", "http://127.0.0.1:9", "can't be reached"),
        ("OPENAI_BASE_URL", "ftp://127.0.0.1/v1", "OPENAI_BASE_URL is not an address"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:99999/v1", "OPENAI_BASE_URL is not an address"),
        ("OPENAI_BASE_URL", "http:///v1", "OPENAI_BASE_URL is not an address"),
    ],
)
def test_what_the_environment_says_is_told_where_it_is_wrong(
    server: Server, name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "ALL_PROXY":
        import sys

        monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(name, value)
    [failure], _ = ask(server, well)
    assert says in failure.reason and value not in failure.reason and server.requests == []


def test_a_scene_that_is_refused_throws_no_paid_answer_away(server: Server) -> None:
    server.scripts["beach"] = [openai(400, "no")]

    def late(handler: Handler, body: dict) -> None:
        while not any(name == "beach" for name, _ in server.requests):
            pass
        server.scripts["beach"].append(well)
        well(handler, body)

    server.scripts["garden"] = [late]
    answers, _ = ask(server, well, "garden", "beach")
    assert {type(each) for each in answers} == {Scene, Failure}
