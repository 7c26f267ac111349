"""The events of a subscription are executed by the plan, through graphql-core's own mapping."""

from collections.abc import AsyncIterator
from typing import Any

from graphql import build_schema, create_source_event_stream, map_source_to_response_event, parse, subscribe

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor

SCHEMA = build_schema("""
type Query { unused: Int }
type Subscription { ticks(to: Int!): Tick }
type Tick { number: Int! again: [Tick!] }
""")
DOCUMENT = parse("subscription ($to: Int!) { ticks(to: $to) { number again { number } } }")


async def ticks(_info: Any, to: int) -> AsyncIterator[Any]:
    for number in range(to):
        again = [{"number": number}, {"number": None if number == 1 else 7}]
        yield {"ticks": {"number": number, "again": again}}


async def test_each_event_is_executed_as_the_original_does() -> None:
    root, variables = {"ticks": ticks}, {"to": 3}
    compiled = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1))
    run = compiled.build(SCHEMA, DOCUMENT, variables, None, Particulars(root_value=root))
    assert run is not None
    assert not isinstance(run, list)
    stream: Any = create_source_event_stream(run)
    found = [result.formatted async for result in map_source_to_response_event(run, stream)]
    original: Any = subscribe(SCHEMA, DOCUMENT, root, variable_values=variables)
    assert found == [result.formatted async for result in original]
    assert [len(result.get("errors", [])) for result in found] == [0, 1, 0]
