"""Every department keeps the promises of its manifest: found by discovery, no edit for a new one."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    QuotaExceeded,
    TimedOut,
    TryLater,
    Unauthorised,
    Unavailable,
)
from adapters.contract.manifest import Manifest, read_manifest
from adapters.contract.operations import operations
from adapters.contract.transport import Reply, Request, Transport, set_current_call
from tests.conformance.cases import DEPARTMENTS, Case, Generous, ScriptedTransport, cases, departments

HEADINGS = ("## Owner", "## Environments", "## Protocol", "## Known limitations")
FOUND = [(name, stem, case) for name in departments() for stem, case in cases(name)]
CASES = [pytest.param(name, case, id=f"{name}-{stem}") for name, stem, case in FOUND]
GOOD = [pytest.param(name, case, id=f"{name}-{stem}") for name, stem, case in FOUND if case.error is None]


def selects(parameters: Any) -> bool:
    case: Case = parameters.values[1]
    return case.port_operation.selects_fields


def manifest_of(department: str) -> Manifest:
    return read_manifest(DEPARTMENTS / department / "manifest.yaml")


def connect(department: str, transport: Transport, case: Case | None = None) -> Mapping[str, object]:
    """The department's ports over a transport, with options as an operator would give them."""
    options = {
        name: (case.options.get(name) if case else None) or option.default or f"test-{name}"
        for name, option in manifest_of(department).options.items()
    }
    ports: Mapping[str, object] = importlib.import_module(f"adapters.departments.{department}.adapter").connect(
        transport, options
    )
    return ports


async def outcome(department: str, case: Case, transport: Transport) -> Any:
    """What playing the case over a transport gives, as plain data."""
    set_current_call(case.call_info)
    return plain(await case.play(connect(department, transport, case)))


def plain(value: Any) -> Any:
    """A value as JSON has it, so that dates and tuples compare with what YAML gives."""
    return msgspec.json.decode(msgspec.json.encode(value))


def test_departments_are_found() -> None:
    assert "_template" in departments()


@pytest.mark.parametrize("department", departments())
def test_manifest_agrees_with_the_ports(department: str) -> None:
    ports = connect(department, ScriptedTransport([]))
    for name in manifest_of(department).provides:
        operation = operations()[name]
        assert operation.port in ports, f"{department}: connect() returns no port {operation.port!r}"
        assert callable(getattr(ports[operation.port], operation.method, None)), f"{department} lacks {name}"


@pytest.mark.parametrize("department", departments())
def test_every_operation_has_a_case_that_succeeds(department: str) -> None:
    shown = {case.operation for _, case in cases(department) if case.error is None}
    assert shown == set(manifest_of(department).provides)


@pytest.mark.parametrize("department", departments())
def test_readme_has_the_fixed_headings(department: str) -> None:
    text = (DEPARTMENTS / department / "README.md").read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("## ")][: len(HEADINGS)] == list(HEADINGS)


@pytest.mark.parametrize(("department", "case"), CASES)
async def test_case_passes(department: str, case: Case) -> None:
    transport = ScriptedTransport(case.exchanges)
    if case.error is None:
        expected = case.record if case.records is None else case.records
        assert await outcome(department, case, transport) == plain(expected)
    else:
        with pytest.raises(AdapterError) as caught:
            await outcome(department, case, transport)
        assert type(caught.value).__name__ == case.error.type
        if case.error.wire_code is not None:
            assert caught.value.wire_code == case.error.wire_code
        if case.error.problems is not None:
            assert [problem.code for problem in getattr(caught.value, "problems", ())] == case.error.problems
    transport.assert_all_used()


@pytest.mark.parametrize(("department", "case"), GOOD)
async def test_a_call_takes_no_more_requests_than_the_manifest_says(department: str, case: Case) -> None:
    transport = ScriptedTransport(case.exchanges)
    await outcome(department, case, transport)
    sent = {(one.method, one.path, one.query, one.body) for one in transport.sent if one.counts}  # repeated ones once
    assert len(sent) <= manifest_of(department).provides[case.operation].requests * max(1, len(case.keys))


class Faulty:
    """A transport that answers the n-th request, and the same one sent again, with a fault; others as the case says."""

    def __init__(self, case: Case, at: int, fault: Reply | AdapterError) -> None:
        self._scripted = ScriptedTransport(case.exchanges)
        self._at, self._fault = at, fault
        self._failing: Request | None = None

    async def send(self, request: Request) -> Reply:
        if len(self._scripted.sent) != self._at and request != self._failing:
            return await self._scripted.send(request)
        self._scripted.sent.append(request)
        self._failing = request
        if isinstance(self._fault, AdapterError):
            raise self._fault
        return self._fault


