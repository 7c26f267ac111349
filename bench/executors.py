"""`python -P bench/executors.py ROUNDS SECONDS` in a source tree: times its compiled executor and graphql-core in turn.

Prints JSON: what was executed, to executor, to the microseconds per operation of each round. It is no part of the
package's imports: the tree may be another than the bench's, and an older one has no compiled executor.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from graphql import GraphQLSchema, build_schema, parse, validate

SCHEMA = """
type Query { complaints: [Complaint!]! }
type Complaint { id: ID!, category: String!, state: String, votes: Int! }
"""
QUERY = "{ complaints { id category state votes } }"
ROWS = 100
REPEATED = "objects, each time parsed and validated by graphql-core, prepared by the gateway"
Operation = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Complaint:
    """An object as resolvers return it."""

    id: str
    category: str
    state: str | None
    votes: int


def main(rounds: int, seconds: float) -> None:
    """Check that both give the same, and time them."""
    objects = [Complaint(f"c-{at}", "Street light", None if at % 7 else "OPEN", at) for at in range(ROWS)]
    plain = [{name: getattr(each, name) for name in Complaint.__dataclass_fields__} for each in objects]
    found = {
        "objects": _executed(_schema(objects)),
        REPEATED: _repeated(_schema(objects)),
        "dictionaries": _executed(_schema(plain)),
    }
    asyncio.run(_same(found))
    print(json.dumps({what: _timed(pair, rounds, seconds) for what, pair in found.items()}))


def _schema(rows: list[Any]) -> GraphQLSchema:
    schema = build_schema(SCHEMA)
    assert schema.query_type is not None
    schema.query_type.fields["complaints"].resolve = lambda _root, _info: rows
    return schema


def _executors() -> tuple[Any, Any]:
    reference = import_module("gateway.graphql.operation").ReferenceExecutor()
    return reference, import_module("gateway.graphql.compiled.executor").CompiledExecutor(reference)


def _executed(schema: GraphQLSchema) -> dict[str, Operation]:
    document = parse(QUERY)
    reference, compiled = _executors()

    def with_(executor: Any) -> Operation:
        return lambda: executor.execute(schema, document, context=None, variables={}, operation_name=None)

    return {"graphql-core": with_(reference), "compiled": with_(compiled)}


def _repeated(schema: GraphQLSchema) -> dict[str, Operation]:
    reference, compiled = _executors()
    operations = import_module("gateway.graphql.operation").Operations(schema, executor=compiled)
    request = import_module("gateway.graphql.request").GraphQLRequest(QUERY)

    async def from_text() -> Any:
        document = parse(QUERY)
        assert not validate(schema, document)
        return await reference.execute(schema, document, context=None, variables={}, operation_name=None)

    async def from_request() -> Any:
        return await operations.execute(await operations.prepare(request, read_only=True), {}, None)

    return {"graphql-core": from_text, "compiled": from_request}


async def _same(found: dict[str, dict[str, Operation]]) -> None:
    for what, each in found.items():
        for _ in range(5):  # enough that what is compiled only when it repeats is compiled
            expected, got = await each["graphql-core"](), await each["compiled"]()
            assert json.dumps(expected.data) == json.dumps(got.data), f"{what}: not the same answer"


def _timed(pair: dict[str, Operation], rounds: int, seconds: float) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in pair}
    for _ in range(rounds):
        for name, operation in pair.items():
            found[name].append(asyncio.run(_microseconds(operation, seconds / len(pair))))
    return found


async def _microseconds(operation: Operation, seconds: float) -> float:
    count, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        for _ in range(10):
            await operation()
        count += 10
    return 1e6 * spent / count


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
