"""Lists made column by column: answered as by graphql-core whatever is in them, and each function called once."""

import asyncio
import enum
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import strawberry
from graphql import execute, parse

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.names import NAMES
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.run import Run
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor
from gateway.times import hasten_times

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALLS: list[str] = []


@strawberry.enum
class State(enum.Enum):
    OPEN = "open"
    DONE = "done"


class Step(msgspec.Struct, frozen=True):
    text: Any
    state: Any = State.DONE
    at: Any = AT


class Kind(msgspec.Struct, frozen=True):
    name: Any


class Row(msgspec.Struct, frozen=True):
    number: Any
    state: Any = State.OPEN
    votes: Any = 1
    share: Any = 0.5
    at: Any = AT
    kind: Any = Kind("a kind")
    other: Any = None


class Alike(msgspec.Struct, frozen=True):
    """No row, but it has all that a row has."""

    number: Any = 9
    state: Any = State.OPEN
    votes: Any = 1
    share: Any = 0.5
    at: Any = AT
    kind: Any = Kind("a kind")
    other: Any = None


class Derived(Row, frozen=True):
    """A row, but not of the very class."""


def of(record: type) -> Callable[[type], Any]:
    def declare(described: Any) -> Any:
        def is_type_of(value: object, _info: object) -> bool:
            return isinstance(value, record)

        is_type_of.record = record  # type: ignore[attr-defined]
        described.__strawberry_definition__.is_type_of = is_type_of
        return described

    return declare


def _label(root: strawberry.Parent[Any]) -> str:
    CALLS.append("label")
    return f"row {root.number}"


def _all_labels(_context: Any, rows: Sequence[Any]) -> list[str]:
    CALLS.append("all labels")
    return [f"row {row.number}" for row in rows]


def _steps(root: strawberry.Parent[Any], info: strawberry.Info[Any, Any]) -> Any:
    CALLS.append("steps")
    found = info.context["steps"].get(root.number, ())
    if isinstance(found, Exception):
        raise found
    return found


def _all_steps(context: Any, rows: Sequence[Any]) -> list[Any]:
    CALLS.append("all steps")
    return [context["steps"][row.number] for row in rows]


_label.of_all = _all_labels  # type: ignore[attr-defined]
_steps.of_all = _all_steps  # type: ignore[attr-defined]


@strawberry.type(name="Step")
class StepType:
    text: str | None
    state: State | None
    at: datetime


@of(Kind)
@strawberry.type(name="Kind")
class KindType:
    name: str


@of(Row)
@strawberry.type(name="Row")
class RowType:
    label: str = strawberry.field(resolver=_label)
    state: State
    votes: int
    share: float | None
    at: datetime | None
    kind: KindType
    other: KindType | None
    steps = strawberry.field(resolver=_steps, graphql_type=list[StepType] | None)


@strawberry.type
class Query:
    rows: list[RowType]
    some: list[RowType | None] | None


SCHEMA = strawberry.Schema(Query)._schema
hasten_times(SCHEMA)
FIELDS = "{ what: __typename label state votes share at kind { name } other { name } steps { text state at } }"


Made = tuple[list[Any], dict[Any, Any]]


def answers(text: str, made: Callable[[], Made], **settings: Any) -> tuple[str, str]:
    """What graphql-core answers, and what a compiled plan does."""
    document = parse(text)
    executor = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1, slice_seconds=9, **settings))

    def root_and_context() -> tuple[Any, Any]:
        rows, steps = made()
        return type("Root", (), {"rows": rows, "some": rows})(), {"steps": steps}

    async def answer(result: Any) -> str:
        return json.dumps((await result if asyncio.iscoroutine(result) else result).formatted)

    async def both() -> tuple[str, str]:
        expected = await answer(execute(SCHEMA, document, *root_and_context()))
        CALLS.clear()
        root, context = root_and_context()
        run = executor.build(SCHEMA, document, {}, None, Particulars(root_value=root, context=context))
        assert isinstance(run, Run)
        run.pace = executor._pace()
        return expected, await answer(run.execute_operation())

    return asyncio.run(both())


def rows_and_steps(count: int) -> tuple[list[Any], dict[Any, Any]]:
    kinds = [Kind("a"), Kind("b")]
    rows: list[Any] = [
        Row(number, kind=kinds[number % 2], other=kinds[0] if number % 3 else None) for number in range(count)
    ]
    steps: dict[Any, Any] = {number: tuple(Step(f"{number}.{at}") for at in range(number)) for number in range(count)}
    return rows, steps