WIRE_FAULTS = {
    500: (Unavailable,),
    502: (Unavailable,),
    503: (Unavailable, TryLater),
    504: (TimedOut, Unavailable),
    429: (QuotaExceeded,),
    401: (Unauthorised,),
    403: (Unauthorised,),
}


@pytest.mark.parametrize("status", WIRE_FAULTS)
@pytest.mark.parametrize(("department", "case"), GOOD)
async def test_wire_fault_becomes_the_right_error(department: str, case: Case, status: int) -> None:
    for at in range(len(case.exchanges)):
        fault = Reply(status=status, headers={"retry-after": "7"}, body=b"")
        with pytest.raises(WIRE_FAULTS[status]) as caught:
            await outcome(department, case, Faulty(case, at, fault))
        if isinstance(caught.value, QuotaExceeded):
            assert caught.value.retry_after == 7, "Retry-After reaches the caller"


@pytest.mark.parametrize("error", [Unavailable("no connection"), TimedOut("deadline")], ids=["refused", "silent"])
@pytest.mark.parametrize(("department", "case"), GOOD)
async def test_transport_failure_passes_unchanged(department: str, case: Case, error: AdapterError) -> None:
    for at in range(len(case.exchanges)):
        with pytest.raises(type(error)):
            await outcome(department, case, Faulty(case, at, error))


JUNK = (b"", b"<<<", b'{"a":', b"\xff\xfe\x00", b'"text"', b"7", b"<html><body>Welcome</body></html>", b"[" * 100_000)


@pytest.mark.parametrize("junk", JUNK, ids=[repr(junk[:8]) for junk in JUNK])
@pytest.mark.parametrize(("department", "case"), GOOD)
async def test_junk_never_becomes_a_record(department: str, case: Case, junk: bytes) -> None:
    for at, exchange in enumerate(case.exchanges):
        fault = Reply(status=exchange.reply.status, headers=exchange.reply.to_reply().headers, body=junk)
        with pytest.raises(BadReply if fault.status < 400 else AdapterError):
            await outcome(department, case, Faulty(case, at, fault))


@pytest.mark.parametrize(("department", "case"), GOOD)
async def test_a_field_of_another_type_never_changes_a_record(department: str, case: Case) -> None:
    """Each leaf of each JSON reply in turn becomes an object: the outcome is an error or the very same record."""
    honest = await outcome(department, case, ScriptedTransport(case.exchanges))
    for at, exchange in enumerate(case.exchanges):
        if exchange.reply.json is msgspec.UNSET:
            continue
        for path, spoilt in spoilt_leaves(exchange.reply.json):
            fault = Reply(
                status=exchange.reply.status,
                headers=exchange.reply.to_reply().headers,
                body=json.dumps(spoilt).encode(),
            )
            try:
                result = await outcome(department, case, Faulty(case, at, fault))
            except (AdapterError, AssertionError):
                continue  # refused, or it led to a request that the case does not have
            assert result == honest, f"{path} as an object changed the record"


@pytest.mark.parametrize(("department", "case"), [one for one in GOOD if selects(one)])
async def test_nothing_is_in_a_record_that_nobody_selected(department: str, case: Case) -> None:
    """Each personal field in turn is left out of the selection, and comes all the same: the rest is as it was."""
    whole = await outcome(department, case, Generous(case.exchanges))
    for name in sorted(case.port_operation.personal):
        fields = [one for one in case.selected if one != name and not one.startswith(f"{name}.")]
        less = msgspec.structs.replace(case, fields=fields)
        assert await outcome(department, less, Generous(case.exchanges)) == without(whole, name), name


def without(value: Any, name: str) -> Any:
    """The same records with nothing in one of their fields."""
    if isinstance(value, list):
        return [without(one, name) for one in value]
    if not isinstance(value, dict):
        return value
    field, _, below = name.partition(".")
    emptied = without(value[field], below) if below else nothing_like(value[field])
    doubts = [one for one in value.get("under_investigation", ()) if one != name]
    return {**value, field: emptied, **({"under_investigation": doubts} if "under_investigation" in value else {})}


def nothing_like(value: Any) -> Any:
    return [] if isinstance(value, list) else False if isinstance(value, bool) else None


def spoilt_leaves(document: Any) -> Iterator[tuple[str, Any]]:
    """The document once per leaf, with that leaf replaced by an object."""
    for path in leaf_paths(document, ()):
        spoilt = copy.deepcopy(document)
        parent = spoilt
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = {"unexpected": True}
        yield ".".join(map(str, path)), spoilt


def leaf_paths(node: Any, trail: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(node, dict | list) and node:
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaf_paths(child, (*trail, step))
    elif trail:
        yield trail
