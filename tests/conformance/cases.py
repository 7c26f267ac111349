"""Reads a department's cases and plays the department's side of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import yaml

import adapters.departments
from adapters.contract.operations import FieldSet, Kind, Operation, operations
from adapters.contract.transport import CallInfo, Reply, Request

DEPARTMENTS = Path(adapters.departments.__path__[0])


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cases are refused when a key is misspelt."""


class ExpectedRequest(Strict, frozen=True, kw_only=True):
    """What the adapter must send: headers are a subset, all else is exact."""

    method: str = "GET"
    path: str
    query: dict[str, str | list[str]] = {}
    headers: dict[str, str] = {}
    json: Any = msgspec.UNSET
    form: dict[str, str | list[str]] | None = None
    text: str | None = None


class ScriptedReply(Strict, frozen=True, kw_only=True):
    """What the department answers."""

    status: int = 200
    headers: dict[str, str] = {}
    json: Any = msgspec.UNSET
    text: str | None = None

    def to_reply(self) -> Reply:
        body = (self.text or "").encode() if self.json is msgspec.UNSET else json.dumps(self.json).encode()
        return Reply(status=self.status, headers={k.lower(): v for k, v in self.headers.items()}, body=body)


class Exchange(Strict, frozen=True, kw_only=True):
    """One request and its reply."""

    request: ExpectedRequest
    reply: ScriptedReply


class Caller(Strict, frozen=True, kw_only=True):
    """Who asks."""

    subject: str | None = None
    locale: str = "en"
    actor: str | None = None


class ExpectedError(Strict, frozen=True, kw_only=True):
    """The error's class; `wire_code` and `problems` (their codes) where the case cares."""

    type: str
    wire_code: str | None = None
    problems: list[str] | None = None


class Case(Strict, frozen=True, kw_only=True):
    """One file under a department's `cases/`."""

    description: str
    operation: str
    keys: list[Any] = []
    fields: list[str] | None = None
    order: Any = None
    caller: Caller = Caller()
    now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    options: dict[str, str] = {}
    exchanges: list[Exchange]
    records: list[Any] | None = None
    record: Any = None
    error: ExpectedError | None = None

    @property
    def port_operation(self) -> Operation:
        return operations()[self.operation]

    @property
    def call_info(self) -> CallInfo:
        return CallInfo(
            id="00000000-0000-4000-8000-000000000000",
            operation=self.operation,
            subject=self.caller.subject,
            locale=self.caller.locale,
            at=self.now,
            actor=self.caller.actor,
        )

    @property
    def selected(self) -> FieldSet:
        """What the operation selects: the case's `fields`, or all that it may."""
        return self.port_operation.personal if self.fields is None else frozenset(self.fields)

    async def play(self, ports: Mapping[str, object]) -> Any:
        """Call the port as the case says: a list aligned to `keys` for a read, a record for a write."""
        method = getattr(ports[self.port_operation.port], self.port_operation.method)
        if self.port_operation.kind is Kind.WRITE:
            return await method(msgspec.convert(self.order, self.port_operation.argument))
        keys = [msgspec.convert(key, self.port_operation.argument) for key in self.keys]
        found = await (method(keys, self.selected) if self.port_operation.selects_fields else method(keys))
        assert set(found) <= set(keys), "the adapter returned a key that was not asked for"
        return [found.get(key) for key in keys]


class ScriptedTransport:
    """A transport that answers from exchanges; each is used once, in any order, but a token may be had again."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._left = list(exchanges)
        self._tokens: list[Exchange] = []
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Reply:
        self.sent.append(request)
        complaints = []
        for exchange in (*self._left, *self._tokens):
            difference = mismatch(exchange.request, request)
            if difference is None:
                self._use(exchange, request)
                return exchange.reply.to_reply()
            complaints.append(difference)
        raise AssertionError(
            f"no exchange expects {request.method} {request.path}: {'; '.join(complaints) or 'none left'}"
        )

    def _use(self, exchange: Exchange, request: Request) -> None:
        if exchange in self._left:
            self._left.remove(exchange)
            if not request.counts:
                self._tokens.append(exchange)

    def assert_all_used(self) -> None:
        assert not self._left, f"{len(self._left)} exchanges were never asked for: {self._left[0].request.path}"


class Generous:
    """A transport that answers as the exchanges say whatever is asked for at their places: with more than was."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._left = list(exchanges)

    async def send(self, request: Request) -> Reply:
        place = (request.method, request.path)
        found = next(one for one in self._left if (one.request.method, one.request.path) == place)
        self._left.remove(found)
        return found.reply.to_reply()


def mismatch(expected: ExpectedRequest, sent: Request) -> str | None:
    """In what a request differs from the expected one; None when in nothing."""
    if (sent.method, sent.path) != (expected.method, expected.path):
        return f"expected {expected.method} {expected.path}"
    if sorted(sent.query) != sorted(_pairs(expected.query)):
        return f"query is {sorted(sent.query)}, expected {sorted(_pairs(expected.query))}"
    headers = {name.lower(): value for name, value in sent.headers.items()}
    for name, value in expected.headers.items():
        if headers.get(name.lower()) != value:
            return f"header {name} is {headers.get(name.lower())!r}, expected {value!r}"
    return _body_mismatch(expected, sent.body or b"")


def _body_mismatch(expected: ExpectedRequest, body: bytes) -> str | None:
    if expected.json is not msgspec.UNSET and json.loads(body) != expected.json:
        return f"body is {json.loads(body)}, expected {expected.json}"
    if expected.form is not None and body.decode() != urlencode(_pairs(expected.form)):
        return f"form is {body.decode()}, expected {urlencode(_pairs(expected.form))}"
    if expected.text is not None and body.decode().strip() != expected.text.strip():
        return f"body is\n{body.decode()}\nexpected\n{expected.text}"
    return None


def _pairs(query: dict[str, str | list[str]]) -> list[tuple[str, str]]:
    return [(name, item) for name, value in query.items() for item in ([value] if isinstance(value, str) else value)]


def departments() -> list[str]:
    """Names of all departments in the tree, found by their manifests; `_template` is one."""
    return sorted(path.parent.name for path in DEPARTMENTS.glob("*/manifest.yaml"))


def cases(department: str) -> Iterator[tuple[str, Case]]:
    """A department's cases by file name."""
    for path in sorted((DEPARTMENTS / department / "cases").glob("*.yaml")):
        try:
            yield path.stem, msgspec.convert(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader), Case)
        except msgspec.ValidationError as exc:
            raise AssertionError(f"{path}: {exc}") from exc
