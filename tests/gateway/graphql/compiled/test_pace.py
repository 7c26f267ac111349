"""A long execution goes on in pieces: counted in items between two turns of the event loop, not timed."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
import strawberry
from graphql import parse

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import Operations, ReferenceExecutor
from gateway.graphql.refusal import HTTPRefusal
from gateway.graphql.request import GraphQLRequest


class Record:
    """Counts how often any of its kind is looked at."""

    seen = 0

    @property
    def number(self) -> int:
        """A new one each time."""
        Record.seen += 1
        return Record.seen


def _now(many: int) -> list[Any]:
    return [Record()] * many


async def _later(many: int) -> list[Any]:
    await asyncio.sleep(0)
    return [Record()] * many


@strawberry.type
class Row:
    """Rows have rows, at once or after a wait."""

    number: int
    now = strawberry.field(resolver=_now, graphql_type=list["Row"])
    later = strawberry.field(resolver=_later, graphql_type=list["Row"])


@strawberry.type
class Query:
    """The root."""

    rows = strawberry.field(resolver=_now, graphql_type=list[Row] | None)


def schema_of() -> Any:
    """A schema of its own for each test that changes it."""
    return strawberry.Schema(Query)._schema


SCHEMA = schema_of()
UNITS = 1000


@pytest.fixture(autouse=True)
def from_nought() -> None:
    Record.seen = 0


async def execute(text: str, **settings: Any) -> tuple[Any, int]:
    """The result, and how many records were looked at between two turns at most."""
    at: list[int] = []

    async def tick() -> None:
        while True:
            at.append(Record.seen)
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    executor = CompiledExecutor(ReferenceExecutor(), Settings(slice_units=UNITS, **settings))
    result = await executor.execute(SCHEMA, parse(text), context=None, variables={}, operation_name=None)
    ticking.cancel()
    assert result.errors is None
    return result.data, max(after - before for before, after in pairwise([0, *at, Record.seen]))


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("{ rows(many: 5000) { number } }", 5000),
        ("{ rows(many: 50) { now(many: 100) { number } } }", 5000),
        ("{ rows(many: 50) { later(many: 100) { number } } }", 5000),
        ("{ rows(many: 10) { later(many: 10) { later(many: 50) { number } } } }", 5000),
        ("{ rows(many: 10) { later(many: 10) { now(many: 50) { number } } } }", 5000),
        ("{ rows(many: 60) { a: number b: number c: number d: number e: number } }", 300),
    ],
)
async def test_others_have_a_turn(text: str, items: int) -> None:
    _, at_most = await execute(text)
    assert Record.seen == items
    assert at_most <= UNITS


async def test_what_is_short_is_done_at_once() -> None:
    data, at_most = await execute("{ rows(many: 100) { number } }")
    assert [row["number"] for row in data["rows"]] == list(range(1, 101))
    assert at_most == 100


async def test_items_keep_their_order() -> None:
    data, _ = await execute("{ rows(many: 5000) { number } }")
    assert [row["number"] for row in data["rows"]] == list(range(1, 5001))


async def test_an_error_far_down_has_its_own_path() -> None:
    rows = [Record()] * 2999 + [object()] + [Record()] * 2000
    executor = CompiledExecutor(ReferenceExecutor(), Settings(slice_units=UNITS))
    schema = schema_of()
    schema.query_type.fields["rows"].resolve = lambda *_, **__: rows
    document = parse("{ rows(many: 1) { number } }")
    result = await executor.execute(schema, document, context=None, variables={}, operation_name=None)
    assert [error.path for error in result.errors or ()] == [["rows", 2999, "number"]]


async def test_values_that_are_awaited_do_not_all_arrive_at_once() -> None:
    flying = most = 0

    async def resolve(_source: Any, _info: Any, **_: Any) -> Any:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.02)  # longer than it takes to begin all of them
        flying -= 1
        return [Record()] * 5

    schema = schema_of()
    schema.type_map["Row"].fields["later"].resolve = resolve
    executor = CompiledExecutor(ReferenceExecutor(), Settings(max_flying=20))
    document = parse("{ rows(many: 40) { later(many: 1) { later(many: 1) { later(many: 1) { number } } } } }")
    result = await executor.execute(schema, document, context=None, variables={}, operation_name=None)
    assert result.errors is None
    assert 40 <= most <= 160  # of a thousand, and of the 200 of a level


@pytest.mark.parametrize("compiling", [True, False])
async def test_too_many_items_are_refused(compiling: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.graphql.operation.MOST_ITEMS", 300)
    executor = CompiledExecutor(ReferenceExecutor(), Settings(max_items=300)) if compiling else None
    operations = Operations(SCHEMA, executor=executor)
    request = GraphQLRequest("{ rows(many: 10) { later(many: 10) { later(many: 10) { number } } } }")
    operation = await operations.prepare(request, read_only=True)
    with pytest.raises(HTTPRefusal, match="more than 300 items") as caught:
        await operations.execute(operation, {}, None)
    assert (caught.value.status, caught.value.code) == (422, "RESULT_LIMIT_EXCEEDED")
    assert Record.seen <= 300


@pytest.mark.parametrize("compiling", [True, False])
async def test_too_many_errors_are_refused(compiling: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.graphql.operation.MOST_ERRORS", 10)
    schema = schema_of()
    schema.type_map["Row"].fields["later"].resolve = lambda *_, **__: 1 // 0
    schema.type_map["Row"].fields["later"].type = SCHEMA.query_type.fields["rows"].type
    executor = CompiledExecutor(ReferenceExecutor(), Settings(max_errors=10)) if compiling else None
    operations = Operations(schema, executor=executor)
    for many, refused in ((10, False), (11, True)):
        request = GraphQLRequest(f"{{ rows(many: {many}) {{ later(many: 1) {{ number }} }} }}")
        operation = await operations.prepare(request, read_only=True)
        if refused:
            with pytest.raises(HTTPRefusal, match="more than 10 errors"):
                await operations.execute(operation, {}, None)
        else:
            assert len((await operations.execute(operation, {}, None)).errors or ()) == 10


async def test_who_is_cancelled_leaves_nothing_running() -> None:
    task = asyncio.create_task(execute("{ rows(many: 50) { later(many: 100) { now(many: 1) { number } } } }"))
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(5):
        await asyncio.sleep(0)
    assert {each for each in asyncio.all_tasks() if each is not asyncio.current_task()} <= {
        each for each in asyncio.all_tasks() if "tick" in repr(each)
    }