async def later(value: Any) -> Any:
    return value


ODD: dict[str, Callable[[], Any]] = {
    "nothing": lambda: Row(9),
    "null": lambda: None,
    "an exception": lambda: ValueError("no row"),
    "a row awaited": lambda: later(Row(9)),
    "another class": lambda: Kind("no row"),
    "a class of its own": lambda: Derived(9),
    "a class that looks alike": Alike,
    "a state of no kind": lambda: Row(9, state="none"),
    "a state that is null": lambda: Row(9, state=None),
    "a number out of range": lambda: Row(9, votes=2**31),
    "a number to coerce": lambda: Row(9, votes=True, share=3),
    "no time": lambda: Row(9, at=None),
    "a naive time": lambda: Row(9, at=AT.replace(tzinfo=None)),
    "what is no time": lambda: Row(9, at="noon"),
    "an object that is null": lambda: Row(9, kind=None),
    "an object awaited": lambda: Row(9, kind=later(Kind("late"))),
    "an object of another class": lambda: Row(9, kind=Step("no kind")),
    "an object with a bad leaf": lambda: Row(9, kind=Kind(name=None)),
    "an object that fails": lambda: Row(9, other=ValueError("no kind")),
    "a leaf called": lambda: Row(9, other=Kind(name=later("late"))),
}
STEPS: dict[str, Any] = {
    "some": (Step("a"), Step("b")),
    "a list": [Step("a")],
    "none": (),
    "null": None,
    "an error": ValueError("no steps"),
    "a bad leaf": (Step("a"), Step(["text"])),
    "a null time": (Step("a", at=None),),
    "a null state": (Step("a", state=None), Step(None)),
    "a null item": (Step("a"), None),
    "a generator": "generator",
}


@pytest.mark.parametrize("field", ["rows", "some"])
@pytest.mark.parametrize("at", [0, 3])
@pytest.mark.parametrize("odd", ODD)
def test_whatever_a_row_is_it_is_answered_as_by_graphql_core(odd: str, at: int, field: str) -> None:
    def made() -> Made:
        rows, steps = rows_and_steps(4)
        return [*rows[:at], ODD[odd](), *rows[at:]], steps

    awaited = "awaited" in odd or "called" in odd
    for fields in (FIELDS,) if awaited else (FIELDS, "{ label }", "{ kind { name } }"):
        expected, got = answers(f"{{ {field} {fields} }}", made)
        assert got == expected


@pytest.mark.parametrize("what", STEPS)
def test_whatever_is_below_a_row_it_is_answered_as_by_graphql_core(what: str) -> None:
    def made() -> Made:
        rows, steps = rows_and_steps(4)
        steps[2] = (step for step in (Step("a"),)) if STEPS[what] == "generator" else STEPS[what]
        return rows, steps

    expected, got = answers(f"{{ rows {FIELDS} }}", made)
    assert got == expected


def test_each_function_is_called_once_for_all_rows_and_the_general_code_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers(f"{{ rows {FIELDS} }}", lambda: rows_and_steps(5))  # learns the time's zone
    monkeypatch.setitem(NAMES, "islice", None)  # with which the general code would begin
    expected, got = answers(f"{{ rows {FIELDS} }}", lambda: rows_and_steps(5))
    assert got == expected
    assert CALLS == ["all labels", "all steps"]


def test_what_is_not_found_for_all_is_asked_for_each() -> None:
    def made() -> Made:
        rows, steps = rows_and_steps(4)
        del steps[3]
        return rows, steps

    expected, got = answers("{ rows { label steps { text } } }", made)
    assert got == expected
    assert CALLS.count("steps") == 4


@pytest.mark.parametrize("odd", [(), (Derived(0),)])  # by columns, and by the general code after them
@pytest.mark.parametrize("most", [4, 9, 10, 19, 20, 21, 22, 60])
def test_items_below_rows_count_once(most: int, odd: tuple[Any, ...]) -> None:
    def made() -> Made:
        rows, steps = rows_and_steps(4)  # with six steps
        return [*rows, *odd], steps

    expected, got = answers("{ rows { steps { text } } again: rows { steps { text } } }", made, max_items=most)
    if most < 20 + 2 * len(odd):
        assert "too many items" in got or f"{most} items" in got, got
    else:
        assert got == expected


def test_what_is_long_goes_on_in_pieces() -> None:
    expected, got = answers(f"{{ rows {FIELDS} }}", lambda: rows_and_steps(20), slice_units=200)
    assert got == expected
