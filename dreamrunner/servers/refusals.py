"""What a refusal means, told in one line: by its status, and by the words with which servers say the same.

What a server says is read, never shown: it may quote the key, and is in the words of its makers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from dreamrunner.files.json import parse
from dreamrunner.servers.address import NoServer, Server
from dreamrunner.servers.request import Reply
from dreamrunner.servers.retrying import Transient, retry_after

_LONGEST_READ = 4000

_MONEY = re.compile(
    r"insufficient[_ ](quota|balance|credit|fund)|quota[_ ]exceeded|exceeded your current quota|billing|payment|"
    r"not enough credit|out of credit|credit balance|prepaid|arrears|overdue"
)
_LENGTH = re.compile(
    r"context[_ ](length|window|size)|maximum (context|length|prompt)|max_length|too many (input )?tokens|"
    r"(prompt|input|request|text|message)s? (is|are) too (long|large)|too long|token limit|reduce the length|n_ctx|"
    r"larger than the (maximum|context)|payload too large|request too large"
)
_KEY = re.compile(
    r"api[_ -]?key|invalid[_ ]key|incorrect key|authenticat|unauthorized|unauthenticated|bearer|access token"
)
_REGION = re.compile(r"(country|region|territory|location)\b.{0,40}(support|available|allowed)|unsupported_country")
_FORM = re.compile(
    r"response[_ ]?format|json[_ ]?schema|json[_ ]?object|structured[_ ]output|guided|grammar|\$ref|\bschema\b"
)
_MODEL = re.compile(r"model|deployment|\bpull")
_PATH = re.compile(
    r"page not found|resource not found|route|no such (path|endpoint)|cannot post|invalid url|^not found$"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """How messages call what was asked for.

    ``server``: the server, as ``the server``.
    ``thing``: what it was asked for, as ``the model `x```.
    ``knob``: where the author says that, as ``the story's `planner```.
    ``kept``: what is not lost, as ``what is answered is kept``.
    ``long``: what to do against a text that is too long.
    """

    server: str
    thing: str
    knob: str
    kept: str
    long: str


class FormRefused(Exception):
    """The server does not take the form in which an answer is asked for; in another one it may answer."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a server says with a refusal.

    ``status``: what it means: a status of 400 to 599, 500 for an error within success that names none.
    ``words``: its code, type and message, in lower case.
    ``seen``: the status that is told: the one that the error names, or else the reply's own.
    """

    status: int
    words: str
    seen: int


def complaint(reply: Reply) -> Complaint | None:
    """What the server complains about, with a status of success too; None where it does not."""
    try:
        value = parse(reply.body)
    except ValueError:
        words = reply.text[:_LONGEST_READ].lower()
        return None if reply.status < 400 else Complaint(reply.status, words, reply.status)
    value = value[0] if isinstance(value, list) and value else value
    found = value.get("error") if isinstance(value, dict) else None
    if reply.status < 400 and not found:
        return None
    said = found or value
    named = reply.status if reply.status >= 400 else _named(said)
    return Complaint(named or 500, _texts(said)[:_LONGEST_READ].lower(), named or reply.status)


def refusal(reply: Reply, told: Complaint, asked: Asked, server: Server) -> Exception:
    """A refusal as the error to raise: :class:`NoServer`, :class:`FormRefused`, or ``Transient`` where it may pass."""
    status, words, of, name = told.status, told.words, f"(status {told.seen})", asked.server
    wait = retry_after(reply.headers.get("retry-after"))
    if status == 407:
        return NoServer(f"the proxy wants a name and a password {of}; HTTPS_PROXY can hold them")
    for_good = reply.status in (200, 400, 403) or (status == 429 and wait is None)
    if status == 402 or (for_good and _MONEY.search(words)):
        return NoServer(f"the account's quota is used up, or not paid {of}; {asked.kept}")
    if status in (400, 403, 451) and _REGION.search(words):
        return NoServer(f"{name} does not serve the country that this machine asks from {of}; use another server")
    if status == 413 or (status in (400, 403, 422, 500) and _LENGTH.search(words)):
        return NoServer(f"the request is too long for {asked.thing} {of}; {asked.long}", this=True)
    if status == 403 and _is_page(words):
        return NoServer(f"something before {name}, such as a firewall, blocks the request {of}; check OPENAI_BASE_URL")
    if status in (401, 403) or (status == 400 and _KEY.search(words)):
        if not server.key:
            return NoServer(f"{name} wants a key {of}; set OPENAI_API_KEY")
        return NoServer(f"{name} refuses the key {of}; check OPENAI_API_KEY")
    if _FORM.search(words) and (status in (400, 404, 415, 422) or status >= 500):
        return FormRefused(f"{name} does not accept the form of the answer {of}")
    if status in (404, 405, 410):
        return NoServer(_missing(words, asked, of))
    if status in (408, 409, 425, 429) or status >= 500:
        what = "has too many requests" if status == 429 else "has a fault"
        return Transient(f"{name} {what} {of}", wait)
    return NoServer(f"{name} does not accept the request {of}; check {asked.knob} and OPENAI_BASE_URL")


def _missing(words: str, asked: Asked, of: str) -> str:
    path = "OPENAI_BASE_URL, which usually ends in /v1"
    if _is_page(words) or _PATH.search(words) or not words.strip():
        return f"{asked.server} has nothing at that address {of}; check {path}"
    if _MODEL.search(words):
        return f"{asked.server} does not know {asked.thing} {of}; check {asked.knob}"
    return f"{asked.server} does not know {asked.thing} {of}; check {asked.knob}, and {path}"


def _is_page(words: str) -> bool:
    return words.lstrip().startswith("<")


def _named(said: Any) -> int | None:
    """The status that an error in a reply with status 200 names itself."""
    code = said.get("code", said.get("status")) if isinstance(said, dict) else None
    number = int(code) if isinstance(code, str) and code.isdecimal() and len(code) == 3 else code
    return number if type(number) is int and 400 <= number < 600 else None


def _texts(value: Any) -> str:
    """Every text in a value, one after the other."""
    if isinstance(value, dict):
        return " ".join(map(_texts, value.values()))
    if isinstance(value, list):
        return " ".join(map(_texts, value))
    return value if isinstance(value, str) else ""
