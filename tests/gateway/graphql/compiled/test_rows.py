"""Lists of plain rows, made at once: answered as by graphql-core whatever a row is, and no code run twice."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import pytest
from graphql import build_schema, execute, parse

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.names import NAMES
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.run import Run
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor

SCHEMA = build_schema("""
type Query { rows: [Row] sure: [Row!]! tags: [[String]] flags: [Boolean!] }
type Row { id: ID! name: String votes: Int! share: Float public: Boolean }
""")
ROWS = "{ kind: __typename id name votes share public again: id __typename }"


@dataclass
class Row:
    """A row with a dictionary of its own."""

    id: Any
    name: Any = "Ann"
    votes: Any = 1
    share: Any = 0.5
    public: Any = True


@dataclass(slots=True)
class Slotted:
    """A row with slots."""

    id: str
    name: str | None = None
    votes: int = 1
    share: float | None = None
    public: bool | None = None


class Struct(msgspec.Struct, frozen=True):
    """A row as departments' records are."""

    id: str
    name: str | None = None
    votes: int = 1
    share: float | None = None
    public: bool | None = None


class Counting(Row):
    """A row one of whose attributes is computed, and notes how often."""

    read: list[str] = []  # noqa: RUF012  of all rows

    @property
    def public(self) -> Any:
        """Computed."""
        self.read.append(self.id)
        return True

    @public.setter
    def public(self, _value: Any) -> None:
        pass


class Telling(Row):
    """A row that may answer for attributes that it does not have."""

    def __getattr__(self, name: str) -> Any:
        return f"no {name}"


def bare() -> Row:
    """A row that has lost an attribute."""
    row = Row("bare")
    del row.name
    return row


async def _later(value: Any) -> Any:
    return value


ODD: dict[str, Callable[[], Any]] = {
    "nothing odd": lambda: Row("1"),
    "slots": lambda: Slotted("1"),
    "a struct": lambda: Struct("1"),
    "a dictionary": lambda: {"id": "1", "votes": 2},
    "null": lambda: None,
    "an exception": lambda: ValueError("no row"),
    "a row awaited": lambda: _later(Row("late")),
    "a leaf awaited": lambda: Row("1", name=_later("late")),
    "a leaf that is null": lambda: Row(None),
    "a leaf that is an exception": lambda: Row("1", name=ValueError("no name")),
    "a leaf that is called": lambda: Row("1", name=lambda _info: "called"),
    "a leaf to coerce": lambda: Row(1, name=2, votes=True, share=3, public=True),
    "a leaf that cannot be coerced": lambda: Row("1", public="perhaps"),
    "a number out of range": lambda: Row("1", votes=2**31),
    "a number that is none": lambda: Row("1", share=float("nan")),
    "an attribute missing": bare,
    "an attribute computed": lambda: Counting("1"),
    "attributes made up": lambda: Telling("1"),
}


def both(text: str, root: Callable[[], Any]) -> tuple[str, str]:
    """What graphql-core answers, and what a compiled plan does."""
    document = parse(text)
    executor = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1, slice_seconds=9))

    async def answer(result: Any) -> str:
        return json.dumps((await result if asyncio.iscoroutine(result) else result).formatted)

    async def answers() -> tuple[str, str]:
        expected = await answer(execute(SCHEMA, document, root()))
        run = executor.build(SCHEMA, document, {}, None, Particulars(root_value=root()))
        assert isinstance(run, Run)
        return expected, await answer(run.execute_operation())

    return asyncio.run(answers())


@pytest.mark.parametrize("field", ["rows", "sure"])
@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("odd", ODD)
def test_a_row_that_is_not_plain_is_answered_as_by_graphql_core(odd: str, at: int, field: str) -> None:
    def root() -> dict[str, Any]:
        rows: list[Any] = [Row(str(number)) for number in range(4)]
        rows.insert(at, ODD[odd]())
        return {field: rows}

    expected, got = both(f"{{ {field} {ROWS} }}", root)
    assert got == expected


def test_rows_that_are_plain_do_not_reach_the_general_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NAMES, "islice", None)  # with which it would begin
    for rows in ([Row("1"), Row("2")], (Slotted("1"), Struct("2")), [Struct("1", "Ann", 2, 0.5, public=True)]):
        expected, got = both(f"{{ rows {ROWS} }}", partial(dict, rows=rows))
        assert got == expected


def test_an_attribute_that_is_computed_is_read_once() -> None:
    Counting.read.clear()
    both("{ rows { public id } }", lambda: {"rows": [Counting("a"), Counting(None)]})
    assert Counting.read == ["a", None] * 2, "once by each executor"


LEAVES: dict[str, Any] = {
    "plain": ["a", "b"],
    "none": [],
    "null": ["a", None],
    "to coerce": ["a", 1, True],
    "refused": ["a", {}],
}


@pytest.mark.parametrize("leaves", LEAVES)
def test_lists_of_leaves(leaves: str) -> None:
    root = {"tags": [LEAVES[leaves], None, tuple(LEAVES[leaves])], "flags": [True, bool(LEAVES[leaves])]}
    expected, got = both("{ tags flags }", lambda: root)
    assert got == expected


def test_an_answer_has_lists_of_its_own() -> None:
    tags = [["a"]]
    run = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1)).build(
        SCHEMA, parse("{ tags }"), {}, None, Particulars(root_value={"tags": tags})
    )
    assert isinstance(run, Run)
    run.execute_operation().data["tags"][0].append("b")
    assert tags == [["a"]]
